"""Somebody or something crosses a line; each crossing is counted."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from semcam.contract.rules import LineCrossedRule
from semcam.contract.signal import Reason, RuleSignal, Stage, Way
from semcam.rules.condition import Asked, Condition, ask
from semcam.rules.holding import Case, signal_of
from semcam.rules.pace import MOST, Pace
from semcam.rules.places import is_inside, labelled, zone_of
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.geometry import diagonal
from semcam.tracking.lines import Point, Tripwire
from semcam.tracking.observation import PostureKind, Track
from semcam.tracking.reunion import Reunion
from semcam.tracking.zones import whereabouts

CLEAR = 0.02
"""Frame heights from the line at which somebody has it behind them: feet on a line tremble."""
CLEAR_FOR_S = 0.3
"""Time for which they must have: one odd frame is no crossing."""
LEAP = 0.5
"""A body that is elsewhere all of a sudden is not the same one: further than this, in own sizes, ..."""
LEAP_PER_S = 4.0
"""... and so much more for each second since it was last seen. Runners do three sizes a second."""


@dataclass(slots=True)
class _Course:
    """How somebody has gone since they were last clear of the line."""

    track: Track
    at: Point
    net: int = 0
    """How often they went over the line inwards, less how often outwards, since they were last clear of it."""
    clear_since_s: float = math.nan


@dataclass(slots=True)
class _Tally:
    """What was counted in one way."""

    count: int = 0
    crossed_s: float = 0.0
    """When the last one crossed."""
    untold: Track | None = None
    """Who that was, where it has not been told yet."""
    untold_since_s: float = 0.0

    def add(self, t_s: float, track: Track, told: bool) -> None:
        """One more; `told` says whether this way is to be told at all."""
        self.count, self.crossed_s = self.count + 1, t_s
        if told:
            self.untold_since_s = t_s if self.untold is None else self.untold_since_s
            self.untold = track


class LineCrossed:
    """Counts at the moment in which somebody who went over the line is clear of it, on its other side.

    Only what goes through the line itself counts, not what goes round its ends. Counts begin anew at midnight, local
    time. All are counted; in a crowd, one signal tells of several: its numbers say how many there were so far.
    """

    def __init__(self, rule: LineCrossedRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._line = Tripwire(room.lines[rule.line], room.aspect)
        self._schedule = Schedule.of(rule)
        self._reunion = Reunion(room.aspect)
        self._pace = Pace(room)
        self._day: int | None = None
        self._courses: dict[int, _Course] = {}
        self._tallies = {Way.IN: _Tally(), Way.OUT: _Tally()}
        self.asked: list[Asked] = []

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        self.asked = []
        signals = list(self._new_day(t_s))
        known = {track.id: track for track in labelled(self._rule.labels, self._reunion.step(t_s, tracks))}
        for track in known.values():
            if track.visible:
                self._follow(t_s, track)
        for id, course in list(self._courses.items()):
            if id not in known:
                self._end(t_s, course)
                del self._courses[id]
        return [*signals, *self._tell(t_s)]

    def _new_day(self, t_s: float) -> Iterator[RuleSignal]:
        """At midnight, what is still untold of the old day is told, then all is counted anew."""
        today = self._room.local(t_s).day
        if self._day not in (None, today):
            yield from (self._say(way) for way in Way if self._tallies[way].untold)
            self._tallies = {way: _Tally() for way in Way}
        self._day = today

    def _follow(self, t_s: float, track: Track) -> None:
        # by the feet whatever the posture: who bends over the line has not crossed it
        at = whereabouts(track.box, PostureKind.UNKNOWN, self._room.aspect, self._room.view)
        course = self._courses.get(track.id)
        if course and _leaps(course, track, at):
            self._end(t_s, course)
            course = None
        if course is None:
            self._courses[track.id] = course = _Course(track, at)
        passed, distance = self._line.passes(course.at, at), self._line.distance(at)
        course.track, course.at, course.net = track, at, course.net + passed
        if distance < CLEAR:
            course.clear_since_s = math.nan
        elif passed or math.isnan(course.clear_since_s):
            course.clear_since_s = t_s
        clear_s = t_s - course.clear_since_s
        self._judge(t_s, course, Condition(clear_s >= CLEAR_FOR_S, "clear of it for", clear_s, CLEAR_FOR_S, " s"))

    def _end(self, t_s: float, course: _Course) -> None:
        """Whoever was lost right behind the line has gone on the way they went."""
        self._judge(t_s, course, Condition(True, "not seen again"))

    def _judge(self, t_s: float, course: _Course, is_past: Condition) -> None:
        """Count a crossing once it is one."""
        conditions = ask(self._crossing(t_s, course, is_past))
        if all(condition.met for condition in conditions):
            way = Way.IN if course.net > 0 else Way.OUT
            told = self._rule.direction in ("both", way)
            self._tallies[way].add(t_s, course.track, told)
            conditions = (*conditions, Condition(told, f"the way {way}" if told else f"the way {way} is not told"))
        self.asked.append(Asked(course.track, Stage.CONFIRMED, conditions))
        if is_past.met:
            course.net = 0

    def _crossing(self, t_s: float, course: _Course, is_past: Condition) -> Iterator[Condition]:
        distance = self._line.distance(course.at)
        away = f"on this side of the line, {distance:.2f} away"
        yield Condition(course.net != 0, "went over the line" if course.net else away, nearness=1 / (1 + 10 * distance))
        yield is_past
        if not self._schedule.is_open(self._room.local(t_s)):
            yield Condition(False, "out of its hours")
        if not is_inside(self._rule, course.track):
            yield Condition(False, "outside its zones")

    def _tell(self, t_s: float) -> Iterator[RuleSignal]:
        """What the pace allows, the longest untold first."""
        while waiting := [way for way in Way if self._tallies[way].untold]:
            if not self._pace.left(t_s):
                return
            self._pace.spend()
            yield self._say(min(waiting, key=lambda way: self._tallies[way].untold_since_s))

    def _say(self, way: Way) -> RuleSignal:
        tally = self._tallies[way]
        assert tally.untold is not None
        why = {Reason.INS: float(self._tallies[Way.IN].count), Reason.OUTS: float(self._tallies[Way.OUT].count)}
        zone = zone_of(self._rule, tally.untold)
        case = Case(tally.untold, zone=zone, way=way, count=min(tally.count, MOST), why=why)
        tally.untold = None
        return signal_of(self._rule.id, self._room, tally.crossed_s, case, Stage.CONFIRMED)


def _leaps(course: _Course, track: Track, at: Point) -> bool:
    """Whether a body is further from where it was than any could get."""
    away_s = track.t_s - course.track.last_seen_s
    return math.dist(course.at, at) > (LEAP + LEAP_PER_S * away_s) * diagonal(track.box)
