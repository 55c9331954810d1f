"""People and things of each frame → the tracks that rules judge."""

from itertools import count

import numpy as np

from semcam.contract.config import ViewName
from semcam.contract.labels import ANIMALS, PERSON
from semcam.tracking.geometry import iou, overlap
from semcam.tracking.observation import Objects, People, Posture, Track
from semcam.tracking.people import PeopleTracker, Person
from semcam.tracking.posture import judge, judge_from_above
from semcam.tracking.things import Thing, ThingTracker
from semcam.tracking.zones import ZoneMap

SAME_BODY_IOU = 0.4
SAME_BODY_OVERLAP = 0.7


class Tracker:
    """One id space for everybody and everything that one camera sees.

    What began as a person stays one: a detector that says "dog" of somebody on the floor is overruled by the
    seconds in which that track stood upright. The other way round, a pose found on an animal that never
    stood like a person is the animal.
    """

    def __init__(self, zones: ZoneMap, view: ViewName = "room") -> None:
        ids = count(1)
        centre = np.array([zones.aspect / 2, 0.5], np.float32)
        self._people = PeopleTracker(
            ids, (lambda joints, _: judge_from_above(joints, centre)) if view == "ceiling" else judge
        )
        self._things = ThingTracker(ids)
        self._known_things: list[Thing] = []
        self._zones = zones

    def step(self, people: People, objects: Objects | None) -> tuple[Track, ...]:
        """Everybody and everything known at this moment; `objects` is None where the detector did not look."""
        persons = self._people.step(people)
        if objects is not None:
            self._known_things = self._things.step(objects)
            for person in persons:
                person.called_person |= any(_same_body(person, thing) for thing in self._labelled(PERSON))
        things = [thing for thing in self._known_things if thing.label != PERSON]
        tracks: list[Track] = []
        for person in persons:
            disguised = any(thing.label in ANIMALS and _same_body(person, thing) for thing in things)
            if person.established or not disguised:
                tracks.append(self._person(people.t_s, person))
        for thing in things:
            is_person = any(person.established and _same_body(person, thing) for person in persons)
            if thing.label not in ANIMALS or not is_person:
                tracks.append(self._thing(people.t_s, thing))
        self._zones.forget({track.id for track in tracks})
        return tuple(tracks)

    def _labelled(self, label: str) -> list[Thing]:
        return [thing for thing in self._known_things if thing.label == label]

    def _person(self, t_s: float, person: Person) -> Track:
        return Track(
            id=person.id,
            label=PERSON,
            t_s=t_s,
            first_seen_s=person.first_seen_s,
            last_seen_s=person.last_seen_s,
            box=person.box,
            score=person.score,
            keypoints=person.keypoints,
            posture=person.posture,
            standing_height=person.likely_height,
            stood=bool(person.heights),
            zones=self._zones.holding(person.id, person.box, person.posture.kind),
            home=self._zones.home(person.id),
        )

    def _thing(self, t_s: float, thing: Thing) -> Track:
        return Track(
            id=thing.id,
            label=thing.label,
            t_s=t_s,
            first_seen_s=thing.first_seen_s,
            last_seen_s=thing.last_seen_s,
            box=thing.box,
            score=thing.score,
            zones=self._zones.holding(thing.id, thing.box, Posture().kind),
            home=self._zones.home(thing.id),
        )


def _same_body(person: Person, thing: Thing) -> bool:
    return iou(person.box, thing.box) > SAME_BODY_IOU or (
        thing.label in ANIMALS and overlap(person.box, thing.box) > SAME_BODY_OVERLAP
    )
