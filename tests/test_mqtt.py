"""Events on their way through a real broker, to a subscriber that knows nothing of semcam."""

import json
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import pytest

from semcam.contract.broker import Broker
from semcam.contract.command import Command
from semcam.contract.delivery import OutboxSettings
from semcam.contract.errors import BrokerError
from semcam.contract.event import FAULTS, MAX_EVENT_BYTES, AlarmState, Event, Status
from semcam.contract.load import DEMO, load_config
from semcam.courier import mqtt
from semcam.courier.clock import WallClock
from semcam.courier.connection import Connection
from semcam.courier.outbox import Outbox
from semcam.courier.store import Draft, Row
from tests.conftest import SAMPLE, Mosquitto, free_port, semcam, start_mosquitto
from tests.listening import Heard, Listener, listening, publish
from tests.posting import counting, draft, post, told
from tests.topics import faults

CAMERA = "semcam/demo/camera"
STATUS = f"{CAMERA}/status"
RULES = {id for id, rule in load_config(DEMO).cameras["camera"].rules.items() if not rule.momentary}


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
            late.wait_for(lambda message: message.topic == f"{CAMERA}/alarm/fall", 10)
            late.wait_for(lambda message: message.topic == f"{CAMERA}/head", 10)
            yield Evening(done.stdout.splitlines(), done.stderr, family.heard, late.heard)


def test_a_family_hears_of_the_fall_in_japanese(evening: Evening) -> None:
    told = [message.json["data"] for message in evening.live_on(f"{CAMERA}/event/fall")]
    assert [(event["stage"], event["message"]) for event in told] == [
        ("suspected", "どなたかが倒れたかもしれません。"),
        ("confirmed", "どなたかが倒れました。"),
    ]
    assert told[0]["alarm"] == told[1]["alarm"]


def test_the_broker_carries_the_very_events_that_are_printed(evening: Evening) -> None:
    assert [message.payload for message in evening.live_on(f"{CAMERA}/event/fall")] == evening.printed


def test_nothing_else_is_published_than_what_the_contract_lists(evening: Evening) -> None:
    alarms = {f"{CAMERA}/alarm/{rule}" for rule in {*RULES, *FAULTS}}
    assert {message.topic for message in evening.live} == {f"{CAMERA}/event/fall", f"{CAMERA}/head", STATUS} | alarms


def test_every_message_is_as_the_asyncapi_document_says(evening: Evening) -> None:
    assert [fault for message in evening.live for fault in faults(message.topic, message.payload)] == []


def test_a_suspicion_does_not_switch_the_alarm_on(evening: Evening) -> None:
    before, alarm = evening.live_on(f"{CAMERA}/alarm/fall")
    assert before.json == {"state": "OFF"}
    assert (alarm.json["state"], alarm.json["data"]["stage"]) == ("ON", "confirmed")


def test_the_head_says_how_many_events_there_are(evening: Evening) -> None:
    epoch = json.loads(evening.printed[0])["id"].partition("-")[0]
    assert evening.live_on(f"{CAMERA}/head")[-1].json == {
        "epoch": epoch,
        "first": 1,
        "last": len(evening.printed),
        "before": [],
    }


def test_a_daughter_who_comes_home_late_still_sees_that_the_alarm_burns(evening: Evening) -> None:
    by_topic = {message.topic: message for message in evening.afterwards}
    assert not any("/event/" in topic for topic in by_topic)  # events are not retained
    assert all(message.retained for message in evening.afterwards)
    alarm = by_topic[f"{CAMERA}/alarm/fall"].json
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
    for message in evening.live_on(f"{CAMERA}/event/fall"):
        event = Event.model_validate_json(message.payload)
        assert (event.specversion, event.source, event.type) == ("1.0", CAMERA, "semcam.fall")
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
        connection = Connection(Broker(host="127.0.0.1", port=mute.getsockname()[1]), "demo", "camera")
        with pytest.raises(BrokerError, match="no answer to CONNECT"):
            connection.open()


