"""How the vision process starts: it gives everything up before it imports what could look at a picture.

    python -m semcam.vision < job.json > signals

One job comes in on stdin as one line of JSON; signals leave on stdout. Nothing else leaves: an error that nobody
foresaw is told as a code, and on stderr as places in the code, never as values.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.manifest import models_dir
from semcam.contract.privacy import PrivacyMode
from semcam.contract.signal import Fault, Privacy
from semcam.vision import memory
from semcam.vision.capture.device import device_of, devices_behind
from semcam.vision.confine.confinement import Confinement, Plan
from semcam.vision.gate import Gate
from semcam.vision.places import print_places
from semcam.vision.voice import private_stdout

EXIT_FAULT = 3
CONFINED = Plan()
_PR_SET_PDEATHSIG = 1


def main(plan: Plan = CONFINED) -> int:
    """Do the job on stdin, confined as planned; 0 when the source came to its end, 3 after a fault."""
    _end_with_the_courier()
    sys.dont_write_bytecode = True
    out = private_stdout()
    gate = Gate(out)
    try:
        job = _read_job(sys.stdin.buffer)
        _require_silence()
        confinement = Confinement(plan)
        confinement.before_libraries(*_files_of(job))
        _insist(job, confinement, gate)
        memory.require(memory.LEAST_BYTES)
        from semcam.vision import worker  # OpenCV, NumPy and ONNX Runtime: not before here

        worker.work(job, gate, confinement, out.fileno())
    except BrokenPipeError:  # the courier has gone; there is nobody left to tell
        return EXIT_FAULT
    except Exception as error:
        gate.say(0.0, _fault_of(error))
        return EXIT_FAULT
    return 0


def _fault_of(error: Exception) -> Fault:
    """Why it gives up; where it is an error that nobody foresaw, stderr is told where it was."""
    if not isinstance(error, VisionFault):
        print_places(error)
    if memory.explains(error):
        return Fault(code=FaultCode.OUT_OF_MEMORY)
    return Fault.of(error) if isinstance(error, VisionFault) else Fault(code=FaultCode.INTERNAL)


def _end_with_the_courier() -> None:
    """Have the kernel end this process when its parent ends, even while it waits for a camera (see prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _read_job(stdin: BinaryIO) -> Job:
    try:
        return Job.model_validate_json(stdin.readline())
    except ValidationError:
        raise VisionFault(FaultCode.JOB_INVALID) from None


def _require_silence() -> None:
    """ONNX Runtime reports home unless it is told not to before it is imported."""
    if os.environ.get("ORT_DISABLE_TELEMETRY") != "1":
        raise VisionFault(FaultCode.TELEMETRY_ON)


def _files_of(job: Job) -> tuple[tuple[Path, ...], Path | None, tuple[Path, ...] | None]:
    """What the job has to read, the camera device where it is one, and those of a library where one opens them."""
    own = (Path(model.file) for model in job.models.values())
    behind = devices_behind(job.source)
    clips = () if behind is not None else (Path(job.source),)
    return (models_dir(), *own, *clips), device_of(job.source), behind


def _insist(job: Job, confinement: Confinement, gate: Gate) -> None:
    """Do not even load libraries where the promise cannot be kept. Whether attacks are refused is seen later."""
    missing = set(confinement.layers.missing()) - {"attacks"}
    if missing and job.privacy is PrivacyMode.STRICT:
        gate.say(0.0, Privacy(layers=confinement.layers))
        raise VisionFault(FaultCode.CONFINEMENT_FAILED)
