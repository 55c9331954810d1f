"""What the clock on the wall shows, where the camera hangs."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.config import Config
from semcam.contract.load import DEMO, load_config
from semcam.contract.local_time import LocalTime, local_time, read_zone, source_times
from semcam.courier.clock import ReplayClock, system_zone
from semcam.workbench.replay import EPOCH_START, times_of

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = 6
fuzz = settings(max_examples=150, deadline=None, derandomize=True)


def at(moment: datetime) -> LocalTime:
    return local_time(moment.timestamp(), BERLIN)


def demo(timezone: str | None = None) -> Config:
    return load_config(DEMO).model_copy(update={"timezone": timezone})


def test_the_clock_leaps_to_summer_time_and_falls_back_as_the_clock_on_the_wall_does() -> None:
    before = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    spring = [at(before), at(before + timedelta(minutes=1))]
    assert [now.minute for now in spring] == [1 * 60 + 59, 3 * 60]
    assert {(now.day, now.weekday) for now in spring} == {(datetime(2026, 3, 29).toordinal(), SUNDAY)}
    before = datetime(2026, 10, 25, 0, 59, tzinfo=UTC)
    assert [at(before + timedelta(minutes=m)).minute for m in (0, 1)] == [2 * 60 + 59, 2 * 60]


def test_a_clip_runs_on_from_its_start_into_the_next_day() -> None:
    times = source_times(datetime(2026, 11, 21, 22, 59, 30, tzinfo=UTC).timestamp(), BERLIN)
    late, early = times(0.0), times(30.0)
    assert (late.minute, early.minute) == (23 * 60 + 59.5, 0.0)
    assert early.day == late.day + 1
    assert early.weekday == (late.weekday + 1) % 7


@given(st.floats(min_value=-1e10, max_value=1e11, allow_nan=False))
@fuzz
def test_every_moment_has_a_reading(unix_s: float) -> None:
    now = local_time(unix_s, BERLIN)
    assert 0 <= now.minute < 24 * 60
    assert 0 <= now.weekday <= SUNDAY


@pytest.mark.parametrize(("name", "hours"), [("Asia/Tokyo", 9), ("+09:00", 9), ("-03:30", -3.5), ("UTC", 0)])
def test_a_time_zone_is_named_or_measured(name: str, hours: float) -> None:
    assert datetime(2026, 11, 21, tzinfo=read_zone(name)).utcoffset() == timedelta(hours=hours)


@given(st.text(max_size=40))
@fuzz
def test_whatever_is_no_time_zone_is_refused_in_one_sentence(name: str) -> None:
    try:
        assert datetime(2026, 11, 21, tzinfo=read_zone(name)).utcoffset() is not None
    except ValueError as refused:
        assert "write it like Asia/Tokyo" in str(refused)


def test_a_replay_has_the_hours_of_its_configuration_or_else_of_its_start() -> None:
    tokyo = datetime(2026, 11, 21, 23, 0, tzinfo=timezone(timedelta(hours=9)))
    assert times_of(demo(), tokyo) == {"start_unix_s": tokyo.timestamp(), "timezone": "+09:00"}
    assert times_of(demo("Europe/Berlin"), tokyo)["timezone"] == "Europe/Berlin"
    assert times_of(demo(), EPOCH_START) == {"start_unix_s": 0.0, "timezone": "+00:00"}


def test_events_are_stamped_in_utc_wherever_the_clip_began() -> None:
    tokyo = datetime(2026, 11, 21, 23, 0, tzinfo=timezone(timedelta(hours=9)))
    clock = ReplayClock(tokyo)
    assert clock.stamp(clock.moment(1.5))[0] == "2026-11-21T14:00:01.500Z"


def test_the_machine_knows_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_zone(system_zone())
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert system_zone() == "Asia/Tokyo"
    monkeypatch.setenv("TZ", "nowhere/at-all")
    assert read_zone(system_zone())
