"""More, or fewer, than so many are in a place."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from statistics import median_low

from semcam.contract.rules import OccupancyRule
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.places import IN_VIEW, each_place, labelled
from semcam.rules.room import Room
from semcam.tracking.observation import Track
from semcam.tracking.reunion import Reunion

WINDOW_S = 3.0
"""Time over which the median of the counts is taken: one body too many or too few for a moment changes nothing."""


class Occupancy:
    """Each zone is counted alone; without zones, the whole view. Whoever is lost counts on for some seconds, but for no
    longer than they were seen."""

    def __init__(self, rule: OccupancyRule, room: Room) -> None:
        self._rule = rule
        self._holding = Holding(rule, room)
        self._reunion = Reunion(room.aspect)
        self._counts: dict[str | None, deque[tuple[float, int]]] = {}

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Count at `t_s`."""
        known = labelled(self._rule.labels, self._reunion.step(t_s, tracks))
        counted = [each for each in known if t_s - each.last_seen_s <= each.last_seen_s - each.first_seen_s]
        return list(self._holding.step(t_s, self._cases(t_s, counted)))

    def _cases(self, t_s: float, counted: list[Track]) -> Iterator[Case]:
        for zone, there in each_place(self._rule, counted):
            count = self._lately(t_s, zone, len(there))
            yield Case(zone or IN_VIEW, (self._limit(count),), zone, self._rule.labels[0], count=count)

    def _lately(self, t_s: float, zone: str | None, count: int) -> int:
        """The median of the counts over the last seconds, which were counted at an even pace."""
        counts = self._counts.setdefault(zone, deque())
        counts.append((t_s, count))
        while t_s - counts[0][0] > WINDOW_S:
            counts.popleft()
        return median_low(each for _, each in counts)

    def _limit(self, count: int) -> Condition:
        if self._rule.more_than is not None:
            return Condition(count > self._rule.more_than, "there are", count, self._rule.more_than + 1)
        most = (self._rule.fewer_than or 0) - 1
        return Condition(count <= most, f"there are {count} (needs {most} at most)", nearness=1 / (1 + count))
