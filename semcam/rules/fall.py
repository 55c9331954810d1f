"""Somebody who was up goes down fast and stays down. Everybody in view is judged alone."""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import fmean

import numpy as np

from semcam.contract.labels import PERSON
from semcam.contract.rules import FallRule
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.condition import Asked, Condition, ask
from semcam.rules.holding import numbers_of
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import PostureKind, Track

SUSPECT_AFTER_S = 0.5
"""Down for so long before anything is said: a stumble is not a fall."""
STEADY_S = 0.6
"""Postures are judged over this window, so that one odd frame decides nothing."""
STEADY_SHARE = 0.6
DESCENT_S = 3.0
"""How far back from the floor the way down is looked for."""
MEMORY_S = 6.0
TALL_DEG = 40.0
"""With the torso at most this far from vertical a body stands, walks or sits: it can still fall."""
FROM_A_SEAT = 0.75
"""Share of the speed that is asked of who was never seen to stand: a shorter way down is a slower one."""
SPEED_OVER_S = 0.2
"""Speed is the way within so long, at any frame rate: the peak of a fall is short, and the model's joints jitter. Where
frames are missing the way between is taken to be even, which can only understate the speed."""
HEAD_TO_ANKLES = 0.89
"""A standing height reaches from the middle of the head to the ankles: so much of the whole height (Drillis and Contini
1966), in which speeds and ways are told."""
SURE = 0.25
"""Mean score of shoulders and hips from which a posture is believed that has no way down to confirm it."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What one frame said of one body."""

    t_s: float
    kind: PostureKind
    shoulders_y: float
    torso_deg: float
    score: float


@dataclass(frozen=True, slots=True)
class Descent:
    """How a body came down; `nan` where its standing height was never seen."""

    drop: float
    """How far the shoulders sank, in own heights."""
    speed: float
    """The fastest they sank, in own heights per second."""


@dataclass(slots=True)
class Case:
    """All that is remembered of one body."""

    track: Track
    glimpses: deque[Glimpse] = field(default_factory=deque)
    stage: Stage | None = None
    down_since_s: float = math.nan
    up_since_s: float = math.nan
    descent: Descent = field(default_factory=lambda: Descent(math.nan, math.nan))

    def see(self, track: Track) -> None:
        """Take in what this frame shows of the body, if it shows enough."""
        self.track = track
        posture = track.posture
        if not track.visible or posture.kind is PostureKind.UNKNOWN:
            return
        self.glimpses.append(Glimpse(track.t_s, posture.kind, posture.shoulders_y, posture.torso_deg, posture.score))
        while self.glimpses[0].t_s < track.t_s - MEMORY_S:
            self.glimpses.popleft()
        self._time_posture(track.t_s)

    def _time_posture(self, t_s: float) -> None:
        """Since when the body is down, or up. Between the two the clock of an alarm runs on."""
        recent = [glimpse for glimpse in self.glimpses if glimpse.t_s > t_s - STEADY_S]
        down = [glimpse.t_s for glimpse in recent if glimpse.kind is PostureKind.LYING]
        up = [glimpse.t_s for glimpse in recent if glimpse.kind is PostureKind.UPRIGHT]
        if len(down) >= STEADY_SHARE * len(recent):
            self.down_since_s = down[0] if math.isnan(self.down_since_s) else self.down_since_s
            self.up_since_s = math.nan
        elif len(up) >= STEADY_SHARE * len(recent):
            self.up_since_s = up[0] if math.isnan(self.up_since_s) else self.up_since_s
            self.down_since_s = math.nan
        elif self.stage is None:
            self.down_since_s = math.nan


