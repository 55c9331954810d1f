"""Event: what semcam publishes. CloudEvents 1.0, structured JSON, at most 2 kB of UTF-8."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from semcam.contract.base import Frozen, Id, Label, Measure
from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.errors import Trouble
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
VIEW_LOST = "view_lost"
"""The camera works and does not see; `data.reason` says why."""
VIEW_RESTORED = "view_restored"
"""It sees again: the last step of a `view_lost`, under a name of its own; `data.lasted_s` says how much was lost."""
FAULTS = (CAMERA_FAULT, RULE_FAULT, VIEW_LOST)
"""What the courier tells of the camera itself."""
RESERVED = (*FAULTS, VIEW_RESTORED)
"""No rule is called so."""


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
    reason: View | Trouble | None = None
    """Why the camera does not see, did not, or has stopped."""
    since: str | None = None
    """From when on it has not seen, RFC 3339: some seconds before it was told."""
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


class LostDay(Frozen):
    """For how long of one day a camera did not see."""

    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    """By the calendar at the camera."""
    seconds: Annotated[int, Field(ge=0)]


class Status(Frozen):
    """The retained word on whether a camera can be relied on."""

    state: Literal["online", "offline"]
    view: View | None = None
    fps: Annotated[float, Field(ge=0)] | None = None
    age_ms: Annotated[int, Field(ge=0)] | None = None
    """How old pictures were at most, in the last minute, when their judgement was said; coarsely, rounded up."""
    last_frame: str | None = None
    """RFC 3339: when a picture was looked at last, told once a minute while they come, and exactly once they do not."""
    lost_by_day: Annotated[tuple[LostDay, ...], Field(max_length=8)] | None = None
    """Today first, then up to seven days of the last week on which it did not see for a while."""
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
