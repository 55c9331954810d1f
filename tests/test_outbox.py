"""The outbox against crashes, power cuts, full and broken disks: what was taken in is never lost without a word."""

import os
import random
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from semcam.contract.command import Ack, Mute
from semcam.contract.delivery import AlarmSettings, OutboxSettings
from semcam.contract.event import AlarmState
from semcam.contract.rule_base import Severity
from semcam.contract.rules import FallRule
from semcam.contract.signal import RuleSignal, Stage
from semcam.courier import store
from semcam.courier.alarm import Input, Step, Tick
from semcam.courier.alarm_book import AlarmBook
from semcam.courier.delivery import Delivery
from semcam.courier.moment import Moment
from semcam.courier.outbox import BALLAST_BYTES, Outbox, OutboxInUseError, random_epoch
from semcam.courier.report import Report
from semcam.courier.store import APPLICATION_ID, ROW_BYTES, Bounds, Head, Kept, Row, Store
from tests.conftest import ROOT
from tests.posting import NOON, ROOMY, all_ids, at, counting, draft, ids, post, told

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
SHM = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def outbox(folder: Path) -> Iterator[Outbox]:
    outbox = opened(folder)
    yield outbox
    outbox.close()


def opened(folder: Path, settings: OutboxSettings = ROOMY, epochs: str = "epoch") -> Outbox:
    return Outbox.open(folder, "bath", settings, counting(epochs))


def crash(folder: Path, to: Path) -> Path:
    """What a process that is killed now leaves behind: the files as they are, as a folder of their own."""
    to.mkdir(mode=0o700)
    for file in folder.iterdir():
        shutil.copy(file, to)
    return to


@contextmanager
def crashed(folder: Path, to: Path) -> Iterator[Outbox]:
    """The outbox as it is found after a crash now."""
    outbox = opened(crash(folder, to), epochs="after")
    try:
        yield outbox
    finally:
        outbox.close()
        shutil.rmtree(to)


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder where syncing costs nothing, if there is one."""
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as name:
        yield Path(name) / "state"


@contextmanager
def disk(works: bool) -> Iterator[None]:
    """The kernel refuses every write of this process to a file, while the disk does not work."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft if works else 0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# -- numbers


def test_numbers_have_no_gaps_and_go_on_after_a_restart(folder: Path) -> None:
    first = opened(folder)
    assert post(first, told(2), at(0)) == ["epoch1-000001", "epoch1-000002"]
    assert first.close() == []
    second = opened(folder, epochs="other")
    assert second.head == Head("epoch1", 1, 2)
    assert post(second, told(1), at(5)) == ["epoch1-000003"]
    assert second.close() == []


def test_each_camera_has_numbers_of_its_own(folder: Path) -> None:
    one, other = Outbox.open(folder, "bath", ROOMY), Outbox.open(folder, "gate", ROOMY)
    post(one, told(3), at(0))
    assert post(other, told(1), at(0))[0].endswith("-000001")
    assert one.head.epoch != other.head.epoch
    assert [*one.close(), *other.close()] == []


def test_an_event_is_on_the_disk_when_it_is_taken_in(outbox: Outbox, folder: Path, tmp_path: Path) -> None:
    names = post(outbox, told(3), at(0))
    after = opened(crash(folder, tmp_path / "after"))
    assert ids(after.unsent(at(1))) == names
    assert after.kept.text == names[-1]
    after.close()


def test_events_that_belong_together_are_written_together_or_not_at_all(outbox: Outbox) -> None:
    def fails(_: int, id: str) -> Delivery:
        raise RuntimeError(f"no words for {id}")

    post(outbox, told(1), at(0))
    with pytest.raises(RuntimeError, match="epoch1-000003"):
        outbox.append([draft(), fails], at(1), lambda: Kept("never"))
    assert outbox.head.last == 1
    assert outbox.kept.text == "epoch1-000001"
    assert post(outbox, told(1), at(2)) == ["epoch1-000002"]


def test_the_state_of_the_alarms_can_be_written_alone(outbox: Outbox, folder: Path, tmp_path: Path) -> None:
    assert outbox.append([], at(0), lambda: Kept("muted for 30 minutes", frozenset({"a-1"}))) == ()
    after = opened(crash(folder, tmp_path / "after"))
    assert after.kept == Kept("muted for 30 minutes", frozenset({"a-1"}))
    after.close()


def test_what_comes_back_is_what_went_in(outbox: Outbox) -> None:
    (row,) = outbox.append([draft(message="「倒れました」 100 % \U0001f43b")], at(0), lambda: Kept(""))
    assert outbox.unsent(at(1)) == [row]
    assert row.state is AlarmState.ON


def test_two_couriers_cannot_number_the_same_camera(outbox: Outbox, folder: Path) -> None:
    with pytest.raises(OutboxInUseError, match="stop one of the two"):
        opened(folder)
    assert post(outbox, told(1), at(0)) == ["epoch1-000001"]


