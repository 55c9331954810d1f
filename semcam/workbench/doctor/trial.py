"""The real vision process, for a moment: what it says of its confinement, its models and its camera."""

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from semcam.contract.config import Job
from semcam.contract.errors import SemcamError, VisionError, WallError
from semcam.contract.families import Compute
from semcam.contract.privacy import Layers
from semcam.contract.signal import Beat, Ended, Fault, Privacy, Ready, Wall
from semcam.courier.faults import broken, explain_end, explain_fault
from semcam.courier.feed import Dial, Feed
from semcam.courier.vision_process import VisionProcess

START_WITHIN_S = 60.0
"""A small board loads models slowly, and a camera may have to be dialled first."""
SLOWEST_S = 30.0
"""For so long after its start it may take to have two heartbeats: a very slow board has few pictures."""
SECOND_TRY_S = 5.0
"""For so long a network camera that could not be reached is dialled again."""
_TICK_S = 0.25


@dataclass(frozen=True, slots=True)
class Trial:
    """What a vision process said and did."""

    layers: Layers | None = None
    compute: Compute | None = None
    """What ran the models; None where they did not come to that."""
    first_s: float | None = None
    """From its start to its first word about a picture."""
    view: str | None = None
    """What the view is like, in the last heartbeat."""
    rate: float | None = None
    """Pictures a second that it looked at, where that was long enough."""
    trouble: tuple[str, ...] = ()
    """What the relay of a network camera had to say."""
    error: SemcamError | None = None


def try_out(job: Job, for_s: float, dial: Dial | None = None) -> Trial:
    """Run the job for so many seconds from its first picture, and end it."""
    feed = Feed(dial) if dial else None
    began_s = time.monotonic()
    try:
        with VisionProcess(job, show_stderr=False, pipe=feed.pipe if feed else None) as process:
            if feed:
                feed.inherited()
            return _listen(job, process, feed, began_s, for_s)
    finally:
        if feed:
            feed.close()


def _listen(job: Job, process: VisionProcess, feed: Feed | None, began_s: float, for_s: float) -> Trial:
    wall, trial = Wall(job.rules, job.zones), Trial()
    first: tuple[float, int] | None = None
    deadline_s = began_s + START_WITHIN_S
    for line in _lines(process):
        now_s = time.monotonic()
        if feed and (news := [*feed.tend(now_s)]):
            trial = replace(trial, trouble=(*trial.trouble, *news))
            deadline_s = min(deadline_s, now_s + SECOND_TRY_S)
        if now_s > deadline_s:
            silent = VisionError(f"no picture within {START_WITHIN_S:.0f} s")
            return trial if first else replace(trial, error=silent)
        if line is None:
            continue
        if line == b"":
            end = explain_end(process.stop(), job.source, memory_ran_out=process.memory_ran_out)
            return replace(trial, error=trial.error or end)
        try:
            signal = wall.admit(line, now_s if job.realtime else None)
        except WallError as error:
            return replace(trial, error=broken(error))
        match signal:
            case Privacy(layers=layers):
                trial = replace(trial, layers=layers)
            case Ready(compute=compute):
                trial = replace(trial, compute=compute)
            case Fault():
                return replace(trial, error=explain_fault(signal, job, trial.layers))
            case Beat(frames=0):
                continue  # a network camera that gives no pictures yet
            case Beat(frames=frames, view=view):
                trial = replace(trial, view=view.value)
                if first is None:
                    first = (now_s, frames)
                    deadline_s = now_s + max(for_s, SLOWEST_S)
                    trial = replace(trial, first_s=now_s - began_s)
                elif now_s - first[0] >= for_s:
                    return replace(trial, rate=(frames - first[1]) / (now_s - first[0]))
            case Ended():
                return trial
        if first and for_s == 0:
            return trial
    return trial


def _lines(process: VisionProcess) -> Iterator[bytes | None]:
    """Its lines as they come, empty at its end; None in between, several times a second."""
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in process.lines():
            heard.put(line)
        heard.put(b"")

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            yield heard.get(timeout=_TICK_S)
        except queue.Empty:
            yield None
