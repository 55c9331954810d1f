"""Events for people at a terminal and for programs at a pipe."""

import sys
from collections.abc import Callable
from typing import TextIO

from semcam.contract.event import Status
from semcam.contract.signal import Stage
from semcam.courier.delivery import Delivery


class JsonLines:
    """One event on one line, nothing else."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out

    def deliver(self, delivery: Delivery) -> None:
        """Print it and push it through the pipe at once."""
        print(delivery.event.to_json(), file=self._out, flush=True)

    def tell_status(self, status: Status) -> None:
        """Status is not an event."""


class Sentences:
    """One sentence on one line: when, how sure, what."""

    def __init__(self, write: Callable[[str], None], *, clip_time: bool) -> None:
        """`clip_time` shows the position in the clip instead of the time of day."""
        self._write = write
        self._clip_time = clip_time

    def deliver(self, delivery: Delivery) -> None:
        """Print it."""
        event = delivery.event
        when = clip_position(event.data.clock.mono_s) if self._clip_time else event.time
        self._write(f"{when}  {_WORDS[event.data.stage]:9}  {event.data.message}")

    def tell_status(self, status: Status) -> None:
        """A terminal is told what happened, not how the camera feels."""


_WORDS = {
    Stage.SUSPECTED: "suspected",
    Stage.CONFIRMED: "CONFIRMED",
    Stage.UPDATED: "updated",
    Stage.CLEARED: "cleared",
}


def clip_position(t_s: float) -> str:
    """Minutes and seconds into a clip: 1:05.3."""
    tenths = round(t_s * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
