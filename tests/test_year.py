"""More than a year goes by: every day comes once, whatever is done to the clocks, and no counter ends or goes back."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from semcam.contract.delivery import OutboxSettings
from semcam.contract.event import LostDay
from semcam.contract.local_time import local_time, read_zone
from semcam.contract.rules import AbsenceRule
from semcam.contract.signal import BEAT_BYTES, Beat, RuleSignal, Stage, View, from_line, to_line
from semcam.courier.backoff import backoff_s
from semcam.courier.moment import Moment
from semcam.courier.outbox import Outbox
from semcam.courier.sight import DAYS, LostDays
from semcam.rules.absence import Morning
from semcam.rules.schedule import Schedule
from semcam.vision.capture.newest import Grid
from tests.posting import NOON, at, counting, post, told
from tests.test_desk import HOUSE, Room

HOUR_S, DAY_S = 3600.0, 86_400.0
YEAR = 372
"""Days that are walked through: from wherever they begin, both changes of the clocks are among them."""

zones = st.sampled_from(
    (
        "Asia/Tokyo", "+05:45", "Pacific/Kiritimati",  # which change nothing; the last is ahead of everybody
        "Europe/Berlin", "Europe/Dublin", "America/New_York",
        "Australia/Sydney",  # summer in January
        "Australia/Lord_Howe",  # by half an hour
        "Antarctica/Troll",  # by two
        "America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Nuuk",  # at midnight: days that begin at one
        "Africa/Casablanca",  # four times a year
    )
)  # fmt: skip
starts = st.integers(
    int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2030, 1, 1, tzinfo=UTC).timestamp())
)
IN_A_LEAP_YEAR = int(datetime(2028, 1, 31, 13, 37, tzinfo=UTC).timestamp())


def many(number: int) -> settings:
    """Without looking for a simpler year where one goes wrong: each takes a second or two."""
    phases = (Phase.explicit, Phase.generate)
    return settings(derandomize=True, deadline=None, max_examples=number, phases=phases)


def walk(start_s: int, step_s: float) -> Iterator[float]:
    """Moments of that time, seconds since 1970."""
    return (start_s + step * step_s for step in range(round(YEAR * DAY_S / step_s)))


def day_of(unix_s: float, zone: tzinfo) -> date:
    return datetime.fromtimestamp(unix_s, UTC).astimezone(zone).date()


def instants(hour: int, start_s: float, end_s: float, zone: tzinfo) -> list[float]:
    """When the clocks there came to a full hour, of each day, from the start until the end."""
    days = (day_of(start_s, zone) + timedelta(days=number) for number in range(YEAR + 2))
    seconds = (datetime(day.year, day.month, day.day, hour, tzinfo=zone).timestamp() for day in days)
    return [unix_s for unix_s in seconds if start_s < unix_s <= end_s]


# -- the calendar


@given(zones, starts)
@example("America/Santiago", IN_A_LEAP_YEAR)
@many(30)
def test_no_day_is_left_out_and_none_comes_again(name: str, start_s: int) -> None:
    zone = read_zone(name)
    days = [local_time(unix_s, zone) for unix_s in walk(start_s, HOUR_S)]
    assert all(later.day - earlier.day in (0, 1) for earlier, later in pairwise(days))
    assert all(each.weekday == date.fromordinal(each.day).weekday() for each in days)
    assert len({each.day for each in days}) in (YEAR, YEAR + 1)


@given(zones, starts)
@example("Africa/Cairo", IN_A_LEAP_YEAR)
@many(6)
def test_of_a_camera_that_never_sees_each_day_is_lost_with_all_its_hours(name: str, start_s: int) -> None:
    zone, step_s = read_zone(name), 1200.0
    days, told_days = LostDays(zone), dict[str, int]()
    for unix_s in walk(start_s, step_s):
        days.pass_time(now := Moment(unix_s, True, "boot-1", unix_s), lost=True)
        if len(of := days.of(now)) > 1:
            told_days[of[1].day] = of[1].seconds
        assert len(of) <= DAYS
        is_in_order(of, day_of(unix_s, zone))
    midnights = instants(0, start_s, unix_s, zone)
    for earlier, later in pairwise(midnights):
        assert told_days[day_of(earlier, zone).isoformat()] == pytest.approx(later - earlier, abs=step_s)
    whole = list(told_days.values())
    # the rest was today's; each day is told in full seconds
    assert sum(whole) == pytest.approx(midnights[-1] - start_s, abs=step_s + len(whole) / 2)


def is_in_order(days: tuple[LostDay, ...], today: date) -> None:
    """Today first, and each day once."""
    named = [each.day for each in days]
    assert named[0] == today.isoformat()
    assert named == sorted(set(named), reverse=True)


@given(zones, starts)
@example("Africa/Casablanca", IN_A_LEAP_YEAR)
@many(20)
def test_every_night_is_watched_once_and_every_morning_judged_once(name: str, start_s: int) -> None:
    zone = read_zone(name)
    rule = AbsenceRule(id="absence", since="04:00", by="09:00")
    night, morning = Schedule.of(rule.model_copy(update={"between": ("22:00", "06:00")})), Morning(rule, "09:00")
    was_open, nights, missed = True, 0, 0  # a night in which it begins began before
    for unix_s in walk(start_s, HOUR_S / 2):
        now = local_time(unix_s, zone)
        nights += night.is_open(now) and not was_open
        was_open = night.is_open(now)
        morning.step(now, in_sight=False)
        missed += morning.is_missed
        morning.is_missed = False
    assert missed == len(instants(9, start_s, unix_s, zone))
    assert nights == len(instants(22, start_s, unix_s, zone))


# -- one camera's year


class Year(Room):
    """A camera that takes 30 pictures a second, and whose vision process may be started anew."""

    def __init__(self, zone: str, start_s: int) -> None:
        super().__init__(HOUSE.model_copy(update={"timezone": zone}))
        self.clock.leap_s = start_s - NOON
        self.zone = read_zone(zone)
        self.began_s = 0.0
        self.taken_before, self.taken = 0, 0
        """Pictures: of vision processes that have ended, and of the one that runs."""

    def see(self, view: View) -> None:
        t_s = self.clock.second - self.began_s
        self.taken = round(30 * t_s)
        self.desk.beat(Beat(t_s=t_s, frames=self.taken, view=view))
        assert self.desk.tally.frames == self.taken_before + self.taken

    def fall(self, track: int) -> None:
        """Somebody falls, and is up again after a minute."""
        for stage in (Stage.CONFIRMED, Stage.CLEARED):
            t_s = self.clock.second - self.began_s
            self.desk.take(RuleSignal(rule="fall", stage=stage, t_s=t_s, track=track, label="person"))
            self.clock.second += 60

    def start_vision_anew(self) -> None:
        self.desk.fault()
        self.began_s = self.clock.second
        self.taken_before, self.taken = self.taken_before + self.taken, 0
        self.see(View.OK)


@given(zones, starts, st.booleans())
@example("America/Santiago", IN_A_LEAP_YEAR, False)
@many(4)
def test_a_camera_tells_of_every_day_of_its_year_in_order(name: str, start_s: int, weekly: bool) -> None:
    """Once a day it sees nothing for two hours, and somebody falls; once a week its process dies, or never."""
    step_s, year = 2 * HOUR_S, Year(name, start_s)
    seen = set[date]()
    for year.clock.second in (step * step_s for step in range(round(YEAR * DAY_S / step_s))):
        today = day_of(start_s + year.clock.second, year.zone)
        if weekly and year.clock.second % (7 * DAY_S) == 6 * DAY_S:
            year.start_vision_anew()
        year.see(View.OK if today in seen else View.DARK)
        if today not in seen:
            seen.add(today)
            year.fall(track=len(seen))
        lost = year.desk.status.lost_by_day
        assert lost is not None
        assert len(lost) <= DAYS
        is_in_order(lost, today)

    events = [each.event for each in year.deliveries]
    assert [event.data.seq for event in events] == list(range(1, len(events) + 1))
    assert all(earlier.time <= later.time for earlier, later in pairwise(events))
    fallen = [event.time for event in events if event.kind == "fall" and event.data.stage.value == "confirmed"]
    days = [datetime.fromisoformat(time).astimezone(year.zone).date() for time in fallen]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) >= YEAR
    tally = year.desk.tally
    assert sum(tally.view_s.values()) == pytest.approx(year.clock.second, abs=step_s)
    assert sum(tally.events.values()) == len(events)


# -- counters


@given(st.floats(0, 10))
@example(10.0)
@many(50)
def test_ten_years_at_thirty_pictures_a_second_fit_into_a_heartbeat(years: float) -> None:
    t_s = years * 366 * DAY_S
    beat = Beat(t_s=t_s, frames=round(30 * t_s), view=View.NO_FRAMES, age_ms=10_000)
    assert from_line(to_line(beat)) == beat
    assert len(to_line(beat)) == BEAT_BYTES


@pytest.mark.parametrize("fps", [1.0, 2.0, 5.0, 7.5, 10.0, 30.0])
@pytest.mark.parametrize("years", [1, 10])
def test_after_years_as_many_pictures_are_looked_at_as_on_the_first_day(fps: float, years: int) -> None:
    def wanted(start_s: float) -> int:
        grid = Grid(fps)
        return sum(grid.wants(start_s + picture / 30) for picture in range(30 * 60))

    assert wanted(years * 366 * DAY_S + 0.017) == pytest.approx(wanted(0.017), abs=1)


def test_the_millionth_event_follows_the_one_before(tmp_path: Path) -> None:
    """Names are as long as they need to be, and nobody sorts them by their letters."""
    settings = OutboxSettings()
    Outbox.open(tmp_path, "room", settings, counting()).close()
    (file,) = tmp_path.glob("*.sqlite")
    with sqlite3.connect(file) as store:
        store.execute("UPDATE head SET first = 999999, last = 999998")
    store.close()
    outbox = Outbox.open(tmp_path, "room", settings, counting("other"))
    epoch = outbox.head.epoch
    names = post(outbox, told(2), at(0)) + post(outbox, told(2), at(1))
    assert names == [f"{epoch}-{number}" for number in ("999999", "1000000", "1000001", "1000002")]
    assert [row.id for row in outbox.unsent(at(2))] == names
    for name in names[:3]:
        outbox.mark_sent(name)
    outbox.close()
    outbox = Outbox.open(tmp_path, "room", settings, counting("other"))
    assert [row.id for row in outbox.unsent(at(3))] == names[3:]
    assert [row.event.data.seq for row in outbox.range(999_999, 1_000_001)] == [999_999, 1_000_000, 1_000_001]
    assert post(outbox, told(1), at(4)) == [f"{epoch}-1000003"]
    outbox.close()


@given(st.integers(0, 10**9), st.floats(0.01, 10), st.floats(10, 300))
@many(100)
def test_however_often_something_has_failed_it_is_tried_again(failures: int, first_s: float, longest_s: float) -> None:
    pause_s = backoff_s(failures, first_s, longest_s)
    assert first_s <= pause_s <= longest_s
    assert pause_s <= backoff_s(failures + 1, first_s, longest_s)
    assert backoff_s(failures + 20, first_s, longest_s) == longest_s
    assert backoff_s(0, first_s, longest_s) == first_s
