"""An object that stood at its place is gone."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from semcam.contract.labels import PERSON
from semcam.contract.rules import TakenRule
from semcam.contract.signal import Reason, RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.distance import sameness
from semcam.rules.holding import Case, Holding
from semcam.rules.places import is_inside, zone_of
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.associate import match
from semcam.tracking.geometry import area, intersection, iou
from semcam.tracking.observation import Floats, Track

LONGER_THAN_EVER = 3.0
"""What the detector misses now and then is gone only after so many times the longest break there was before."""
LONGEST_BREAK_S = 30.0
"""No longer one is learned: whatever was away for longer may have been brought back."""
STANDS_ON_S = 5.0
"""What is not seen for no longer than this stood there in between."""
GIVEN_UP_AFTER_S = 10.0
"""What has not stood at a place for long yet, and is not seen there for so long, has gone on."""
COVERS = 0.1
"""Share of a place from which a person's box may hide what stands there."""
SAME_THING_IOU = 0.5
"""Overlap from which something under another label is the same thing, called by another name this time."""
LONGEST_STEP_S = 1.0
"""More than this between two frames says nothing about the time between."""
MOST_PLACES = 100


@dataclass(slots=True)
class Place:
    """Where something stands, or stood."""

    track: Track
    """What stands there, as last seen, under the id by which it was first known."""
    box: Floats
    stood_s: float = 0.0
    """For how long it stood there with nobody before it: what somebody holds or wears does not stand."""
    missed_s: float = 0.0
    """For how long it has not been seen, while nobody was before it."""
    longest_s: float = 0.0
    """The longest that it was ever missed and had not gone."""
    was_visited: bool = False
    """Whether somebody was before it since it was last seen."""

    def needed_s(self, hold_s: float) -> float:
        """How long it must be missed to be gone."""
        return max(hold_s, LONGER_THAN_EVER * self.longest_s)

    def see(self, track: Track, is_hidden: bool, hold_s: float) -> None:
        """Something stands there, and somebody may be before it."""
        if not self.was_visited or self.missed_s < self.needed_s(hold_s):
            self.longest_s = min(max(self.longest_s, self.missed_s), LONGEST_BREAK_S)
        if not is_hidden and track.t_s - self.track.t_s <= STANDS_ON_S:
            self.stood_s += track.t_s - self.track.t_s
        self.missed_s, self.was_visited = 0.0, False
        self.track = replace(track, id=self.track.id, label=self.track.label)

    def miss(self, over_s: float, is_hidden: bool) -> None:
        """Nothing is seen there: the clock stands still while somebody may be before it."""
        self.was_visited = self.was_visited or is_hidden
        self.missed_s += 0.0 if is_hidden else over_s

    def is_behind(self, people: Sequence[Track]) -> bool:
        """Whether somebody's box covers some of it."""
        return any(intersection(person.box, self.box) > COVERS * area(self.box) for person in people)


class Taken:
    """Told once something that stood still is missed at its place for a time; over when something like it is back."""

    def __init__(self, rule: TakenRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._schedule = Schedule.of(rule)
        # the clock that stands still while somebody is before a place is kept here
        self._holding = Holding(rule.model_copy(update={"hold": 0.0}), room)
        self._places: list[Place] = []
        self._before_s = math.nan

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge all places at `t_s`."""
        over_s = 0.0 if math.isnan(self._before_s) else min(t_s - self._before_s, LONGEST_STEP_S)
        self._before_s = t_s
        people = [track for track in tracks if track.label == PERSON]
        things = [track for track in tracks if track.label != PERSON and track.visible]
        self._look(over_s, things, people)
        in_force = self._schedule.is_open(self._room.local(t_s))
        self._places = [place for place in self._places if self._is_worth_keeping(place, in_force)]
        return list(self._holding.step(t_s, [self._case(place) for place in self._places]))

    def _look(self, over_s: float, things: list[Track], people: Sequence[Track]) -> None:
        def similarity(row: int, column: int) -> float:
            return self._similarity(self._places[row], things[column])

        pairs = match(range(len(self._places)), range(len(things)), similarity)
        standing = dict(pairs)
        for row, place in enumerate(self._places):
            if row in standing:
                place.see(things[standing[row]], place.is_behind(people), self._rule.hold)
            else:
                place.miss(over_s, place.is_behind(people))
        for column, track in enumerate(things):
            if column not in standing.values() and self._is_asked_about(track):
                self._begin(track)

    def _begin(self, track: Track) -> None:
        """Something stands where nothing stood before. Each thing has one place: the last where it stood for long."""
        same = next((place for place in self._places if place.track.id == track.id), None)
        if same is None or not self._has_settled(same):
            self._places = [place for place in self._places if place is not same]
            self._places = sorted(self._places, key=lambda place: place.missed_s)[: MOST_PLACES - 1]
            self._places.append(Place(track, track.box))

    def _similarity(self, place: Place, track: Track) -> float:
        is_same = self._is_asked_about(track) or iou(place.box, track.box) >= SAME_THING_IOU
        return sameness(place.box, track.box) if is_same else 0.0

    def _is_asked_about(self, track: Track) -> bool:
        return track.label in self._rule.labels and is_inside(self._rule, track)

    def _has_settled(self, place: Place) -> bool:
        return place.stood_s >= self._rule.settled

    def _is_worth_keeping(self, place: Place, in_force: bool) -> bool:
        if not self._has_settled(place):
            return place.missed_s <= GIVEN_UP_AFTER_S
        # what goes out of hours was put away
        return in_force or place.missed_s < place.needed_s(self._rule.hold)

    def _case(self, place: Place) -> Case:
        why = {Reason.SEEN_S: place.stood_s, Reason.HELD_S: place.missed_s}
        return Case(place.track, self._conditions(place), zone_of(self._rule, place.track), why=why)

    def _conditions(self, place: Place) -> Iterator[Condition]:
        yield Condition(self._has_settled(place), "stood there for", place.stood_s, self._rule.settled, " s")
        needed_s = place.needed_s(self._rule.hold)
        yield Condition(place.missed_s >= needed_s, "not seen there for", place.missed_s, needed_s, " s")
