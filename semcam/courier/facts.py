"""What there is to say about one step of an alarm: from the signal, the rule and the names in the configuration."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import NamedTuple

from semcam.contract.config import Camera
from semcam.contract.labels import ANIMALS, PERSON
from semcam.contract.rules import AbsenceRule, AnyRule, LineCrossedRule, OccupancyRule
from semcam.contract.signal import Reason, RuleSignal, Stage, View, Way
from semcam.contract.text import Language, Text, in_language

VEHICLES = frozenset({"bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"})
MOVERS = ANIMALS | VEHICLES | {PERSON}
"""They come and go; other things are brought and taken."""

_LASTED = (Reason.DOWN_S, Reason.STILL_S, Reason.MOVING_S, Reason.HELD_S, Reason.SEEN_S)
"""What says how long it has lasted: the first that is known says it best."""


class Named(NamedTuple):
    """The names, in one language. None where the configuration gives none."""

    who: str | None = None
    place: str | None = None
    zone: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Closed words, numbers, and names that a person gave. What is None is not known, and not said."""

    kind: str
    """The rule's kind, or `camera_fault`, `rule_fault`, `view_lost`."""
    stage: Stage
    _: KW_ONLY
    rule: str = ""
    camera: str = ""
    """Their ids."""
    time: str = ""
    """The wall clock at the camera: 22:05."""
    who: Text | None = None
    """Whose place it is; animals, things and cameras are not named after them."""
    place: Text | None = None
    zone: Text | None = None
    line: Text | None = None
    spot: str | None = None
    """The id of the line, or of the zone."""
    label: str | None = None
    """What it is about; None for several kinds of things together."""
    count: int | None = None
    seconds: float | None = None
    """For how long it has lasted."""
    way: Way | None = None
    crossings: int | None = None
    """Over a line that way, today."""
    mixed: bool = False
    """Whether several kinds of things were counted together."""
    more_than: int | None = None
    fewer_than: int | None = None
    """The limit that a place must keep."""
    view: View | None = None
    """Why the camera does not see."""
    by: str | None = None
    """By what time of day somebody should have been seen."""

    def named(self, language: Language) -> Named:
        """The names in `language`, without spare spaces."""
        texts = (self.who, self.place, self.zone, self.line)
        return Named(*(None if text is None else _tidy(in_language(text, language)) for text in texts))


def facts_of(signal: RuleSignal, rule: AnyRule, camera: Camera) -> Facts:
    """What a signal says, in the light of the rule that sent it."""
    line = rule.line if isinstance(rule, LineCrossedRule) else None
    mixed = isinstance(rule, OccupancyRule | LineCrossedRule) and len(rule.labels) > 1
    return Facts(
        kind=rule.kind,
        stage=signal.stage,
        rule=rule.id,
        place=camera.place,
        # a configuration may have lost a zone in which something still burns
        zone=camera.zones[signal.zone].name if signal.zone in camera.zones and not line else None,
        line=camera.lines[line].name if line else None,
        spot=line or signal.zone,
        # a place with several kinds of things in it cannot be told by one of them
        label=None if mixed and isinstance(rule, OccupancyRule) else signal.label,
        count=signal.count,
        seconds=next((signal.why[reason] for reason in _LASTED if reason in signal.why), None),
        way=signal.way,
        crossings=_crossings(signal.way, signal.why),
        mixed=mixed,
        more_than=rule.more_than if isinstance(rule, OccupancyRule) else None,
        fewer_than=rule.fewer_than if isinstance(rule, OccupancyRule) else None,
        by=rule.by if isinstance(rule, AbsenceRule) else None,
    )


def in_words(id: str) -> str:
    """An id as a person reads it: `two_people_at_night` is two people at night."""
    return " ".join(id.replace("_", " ").replace("-", " ").split())


def _crossings(way: Way | None, why: Mapping[Reason, float]) -> int | None:
    crossings = why.get(Reason.INS if way is Way.IN else Reason.OUTS) if way else None
    return None if crossings is None else round(crossings)


def _tidy(name: str) -> str | None:
    return " ".join(name.split()) or None
