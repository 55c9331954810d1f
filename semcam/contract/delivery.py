"""How loud alarms are and how much is kept for delivery: the `alarms:` and `outbox:` parts of semcam.yaml."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from semcam.contract.base import Frozen
from semcam.contract.rule_base import Duration

MOST_MEGABYTES = 512


class AlarmStage(StrEnum):
    """The steps of an alarm as they are published: what the vision side knows, and what time and people add."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    UPDATED = "updated"
    REPEATED = "repeated"
    """Said again, because nobody has acknowledged it."""
    ESCALATED = "escalated"
    """Said again, at a higher severity where there is one."""
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"


class Ending(StrEnum):
    """How it is known that an alarm is over."""

    SEEN = "seen"
    """The camera saw it."""
    CLOSED = "closed"
    """A person said so."""
    LAPSED = "lapsed"
    """Nobody saw it: it was acknowledged, or is not seen any more since the camera was started anew."""
    REMOVED = "removed"
    """Its rule is no longer in the configuration."""


class AlarmSettings(Frozen):
    """What becomes of an alarm that nobody acknowledges, and of one that comes again and again."""

    escalate_after: Duration = Field(
        default=300.0, description="time without acknowledgement until it is said at a higher severity; 0s: never"
    )
    repeat_every: Duration = Field(
        default=600.0, description="time without acknowledgement until it is said again; 0s: never"
    )
    repeat_at_most: Annotated[int, Field(ge=0, le=100)] = Field(
        default=6, description="how often it is said again; it burns on without a word"
    )
    long_lie: Annotated[tuple[Duration, ...], Field(max_length=12)] = Field(
        default=(600.0, 1800.0, 3600.0),
        description="times on the floor after which it is said how long it has been, acknowledged or not",
    )
    close_after: Duration = Field(
        default=600.0,
        description="time after the acknowledgement until an alarm that the camera can no longer follow is cleared",
    )
    often: Annotated[int, Field(ge=0, le=100)] = Field(
        default=3,
        description="how many alarms of one rule about the same person or place are told at once within "
        "`often_within`; of what comes more often, only what lasts is told; 0: all",
    )
    often_within: Duration = Field(default=4 * 3600.0, description="the time over which they are counted")
    mute_at_most: Duration = Field(default=4 * 3600.0, description="the longest time for which a camera can be muted")


class OutboxSettings(Frozen):
    """How much of what was told is kept, for each camera; whichever bound is met first counts."""

    rows: Annotated[int, Field(ge=100, le=1_000_000)] = Field(default=20_000, description="events")
    megabytes: Annotated[int, Field(ge=1, le=MOST_MEGABYTES)] = Field(default=32, description="text, in MB")
    days: Annotated[float, Field(gt=0, le=3650)] = Field(default=30.0, description="days")
    fresh_for: Duration = Field(
        default=600.0, description="time after which an event that could not be sent goes out as historical, not as new"
    )
