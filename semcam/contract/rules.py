"""What each kind of rule can be told, as pydantic models: the `rules:` part of semcam.yaml."""

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from semcam.contract.base import Frozen, Id, Label
from semcam.contract.labels import BEAR, LARGE_ANIMAL

_UNITS_S = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h)\s*$")


def _seconds(value: Any) -> Any:
    """`5s`, `30min`, `1.5h`, `500ms`, or a plain number of seconds."""
    if isinstance(value, str):
        match = _DURATION.match(value)
        if not match:
            raise ValueError(f"{value!r} is not a duration; write it like 5s, 30min or 1.5h")
        return float(match[1]) * _UNITS_S[match[2]]
    return value


Duration = Annotated[float, BeforeValidator(_seconds), Field(ge=0, le=7 * 24 * 3600)]


class Severity(StrEnum):
    """How loud an event is meant to be."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class _Rule(Frozen):
    id: Id
    severity: Severity = Severity.WARNING


class FallRule(_Rule):
    """Somebody who was up goes down fast and stays down."""

    kind: Literal["fall"] = "fall"
    severity: Severity = Severity.CRITICAL
    confirm_after: Duration = Field(default=3.0, description="time down until the fall is confirmed")
    clear_after: Duration = Field(default=1.5, description="time up again until the alarm is cleared")
    min_drop: Annotated[float, Field(ge=0, le=2)] = Field(
        default=0.2, description="least way the shoulders sink, in the person's own standing heights"
    )
    min_speed: Annotated[float, Field(ge=0, le=10)] = Field(
        # trunks that fall pass 1.3 m/s downwards, trunks that lie down do not (Bourke 2008), at 1.65 m of height
        default=0.8,
        description="fastest sinking from which a way down is a fall, in own standing heights per second",
    )


class SightingRule(_Rule):
    """Something with one of the labels is in view for a time."""

    kind: Literal["sighting"] = "sighting"
    labels: Annotated[tuple[Label, ...], Field(min_length=1)] = (BEAR, LARGE_ANIMAL)
    after: Duration = Field(default=1.0, description="time in view until it is reported")
    clear_after: Duration = Field(default=10.0, description="time out of view until the alarm is cleared")


Rule = Annotated[FallRule | SightingRule, Field(discriminator="kind")]

RULE_KINDS: tuple[str, ...] = ("fall", "sighting")
