"""How hot the board is, as the kernel has it (Documentation/driver-api/thermal/sysfs-api.rst)."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

SYSFS = Path("/sys/class/thermal")
HOT_C, COOL_C = 80.0, 72.0
"""Small boards slow themselves down from about the first; below the second it is over."""
LOOK_EVERY_S = 10.0

_CHIP = re.compile(r"cpu|gpu|soc|core|tj|pkg|acpitz", re.IGNORECASE)
"""In the names of sensors that sit in the processor; others report a battery, a radio, or, on a Jetson, always 100."""
_LEAST_C, _MOST_C = -40.0, 150.0


def hottest_c(sysfs: Path = SYSFS) -> float | None:
    """The temperature of the hottest part of the processor in °C; None where the board has no such sensor."""
    return max(_temperatures(sysfs), default=None)


def _temperatures(sysfs: Path) -> Iterator[float]:
    for zone in sysfs.glob("thermal_zone*"):
        with suppress(OSError, ValueError):  # a sensor may sleep
            if _CHIP.search((zone / "type").read_text()):
                celsius = int((zone / "temp").read_text()) / 1000
                if _LEAST_C < celsius < _MOST_C:
                    yield celsius


class Thermometer:
    """Tells when the board gets too hot, and when that is over."""

    def __init__(self, sysfs: Path = SYSFS) -> None:
        self._sysfs = sysfs
        self._due_s = 0.0
        self._hot_c: float | None = None

    @property
    def hot_c(self) -> float | None:
        """How hot it is, while that is too hot."""
        return self._hot_c

    def look(self, now_s: float) -> str | None:
        """A sentence for the log, where one is due; call it often."""
        if now_s < self._due_s:
            return None
        self._due_s = now_s + LOOK_EVERY_S
        was_hot, now_c = self._hot_c is not None, hottest_c(self._sysfs)
        if now_c is None or now_c < (COOL_C if was_hot else HOT_C):
            self._hot_c = None
            return "the board has cooled down" if was_hot else None
        self._hot_c = now_c
        if was_hot:
            return None
        return (
            f"the board is {now_c:.0f} °C hot, so fewer pictures are looked at; "
            "give it air or a heat sink, or lower fps:"
        )
