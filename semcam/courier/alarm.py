"""One alarm and what can happen to it: what goes into the alarm book, what comes out, and what is written down."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from semcam.contract.command import Ack, Mute
from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.event import AlarmState
from semcam.contract.rule_base import Severity
from semcam.courier.quiet import QuietState
from semcam.courier.report import Report


@dataclass(frozen=True, slots=True)
class Close:
    """A person says that an alarm is over."""

    alarm: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Restarted:
    """The vision process starts anew, or the courier does: tracks mean nothing any more."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time goes by."""

    watching: bool = True
    """Whether the camera sees."""


Input = Report | Ack | Close | Mute | Restarted | Tick


class Alarm(BaseModel):
    """One alarm from its first step to its last."""

    model_config = ConfigDict(extra="forbid")

    report: Report
    """The latest word on it."""
    about: str
    stage: AlarmStage
    """Suspected, confirmed or acknowledged."""
    severity: Severity
    since_s: float
    """Since when it has been so."""
    confirmed_s: float = 0.0
    id: str | None = None
    """The id of the event that began it."""
    begun: bool = False
    """Whether anything was told of it."""
    burns: bool = False
    """Whether it was told as confirmed."""
    pending: bool = False
    """Whether that is still, or again, to be told."""
    asked_s: float = 0.0
    """Since when somebody is asked to acknowledge it."""
    said_s: float = 0.0
    """When that was said last."""
    updated_s: float | None = None
    repeats: int = 0
    escalated: bool = False
    marks: int = 0
    """How many of the times on the floor have been told."""
    acknowledged_s: float = 0.0
    followed: bool = True
    """Whether the camera can still say that it is over: not once it has started anew."""
    left_s: float = 0.0
    """When it was left to itself."""
    watched_s: float = 0.0
    """How long the camera had been watching by then."""


class BookState(BaseModel):
    """All that must be remembered over a restart."""

    model_config = ConfigDict(extra="forbid")

    now_s: float = 0.0
    run: int = 0
    watching: bool = False
    watched_s: float = 0.0
    alarms: list[Alarm] = []
    quiet: QuietState = QuietState()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to tell."""

    alarm: Alarm
    """For `AlarmBook.name`."""
    stage: AlarmStage
    severity: Severity
    report: Report
    begins: bool
    """Whether it is the first that is told of its alarm."""
    state: AlarmState | None
    """What the retained state of `report.switch` is from here on; None where it stays."""
    lasted_s: float | None = None
    """How long it has been so; None for a suspicion."""
    times: int = 1
    """How often it happened since it was told last, with what was held back."""
    ending: Ending | None = None
    by: str | None = None
    """Who acknowledged or closed it."""