def test_nobody_else_may_read_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        outbox = opened(folder)
        post(outbox, told(1), at(0))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.iterdir()]}
    finally:
        os.umask(before)
    outbox.close()
    assert modes.pop("state") == 0o700
    assert set(modes) == {"bath.sqlite", "bath.sqlite-wal", "bath.ballast"}
    assert set(modes.values()) == {0o600}


def test_the_store_syncs_each_event_and_erases_what_it_drops(folder: Path) -> None:
    """The settings on which all promises rest, as SQLite itself reports them."""
    folder.mkdir()
    store = Store(folder / "bath.sqlite", random_epoch)
    asked = {
        name: store._db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("synchronous", "journal_mode", "secure_delete", "application_id", "user_version")
    }
    store.close()
    assert asked == {
        "synchronous": 2,
        "journal_mode": "wal",
        "secure_delete": 1,
        "application_id": APPLICATION_ID,
        "user_version": 1,
    }


def test_a_replay_has_an_outbox_that_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outbox = Outbox.in_memory("bath", "replay")
    assert post(outbox, told(2), at(0)) == ["replay-000001", "replay-000002"]
    outbox.mark_sent("replay-000001")
    assert ids(outbox.unsent(at(1))) == ["replay-000002"]
    assert outbox.tend(at(2)) + outbox.close() == []
    assert list(tmp_path.iterdir()) == []


# -- sending


def test_what_the_broker_has_taken_is_not_sent_again(folder: Path) -> None:
    first = opened(folder)
    names = post(first, told(5), at(0))
    first.mark_sent(names[1])
    first.mark_sent(names[0])
    assert ids(first.unsent(at(1))) == names[2:]
    assert ids(first.unsent(at(1), most=2)) == names[2:4]
    first.close()
    second = opened(folder)
    assert ids(second.unsent(at(1))) == names[2:]
    second.close()


def test_after_a_crash_what_was_sent_last_may_be_sent_again_under_the_same_name(
    outbox: Outbox, folder: Path, tmp_path: Path
) -> None:
    names = post(outbox, told(2), at(0))
    outbox.mark_sent(names[0])
    before = opened(crash(folder, tmp_path / "before"))
    assert ids(before.unsent(at(1))) == names
    before.close()
    assert outbox.tend(at(1)) == []
    after = opened(crash(folder, tmp_path / "after"))
    assert ids(after.unsent(at(1))) == names[1:]
    after.close()


def in_memory(outbox: Outbox) -> bool:
    return outbox.is_in_memory


def is_historical(outbox: Outbox, now: Moment) -> bool:
    (row,) = outbox.unsent(now)
    assert row.event.data.historical == (row.state is None)  # the retained state is none of history's business
    return row.event.data.historical


def test_what_could_not_be_sent_in_time_is_sent_as_historical(outbox: Outbox) -> None:
    post(outbox, told(1), at(0))
    assert not is_historical(outbox, at(600))
    assert is_historical(outbox, at(601))


def test_what_comes_late_can_switch_off_and_nothing_on(outbox: Outbox) -> None:
    states = (AlarmState.ON, None, AlarmState.OFF)
    (*names, taken) = post(outbox, [draft(state=state) for state in (*states, AlarmState.OFF)], at(0))
    outbox.mark_sent(taken)
    assert [row.state for row in outbox.unsent(at(601))] == [None, None, AlarmState.OFF]
    assert [row.state for row in outbox.range(1, 4)] == [None], "what is said again on demand switches nothing"
    assert len(names) == 3


@pytest.mark.parametrize("leap_s", [-3600.0, 3600.0, 50 * 365 * 86400.0])
def test_a_clock_that_is_set_makes_nothing_older_or_younger(outbox: Outbox, leap_s: float) -> None:
    post(outbox, told(1), at(0))
    assert not is_historical(outbox, at(600, leap_s=leap_s))
    assert is_historical(outbox, at(601, leap_s=leap_s))


def test_over_a_reboot_the_clock_counts_where_it_was_right(outbox: Outbox) -> None:
    post(outbox, told(1), at(1000))
    assert not is_historical(outbox, at(40, boot="boot-2", leap_s=1500))
    assert is_historical(outbox, at(40, boot="boot-2", leap_s=1600))
    # a board that does not know the time cannot call it new
    assert is_historical(outbox, at(40, boot="boot-2", leap_s=1500, synced=False))
    assert is_historical(outbox, at(40, boot="boot-2", leap_s=-3600))


def test_a_subscriber_can_ask_for_what_it_missed(outbox: Outbox) -> None:
    names = post(outbox, told(6), at(0))
    for name in names[:4]:
        outbox.mark_sent(name)
    again = outbox.range(2, 5)
    assert ids(again) == names[1:4]  # the fifth is still to come, as new
    assert all(row.event.data.historical and row.state is None for row in again)
    assert ids(outbox.range(1, 6, most=2)) == names[:2]
    assert outbox.range(1, 6, epoch="nobody") == []
    assert [row.event.data.historical for row in outbox.unsent(at(1))] == [False, False]


