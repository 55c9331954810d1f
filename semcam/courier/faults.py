"""Why the vision process gave up, in a sentence that names what the configuration says: the process only said words."""

import errno
import signal

from semcam.contract.address import without_secrets
from semcam.contract.config import Job
from semcam.contract.errors import (
    FaultCode,
    ModelError,
    SemcamError,
    SourceError,
    Trouble,
    VisionError,
    WallError,
)
from semcam.contract.families import Family, Role
from semcam.contract.models import ComputeChoice, OwnModel
from semcam.contract.privacy import Layers
from semcam.contract.signal import Fault

_INSTALL = {
    ComputeChoice.CUDA: "onnxruntime-gpu in place of onnxruntime",
    ComputeChoice.TENSORRT: "onnxruntime-gpu in place of onnxruntime, and TensorRT",
    ComputeChoice.OPENVINO: "onnxruntime-openvino in place of onnxruntime",
    ComputeChoice.XNNPACK: "an ONNX Runtime that was built with XNNPACK",
}


_EXPLANATIONS: dict[FaultCode, tuple[type[SemcamError], str]] = {
    FaultCode.JOB_INVALID: (VisionError, "the vision process did not understand its job; reinstall semcam"),
    FaultCode.SOURCE_MISSING: (SourceError, "{source}: no such file; check the name"),
    FaultCode.SOURCE_UNREADABLE: (
        SourceError,
        "{source}: cannot be read as a video or picture; give a file that a video player can open",
    ),
    FaultCode.SOURCE_LOST: (SourceError, "{source}: the camera gives no more pictures; check its cable"),
    FaultCode.CAMERA_UNAVAILABLE: (
        SourceError,
        "{source}: the camera does not open; check that it is plugged in, that no other program uses it, and "
        "that you are in the group video",
    ),
    FaultCode.CAMERA_REFUSES: (
        SourceError,
        "{source}: the camera does not give what capture: asks for; correct capture:, or leave it out (`semcam doctor` "
        "lists what the camera offers)",
    ),
    FaultCode.LIBRARY_MISSING: (
        SourceError,
        "{source}: what speaks to this kind of camera is not installed; run `sudo apt install {packages}`",
    ),
    FaultCode.PIPELINE_WRONG: (
        SourceError,
        "{source}: GStreamer cannot build this pipeline; try it with gst-launch-1.0, with ! fakesink at its end",
    ),
    FaultCode.FOLDER_TOO_LARGE: (
        SourceError,
        "{source}: there are too many files in this folder; give one with at most 1,000 pictures and 100 clips",
    ),
    FaultCode.OUT_OF_MEMORY: (
        VisionError,
        "{source}: there is not enough memory to look at its pictures; run fewer cameras on this machine, or lower "
        "pose_pixels: or the camera's own resolution",
    ),
    FaultCode.MODEL_MISSING: (
        ModelError,
        "a model or MANIFEST.yaml is missing in the models folder; reinstall semcam or correct SEMCAM_MODELS",
    ),
    FaultCode.MODEL_ALTERED: (
        ModelError,
        "a model file is not the one in MANIFEST.yaml (its sha256 differs); reinstall semcam or run models/build.py",
    ),
    FaultCode.MODEL_UNUSABLE: (
        ModelError,
        "ONNX Runtime cannot load a model; reinstall onnxruntime or run models/build.py",
    ),
    FaultCode.MODEL_FAMILY: (
        ModelError,
        "a model under models: is not of the family that it is said to be of; run `semcam check`",
    ),
    FaultCode.MODEL_LABELS: (
        ModelError,
        "a model under models: knows another number of classes than it has labels; run `semcam check`",
    ),
    FaultCode.COMPUTE_ABSENT: (ModelError, "what compute: names does not work here; write compute: auto"),
    FaultCode.TELEMETRY_ON: (
        VisionError,
        "the vision process was started without ORT_DISABLE_TELEMETRY=1, and ONNX Runtime would report home; "
        "start it by the semcam command",
    ),
    FaultCode.CONFINEMENT_FAILED: (
        VisionError,
        "{source}: privacy: strict cannot be kept on this machine{missing}; see docs/privacy.md, "
        "or write privacy: best_effort",
    ),
    **{
        code: (
            VisionError,
            f"{{source}}: something in the vision process tried {what}; the kernel refused and the process was ended; "
            "take out the rule that was named with it, or reinstall semcam and its models",
        )
        for code, what in {
            FaultCode.TRIED_FILE: "to write to a file",
            FaultCode.TRIED_NETWORK: "to use a network",
            FaultCode.TRIED_PROGRAM: "to start a program",
            FaultCode.TRIED_PROCESS: "to reach another process",
            FaultCode.TRIED_KERNEL: "to change the machine or its own confinement",
        }.items()
    },
    FaultCode.INTERNAL: (
        VisionError,
        "{source}: the vision process met an error of its own; run `semcam replay` on a clip to see where",
    ),
}


