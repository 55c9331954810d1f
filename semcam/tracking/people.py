"""People → tracks that keep their id through low scores, short absences and a fall.

Two rounds as in ByteTrack (arXiv 2110.06864): strong observations first, then the weak ones for whoever is still
missing. What differs is the measure: keypoints, not boxes, because the box of somebody who falls turns from tall
to wide within half a second while the joints move less than a body length.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from semcam.tracking.associate import match
from semcam.tracking.geometry import diagonal, iou
from semcam.tracking.observation import Floats, Joint, People, Posture, PostureKind
from semcam.tracking.posture import judge

STRONG = 0.25
"""Score from which an observation may begin a track."""
WEAK = 0.08
"""Score from which an observation may continue one."""
BIRTH_S = 0.15
"""A new track is believed when its first and newest frame are so far apart: what the model makes up does not last."""
BIRTH_WITHIN_S = 1.0
"""Until then it is given up after so long unseen."""
ESTABLISHED_S = 0.45
"""Seen upright for so long, somebody is surely a person."""
ERECT_DEG = 40.0
"""A torso this near to vertical shows its full length, standing or sitting."""
TORSO_SHARE = 0.365
"""From hips to shoulders as a share of a standing height, as the model draws people: the median of 103 who were seen
to stand, 0.34 to 0.40 for eight in ten of them. Drillis and Contini (1966) give 0.32: the model draws trunks longer."""
MEASURED_S = 3.0
"""A body's lengths are medians over the last so many seconds in which they could be measured."""
FRAME_LASTS_S = 0.3
"""A frame speaks for the time since the one before, but for no longer than this."""
LOST_AFTER_S = 3.0
"""A body that is not seen for so long has gone, or is somebody else when it comes back."""
REACH = 0.45
"""How far joints may be from where they were expected, in body sizes, and still be the same body."""
REACH_PER_S = 0.6
"""How much further for each second of absence."""
COASTS_S = 0.5
"""For so long a body is expected to go on as it went; after that it may have done anything."""
STEADIES_S = 0.2
"""The velocity follows a change within about so long, whatever the frame rate: the model's joints jitter."""
JOINT_SEEN = 0.1
SMALLEST = 0.3
"""A body may fold or be foreshortened down to this share of its size; less is something else."""


@dataclass(slots=True)
class Recent:
    """A length that is measured again and again: its median over the last MEASURED_S of being measured.

    The time in between does not count, so that who sits for an hour keeps the height that was seen before.
    """

    median: float = float("nan")
    """In the unit of what was added; `nan` before the first."""
    _measured_s: float = 0.0
    _lengths: deque[tuple[float, float]] = field(default_factory=deque)
    """Each behind the measured time at which it was taken."""

    def __bool__(self) -> bool:
        """Whether it was ever measured."""
        return bool(self._lengths)

    def add(self, length: float, lasts_s: float) -> None:
        """Take in a measure that holds for `lasts_s`."""
        self._measured_s += lasts_s
        self._lengths.append((self._measured_s, length))
        while self._lengths[0][0] <= self._measured_s - MEASURED_S:
            self._lengths.popleft()
        self.median = float(np.median([length for _, length in self._lengths]))


@dataclass(slots=True)
class Person:
    """A body that is being followed; `step` in PeopleTracker keeps it up to date."""

    id: int
    first_seen_s: float
    last_seen_s: float
    box: Floats
    keypoints: Floats
    score: float
    velocity: Floats = field(default_factory=lambda: np.zeros(2, np.float32))
    """Of the middle of the body, frame heights per second."""
    posture: Posture = field(default_factory=Posture)
    heights: Recent = field(default_factory=Recent)
    """From head to ankles while upright, frame heights."""
    torsos: Recent = field(default_factory=Recent)
    """From hips to shoulders while erect, frame heights."""
    upright_s: float = 0.0
    called_person: bool = False
    """Whether the detector, too, has taken it for a person."""

    @property
    def born(self) -> bool:
        """Seen for long enough to be told to the rules."""
        return self.last_seen_s - self.first_seen_s >= BIRTH_S

    @property
    def established(self) -> bool:
        """Surely a person, whatever the detector says from now on."""
        return self.called_person or self.upright_s >= ESTABLISHED_S

    @property
    def standing_height(self) -> float:
        """From head to ankles when upright, frame heights; `nan` if that was never seen."""
        return self.heights.median

    @property
    def likely_height(self) -> float:
        """Standing height, or what the torso of somebody who was never seen to stand makes likely."""
        return self.standing_height if self.heights else self.torsos.median / TORSO_SHARE

    @property
    def size(self) -> float:
        """A length that does not shrink when the body folds: frame heights."""
        return max(diagonal(self.box), self.standing_height if self.heights else 0.0, 0.05)

    def expected_at(self, t_s: float, near: Floats) -> Floats:
        """Where on its way the joints could be that is nearest to joints `near`: (17, 3).

        Who went behind a pillar comes out on its other side, and who fell was stopped by the floor: the body may have
        gone on as it went, or stopped anywhere before.
        """
        way = self.velocity * min(t_s - self.last_seen_s, COASTS_S)
        offset = _centre(near) - _centre(self.keypoints)
        share = np.clip(np.dot(offset, way) / max(np.dot(way, way), 1e-9), 0, 1)
        expected = self.keypoints.copy()
        expected[:, :2] += share * way
        return expected

    def see(self, people: People, row: int, posture: Posture) -> None:
        """Take in a new observation of this body."""
        t_s, keypoints = people.t_s, people.keypoints[row]
        if (away_s := t_s - self.last_seen_s) > 0:
            moved = (_centre(keypoints) - _centre(self.keypoints)) / away_s
            kept = math.exp(-away_s / STEADIES_S)
            self.velocity = (kept * self.velocity + (1 - kept) * moved).astype(np.float32)
        self.last_seen_s, self.box, self.keypoints = t_s, people.boxes[row], keypoints
        self.score, self.posture = float(people.scores[row]), posture
        self._measure(min(away_s, FRAME_LASTS_S))

    def _measure(self, lasts_s: float) -> None:
        """Take the body's own lengths from its posture, which holds for `lasts_s`."""
        if self.posture.torso_deg < ERECT_DEG:
            self.torsos.add(self.posture.torso, lasts_s)
        if self.posture.kind is PostureKind.UPRIGHT:
            self.upright_s += lasts_s
            if self.posture.stature > 0:
                self.heights.add(self.posture.stature, lasts_s)