def test_what_burns_can_be_said_again_with_its_last_event(folder: Path) -> None:
    first = opened(folder)
    (alarm,) = post(first, [draft()], at(0), frozenset({"epoch1-000001"}))
    post(first, [draft(alarm), draft("other")], at(1), frozenset({alarm}))
    first.close()
    second = opened(folder)
    row = second.last_of(alarm)
    assert row is not None and row.id == "epoch1-000002"
    assert second.last_of("other") is None
    second.close()


# -- with the alarms whose steps it carries


def tell(book: AlarmBook, outbox: Outbox, second: float, what: Input) -> tuple[Row, ...]:
    """Enter what happened, and write its steps and the state they lead to."""

    def word(step: Step, seq: int, id: str) -> Delivery:
        return draft(book.name(step, id), step.severity, step.state)(seq, id)

    drafts = [partial(word, step) for step in book.step(second, what)]
    return outbox.append(drafts, at(second), lambda: Kept(book.written(), book.burning))


def fall(stage: Stage, track: int) -> Report:
    signal = RuleSignal(rule="fall", stage=stage, t_s=1.0, track=track, label="person")
    return Report(rule="fall", kind="fall", stage=stage, severity=CRITICAL, signal=signal)


def test_after_a_crash_alarms_and_events_are_of_the_same_moment(folder: Path, tmp_path: Path) -> None:
    rules, how = {"fall": FallRule(id="fall")}, AlarmSettings(often=0)
    outbox, book = opened(folder), AlarmBook(rules, how)
    chance = random.Random(3)
    for number in range(1, 45):
        falls = [fall(stage, chance.randint(1, 3)) for stage in Stage]
        happenings: list[Input] = [*falls, *falls, Tick(), Ack(), Mute(minutes=0.1)]
        tell(book, outbox, 40.0 * number, chance.choice(happenings))
        with crashed(folder, tmp_path / "after") as after:
            assert after.head == outbox.head
            assert AlarmBook.resume(rules, how, after.kept.text, 0.0, 0.0).written() == book.written()
            for alarm in book.burning:
                assert (row := after.last_of(alarm)) and row.event.data.alarm == alarm
    assert outbox.head.last > 15
    outbox.close()


def test_an_alarm_that_begins_while_the_disk_fails_is_named_after_the_event_that_is_sent(outbox: Outbox) -> None:
    book = AlarmBook({"fall": FallRule(id="fall")})
    with disk(works=False):
        (row,) = tell(book, outbox, 1.0, fall(Stage.CONFIRMED, 1))
    assert row.id == row.event.data.alarm == "epoch2-000001"
    assert book.burning == {"epoch2-000001"}
    outbox.tend(at(20))
    assert outbox.kept == Kept(book.written(), book.burning)
    (row,) = tell(book, outbox, 21.0, fall(Stage.CLEARED, 1))
    assert row.event.data.alarm == "epoch2-000001"
    assert outbox.kept.burning == frozenset()


# -- bounds


def test_it_holds_so_many_events_and_its_head_says_which(folder: Path) -> None:
    outbox = opened(folder, OutboxSettings(rows=100))
    for name in post(outbox, told(100), at(0)):
        outbox.mark_sent(name)
    post(outbox, told(30), at(1))
    assert outbox.head == Head("epoch1", 31, 130)
    assert all_ids(outbox, at(1)) == [f"epoch1-{seq:06d}" for seq in range(31, 131)]
    assert outbox.tend(at(2)) == []  # the broker had them: no loss
    outbox.close()


def test_what_is_lost_is_said_and_the_most_severe_goes_last(folder: Path) -> None:
    outbox = opened(folder, OutboxSettings(rows=100))
    post(outbox, [draft(severity=CRITICAL)] * 40 + [draft(severity=INFO)] * 40 + [draft(severity=WARNING)] * 20, at(0))
    post(outbox, [draft(severity=CRITICAL)] * 45, at(1))
    left = [row.event.data.severity for row in outbox.unsent(at(1), 1000)]
    assert [left.count(severity) for severity in (CRITICAL, WARNING, INFO)] == [85, 15, 0]
    assert outbox.head == Head("epoch1", 86, 145)
    (news,) = outbox.tend(at(2))
    assert "45 events that no broker had taken were dropped (40 info, 5 warning)" in news
    assert outbox.tend(at(3)) == []
    outbox.close()


