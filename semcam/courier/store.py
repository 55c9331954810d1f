"""One SQLite database of numbered events. It knows nothing of full or broken disks: what SQLite raises, it raises.

In a file it keeps a write-ahead log and syncs it with every transaction: one sync and half of the writing that a
rollback journal needs for the same promise. The lock is held as long as the store is open, so that no two couriers
number events of the same camera.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from semcam.contract.event import AlarmState, Event
from semcam.contract.rule_base import Severity
from semcam.courier.delivery import Delivery
from semcam.courier.moment import Moment

Draft = Callable[[int, str], Delivery]
"""Words an event once it has its number and id. It may be asked twice: again under another number, where the first
attempt to write it failed."""

APPLICATION_ID = int.from_bytes(b"semc")
ROW_BYTES = 160
"""What a row takes besides the text of its event, about."""
CHECKPOINT_PAGES = 256
BUSY_S = 0.5
_MOST_PAGES = 2**30
TAKEN = -1
"""The worth of an event that the broker has taken; of all others it is the rank of their severity."""
_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
_SEVERITIES = {rank: severity for severity, rank in _RANKS.items()}

_SCHEMAS = (
    # rows of other epochs stay: what was numbered before a disk failed can still be asked for
    """
    CREATE TABLE head (epoch TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
                       kept TEXT NOT NULL, burning TEXT NOT NULL);
    CREATE TABLE event (n INTEGER PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL,
                        state TEXT, alarm TEXT NOT NULL, worth INTEGER NOT NULL, bytes INTEGER NOT NULL,
                        unix_s REAL NOT NULL, synced INTEGER NOT NULL, boot TEXT NOT NULL, mono_s REAL NOT NULL,
                        UNIQUE (epoch, seq));
    CREATE INDEX dropped_first ON event (worth, n);
    CREATE INDEX unsent ON event (n) WHERE worth > -1;
    """,
)
"""How to come from each version of the database to the next; new versions are added at the end."""

_EVENT_COLUMNS = "epoch, seq, event, state, alarm, worth, bytes, unix_s, synced, boot, mono_s"
_INSERT = f"INSERT INTO event ({_EVENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Head(NamedTuple):
    """Which numbers there are: from `first` to `last` none is missing, and what is older may have been dropped."""

    epoch: str
    first: int
    last: int


class Kept(NamedTuple):
    """What is written in the same transaction as the events that it came with: the state of the alarms."""

    text: str
    burning: frozenset[str] = frozenset()
    """The ids of the alarms whose last event must not be dropped."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is to be sent."""

    event: Event
    state: AlarmState | None
    """What it makes of the retained state of its rule; None where that is none of its business, or no longer."""

    @property
    def id(self) -> str:
        """Names it for ever."""
        return self.event.id


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a store may hold."""

    rows: int
    bytes: int


@dataclass(slots=True)
class _Count:
    """What is known of the store's content without asking it."""

    head: Head
    rows: int
    bytes: int
    pins: dict[str, int]
    """Where the last event of each burning alarm is."""
    before: dict[str, Head]
    """Which numbers there are of earlier epochs, the oldest first."""
    lost: Counter[Severity] = field(default_factory=Counter)
    """Events that were dropped before a broker had taken them."""


class NewerStoreError(Exception):
    """A later version of semcam wrote this database, or another program did."""


