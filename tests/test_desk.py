"""One camera's desk: signals and answers go in, events in words come out. Real outbox, no broker, no camera."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from semcam.contract.command import MAX_NAME_BYTES, Ack, Mute
from semcam.contract.config import Camera, Config, Subject, Zone
from semcam.contract.delivery import AlarmSettings, AlarmStage, OutboxSettings
from semcam.contract.event import MAX_EVENT_BYTES, Alarm, AlarmState, Event, MadeBy
from semcam.contract.rules import FallRule, LyingRule, SightingRule, WhenRule
from semcam.contract.signal import Beat, Reason, RuleFault, RuleFaultCode, RuleSignal, Stage, View
from semcam.contract.text import MAX_TEXT_BYTES, Language
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.outbox import Outbox
from tests.posting import Hands

SUSPECTED, CONFIRMED, UPDATED, CLEARED = Stage.SUSPECTED, Stage.CONFIRMED, Stage.UPDATED, Stage.CLEARED
ON, OFF = AlarmState.ON, AlarmState.OFF
TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))

HOUSE = Config(
    site="sakura-home",
    language="en",
    subjects={"tanaka": Subject(name="Ms Tanaka"), "sato": Subject(name="Mr Sato")},
    cameras={
        "room": Camera(
            place="bedroom",
            belongs_to="tanaka",
            zones={"bed-2": Zone(shape=TRIANGLE, belongs_to="sato")},
            rules={
                "fall": FallRule(id="fall"),
                "bear": SightingRule(id="bear", labels=("bear", "large_animal")),
                "two": WhenRule(id="two", when="size(people) > 1"),
            },
        )
    },
)


class Room:
    """A camera's desk at work, and everything it tells."""

    def __init__(self, config: Config, folder: Path | None = None) -> None:
        self.config = config
        self.folder = folder
        self.clock = Hands()
        self.deliveries: list[Delivery] = []
        self.open()

    def open(self) -> None:
        self.name = next(iter(self.config.cameras))
        if self.folder:
            self.outbox = Outbox.open(self.folder, self.name, OutboxSettings(), lambda: "abcdef")
        else:
            self.outbox = Outbox.in_memory(self.name, "abcdef")
        made_by = MadeBy(semcam="0.1.0", models="sha256:" + "0" * 12, config=self.config.digest())
        self.desk = Desk(self.config, self.name, self.clock, self.outbox, made_by, [self])

    def restart(self, after_s: float = 5.0) -> None:
        """The courier ends and is started again."""
        self.outbox.close()
        self.clock.second += after_s
        self.open()

    def deliver(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)

    def wait(self, seconds: float, every_s: float = 1.0) -> None:
        for _ in range(round(seconds / every_s)):
            self.clock.second += every_s
            self.desk.tend()

    @property
    def told(self) -> list[tuple[str, str, AlarmState | None]]:
        return [(each.event.kind, each.event.data.stage.value, each.state) for each in self.deliveries]

    @property
    def last(self) -> Event:
        return self.deliveries[-1].event

    def said(self) -> list[str]:
        return [each.event.data.message for each in self.deliveries]


@pytest.fixture
def room() -> Room:
    return Room(HOUSE)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Room]:
    """A room whose outbox outlives it."""
    room = Room(HOUSE, tmp_path)
    yield room
    room.outbox.close()


def falls(stage: Stage, track: int = 1, zone: str | None = None, home: int | None = None) -> RuleSignal:
    why = {Reason.DOWN_S: 5.0}
    return RuleSignal(rule="fall", stage=stage, t_s=1.0, track=track, zone=zone, home=home, label="person", why=why)


# -- from a signal to an event


def test_a_fall_from_suspicion_to_all_clear(room: Room) -> None:
    for stage in (SUSPECTED, CONFIRMED, CLEARED):
        room.desk.take(falls(stage))
    assert room.told == [("fall", "suspected", None), ("fall", "confirmed", ON), ("fall", "cleared", OFF)]
    events = [each.event for each in room.deliveries]
    assert {event.data.alarm for event in events} == {"abcdef-000001"}
    assert [event.data.severity.value for event in events] == ["info", "critical", "info"]
    assert [event.data.seq for event in events] == [1, 2, 3]
    assert [event.data.ending for event in events] == [None, None, "seen"]
    assert events[1].data.evidence == {Reason.DOWN_S: 5.0}


def test_what_is_shown_is_in_the_outbox_word_for_word(room: Room) -> None:
    for stage in (SUSPECTED, CONFIRMED):
        room.desk.take(falls(stage))
    rows = room.outbox.unsent(room.clock.moment())
    assert [(row.event, row.state) for row in rows] == [(each.event, each.state) for each in room.deliveries]