def test_the_last_word_on_what_burns_is_never_dropped(folder: Path) -> None:
    outbox = opened(folder, OutboxSettings(rows=100))
    (alarm,) = post(outbox, [draft(severity=INFO)], at(0), frozenset({"epoch1-000001"}))
    outbox.mark_sent(alarm)
    for _ in range(5):
        post(outbox, [draft("other", CRITICAL)] * 60, at(1), frozenset({alarm}))
    row = outbox.last_of(alarm)
    assert row is not None and row.id == alarm
    outbox.close()


def test_its_bytes_are_bounded_and_so_is_its_file(folder: Path) -> None:
    folder.mkdir()
    store = Store(folder / "bath.sqlite", random_epoch)
    for second in range(60):
        store.append([draft(message="倒" * 100)] * 20, at(second), lambda: Kept("x" * 2000), Bounds(10_000, 500_000))
        assert store.bytes <= 500_000
    size = sum(path.stat().st_size for path in folder.iterdir())
    store.close()
    assert 500_000 < size < 500_000 * 1.5 + 2_000_000  # the log comes on top


def test_what_is_older_than_its_days_is_erased(folder: Path) -> None:
    outbox = opened(folder, OutboxSettings(days=1.0))
    secret = "青木さんが浴室で倒れました。"
    post(outbox, [draft(message=secret)] * 3, at(0))
    (alarm,) = post(outbox, [draft()], at(10), frozenset({"epoch1-000004"}))
    post(outbox, told(1), at(86_000), frozenset({alarm}))
    assert outbox.tend(at(86_401)) != []
    assert all_ids(outbox, at(86_401)) == ["epoch1-000004", "epoch1-000005"]  # what burns, and what is young
    assert outbox.head.first == 4
    outbox.close()
    assert secret.encode() not in (folder / "bath.sqlite").read_bytes()


def test_a_clock_that_wakes_up_in_1970_erases_nothing(folder: Path) -> None:
    outbox = opened(folder, OutboxSettings(days=1.0))
    post(outbox, told(3), at(5, synced=False, leap_s=-NOON))
    assert outbox.tend(at(60)) == []  # now it knows what year it is
    assert outbox.head.first == 1
    outbox.close()
    later = opened(folder, OutboxSettings(days=1.0))
    assert later.tend(at(60, boot="boot-2")) == []
    assert later.head.first == 1
    later.close()


ROOM = Bounds(6, 10**9)
PAPER = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.sampled_from(list(Severity)), st.sampled_from(["", "a", "b"])),
        st.tuples(st.just("take"), st.integers(0, 30)),
        st.tuples(st.just("burn"), st.sampled_from(["", "a", "ab"])),
    ),
    max_size=60,
)


@dataclass
class Line:
    """An event as one would note it on paper."""

    seq: int
    severity: Severity
    alarm: str
    taken: bool = False

    @property
    def worth(self) -> tuple[bool, int, int]:
        return not self.taken, 0 if self.taken else list(Severity).index(self.severity), self.seq


@given(steps=PAPER)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_what_is_dropped_first_follows_one_rule(steps: list[tuple[Any, ...]]) -> None:
    """Against the rule as one would apply it on paper, with room for six."""
    store = Store(None, lambda: "epoch1")
    paper: list[Line] = []
    kept = Kept("")
    first, last, lost = 1, 0, 0
    for step in steps:
        match step:
            case ("tell", severity, alarm):
                last += 1
                paper.append(Line(last, severity, alarm or f"epoch1-{last:06d}"))
                store.append([draft(alarm or None, severity)], at(0), partial(Kept, *kept), ROOM)
            case ("take", which) if paper:
                line = paper[which % len(paper)]
                line.taken = True
                store.mark([f"epoch1-{line.seq:06d}"])
            case ("burn", alarms):
                kept = Kept("", frozenset(alarms))
                store.append([], at(0), partial(Kept, *kept), ROOM)
        pinned = {max((line.seq for line in paper if line.alarm == alarm), default=0) for alarm in kept.burning}
        while len(paper) > ROOM.rows:
            victim = min((line for line in paper if line.seq not in pinned), key=lambda line: line.worth)
            paper.remove(victim)
            first, lost = max(first, victim.seq + 1), lost + (not victim.taken)
        found = store.range("epoch1", 1, last, 1000)
        assert [(each.id, each.taken) for each in found] == [(f"epoch1-{line.seq:06d}", line.taken) for line in paper]
        assert store.head == Head("epoch1", first, last)
        assert store.bytes == sum(len(each.row.event.to_json().encode()) + ROW_BYTES for each in found if each.row)
    assert store.lost().total() == lost


# -- kill -9


def test_forty_kills_lose_nothing_that_was_acknowledged() -> None:
    with quick_folder() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.killed_writer", str(folder), "40"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    acknowledged, middle = map(int, done.stdout.split())
    assert middle >= 30, "most were killed at work"
    assert acknowledged >= 40


# -- power cuts

SECTOR = 512