@pytest.mark.parametrize(
    "nonsense", [b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(64), b"\x20\x02\xff\xff" * 99, b"\x20\xff"]
)
def test_something_that_speaks_another_language_is_no_broker(nonsense: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = Connection(Broker(host="127.0.0.1", port=server.getsockname()[1]), "demo", "camera")
        connection.start()
        peer, _ = server.accept()
        peer.sendall(nonsense)
        peer.close()
        publisher = connection.attach(Outbox.in_memory("camera", "abcdef"), Standing(), WallClock().moment())
        (news,) = publisher.tend(WallClock().moment(), 10)[1]
        assert "correct host and port" in news or "check port" in news or "refuses" in news
        connection.close()


@pytest.mark.parametrize("forbidden", ["event", "alarm"])
def test_a_broker_that_refuses_what_is_published_is_no_success(
    forbidden: str, picture: Path, somebody: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "acl"
    allowed = {"event", "alarm", "status", "head"} - {forbidden}
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


@contextmanager
def no_disk() -> Iterator[None]:
    """The kernel refuses every write of this process to a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# -- a camera's line to the broker


class Line:
    """A camera's outbox and its connection, tended as the service does it."""

    def __init__(self, settings: Broker, outbox: Outbox | None = None, *, wait: bool = True) -> None:
        self.clock = WallClock()
        self.outbox = outbox or Outbox.in_memory("camera", "abcdef")
        self.connection = Connection(settings, "demo", "camera")
        self.standing = Standing()
        self.publisher = self.connection.attach(self.outbox, self.standing, self.clock.moment())
        self.news: list[str] = []
        self.commands: list[Command] = []
        self.connection.start()
        if wait:
            self.tend_until(lambda: self.publisher.is_connected)

    def tell(self, *drafts: Draft) -> None:
        post(self.outbox, drafts, self.clock.moment())

    def tend(self, timeout_s: float = 0.02) -> None:
        commands, news, _ = self.publisher.tend(self.clock.moment(), timeout_s)
        self.commands += commands
        self.news += news

    def tend_until(self, enough: Callable[[], bool], within_s: float = 15) -> None:
        deadline = time.monotonic() + within_s
        while not enough():
            assert time.monotonic() < deadline, f"not within {within_s} s; news: {self.news}"
            self.tend()

    def hears(self, word: str) -> str:
        """Tend until there is news of it."""
        self.tend_until(lambda: any(word in sentence for sentence in self.news))
        return next(sentence for sentence in self.news if word in sentence)

    def everything_is_taken(self) -> bool:
        return self.publisher.is_idle and not self.outbox.unsent(self.clock.moment(), 1)

    def close(self) -> None:
        self.connection.close()
        self.outbox.close()


@dataclass
class Standing:
    """A camera whose one rule is burning."""

    status: Status = field(default_factory=lambda: Status(state="online"))
    burns: AlarmState = AlarmState.ON

    @property
    def alarms(self) -> dict[str, tuple[AlarmState, Row | None]]:
        return {"fall": (self.burns, None)}

    def state(self, switch: str) -> AlarmState:
        assert switch == "fall"
        return self.burns


@contextmanager
def line(port: int, protocol: Literal["5", "3.1.1"] = "5", outbox: Outbox | None = None) -> Iterator[Line]:
    connected = Line(Broker(host="127.0.0.1", port=port, protocol=protocol), outbox)
    try:
        yield connected
    finally:
        connected.close()


def caught_up(camera: Line, listener: Listener, port: int) -> int:
    """Wait until the listener has all that the camera has told so far; how many messages it has heard then."""
    camera.tend_until(camera.everything_is_taken)
    publish(port, "semcam/mark", "x")  # the broker keeps the order
    listener.wait_for(lambda message: message.topic == "semcam/mark", 10)
    return len(listener.heard)


def sequence(messages: list[Heard]) -> list[int]:
    return [message.json["data"]["seq"] for message in messages if "/event/" in message.topic]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_hundred_events_arrive_in_order_and_once(mosquitto: Mosquitto, protocol: Literal["5", "3.1.1"]) -> None:
    with listening(mosquitto.port) as listener, line(mosquitto.port, protocol) as camera:
        camera.tell(*told(100))
        camera.tend_until(camera.everything_is_taken)
        listener.wait_until(lambda heard: len(sequence(heard)) >= 100, 10)
        assert sequence(listener.heard) == list(range(1, 101))
        camera.tend_until(lambda: [message.json["last"] for message in listener.on(f"{CAMERA}/head")][-1:] == [100])


def test_a_broker_that_takes_one_message_at_a_time_gets_no_more(tmp_path: Path) -> None:
    with broker(tmp_path, "allow_anonymous true", "max_inflight_messages 1") as port:
        with listening(port) as listener, line(port) as camera:
            camera.tell(*told(50))
            camera.tend_until(camera.everything_is_taken)
            listener.wait_until(lambda heard: len(sequence(heard)) >= 50, 10)
        assert sequence(listener.heard) == list(range(1, 51))
        assert camera.news == []


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
    with line(port) as camera, listening(port, more=session) as family:
        camera.tell(*told(20))
        family_has(camera, family, 20)
        process.kill()
        process.wait(5)
        assert "events wait until it is back" in camera.hears("is gone")
        camera.tell(*told(40))

        process = start_mosquitto(tmp_path, port, *rules)
        camera.hears("again")
        assert [sentence for sentence in camera.news if "again" in sentence] == [
            f"connected to the MQTT broker again: {CAMERA}"
        ]
        family_has(camera, family, 60)
        assert list(dict.fromkeys(sequence(family.heard))) == list(range(1, 61))
    process.terminate()
    process.wait(5)


def family_has(camera: Line, family: Listener, events: int) -> None:
    camera.tend_until(lambda: len(set(sequence(family.heard))) >= events)


def test_while_a_broker_stays_away_that_is_said_once(tmp_path: Path) -> None:
    with broker(tmp_path) as port:
        camera = Line(Broker(host="127.0.0.1", port=port))
    camera.hears("no MQTT broker answers")
    until = time.monotonic() + 3
    camera.tend_until(lambda: time.monotonic() > until)
    assert len(camera.news) == 2  # that it has gone, and that nobody answers
    camera.close()


def test_a_broker_that_was_away_for_a_night_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """1,100 attempts take an hour and a half, and here a second and a half."""
    monkeypatch.setattr(mqtt, "FIRST_PAUSE_S", 0.0002)
    monkeypatch.setattr(mqtt, "LONGEST_PAUSE_S", 0.0005)
    port, failures = free_port(), 0
    link = mqtt.MqttLink(Broker(host="127.0.0.1", port=port), "semcam-night", None)
    link.start()
    while failures < 1100:
        notes = link.notes(5)
        assert notes, f"no attempt any more after {failures}"
        failures += sum(isinstance(note, mqtt.Lost) for note in notes)
    with broker(tmp_path, port=port):
        deadline = time.monotonic() + 15
        while not link.is_connected:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        link.stop()


def test_after_the_broker_came_back_the_camera_is_online_again_with_its_alarms(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port=port):
        camera = Line(Broker(host="127.0.0.1", port=port))
    camera.hears("is gone")
    with broker(tmp_path, port=port), listening(port) as listener:
        camera.hears("again")
        camera.tend_until(lambda: len({message.topic for message in listener.heard}) >= 3)
        last = {message.topic: message.json for message in listener.heard}
        assert last[STATUS]["state"] == "online"
        assert last[f"{CAMERA}/alarm/fall"] == {"state": "ON"}
        assert last[f"{CAMERA}/head"] == {"epoch": "abcdef", "first": 1, "last": 0, "before": []}
        camera.close()
        listener.wait_for(lambda message: message.topic == STATUS and message.json["state"] == "offline", 10)


def test_a_state_that_no_longer_holds_is_not_retained_again(mosquitto: Mosquitto) -> None:
    """An alarm and its end wait together for the broker: it never says ON of what is over."""
    outbox = Outbox.in_memory("camera", "abcdef")
    post(outbox, [draft(state=AlarmState.ON), draft(state=AlarmState.OFF)], WallClock().moment())
    with listening(mosquitto.port, f"{CAMERA}/alarm/fall", f"{CAMERA}/event/fall") as listener:
        camera = Line(Broker(host="127.0.0.1", port=mosquitto.port), outbox, wait=False)
        camera.standing.burns = AlarmState.OFF
        camera.tend_until(camera.everything_is_taken)
        camera.tend_until(lambda: len(listener.heard) >= 4)
        camera.close()
    assert sequence(listener.heard) == [1, 2]
    assert {message.json["state"] for message in listener.on(f"{CAMERA}/alarm/fall")} == {"OFF"}


def test_a_new_epoch_is_announced_before_its_events(mosquitto: Mosquitto, tmp_path: Path) -> None:
    outbox = Outbox.open(tmp_path / "state", "camera", OutboxSettings(), counting("run"))
    with listening(mosquitto.port) as listener, line(mosquitto.port, outbox=outbox) as camera:
        camera.tell(*told(3))
        camera.tend_until(camera.everything_is_taken)
        with no_disk():
            camera.tell(*told(2))
            camera.tend_until(camera.everything_is_taken)
            listener.wait_until(lambda heard: len(sequence(heard)) >= 5, 10)
        heads = [message.json for message in listener.on(f"{CAMERA}/head")]
        assert heads[-1] == {
            "epoch": "run2",
            "first": 1,
            "last": 2,
            "before": [{"epoch": "run1", "first": 1, "last": 3}],
        }
        order = [message for message in listener.heard if message.topic.endswith("/head") or "/event/" in message.topic]
        assert next(each for each in order if "run2" in each.payload).topic.endswith("/head")


def test_what_a_subscriber_lacks_is_said_again_as_historical(mosquitto: Mosquitto) -> None:
    with listening(mosquitto.port) as listener, line(mosquitto.port) as camera:
        camera.tell(*told(100))
        before = caught_up(camera, listener, mosquitto.port)
        for _ in range(3):  # whoever asks again while it is on its way is not served from the beginning each time
            publish(mosquitto.port, f"{CAMERA}/command/replay", '{"epoch":"abcdef","first":5,"last":94}')
        camera.tend_until(lambda: set(sequence(listener.heard[before:])) >= set(range(5, 95)))
        again = [message for message in listener.heard[before:] if "/event/" in message.topic]
        numbers = sequence(again)
        assert list(dict.fromkeys(numbers)) == list(range(5, 95))
        assert len(numbers) <= 3 * 90
        assert all(message.json["data"]["historical"] for message in again)
        assert not [message for message in listener.heard[before:] if "/alarm/" in message.topic]


def test_whoever_asks_need_not_wait_until_there_is_nothing_new_to_tell(mosquitto: Mosquitto) -> None:
    """A subscriber that lacks something holds back what is new until it has it."""
    with listening(mosquitto.port) as listener, line(mosquitto.port) as camera:
        camera.tell(*told(100))
        before = caught_up(camera, listener, mosquitto.port)
        publish(mosquitto.port, f"{CAMERA}/command/replay", '{"epoch":"abcdef","first":1,"last":40}')
        time.sleep(0.3)  # it has come when it is read
        camera.tell(*told(400))
        camera.tend_until(lambda: len(sequence(listener.heard[before:])) >= 440)
        numbers = sequence(listener.heard[before:])
        assert sorted(numbers) == [*range(1, 41), *range(101, 501)]
        assert numbers.index(40) < numbers.index(500)


def test_two_who_ask_at_once_both_get_something(mosquitto: Mosquitto) -> None:
    with listening(mosquitto.port) as listener, line(mosquitto.port) as camera:
        camera.tell(*told(400))
        before = caught_up(camera, listener, mosquitto.port)
        for first, last in ((1, 300), (399, 400)):
            publish(mosquitto.port, f"{CAMERA}/command/replay", f'{{"epoch":"abcdef","first":{first},"last":{last}}}')
        time.sleep(0.3)  # both have come when they are read
        camera.tend_until(lambda: len(sequence(listener.heard[before:])) >= 302)
        again = sequence([message for message in listener.heard[before:] if "/event/" in message.topic])
        assert again.index(400) < again.index(300)


def test_an_event_too_large_for_the_contract_is_not_sent_and_stops_nothing(mosquitto: Mosquitto) -> None:
    with listening(mosquitto.port) as listener, line(mosquitto.port) as camera:
        camera.tell(draft(message="倒" * MAX_EVENT_BYTES), draft())
        camera.tend_until(camera.everything_is_taken)
        assert "larger than 2048 bytes" in camera.hears("larger")
        listener.wait_until(lambda heard: len(sequence(heard)) >= 1, 10)
    assert sequence(listener.heard) == [2]


def test_a_camera_that_leaves_a_deaf_broker_does_not_stay_online_for_ever(tmp_path: Path) -> None:
    port = free_port()
    process = start_mosquitto(tmp_path, port)
    try:
        camera = Line(Broker(host="127.0.0.1", port=port))
        process.send_signal(signal.SIGSTOP)  # a broker that hangs: connected, and deaf
        camera.tell(*told(1))
        camera.tend()
        camera.close()
        process.send_signal(signal.SIGCONT)
        with listening(port, STATUS) as listener:
            listener.wait_for(lambda message: message.json["state"] == "offline", 10)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(5)


def test_two_cameras_of_one_name_are_told_so_without_filling_the_log(mosquitto: Mosquitto) -> None:
    with line(mosquitto.port) as one, line(mosquitto.port) as other:
        assert "give it another site or camera name" in one.hears("a second semcam of the same name")
        until = time.monotonic() + 5
        while time.monotonic() < until:
            one.tend()
            other.tend()
        assert len(one.news) <= 4
        assert len(other.news) <= 4
