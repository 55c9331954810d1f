"""STUB."""

from collections.abc import Iterable, Sequence

from semcam.contract.rules import WhenRule
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked
from semcam.rules.holding import Holding
from semcam.rules.room import Room
from semcam.tracking.observation import Track


class When:
    """STUB."""

    def __init__(self, rule: WhenRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._holding = Holding(rule, room)

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        return list(self._holding.step(t_s, ()))
