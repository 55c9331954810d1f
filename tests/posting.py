"""Events for an outbox, as plain as they can be, moments at which they are told, and a clock that a test sets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from semcam.contract.delivery import AlarmStage, OutboxSettings
from semcam.contract.event import AlarmState, Clock, Event, EventData, MadeBy, timestamp
from semcam.contract.rule_base import Severity
from semcam.courier.delivery import Delivery
from semcam.courier.moment import Moment
from semcam.courier.outbox import Outbox
from semcam.courier.store import Draft, Kept, Row

NOON = 1_790_000_000.0
ROOMY = OutboxSettings()


def at(second: float, *, boot: str = "boot-1", synced: bool = True, leap_s: float = 0.0) -> Moment:
    """So many seconds after noon; `leap_s` is what the clock of the day is wrong by."""
    return Moment(NOON + second + leap_s, synced, boot, second)


@dataclass
class Hands:
    """A wall clock whose hands a test moves; the time of the source says nothing to it."""

    second: float = 0.0
    boot: str = "boot-1"
    leap_s: float = 0.0
    synced: bool = True

    def moment(self, t_s: float = 0.0) -> Moment:  # noqa: ARG002
        return at(self.second, boot=self.boot, synced=self.synced, leap_s=self.leap_s)

    def stamp(self, moment: Moment) -> tuple[str, Clock]:
        clock = Clock(synced=moment.synced, boot=moment.boot, mono_s=round(moment.mono_s, 3))
        return timestamp(datetime.fromtimestamp(moment.unix_s, UTC)), clock

    @property
    def zone(self) -> tzinfo:
        return UTC


def draft(
    alarm: str | None = None,
    severity: Severity = Severity.WARNING,
    state: AlarmState | None = AlarmState.ON,
    message: str = "田中さんが浴室で倒れました。",
) -> Draft:
    """Words one event; without `alarm` it begins one of its own."""

    def word(seq: int, id: str) -> Delivery:
        data = EventData(
            alarm=alarm or id,
            stage=AlarmStage.CONFIRMED,
            severity=severity,
            rule="fall",
            message=message,
            messages={"ja": message, "en": f"Number {seq} has fallen."},
            seq=seq,
            clock=Clock(synced=True, boot="9f2c", mono_s=float(seq)),
            made_by=MadeBy(semcam="0", models="sha256:0", config="sha256:0"),
        )
        time = "2026-11-21T16:00:00.000Z"
        return Delivery(Event(id=id, source="semcam/demo/bath", type="semcam.fall", time=time, data=data), state)

    return word


def told(number: int) -> Sequence[Draft]:
    """So many events."""
    return [draft() for _ in range(number)]


def post(outbox: Outbox, drafts: Sequence[Draft], now: Moment, burning: frozenset[str] = frozenset()) -> list[str]:
    """Append events, and beside them the name of the last one as the state; gives their names."""
    names: list[str] = []

    def noting(word: Draft) -> Draft:
        def noted(seq: int, id: str) -> Delivery:
            names.append(id)
            return word(seq, id)

        return noted

    rows = outbox.append([noting(word) for word in drafts], now, lambda: Kept(names[-1] if names else "", burning))
    return ids(rows)


def ids(rows: Sequence[Row]) -> list[str]:
    """Their names."""
    return [row.id for row in rows]


def all_ids(outbox: Outbox, now: Moment) -> list[str]:
    """Everything that is there, sent or not, in order of the numbers of this epoch."""
    head = outbox.head
    unsent = [row for row in outbox.unsent(now, 1_000_000) if row.id.startswith(f"{head.epoch}-")]
    return sorted(ids(unsent + outbox.range(1, head.last, most=1_000_000)))


def counting(letters: str = "epoch") -> Callable[[], str]:
    """Epochs that a test can tell apart: epoch1, epoch2."""
    numbers = iter(range(1, 1000))
    return lambda: f"{letters}{next(numbers)}"
