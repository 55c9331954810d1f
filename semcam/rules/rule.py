"""What every rule is: a small state machine that is told the time and who is there."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked
from semcam.tracking.observation import Track


class Rule(Protocol):
    """Judges one thing. Called once for each frame, in the order of time."""

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """What is to be said at `t_s`, seconds of the source's time."""

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step, and about whom: the reasons for what it said and did not say."""
