"""The state machine that most rules share: something must last for a time, then it is told; then be over, for a time.

A rule hands in, for each frame, the cases it sees: whom or which place it is about, and the conditions that must all
be met. The machine times them, so that one odd frame neither raises nor ends anything.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from semcam.contract.labels import PERSON
from semcam.contract.rule_base import HoldRule
from semcam.contract.signal import Reason, RuleSignal, Stage, Way
from semcam.rules.condition import Asked, Condition, ask
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import Track

BRIDGE_S = 1.0
"""A break of what must last that is no longer than this does not begin the time anew: models blink."""
MOST = 999_999.0
"""The largest number that a signal can carry: an alarm may burn for more seconds than that."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule sees of one track or one place in one frame."""

    about: Track | str
    """The track; or the name of a place, for what is true of the place and not of anyone in it."""
    conditions: Iterable[Condition] = ()
    """All must be met; they are asked in their order, up to the first that is not."""
    zone: str | None = None
    """The zone to tell; None for the one a track is in."""
    label: str = PERSON
    """What it is about, where it is about a place."""
    since_s: float = math.nan
    """Since when it has held, where the rule knows that better than by when it first handed the case in."""
    way: Way | None = None
    count: int | None = None
    why: Mapping[Reason, float] = field(default_factory=dict)

    @property
    def key(self) -> int | str:
        """What stays the same from frame to frame."""
        return self.about if isinstance(self.about, str) else self.about.id


@dataclass(slots=True)
class _Course:
    """How one case has gone so far."""

    case: Case
    since_s: float = math.nan
    """Since when it has held; `nan` while it does not."""
    held_at_s: float = math.nan
    """When it held last."""
    told: bool = False
    over_since_s: float = math.nan


class Holding:
    """Confirmed once a case has held for `hold`; cleared once it has not, or is not handed in, for `clear_after`.

    A momentary rule tells only that it began, and is ready to tell it again after `clear_after`.
    """

    def __init__(self, rule: HoldRule, room: Room, bridge_s: float = BRIDGE_S) -> None:
        """`bridge_s` is how long a break may be that does not begin the time anew."""
        self._rule = rule
        self._room = room
        self._bridge_s = bridge_s
        self._schedule = Schedule.of(rule)
        self._in_force_since_s = math.nan
        self._courses: dict[int | str, _Course] = {}
        self.asked: list[Asked] = []

    def is_told(self, key: int | str) -> bool:
        """Whether the case is confirmed and not yet cleared."""
        return key in self._courses and self._courses[key].told

    def step(self, t_s: float, cases: Iterable[Case]) -> Iterator[RuleSignal]:
        """Judge what was seen at `t_s`; whatever was seen before and is not among `cases` does not hold now."""
        self.asked = []
        in_force = self._schedule.is_open(self._room.local(t_s))
        if not in_force or math.isnan(self._in_force_since_s):
            self._in_force_since_s = t_s if in_force else math.nan
        here: set[int | str] = set()
        for case in cases:
            here.add(case.key)
            course = self._courses.setdefault(case.key, _Course(case))
            course.case = case
            yield from self._judge(t_s, course, in_force)
        for key, course in list(self._courses.items()):
            if key not in here:
                yield from self._miss(t_s, course)
            if math.isnan(course.since_s) and not course.told:
                del self._courses[key]

    def _judge(self, t_s: float, course: _Course, in_force: bool) -> Iterator[RuleSignal]:
        hours = Condition(in_force, "within its hours" if in_force else "out of its hours")
        conditions = ask((hours, *course.case.conditions)) if not in_force else ask(course.case.conditions)
        if not all(condition.met for condition in conditions):
            if not course.told:
                self.asked.append(Asked(course.case.about, Stage.CONFIRMED, conditions))
            yield from self._miss(t_s, course)
            return
        if math.isnan(course.since_s):
            # what began before the rule's hours counts from their beginning
            known_s = t_s if math.isnan(course.case.since_s) else min(course.case.since_s, t_s)
            course.since_s = max(known_s, self._in_force_since_s)
        course.held_at_s, course.over_since_s = t_s, math.nan
        if course.told:
            return
        held_s = t_s - course.since_s
        if self._rule.hold > 0 or not conditions:
            conditions += (Condition(held_s >= self._rule.hold, "for", held_s, self._rule.hold, " s"),)
        self.asked.append(Asked(course.case.about, Stage.CONFIRMED, conditions))
        if self.asked[-1].met:
            yield self._say(t_s, course, Stage.CONFIRMED)

    def _miss(self, t_s: float, course: _Course) -> Iterator[RuleSignal]:
        """It does not hold at this moment."""
        if not course.told:
            if not t_s - course.held_at_s <= self._bridge_s:
                course.since_s = math.nan
            return
        course.over_since_s = t_s if math.isnan(course.over_since_s) else course.over_since_s
        over_s = t_s - course.over_since_s
        over = Condition(over_s >= self._rule.clear_after, "over for", over_s, self._rule.clear_after, " s")
        self.asked.append(Asked(course.case.about, Stage.CLEARED, (over,)))
        if over.met:
            if not self._rule.momentary:
                yield self._say(t_s, course, Stage.CLEARED)
            course.told, course.since_s = False, math.nan

    def _say(self, t_s: float, course: _Course, stage: Stage) -> RuleSignal:
        course.told = True
        held_s = (t_s if stage is Stage.CONFIRMED else course.held_at_s) - course.since_s
        return signal_of(self._rule.id, self._room, t_s, course.case, stage, {Reason.HELD_S: held_s})


def signal_of(
    rule: str, room: Room, t_s: float, case: Case, stage: Stage, why: Mapping[Reason, float] | None = None
) -> RuleSignal:
    """What is said of a case; of its own numbers and `why`, those that are not known are left out."""
    track = None if isinstance(case.about, str) else case.about
    zone = case.zone or (track.zones[0] if track and track.zones else None)
    known = {**(why or {}), **case.why}
    return RuleSignal(
        rule=rule,
        stage=stage,
        t_s=t_s,
        track=track.id if track else 0,
        zone=zone,
        home=track.home if track else room.home_of(zone),
        label=track.label if track else case.label,
        way=case.way,
        count=case.count,
        why=numbers_of(known),
    )


def numbers_of(why: Mapping[Reason, float]) -> dict[Reason, float]:
    """As a signal can carry them, without those that are not known."""
    return {reason: min(value, MOST) for reason, value in why.items() if not math.isnan(value)}
