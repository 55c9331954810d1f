"""What time an event is given: the wall clock of a live camera, or the time line of a replay."""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol

from semcam.contract.event import Clock, timestamp
from semcam.contract.local_time import read_zone
from semcam.courier.moment import Moment
from semcam.courier.time_service import is_synced

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")


class Clocks(Protocol):
    """Tells when something happened and how far that can be trusted."""

    def moment(self, t_s: float) -> Moment:
        """When that is which the source sees at `t_s`."""

    def stamp(self, moment: Moment) -> tuple[str, Clock]:
        """The same as events carry it."""

    @property
    def zone(self) -> tzinfo:
        """Where the times of day in sentences are read, unless the configuration says where."""


@dataclass(frozen=True, slots=True)
class ReplayClock:
    """Everything follows from the start and the clip, so that two replays are the same to the byte."""

    start: datetime

    def moment(self, t_s: float) -> Moment:
        """`start` plus the position in the clip."""
        return Moment(self.start.timestamp() + t_s, synced=False, boot="replay", mono_s=t_s)

    def stamp(self, moment: Moment) -> tuple[str, Clock]:
        """The time that it would have been."""
        time = (self.start + timedelta(seconds=moment.mono_s)).astimezone(UTC)
        return timestamp(time), Clock(synced=False, boot="replay", mono_s=round(moment.mono_s, 3))

    @property
    def zone(self) -> tzinfo:
        """As `start` has it."""
        return self.start.tzinfo or UTC


def system_zone() -> str:
    """The time zone that this machine is set to, by its name; UTC where it does not say."""
    named = os.environ.get("TZ", "").removeprefix(":")
    # Debian writes the name into a file, others only link the rules of the zone
    linked = os.path.realpath(_LOCALTIME).partition("/zoneinfo/")[2]
    written = _TIMEZONE.read_text().strip() if _TIMEZONE.exists() else ""
    for name in (named, linked, written):
        try:
            read_zone(name)
        except ValueError:
            continue
        return name
    return "UTC"


class WallClock:
    """Now, and whether the board knows what now is."""

    def __init__(self) -> None:
        self._boot = _BOOT_ID.read_text()[:8] if _BOOT_ID.exists() else "none"

    def moment(self, t_s: float = 0.0) -> Moment:
        """The time of arrival: the source's own time says nothing to anybody outside."""
        return Moment(time.time(), is_synced(), self._boot, time.monotonic())

    def stamp(self, moment: Moment) -> tuple[str, Clock]:
        """As the clock of this board has it."""
        at = datetime.fromtimestamp(moment.unix_s, UTC)
        return timestamp(at), Clock(synced=moment.synced, boot=moment.boot, mono_s=round(moment.mono_s, 3))

    @property
    def zone(self) -> tzinfo:
        """As this machine is set."""
        return read_zone(system_zone())
