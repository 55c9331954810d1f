"""Why the vision process gave up, in a sentence that names what the configuration says: the process only said words."""

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, ModelError, SemcamError
from semcam.contract.families import Family, Role
from semcam.contract.models import ComputeChoice, OwnModel
from semcam.contract.privacy import Layers
from semcam.contract.signal import Fault
from semcam.courier.vision_process import explain

_INSTALL = {
    ComputeChoice.CUDA: "onnxruntime-gpu in place of onnxruntime",
    ComputeChoice.TENSORRT: "onnxruntime-gpu in place of onnxruntime, and TensorRT",
    ComputeChoice.OPENVINO: "onnxruntime-openvino in place of onnxruntime",
    ComputeChoice.XNNPACK: "an ONNX Runtime that was built with XNNPACK",
}


def explain_fault(fault: Fault, job: Job, layers: Layers | None = None) -> SemcamError:
    """A fault as the error that a person reads; `layers` is what the process said of its confinement."""
    if fault.code is FaultCode.COMPUTE_ABSENT and job.compute in _INSTALL:
        what = f"compute: {job.compute} does not work here"
        return ModelError(f"{what}; install {_INSTALL[job.compute]}, or write compute: auto")
    name = job.pose if fault.role is Role.POSE else job.detector
    model = job.models.get(name) if fault.role else None
    if model is not None and (sentence := of_model(fault, model)):
        return ModelError(f"models.{name}: {model.file}: {sentence}")
    return explain(fault.code, job.source, layers)


def of_model(fault: Fault, model: OwnModel) -> str | None:
    """What is wrong with a model of one's own, and what to do; None where the fault is not one of a model."""
    match fault.code:
        case FaultCode.MODEL_MISSING:
            return "cannot be read; check that it is there and that semcam may read it"
        case FaultCode.MODEL_ALTERED:
            return "has changed since semcam started; start semcam again"
        case FaultCode.MODEL_UNUSABLE:
            return "ONNX Runtime cannot run it on one picture; export it again, as docs/models.md says"
        case FaultCode.MODEL_FAMILY:
            return _of_family(model.family, fault.looks_like)
        case FaultCode.MODEL_LABELS:
            given = f"labels: has {len(model.labels)}" if model.labels else f"COCO has {len(model.family.labels)}"
            return f"this file knows {fault.classes} classes, and {given}; give labels: one for each class"
        case _:
            return None


def _of_family(said: Family, seen: Family | None) -> str:
    if seen is None:
        what = f"this file looks like no family that semcam knows, you said {said}"
        return f"{what}; export it again, as docs/models.md says"
    remedy = f"write `family: {seen}`"
    if seen.role is not said.role:
        remedy += f", and name it as a camera's {seen.role}, not as its {said.role}"
    return f"this file looks like {seen.called}, you said {said}; {remedy}"
