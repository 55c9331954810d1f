"""Somebody who was in bed is out of it. Each sleeper alone, by the name of the bed's owner."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from semcam.contract.rules import LeftBedRule
from semcam.contract.signal import RuleSignal
from semcam.rules.beds import LIES_S, Beds
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import Track


class LeftBed:
    """Told once a sleeper has been out of bed for a time, in view or not; over when the bed has its sleeper again.

    Whoever is up when the rule's hours begin has not left the bed within them.
    """

    def __init__(self, rule: LeftBedRule, room: Room) -> None:
        self._room = room
        self._schedule = Schedule.of(rule)
        self._beds = Beds(rule.zones, room)
        self._holding = Holding(rule, room)

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        self._beds.step(t_s, tracks)
        if not self._schedule.is_open(self._room.local(t_s)):
            self._beds.let_go()
        return list(self._holding.step(t_s, self._cases()))

    def _cases(self) -> Iterator[Case]:
        for sleeper in self._beds.sleepers:
            up = Condition(sleeper.is_out, "was in bed and is out of it" if sleeper.is_out else "is in bed")
            yield Case(replace(sleeper.track, home=sleeper.home), (up,), zone=sleeper.bed)
        for visitor in self._beds.visitors:
            lying_s = max(stay.lying_s for stay in visitor.stays.values())
            words = f"has not gone to bed, lay there for {lying_s:.1f} s"
            yield Case(visitor.track, (Condition(False, words, nearness=min(lying_s / LIES_S, 1.0) / 2),))
