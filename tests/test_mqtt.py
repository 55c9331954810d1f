"""Events on their way through a real broker, to a subscriber that knows nothing of semcam."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest

from semcam.contract.config import Broker
from semcam.contract.errors import BrokerError
from semcam.contract.event import MAX_EVENT_BYTES, AlarmState, Clock, Event, EventData, MadeBy
from semcam.contract.rule_base import Severity
from semcam.contract.signal import Stage
from semcam.courier import mqtt
from semcam.courier.delivery import Delivery, Numbering
from semcam.courier.mqtt import MqttSink
from tests.conftest import SAMPLE, Mosquitto, free_port, semcam, start_mosquitto
from tests.listening import Heard, listening

EPOCH = "1970-01-01T00:00:00.000Z"
STATUS = "semcam/demo/camera/status"


@contextmanager
def broker(folder: Path, *rules: str, port: int | None = None) -> Iterator[int]:
    """A Mosquitto with rules of its own; gives its port."""
    port = port or free_port()
    process = start_mosquitto(folder, port, *rules)
    try:
        yield port
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(5)


# -- a family far away


@dataclass(frozen=True)
class Evening:
    """The sample clip, replayed once, and what there was to see of it."""

    printed: list[str]
    errors: str
    live: list[Heard]
    afterwards: list[Heard]

    def live_on(self, topic: str) -> list[Heard]:
        return [message for message in self.live if message.topic == topic]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    with broker(tmp_path_factory.mktemp("evening")) as port, listening(port) as family:
        done = semcam("replay", SAMPLE, "--mqtt", f"127.0.0.1:{port}", "--language", "ja", "--json")
        assert done.returncode == 0, done.stderr
        family.wait_for(lambda message: message.topic == STATUS and message.json["state"] == "offline", 10)
        with listening(port) as late:
            late.wait_for(lambda message: message.topic == STATUS, 10)
            late.wait_for(lambda message: message.topic == "semcam/demo/camera/alarm/fall", 10)
            yield Evening(done.stdout.splitlines(), done.stderr, family.heard, late.heard)


def test_a_family_hears_of_the_fall_in_japanese(evening: Evening) -> None:
    told = [message.json["data"] for message in evening.live_on("semcam/demo/camera/event/fall")]
    assert [(event["stage"], event["message"]) for event in told] == [
        ("suspected", "どなたかが倒れたかもしれません。"),
        ("confirmed", "どなたかが倒れました。"),
    ]
    assert told[0]["alarm"] == told[1]["alarm"]


def test_the_broker_carries_the_very_events_that_are_printed(evening: Evening) -> None:
    assert [message.payload for message in evening.live_on("semcam/demo/camera/event/fall")] == evening.printed


def test_nothing_else_is_published_than_what_the_contract_lists(evening: Evening) -> None:
    assert {message.topic for message in evening.live} == {
        "semcam/demo/camera/event/fall",
        "semcam/demo/camera/alarm/fall",
        STATUS,
    }


def test_a_suspicion_does_not_switch_the_alarm_on(evening: Evening) -> None:
    (alarm,) = evening.live_on("semcam/demo/camera/alarm/fall")
    assert (alarm.json["state"], alarm.json["data"]["stage"]) == ("ON", "confirmed")


def test_a_daughter_who_comes_home_late_still_sees_that_the_alarm_burns(evening: Evening) -> None:
    by_topic = {message.topic: message for message in evening.afterwards}
    assert set(by_topic) == {"semcam/demo/camera/alarm/fall", STATUS}  # events are not retained
    assert all(message.retained for message in evening.afterwards)
    alarm = by_topic["semcam/demo/camera/alarm/fall"].json
    assert alarm.pop("state") == "ON"
    assert alarm == json.loads(evening.printed[-1])


def test_the_camera_says_when_it_comes_and_when_it_goes(evening: Evening) -> None:
    states = [message.json["state"] for message in evening.live_on(STATUS)]
    assert states[0] == "online"
    assert states[-1] == "offline"
    assert states == sorted(states, reverse=True)  # never offline in between


def test_no_message_is_larger_than_a_small_device_can_take(evening: Evening) -> None:
    assert max(len(message.payload.encode()) for message in evening.live) <= MAX_EVENT_BYTES


def test_every_event_keeps_to_the_published_contract(evening: Evening) -> None:
    for message in evening.live_on("semcam/demo/camera/event/fall"):
        event = Event.model_validate_json(message.payload)
        assert (event.specversion, event.source, event.type) == ("1.0", "semcam/demo/camera", "semcam.fall")
        assert event.to_json() == message.payload


# -- brokers that are not there, or do not want


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One picture with somebody in it: a clip that takes a second."""
    capture = cv2.VideoCapture(str(SAMPLE))
    ok, pixels = capture.read()
    assert ok
    path = tmp_path_factory.mktemp("still") / "somebody.png"
    cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture(scope="module")