class Store:
    """Events in the order in which they were numbered, and the alarms' state beside them."""

    def __init__(self, path: Path | None, new_epoch: Callable[[], str]) -> None:
        """Open or create it; without a path it is in memory. `new_epoch` is asked where it is new.

        Raises:
            NewerStoreError: it is not one that this version can read.
            sqlite3.Error: it is locked, damaged, or cannot be written.
        """
        self._db = sqlite3.connect(":memory:" if path is None else path, isolation_level=None, timeout=BUSY_S)
        try:
            for pragma in (
                "locking_mode = EXCLUSIVE",
                "journal_mode = WAL",
                "synchronous = FULL",
                f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
                "secure_delete = ON",  # what is dropped is gone, names included
                "cell_size_check = ON",
                "trusted_schema = OFF",
            ):
                self._db.execute(f"PRAGMA {pragma}")
            self._upgrade(new_epoch)
            self._count = self._counted()
        except BaseException:
            self._db.close()
            raise

    @property
    def head(self) -> Head:
        """Which numbers there are."""
        return self._count.head

    @property
    def before(self) -> tuple[Head, ...]:
        """Which numbers there are of earlier epochs, the oldest first."""
        return tuple(head for head in self._count.before.values() if head.first <= head.last)

    @property
    def rows(self) -> int:
        """How many events it holds."""
        return self._count.rows

    @property
    def bytes(self) -> int:
        """How much text that is, in bytes of UTF-8, with `ROW_BYTES` for each event."""
        return self._count.bytes

    @property
    def kept(self) -> Kept:
        """What was kept last; empty in a new store."""
        text, burning = self._db.execute("SELECT kept, burning FROM head").fetchone()
        return Kept(text, frozenset(json.loads(burning)))

    def check(self) -> None:
        """Read all of it.

        Raises:
            sqlite3.DatabaseError: it is damaged.
        """
        found = self._db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)

    # -- writing

    def append(
        self,
        drafts: Sequence[Draft],
        now: Moment,
        keep: Callable[[], Kept],
        bounds: Bounds,
        taken: Collection[str] = (),
    ) -> tuple[Row, ...]:
        """Number and word events, and write them with the state they lead to: all of it, or nothing.

        Args:
            drafts: word the events, in their order.
            now: when they were told.
            keep: the state after these events; asked once they are worded.
            bounds: what is over them is dropped.
            taken: events that the broker has taken since.

        Raises:
            sqlite3.Error: nothing was written.
        """
        rows: list[Row] = []
        with self._change() as count:
            self._mark(taken)
            for draft in drafts:
                epoch, first, seq = count.head.epoch, count.head.first, count.head.last + 1
                told = draft(seq, event_id(epoch, seq))
                event, text = told.event, told.event.to_json()
                size = len(text.encode()) + ROW_BYTES
                worth, alarm = _RANKS[event.data.severity], event.data.alarm
                when = (now.unix_s, now.synced, now.boot, now.mono_s)
                self._insert((epoch, seq, text, told.state, alarm, worth, size, *when), count)
                count.head = Head(epoch, first, seq)
                rows.append(Row(event, told.state))
            self._keep(keep(), count)
            self._drop_over(bounds, count)
        return tuple(rows)

    def mark(self, taken: Collection[str]) -> None:
        """The broker has taken these events."""
        with self._change():
            self._mark(taken)

    def take_over(self, other: "Store", bounds: Bounds, taken: Collection[str], sure: Head | None) -> None:
        """Write all that `other` holds after what is here, and go on where it is: its numbers, its state.

        Args:
            other: where events were numbered while this store could not be written.
            bounds: what is over them is dropped.
            taken: events that the broker has taken since.
            sure: how far this store was when it failed; None where it is not known. A transaction that failed may
                have been written all the same: `other` holds its events under other numbers.

        Raises:
            sqlite3.Error: nothing was written.
        """
        with self._change() as count:
            self._db.execute("DELETE FROM event WHERE epoch = ?", (other.head.epoch,))
            if sure is not None:
                self._db.execute("DELETE FROM event WHERE epoch = ? AND seq > ?", (sure.epoch, sure.last))
            left = self._counted()
            count.rows, count.bytes, count.pins, count.head = left.rows, left.bytes, left.pins, other.head
            count.before = self._earlier(other.head.epoch) | other._count.before
            self._mark(taken)
            for values in other._db.execute(f"SELECT {_EVENT_COLUMNS} FROM event ORDER BY n"):
                self._insert(values, count)
            self._keep(other.kept, count)
            self._drop_over(bounds, count)
            count.lost += other._count.lost

    def take_in(self, salvaged: "Salvage", bounds: Bounds) -> None:
        """Write what could be read of a damaged store; its numbers end there."""
        with self._change() as count:
            for values in salvaged.events:
                self._insert(values, count)
            count.before = self._earlier(count.head.epoch)
            self._keep(salvaged.kept, count)
            self._drop_over(bounds, count)

    def drop_older(self, than_s: float, now: Moment) -> None:
        """Drop what is older, and what was before it; what burns stays. What no clock can date, stays as well."""
        newest = 0
        for n, *when in self._db.execute("SELECT n, unix_s, synced, boot, mono_s FROM event ORDER BY n"):
            age_s = now.since(_moment(when))
            if age_s is not None and age_s <= than_s:
                break
            if age_s is not None:
                newest = n
        if newest:
            with self._change() as count:
                self._drop(f"n <= {newest}", None, count)

    def begin_log_anew(self) -> None:
        """Write the log into the file, so that it begins anew and needs no new room."""
        self._db.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()

    def grow_by(self, most: int | None) -> None:
        """Let the file grow by so many bytes at most; None for as much as it will.

        What is taken into the log but does not fit into the file would keep the log from ever beginning anew.
        """
        page = self._db.execute("PRAGMA page_size").fetchone()[0]
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        limit = _MOST_PAGES if most is None else pages + most // page
        self._db.execute(f"PRAGMA max_page_count = {limit}")

    def make_room(self, events: int) -> None:
        """Give up the oldest events that the broker has taken, so that others can have their place in the file."""
        with self._change() as count:
            self._drop(f"worth = {TAKEN}", events, count)

    def lost(self) -> Counter[Severity]:
        """How many events were dropped, since this was asked last, that no broker had taken."""
        lost, self._count.lost = self._count.lost, Counter()
        return lost

    # -- reading

    def unsent(self, most: int) -> list["Found"]:
        """Events that no broker has taken, oldest first."""
        return self._read("worth > -1 ORDER BY n LIMIT ?", (most,), "INDEXED BY unsent")

    def waiting(self) -> int:
        """How many events no broker has taken."""
        count: int = self._db.execute("SELECT count(*) FROM event INDEXED BY unsent WHERE worth > -1").fetchone()[0]
        return count

    def range(self, epoch: str, first: int, last: int, most: int) -> list["Found"]:
        """Events of an epoch by number, from the first to the last."""
        return self._read("epoch = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?", (epoch, first, last, most))

    def last_of(self, alarm: str) -> list["Found"]:
        """The last event of a burning alarm, if it is here."""
        return self._read("n = ?", (self._count.pins.get(alarm, 0),))

    def close(self) -> None:
        """Write the log into the file and let go of the lock."""
        with suppress(sqlite3.Error):
            self._db.close()

    # -- inside

    @contextmanager
    def _change(self) -> Iterator[_Count]:
        """A transaction, and the count as it will be after it."""
        old = self._count
        count = replace(old, pins=dict(old.pins), before=dict(old.before), lost=Counter(old.lost))
        with self._transaction():
            yield count
            self._db.execute("UPDATE head SET epoch = ?, first = ?, last = ?", count.head)
        self._count = count

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
            raise

    def _upgrade(self, new_epoch: Callable[[], str]) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        owner = self._db.execute("PRAGMA application_id").fetchone()[0]
        empty = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        if version > len(_SCHEMAS) or (owner != APPLICATION_ID and not empty):
            raise NewerStoreError
        if version == len(_SCHEMAS):
            return
        with self._transaction():
            for schema in _SCHEMAS[version:]:
                for statement in schema.split(";"):
                    self._db.execute(statement)
            if empty:
                self._db.execute("INSERT INTO head VALUES (?, 1, 0, '', '[]')", (new_epoch(),))
            self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._db.execute(f"PRAGMA user_version = {len(_SCHEMAS)}")

    def _counted(self) -> _Count:
        epoch, first, last, burning = self._db.execute("SELECT epoch, first, last, burning FROM head").fetchone()
        rows, size = self._db.execute("SELECT count(*), ifnull(sum(bytes), 0) FROM event").fetchone()
        alarms = json.loads(burning)
        marks = ", ".join("?" * len(alarms))
        pins = self._db.execute(f"SELECT alarm, max(n) FROM event WHERE alarm IN ({marks}) GROUP BY alarm", alarms)
        return _Count(Head(epoch, first, last), rows, size, dict(pins.fetchall()), self._earlier(epoch))

    def _earlier(self, epoch: str) -> dict[str, Head]:
        """Of all epochs but this one, the last numbers that have no gap between them."""
        found: dict[str, Head] = {}
        for other, seq in self._db.execute("SELECT epoch, seq FROM event WHERE epoch != ? ORDER BY n DESC", (epoch,)):
            head = found.setdefault(other, Head(other, seq, seq))
            if seq == head.first - 1:
                found[other] = head._replace(first=seq)
        return dict(reversed(found.items()))

    def _insert(self, values: tuple[Any, ...], count: _Count) -> None:
        cursor = self._db.execute(_INSERT, values)
        assert cursor.lastrowid is not None
        _, _, _, _, alarm, _, size, *_ = values
        count.rows, count.bytes = count.rows + 1, count.bytes + size
        count.pins[alarm] = cursor.lastrowid

    def _mark(self, taken: Collection[str]) -> None:
        update = f"UPDATE event SET worth = {TAKEN} WHERE epoch = ? AND seq = ?"
        self._db.executemany(update, [_epoch_and_seq(id) for id in taken])

    def _keep(self, kept: Kept, count: _Count) -> None:
        count.pins = {alarm: n for alarm, n in count.pins.items() if alarm in kept.burning}
        self._db.execute("UPDATE head SET kept = ?, burning = ?", (kept.text, json.dumps(sorted(kept.burning))))

    def _drop_over(self, bounds: Bounds, count: _Count) -> None:
        while (count.rows > bounds.rows or count.bytes > bounds.bytes) and self._drop("TRUE", 1, count):
            pass

    def _drop(self, which: str, most: int | None, count: _Count) -> bool:
        """Drop what is worth least, the oldest first; never the last word on what burns. Says whether there was any."""
        pinned = ", ".join(map(str, count.pins.values()))
        victims = self._db.execute(
            f"SELECT n, epoch, seq, worth, bytes FROM event WHERE {which} AND n NOT IN ({pinned}) "
            f"ORDER BY worth, n LIMIT {-1 if most is None else most}"
        ).fetchall()
        for n, epoch, seq, worth, size in victims:
            self._db.execute("DELETE FROM event WHERE n = ?", (n,))
            count.rows, count.bytes = count.rows - 1, count.bytes - size
            if epoch == count.head.epoch:
                count.head = count.head._replace(first=max(count.head.first, seq + 1))
            elif epoch in count.before:
                head = count.before[epoch]
                count.before[epoch] = head._replace(first=max(head.first, seq + 1))
            if worth != TAKEN:
                count.lost[_SEVERITIES[worth]] += 1
        return bool(victims)

    def _read(self, which: str, parameters: Sequence[Any], how: str = "") -> list["Found"]:
        columns = "epoch, seq, event, state, worth, unix_s, synced, boot, mono_s"
        rows = self._db.execute(f"SELECT {columns} FROM event {how} WHERE {which}", parameters).fetchall()
        return [
            Found(id := event_id(epoch, seq), _moment(when), worth == TAKEN, _row(id, text, state))
            for epoch, seq, text, state, worth, *when in rows
        ]