_TROUBLES = {
    FaultCode.OUT_OF_MEMORY: Trouble.OUT_OF_MEMORY,
    FaultCode.TELEMETRY_ON: Trouble.PRIVACY,
    FaultCode.CONFINEMENT_FAILED: Trouble.PRIVACY,
    FaultCode.TRIED_FILE: Trouble.PRIVACY,
    FaultCode.TRIED_NETWORK: Trouble.PRIVACY,
    FaultCode.TRIED_PROGRAM: Trouble.PRIVACY,
    FaultCode.TRIED_PROCESS: Trouble.PRIVACY,
    FaultCode.TRIED_KERNEL: Trouble.PRIVACY,
}
"""Where the kind of error does not tell already."""

_MISSING = {
    "limits": "limits of the process do not hold",
    "namespace": "there is no network of its own (let this user make user namespaces, or run as root)",
    "seccomp": "system calls are not filtered (use a 64-bit system whose kernel has seccomp)",
    "attacks": "an attack on itself went through",
}
"""What `strict` insists on, as it is said where it is missing."""


def explain_fault(fault: Fault, job: Job, layers: Layers | None = None) -> SemcamError:
    """A fault as the error that a person reads; `layers` is what the process said of its confinement."""
    if fault.code is FaultCode.COMPUTE_ABSENT and job.compute in _INSTALL:
        what = f"compute: {job.compute} does not work here"
        return ModelError(f"{what}; install {_INSTALL[job.compute]}, or write compute: auto")
    if fault.code is FaultCode.CAMERA_REFUSES and fault.given is not None:
        what = f"the camera gives {fault.given} instead of what capture: asks for"
        where = without_secrets(job.source)
        return SourceError(f"{where}: {what}; write that, or another way that `semcam doctor` lists")
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


def explain(code: FaultCode, source: str, layers: Layers | None = None) -> SemcamError:
    """A fault code as the error that a person reads; `layers` is what the process said of its confinement.

    Credentials in the source's address are left out.
    """
    kind, sentence = _EXPLANATIONS[code]
    packages = "python3-picamera2" if source.startswith("picamera2:") else "python3-gi gir1.2-gst-plugins-base-1.0"
    missing = ", ".join(_MISSING[name] for name in layers.missing()) if layers else ""
    error = kind(
        sentence.format(source=without_secrets(source), missing=f": {missing}" if missing else "", packages=packages)
    )
    error.trouble = _TROUBLES.get(code, error.trouble)
    return error


def explain_end(exit_code: int, source: str, *, memory_ran_out: bool = False) -> SemcamError:
    """What is said of a vision process that ended without a word.

    `memory_ran_out`: the kernel has just ended a process for want of memory.
    """
    name = without_secrets(source)
    if exit_code == -signal.SIGSYS:  # only who starts a process gets no chance to be named by the process itself
        return explain(FaultCode.TRIED_PROGRAM, source)
    if exit_code == -signal.SIGKILL and memory_ran_out:
        what = "no memory was left and the kernel ended the vision process"
        remedy = "run fewer cameras on this machine, or lower pose_pixels:"
        return VisionError(f"{name}: {what}; {remedy}", Trouble.OUT_OF_MEMORY)
    if exit_code in (-signal.SIGKILL, -signal.SIGTERM):
        what = f"something ended the vision process ({signal.Signals(-exit_code).name})"
        return VisionError(f"{name}: {what}; find out what does that if it lasts", Trouble.KILLED)
    return VisionError(f"{name}: the vision process ended with exit code {exit_code}; run it again")


def refused(error: Exception, source: str) -> SemcamError:
    """What is said where the system starts no further process, which is no fault of the camera."""
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return explain(FaultCode.OUT_OF_MEMORY, source)
    why = error.strerror if isinstance(error, OSError) else error
    what = f"the system starts no further process ({why})"
    remedy = "end other programs, or lift the limits of this service (LimitNOFILE=, TasksMax=)"
    return VisionError(f"{without_secrets(source)}: {what}; {remedy}")


def explain_silence(state: str, source: str, patience_s: float) -> VisionError:
    """What is said of a vision process that gives no sign of life; `state` is its letter in /proc (see proc(5))."""
    what = f"{without_secrets(source)}: no new picture for {patience_s:.0f} s"
    match state:
        case "T" | "t":
            why = "something has stopped the vision process; find out what does that"
            return VisionError(f"{what}: {why}", Trouble.PAUSED)
        case "D":
            why = "the vision process waits for a driver; check the camera's cable and the disk"
        case "R":
            why = "one picture takes too long; lower pose_pixels:, or run fewer cameras"
        case _:
            why = "the vision process waits for ever; check the camera if that lasts"
    return VisionError(f"{what}: {why}", Trouble.HANGS)


def no_pictures(source: str, patience_s: float) -> SourceError:
    """What is said of a camera that is open and gives nothing, while its vision process is well."""
    what = f"no new picture for {patience_s:.0f} s: the camera is open and gives none"
    return SourceError(f"{without_secrets(source)}: {what}; check its cable and its power")


def broken(error: WallError) -> VisionError:
    """What is said when a line must not pass."""
    return VisionError(f"the vision process was ended: {error}", Trouble.PRIVACY)
