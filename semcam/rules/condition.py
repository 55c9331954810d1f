"""What a rule asks before it speaks. It decides by the very conditions that explain it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from semcam.contract.signal import Stage
from semcam.tracking.observation import Track


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be so; where it is a number, `found` was measured and `needed` is asked for."""

    met: bool
    words: str
    """What was found. The numbers and their unit are put behind it."""
    found: float = math.nan
    needed: float = math.nan
    unit: str = ""
    nearness: float = 0.0
    """For one without numbers that is not met: how nearly it was, 0 to 1."""

    @property
    def share(self) -> float:
        """How much of what is needed was there, 0 to 1."""
        if self.met:
            return 1.0
        if math.isnan(self.needed):
            return self.nearness
        return min(self.found / self.needed, 1.0) if self.found > 0 else 0.0

    def __str__(self) -> str:
        if math.isnan(self.needed):
            return self.words
        found = "unknown" if math.isnan(self.found) else f"{self.found:.2f}{self.unit}"
        return f"{self.words} {found} (needs {self.needed:.2f})"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked about one track, or about a place by its name, in one frame, on the way to one stage."""

    about: Track | str
    stage: Stage
    conditions: tuple[Condition, ...]

    @property
    def met(self) -> bool:
        """Whether the stage is reached."""
        return all(condition.met for condition in self.conditions)


def ask(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The conditions in order, up to the first that is not met: what follows is not worked out."""
    asked: list[Condition] = []
    for condition in conditions:
        asked.append(condition)
        if not condition.met:
            break
    return tuple(asked)