def somebody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration that tells of anybody in view."""
    path = tmp_path_factory.mktemp("config") / "semcam.yaml"
    rules = "{somebody: {kind: sighting, labels: [person], after: 0s}}"
    path.write_text(f"site: demo\ncameras:\n  camera:\n    rules: {rules}\n")
    return path


def is_one_sentence_with_a_remedy(error: str, remedy: str) -> bool:
    return error.count("\n") == 1 and remedy in error and "Traceback" not in error


def test_without_a_broker_the_user_is_told_at_once(picture: Path) -> None:
    port = free_port()
    done = semcam("replay", picture, "--mqtt", f"127.0.0.1:{port}", timeout_s=20)
    assert done.returncode == 1
    assert is_one_sentence_with_a_remedy(done.stderr, "start one there or correct host and port"), done.stderr
    assert f"127.0.0.1:{port}" in done.stderr
    assert done.stdout == ""


def test_a_host_that_nobody_knows_is_named(picture: Path) -> None:
    done = semcam("replay", picture, "--mqtt", "no-such-host.invalid:1883", timeout_s=60)
    assert done.returncode == 1
    assert is_one_sentence_with_a_remedy(done.stderr, "correct host and port"), done.stderr
    assert "no-such-host.invalid:1883" in done.stderr


def test_a_broker_that_lets_nobody_in_is_reported_with_its_reason(picture: Path, tmp_path: Path) -> None:
    with broker(tmp_path, "allow_anonymous false") as port:
        done = semcam("replay", picture, "--mqtt", f"127.0.0.1:{port}", timeout_s=30)
    assert done.returncode == 1
    assert is_one_sentence_with_a_remedy(done.stderr, "check its access rules"), done.stderr
    assert "Not authorized" in done.stderr


def test_something_that_is_no_broker_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt, "CONNECT_WITHIN_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        sink = MqttSink(Broker(host="127.0.0.1", port=mute.getsockname()[1]), "demo", "camera")
        with pytest.raises(BrokerError, match="no answer to CONNECT"):
            sink.open()


@pytest.mark.parametrize("forbidden", ["event", "alarm"])
def test_a_broker_that_refuses_what_is_published_is_no_success(
    forbidden: str, picture: Path, somebody: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "acl"
    allowed = {"event", "alarm", "status"} - {forbidden}
    rules.write_text("".join(f"topic write semcam/demo/camera/{topic}/#\n" for topic in sorted(allowed)))
    rules.chmod(0o700)
    access = [f"acl_file {rules}", "allow_anonymous true", *_as_root()]
    with broker(tmp_path, *access) as port:
        arguments = ("replay", picture, "-c", somebody, "--hold-last", "1", "--mqtt", f"127.0.0.1:{port}")
        done = semcam(*arguments, timeout_s=60)
    assert done.returncode == 1
    assert "A person is in view." in done.stdout  # whoever sits at the terminal is told all the same
    error = done.stderr.splitlines()[-1] + "\n"
    assert is_one_sentence_with_a_remedy(error, "access rules"), done.stderr
    assert f"semcam/demo/camera/{forbidden}/" in error
    assert "Not authorized" in error
    assert "Traceback" not in done.stderr


def _as_root() -> list[str]:
    """Mosquitto started by root gives up its rights, and with them the test's private folder."""
    return ["user root"] if os.geteuid() == 0 else []


# -- brokers that go away


def story(length: int) -> list[Delivery]:
    """A run of events as the desk makes them."""
    numbering = Numbering("abcdef")
    deliveries = []
    for _ in range(length):
        seq, name = numbering.next()
        data = EventData(
            alarm=name,
            stage=Stage.CONFIRMED,
            severity=Severity.CRITICAL,
            rule="fall",
            message=f"{seq}人目が倒れました。",
            messages={"ja": f"{seq}人目が倒れました。", "en": f"Number {seq} has fallen."},
            seq=seq,
            clock=Clock(synced=True, boot="9f2c", mono_s=float(seq)),
            made_by=MadeBy(semcam="0", models="sha256:0", config="sha256:0"),
        )
        event = Event(
            id=name, source="semcam/demo/camera", type="semcam.fall", time="1970-01-01T00:00:00.000Z", data=data
        )
        deliveries.append(Delivery(event, AlarmState.ON))
    return deliveries


def connected(port: int) -> MqttSink:
    sink = MqttSink(Broker(host="127.0.0.1", port=port), "demo", "camera")
    sink.open()
    return sink


