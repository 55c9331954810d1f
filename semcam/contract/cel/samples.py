"""Moments to try an expression on before anything is in view: what fails on these would fail some day."""

from collections.abc import Iterable, Mapping

from semcam.contract.labels import LABELS, PERSON
from semcam.contract.seen import MOST_OBJECTS, MOST_PEOPLE, POSTURES, WORDS, Object, Person, Seen, Time, Zone


def samples(zones: Iterable[str]) -> Mapping[str, Seen]:
    """By when they are; `zones` are those that the expression names."""
    ids = tuple(zones) or ("zone",)
    midnight, evening = Time(0, 0, 0, "mon"), Time(23, 59, 1439, "sun")
    return {
        "when nobody is in view": _moment((), (), ids, midnight),
        "when somebody outside all zones is in view": _moment((_person(1, ()),), (_object(2, ()),), ids, midnight),
        "when much is in view": _moment(
            tuple(_person(id, ids) for id in range(MOST_PEOPLE)),
            tuple(_object(id, ids) for id in range(MOST_PEOPLE, MOST_PEOPLE + MOST_OBJECTS)),
            ids,
            evening,
        ),
    }


def _person(id: int, zones: tuple[str, ...]) -> Person:
    return Person(id, POSTURES[id % len(POSTURES)], zones, id / MOST_PEOPLE, 0.5, 0.25, float(id))


def _object(id: int, zones: tuple[str, ...]) -> Object:
    return Object(id, WORDS["label"][id % len(WORDS["label"])], zones, 0.5, id / 100, 0.125, float(id))


def _moment(people: tuple[Person, ...], objects: tuple[Object, ...], ids: tuple[str, ...], time: Time) -> Seen:
    zones = {
        id: Zone(sum(id in person.zones for person in people), sum(id in thing.zones for thing in objects))
        for id in ids
    }
    count = dict.fromkeys(LABELS, 0)
    for thing in objects:
        count[thing.label] += 1
    return Seen(people, objects, zones, count | {PERSON: len(people)}, time)
