"""What every rule of the configuration has: severity, zones, hours, a message; and how times are written."""

import re
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, ConfigDict, Field

from semcam.contract.base import Frozen, Id, Label
from semcam.contract.labels import PERSON
from semcam.contract.message import Message

_UNITS_S = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h)\s*$")
_TIME_OF_DAY = re.compile(r"^([01]?\d|2[0-4]):([0-5]\d)$")


def _seconds(value: Any) -> Any:
    """`5s`, `30min`, `1.5h`, `500ms`, or a plain number of seconds."""
    if isinstance(value, str):
        match = _DURATION.match(value)
        if not match:
            raise ValueError(f"{value!r} is not a duration; write it like 5s, 30min or 1.5h")
        return float(match[1]) * _UNITS_S[match[2]]
    return value


def minutes(time_of_day: str) -> int:
    """Minutes since midnight of `22:30`; 1440 for `24:00`.

    Raises:
        ValueError: it is no time of day.
    """
    match = _TIME_OF_DAY.match(time_of_day)
    if not match or (total := int(match[1]) * 60 + int(match[2])) > 24 * 60:
        raise ValueError(f'{time_of_day!r} is not a time of day; write it like "22:00"')
    return total


def _is_time(value: str) -> str:
    minutes(value)
    return value


def _some_time(hours: tuple[str, str]) -> tuple[str, str]:
    if minutes(hours[0]) % 1440 == minutes(hours[1]) % 1440 and hours != ("00:00", "24:00"):
        raise ValueError("begins when it ends and covers no time; give two different times, or leave it out for always")
    return hours


def _listed(value: Any) -> Any:
    """One name stands for a list of one."""
    if isinstance(value, list):
        return tuple(value)
    return (value,) if isinstance(value, str) else value


Duration = Annotated[
    float,
    BeforeValidator(_seconds, json_schema_input_type=float | Annotated[str, Field(pattern=_DURATION.pattern)]),
    Field(ge=0, le=7 * 24 * 3600),
]
"""Seconds."""
TimeOfDay = Annotated[
    str, AfterValidator(_is_time), Field(json_schema_extra={"pattern": r"^(([01]?\d|2[0-3]):[0-5]\d|24:00)$"})
]
Hours = Annotated[tuple[TimeOfDay, TimeOfDay], AfterValidator(_some_time)]
"""From the first to the second time of day, across midnight where the second is the earlier one."""
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Zones = Annotated[tuple[Id, ...], BeforeValidator(_listed, json_schema_input_type=Id | tuple[Id, ...])]
Labels = Annotated[
    tuple[Label, ...], BeforeValidator(_listed, json_schema_input_type=Label | tuple[Label, ...]), Field(min_length=1)
]


class Severity(StrEnum):
    """How loud an event is meant to be."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class RuleBase(Frozen):
    """What all rules share."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    momentary: ClassVar[bool] = False
    """Whether it tells of a moment, which is over once it is told, rather than of a state that goes on."""

    id: Id
    severity: Severity = Severity.WARNING
    zones: Zones = Field(default=(), description="only there; without it, anywhere in view")
    between: Hours | None = Field(default=None, description='local hours, such as ["22:00", "06:00"]; default: always')
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = Field(
        default=(), description="days on which those hours begin; default: every day"
    )
    cooldown: Duration = Field(
        default=0.0, description="after an alarm, time for which the same rule is silent about the same person or place"
    )
    message: Message | None = Field(default=None, description="own sentence for what is confirmed, fields in braces")

    @property
    def wants_things(self) -> bool:
        """Whether it asks for anything but people: animals, bags, vehicles."""
        return False


def _with_after(schema: dict[str, Any]) -> None:
    """`after` is another name for `for`: some rules read better with it."""
    properties = schema.get("properties", {})
    if "for" in properties:
        properties["after"] = properties["for"]


def hold(default_s: float, description: str) -> Any:
    """The field for how long something must last, which is written `for` or `after`."""
    return Field(
        default=default_s,
        validation_alias=AliasChoices("for", "after"),
        serialization_alias="for",
        description=description,
    )


class HoldRule(RuleBase):
    """A rule that speaks once something has lasted for a time."""

    model_config = ConfigDict(json_schema_extra=_with_after)

    hold: Duration = hold(0.0, "how long it must last until it is told")
    clear_after: Duration = Field(default=5.0, description="time for which it must be over until that is told")


class LabelledRule(HoldRule):
    """One about people, or about whatever else is named."""

    labels: Labels = Field(default=(PERSON,), description="what it is about")

    @property
    def wants_things(self) -> bool:
        """Whether it asks for anything but people: animals, bags, vehicles."""
        return self.labels != (PERSON,)
