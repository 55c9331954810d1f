"""What the expression of a `when` rule sees. The names here are public: people write them into semcam.yaml.

docs/rules-when.md is their page. A name may be added, and none is ever taken away or given another meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from semcam.contract.labels import LABELS, PERSON
from semcam.contract.rule_base import WEEKDAYS

POSTURES: tuple[str, ...] = ("upright", "bending", "sitting", "lying", "unknown")

MOST_PEOPLE = 16
MOST_OBJECTS = 64
MOST_ZONES_OF_ONE = 16
"""Lists are no longer than this, so that the work of an expression has a bound. `count` counts everything."""


@dataclass(frozen=True)
class Person:
    """Somebody in view."""

    id: int
    """The track's number: the same from frame to frame, never used again."""
    posture: str
    """One of POSTURES."""
    zones: tuple[str, ...]
    x: float
    """Where they stand, or the middle of who lies: fractions of the picture, 0 left to 1 right."""
    y: float
    """0 at the top to 1 at the bottom."""
    height: float
    """How tall they are in the picture: 1 fills it."""
    seen_s: float
    """Seconds since they came into view."""


@dataclass(frozen=True)
class Object:
    """A thing or an animal in view; the same units."""

    id: int
    label: str
    """One of LABELS, never `person`."""
    zones: tuple[str, ...]
    x: float
    y: float
    height: float
    seen_s: float


@dataclass(frozen=True)
class Zone:
    """How many are in a zone."""

    people: int
    objects: int


@dataclass(frozen=True)
class Time:
    """The wall clock of the camera's place."""

    hour: int
    """0 to 23."""
    minute: int
    """0 to 59."""
    minute_of_day: int
    """Since midnight, 0 to 1439."""
    weekday: str
    """One of WEEKDAYS."""


@dataclass(frozen=True)
class Seen:
    """One moment; its fields are the names that an expression may use."""

    people: tuple[Person, ...]
    objects: tuple[Object, ...]
    zones: Mapping[str, Zone]
    """Each zone of the camera by its id."""
    count: Mapping[str, int]
    """How many of each label are in view; every one of LABELS is a key, `person` too."""
    time: Time


WORDS: Mapping[str, tuple[str, ...]] = {
    "posture": POSTURES,
    "label": tuple(sorted(LABELS - {PERSON})),
    "weekday": WEEKDAYS,
}
"""Fields that hold one word of a few."""
