"""Somebody or something comes into a place, or into view."""

import math
from collections.abc import Iterable, Iterator, Sequence

from semcam.contract.rules import EnteredRule
from semcam.contract.signal import Reason, RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.pace import Paced
from semcam.rules.places import is_inside, labelled, zone_of
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import Track
from semcam.tracking.reunion import Reunion

STARTING_S = 2.0
"""Whoever is first seen, inside, so soon after the camera starts or the rule's hours begin was there already."""
OUTSIDE_S = 1.0
"""Whoever was there already and is seen outside for so long may come in again: feet at the edge tremble."""


class Entered:
    """Told once somebody who was outside, or was not there, has been seen inside for `hold`.

    Told again only after `clear_after` outside. What is inside when the camera starts, or when the rule's hours begin,
    has not entered. Who is lost inside and found near by within seconds has not left (see tracking/reunion.py).
    """

    def __init__(self, rule: EnteredRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._schedule = Schedule.of(rule)
        # what it waits for is how long somebody was seen inside, which is not how long they are believed to be there
        self._holding = Holding(rule.model_copy(update={"hold": 0.0}), room)
        self._reunion = Reunion(room.aspect)
        self._paced = Paced(room)
        self._open_since_s: float | None = None
        self._inside_since_s: dict[int, float] = {}
        self._outside_since_s: dict[int, float] = {}
        self._was_there: set[int] = set()

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        if not self._schedule.is_open(self._room.local(t_s)):
            self._open_since_s = None
        elif self._open_since_s is None:
            self._open_since_s = t_s
        known = list(labelled(self._rule.labels, self._reunion.step(t_s, tracks)))
        for track in known:
            self._follow(t_s, track)
        self._forget({track.id for track in known})
        return list(self._paced.step(t_s, self._holding.step(t_s, map(self._case, known))))

    def _follow(self, t_s: float, track: Track) -> None:
        """Keep book of who is inside, since when, and who was there before the rule began to look."""
        is_new = track.id not in self._inside_since_s and track.id not in self._outside_since_s
        if is_inside(self._rule, track):
            self._outside_since_s.pop(track.id, None)
            self._inside_since_s.setdefault(track.id, t_s)
            if self._open_since_s is None or (is_new and track.first_seen_s <= self._open_since_s + STARTING_S):
                self._was_there.add(track.id)
        else:
            self._inside_since_s.pop(track.id, None)
            if t_s - self._outside_since_s.setdefault(track.id, t_s) >= OUTSIDE_S:
                self._was_there.discard(track.id)

    def _case(self, track: Track) -> Case:
        seen_s = track.last_seen_s - self._inside_since_s.get(track.id, math.nan)
        why = {Reason.HELD_S: seen_s}
        return Case(track, self._conditions(track, seen_s), zone=zone_of(self._rule, track), why=why)

    def _conditions(self, track: Track, seen_s: float) -> Iterator[Condition]:
        if track.id not in self._inside_since_s:
            yield Condition(False, "outside its zones")
        if self._holding.is_told(track.id):
            return  # it is over only when they are outside
        was_there = track.id in self._was_there
        yield Condition(not was_there, "was there already" if was_there else "came in", nearness=0.5)
        yield Condition(seen_s >= self._rule.hold, "seen inside for", seen_s, self._rule.hold, " s")

    def _forget(self, known: set[int]) -> None:
        self._inside_since_s = {id: since_s for id, since_s in self._inside_since_s.items() if id in known}
        self._outside_since_s = {id: since_s for id, since_s in self._outside_since_s.items() if id in known}
        self._was_there &= known