def torn(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """A file whose last writes were not synced: of its sectors any may be old, and its tail may be missing."""
    size = (
        max(len(before), len(after))
        if chance.random() < 0.7
        else chance.randint(len(before), max(len(before), len(after)))
    )
    mixed = bytearray(after.ljust(size, b"\0")[:size])
    for start in range(0, size, SECTOR):
        if chance.random() < 0.5:
            mixed[start : start + SECTOR] = before[start : start + SECTOR].ljust(
                len(mixed[start : start + SECTOR]), b"\0"
            )
    return bytes(mixed)


def test_a_power_cut_loses_nothing_that_was_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    """At each event the disk may have any of the sectors that were written since the last sync, or none of them."""
    monkeypatch.setattr(store, "CHECKPOINT_PAGES", 64)  # more of the moments that are delicate
    chance = random.Random(8)
    with quick_folder() as folder:
        outbox = opened(folder)
        base, log = folder / "bath.sqlite", folder / "bath.sqlite-wal"
        synced: list[str] = []
        cuts = into_base = 0
        for second in range(90):
            before = base.read_bytes(), log.read_bytes()
            names = post(outbox, told(1 + second % 3), at(second))
            if second % 4 == 0:
                outbox.mark_sent(names[0])
            after = base.read_bytes(), log.read_bytes()
            # the log is synced before a checkpoint writes into the base, and the base before the log begins anew
            cut = [(before[0], torn(before[1], after[1], chance))]
            if before[0] != after[0]:
                into_base += 1
                cut += [(torn(before[0], after[0], chance), after[1]) for _ in range(3)]
            for number, (base_bytes, log_bytes) in enumerate(cut):
                if number == 0 and second % 2:
                    continue
                dark = folder.parent / "dark"
                dark.mkdir()
                (dark / "bath.sqlite").write_bytes(base_bytes)
                (dark / "bath.sqlite-wal").write_bytes(log_bytes)
                (dark / "bath.ballast").touch()
                light = opened(dark, epochs="new")
                there = all_ids(light, at(second))
                assert there[: len(synced)] == synced
                assert there in (synced, synced + names), "all of what belongs together, or nothing"
                assert number == 0 or there == synced + names
                assert light.kept.text == (there[-1] if there else "")
                assert post(light, told(1), at(second)) == [f"epoch1-{len(there) + 1:06d}"]
                assert light.tend(at(second)) + light.close() == []
                shutil.rmtree(dark)
                cuts += 1
            synced += names
        outbox.close()
    assert cuts > 60
    assert into_base >= 5


# -- disks that are full or do not work


def test_while_the_disk_does_not_work_events_are_kept_in_memory_and_that_is_said(outbox: Outbox) -> None:
    before = post(outbox, told(2), at(0))
    with disk(works=False):
        during = post(outbox, told(3), at(1))
        assert in_memory(outbox)
        (_, news) = outbox.tend(at(1))
        assert "are kept in memory, where a power cut loses them" in news
        assert outbox.tend(at(60)) == []  # said once
        during += post(outbox, told(1), at(61))
    assert during == [f"epoch2-{seq:06d}" for seq in range(1, 5)]
    assert outbox.head == Head("epoch2", 1, 4)
    assert ids(outbox.unsent(at(62))) == before + during
    (news,) = outbox.tend(at(70))
    assert "is written to disk again, with 4 events from memory" in news
    assert not in_memory(outbox)
    assert outbox.kept.text == during[-1]
    assert post(outbox, told(1), at(71)) == ["epoch2-000005"]


def test_what_was_in_memory_is_on_the_disk_once_it_works_again(outbox: Outbox, folder: Path, tmp_path: Path) -> None:
    before = post(outbox, told(2), at(0))
    outbox.mark_sent(before[0])
    with disk(works=False):
        during = post(outbox, told(2), at(1))
        outbox.mark_sent(before[1])
        outbox.mark_sent(during[0])
    outbox.tend(at(10))
    after = opened(crash(folder, tmp_path / "after"))
    assert ids(after.unsent(at(11))) == during[1:]
    assert ids(after.range(1, 9, epoch="epoch1")) == before
    assert after.head == Head("epoch2", 1, 2)
    after.close()


def test_a_crash_while_the_disk_does_not_work_never_gives_a_number_twice(
    outbox: Outbox, folder: Path, tmp_path: Path
) -> None:
    before = post(outbox, told(2), at(0))
    with disk(works=False):
        lost = post(outbox, told(2), at(1))
    after = opened(crash(folder, tmp_path / "after"))
    assert ids(after.unsent(at(2))) == before
    later = post(after, told(1), at(3))
    assert not set(later) & {*before, *lost}
    after.close()


def test_a_disk_that_does_not_work_at_the_start_stops_nothing(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    with disk(works=False):
        outbox = opened(folder)
        names = post(outbox, told(2), at(0))
        assert in_memory(outbox)
        assert ids(outbox.unsent(at(0))) == names
    assert len(outbox.tend(at(10))) == 2
    assert not in_memory(outbox)
    outbox.close()
    again = opened(folder, epochs="other")
    assert all_ids(again, at(20)) == names
    again.close()


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    outbox = opened(tmp_path / "file")
    names = post(outbox, told(2), at(0))
    assert "cannot be written" in outbox.tend(at(1))[0]
    assert ids(outbox.unsent(at(1))) == names
    assert "2 events could not be written to disk and are lost" in outbox.close()[0]


def test_a_file_that_is_damaged_while_the_disk_fails_is_replaced_too(outbox: Outbox, folder: Path) -> None:
    post(outbox, told(3), at(0))
    with disk(works=False):
        names = post(outbox, told(2), at(1))
    (folder / "bath.sqlite").write_bytes(b"x" * 65536)
    (folder / "bath.sqlite-wal").write_bytes(b"")
    outbox.tend(at(10))
    outbox.tend(at(20))
    assert not in_memory(outbox)
    assert set(names) <= set(ids(outbox.unsent(at(21))))
    assert (folder / "bath.damaged").exists()


def test_what_a_failed_transaction_wrote_all_the_same_is_not_told_twice() -> None:
    """A sync can fail after the log has reached the disk: then the event is there, and in memory as well."""
    room = Bounds(100, 10**9)
    disk, memory = Store(None, lambda: "epoch1"), Store(None, lambda: "epoch2")
    disk.append(told(3), at(0), lambda: Kept("3"), room)
    memory.append(told(2), at(0), lambda: Kept("5"), room)
    for _ in range(2):  # and the same can happen to the way back
        disk.take_over(memory, room, ["epoch1-000001"], sure=Head("epoch1", 1, 2))
        assert [each.id for each in disk.unsent(10)] == ["epoch1-000002", "epoch2-000001", "epoch2-000002"]
        assert (disk.head, disk.rows, disk.kept.text) == (Head("epoch2", 1, 2), 4, "5")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own, which can be filled."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # a test that failed has files open


def fill(disk: Path) -> None:
    """Take every block that is free."""
    with (disk / "filler").open("ab") as filler:
        room = os.statvfs(disk)
        for size in (room.f_bavail * room.f_frsize, 4096):
            try:
                while True:
                    os.posix_fallocate(filler.fileno(), filler.tell(), size)
                    filler.seek(0, os.SEEK_END)
            except OSError:
                filler.seek(0, os.SEEK_END)


def test_on_a_full_disk_the_reserve_keeps_it_writing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as small:
        outbox = opened(small / "state")
        names = post(outbox, told(20), at(0))
        fill(small)
        for second in range(150):
            names += post(outbox, told(1), at(second))
            assert not in_memory(outbox)
        assert not (small / "state" / "bath.ballast").exists()
        (news,) = outbox.tend(at(200))
        assert "its reserve is used now: make room" in news
        after = opened(crash(small / "state", tmp_path / "after"))
        assert all_ids(after, at(200)) == names
        after.close()
        (small / "filler").unlink()
        assert outbox.tend(at(300)) == []
        assert (small / "state" / "bath.ballast").stat().st_size == BALLAST_BYTES
        assert outbox.head == Head("epoch1", 1, 170)
        outbox.close()


def test_where_another_program_takes_the_reserve_too_old_events_make_room_for_new_ones(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 8) as small:
        outbox = opened(small / "state")
        for second in range(400):
            for name in post(outbox, told(1), at(second)):
                outbox.mark_sent(name)
        outbox.tend(at(400))
        names = []
        for second in range(400, 700):
            fill(small)
            names += post(outbox, told(1), at(second))
        assert not in_memory(outbox)
        assert ids(outbox.unsent(at(700), 1000)) == names
        assert 1 < outbox.head.first < 401
        outbox.close()


def test_where_nothing_helps_memory_does_until_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4) as small:
        outbox = opened(small / "state")
        names: list[str] = []
        second = 0
        while not in_memory(outbox):  # the broker is away, so there is nothing old to give up
            second += 1
            assert second < 5000
            names += post(outbox, told(5), at(second))
            fill(small)
        names += post(outbox, told(50), at(second))
        assert ids(outbox.unsent(at(second), 100_000)) == names
        (small / "filler").unlink()
        assert "is written to disk again" in outbox.tend(at(second + 10))[-1]
        outbox.close()
        after = opened(small / "state", epochs="other")
        assert ids(after.unsent(at(second + 11), 100_000)) == names
        assert len(set(names)) == len(names)
        after.close()


# -- damage


def filled(folder: Path, events: int = 60) -> list[str]:
    """An outbox that was closed in order."""
    outbox = opened(folder)
    names = post(outbox, told(events), at(0), frozenset({"epoch1-000001"}))
    outbox.close()
    return names


def test_a_file_that_is_no_database_is_laid_aside(folder: Path) -> None:
    filled(folder)
    (folder / "bath.sqlite").write_bytes(b"not a database at all" * 1000)
    outbox = opened(folder, epochs="new")
    assert post(outbox, told(1), at(1)) == ["new1-000001"]
    assert not in_memory(outbox)
    news = outbox.tend(at(1))
    assert f"was damaged and is laid aside as {folder / 'bath.damaged'}" in news[0]
    assert (folder / "bath.damaged").read_bytes().startswith(b"not a database")
    outbox.close()


def test_what_can_be_read_of_a_damaged_file_is_saved_and_numbers_begin_anew(folder: Path) -> None:
    names = filled(folder)
    page = 4096
    content = bytearray((folder / "bath.sqlite").read_bytes())
    where = content.index(f'"id":"{names[30]}"'.encode()) // page * page
    content[where : where + page] = os.urandom(page)
    (folder / "bath.sqlite").write_bytes(content)
    outbox = opened(folder, epochs="new")
    saved = ids(outbox.unsent(at(1), 1000))
    assert 0 < len(saved) < len(names)
    assert set(saved) < set(names)
    assert saved == sorted(saved)
    assert f"{len(saved)} events of it could be saved" in outbox.tend(at(1))[0]
    assert outbox.kept.text == names[-1]
    assert post(outbox, told(1), at(1)) == ["new1-000001"]
    outbox.close()


def test_a_file_of_a_later_version_is_laid_aside_and_not_touched(folder: Path) -> None:
    filled(folder)
    db = sqlite3.connect(folder / "bath.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    content = (folder / "bath.sqlite").read_bytes()
    outbox = opened(folder, epochs="new")
    assert post(outbox, told(1), at(1)) == ["new1-000001"]
    assert "was written by another version of semcam" in outbox.tend(at(1))[0]
    assert (folder / "bath.damaged").read_bytes() == content
    outbox.close()


def test_a_database_of_another_program_is_not_written_into(folder: Path) -> None:
    folder.mkdir()
    db = sqlite3.connect(folder / "bath.sqlite")
    db.execute("CREATE TABLE recipes (name TEXT)")
    db.close()
    outbox = opened(folder)
    assert len(post(outbox, told(1), at(1))) == 1
    outbox.close()
    db = sqlite3.connect(folder / "bath.damaged")
    assert db.execute("SELECT name FROM sqlite_schema").fetchall() == [("recipes",)]
    db.close()


def test_the_log_of_a_damaged_file_does_not_come_back_into_the_new_one(folder: Path, tmp_path: Path) -> None:
    filled(folder)
    outbox = opened(folder)
    outbox.append([], at(1), lambda: Kept("old"))  # stands in the log alone
    crashed = crash(folder, tmp_path / "crashed")
    outbox.close()
    (crashed / "bath.sqlite").write_bytes(b"x" * 65536)
    anew = opened(crashed, epochs="new")
    names = post(anew, told(2), at(1))
    anew.close()
    again = opened(crashed)
    assert (all_ids(again, at(2)), again.kept.text) == (names, names[-1])
    again.close()


def test_damage_that_shows_only_later_stops_nothing_either(folder: Path) -> None:
    outbox = opened(folder)
    names = post(outbox, told(300), at(0))
    base = folder / "bath.sqlite"
    with base.open("r+b") as file:  # behind the back of the running courier
        size = base.stat().st_size
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    (folder / "bath.sqlite-wal").write_bytes(b"")
    more: list[str] = []
    for second in range(1, 100):
        more += post(outbox, told(1), at(second))
    left = ids(outbox.unsent(at(100), 10_000))
    news = outbox.tend(at(101))
    assert set(more) <= set(left) or any("damaged" in each for each in news)
    assert len(set(names) | set(more)) == len(names) + len(more)
    outbox.close()


def test_an_event_that_cannot_be_read_does_not_hold_up_the_others(folder: Path) -> None:
    names = filled(folder, 3)
    db = sqlite3.connect(folder / "bath.sqlite")
    db.execute("UPDATE event SET event = replace(event, 'specversion', 'spicversion') WHERE seq = 2")
    db.commit()
    db.close()
    outbox = opened(folder)
    assert ids(outbox.unsent(at(1))) == [names[0], names[2]]
    assert ids(outbox.unsent(at(1))) == [names[0], names[2]]
    assert [news for news in outbox.tend(at(1)) if f"event {names[1]} cannot be read" in news]
    outbox.close()


def test_what_was_laid_aside_is_erased_when_its_days_are_over(folder: Path) -> None:
    folder.mkdir()
    (folder / "bath.sqlite").write_bytes(b"x" * 8192)
    outbox = opened(folder)
    aside = folder / "bath.damaged"
    os.utime(aside, (NOON, NOON))
    outbox.tend(at(0))
    assert aside.exists()
    outbox.tend(at(31 * 86400))
    assert not aside.exists()
    outbox.close()


@given(
    wounds=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=600)), min_size=1, max_size=4),
    cut=st.one_of(st.none(), st.floats(0, 1)),
)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_whatever_is_wrong_with_the_file_the_camera_goes_on(
    wounds: list[tuple[float, bytes]], cut: float | None
) -> None:
    with quick_folder() as folder:
        names = filled(folder, 20)
        content = bytearray((folder / "bath.sqlite").read_bytes())
        for where, blow in wounds:
            start = int(where * (len(content) - 1))
            content[start : start + len(blow)] = blow
        if cut is not None:
            del content[int(cut * len(content)) :]
        (folder / "bath.sqlite").write_bytes(content)
        outbox = opened(folder, epochs="new")
        fresh = post(outbox, told(2), at(1))
        unsent = ids(outbox.unsent(at(2), 1000))
        assert fresh == [id for id in unsent if id in fresh]
        assert not set(fresh) & set(names), "no number is given twice"
        outbox.tend(at(100))
        outbox.close()