def test_the_name_comes_from_the_place_where_somebody_began_and_not_from_where_they_fall(room: Room) -> None:
    room.desk.take(falls(CONFIRMED, 1, "bed-2"))
    room.desk.take(falls(CONFIRMED, 2, home=0))
    assert room.said() == ["Ms Tanaka has fallen in the bedroom.", "Mr Sato has fallen in the bedroom."]
    assert [each.event.subject for each in room.deliveries] == ["tanaka", "sato"]


def test_two_people_on_the_floor_are_two_alarms_and_one_state(room: Room) -> None:
    room.desk.take(falls(CONFIRMED, 1))
    room.desk.take(falls(CONFIRMED, 2))
    room.desk.take(falls(CLEARED, 2))
    assert [state for *_, state in room.told] == [ON, ON, ON]
    assert room.desk.state("fall") is ON
    room.desk.take(falls(CLEARED, 1))
    assert [state for *_, state in room.told] == [ON, ON, ON, OFF]


def test_an_all_clear_that_nobody_waits_for_is_not_told(room: Room) -> None:
    room.desk.take(falls(CLEARED))
    assert room.deliveries == []


def test_one_rule_tells_a_bear_from_a_large_animal(room: Room) -> None:
    for track, label in enumerate(("bear", "large_animal"), 1):
        room.desk.take(RuleSignal(rule="bear", stage=CONFIRMED, t_s=1.0, track=track, label=label))
    assert [each.event.kind for each in room.deliveries] == ["bear", "large_animal"]
    assert {each.event.data.rule for each in room.deliveries} == {"bear"}


# -- faults


def test_a_camera_that_dies_again_and_again_is_reported_once(room: Room) -> None:
    for _ in range(3):
        room.desk.fault()
    assert room.told == [("camera_fault", "confirmed", ON)]
    room.desk.beat(Beat(t_s=0.0, frames=1))
    assert room.told[1:] == [("camera_fault", "cleared", OFF)]


def test_a_fall_before_the_camera_died_is_not_ended_by_the_next_person_of_the_same_number(room: Room) -> None:
    room.desk.take(falls(CONFIRMED))
    room.desk.fault()
    room.desk.beat(Beat(t_s=0.0, frames=1))
    room.desk.take(falls(CLEARED))  # nobody's: the new run has not seen a fall
    assert room.desk.state("fall") is ON
    assert [kind for kind, *_ in room.told] == ["fall", "camera_fault", "camera_fault"]


def test_a_rule_that_is_switched_off_is_a_fault_of_its_own(room: Room) -> None:
    room.desk.rule_fault(RuleFault(rule="two", code=RuleFaultCode.SLOW))
    assert room.told == [("rule_fault", "confirmed", ON)]
    assert room.last.data.rule == "two"
    assert room.desk.alarms["rule_fault"][0] is ON
    assert room.desk.alarms["two"][0] is OFF
    room.desk.fault()
    assert ("rule_fault", "cleared", OFF) in room.told  # vision starts anew, and the rule with it


# -- status


def test_status_changes_with_the_view_and_not_with_every_heartbeat(room: Room) -> None:
    seen = []
    for second in range(60):
        room.desk.beat(Beat(t_s=float(second), frames=10 * second + second % 2))
        seen.append(room.desk.status)
    assert len(set(seen)) <= 2  # the first, and the first with a frame rate
    room.desk.beat(Beat(t_s=60.0, frames=600, view=View.DARK))
    assert room.desk.status.view is View.DARK


def test_a_mute_stands_in_the_status_until_it_is_over(room: Room) -> None:
    room.desk.beat(Beat(t_s=0.0, frames=1))
    assert room.desk.obey(Mute(minutes=1)) is None
    assert room.desk.status.muted_until
    room.desk.take(falls(CONFIRMED))
    assert room.deliveries == []
    room.wait(61)
    assert not room.desk.status.muted_until
    assert room.told == [("fall", "confirmed", ON)]


# -- what people answer


def test_who_acknowledges_is_named_to_all(room: Room) -> None:
    room.desk.take(falls(CONFIRMED))
    assert room.desk.obey(Ack(alarm="abcdef-000001", by="Aiko")) is None
    assert room.told[1:] == [("fall", "acknowledged", ON)]
    assert room.last.data.by == "Aiko"
    assert room.last.data.message == "Ms Tanaka has fallen in the bedroom. Acknowledged by Aiko."


