"""When something was, on a board that may have no clock of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """A reading of both clocks: the time of day can be wrong and can leap; the other one only starts anew."""

    unix_s: float
    """Seconds since 1970 by the clock of the board."""
    synced: bool
    """Whether that clock was known to be right."""
    boot: str
    """Names the start of the machine since which `mono_s` counts."""
    mono_s: float
    """Seconds that never leap and never go back."""

    def since(self, earlier: "Moment") -> float | None:
        """Seconds from `earlier` to this moment, at least 0; None where no clock knows."""
        if self.boot == earlier.boot:
            return max(0.0, self.mono_s - earlier.mono_s)
        if self.synced and earlier.synced and self.unix_s >= earlier.unix_s:
            return self.unix_s - earlier.unix_s
        return None