# -- anything, in any order


class Life(RuleBasedStateMachine):
    """An outbox through failing disks, crashes and restarts, beside a list that remembers what must be there."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None)
        self.folder = Path(self.place.name) / "0"
        self.generation = 0
        self.epochs = counting()
        self.works = True
        self.second = 0.0
        self.on_disk: list[str] = []
        self.in_memory: list[str] = []
        self.sent_on_disk: set[str] = set()
        self.sent: set[str] = set()
        self.ever: set[str] = set()
        self.outbox = Outbox.open(self.folder, "bath", ROOMY, self.epochs)

    def teardown(self) -> None:
        self.outbox.close()
        self.place.cleanup()

    @property
    def now(self) -> Moment:
        return at(self.second)

    @rule(number=st.integers(1, 3))
    def tell(self, number: int) -> None:
        with disk(self.works):
            names = post(self.outbox, told(number), self.now)
        assert not set(names) & self.ever, "no number is given twice"
        self.ever |= set(names)
        assert self.outbox.is_in_memory == bool(not self.works or self.was_in_memory)
        if self.outbox.is_in_memory:
            self.in_memory += names
        else:
            self.on_disk += names
            self.sent_on_disk = set(self.sent)
        self.was_in_memory = self.outbox.is_in_memory

    was_in_memory = False

    @rule(most=st.integers(1, 5))
    def send(self, most: int) -> None:
        rows = self.outbox.unsent(self.now, most)
        expected = [name for name in self.on_disk + self.in_memory if name not in self.sent]
        assert ids(rows) == expected[:most], "in order, each, and nothing twice"
        for row in rows[: most // 2 + 1]:
            self.outbox.mark_sent(row.id)
            self.sent.add(row.id)

    @rule()
    def tend(self) -> None:
        self.second += 6
        with disk(self.works):
            self.outbox.tend(self.now)
        assert self.outbox.is_in_memory == (self.was_in_memory and not self.works)
        self.settle()

    def settle(self) -> None:
        """What was written, where the disk works."""
        if self.works:
            self.on_disk, self.in_memory = self.on_disk + self.in_memory, []
            self.sent_on_disk = set(self.sent)
        self.was_in_memory = self.outbox.is_in_memory

    @rule(works=st.booleans())
    def disk_changes(self, works: bool) -> None:
        self.works = works

    @rule()
    def crash(self) -> None:
        self.generation += 1
        after = crash(self.folder, Path(self.place.name) / str(self.generation))
        self.outbox.close()
        self.folder, self.in_memory = after, []
        self.sent &= self.sent_on_disk
        self.reopen()

    @rule()
    def restart(self) -> None:
        with disk(self.works):
            self.outbox.close()
        self.settle()
        self.in_memory = []
        self.sent &= self.sent_on_disk
        self.reopen()

    def reopen(self) -> None:
        with disk(self.works):
            self.outbox = Outbox.open(self.folder, "bath", ROOMY, self.epochs)
        self.was_in_memory = self.outbox.is_in_memory

    @invariant()
    def everything_is_there(self) -> None:
        epochs = {name.partition("-")[0] for name in self.on_disk + self.in_memory}
        found: list[Row] = [row for epoch in sorted(epochs) for row in self.outbox.range(1, 10**6, epoch=epoch)]
        assert set(ids(found)) == self.sent & set(self.on_disk + self.in_memory)
        head = self.outbox.head
        mine = [name for name in self.on_disk + self.in_memory if name.startswith(f"{head.epoch}-")]
        assert mine == [f"{head.epoch}-{seq:06d}" for seq in range(1, head.last + 1)], "gapless"
        everything = self.on_disk + self.in_memory
        if everything and self.was_in_memory == bool(self.in_memory):
            assert self.outbox.kept.text == everything[-1], "neither is ahead of the other"


Life.TestCase.settings = settings(max_examples=20, stateful_step_count=30, derandomize=True, deadline=None)
TestLife = Life.TestCase
