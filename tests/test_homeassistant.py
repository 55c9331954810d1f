"""A family with Home Assistant: what appears there, what it shows, and what goes again."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.broker import Broker
from semcam.contract.command import Ack, Mute, read_command
from semcam.contract.config import Config
from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.event import FAULTS, VIEW_RESTORED, Alarm, AlarmState, Event, LostDay, MadeBy, Status
from semcam.contract.labels import PERSON
from semcam.contract.load import load_config
from semcam.contract.rule_base import LabelledRule
from semcam.contract.rules import RULE_KINDS
from semcam.contract.signal import Beat, Reason, RuleFault, RuleFaultCode, RuleSignal, Stage, View, Way
from semcam.contract.text import Language
from semcam.courier.clock import WallClock
from semcam.courier.connection import Connection
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.homeassistant import STATUS_TOPIC, Announcement, discovery, discovery_topic, leave_taking, to_json
from semcam.courier.languages import SPEAKERS
from semcam.courier.mqtt import MAX_MESSAGE_BYTES, Acknowledged, Connected, MqttLink, Received
from semcam.courier.outbox import Outbox
from semcam.courier.post import Post
from semcam.courier.publisher import status_json
from tests import home_assistant
from tests.conftest import ROOT, Mosquitto
from tests.listening import listening
from tests.posting import Hands
from tests.test_event import a_fall as an_event

P = "semcam/sakura-home/bath-101"
DEVICE_TOPIC = "homeassistant/device/semcam_sakura-home_bath-101/config"
EVERY_KIND = """
      fall: {}
      lying: {}
      long_stay: {}
      absence: {}
      left_bed: {zones: bed}
      not_back: {zones: bed}
      wandering: {}
      help: {kind: gesture}
      no_motion: {}
      entered: {}
      left: {}
      dwell: {}
      visitors: {kind: line_crossed, line: door}
      leavers: {kind: line_crossed, line: door, direction: out}
      crowded: {kind: occupancy, more_than: 3}
      anyone: {kind: occupancy, more_than: 0, severity: info}
      queue: {zones: bed, severity: info}
      crossed_closed_hours: {between: ["22:00", "06:00"]}
      sighting: {}
      cats: {kind: sighting, labels: cat}
      left_behind: {}
      taken: {}
      two-at-night: {when: people.size() >= 2}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator["House"]:
    yield House(tmp_path)


class House:
    """Writes configurations as a person would."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def config(self, rules: str = EVERY_KIND, language: str = "en", place: str = "{ja: 浴室, en: bathroom}") -> Config:
        path = self._folder / "semcam.yaml"
        path.write_text(
            f"""
