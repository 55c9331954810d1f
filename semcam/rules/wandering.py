"""Somebody is restless: up and about again and again, at night in a corridor or a bedroom."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from semcam.contract.labels import PERSON
from semcam.contract.rules import WanderingRule
from semcam.contract.signal import Reason, RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.places import IN_VIEW, is_inside
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.geometry import diagonal
from semcam.tracking.observation import Floats, Joint, PostureKind, Track

MOVES = 0.05
"""Speed from which somebody may be walking, in own heights per second: 0.08 m/s across the view. It is so low because
who walks along a corridor, toward a camera at its end, hardly moves in the picture. In real clips, people who stood
moved at 0.01 to 0.03, those who walked across at 0.2 to 1."""
MOVES_OVER_S = 1.2
"""Over so long, to even out the model's jitter; two frames at one a second."""
LEAST_S = 0.5
AWAY = 0.2
"""How far somebody who walks gets within AWAY_WITHIN_S, in own heights: further than who leans, sways or turns."""
AWAY_WITHIN_S = 3.0
PAUSE_S = 2.0
"""What is no longer than this between two walks is no rest: to turn round, to open a door, not to be seen."""
SEEN = 0.15
"""A joint with less score than this is a guess."""
SHOULDERS = 0.259
"""Breadth of the shoulders as a share of a body's height (Drillis and Contini 1966)."""
TRUNK = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP]


class Wandering:
    """Told once the time on the move within the last `within` adds up to `hold`; cleared after rest for `clear_after`.

    It is about the place: the time in which anybody walks there upright, whatever id they have, so that somebody who is
    lost and found is restless all the same. Several people are therefore not told apart, and the time in which two walk
    counts once. Only what was walked in the rule's hours counts. Once cleared, it begins from nothing.
    """

    def __init__(self, rule: WanderingRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._schedule = Schedule.of(rule)
        self._holding = Holding(rule.model_copy(update={"hold": 0.0}), room)
        self._walks = Walks(rule.within)
        self._ways: dict[int, Way] = {}
        self._place = ", ".join(rule.zones) or IN_VIEW

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge the place at `t_s`."""
        people = [track for track in tracks if track.label == PERSON]
        self._ways = {track.id: self._ways.get(track.id, Way()) for track in people}
        gaits = [self._ways[track.id].see(track) for track in people if track.visible and is_inside(self._rule, track)]
        gait = max(gaits, key=lambda gait: (gait.is_walk, gait.speed), default=Gait())
        if gait.is_walk and self._schedule.is_open(self._room.local(t_s)):
            self._walks.add(t_s)
        moved_s = self._walks.total_s(t_s)
        zone = self._rule.zones[0] if len(self._rule.zones) == 1 else None
        why = {Reason.MOVING_S: moved_s, Reason.HELD_S: math.nan}  # it is the sum that counts
        case = Case(self._place, self._conditions(gait, moved_s), zone, why=why)
        was_told = self._holding.is_told(self._place)
        signals = list(self._holding.step(t_s, [case]))
        if was_told and not self._holding.is_told(self._place):
            self._walks.forget()
        return signals

    def _conditions(self, gait: "Gait", moved_s: float) -> Iterator[Condition]:
        yield Condition(gait.speed >= MOVES, "moves at", gait.speed, MOVES, " own heights/s")
        yield Condition(gait.away >= AWAY, "came away by", gait.away, AWAY, " own heights")
        if not self._holding.is_told(self._place):
            yield Condition(moved_s >= self._rule.hold, "on the move for", moved_s, self._rule.hold, " s")


@dataclass(frozen=True, slots=True)
class Gait:
    """How somebody who is upright moves; nothing where nobody is."""

    speed: float = 0.0
    """Of the middle of the body over the last second, in own heights per second."""
    away: float = 0.0
    """How far it is from where it was within the last seconds, in own heights."""

    @property
    def is_walk(self) -> bool:
        """Whether it is going somewhere."""
        return self.speed >= MOVES and self.away >= AWAY


@dataclass(slots=True)
class Way:
    """Where one body was in the last seconds."""

    steps: deque[tuple[float, float, float]] = field(default_factory=deque)
    """(t_s, x, y) of its middle, frame heights."""

    def see(self, track: Track) -> Gait:
        """How it moves; not at all where that cannot be told, or where it sits, bends or lies."""
        trunk = track.keypoints[TRUNK] if track.keypoints is not None else np.zeros((0, 3), np.float32)
        trunk = trunk[trunk[:, 2] >= SEEN]
        if not len(trunk):
            return Gait()
        t_s, (x, y) = track.t_s, map(float, trunk[:, :2].mean(axis=0))
        self.steps.append((t_s, x, y))
        while self.steps[0][0] < t_s - AWAY_WITHIN_S:
            self.steps.popleft()
        if track.posture.kind is not PostureKind.UPRIGHT:
            return Gait()
        height = _height(track, trunk)
        ways = [(t_s - then_s, math.hypot(x - then_x, y - then_y) / height) for then_s, then_x, then_y in self.steps]
        # the longest of the short steps: the oldest one within the last second
        over_s, way = next((over_s, way) for over_s, way in ways if over_s <= MOVES_OVER_S)
        return Gait(way / over_s if over_s >= LEAST_S else 0.0, max(way for _, way in ways))


def _height(track: Track, trunk: Floats) -> float:
    """The body's own height; seen from above, where nobody shows it, by the breadth of what is seen."""
    if not math.isnan(track.standing_height):
        return track.standing_height
    return max(diagonal(track.box), float(np.ptp(trunk[:, :2], axis=0).max()) / SHOULDERS)


class Walks:
    """The times in which somebody walked, as far back as they are asked for."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._spans: deque[list[float]] = deque()
        """[from, to], each more than a pause apart from the next."""
        self._sum_s = 0.0

    def add(self, t_s: float) -> None:
        """Somebody walks at `t_s`."""
        if self._spans and t_s - self._spans[-1][1] <= PAUSE_S:
            self._sum_s += t_s - self._spans[-1][1]
            self._spans[-1][1] = t_s
        else:
            self._spans.append([t_s, t_s])

    def total_s(self, t_s: float) -> float:
        """Seconds on the move within the last `within_s`."""
        oldest_s = t_s - self._within_s
        while self._spans and self._spans[0][1] <= oldest_s:
            from_s, to_s = self._spans.popleft()
            self._sum_s -= to_s - from_s
        if not self._spans:
            self._sum_s = 0.0
        cut_s = max(0.0, oldest_s - self._spans[0][0]) if self._spans else 0.0
        return self._sum_s - cut_s

    def forget(self) -> None:
        """Begin from nothing."""
        self._spans.clear()
        self._sum_s = 0.0