class Found(NamedTuple):
    """One event as it was read."""

    id: str
    when: Moment
    taken: bool
    """Whether the broker has it."""
    row: Row | None
    """None where it cannot be read."""


class Salvage(NamedTuple):
    """What could be read of a damaged store."""

    events: tuple[tuple[Any, ...], ...] = ()
    kept: Kept = Kept("")


def salvage(path: Path) -> Salvage:
    """Whatever can still be read of a damaged store that is not open; nothing, where it is of another version."""
    found: dict[int, tuple[Any, ...]] = {}
    select = f"SELECT n, {_EVENT_COLUMNS} FROM event NOT INDEXED"
    db = sqlite3.connect(path, isolation_level=None)

    def read(which: str, *parameters: int) -> None:
        with suppress(sqlite3.Error):
            for n, *values in db.execute(f"{select} {which}", parameters):
                if _is_sound(values):
                    found[n] = tuple(values)

    kept = Kept("")
    try:
        with suppress(sqlite3.Error, ValueError, TypeError):
            if db.execute("PRAGMA user_version").fetchone()[0] != len(_SCHEMAS):
                return Salvage()
            text, burning = db.execute("SELECT kept, burning FROM head").fetchone()
            kept = Kept(str(text), frozenset(map(str, json.loads(burning))))
        read("ORDER BY n")
        upwards = max(found, default=0)
        read("ORDER BY n DESC")
        for n in range(upwards + 1, min((n for n in found if n > upwards), default=0)):  # between two damaged pages
            read("WHERE n = ?", n)
    finally:
        db.close()
    return Salvage(tuple(found[n] for n in sorted(found)), kept)


