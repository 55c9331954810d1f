"""What may be said to a camera over MQTT, and what anybody may try: only whole commands change anything."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.broker import Broker
from semcam.contract.command import MAX_COMMAND_BYTES, MAX_NAME_BYTES, Ack, Mute, Replay, read_command
from semcam.contract.event import Status
from semcam.contract.labels import PERSON
from semcam.contract.signal import Beat, RuleSignal, Stage, to_line
from semcam.courier.store import Head, Kept
from tests.chatty_courier import CAMERA, SITE, Courier
from tests.conftest import Mosquitto
from tests.listening import Heard, Listener, listening, publish

CAMERA_TOPIC = f"semcam/{SITE}/{CAMERA}"
COMMAND = f"{CAMERA_TOPIC}/command"
STATUS = f"{CAMERA_TOPIC}/status"
EVENT = f"{CAMERA_TOPIC}/event/fall"
fuzz = settings(max_examples=300, deadline=None, derandomize=True)


class Bath:
    """A camera at work, in front of which somebody lies on the floor; it works while a test waits."""

    def __init__(self, port: int, family: Listener) -> None:
        self.port = port
        self.family = family
        self.courier = Courier(Broker(host="127.0.0.1", port=port))
        self.courier.post.start()
        self.waits_for(lambda heard: heard.topic == STATUS)
        self.sees(Stage.CONFIRMED)
        self.hears("confirmed")

    def sees(self, stage: Stage) -> None:
        self.courier.take(to_line(Beat(t_s=1.0, frames=10)))
        self.courier.take(to_line(RuleSignal(rule="fall", stage=stage, t_s=1.0, track=1, label=PERSON)))

    def waits_for(self, what: Callable[[Heard], bool]) -> Heard:
        """The first message that the family hears of what is meant."""
        self.courier.tend_until(lambda: any(map(what, self.family.heard)))
        return next(filter(what, self.family.heard))

    def hears(self, stage: str) -> Heard:
        """Wait for that step."""
        return self.waits_for(lambda heard: heard.topic == EVENT and heard.json["data"]["stage"] == stage)

    def says(self, name: str, payload: Any, *how: str) -> None:
        text = payload if isinstance(payload, str | bytes) else json.dumps(payload)
        publish(self.port, f"{COMMAND}/{name}", text, *how)

    def condition(self) -> tuple[Kept, Head, Status]:
        """All that a command could change."""
        outbox = self.courier.outbox
        return outbox.kept, outbox.head, self.courier.desk.status

    def complains(self) -> list[str]:
        """What the log says, once it says anything."""
        self.courier.tend_until(lambda: bool(self.courier.news))
        return self.courier.news


@contextmanager
def a_bath(port: int, family: Listener) -> Iterator[Bath]:
    bath = Bath(port, family)
    try:
        yield bath
    finally:
        bath.courier.close()


@pytest.fixture
def bath(mosquitto: Mosquitto) -> Iterator[Bath]:
    with listening(mosquitto.port) as family, a_bath(mosquitto.port, family) as bath:
        yield bath


# -- commands


def test_an_acknowledgement_is_told_to_all_with_its_name(bath: Bath) -> None:
    bath.says("ack", {"alarm": "abcdef-000001", "by": "愛子"})
    data = bath.hears("acknowledged").json["data"]
    assert (data["alarm"], data["by"]) == ("abcdef-000001", "愛子")
    assert data["messages"]["en"].endswith("Acknowledged by 愛子.")


def test_the_button_of_a_home_needs_no_id(bath: Bath) -> None:
    bath.says("ack", {})
    assert bath.hears("acknowledged")


def test_who_has_helped_her_up_can_end_the_alarm(bath: Bath) -> None:
    bath.says("ack", {"alarm": "abcdef-000001", "over": True})
    assert bath.hears("cleared").json["data"]["ending"] == "closed"
    alarm = f"{CAMERA_TOPIC}/alarm/fall"
    bath.waits_for(lambda heard: heard.topic == alarm and "cleared" in heard.payload)
    assert bath.family.on(alarm)[-1].json["state"] == "OFF"


def test_a_mute_is_told_in_the_status_and_can_be_taken_back(bath: Bath) -> None:
    bath.says("mute", {"minutes": 30})
    bath.waits_for(lambda heard: heard.topic == STATUS and "muted_until" in heard.json)
    bath.says("mute", {"minutes": 0})
    bath.courier.tend_until(lambda: "muted_until" not in bath.family.on(STATUS)[-1].json)


def test_a_command_of_a_moment_ago_is_obeyed_after_a_restart_of_the_camera(mosquitto: Mosquitto) -> None:
    """The broker keeps it while the courier is away; but not for ever: see SESSION_S."""
    with listening(mosquitto.port) as family:
        with a_bath(mosquitto.port, family):
            pass
        publish(mosquitto.port, f"{COMMAND}/mute", '{"minutes":5}')
        with a_bath(mosquitto.port, family) as bath:
            bath.waits_for(lambda heard: heard.topic == STATUS and "muted_until" in heard.json)


# -- whatever else comes


NONSENSE: list[tuple[str, Any]] = [
    ("ack", ""),
    ("ack", "{"),
    ("ack", "null"),
    ("ack", "[]"),
    ("ack", '"abcdef-000001"'),
    ("ack", b"\xff\xfe\x00"),
    ("ack", {"alarm": 1}),
    ("ack", {"alarm": "abcdef-000001", "then": "rm -rf /"}),
    ("ack", {"alarm": "abcdef-000001\n"}),
    ("ack", {"alarm": "abcdef-000001", "by": "a\x1b[31m"}),
    ("ack", {"alarm": "abcdef-000001", "by": "愛" * 20}),
    ("ack", {"alarm": "abcdef-000002"}),
    ("ack", {"alarm": "zzzzzz-000001"}),
    ("ack", {"alarm": "abcdef-000001", "by": "x" * MAX_COMMAND_BYTES}),
    ("ack", b"x" * 200_000),
    ("ack", "[" * 1000),
    ("mute", {}),
    ("mute", {"minutes": -1}),
    ("mute", {"minutes": 1e9}),
    ("mute", '{"minutes": NaN}'),
    ("mute", {"minutes": "60"}),
    ("mute", {"minutes": 60, "rule": "bed"}),
    ("mute", {"minutes": 60, "rule": "../../etc"}),
    ("replay", {"epoch": "abcdef", "first": 9, "last": 1}),
    ("replay", {"epoch": "abcdef", "first": -1, "last": 1}),
    ("replay", {"epoch": "abcdef", "first": 1, "last": 10**30}),
    ("replay", {"epoch": "zzzzzz", "first": 1, "last": 10**11}),
    ("replay", {"epoch": "' OR 1=1 --", "first": 1, "last": 2}),
    ("reboot", {}),
    ("ACK", {}),
    ("", {}),
]


def test_nonsense_changes_nothing_and_is_complained_of_once_without_repeating_it(bath: Bath) -> None:
    before, heard = bath.condition(), len(bath.family.heard)
    for _ in range(3):
        for name, payload in NONSENSE:
            bath.says(name, payload)
    bath.says("ack", {})  # what comes behind it is obeyed
    bath.hears("acknowledged")
    complaints = bath.complains()
    assert len(complaints) == len(set(complaints)) <= 15, complaints
    for complaint in complaints:
        assert complaint.isascii()
        assert not any(word in complaint for word in ("rm -rf", "zzzzzz", "etc", "OR 1=1", "xxx", "reboot", "\x1b"))
    bath.courier.tend_until(lambda: bath.family.on(f"{CAMERA_TOPIC}/head")[-1].json["last"] == 2)
    news = {message.topic for message in bath.family.heard[heard:] if "/command/" not in message.topic}
    assert news == {EVENT, f"{CAMERA_TOPIC}/alarm/fall", f"{CAMERA_TOPIC}/head"}
    _, head, status = bath.condition()
    assert (head, status) == (before[1]._replace(last=2), before[2])


def test_another_cameras_commands_are_not_heard(bath: Bath) -> None:
    before = bath.condition()
    for topic in ("semcam/sakura-home/hall/command/ack", "semcam/other/bath-101/command/ack", f"{COMMAND}/ack/x"):
        publish(bath.port, topic, "{}")
    bath.says("nothing", {})
    assert len(bath.complains()) == 1
    assert bath.condition() == before


def test_a_retained_command_is_of_another_day(mosquitto: Mosquitto) -> None:
    for name, payload in (
        ("mute", '{"minutes":60}'),
        ("ack", "{}"),
        ("replay", '{"epoch":"abcdef","first":1,"last":1}'),
    ):
        publish(mosquitto.port, f"{COMMAND}/{name}", payload, "-r")
    with listening(mosquitto.port) as family, a_bath(mosquitto.port, family) as bath:
        (complaint,) = bath.complains()
        assert "a retained command is not obeyed" in complaint
        assert bath.courier.desk.status.muted_until is None
        assert len(family.on(EVENT)) == 1


def test_a_message_larger_than_anybody_needs_does_not_even_come(bath: Bath) -> None:
    bath.says("ack", b"x" * 1_000_000)
    bath.says("ack", {})
    assert bath.hears("acknowledged")
    assert bath.courier.news == []


@given(
    st.sampled_from(["ack", "mute", "replay", "other"]), st.binary(max_size=200) | st.text(max_size=200).map(str.encode)
)
@fuzz
def test_any_bytes_are_a_command_or_a_complaint_without_them(name: str, payload: bytes) -> None:
    try:
        assert isinstance(read_command(name, payload), Ack | Mute | Replay)
    except ValueError as error:
        assert str(error).isascii()
        assert len(str(error)) < 200


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


MEMBERS = st.dictionaries(
    st.sampled_from(["alarm", "over", "by", "epoch", "first", "last", "minutes", "rule", "x"]),
    JSON | st.sampled_from(["abcdef-000001", "abcdef", 1, 2, 60.0, "Aiko", True]),
    max_size=4,
)


@given(name=st.sampled_from(["ack", "mute", "replay"]), members=MEMBERS)
@fuzz
def test_whatever_is_taken_for_a_command_is_within_its_bounds(name: str, members: dict[str, Any]) -> None:
    try:
        command = read_command(name, json.dumps(members).encode())
    except ValueError:
        return
    match command:
        case Replay():
            assert 1 <= command.first <= command.last
        case Mute():
            assert 0 <= command.minutes <= 24 * 60
    by = getattr(command, "by", None)
    assert by is None or (by.isprintable() and len(json.dumps(by, ensure_ascii=False).encode()) - 2 <= MAX_NAME_BYTES)
