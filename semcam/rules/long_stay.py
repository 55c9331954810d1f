"""Somebody has been in a place for long: in the bathroom, where nobody stays for half an hour."""

from collections.abc import Iterable, Sequence

from semcam.contract.labels import PERSON
from semcam.contract.rules import LongStayRule
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import BRIDGE_S, Case, Holding
from semcam.rules.places import IN_VIEW, each_place
from semcam.rules.room import Room
from semcam.tracking.observation import Track


class LongStay:
    """Told once a place has been occupied for `hold`, by whomever; cleared once it is empty.

    It is about the place, because people get new ids: behind a shower curtain the tracker loses them. Empty is a place
    in which nobody was in sight for `clear_after`; whatever is shorter does not begin the time anew. Who leaves just
    before the time is over is not told: somebody must be in sight when it is. Each zone is a place of its own.
    """

    def __init__(self, rule: LongStayRule, room: Room) -> None:
        self._rule = rule
        self._holding = Holding(rule, room, bridge_s=max(BRIDGE_S, rule.clear_after))

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge each place at `t_s`."""
        in_sight = [track for track in tracks if track.label == PERSON and track.visible]
        cases = [self._case(zone, there) for zone, there in each_place(self._rule, in_sight)]
        return list(self._holding.step(t_s, cases))

    @staticmethod
    def _case(zone: str | None, there: Sequence[Track]) -> Case:
        occupied = Condition(bool(there), "occupied" if there else "nobody there")
        return Case(zone or IN_VIEW, (occupied,), zone)