def event_id(epoch: str, seq: int) -> str:
    """The name of an event, from its number."""
    return f"{epoch}-{seq:06d}"


def _epoch_and_seq(id: str) -> tuple[str, int]:
    epoch, _, seq = id.rpartition("-")
    return epoch, int(seq)


def _moment(when: Sequence[Any]) -> Moment:
    unix_s, synced, boot, mono_s = when
    return Moment(unix_s, bool(synced), boot, mono_s)


def _row(id: str, text: str, state: str | None) -> Row | None:
    try:
        event = Event.model_validate_json(text)
        return Row(event, None if state is None else AlarmState(state)) if event.id == id else None
    except (ValidationError, ValueError):
        return None


def _is_sound(values: Sequence[Any]) -> bool:
    epoch, seq, text, state, alarm, worth, size, unix_s, synced, boot, mono_s = values
    kinds = ((epoch, str), (seq, int), (text, str), (alarm, str), (worth, int), (size, int), (boot, str), (synced, int))
    if not all(isinstance(value, kind) for value, kind in kinds):
        return False
    if not (isinstance(unix_s, float) and isinstance(mono_s, float) and worth in (TAKEN, *_SEVERITIES)):
        return False
    row = _row(event_id(epoch, seq), text, state)
    return row is not None and row.event.data.alarm == alarm
