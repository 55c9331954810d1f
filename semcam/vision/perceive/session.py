"""One way to run any model: ONNX Runtime, on the exact file that the manifest or the job describes."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

# before the import: Linux wheels of ONNX Runtime otherwise report home
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort

from semcam.contract.errors import FaultCode, ModelError, VisionFault
from semcam.contract.families import Compute
from semcam.contract.manifest import read_manifest
from semcam.contract.models import ComputeChoice, ModelFile
from semcam.vision import memory
from semcam.vision.perceive.families.kinds import Tensor

Array = npt.NDArray[np.generic]

PROVIDERS = {
    Compute.CPU: "CPUExecutionProvider",
    Compute.CUDA: "CUDAExecutionProvider",
    Compute.TENSORRT: "TensorrtExecutionProvider",
    Compute.OPENVINO: "OpenVINOExecutionProvider",
    Compute.XNNPACK: "XnnpackExecutionProvider",
}
"""As ONNX Runtime calls them (https://onnxruntime.ai/docs/execution-providers)."""
AUTO = (Compute.CUDA,)
"""What `auto` takes before the CPU.

Not TensorRT, which builds its engine at each start, for minutes. Not OpenVINO: with its CPU the whole path took 1.25
to 1.65 times as long as with ONNX Runtime's own, in three pairs of runs in turn on two busy x86-64 cores.
"""


def _share_one_arena() -> None:
    """Let all sessions work in one memory arena.

    They run one after the other, so what one has used is free for the next. Each region that it asks the system for is
    twice as large as the one before, and what nobody has touched of it costs nothing; regions of just the size that is
    asked for had holes of 10 MB between them (pose in 8-bit numbers and NanoDet).
    """
    memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    doubling = ort.OrtArenaCfg({"arena_extend_strategy": 0, "initial_chunk_size_bytes": 4 << 20})
    ort.create_and_register_allocator(memory, doubling)


_share_one_arena()


class Session:
    """A loaded model. `run` takes the picture and gives the outputs in the order of the graph."""

    def __init__(self, folder: Path, name: str, threads: int, compute: ComputeChoice = ComputeChoice.CPU) -> None:
        """Load the shipped model `name` from `folder`; `threads` 0 lets ONNX Runtime take all cores.

        Raises:
            VisionFault: the file is missing, is not the one in the manifest, or does not load.
        """
        self._load(_verified(folder, name), threads, compute)

    @classmethod
    def own(cls, model: ModelFile, threads: int, compute: ComputeChoice = ComputeChoice.CPU) -> "Session":
        """Load a model that does not come with semcam.

        Raises:
            VisionFault: the file is missing, is no longer the one that it was, or does not load.
        """
        session = cls.__new__(cls)
        session._load(_unchanged(model), threads, compute)
        return session

    def _load(self, content: bytes, threads: int, compute: ComputeChoice) -> None:
        self._session, self.compute = _start(content, threads, compute)
        # it would keep the file's bytes for as long as it lives, to load them again elsewhere if a device failed
        self._session.disable_fallback()
        vars(self._session).pop("_model_bytes", None)
        inputs = self._session.get_inputs()
        self.inputs = tuple(_tensor(each) for each in inputs)
        self.outputs = tuple(output.name for output in self._session.get_outputs())

    def run(self, tensor: Array, more: Mapping[str, Array] | None = None) -> list[Array]:
        """One inference; `more` are the inputs beside the picture, by their names."""
        return cast(list[Array], self._session.run(None, {self.inputs[0].name: tensor, **(more or {})}))


def will_compute(compute: ComputeChoice) -> Compute:
    """What is tried first for this choice; where it does not work in the end, the CPU takes its place."""
    return next(_candidates(compute), Compute.CPU)


def _candidates(compute: ComputeChoice) -> Iterator[Compute]:
    there = ort.get_available_providers()
    wanted = AUTO if compute is ComputeChoice.AUTO else (Compute(compute.value),)
    return (each for each in wanted if PROVIDERS[each] in there)


def _start(content: bytes, threads: int, compute: ComputeChoice) -> tuple[Any, Compute]:
    """A session on the first of what shall compute that is there and works, and which one that is."""
    for each in _candidates(compute):
        if each is not Compute.CPU:
            session = _attempt(content, threads, each)
            # ONNX Runtime takes the CPU without a word where a driver is missing
            if session is not None and session.get_providers()[0] == PROVIDERS[each]:
                return session, each
    session = _attempt(content, threads, Compute.CPU)
    if session is None:
        raise VisionFault(FaultCode.MODEL_UNUSABLE)
    if compute not in (ComputeChoice.AUTO, ComputeChoice.CPU):
        raise VisionFault(FaultCode.COMPUTE_ABSENT)
    return session, Compute.CPU


def _attempt(content: bytes, threads: int, compute: Compute) -> Any | None:
    try:
        return ort.InferenceSession(content, _options(threads, compute), providers=_providers(threads, compute))
    except Exception as error:  # ONNX Runtime has no common root for its errors
        if compute is Compute.CPU and memory.says_so(error):
            raise
        return None  # the memory of a GPU may be full: there is still the processor


def _options(threads: int, compute: Compute) -> ort.SessionOptions:
    options = ort.SessionOptions()
    # XNNPACK has threads of its own, and both together are slower (its page in ONNX Runtime's documentation)
    options.intra_op_num_threads = 1 if compute is Compute.XNNPACK else threads
    options.inter_op_num_threads = 1
    # planned as one block, a model's memory comes on top of what its first run took: 25 MB, for 1 % of the time
    options.enable_mem_pattern = False
    options.log_severity_level = 4  # its words stay in
    options.add_session_config_entry("session.use_env_allocators", "1")  # the shared arena, above
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle cores stay cool
    return options


def _providers(threads: int, compute: Compute) -> list[tuple[str, dict[str, str]]]:
    key = {Compute.XNNPACK: "intra_op_num_threads", Compute.OPENVINO: "num_of_threads"}.get(compute)
    return [(PROVIDERS[compute], {key: str(threads or os.cpu_count() or 1)} if key else {})]


def _tensor(declared: Any) -> Tensor:
    """An input as ONNX Runtime declares it: sides that are left open have a name in place of a number."""
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in declared.shape)
    return Tensor(declared.name, shape, _DTYPES.get(declared.type, ""))


_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(uint8)": "uint8",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
}


def _verified(folder: Path, name: str) -> bytes:
    """The model's bytes, checked: what is hashed is what is loaded."""
    try:
        entry = read_manifest(folder)[name]
        content = (folder / entry.file).read_bytes()
    except (ModelError, KeyError, OSError):
        raise VisionFault(FaultCode.MODEL_MISSING) from None
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise VisionFault(FaultCode.MODEL_ALTERED)
    return content


def _unchanged(model: ModelFile) -> bytes:
    try:
        content = Path(model.file).read_bytes()
    except OSError:
        raise VisionFault(FaultCode.MODEL_MISSING) from None
    if hashlib.sha256(content).hexdigest() != model.sha256:
        raise VisionFault(FaultCode.MODEL_ALTERED)
    return content