class PeopleTracker:
    """Follows everybody in view; `ids` gives numbers that are never used again."""

    def __init__(self, ids: Iterator[int], posture_of: Callable[[Floats, float], Posture] = judge) -> None:
        """`posture_of` takes keypoints (17, 3) and the body's standing height."""
        self._people: list[Person] = []
        self._ids = ids
        self._posture_of = posture_of

    def step(self, people: People) -> list[Person]:
        """Everybody who is known at `people.t_s`, seen in this frame or not."""
        t_s = people.t_s
        self._people = [person for person in self._people if not self._is_over(person, t_s)]

        def similarity(row: int, column: int) -> float:
            return _similarity(self._people[row], people, column)

        strong = [column for column, score in enumerate(people.scores) if score >= STRONG]
        weak = [column for column, score in enumerate(people.scores) if WEAK <= score < STRONG]
        rows = range(len(self._people))
        pairs = match(rows, strong, similarity)
        missing = set(rows) - {row for row, _ in pairs}
        pairs += match(sorted(missing), weak, similarity)
        for row, column in pairs:
            person = self._people[row]
            person.see(people, column, self._posture_of(people.keypoints[column], person.standing_height))
        taken = {column for _, column in pairs}
        for column in strong:
            if column not in taken and not self._is_double(people, column, t_s):
                self._begin(people, column)
        return [person for person in self._people if person.born]

    def _begin(self, people: People, column: int) -> None:
        person = Person(
            next(self._ids),
            people.t_s,
            people.t_s,
            people.boxes[column],
            people.keypoints[column],
            float(people.scores[column]),
        )
        person.posture = self._posture_of(person.keypoints, float("nan"))
        self._people.append(person)

    def _is_double(self, people: People, column: int, t_s: float) -> bool:
        """The model now and then sees one body twice."""
        return any(person.last_seen_s == t_s and iou(person.box, people.boxes[column]) > 0.5 for person in self._people)

    @staticmethod
    def _is_over(person: Person, t_s: float) -> bool:
        patience_s = LOST_AFTER_S if person.born else BIRTH_WITHIN_S
        return t_s - person.last_seen_s > patience_s


def _similarity(person: Person, people: People, column: int) -> float:
    """1 for joints where they were expected, 0 or less beyond reach."""
    box, keypoints = people.boxes[column], people.keypoints[column]
    if diagonal(box) < SMALLEST * person.size:
        return 0.0
    # chairs and table legs look like weak people: only a strong one is searched for further afield
    away_s = people.t_s - person.last_seen_s if people.scores[column] >= STRONG else 0.0
    reach = (REACH + REACH_PER_S * away_s) * person.size
    distance = _distance(person.expected_at(people.t_s, keypoints), keypoints)
    return 1 - distance / reach


def _distance(a: Floats, b: Floats) -> float:
    """Mean distance between the joints that both show, frame heights; between the middles if they share none."""
    both = (a[:, 2] > JOINT_SEEN) & (b[:, 2] > JOINT_SEEN)
    if np.count_nonzero(both) < 3:
        return float(np.hypot(*(_centre(a) - _centre(b))))
    weights = a[both, 2] * b[both, 2]
    return float(np.average(np.hypot(*(a[both, :2] - b[both, :2]).T), weights=weights))


def _centre(keypoints: Floats) -> Floats:
    weights = np.maximum(keypoints[:, 2], 1e-3)
    centre: Floats = np.average(keypoints[Joint.NOSE :, :2], axis=0, weights=weights)
    return centre
