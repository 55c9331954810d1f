"""Event: what semcam publishes. CloudEvents 1.0, structured JSON, at most 2 kB of UTF-8."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from semcam.contract.base import Frozen, Id, Label, Measure
from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.families import Compute
from semcam.contract.privacy import PrivacyReport
from semcam.contract.rule_base import Severity
from semcam.contract.signal import Reason, View, Way
from semcam.contract.text import Language

MAX_EVENT_BYTES = 2048

CAMERA_FAULT = "camera_fault"
"""Raised by the courier itself: the vision process is gone, or says things it must not say."""
RULE_FAULT = "rule_fault"
"""A rule failed or was too slow, and is switched off."""
FAULTS = (CAMERA_FAULT, RULE_FAULT)
"""What the courier tells of the camera itself; no rule is called so."""


class Clock(Frozen):
    """How far the event's time can be trusted: a small board has no clock of its own."""

    synced: bool
    boot: str
    mono_s: Annotated[float, Field(ge=0)]


class MadeBy(Frozen):
    """Which code, models and configuration came to this judgement."""

    semcam: str
    models: str
    config: str


class EventData(Frozen):
    """The part of an event that semcam defines. `schema: 1` only ever gains keys."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    alarm: str
    stage: AlarmStage
    severity: Severity
    rule: Id
    place: str | None = None
    zone: Id | None = None
    who: Id | None = None
    label: Label | None = None
    count: int = 1
    way: Way | None = None
    message: str
    messages: dict[Language, str]
    evidence: dict[Reason, Measure] = {}
    times: Annotated[int, Field(ge=2)] | None = None
    """How often it happened since it was told last, where that was more than once."""
    lasted_s: Annotated[float, Field(ge=0)] | None = None
    """How long the alarm has burned, where it is told again or is over."""
    ending: Ending | None = None
    """How it is known that it is over."""
    by: str | None = None
    """Who acknowledged or closed it, as they call themselves."""
    seq: Annotated[int, Field(ge=1)]
    historical: bool = False
    clock: Clock
    made_by: MadeBy


class Event(Frozen):
    """One step of one alarm, as a CloudEvent."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: Annotated[str, Field(pattern=r"^semcam\.[a-z0-9_]+$")]
    time: str
    subject: Id | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    data: EventData

    @property
    def kind(self) -> str:
        """What happened, in one word: fall, bear, camera_fault."""
        return self.type.removeprefix("semcam.")

    def to_json(self) -> str:
        """The event on one line; absent members are left out, as CloudEvents asks."""
        return self.model_dump_json(exclude_none=True, by_alias=True)


class AlarmState(StrEnum):
    """Whether any alarm of a rule burns."""

    ON = "ON"
    OFF = "OFF"


@dataclass(frozen=True, slots=True)
class Alarm:
    """The retained word on a rule: whether any of its alarms burns, and the last event of it where there is one."""

    state: AlarmState
    event: Event | None = None

    def to_json(self) -> str:
        """On one line: the event's own members behind the state."""
        rest = f",{self.event.to_json()[1:]}" if self.event else "}"
        return f'{{"state":"{self.state}"{rest}'


class HeadSpan(Frozen):
    """Which events of one epoch can be asked for: all from `first` to `last`; none where last < first."""

    epoch: str
    first: Annotated[int, Field(ge=0)]
    last: Annotated[int, Field(ge=0)]


class Head(HeadSpan):
    """The retained word on which events can be asked for, of the present epoch and of those before it."""

    before: tuple[HeadSpan, ...] = ()
    """The last few epochs before this one, the oldest first; absent where there are none."""


class Status(Frozen):
    """The retained word on whether a camera can be relied on."""

    state: Literal["online", "offline"]
    view: View | None = None
    fps: Annotated[float, Field(ge=0)] | None = None
    muted_until: str | None = None
    """RFC 3339, where somebody asked for quiet."""
    made_by: MadeBy | None = None
    privacy: PrivacyReport | None = None
    """Whether the kernel keeps pictures in; absent before the camera's process has said so."""
    compute: Compute | None = None
    """What runs the models; absent before they are loaded."""


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC to the millisecond: 2026-11-21T16:00:00.123Z. `moment` must be in UTC."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
