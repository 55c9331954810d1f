"""The outbox of one camera: what is told is on the disk before it is sent, and stays there until its time is over.

Between a rule and a nurse stand crashes, power cuts and full disks. None of them stops it: what cannot be written is
kept in memory, under numbers of its own, and is said to be there. docs/delivery.md says what is promised.
"""

import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from semcam.contract.delivery import OutboxSettings
from semcam.contract.errors import SemcamError
from semcam.contract.event import AlarmState
from semcam.contract.rule_base import Severity
from semcam.courier.moment import Moment
from semcam.courier.store import Bounds, Draft, Found, Head, Kept, NewerStoreError, Row, Store, salvage

BALLAST_BYTES = 512 * 1024
"""Held in reserve on the disk and given up when it is full: room for some hundred events."""
MOST_EPOCHS = 8
"""So many epochs before the present one are named to subscribers."""
SPARE_BYTES = 8_000_000
"""What is kept in memory at most while the disk fails."""
RETRY_S = 5.0
SWEEP_S = 3600.0
COMPLAIN_S = 600.0
DAY_S = 24 * 3600.0
_GIVEN_UP_AT_ONCE = 64
_EPOCH_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_DISK_TROUBLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}


class OutboxInUseError(SemcamError, RuntimeError):
    """Another courier writes the outbox of this camera."""


def random_epoch() -> str:
    """A name for a new run of numbers, such as no other has."""
    return "".join(secrets.choice(_EPOCH_LETTERS) for _ in range(6))


