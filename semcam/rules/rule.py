"""What every rule is: a small state machine that is told the time and who is there."""

from collections.abc import Iterable
from typing import Protocol

from semcam.contract.signal import RuleSignal
from semcam.tracking.observation import Track


class Rule(Protocol):
    """Judges one thing. Called once for each frame, in the order of time."""

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """What is to be said at `t_s`, seconds of the source's time."""
