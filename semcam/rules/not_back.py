"""Somebody who left the bed is not back: about the bed, whoever it is that does not return."""

from collections.abc import Iterable, Iterator, Sequence

from semcam.contract.rules import NotBackRule
from semcam.contract.signal import RuleSignal
from semcam.rules.beds import Beds
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import Track


class NotBack:
    """Told once a bed has been without its sleeper for a time; over when somebody has gone to bed there again.

    A sleeper who is not seen under the blanket is in bed. Whoever is up when the rule's hours begin is not waited for.
    """

    def __init__(self, rule: NotBackRule, room: Room) -> None:
        self._room = room
        self._schedule = Schedule.of(rule)
        self._beds = Beds(rule.zones, room)
        self._holding = Holding(rule, room)

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge the beds at `t_s`."""
        self._beds.step(t_s, tracks)
        if not self._schedule.is_open(self._room.local(t_s)):
            self._beds.let_go()
        return list(self._holding.step(t_s, (Case(bed, self._is_left(bed), zone=bed) for bed in self._beds.names)))

    def _is_left(self, bed: str) -> Iterator[Condition]:
        is_in, is_out = self._beds.of(bed)
        yield Condition(bool(is_out), "its sleeper has left it" if is_out else "nobody has left it")
        yield Condition(not is_in, "somebody is in it" if is_in else "nobody is in it")
