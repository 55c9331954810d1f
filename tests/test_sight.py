"""What becomes of heartbeats that tell of a lost view: events, one for each trouble, and sums for each day."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.command import Ack
from semcam.contract.event import MAX_EVENT_BYTES, Alarm, AlarmState, Event
from semcam.contract.signal import NOTICED_AFTER_S, Beat, View
from semcam.courier.moment import Moment
from semcam.courier.sight import DAYS, KNOWS_AFTER_S, LATE_MS, Lateness, LostDays
from tests.test_desk import HOUSE, Room

ON, OFF = AlarmState.ON, AlarmState.OFF
HOUR = 3600.0
LOST = [view for view in View if view is not View.OK]


class Ward(Room):
    """A bedroom whose camera beats once a second."""

    since_start = 0.0

    def see(self, view: View, seconds: int, age_ms: int | None = None) -> None:
        for _ in range(seconds):
            self.clock.second += 1
            self.since_start += 1
            frames = int(self.since_start) * 10
            self.desk.beat(Beat(t_s=self.since_start, frames=frames, view=view, age_ms=age_ms))

    def vision_starts_anew(self) -> None:
        self.since_start = 0.0

    @property
    def events(self) -> list[Event]:
        return [each.event for each in self.deliveries]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    @property
    def lost_today(self) -> int:
        assert self.desk.status.lost_by_day is not None
        return self.desk.status.lost_by_day[0].seconds


@pytest.fixture
def ward() -> Ward:
    return Ward(HOUSE)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Ward]:
    ward = Ward(HOUSE, tmp_path)
    yield ward
    ward.outbox.close()


# -- events


@pytest.mark.parametrize("view", [view for view in LOST if view is not View.LATE])
def test_a_lost_view_is_told_with_its_reason_and_since_when_and_its_end_with_what_was_lost(
    ward: Ward, view: View
) -> None:
    ward.see(View.OK, 20)
    ward.see(view, 30)
    ward.see(View.OK, 5)
    assert [(event.kind, each.state) for event, each in zip(ward.events, ward.deliveries, strict=True)] == [
        ("view_lost", ON),
        ("view_restored", OFF),
    ]
    lost, restored = ward.events
    assert lost.data.reason is restored.data.reason is view
    assert lost.data.since == restored.data.since
    assert lost.data.since is not None
    noticed_s = (datetime.fromisoformat(lost.time) - datetime.fromisoformat(lost.data.since)).total_seconds()
    assert 6 <= noticed_s <= 11
    assert restored.data.lasted_s == 30 + noticed_s
    assert lost.data.severity.value == ("info" if view is View.DARK else "warning")
    assert {lost.data.rule, restored.data.rule} == {"view_lost"}
    assert restored.data.alarm == lost.data.alarm
    assert all(len(Alarm(ON, event).to_json().encode()) < MAX_EVENT_BYTES for event in ward.events)
    assert ward.desk.status.view is View.OK
    assert ward.lost_today == pytest.approx(restored.data.lasted_s, abs=1)


def test_the_sentences(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.see(View.COVERED, 112)
    ward.see(View.OK, 5)
    assert ward.said() == [
        "The camera in the bedroom is covered.",
        "The camera in the bedroom sees again, after 2 minutes.",
    ]


def test_whoever_was_away_sees_what_is_still_lost(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.see(View.MOVED, 5)
    state, row = ward.desk.alarms["view_lost"]
    assert state is ON
    assert row is not None
    assert row.event.data.reason is View.MOVED


def test_a_reason_that_becomes_worse_is_told_and_any_other_stands_in_the_status(ward: Ward) -> None:
    ward.see(View.OK, 20)
    for view in (View.DARK, View.COVERED, View.BLURRED, View.DARK):
        ward.see(view, 5)
        assert ward.desk.status.view is view
    assert [event.data.reason for event in ward.events] == [View.DARK, View.COVERED]
    assert len({event.data.alarm for event in ward.events}) == 1


def test_the_light_of_a_bathroom_is_not_told_each_time_all_day(ward: Ward) -> None:
    for _ in range(20):
        ward.see(View.OK, 60)
        ward.see(View.DARK, 240)
    assert ward.kinds == [*["view_lost", "view_restored"] * 3, "view_lost"]
    counted = ward.events[-1].data
    assert (counted.stage.value, counted.times) == ("updated", 13)  # in the hour since the fourth
    assert {event.data.severity.value for event in ward.events} == {"info"}
    assert ward.lost_today == pytest.approx(20 * (240 + NOTICED_AFTER_S), abs=60)


def test_a_camera_that_flaps_is_told_a_few_times_and_when_it_stays_lost(ward: Ward) -> None:
    for _ in range(30):
        ward.see(View.OK, 30)
        ward.see(View.COVERED, 30)
    assert ward.kinds == ["view_lost", "view_restored"] * 3
    ward.see(View.COVERED, 130)
    assert ward.kinds[6:] == ["view_lost"]
    assert ward.events[-1].data.times is not None


def test_what_a_person_has_closed_is_not_told_again_until_something_changes(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.see(View.BLURRED, 5)
    ward.desk.obey(Ack(over=True, alarm=ward.events[0].data.alarm, by="Aiko"))
    ward.see(View.BLURRED, 60)
    assert ward.kinds == ["view_lost", "view_lost"]
    assert ward.said()[-1] == "The camera in the bedroom is out of focus. Closed by Aiko."
    ward.see(View.COVERED, 5)
    assert ward.events[-1].data.reason is View.COVERED


# -- one trouble, one sentence


def test_a_camera_without_pictures_is_told_once_and_its_process_that_dies_adds_nothing(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.see(View.NO_FRAMES, 30)
    ward.desk.fault()
    ward.vision_starts_anew()
    ward.see(View.NO_FRAMES, 30)
    ward.see(View.OK, 3)
    assert ward.kinds == ["view_lost", "view_restored"]


def test_a_process_that_dies_is_told_once_and_a_camera_without_pictures_adds_nothing(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.desk.fault()
    assert ward.desk.status.view is None
    ward.vision_starts_anew()
    ward.see(View.NO_FRAMES, 30)
    ward.see(View.OK, 3)
    assert [(event.kind, event.data.stage.value) for event in ward.events] == [
        ("camera_fault", "confirmed"),
        ("camera_fault", "cleared"),
    ]


def test_a_vision_process_that_has_just_begun_is_not_believed_that_all_is_well(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.see(View.COVERED, 20)
    ward.desk.fault()
    ward.vision_starts_anew()
    ward.see(View.OK, 7)  # it cannot know yet
    ward.see(View.COVERED, 20)
    assert "view_restored" not in ward.kinds
    ward.vision_starts_anew()
    ward.desk.fault()
    ward.see(View.OK, int(KNOWS_AFTER_S) + 1)
    assert ward.kinds[-1] == "view_restored"


# -- late


def test_pictures_that_come_late_are_a_lost_view_and_a_moment_of_it_is_not(ward: Ward) -> None:
    ward.see(View.OK, 20, age_ms=120)
    ward.see(View.OK, 5, age_ms=LATE_MS + 500)
    ward.see(View.OK, 20, age_ms=120)
    assert ward.kinds == []
    ward.see(View.OK, 20, age_ms=LATE_MS)
    ward.see(View.OK, 20, age_ms=120)
    assert [(event.kind, event.data.reason) for event in ward.events] == [
        ("view_lost", View.LATE),
        ("view_restored", View.LATE),
    ]
    assert ward.said()[0] == "The pictures of the camera in the bedroom come late."


@given(st.lists(st.tuples(st.floats(0, 1e6), st.none() | st.integers(0, 1000), st.sampled_from(View)), max_size=30))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_lateness_only_ever_adds_that_it_is_late(beats: list[tuple[float, int | None, View]]) -> None:
    lateness = Lateness()
    for t_s, tens, view in beats:
        beat = Beat(t_s=t_s, frames=1, view=view, age_ms=None if tens is None else 10 * tens)
        assert lateness.view_of(beat) in ({view, View.LATE} if view is View.OK else {view})


# -- days


def at(local: str, zone: str, boot_s: float = 0.0) -> Moment:
    unix_s = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp()
    return Moment(unix_s, True, "boot-1", unix_s - boot_s)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-06-01", 24), ("2026-10-25", 25)], ids=["spring", "summer", "autumn"]
)
def test_a_day_has_the_hours_that_its_calendar_gives_it(day: str, hours: int) -> None:
    zone = "Europe/Berlin"
    days, now = LostDays(ZoneInfo(zone)), at(f"{day}T00:00:00", zone)
    begin = datetime.fromtimestamp(now.unix_s, UTC)
    for second in range(0, 30 * 3600 + 1, 10):
        days.pass_time(Moment(now.unix_s + second, True, "boot-1", float(second)), lost=True)
    told = days.of(Moment(now.unix_s + 30 * 3600, True, "boot-1", 30 * HOUR))
    assert [each.day for each in told] == [(begin.astimezone(ZoneInfo(zone)) + timedelta(days=1)).strftime("%F"), day]
    assert told[1].seconds == pytest.approx(hours * HOUR, abs=10)
    assert told[0].seconds == pytest.approx((30 - hours) * HOUR, abs=10)


def test_a_week_is_kept_and_what_a_wrong_clock_took_for_the_future_is_not() -> None:
    days = LostDays(UTC)
    wrong = Moment(4_000_000_000.0, False, "boot-1", 0.0)
    days.add(5.0, wrong)
    for day in range(20):
        days.add(60.0 + day, Moment(1_790_000_000.0 + day * 24 * HOUR, True, "boot-1", 10.0 + day))
    told = days.of(Moment(1_790_000_000.0 + 19 * 24 * HOUR, True, "boot-1", 100.0))
    assert [each.seconds for each in told] == [79 - day for day in range(DAYS)]
    assert LostDays(UTC, days.written()).of(Moment(1_790_000_000.0 + 19 * 24 * HOUR, True, "b", 0.0)) == told


things = st.recursive(
    st.none() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.text() | things.map(json.dumps))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_whatever_was_written_sums_begin(written: str) -> None:
    days = LostDays(UTC, written)
    days.add(3.0, Moment(0.0, True, "boot-1", 0.0))
    assert days.of(Moment(0.0, True, "boot-1", 0.0))[0].seconds >= 0


def test_the_status_tells_the_sum_each_minute_and_not_each_second(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.see(View.COVERED, 10)
    statuses = []
    for _ in range(300):
        ward.see(View.COVERED, 1)
        statuses.append(ward.desk.status.lost_by_day)
    assert 5 <= len(set(statuses)) <= 6
    assert ward.lost_today == pytest.approx(300, abs=62)


def test_at_midnight_a_new_day_begins_in_the_status(ward: Ward) -> None:
    ward.see(View.OK, 20)
    ward.see(View.COVERED, 92)
    first = ward.desk.status.lost_by_day
    assert first is not None
    ward.see(View.OK, 5)
    ward.clock.second += 24 * HOUR
    ward.see(View.OK, 2)
    told = ward.desk.status.lost_by_day
    assert told is not None
    assert [each.seconds for each in told] == [0, 100]
    assert told[1].day == first[0].day != told[0].day


def test_sums_and_a_lost_view_outlive_the_courier(kept: Ward) -> None:
    kept.see(View.OK, 20)
    kept.see(View.COVERED, 200)
    before = kept.lost_today
    kept.restart(after_s=30)
    kept.vision_starts_anew()
    kept.see(View.OK, 7)
    kept.see(View.COVERED, 20)
    assert kept.kinds == ["view_lost"]
    assert kept.desk.alarms["view_lost"][0] is ON
    kept.see(View.OK, 5)
    assert kept.kinds == ["view_lost", "view_restored"]
    assert kept.events[-1].data.lasted_s == pytest.approx(8 + 200 + 30 + 27, abs=2)
    # of the seconds before it ended, less than a minute may be missing; those while it was away are not known
    assert before + 25 <= kept.lost_today <= 8 + 200 + 27 + 1


def test_an_outbox_of_a_version_without_sums_is_read(kept: Ward) -> None:
    kept.see(View.OK, 20)
    kept.see(View.COVERED, 20)
    written = kept.outbox.kept
    older = written._replace(text="\n".join(written.text.split("\n")[:2]))
    kept.outbox.append([], kept.clock.moment(), lambda: older)
    kept.restart()
    assert kept.desk.news() == []
    assert kept.desk.alarms["view_lost"][0] is ON
