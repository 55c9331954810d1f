"""What time an event is given: the wall clock of a live camera, or the time line of a replay."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from semcam.contract.event import Clock, timestamp

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_SYNCED = Path("/run/systemd/timesync/synchronized")


class Clocks(Protocol):
    """Tells when something happened and how far that can be trusted."""

    def stamp(self, t_s: float) -> tuple[str, Clock]:
        """The time of an event that the source saw at `t_s`."""


@dataclass(frozen=True, slots=True)
class ReplayClock:
    """Everything follows from the start and the clip, so that two replays are the same to the byte."""

    start: datetime

    def stamp(self, t_s: float) -> tuple[str, Clock]:
        """`start` plus the position in the clip."""
        return timestamp(self.start + timedelta(seconds=t_s)), Clock(synced=False, boot="replay", mono_s=round(t_s, 3))


class WallClock:
    """Now, and whether the board knows what now is."""

    def __init__(self) -> None:
        self._boot = _BOOT_ID.read_text()[:4] if _BOOT_ID.exists() else "none"

    def stamp(self, t_s: float) -> tuple[str, Clock]:
        """The time of arrival: the source's own time says nothing to anybody outside."""
        clock = Clock(synced=_SYNCED.exists(), boot=self._boot, mono_s=round(time.monotonic(), 3))
        return timestamp(datetime.now(UTC)), clock
