"""Events for people at a terminal and for programs at a pipe."""

import sys
from collections.abc import Callable
from typing import TextIO

from semcam.contract.delivery import AlarmStage
from semcam.contract.event import AlarmState
from semcam.courier.delivery import Delivery


class JsonLines:
    """One event on one line, nothing else."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out

    def deliver(self, delivery: Delivery) -> None:
        """Print it and push it through the pipe at once."""
        print(delivery.event.to_json(), file=self._out, flush=True)


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
        self._write(f"{when}  {_word(delivery):9}  {event.data.message}")


_WORDS = {
    AlarmStage.SUSPECTED: "suspected",
    AlarmStage.CONFIRMED: "CONFIRMED",
    AlarmStage.UPDATED: "updated",
    AlarmStage.REPEATED: "REPEATED",
    AlarmStage.ESCALATED: "ESCALATED",
    AlarmStage.ACKNOWLEDGED: "taken",
    AlarmStage.CLEARED: "cleared",
}


def _word(delivery: Delivery) -> str:
    """How sure it is; what is confirmed and does not burn was a moment, and nobody need act on it as an alarm."""
    stage = delivery.event.data.stage
    moment = stage is AlarmStage.CONFIRMED and delivery.state is AlarmState.OFF
    return "noted" if moment else _WORDS[stage]


def clip_position(t_s: float) -> str:
    """Minutes and seconds into a clip: 1:05.3."""
    tenths = round(t_s * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
