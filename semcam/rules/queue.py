"""People stand in a place and wait for long."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from semcam.contract.labels import PERSON
from semcam.contract.rules import QueueRule
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.places import each_place
from semcam.rules.room import Room
from semcam.tracking.geometry import diagonal
from semcam.tracking.observation import Track
from semcam.tracking.reunion import Reunion

WALKED = 1.0
"""Whoever gets further than this within WALKED_OVER_S, in own sizes, walks. A queue moves up by shorter steps."""
WALKED_OVER_S = 3.0
AWAY_S = 2.0
"""A step out of the zone that is no longer than this does not lose one's place in the queue."""


@dataclass(slots=True)
class _Waiting:
    """How long somebody has been standing in a zone."""

    since_s: float
    inside_s: float
    """When it was in the zone last."""
    way: deque[tuple[float, float, float]] = field(default_factory=deque)
    """(t_s, x, y) of the middle of the body over the last seconds."""

    def see(self, t_s: float, track: Track) -> None:
        self.inside_s = t_s
        box = track.box
        x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
        self.way.append((t_s, x, y))
        while t_s - self.way[0][0] > WALKED_OVER_S:
            self.way.popleft()
        if math.dist(self.way[0][1:], (x, y)) > WALKED * diagonal(box):
            self.since_s = t_s


class Queue:
    """Told once more than `more_than` people at a time have each been standing there for `hold`; each zone alone."""

    def __init__(self, rule: QueueRule, room: Room) -> None:
        self._rule = rule
        # each one's own time counts; the queue itself need not last any longer
        self._holding = Holding(rule.model_copy(update={"hold": 0.0}), room)
        self._reunion = Reunion(room.aspect)
        self._waiting: dict[tuple[str | None, int], _Waiting] = {}

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge the queue at `t_s`."""
        people = [track for track in self._reunion.step(t_s, tracks) if track.label == PERSON]
        for zone, there in each_place(self._rule, people):
            for track in there:
                waiting = self._waiting.setdefault((zone, track.id), _Waiting(since_s=t_s, inside_s=t_s))
                waiting.see(t_s, track)
        self._waiting = {key: each for key, each in self._waiting.items() if t_s - each.inside_s <= AWAY_S}
        return list(self._holding.step(t_s, self._cases(t_s)))

    def _cases(self, t_s: float) -> Iterator[Case]:
        for zone in self._rule.zones:
            stand_s = [t_s - each.since_s for (where, _), each in self._waiting.items() if where == zone]
            count = sum(each_s >= self._rule.hold for each_s in stand_s)
            yield Case(zone, self._conditions(len(stand_s), count), zone, PERSON, count=count)

    def _conditions(self, there: int, count: int) -> Iterator[Condition]:
        needed = self._rule.more_than + 1
        yield Condition(there >= needed, "people there", there, needed)
        yield Condition(count >= needed, f"of them standing for {self._rule.hold:g} s", count, needed)