class Outbox:
    """Numbers events without gaps, writes them with the state of the alarms, and knows what is not yet sent.

    `<epoch>-<seq>` names an event for ever. An epoch goes on over restarts and crashes; a new one begins where the
    store is new, was damaged, or cannot be written, so that no number is ever given twice.
    """

    def __init__(
        self, path: Path | None, camera: str, settings: OutboxSettings, new_epoch: Callable[[], str] = random_epoch
    ) -> None:
        """An outbox that is not open yet; ask `open` or `in_memory`."""
        self._path = path
        self._camera = camera
        self._settings = settings
        self._new_epoch = new_epoch
        self._disk: Store | None = None
        self._memory: Store | None = None
        """Where events go while they cannot go to the disk."""
        self._sure: Head | None = None
        """How far the disk was when it failed."""
        self._earlier: tuple[Head, ...] = ()
        """The epochs that were on it by then."""
        self._taken: dict[str, None] = {}
        """What the broker has taken and the disk does not know yet."""
        self._is_tight = False
        """Whether there is no reserve, so that room must be watched."""
        self._news: list[str] = []
        self._lost: Counter[Severity] = Counter()
        self._last: dict[str, Moment] = {}
        """When each of the things was done that are done now and then."""

    @classmethod
    def open(
        cls, folder: Path, camera: str, settings: OutboxSettings, new_epoch: Callable[[], str] = random_epoch
    ) -> Self:
        """The outbox of `camera` in `folder`, which is made where there is none.

        A damaged file is laid aside; where nothing can be written, events are kept in memory. `tend` tells of both.

        Raises:
            OutboxInUseError: another courier is at work on it.
        """
        outbox = cls(folder / f"{camera}.sqlite", camera, settings, new_epoch)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            outbox._disk = outbox._open_disk()
            outbox._disk.check()
        except (NewerStoreError, sqlite3.Error, OSError) as error:
            if _is_busy(error):
                raise OutboxInUseError(
                    f"another semcam writes the outbox of camera {camera} in {folder}; stop one of the two"
                ) from None
            if _is_trouble(error):
                outbox._go_to_memory(error)
            else:
                outbox._lay_aside(outbox._disk, error)
        outbox._lay_ballast()
        return outbox

    @classmethod
    def in_memory(cls, camera: str, epoch: str) -> Self:
        """One that is not meant to outlive its process: for a replay, whose epoch follows from what is replayed."""
        outbox = cls(None, camera, OutboxSettings(), lambda: epoch)
        outbox._memory = Store(None, outbox._new_epoch)
        return outbox

    # -- telling

    def append(self, drafts: Sequence[Draft], now: Moment, keep: Callable[[], Kept]) -> tuple[Row, ...]:
        """Number, word and write events, together with the state of the alarms that they lead to.

        When this returns, they are on the disk; or `is_in_memory` says that they are not, and `tend` says why.

        Args:
            drafts: word the events, in order; none where only the state is to be written.
            now: when they are told.
            keep: the state after them; asked once they are worded.
        """
        attempt = 0
        while self._memory is None:
            assert self._disk is not None
            try:
                rows = self._write(self._disk, drafts, now, keep)
            except sqlite3.Error as error:
                self._help(self._disk, error, attempt)
                attempt += 1
            else:
                self._taken.clear()
                return rows
        return self._memory.append(drafts, now, keep, self._spare_bounds)

    @property
    def head(self) -> Head:
        """Which numbers there are."""
        return self._store.head

    @property
    def before(self) -> tuple[Head, ...]:
        """Which numbers there are of the last few epochs before this one, the oldest first."""
        return (*self._earlier, *self._store.before)[-MOST_EPOCHS:]

    @property
    def kept(self) -> Kept:
        """The state that was written last; empty in a new outbox."""
        return self._store.kept

    @property
    def is_in_memory(self) -> bool:
        """Whether what is told now would be lost at a power cut."""
        return self._memory is not None

    @property
    def waiting(self) -> int:
        """How many events no broker has taken."""
        found = self._counted(lambda store: store.waiting())
        return max(0, found - len(self._taken))

    @property
    def events(self) -> int:
        """How many events are kept, in all."""
        return self._counted(lambda store: store.rows)

    # -- sending

    def unsent(self, now: Moment, most: int = 100) -> list[Row]:
        """What no broker has taken, oldest first; what has expired by `now` is historical."""
        rows: list[Row] = []
        # those that are taken but not yet marked on the disk come along, and are left out here
        for found in self._read(lambda store: store.unsent(most + len(self._taken))):
            if found.id in self._taken:
                continue
            if found.row is None:
                self._taken[found.id] = None
                self._news.append(f"{self._name}: event {found.id} cannot be read any more and is lost")
                continue
            age_s = now.since(found.when)
            is_fresh = age_s is not None and age_s <= self._settings.fresh_for
            rows.append(found.row if is_fresh else _late(found.row))
        return rows[:most]

    def mark_sent(self, id: str) -> None:
        """The broker has taken an event. It is written with the next event or by `tend`, whichever comes first."""
        if self._memory is not None and id.startswith(f"{self._memory.head.epoch}-"):
            self._memory.mark([id])
        else:
            self._taken[id] = None

    def range(self, first: int, last: int, epoch: str | None = None, most: int = 1000) -> list[Row]:
        """Events that the broker has had before, to be sent again as historical; of this epoch, or another one.

        What it has not taken yet is left out: that is still to come, and must not be known as historical by then.
        """
        wanted = epoch or self.head.epoch
        found = self._read(lambda store: store.range(wanted, first, last, most))
        return [_historical(each.row) for each in found if each.row and (each.taken or each.id in self._taken)]

    def last_of(self, alarm: str) -> Row | None:
        """The last event of a burning alarm, for its retained state."""
        found = [*self._read(lambda store: store.last_of(alarm))]
        return found[-1].row if found else None

    # -- keeping

    def tend(self, now: Moment) -> list[str]:
        """Do what is due. Returns what a person should know, in sentences; call it every second or so."""
        if self._path is not None:
            if self._memory is not None and self._is_due("return", RETRY_S, now):
                self._return_to_disk()
            if self._memory is None and self._disk is not None:
                self._tend_disk(self._disk, now)
        self._lost += self._store.lost()
        if self._lost and self._is_due("complain", COMPLAIN_S, now):
            self._news.append(_complaint(self._name, self._lost))
            self._lost.clear()
        return self._told()

    def close(self) -> list[str]:
        """Write what is left and let go of the file. Returns what a person should know."""
        if self._path is not None and self._memory is not None:
            self._return_to_disk()
            if self._memory is not None and self._memory.rows:
                self._news.append(f"{self._name}: {self._memory.rows} events could not be written to disk and are lost")
        elif self._disk is not None and self._taken:
            with suppress(sqlite3.Error):
                self._disk.mark(self._taken)
        if self._disk is not None:
            self._disk.close()
        return self._told()

    # -- inside

    @property
    def _name(self) -> str:
        return f"the outbox of camera {self._camera}"

    @property
    def _store(self) -> Store:
        """Where events go now."""
        store = self._memory or self._disk
        assert store is not None
        return store

    @property
    def _bounds(self) -> Bounds:
        return Bounds(self._settings.rows, self._settings.megabytes * 1_000_000)

    @property
    def _spare_bounds(self) -> Bounds:
        return Bounds(self._settings.rows, min(self._settings.megabytes * 1_000_000, SPARE_BYTES))

    def _counted(self, of: Callable[[Store], int]) -> int:
        count = 0
        for store in (self._disk, self._memory):
            with suppress(sqlite3.Error):  # a broken disk is noticed where something is to be read or written
                count += of(store) if store is not None else 0
        return count

    def _told(self) -> list[str]:
        news, self._news = self._news, []
        return news

    def _is_due(self, what: str, every_s: float, now: Moment) -> bool:
        last = self._last.get(what)
        since_s = now.since(last) if last else None
        if since_s is not None and since_s < every_s:
            return False
        self._last[what] = now
        return True

    def _read(self, of: Callable[[Store], Sequence[Found]]) -> Iterator[Found]:
        """What is on the disk, then what is in memory."""
        if self._disk is not None:
            try:
                yield from of(self._disk)
            except sqlite3.Error as error:
                if not _is_trouble(error):
                    self._lay_aside(self._disk, error)
                    with suppress(sqlite3.Error):
                        yield from of(self._store)
                    return
        if self._memory is not None:
            yield from of(self._memory)

    def _tend_disk(self, disk: Store, now: Moment) -> None:
        try:
            if self._taken:
                disk.mark(self._taken)
                self._taken.clear()
            if self._is_due("sweep", SWEEP_S, now):
                disk.drop_older(self._settings.days * DAY_S, now)
                self._forget_aside(now)
        except sqlite3.Error as error:
            if not _is_trouble(error):
                self._lay_aside(disk, error)
        if self._is_due("ballast", RETRY_S, now):
            self._lay_ballast()

    def _write(self, disk: Store, drafts: Sequence[Draft], now: Moment, keep: Callable[[], Kept]) -> tuple[Row, ...]:
        if not self._is_tight:
            return disk.append(drafts, now, keep, self._bounds, self._taken)
        disk.grow_by(self._free_bytes())
        rows = disk.append(drafts, now, keep, self._bounds, self._taken)
        with suppress(sqlite3.Error):
            disk.begin_log_anew()  # at once: what little room there is, is the file's
        return rows

    # -- when the disk fails

    def _help(self, disk: Store, error: sqlite3.Error, attempt: int) -> None:
        """Do what may make the next attempt to write succeed; the last resort is memory."""
        if attempt == 0 and not _is_trouble(error):
            self._lay_aside(disk, error)
        elif attempt == 0:
            self._release_ballast(error)
            with suppress(sqlite3.Error):
                disk.begin_log_anew()
        elif attempt == 1:
            with suppress(sqlite3.Error):
                disk.make_room(_GIVEN_UP_AT_ONCE)
        else:
            self._go_to_memory(error)

    def _go_to_memory(self, error: Exception) -> None:
        self._sure = self._disk.head if self._disk is not None else None
        self._earlier = tuple(head for head in (*self._disk.before, self._disk.head) if head.last) if self._disk else ()
        self._memory = Store(None, self._new_epoch)
        self._news.append(
            f"{self._name} cannot be written ({error}); events are kept in memory, where a power cut loses them: "
            "make room on the disk or replace it"
        )

    def _return_to_disk(self) -> None:
        """Open the file anew, since after an error nothing is sure, and write what memory holds."""
        assert self._memory is not None
        if self._disk is not None:
            self._disk.close()
            self._disk = None
        try:
            self._disk = self._open_disk()
            self._disk.take_over(self._memory, self._bounds, self._taken, self._sure)
        except (NewerStoreError, sqlite3.Error, OSError) as error:
            if not (_is_busy(error) or _is_trouble(error)):
                self._move_aside()
            return  # it is tried again, and a person has been told
        self._news.append(f"{self._name} is written to disk again, with {self._memory.rows} events from memory")
        self._memory.close()
        self._memory, self._earlier = None, ()
        self._taken.clear()
        self._lay_ballast()

    def _open_disk(self) -> Store:
        """The file, readable by nobody else; a new one where there is none."""
        assert self._path is not None
        descriptor = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
        return Store(self._path, self._new_epoch)

    def _lay_aside(self, disk: Store | None, error: Exception) -> None:
        """Begin a new file with whatever can still be read of a damaged one, which is kept for a look at it."""
        assert self._path is not None
        if disk is not None:
            disk.close()
        self._disk, self._sure, self._earlier = None, None, ()
        salvaged = salvage(self._path)
        self._memory = Store(None, self._new_epoch)
        self._memory.take_in(salvaged, self._bounds)
        reason = "was written by another version of semcam" if isinstance(error, NewerStoreError) else "was damaged"
        self._news.append(
            f"{self._name} {reason} and is laid aside as {self._move_aside()}; {len(salvaged.events)} events of it "
            "could be saved, and numbers begin anew"
        )
        self._return_to_disk()

    def _move_aside(self) -> Path:
        assert self._path is not None
        aside = self._path.with_suffix(".damaged")
        # the log first: beside a new file of the same name it would be written into that one
        for tail in ("-wal", ""):
            with suppress(OSError):
                Path(f"{self._path}{tail}").replace(f"{aside}{tail}")
        return aside

    def _forget_aside(self, now: Moment) -> None:
        """What was laid aside holds names too, and is kept no longer than anything else."""
        assert self._path is not None
        for tail in ("-wal", ""):
            aside = Path(f"{self._path.with_suffix('.damaged')}{tail}")
            with suppress(OSError):
                if now.synced and now.unix_s - aside.stat().st_mtime > self._settings.days * DAY_S:
                    aside.unlink()

    # -- the reserve

    def _free_bytes(self) -> int:
        assert self._path is not None
        try:
            room = os.statvfs(self._path.parent)
        except OSError:
            return 0
        return room.f_bavail * room.f_frsize

    def _lay_ballast(self) -> None:
        """Hold room in reserve, where there is plenty."""
        assert self._path is not None
        ballast = self._path.with_suffix(".ballast")
        with suppress(OSError):
            if not ballast.exists() and self._free_bytes() >= 4 * BALLAST_BYTES:
                self._write_ballast(ballast)
            self._is_tight = not ballast.exists()
            if self._disk is not None and not self._is_tight:
                self._disk.grow_by(None)

    def _write_ballast(self, ballast: Path) -> None:
        laying = ballast.with_suffix(".laying")
        descriptor = os.open(laying, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            written = os.write(descriptor, bytes(BALLAST_BYTES))  # not only promised: a hole would hold no room
            os.fsync(descriptor)
        except OSError:
            written = 0
        finally:
            os.close(descriptor)
        if written == BALLAST_BYTES:
            laying.replace(ballast)
        else:
            laying.unlink()

    def _release_ballast(self, error: Exception) -> None:
        assert self._path is not None
        self._is_tight = True
        with suppress(OSError):
            self._path.with_suffix(".ballast").unlink()
            self._news.append(
                f"{self._name} cannot be written ({error}); its reserve is used now: make room on the disk"
            )


def _is_trouble(error: Exception) -> bool:
    """Whether the disk is at fault and not what is on it."""
    if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
        raise error
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return isinstance(error, OSError) or (code & 0xFF in _DISK_TROUBLE and code != sqlite3.SQLITE_IOERR_READ)


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _historical(row: Row) -> Row:
    data = row.event.data.model_copy(update={"historical": True})
    return Row(row.event.model_copy(update={"data": data}), None)


def _late(row: Row) -> Row:
    """What nobody has heard yet: it switches nothing on any more, but off, and the counts of the day go with it."""
    return Row(_historical(row).event, row.state if row.state is AlarmState.OFF else None)


def _complaint(name: str, lost: Counter[Severity]) -> str:
    counts = ", ".join(f"{lost[severity]} {severity}" for severity in Severity if lost[severity])
    return (
        f"{name} is full: {lost.total()} events that no broker had taken were dropped ({counts}), the least severe "
        "and then the oldest first; bring the broker back or allow the outbox more"
    )
