"""Objects → tracks whose label is the vote of all frames, not the mood of one."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from semcam.contract.labels import ANIMALS, BEAR, BIG, LARGE_ANIMAL
from semcam.tracking.associate import match
from semcam.tracking.geometry import diagonal, iou
from semcam.tracking.observation import Floats, Objects

BEGIN = 0.3
"""Score from which a detection may begin a track."""
MAYBE_BIG = 0.3
"""Mean score of a big animal from which the vague word is used, even where a cat or dog scores higher."""
LOST_AFTER_S = 3.0
NEAR = 0.3
"""How much of its own size away a thing may be found at the next look, taken from full nearness."""
SURELY_BEAR = 0.45
"""Mean score over all looks from which an animal is called a bear; between 0.40 and 0.50 it matters little."""


@dataclass(slots=True)
class Thing:
    """An object or animal that is being followed."""

    id: int
    first_seen_s: float
    last_seen_s: float
    box: Floats
    score: float
    looks: int = 1
    votes: dict[str, float] = field(default_factory=dict)
    """Sum of scores for each label."""

    @property
    def label(self) -> str:
        """What most looks, weighted by their scores, took it for; a vague word where they disagree on an animal."""
        best = max(self.votes, key=lambda label: self.votes[label])
        if best not in ANIMALS:
            return best
        if best == BEAR and self.votes[BEAR] >= SURELY_BEAR * self.looks:
            return BEAR
        big = max((self.votes.get(label, 0.0) for label in BIG), default=0.0)
        return LARGE_ANIMAL if best in BIG or big >= MAYBE_BIG * self.looks else best

    def see(self, t_s: float, box: Floats, opinions: dict[str, float]) -> None:
        """Take in one more look: the best score of each label at this place."""
        self.last_seen_s, self.box, self.score = t_s, box, max(opinions.values())
        self.looks += 1
        for label, score in opinions.items():
            self.votes[label] = self.votes.get(label, 0.0) + score


class ThingTracker:
    """Follows whatever the detector reports; `ids` gives numbers that are never used again."""

    def __init__(self, ids: Iterator[int]) -> None:
        self._things: list[Thing] = []
        self._ids = ids

    def step(self, objects: Objects) -> list[Thing]:
        """Everything known at `objects.t_s`, seen this time or not."""
        t_s = objects.t_s
        self._things = [thing for thing in self._things if t_s - thing.last_seen_s <= LOST_AFTER_S]
        order = sorted(range(len(objects.labels)), key=lambda column: -objects.scores[column])

        def similarity(row: int, column: int) -> float:
            return _similarity(self._things[row], objects, column)

        pairs = match(range(len(self._things)), order, similarity)
        taken = {column for _, column in pairs}
        free = [column for column in order if column not in taken]
        for row, column in pairs:
            here = _others_at(objects, column, free)
            self._things[row].see(t_s, objects.boxes[column], _opinions(objects, [column, *here]))
            free = [column for column in free if column not in here]
        while free:
            column = free.pop(0)
            here = _others_at(objects, column, free)
            free = [column for column in free if column not in here]
            if (score := float(objects.scores[column])) >= BEGIN:
                opinions = _opinions(objects, [column, *here])
                self._things.append(Thing(next(self._ids), t_s, t_s, objects.boxes[column], score, votes=opinions))
        return list(self._things)


def _others_at(objects: Objects, column: int, among: list[int]) -> list[int]:
    """Further labels on the same place: second opinions, not new things."""
    return [other for other in among if iou(objects.boxes[other], objects.boxes[column]) > 0.5]


def _opinions(objects: Objects, columns: list[int]) -> dict[str, float]:
    """The best score of each label, once a look: a thing that is found twice is no surer for it."""
    best: dict[str, float] = {}
    for column in columns:
        label = objects.labels[column]
        best[label] = max(best.get(label, 0.0), float(objects.scores[column]))
    return best


def _similarity(thing: Thing, objects: Objects, column: int) -> float:
    """Overlap, or nearness where an animal has walked on between two looks half a second apart."""
    a, b = thing.box, objects.boxes[column]
    size, other = diagonal(a), diagonal(b)
    distance = float(np.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2))
    nearness = (1 - distance / max(size, 1e-6)) * min(size, other) / max(size, other, 1e-6)
    return max(iou(a, b), nearness - NEAR)
