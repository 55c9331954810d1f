"""The vision process: read, look, track, judge, tell.

    python -m semcam.vision.worker < job.json > signals

One job comes in on stdin as one line of JSON; signals leave on stdout. Nothing else leaves: an error that nobody
foresaw is told as a code, and on stderr as places in the code, never as values.
"""

import ctypes
import os
import signal
import sys
import time
import traceback
from typing import BinaryIO

from pydantic import ValidationError

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.local_time import LocalTimes, local_time, read_zone, source_times
from semcam.contract.manifest import models_dir
from semcam.contract.signal import Beat, Ended, Fault, Ready
from semcam.rules.judge import Judge
from semcam.vision.capture.frame import Source
from semcam.vision.capture.open import open_source
from semcam.vision.gate import Gate
from semcam.vision.perceive.eyes import Eyes
from semcam.vision.perceive.view import judge_view

BEAT_EVERY_S = 1.0
EXIT_FAULT = 3
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Do the job on stdin; 0 when the source came to its end, 3 after a fault."""
    _end_with_the_courier()
    # the pipe to the courier becomes private: nothing that prints by accident can reach it
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    gate = Gate(out)
    try:
        job = _read_job(sys.stdin.buffer)
        source = open_source(job)
        eyes = Eyes.load(models_dir(), job.threads, job.detector)
        gate.say(0.0, Ready(length_s=source.length_s))
        watch(job, source, eyes, gate)
    except VisionFault as fault:
        gate.say(0.0, Fault(code=fault.code))
        return EXIT_FAULT
    except BrokenPipeError:  # the courier has gone; there is nobody left to tell
        return EXIT_FAULT
    except Exception as error:
        _print_places(error)
        gate.say(0.0, Fault(code=FaultCode.INTERNAL))
        return EXIT_FAULT
    return 0


def watch(job: Job, source: Source, eyes: Eyes, gate: Gate) -> None:
    """The loop: every frame through the whole path, until the source ends."""
    judge: Judge | None = None
    beat_due_s, frames, t_s = 0.0, 0, 0.0
    for frame in source.frames():
        t_s, frames = frame.t_s, frames + 1
        judge = judge or Judge(job, frame.aspect, _local_times(job), time.thread_time)
        sight = eyes.look(frame)
        for said in judge.step(sight.people, sight.objects).signals:
            gate.say(t_s, said)
        if t_s >= beat_due_s:
            gate.flush(t_s)
            gate.say(t_s, Beat(t_s=t_s, frames=frames, view=judge_view(frame)))
            beat_due_s = t_s + BEAT_EVERY_S
    source.close()
    _finish(gate, t_s, frames)


def _local_times(job: Job) -> LocalTimes:
    """What time it is where the camera hangs: a clip's time runs on from its start, a camera's is now."""
    zone = read_zone(job.timezone)
    if job.start_unix_s is None:
        return lambda _t_s: local_time(time.time(), zone)
    return source_times(job.start_unix_s, zone)


def _finish(gate: Gate, t_s: float, frames: int) -> None:
    """The clip is over; what the budget still holds back leaves at the pace of the budget."""
    now_s = t_s
    while gate.waiting:
        now_s += BEAT_EVERY_S
        gate.say(now_s, Beat(t_s=now_s, frames=frames))
        gate.flush(now_s)
    gate.say(now_s, Ended(t_s=t_s, frames=frames))


def _end_with_the_courier() -> None:
    """Have the kernel end this process when its parent ends, even while it waits for a camera (see prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _read_job(stdin: BinaryIO) -> Job:
    try:
        return Job.model_validate_json(stdin.readline())
    except ValidationError:
        raise VisionFault(FaultCode.JOB_INVALID) from None


def _print_places(error: Exception) -> None:
    """Where it happened and what kind of error it was. Its message could hold anything, pixels included."""
    for place in traceback.extract_tb(error.__traceback__):
        print(f"{place.filename}:{place.lineno} {place.name}", file=sys.stderr)
    print(type(error).__name__, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