site: sakura-home
language: {language}
cameras:
  bath-101:
    place: {place}
    zones: {{bed: {{shape: [[0, 0], [0.1, 0], [0.1, 0.1]]}}}}
    lines: {{door: {{shape: [[0, 0], [1, 1]], inside: [0, 1]}}}}
    rules: {rules}""",
            encoding="utf-8",
        )
        return load_config(path)

    def parts(self, **how: str) -> dict[str, home_assistant.Part]:
        parts: dict[str, home_assistant.Part] = discovery(self.config(**how), "bath-101")["components"]
        return parts


# -- what appears


@pytest.mark.parametrize("language", get_args(Language))
def test_home_assistant_takes_a_camera_with_every_kind_of_rule(house: House, language: str) -> None:
    config = house.config(language=language)
    assert {rule.kind for rule in config.cameras["bath-101"].rules.values()} == set(RULE_KINDS)
    message = discovery(config, "bath-101")
    assert list(home_assistant.complaints(message)) == []
    assert home_assistant.DISCOVERY_TOPIC.fullmatch(discovery_topic(config, "bath-101"))
    assert len(to_json(message).encode()) < MAX_MESSAGE_BYTES


@pytest.mark.parametrize("file", sorted((ROOT / "docs" / "recipes").glob("*.yaml")), ids=lambda file: file.stem)
def test_home_assistant_takes_every_recipe(file: Path) -> None:
    config = load_config(file)
    for name in config.cameras:
        assert list(home_assistant.complaints(discovery(config, name))) == []


def test_the_judge_knows_a_bad_message_from_a_good_one(house: House) -> None:
    good = discovery(house.config(), "bath-101")
    fall, mute, view = (("components", key) for key in ("alarm_fall", "mute", "view"))
    for place, key, bad in (
        (("device",), "identifiers", []),
        (("device",), "colour", "red"),
        ((), "origin", {}),
        ((), "qos", "1"),
        (fall, "device_class", "fall"),
        (fall, "state_topic", "semcam/a+/b"),
        (fall, "entity_category", "config"),
        (fall, "value_template", "{{ value_json.state }"),
        (fall, "platform", "alarm"),
        (mute, "command_topic", "semcam/+/mute"),
        (mute, "unique_id", 7),
        (view, "options", []),
        (view, "state_class", "measurement"),
    ):
        message: Any = deepcopy(good)
        part = message
        for step in place:
            part = part[step]
        part[key] = bad
        assert list(home_assistant.complaints(message)), f"{place} {key}: {bad}"


def test_there_is_an_entity_for_each_thing_that_can_be_known(house: House) -> None:
    parts = house.parts()
    assert {key: part.get("device_class") for key, part in parts.items() if part["platform"] == "binary_sensor"} == {
        "connectivity": "connectivity",
        "alarm_camera_fault": "problem",
        "alarm_rule_fault": "problem",
        "alarm_view_lost": "problem",
        "alarm_fall": "safety",
        "alarm_lying": "safety",
        "alarm_long_stay": "problem",
        "alarm_absence": "problem",
        "alarm_left_bed": None,
        "alarm_not_back": "problem",
        "alarm_wandering": "problem",
        "alarm_help": "safety",
        "alarm_no_motion": "safety",
        "alarm_dwell": "problem",
        "alarm_crowded": "problem",
        "alarm_anyone": "occupancy",
        "alarm_queue": None,
        "alarm_crossed_closed_hours": "safety",
        "alarm_sighting": "safety",
        "alarm_cats": None,
        "alarm_left_behind": "problem",
        "alarm_taken": "problem",
        "alarm_two-at-night": None,
    }
    assert {part["default_entity_id"] for part in parts.values() if part["platform"] != "binary_sensor"} == {
        "event.bath_101_event",
        "sensor.bath_101_view",
        "sensor.bath_101_fps",
        "sensor.bath_101_lost_today",
        "sensor.bath_101_count_visitors_in",
        "sensor.bath_101_count_visitors_out",
        "sensor.bath_101_count_leavers_out",
        "button.bath_101_ack",
        "switch.bath_101_mute",
    }
    assert parts["alarm_two-at-night"]["default_entity_id"] == "binary_sensor.bath_101_alarm_two_at_night"


def test_names_are_in_the_language_of_the_house(house: House) -> None:
    english, japanese = house.parts(language="en"), house.parts(language="ja")
    assert english["alarm_fall"]["name"] == "Fall"
    assert english["alarm_two-at-night"]["name"] == "Two at night"
    assert english["count_visitors_in"]["name"] == "Visitors: in"
    assert japanese["alarm_fall"]["name"] == "転倒"
    assert japanese["alarm_help"]["name"] == "助けを求める合図（help）"
    assert japanese["mute"]["name"] == "警報の一時停止"
    assert discovery(house.config(language="ja"), "bath-101")["device"]["name"] == "浴室"
    assert discovery(house.config(place="at the gate"), "bath-101")["device"]["name"] == "At the gate"
    for parts in (english, japanese):
        names = [part["name"] for part in parts.values()]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("language", get_args(Language))
def test_every_language_has_a_name_for_everything(language: Language, house: House) -> None:
    title = SPEAKERS[language].title
    for kind in (*RULE_KINDS, *FAULTS):
        assert title(kind, "night-rule") if kind == "when" else title(kind)
    for part in house.parts(language=language).values():
        assert part["name"].strip() == part["name"] != ""


ids = st.from_regex(r"\A[a-z0-9][a-z0-9_-]{0,23}\Z")


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.tuples(ids, ids), st.tuples(ids, ids))
def test_two_cameras_never_share_a_device(one: tuple[str, str], other: tuple[str, str]) -> None:
    messages = [(site, name, _camera(site, name)) for site, name in (one, other)]
    topics = {discovery_topic(config, name) for _, name, config in messages}
    devices = [discovery(config, name) for _, name, config in messages]
    unique = [part["unique_id"] for device in devices for part in device["components"].values()]
    is_same = one == other
    assert len(topics) == (1 if is_same else 2)
    assert len(set(unique)) == len(unique) // (2 if is_same else 1)
    assert all(home_assistant.DISCOVERY_TOPIC.fullmatch(topic) for topic in topics)


def test_an_underscore_more_or_less_makes_another_device() -> None:
    assert discovery_topic(_camera("a_b", "c"), "c") != discovery_topic(_camera("a", "b_c"), "b_c")


def _camera(site: str, name: str) -> Config:
    # ids that could be taken for parts of other ids
    rules = {id: {"id": id} for id in ("fall",)} | {id: {"kind": "lying", "id": id} for id in ("event", "fall_in")}
    rules["fall"] |= {"kind": "fall"}
    return Config.model_validate({"site": site, "cameras": {name: {"rules": rules}}})


# -- what it shows


MADE_BY = MadeBy(semcam="0", models="sha256:0", config="sha256:0")


@dataclass
class Shelf:
    """Keeps what it is given."""

    told: list[Delivery]

    def deliver(self, delivery: Delivery) -> None:
        self.told.append(delivery)


def a_fall(stage: AlarmStage = AlarmStage.CONFIRMED, **changes: Any) -> Event:
    return an_event(stage=stage, **changes)


def burning(event: Event, state: AlarmState = AlarmState.ON) -> str:
    return Alarm(state, event).to_json()


def test_a_fall_is_told_and_burns_until_it_is_over(house: House) -> None:
    parts = house.parts()
    told, fall = parts["event"], parts["alarm_fall"]
    suspected = home_assistant.event(told, a_fall(stage=AlarmStage.SUSPECTED).to_json())
    assert suspected is not None
    assert (suspected["event_type"], suspected["stage"]) == ("fall", "suspected")
    confirmed = home_assistant.event(told, a_fall().to_json())
    assert confirmed == {
        "event_type": "fall", "id": "k3v9-000042", "alarm": "k3v9-000041", "stage": "confirmed",
        "severity": "critical", "rule": "fall", "place": "bathroom", "zone": "floor", "who": "tanaka",
        "label": "person", "count": 1, "message": "田中さんが浴室で倒れました。",
        "messages": {"ja": "田中さんが浴室で倒れました。", "en": "Ms Tanaka has fallen in the bathroom."},
    }  # fmt: skip
    assert home_assistant.state(fall, Alarm(AlarmState.OFF).to_json()) == "OFF"
    assert home_assistant.attributes(fall, Alarm(AlarmState.OFF).to_json()) == {}
    assert home_assistant.state(fall, burning(a_fall())) == "ON"
    assert home_assistant.attributes(fall, burning(a_fall()))["message"] == "田中さんが浴室で倒れました。"
    assert home_assistant.state(fall, burning(a_fall(stage=AlarmStage.CLEARED), AlarmState.OFF)) == "OFF"


def test_who_acknowledged_it_and_how_it_ended_is_shown(house: House) -> None:
    acknowledged = a_fall(AlarmStage.ACKNOWLEDGED, by="nurse", times=3)
    over = a_fall(AlarmStage.CLEARED, ending=Ending.SEEN, lasted_s=61.5)
    told = [home_assistant.event(house.parts()["event"], event.to_json()) or {} for event in (acknowledged, over)]
    assert (told[0]["by"], told[0]["times"], told[1]["ending"], told[1]["lasted_s"]) == ("nurse", 3, "seen", 61.5)
    assert home_assistant.attributes(house.parts()["alarm_fall"], burning(acknowledged))["stage"] == "acknowledged"


def test_whatever_a_desk_tells_is_understood(house: House) -> None:
    config = house.config()
    camera = config.cameras["bath-101"]
    told: list[Delivery] = []
    desk = Desk(config, "bath-101", WallClock(), Outbox.in_memory("bath-101", "k3v9"), MADE_BY, [Shelf(told)])
    track = count(1)
    for rule in camera.rules.values():
        for label in rule.labels if isinstance(rule, LabelledRule) else (PERSON,):
            for stage in (Stage.CONFIRMED, Stage.CLEARED):
                id = next(track)
                desk.take(
                    RuleSignal(
                        rule=rule.id,
                        stage=stage,
                        t_s=5.0,
                        track=id if stage is Stage.CONFIRMED else id - 1,
                        label=label,
                        count=4,
                        way=Way.OUT if rule.kind == "line_crossed" else None,
                        why={Reason.INS: 12.0, Reason.OUTS: 3.0},
                    )
                )
    desk.rule_fault(RuleFault(rule="fall", code=RuleFaultCode.FAILED))
    desk.fault()
    desk.beat(Beat(t_s=60.0, frames=1))
    for t_s, view in ((61.0, View.COVERED), (62.0, View.OK)):
        desk.beat(Beat(t_s=t_s, frames=1, view=view))
    parts = discovery(config, "bath-101")["components"]
    shown: dict[str, list[str | None]] = {}
    for delivery in told:
        event = delivery.event
        assert home_assistant.event(parts["event"], event.to_json()) is not None
        assert delivery.state is not None
        said = burning(event, delivery.state)
        switch = event.kind if event.kind in FAULTS else event.data.rule
        for key, part in parts.items():
            if part.get("state_topic") == f"{P}/alarm/{switch}":
                shown.setdefault(key, []).append(home_assistant.state(part, said))
    counted = {"count_visitors_in": ["12"], "count_visitors_out": ["3"], "count_leavers_out": ["3"]}
    assert {key: shown.pop(key) for key in counted} == counted
    assert shown.keys() == {key for key in parts if key.startswith("alarm_")}
    assert all(states[0] == "ON" and states[-1] == "OFF" for key, states in shown.items() if key != "alarm_rule_fault")


def test_what_is_told_late_or_again_starts_no_automation(house: House) -> None:
    assert home_assistant.event(house.parts()["event"], a_fall(historical=True).to_json()) is None


def test_quotes_and_angle_brackets_in_a_name_arrive_as_they_are(house: House) -> None:
    message = """Ms "O'Neill" <b>&amp;</b> {{ 1 + 1 }} \\ has fallen."""
    told = home_assistant.event(house.parts()["event"], a_fall(message=message).to_json())
    assert told is not None
    assert told["message"] == message


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.text(), st.sampled_from(AlarmStage), st.booleans())
def test_any_sentence_can_be_told(message: str, stage: AlarmStage, historical: bool) -> None:
    part = discovery(_camera("a", "b"), "b")["components"]["event"]
    told = home_assistant.event(part, a_fall(message=message, stage=stage, historical=historical).to_json())
    assert historical == (told is None)
    assert told is None or told["message"] == message


def test_an_event_of_a_place_nobody_named_has_fewer_attributes(house: House) -> None:
    bare = a_fall(place=None, zone=None, who=None, label=None)
    told = home_assistant.event(house.parts()["event"], bare.to_json())
    assert told is not None
    assert {"place", "zone", "who", "label"}.isdisjoint(told)


def test_everything_that_can_happen_is_among_the_event_types(house: House) -> None:
    types = house.parts()["event"]["event_types"]
    labelled, own = {"bear", "large_animal", "cat"}, {"two_at_night"}
    assert set(types) == {*RULE_KINDS, *FAULTS, VIEW_RESTORED, *labelled, *own} - {"sighting", "when"}


def test_the_camera_itself_is_shown(house: House) -> None:
    parts = house.parts()
    online = status_json(
        Status(state="online", view=View.DARK, fps=9.7, lost_by_day=(LostDay(day="2026-11-22", seconds=75),))
    )
    starting, offline = status_json(Status(state="online")), status_json(Status(state="offline"))
    [available] = discovery(house.config(), "bath-101")["availability"]
    assert [home_assistant.render(available["value_template"], said) for said in (online, offline)] == [
        "online",
        "offline",
    ]
    shown = {key: [home_assistant.state(parts[key], said) for said in (online, starting, offline)] for key in
             ("connectivity", "view", "lost_today", "fps", "mute")}  # fmt: skip
    assert shown == {
        "connectivity": ["ON", "ON", "OFF"],
        "view": ["dark", "None", "None"],
        "lost_today": ["75", "None", "None"],
        "fps": ["9.7", "None", "None"],
        "mute": ["OFF", "OFF", "OFF"],
    }
    assert parts["connectivity"]["availability"] == []  # offline must be seen, too


def test_a_muted_camera_is_shown_as_muted(house: House) -> None:
    muted = status_json(Status(state="online", muted_until="2026-11-21T17:00:00.000Z"))
    assert home_assistant.state(house.parts()["mute"], muted) == "ON"


def test_crossings_are_counted_and_never_fall_to_zero_by_themselves(house: House) -> None:
    parts = house.parts()
    crossing = a_fall(rule="visitors", evidence={Reason.INS: 12.0, Reason.OUTS: 3.0})
    said = burning(crossing, AlarmState.OFF)
    assert home_assistant.state(parts["count_visitors_in"], said) == "12"
    assert home_assistant.state(parts["count_visitors_out"], said) == "3"
    assert home_assistant.state(parts["count_visitors_in"], Alarm(AlarmState.OFF).to_json()) is None


def test_the_counts_of_an_hour_without_a_broker_are_shown_once_it_is_back(house: House, mosquitto: Mosquitto) -> None:
    """A count is retained until the next crossing: it must not be that of an hour ago."""
    config = house.config()
    clock, outbox = Hands(), Outbox.in_memory("bath-101", "k3v9")
    desk = Desk(config, "bath-101", clock, outbox, MADE_BY, [])
    for number in (1, 2, 3):
        why = {Reason.INS: float(number), Reason.OUTS: 0.0}
        desk.take(RuleSignal(rule="visitors", stage=Stage.CONFIRMED, t_s=5.0, track=number, label=PERSON, why=why))
        clock.second += 1200
    connection = Connection(Broker(host="127.0.0.1", port=mosquitto.port), "sakura-home", "bath-101")
    post = Post(desk, outbox, clock, connection)
    post.start()
    part = discovery(config, "bath-101")["components"]["count_visitors_in"]
    with listening(mosquitto.port) as home, closing(post):
        deadline = time.monotonic() + 15
        while outbox.unsent(clock.moment(), 1) or not post.is_connected:
            assert time.monotonic() < deadline
            post.tend()
            time.sleep(0.01)
        home.wait_until(lambda heard: sum("/event/" in message.topic for message in heard) == 3, 10)
        assert all(message.json["data"]["historical"] for message in home.on(f"{P}/event/line_crossed"))
        with listening(mosquitto.port, part["state_topic"]) as late:
            said = late.wait_for(lambda message: message.retained, 10)
        assert home_assistant.state(part, said.payload) == "3"


def test_what_is_pressed_and_switched_are_commands_that_the_camera_obeys(house: House) -> None:
    parts = house.parts()
    ack, mute = parts["ack"], parts["mute"]
    assert read_command(_command(ack), ack["payload_press"].encode()) == Ack(by="Home Assistant")
    assert read_command(_command(mute), mute["payload_on"].encode()) == Mute(minutes=60, by="Home Assistant")
    assert read_command(_command(mute), mute["payload_off"].encode()) == Mute(minutes=0, by="Home Assistant")


def _command(part: home_assistant.Part) -> str:
    prefix, _, name = part["command_topic"].rpartition("/")
    assert prefix == f"{P}/command"
    return str(name)


# -- when it is said, and what goes again


def test_it_is_said_again_when_home_assistant_starts(house: House) -> None:
    announcement = Announcement(house.config(), "bath-101")
    assert announcement.answer(STATUS_TOPIC, b"online", False) == (announcement.payload,)
    assert announcement.answer(STATUS_TOPIC, b"offline", False) == ()
    assert announcement.answer(STATUS_TOPIC, b"online", True) == ()
    assert announcement.answer(DEVICE_TOPIC, announcement.payload.encode(), True) == ()


def test_a_rule_that_went_takes_its_entity_along(house: House) -> None:
    old = Announcement(house.config("{fall: {}, lying: {}, visitors: {kind: line_crossed, line: door}}"), "bath-101")
    new = Announcement(house.config("{fall: {}}"), "bath-101")
    farewell, again = new.answer(DEVICE_TOPIC, old.payload.encode(), True)
    parts = json.loads(farewell)["components"]
    gone = {key: part for key, part in parts.items() if set(part) == {"platform"}}
    assert gone == {
        "alarm_lying": {"platform": "binary_sensor"},
        "count_visitors_in": {"platform": "sensor"},
        "count_visitors_out": {"platform": "sensor"},
    }
    assert list(home_assistant.complaints(json.loads(farewell))) == []
    assert again == new.payload
    assert parts.keys() - gone.keys() == json.loads(again)["components"].keys()
    # killed between the two: the farewell is what the broker has, and is said once more
    assert new.answer(DEVICE_TOPIC, farewell.encode(), True) == (farewell, again)
    # its own words come back to it; to answer them would have no end
    assert new.answer(DEVICE_TOPIC, farewell.encode(), False) == ()


def test_a_rule_that_came_needs_no_farewell(house: House) -> None:
    old = Announcement(house.config("{fall: {}}"), "bath-101")
    assert Announcement(house.config(), "bath-101").answer(DEVICE_TOPIC, old.payload.encode(), True) == ()


_keys = st.text() | st.sampled_from(["components", "platform", "alarm_x"])
_json = st.recursive(
    st.none() | st.integers() | st.text(), lambda some: st.lists(some) | st.dictionaries(_keys, some)
).map(lambda old: json.dumps(old).encode())


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.binary() | _json)
def test_whatever_stood_there_before_does_no_harm(old: bytes) -> None:
    announcement = Announcement(_camera("a", "b"), "b")
    answer = announcement.answer(announcement.topic, old, True)
    assert answer == () or answer[-1] == announcement.payload
    announcement.answer(STATUS_TOPIC, old, True)


@pytest.mark.parametrize(
    "old", ["[" * 100_000, '{"components":{"x":{"platform":["sensor"]}}}', '{"components":[1]}', "", "null", "\ud800"]
)
def test_odd_things_that_stood_there_before_do_no_harm(old: str) -> None:
    announcement = Announcement(_camera("a", "b"), "b")
    assert announcement.answer(announcement.topic, old.encode(errors="surrogatepass"), True) == ()
    assert leave_taking(None, {"components": {}}) is None


def test_at_a_real_broker_the_old_entity_goes_and_the_new_device_stays(house: House, mosquitto: Mosquitto) -> None:
    old = Announcement(house.config("{fall: {}, lying: {}}"), "bath-101")
    new = Announcement(house.config("{fall: {}}"), "bath-101")
    _announce(mosquitto, old, answers=0)
    with listening(mosquitto.port, "homeassistant/#") as home:
        home.wait_for(lambda heard: heard.retained, 5)
        _announce(mosquitto, new, answers=2)
        home.wait_until(lambda heard: len(heard) == 4, 5)
        farewell = home.heard[2].json["components"]
        assert farewell["alarm_lying"] == {"platform": "binary_sensor"}
        assert [heard.payload for heard in home.heard] == [old.payload, new.payload, home.heard[2].payload, new.payload]
    with listening(mosquitto.port, "homeassistant/#") as late:
        assert late.wait_for(lambda heard: heard.retained, 5).payload == new.payload


def _announce(mosquitto: Mosquitto, announcement: Announcement, answers: int) -> None:
    """Connect, announce, answer what comes in, and go again once so many answers were taken."""
    link = MqttLink(Broker(host="127.0.0.1", port=mosquitto.port), "camera", None, announcement.topics)
    link.start()
    waiting = 1 + answers
    try:
        while waiting:
            notes = link.notes(10)
            assert notes, "nothing more came from the broker"
            for note in notes:
                match note:
                    case Connected():
                        link.publish(announcement.topic, announcement.payload, retain=True)
                    case Received(topic, payload, retained):
                        for answer in announcement.answer(topic, payload, retained):
                            link.publish(announcement.topic, answer, retain=True)
                    case Acknowledged(refused=refused):
                        assert refused is None
                        waiting -= 1
    finally:
        link.stop()
