"""Whatever somebody's own expression says of what is in view, for a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from semcam.contract.expression import expression
from semcam.contract.labels import LABELS, PERSON
from semcam.contract.local_time import LocalTime
from semcam.contract.rule_base import WEEKDAYS
from semcam.contract.rules import WhenRule
from semcam.contract.seen import MOST_OBJECTS, MOST_PEOPLE, MOST_ZONES_OF_ONE, Object, Person, Seen, Time, Zone
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.places import IN_VIEW, is_inside
from semcam.rules.room import Room
from semcam.tracking.observation import Track
from semcam.tracking.zones import whereabouts

SEEN_WITHIN_S = 1.0
"""Who was seen within this time counts as in view: models blink, and the detector looks twice a second."""
_MOST_TOLD = 999


class When:
    """confirmed → cleared, for the place as a whole: an expression is true of a moment, not of anybody."""

    def __init__(self, rule: WhenRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._holding = Holding(rule, room)
        self._expression = expression(rule.when)
        # told of a zone only where there is no doubt which
        self._zone = rule.zones[0] if len(rule.zones) == 1 else None
        labels = self._expression.labels
        self._label = next(iter(labels)) if len(labels) == 1 else PERSON

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge the moment `t_s`.

        Raises:
            ExpressionError: the expression comes to no answer.
        """
        return list(self._holding.step(t_s, self._cases(t_s, tracks)))

    def _cases(self, t_s: float, tracks: tuple[Track, ...]) -> Iterator[Case]:
        seen = self._see(t_s, tracks)
        holds = self._expression.holds(seen)
        words = f"{'true' if holds else 'false'} with {_in_words(seen)}"
        yield Case(
            about=self._zone or IN_VIEW,
            conditions=(Condition(holds, words),),
            zone=self._zone,
            label=self._label,
            count=min(seen.count[self._label], _MOST_TOLD),
        )

    def _see(self, t_s: float, tracks: tuple[Track, ...]) -> Seen:
        """The moment in the public names of `contract.seen`."""
        in_view = [track for track in tracks if t_s - track.last_seen_s <= SEEN_WITHIN_S]
        meant = [track for track in in_view if is_inside(self._rule, track)]
        people = [self._person(track) for track in meant if track.label == PERSON]
        objects = [self._object(track) for track in meant if track.label != PERSON]
        count = dict.fromkeys(LABELS, 0)
        for track in meant:
            count[track.label] += 1
        return Seen(
            tuple(people[:MOST_PEOPLE]),
            tuple(objects[:MOST_OBJECTS]),
            _by_zone(self._room.zones, in_view),
            count,
            _time(self._room.local(t_s)),
        )

    def _person(self, track: Track) -> Person:
        x, y = self._place(track)
        posture = track.posture.kind.value
        return Person(track.id, posture, track.zones[:MOST_ZONES_OF_ONE], x, y, _height(track), _seen_s(track))

    def _object(self, track: Track) -> Object:
        x, y = self._place(track)
        return Object(track.id, track.label, track.zones[:MOST_ZONES_OF_ONE], x, y, _height(track), _seen_s(track))

    def _place(self, track: Track) -> tuple[float, float]:
        """Where it is, in fractions of the picture."""
        x, y = whereabouts(track.box, track.posture.kind, self._room.aspect, self._room.view)
        return x / self._room.aspect, y


def _height(track: Track) -> float:
    return float(track.box[3] - track.box[1])


def _seen_s(track: Track) -> float:
    return track.last_seen_s - track.first_seen_s


def _by_zone(zones: Sequence[str], tracks: Iterable[Track]) -> Mapping[str, Zone]:
    people, objects = dict.fromkeys(zones, 0), dict.fromkeys(zones, 0)
    for track in tracks:
        counted = people if track.label == PERSON else objects
        for zone in track.zones:
            counted[zone] += 1
    return {zone: Zone(people[zone], objects[zone]) for zone in zones}


def _time(now: LocalTime) -> Time:
    minute = int(now.minute)
    return Time(minute // 60, minute % 60, minute, WEEKDAYS[now.weekday])


def _in_words(seen: Seen) -> str:
    """What was in view, for who asks why nothing was told."""
    among = {label: count for label, count in seen.count.items() if count}
    found = [f"{count} {label.replace('_', ' ')}" for label, count in sorted(among.items())]
    return f"{', '.join(found) or 'nobody'} at {seen.time.hour:02}:{seen.time.minute:02}"
