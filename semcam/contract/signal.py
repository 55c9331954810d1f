"""Signal: the closed vocabulary of the wall between pixels and text.

A signal is one ASCII line of JSON. There is exactly one spelling of each signal, and a line in any other
spelling is refused, so that neither spaces nor digits can smuggle anything.
"""

import math
from collections import deque
from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from semcam.contract.base import Frozen, Id, Label, Measure, Seconds
from semcam.contract.capture import Given
from semcam.contract.errors import FaultCode, VisionFault, WallError
from semcam.contract.families import Compute, Family, Role
from semcam.contract.privacy import Layers

MAX_LINE_BYTES = 256
BUDGET_BYTES = 2048
BUDGET_WINDOW_S = 60.0
BEAT_BYTES = 96
AGE_STEP_MS, MAX_AGE_MS = 10, 10_000
"""As finely as it helps, and no finer; after so long without a picture, vision is started anew anyway."""


class Stage(StrEnum):
    """The steps of an alarm that the vision side can know."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    UPDATED = "updated"
    CLEARED = "cleared"


class Reason(StrEnum):
    """The numbers that may accompany a signal."""

    TORSO_DEG = "torso_deg"  # torso from vertical, degrees
    DROP = "drop"  # how far the shoulders sank, in own standing heights
    SPEED = "speed"  # the fastest they sank, in own standing heights per second
    DOWN_S = "down_s"  # seconds down so far
    SEEN_S = "seen_s"  # seconds in view
    HELD_S = "held_s"  # seconds for which what the rule waits for has lasted
    STILL_S = "still_s"  # seconds without motion
    MOVING_S = "moving_s"  # seconds on the move, all together
    DISTANCE = "distance"  # to the nearest person, in heights of the picture
    INS = "ins"  # crossings of a line inwards so far
    OUTS = "outs"  # and outwards
    SCORE = "score"  # the model's own confidence, 0 to 1


class Way(StrEnum):
    """In which direction a line was crossed."""

    IN = "in"
    OUT = "out"


def _in_order(why: dict[Reason, float]) -> dict[Reason, float]:
    """One order only: which number comes first must not be able to say anything."""
    return {reason: why[reason] for reason in Reason if reason in why}


class RuleSignal(Frozen):
    """A rule speaks: about one track, or with track 0 about a place."""

    type: Literal["rule"] = "rule"
    rule: Id
    stage: Stage
    t_s: Seconds
    track: Annotated[int, Field(ge=0, lt=10**9)]
    zone: Id | None = None
    home: Annotated[int, Field(ge=0, lt=100)] | None = None
    """In which zone the track began, by its place in the configuration: names come from there."""
    label: Label
    way: Way | None = None
    count: Annotated[int, Field(ge=0, lt=1000)] | None = None
    why: Annotated[dict[Reason, Measure], Field(max_length=6), AfterValidator(_in_order)] = {}

    @property
    def about(self) -> tuple[str, int, str | None]:
        """What makes two signals steps of the same alarm: the rule, and who or which place."""
        return self.rule, self.track, None if self.track else self.zone


class RuleFaultCode(StrEnum):
    """Why a rule was switched off."""

    FAILED = "failed"
    SLOW = "slow"
    FORBIDDEN = "forbidden"  # it tried what the vision process must not do, and that process ends


class RuleFault(Frozen):
    """A rule was switched off; the others go on."""

    type: Literal["rule_fault"] = "rule_fault"
    rule: Id
    code: RuleFaultCode


class View(StrEnum):
    """Whether the camera sees, and if not, why; docs/view.md says how each is told."""

    OK = "ok"
    DARK = "dark"
    BRIGHT = "bright"  # blinded
    COVERED = "covered"
    BLURRED = "blurred"  # out of focus, or fogged
    FROZEN = "frozen"
    MOVED = "moved"
    COLOURS = "colours"  # they are wrong
    NO_FRAMES = "no_frames"  # a network camera that gives no pictures for the time being
    LATE = "late"  # pictures come, but old


NOTICED_AFTER_S = 8.0
"""For so long the camera must not have seen before that is said: whoever walks past the lens is no news."""
FROZEN_AFTER_S = 11.0
"""The same for one and the same picture: streams repeat some by themselves."""


NO_FRAMES_AFTER_S = 6.0
"""The same for no pictures at all: sooner than the courier loses patience."""


def noticed_after_s(view: View) -> float:
    """For how long it has been so when it is said first: that time is lost as well."""
    return {View.FROZEN: FROZEN_AFTER_S, View.NO_FRAMES: NO_FRAMES_AFTER_S}.get(view, NOTICED_AFTER_S)


class Beat(Frozen):
    """A heartbeat, sent once a second of source time and fed by frames: no frames, no beat.

    Only of a camera that is reached by a relay it is said in so many words that there are none (`no_frames`): what
    may bring them back is the relay, not a new vision process.
    """

    type: Literal["beat"] = "beat"
    t_s: Seconds
    frames: Annotated[int, Field(ge=0, lt=10**10)]
    view: View = View.OK
    age_ms: Annotated[int, Field(ge=0, le=MAX_AGE_MS, multiple_of=AGE_STEP_MS)] | None = None
    """How old the oldest picture since the last beat was when its judgement was said; None where it was not live."""


def age_of(age_s: float) -> int:
    """As a beat says it: milliseconds, rounded up to a full step."""
    return min(max(0, math.ceil(age_s * 1000 / AGE_STEP_MS) * AGE_STEP_MS), MAX_AGE_MS)


class Privacy(Frozen):
    """What keeps this process from storing or sending anything; said once, before anything is looked at."""

    type: Literal["privacy"] = "privacy"
    layers: Layers


class Ready(Frozen):
    """Models are loaded and the source is open; `length_s` is 0 where the source has no end."""

    type: Literal["ready"] = "ready"
    length_s: Seconds = 0.0
    compute: Compute = Compute.CPU
    """What computes."""


class Ended(Frozen):
    """The source came to its end."""

    type: Literal["ended"] = "ended"
    t_s: Seconds
    frames: Annotated[int, Field(ge=0, lt=10**10)]


class Fault(Frozen):
    """The vision process gives up."""

    type: Literal["fault"] = "fault"
    code: FaultCode
    role: Role | None = None
    """Which of the two models it is about, where it is about one."""
    looks_like: Family | None = None
    """Whose answer the model's looks like, where it is not the one that was said."""
    classes: Annotated[int, Field(ge=0, lt=10_000)] | None = None
    """How many classes the model knows, where there is another number of labels."""
    given: Given | None = None
    """What the camera gives, where it was asked for something else."""

    @classmethod
    def of(cls, fault: VisionFault) -> Self:
        """A fault in words."""
        return cls(
            code=fault.code, role=fault.role, looks_like=fault.looks_like, classes=fault.classes, given=fault.given
        )


