"""When a rule is in force: hours of the local day, across midnight, on some days, and when the clocks are changed."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.local_time import LocalTime, local_time, read_zone
from semcam.contract.rule_base import WEEKDAYS, HoldRule
from semcam.rules.schedule import Schedule

DAY = 24 * 60
BERLIN = read_zone("Europe/Berlin")


def schedule(**hours: Any) -> Schedule:
    return Schedule.of(HoldRule(id="rule", **hours))


def at(weekday: str, time: str) -> LocalTime:
    """A reading of the clock in some week; Monday is day 7."""
    place = list[str](WEEKDAYS).index(weekday)
    hour, minute = map(int, time.split(":"))
    return LocalTime(7 + place, place, hour * 60 + minute)


def test_without_hours_a_rule_is_always_in_force() -> None:
    assert all(schedule().is_open(at(day, time)) for day in WEEKDAYS for time in ("00:00", "12:00", "23:59"))


@pytest.mark.parametrize(
    ("time", "is_open"), [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False), ("00:00", False)]
)
def test_hours_of_a_day_begin_with_their_first_minute_and_end_before_their_last(time: str, is_open: bool) -> None:
    assert schedule(between=("09:00", "17:00")).is_open(at("wed", time)) is is_open


@pytest.mark.parametrize(
    ("time", "is_open"), [("21:59", False), ("22:00", True), ("00:00", True), ("05:59", True), ("06:00", False)]
)
def test_hours_run_across_midnight(time: str, is_open: bool) -> None:
    assert schedule(between=("22:00", "06:00")).is_open(at("wed", time)) is is_open


@pytest.mark.parametrize("midnight", ["00:00", "24:00"])
def test_hours_may_end_at_midnight_however_it_is_written(midnight: str) -> None:
    evening = schedule(between=("18:00", midnight))
    assert evening.is_open(at("mon", "23:59"))
    assert not evening.is_open(at("tue", "00:00"))


@pytest.mark.parametrize("midnight", ["00:00", "24:00"])
def test_hours_may_begin_at_midnight_however_it_is_written(midnight: str) -> None:
    night = schedule(between=(midnight, "06:00"))
    assert night.is_open(at("tue", "00:00"))
    assert not night.is_open(at("mon", "23:59"))


def test_on_some_days_only() -> None:
    weekend = schedule(weekdays=("sat", "sun"))
    assert [weekend.is_open(at(day, "12:00")) for day in WEEKDAYS] == [False] * 5 + [True] * 2


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday = schedule(between=("22:00", "06:00"), weekdays=("fri",))
    assert friday.is_open(at("fri", "23:00"))
    assert friday.is_open(at("sat", "05:00"))
    assert not friday.is_open(at("fri", "05:00"))
    assert not friday.is_open(at("sat", "23:00"))


def test_a_sunday_night_goes_on_into_monday() -> None:
    assert schedule(between=("22:00", "06:00"), weekdays=("sun",)).is_open(at("mon", "01:00"))


def open_minutes(rule: Schedule, first: datetime, hours: int) -> int:
    """For how many real minutes from `first` on, local time in Berlin, the rule is in force."""
    start_s = first.replace(tzinfo=BERLIN).timestamp()
    return sum(rule.is_open(local_time(start_s + 60 * minute, BERLIN)) for minute in range(60 * hours))


def test_the_night_in_which_clocks_are_put_forward_is_an_hour_shorter() -> None:
    assert open_minutes(schedule(between=("22:00", "06:00")), datetime(2026, 3, 28, 12), 24) == 7 * 60


def test_the_night_in_which_clocks_are_put_back_is_an_hour_longer() -> None:
    assert open_minutes(schedule(between=("22:00", "06:00")), datetime(2026, 10, 24, 12), 24) == 9 * 60


def test_hours_that_a_change_of_the_clocks_leaves_out_do_not_come_and_those_it_repeats_come_twice() -> None:
    small_hours = schedule(between=("02:15", "02:45"))
    assert open_minutes(small_hours, datetime(2026, 3, 28, 12), 24) == 0
    assert open_minutes(small_hours, datetime(2026, 10, 24, 12), 24) == 60


TIMES = st.builds(lambda minute: f"{minute // 60:02}:{minute % 60:02}", st.integers(0, DAY))


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    between=st.tuples(TIMES, TIMES),
    weekdays=st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    day=st.integers(700, 800),
    minute=st.integers(0, DAY - 1),
)
def test_it_is_in_force_exactly_while_hours_that_began_on_one_of_its_days_last(
    between: tuple[str, str], weekdays: set[str], day: int, minute: int
) -> None:
    begins, ends = (int(time[:2]) * 60 + int(time[3:]) for time in between)
    length = (ends - begins) % DAY or DAY
    if begins % DAY == ends % DAY and between != ("00:00", "24:00"):
        return  # refused when the configuration is read
    now = day * DAY + minute
    begun = [other * DAY + begins for other in (day - 1, day) if WEEKDAYS[other % 7] in weekdays]
    rule = schedule(between=between, weekdays=tuple(sorted(weekdays)))
    assert rule.is_open(LocalTime(day, day % 7, minute)) is any(start <= now < start + length for start in begun)
