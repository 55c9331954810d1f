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
        animals = sum(votes for label, votes in self.votes.items() if label in ANIMALS)
        big = sum(votes for label, votes in self.votes.items() if label in BIG)
        return LARGE_ANIMAL if big >= animals / 2 else best

    def see(self, t_s: float, box: Floats, label: str, score: float) -> None:
        """Take in one more look."""
        self.last_seen_s, self.box, self.score = t_s, box, score
        self.looks += 1
        self.vote(label, score)

    def vote(self, label: str, score: float) -> None:
        """Count one opinion."""
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
        for row, column in pairs:
            self._things[row].see(t_s, objects.boxes[column], objects.labels[column], float(objects.scores[column]))
        taken = {column for _, column in pairs}
        for column in order:
            if column not in taken:
                self._vote_or_begin(objects, column)
        return list(self._things)

    def _vote_or_begin(self, objects: Objects, column: int) -> None:
        """A second label on the same place is a second opinion; elsewhere it is a new thing."""
        box, label, score = objects.boxes[column], objects.labels[column], float(objects.scores[column])
        for thing in self._things:
            if iou(thing.box, box) > 0.5:
                thing.vote(label, score)
                return
        if score >= BEGIN:
            t_s = objects.t_s
            self._things.append(Thing(next(self._ids), t_s, t_s, box, score, votes={label: score}))


def _similarity(thing: Thing, objects: Objects, column: int) -> float:
    """Overlap, or nearness where an animal has walked on between two looks half a second apart."""
    a, b = thing.box, objects.boxes[column]
    size, other = diagonal(a), diagonal(b)
    distance = float(np.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2))
    nearness = (1 - distance / max(size, 1e-6)) * min(size, other) / max(size, other, 1e-6)
    return max(iou(a, b), nearness - NEAR)