Signal = RuleSignal | RuleFault | Beat | Privacy | Ready | Ended | Fault

_adapter: TypeAdapter[Signal] = TypeAdapter(Annotated[Signal, Field(discriminator="type")])


def to_line(signal: Signal) -> bytes:
    """Spell a signal as its one line, newline included.

    Raises:
        WallError: the line would be longer than 256 bytes.
    """
    line = signal.model_dump_json(exclude_none=True).encode("ascii")
    if isinstance(signal, Beat):  # fixed size: the length of a heartbeat says nothing
        line = line.ljust(BEAT_BYTES - 1)
    if len(line) + 1 > MAX_LINE_BYTES:
        raise WallError(f"a signal of {len(line) + 1} bytes is longer than {MAX_LINE_BYTES}; shorten the rule's id")
    return line + b"\n"


def from_line(line: bytes) -> Signal:
    """Read one line, newline included, and refuse whatever `to_line` would not have written.

    Raises:
        WallError: too long, not JSON, outside the vocabulary, or in another spelling.
    """
    if len(line) > MAX_LINE_BYTES:
        raise WallError(f"a line of more than {MAX_LINE_BYTES} bytes came through the wall")
    try:
        signal = _adapter.validate_json(line)
    except ValidationError as error:
        # the content is not repeated: it could be anything, pixels included
        raise WallError(f"a line outside the vocabulary came through the wall ({error.error_count()} faults)") from None
    if to_line(signal) != line:
        raise WallError("a line in a spelling of its own came through the wall")
    return signal


class ByteBudget:
    """Counts the bytes of the last minute against the limit; the caller says what time it is."""

    def __init__(self, limit: int = BUDGET_BYTES, window_s: float = BUDGET_WINDOW_S) -> None:
        self._limit = limit
        self._window_s = window_s
        self._spent: deque[tuple[float, int]] = deque()
        self._total = 0

    def left(self, now_s: float) -> int:
        """Bytes that may still be sent at `now_s`."""
        while self._spent and self._spent[0][0] <= now_s - self._window_s:
            self._total -= self._spent.popleft()[1]
        return self._limit - self._total

    def spend(self, now_s: float, size: int) -> None:
        """Book `size` bytes at `now_s`.

        Raises:
            WallError: the budget does not allow it.
        """
        if size > self.left(now_s):
            raise WallError(f"more than {self._limit} bytes of signals within {self._window_s:.0f} s")
        self._spent.append((now_s, size))
        self._total += size


class Wall:
    """The courier's side of the wall: every line is parsed, checked and counted before anything acts on it."""

    def __init__(self, rules: Collection[str], zones: Collection[str]) -> None:
        """`rules` and `zones` are the ids in the camera's configuration, in its order: no other may be named."""
        self._rules = rules
        self._zones = zones
        self._signals = ByteBudget()
        # one heartbeat a second, and room for a camera that catches up after a pause
        self._beats = ByteBudget(limit=2 * int(BUDGET_WINDOW_S) * BEAT_BYTES)
        self._now_s = 0.0

    def adopt(self, rules: Collection[str], zones: Collection[str]) -> None:
        """From now on these may be named; what was counted is not forgotten."""
        self._rules = rules
        self._zones = zones

    def admit(self, line: bytes, now_s: float | None = None) -> Signal:
        """Check one line; `now_s` is the time it is counted at, the source's own where there is no other clock.

        Raises:
            WallError: the line must not pass.
        """
        signal = from_line(line)
        if isinstance(signal, RuleSignal | RuleFault) and not self._is_configured(signal):
            raise WallError("a rule or zone that is not in the configuration came through the wall")
        # a signal that waited for its turn carries an earlier time than the ones before it
        self._now_s = now_s if now_s is not None else max(self._now_s, getattr(signal, "t_s", 0.0))
        (self._beats if isinstance(signal, Beat) else self._signals).spend(self._now_s, len(line))
        return signal

    def _is_configured(self, signal: RuleSignal | RuleFault) -> bool:
        if isinstance(signal, RuleFault):
            return signal.rule in self._rules
        zone_is_known = signal.zone is None or signal.zone in self._zones
        home_is_known = signal.home is None or signal.home < len(self._zones)
        return signal.rule in self._rules and zone_is_known and home_is_known