def test_a_person_can_end_an_alarm(room: Room) -> None:
    for track in (1, 2):
        room.desk.take(falls(CONFIRMED, track))
    room.desk.obey(Ack(over=True, alarm="abcdef-000002"))
    room.desk.obey(Ack(over=True))
    assert [(stage, state) for _, stage, state in room.told[2:]] == [("cleared", ON), ("cleared", OFF)]
    assert room.last.data.ending == "closed"


@pytest.mark.parametrize(
    "command", [Ack(alarm="zzzzzz-000001"), Ack(alarm="zzzzzz-000001", over=True), Mute(minutes=5, rule="bath")]
)
def test_what_is_meant_for_somebody_else_changes_nothing_and_is_objected_to(room: Room, command: Ack | Mute) -> None:
    room.desk.take(falls(CONFIRMED))
    kept, status = room.outbox.kept.text.partition("\n")[2], room.desk.status
    assert "nothing changed" in (room.desk.obey(command) or "")
    assert (room.outbox.kept.text.partition("\n")[2], room.desk.status, len(room.deliveries)) == (kept, status, 1)


# -- minutes


def test_what_nobody_acknowledges_is_said_again_with_the_sentence_of_what_still_lasts(room: Room) -> None:
    room.desk.take(falls(CONFIRMED))
    room.wait(600)
    assert [stage for _, stage, _ in room.told] == ["confirmed", "escalated", "updated"]
    assert room.said()[1:] == [
        "Ms Tanaka has been down in the bedroom for 5 minutes. Nobody has acknowledged it yet.",
        "Ms Tanaka has been down in the bedroom for 10 minutes.",
    ]
    assert room.last.data.lasted_s == 600.0


def test_what_was_held_back_is_counted_and_the_count_is_an_event_of_its_own() -> None:
    house = HOUSE.model_copy(update={"alarms": AlarmSettings(often=1)})
    room = Room(house)
    for track in range(1, 6):
        room.desk.take(falls(CONFIRMED, track, home=0))
        room.desk.take(falls(CLEARED, track, home=0))
    assert [stage for _, stage, _ in room.told] == ["confirmed", "cleared"]
    room.wait(3601, 10)
    assert room.told[2:] == [("fall", "updated", None)]
    assert (room.last.data.times, room.last.data.severity, room.last.data.who) == (4, "info", "sato")


# -- restarts


def test_what_burned_before_a_restart_is_still_known_and_nothing_is_told_twice(kept: Room) -> None:
    kept.desk.take(falls(CONFIRMED))
    kept.restart()
    assert kept.told == [("fall", "confirmed", ON)]
    state, row = kept.desk.alarms["fall"]
    assert (state, row and row.event) == (ON, kept.last)
    kept.desk.obey(Ack(alarm="abcdef-000001"))
    assert kept.told[1:] == [("fall", "acknowledged", ON)]
    assert kept.last.data.seq == 2


def test_minutes_go_on_while_the_camera_is_off(kept: Room) -> None:
    kept.desk.take(falls(CONFIRMED))
    kept.wait(100)
    kept.restart(after_s=190)
    kept.wait(10)
    assert [stage for _, stage, _ in kept.told] == ["confirmed", "escalated"]


def test_a_mute_outlives_a_restart_and_not_its_time(kept: Room) -> None:
    kept.desk.obey(Mute(minutes=10))
    until = kept.desk.status.muted_until
    kept.restart(after_s=60)
    assert kept.desk.status.muted_until == until
    kept.desk.take(falls(CONFIRMED))
    kept.wait(530)
    assert kept.deliveries == []
    kept.wait(20)
    assert kept.told == [("fall", "confirmed", ON)]
    assert kept.desk.status.muted_until is None


def test_over_a_reboot_with_a_wrong_clock_no_time_has_passed(kept: Room) -> None:
    kept.desk.obey(Mute(minutes=10))
    kept.clock.boot, kept.clock.leap_s = "boot-2", -50 * 365 * 86400.0
    kept.restart()
    kept.wait(590)
    assert kept.desk.status.muted_until is not None


def test_a_board_that_learns_the_time_late_counts_how_long_it_was_off_all_the_same(kept: Room) -> None:
    """A Raspberry Pi has no clock battery: it comes up in some year, and is set once there is a network."""
    night_s = 8 * 3600.0
    kept.desk.take(falls(CONFIRMED))
    kept.wait(100)
    kept.outbox.close()
    kept.clock = Hands(second=5.0, boot="boot-2", synced=False, leap_s=-50 * 365 * 86400.0)
    kept.open()
    kept.wait(20)
    assert len(kept.told) == 1
    kept.clock.synced, kept.clock.leap_s = True, 100 + night_s - 5
    kept.wait(1)
    assert [stage for _, stage, _ in kept.told] == ["confirmed", "escalated"]
    assert kept.last.data.lasted_s == pytest.approx(100 + night_s + 21 + 5)  # five seconds before it was confirmed
    kept.restart()
    kept.wait(1)
    assert len(kept.told) == 2, "and counts it once"