def sequence(messages: list[Heard]) -> list[int]:
    return [message.json["data"]["seq"] for message in messages if "/event/" in message.topic]


def tend_until(sink: MqttSink, word: str, within_s: float) -> list[str]:
    """Tend the connection until its news hold `word`."""
    news: list[str] = []
    deadline = time.monotonic() + within_s
    while not any(word in sentence for sentence in news):
        assert time.monotonic() < deadline, f"no news of {word!r} within {within_s} s: {news}"
        time.sleep(0.02)
        news += sink.tend()
    return news


def test_a_hundred_events_arrive_in_order_and_once(mosquitto: Mosquitto) -> None:
    with listening(mosquitto.port) as listener:
        sink = connected(mosquitto.port)
        for delivery in story(100):
            sink.deliver(delivery)
        sink.close()
        listener.wait_for(lambda message: message.topic == STATUS and message.json["state"] == "offline", 10)
    assert sequence(listener.heard) == list(range(1, 101))


def test_what_happens_while_the_broker_is_dead_is_told_when_it_is_back(tmp_path: Path) -> None:
    """The broker dies by SIGKILL; only its memory of who subscribes survives, as it does on a disk."""
    port = free_port()
    rules = ["allow_anonymous true", "persistence true", f"persistence_location {tmp_path}/", *_as_root()]
    session = ("-i", "family", "-c", "-x", "3600")
    process = start_mosquitto(tmp_path, port, *rules)
    with listening(port, more=session):
        pass
    process.terminate()  # writes the subscription to disk
    process.wait(5)

    process = start_mosquitto(tmp_path, port, *rules)
    events = story(60)
    sink = connected(port)
    with listening(port, more=session) as family:
        for delivery in events[:20]:
            sink.deliver(delivery)
        family.wait_until(lambda heard: len(sequence(heard)) >= 20, 10)
        process.kill()
        process.wait(5)
        (gone,) = tend_until(sink, "is gone", 10)
        assert "events wait until it is back" in gone
        for delivery in events[20:]:
            sink.deliver(delivery)

        process = start_mosquitto(tmp_path, port, *rules)
        assert tend_until(sink, "again", 10) == [f"connected to the MQTT broker at 127.0.0.1:{port} again"]
        sink.close()
        family.wait_until(lambda heard: len(set(sequence(heard))) >= 60, 20)
        assert list(dict.fromkeys(sequence(family.heard))) == list(range(1, 61))
    process.terminate()
    process.wait(5)


def test_after_the_broker_came_back_the_camera_is_online_again(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port=port):
        sink = connected(port)
    tend_until(sink, "is gone", 10)
    with broker(tmp_path, port=port), listening(port, STATUS) as listener:
        tend_until(sink, "again", 10)
        listener.wait_for(lambda message: message.json["state"] == "online", 10)
        sink.close()
        listener.wait_for(lambda message: message.json["state"] == "offline", 10)


def test_undelivered_events_are_counted_when_the_broker_stays_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "DELIVER_WITHIN_S", 0.5)
    with broker(tmp_path) as port:
        sink = connected(port)
    tend_until(sink, "is gone", 10)
    for delivery in story(3):
        sink.deliver(delivery)
    with pytest.raises(BrokerError, match="6 messages were not taken"):  # event and alarm state each
        sink.close()


def test_a_camera_that_leaves_without_delivering_does_not_stay_online_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "DELIVER_WITHIN_S", 0.5)
    port = free_port()
    process = start_mosquitto(tmp_path, port)
    try:
        sink = connected(port)
        process.send_signal(signal.SIGSTOP)  # a broker that hangs: connected, and deaf
        sink.deliver(story(1)[0])
        with pytest.raises(BrokerError, match="not taken"):
            sink.close()
        process.send_signal(signal.SIGCONT)
        with listening(port, STATUS) as listener:
            listener.wait_for(lambda message: message.json["state"] == "offline", 10)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(5)


def test_an_event_too_large_for_the_contract_is_refused_and_said_so(mosquitto: Mosquitto) -> None:
    with listening(mosquitto.port) as listener:
        sink = connected(mosquitto.port)
        (delivery,) = story(1)
        data = delivery.event.data.model_copy(update={"message": "倒" * MAX_EVENT_BYTES})
        sink.deliver(Delivery(delivery.event.model_copy(update={"data": data}), None))
        (news,) = sink.tend()
        assert "larger than 2048 bytes" in news
        sink.close()
        listener.wait_for(lambda message: message.topic == STATUS and message.json["state"] == "offline", 10)
    assert sequence(listener.heard) == []