class Fall:
    """suspected → confirmed → cleared, for each body."""

    def __init__(self, rule: FallRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._schedule = Schedule.of(rule)
        self._from_above = room.view == "ceiling"
        self._cases: dict[int, Case] = {}
        self.asked: list[Asked] = []

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        for track in tracks:
            if track.label == PERSON:
                self._cases.setdefault(track.id, Case(track)).see(track)
        self.asked = []
        signals = [signal for case in self._cases.values() for signal in self._judge(t_s, case)]
        self._forget({track.id for track in tracks})
        return signals

    def _judge(self, t_s: float, case: Case) -> Iterator[RuleSignal]:
        if case.stage is None:
            if self._reaches(Stage.SUSPECTED, case, self._has_fallen(t_s, case)):
                yield self._say(t_s, case, Stage.SUSPECTED)
        elif self._reaches(Stage.CLEARED, case, self._is_up_again(t_s, case)):
            yield self._say(t_s, case, Stage.CLEARED)
            case.stage = None
        elif case.stage is Stage.SUSPECTED and self._reaches(Stage.CONFIRMED, case, self._stays_down(t_s, case)):
            yield self._say(t_s, case, Stage.CONFIRMED)

    def _reaches(self, stage: Stage, case: Case, conditions: Iterable[Condition]) -> bool:
        self.asked.append(Asked(case.track, stage, ask(conditions)))
        return self.asked[-1].met

    def _is_up_again(self, t_s: float, case: Case) -> Iterator[Condition]:
        up_s = t_s - case.up_since_s
        yield Condition(up_s >= self._rule.clear_after, "up again for", up_s, self._rule.clear_after, " s")

    def _stays_down(self, t_s: float, case: Case) -> Iterator[Condition]:
        down_s = t_s - case.down_since_s
        yield Condition(down_s >= self._rule.confirm_after, "down for", down_s, self._rule.confirm_after, " s")

    def _has_fallen(self, t_s: float, case: Case) -> Iterator[Condition]:
        down_s = t_s - case.down_since_s  # nan while up, and nan is never enough
        if math.isnan(down_s):
            last = case.glimpses[-1] if case.glimpses else None
            seen = f"{last.kind}, torso {last.torso_deg:.0f}° from vertical" if last else "hardly seen"
            # always further from a fall than any time on the floor
            yield Condition(False, seen, nearness=last.torso_deg / 1000 if last else 0.0)
        yield Condition(down_s >= SUSPECT_AFTER_S, "down for", down_s, SUSPECT_AFTER_S, " s")
        if beds := self._room.lying_is_normal.intersection(case.track.zones):
            yield Condition(False, f"where lying is normal ({', '.join(sorted(beds))})")
        if self._rule.zones and not set(self._rule.zones).intersection(case.track.zones):
            yield Condition(False, "outside its zones")
        if not self._schedule.is_open(self._room.local(t_s)):
            yield Condition(False, "out of its hours")
        way_down = [glimpse for glimpse in case.glimpses if glimpse.t_s >= case.down_since_s - DESCENT_S]
        if way_down[-1].kind is not PostureKind.LYING:
            yield Condition(False, "lying no longer")
        if self._from_above:
            # the model hardly sees who stands right below: whoever comes into sight lying has fallen, if it is no guess
            sure = fmean(glimpse.score for glimpse in case.glimpses if glimpse.t_s >= case.down_since_s)
            yield Condition(sure >= SURE, "seen with a score of", sure, SURE)
            return
        was_up = any(_is_tall(glimpse) for glimpse in way_down if glimpse.t_s < case.down_since_s)
        yield Condition(was_up, "was up before" if was_up else "was down when first seen")
        case.descent = _descent(way_down, case.track.standing_height / HEAD_TO_ANKLES)
        drop, speed = case.descent.drop, case.descent.speed
        # where the body's own height is not known, the doubt counts for the alarm
        yield Condition(not drop < self._rule.min_drop, "sank", drop, self._rule.min_drop, " of own height")
        needed = self._rule.min_speed * (1.0 if case.track.stood else FROM_A_SEAT)
        yield Condition(not speed < needed, "at", speed, needed, " own heights/s")

    def _say(self, t_s: float, case: Case, stage: Stage) -> RuleSignal:
        case.stage = stage
        why = {
            Reason.TORSO_DEG: case.glimpses[-1].torso_deg,
            Reason.DROP: case.descent.drop,
            Reason.SPEED: case.descent.speed,
            Reason.DOWN_S: t_s - case.down_since_s,
            Reason.SCORE: case.track.score,
        }
        return RuleSignal(
            rule=self._rule.id,
            stage=stage,
            t_s=t_s,
            track=case.track.id,
            zone=case.track.zones[0] if case.track.zones else None,
            home=case.track.home,
            label=PERSON,
            why=numbers_of(why),
        )

    def _forget(self, here: set[int]) -> None:
        """Whoever has gone is forgotten; whoever was last seen on the floor is waited for until confirmed."""
        self._cases = {id: case for id, case in self._cases.items() if id in here or case.stage is Stage.SUSPECTED}


def _is_tall(glimpse: Glimpse) -> bool:
    return glimpse.kind is not PostureKind.LYING and glimpse.torso_deg <= TALL_DEG


def _descent(way_down: list[Glimpse], own_height: float) -> Descent:
    """The drop and the fastest sinking from the highest point on, in own standing heights."""
    highest = min(range(len(way_down)), key=lambda index: way_down[index].shoulders_y)
    falling = way_down[highest:]
    drop = max(glimpse.shoulders_y for glimpse in falling) - falling[0].shoulders_y
    return Descent(drop / own_height, _fastest(falling) / own_height)


def _fastest(falling: list[Glimpse]) -> float:
    """The fastest sinking over SPEED_OVER_S, frame heights per second; `nan` of a single glimpse."""
    times = np.array([glimpse.t_s for glimpse in falling])
    depths = np.array([glimpse.shoulders_y for glimpse in falling])
    over_s = min(SPEED_OVER_S, float(times[-1] - times[0]))
    if over_s <= 0:
        return math.nan
    # with a straight way between glimpses, the fastest stretch begins or ends at one
    starts = np.clip(np.concatenate([times, times - over_s]), times[0], times[-1] - over_s)
    sank = np.interp(starts + over_s, times, depths) - np.interp(starts, times, depths)
    return float(sank.max()) / over_s