def test_an_alarm_of_a_rule_that_is_gone_is_cleared_in_words(kept: Room) -> None:
    kept.desk.take(falls(CONFIRMED))
    kept.desk.take(RuleSignal(rule="two", stage=CONFIRMED, t_s=1.0, track=0, label="person"))
    camera = kept.config.cameras["room"]
    bear = camera.model_copy(update={"rules": {"bear": camera.rules["bear"]}})
    kept.config = kept.config.model_copy(update={"cameras": {"room": bear}, "subjects": {}})
    kept.restart()
    assert kept.told[2:] == [("fall", "cleared", OFF), ("two", "cleared", OFF)]
    assert [each.event.data.ending for each in kept.deliveries[2:]] == ["removed", "removed"]
    assert kept.said()[2:] == [
        "Someone has fallen in the bedroom. It is no longer watched for.",
        "Two in the bedroom. It is no longer watched for.",
    ]


@pytest.mark.parametrize("written", ["", "\n{}", "[1]\n{}", '[1.0, true, "b", 2.0]\nnothing', "{}", "[]\n{}"])
def test_a_state_that_cannot_be_read_does_not_stop_the_camera(tmp_path: Path, written: str) -> None:
    room = Room(HOUSE, tmp_path)
    room.desk.take(falls(CONFIRMED))
    kept = room.outbox.kept._replace(text=written or "?")
    room.outbox.append([], room.clock.moment(), lambda: kept)
    room.restart()
    assert room.desk.news() == ["camera room: the state of its alarms cannot be read; they begin anew"]
    room.desk.take(falls(CONFIRMED))
    assert room.last.id == "abcdef-000002"
    room.outbox.close()


# -- the room in an event


def test_no_answer_and_no_reminder_makes_an_event_too_large_to_be_published() -> None:
    """The longest names that the configuration takes, in the widest letters, and the longest name of a person."""
    long, name, by = "倒" * (MAX_TEXT_BYTES // 3), "n" * 24, '"' * (MAX_NAME_BYTES // 2)
    for rule in (FallRule(id=name), FallRule(id=name, message="{who}{place}{zone}{who}{place}"), LyingRule(id=name)):
        camera = Camera(place=long, belongs_to=name, zones={name: Zone(shape=TRIANGLE, name=long)}, rules={name: rule})
        room = Room(Config(site=name, subjects={name: Subject(name=long)}, cameras={name: camera}))
        room.clock.second = 123_456_789.123
        why = dict.fromkeys(sorted(Reason, key=len)[-6:], -999999.99)
        signal = RuleSignal(
            rule=name, stage=SUSPECTED, t_s=1.0, track=10**9 - 1, zone=name, label="person", count=999, why=why
        )
        for stage in (SUSPECTED, CONFIRMED, UPDATED):
            room.desk.take(signal.model_copy(update={"stage": stage}))
        room.wait(7200, 60)
        alarm = room.last.data.alarm
        room.desk.obey(Ack(alarm=alarm, by=by))
        room.desk.obey(Ack(alarm=alarm, by=by, over=True))
        assert {stage for _, stage, _ in room.told} == {stage.value for stage in AlarmStage}
        for each in room.deliveries:
            assert len(Alarm(OFF, each.event).to_json().encode()) <= MAX_EVENT_BYTES, each.event.data.stage
            assert each.event.data.by in (None, by)


@pytest.mark.parametrize("nothing", ["", {}, {"ja": ""}])
def test_a_name_must_say_something(nothing: str | dict[str, str]) -> None:
    with pytest.raises(ValueError, match="name"):
        Subject.model_validate({"name": nothing})
    with pytest.raises(ValueError, match="place"):
        Camera.model_validate({"place": nothing, "rules": {"fall": {"kind": "fall", "id": "fall"}}})


def test_every_sentence_comes_in_every_language(room: Room) -> None:
    room.desk.take(falls(CONFIRMED))
    room.wait(1200, 10)
    room.desk.obey(Ack(by="Aiko"))
    for each in room.deliveries:
        messages = each.event.data.messages
        assert set(messages) == set(get_args(Language))
        assert re.search("[ぁ-ん]", messages["ja"])
        assert not re.search("[ぁ-ん]", messages["en"])
