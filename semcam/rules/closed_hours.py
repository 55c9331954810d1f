"""Anyone is there out of hours."""

from collections.abc import Iterable, Iterator, Sequence

from semcam.contract.rules import ClosedHoursRule
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.places import IN_VIEW, each_place, labelled
from semcam.rules.room import Room
from semcam.tracking.observation import Track


class ClosedHours:
    """One alarm for each zone, or for the view, however many come and however often they are lost and found."""

    def __init__(self, rule: ClosedHoursRule, room: Room) -> None:
        self._rule = rule
        self._holding = Holding(rule, room)

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge who is there at `t_s`."""
        return list(self._holding.step(t_s, self._cases(tracks)))

    def _cases(self, tracks: tuple[Track, ...]) -> Iterator[Case]:
        for zone, there in each_place(self._rule, tracks):
            # whoever is not seen now may have gone: only what is seen may raise an alarm
            seen = [track for track in labelled(self._rule.labels, there) if track.visible]
            anyone = Condition(bool(seen), f"{len(seen)} there")
            label = seen[0].label if seen else self._rule.labels[0]
            yield Case(zone or IN_VIEW, (anyone,), zone, label, count=len(seen))
