"""Whoever builds on semcam's events: the reference subscriber, and readers that outlive later versions."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from semcam.client.reading import read_alarm, read_payload
from semcam.client.subscriber import Subscriber, Told
from semcam.client.watch import in_json, in_words, read_positions, write_positions
from semcam.contract.broker import Broker
from semcam.contract.errors import BrokerError, ConfigError
from semcam.contract.event import Alarm, AlarmState, Event, Head, Status
from semcam.contract.labels import PERSON
from semcam.contract.signal import RuleSignal, Stage, to_line
from semcam.courier.publisher import HEAD_EVERY_S
from tests.chatty_courier import CAMERA, SITE, Courier
from tests.conftest import ROOT, Mosquitto, free_port, semcam, start_mosquitto
from tests.listening import publish
from tests.test_event import a_fall, other_payloads

NAME = f"{SITE}/{CAMERA}"
fuzz = settings(max_examples=200, deadline=None, derandomize=True)


# -- payloads of other versions


def with_more(document: dict[str, Any]) -> dict[str, Any]:
    """The event as a later version may send it: with members and values that this one does not know."""
    data = document["data"] | {"mood": "calm", "zone_names": ["floor"], "ending": "evaporated", "way": "up"}
    data["evidence"] = data["evidence"] | {"heart_rate": 61.0}
    data["messages"] = data["messages"] | {"fr": "Mme Tanaka est tombée."}
    data["clock"] = data["clock"] | {"source": "gps"}
    return document | {"data": data, "traceparent": "00-0af7"}


def test_an_event_of_a_later_version_is_read_without_what_is_new() -> None:
    later = with_more(json.loads(a_fall().to_json()))
    assert read_payload(Event, json.dumps(later).encode()) == a_fall()


def test_the_state_of_an_alarm_of_a_later_version_is_read_too() -> None:
    later = {"state": "ON", **with_more(json.loads(a_fall().to_json()))}
    assert read_alarm(json.dumps(later).encode()) == Alarm(AlarmState.ON, a_fall())
    assert read_alarm(b'{"state":"OFF"}') == Alarm(AlarmState.OFF)


def test_heads_and_statuses_of_a_later_version_are_read_too() -> None:
    head = read_payload(
        Head, b'{"epoch":"a","first":1,"last":2,"before":[{"epoch":"b","first":1,"last":2,"x":1}],"x":1}'
    )
    assert head.before[0].epoch == "b"
    assert read_payload(Status, b'{"state":"online","view":"inside out","temperature":40}') == Status(state="online")


@pytest.mark.parametrize("name", other_payloads())
def test_every_payload_that_was_ever_published_can_be_read(name: str) -> None:
    payload = json.dumps(json.loads((Path(__file__).parent / "golden" / "payloads.json").read_bytes())[name]).encode()
    kind = name.split()[0].rstrip(",")
    if kind == "alarm":
        assert read_alarm(payload).to_json() == other_payloads()[name]
    else:
        kinds: dict[str, type[Event | Head | Status]] = {"event": Event, "head": Head}
        model: type[BaseModel] = kinds.get(kind, Status)
        assert json.loads(read_payload(model, payload).model_dump_json(exclude_none=True, by_alias=True)) == json.loads(
            payload
        )


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("data", "schema"), 2),
        (("specversion",), "2.0"),
        (("data", "stage"), "snoozed"),
        (("data", "seq"), "42"),
        (("data", "seq"), None),
        (("data",), []),
        (("id",), {"a": 1}),
    ],
)
def test_what_is_of_another_contract_is_not_guessed_at(place: tuple[str, ...], value: Any) -> None:
    document: Any = json.loads(a_fall().to_json())
    node = document
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    with pytest.raises(ValueError, match="contract"):
        read_payload(Event, json.dumps(document).encode())


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | st.just(b"[" * 100_000))
@fuzz
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    for read in (
        lambda: read_payload(Event, payload),
        lambda: read_payload(Head, payload),
        lambda: read_alarm(payload),
    ):
        with pytest.raises(ValueError):
            read()


PLACES = [(), ("data",), ("data", "clock"), ("data", "evidence"), ("data", "messages"), ("data", "made_by")]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.text(max_size=9) | st.sampled_from(list("ab")), ANYTHING), max_size=5
    )
)
@fuzz
def test_whatever_is_added_to_an_event_is_left_out_or_refused(
    additions: list[tuple[tuple[str, ...], str, Any]],
) -> None:
    document: Any = json.loads(a_fall().to_json())
    for place, key, value in additions:
        node = document
        for step in place:
            node = node[step]
        node.setdefault(key, value)
    try:
        event = read_payload(Event, json.dumps(document).encode())
    except ValueError:
        return
    assert (event.id, event.data.seq, event.data.stage) == (a_fall().id, 42, "confirmed")


# -- a subscriber


class Bath:
    """A courier that works while a test waits."""

    def __init__(self, port: int) -> None:
        self.courier = Courier(Broker(host="127.0.0.1", port=port))
        self.courier.post.start()
        self.until(lambda: self.courier.post.is_connected)

    def falls(self, *tracks: int, stage: Stage = Stage.CONFIRMED) -> None:
        for track in tracks:
            self.courier.take(to_line(RuleSignal(rule="fall", stage=stage, t_s=0.0, track=track, label=PERSON)))

    def until(self, enough: Callable[[], bool]) -> None:
        self.courier.tend_until(enough)

    def tells(self, subscriber: Subscriber, enough: Callable[[list[Told]], bool]) -> list[Told]:
        """What the subscriber hears, until it is enough."""
        heard: list[Told] = []

        def listen() -> bool:
            heard.extend(subscriber.news(0.02))
            return enough(heard)

        self.until(listen)
        return heard


@contextmanager
def a_bath(port: int) -> Iterator[Bath]:
    bath = Bath(port)
    try:
        yield bath
    finally:
        bath.courier.close()


@pytest.fixture
def bath(mosquitto: Mosquitto) -> Iterator[Bath]:
    with a_bath(mosquitto.port) as bath:
        yield bath


def ids(heard: list[Told]) -> list[str]:
    return [told.event.id for told in heard if told.kind == "event" and told.event]


def numbers(*which: int) -> list[str]:
    return [f"abcdef-{number:06d}" for number in which]


def everything(heard: list[Told]) -> bool:
    return {told.kind for told in heard} >= {"online"}


def test_what_burns_is_told_to_a_newcomer_and_what_is_over_is_not(bath: Bath, mosquitto: Mosquitto) -> None:
    bath.falls(1, 2)
    bath.falls(1, stage=Stage.CLEARED)
    # the retained head is renewed that often; whoever comes before then also hears what it does not yet name
    over_s = time.monotonic() + 2 * HEAD_EVERY_S
    bath.until(lambda: time.monotonic() > over_s)
    with Subscriber(Broker(host="127.0.0.1", port=mosquitto.port)) as subscriber:
        heard = bath.tells(subscriber, lambda heard: {told.kind for told in heard} >= {"online", "burning"})
        assert ids(heard) == []
        assert [told.camera for told in heard if told.kind == "burning"] == [NAME]
        bath.falls(2, stage=Stage.CLEARED)
        heard = bath.tells(subscriber, lambda heard: bool(ids(heard)))
        assert ids(heard) == numbers(4)


def test_a_program_can_answer_what_it_hears(bath: Bath, mosquitto: Mosquitto) -> None:
    with Subscriber(Broker(host="127.0.0.1", port=mosquitto.port), SITE, CAMERA) as subscriber:
        bath.tells(subscriber, everything)
        bath.falls(1)
        (fall,) = [told.event for told in bath.tells(subscriber, lambda heard: bool(ids(heard))) if told.event]
        assert fall
        subscriber.acknowledge(fall, by="bridge")
        heard = bath.tells(subscriber, lambda heard: ids(heard) == numbers(2))
        assert [told.event.data.by for told in heard if told.event] == ["bridge"]
        subscriber.mute(NAME, 5)
        bath.tells(subscriber, lambda _: subscriber.statuses[NAME].muted_until is not None)
        assert subscriber.positions == {NAME: {"abcdef": 3}}


def test_whoever_was_away_hears_what_they_missed(bath: Bath, mosquitto: Mosquitto) -> None:
    broker = Broker(host="127.0.0.1", port=mosquitto.port)
    with Subscriber(broker) as subscriber:
        bath.tells(subscriber, everything)
        bath.falls(1)
        bath.tells(subscriber, lambda heard: bool(ids(heard)))
        positions = subscriber.positions
    bath.falls(2, 3, 4)
    bath.until(lambda: not bath.courier.outbox.unsent(bath.courier.clock.moment(0.0)))
    with Subscriber(broker, positions=positions) as subscriber:
        heard = bath.tells(subscriber, lambda heard: len(ids(heard)) >= 3)
    assert ids(heard) == numbers(2, 3, 4)
    assert all(told.event.data.historical for told in heard if told.kind == "event" and told.event)


def test_what_nobody_can_read_is_said_once_and_stops_nothing(bath: Bath, mosquitto: Mosquitto) -> None:
    with Subscriber(Broker(host="127.0.0.1", port=mosquitto.port)) as subscriber:
        bath.tells(subscriber, everything)
        for payload in ("", "{", "null", b"\xff", '{"state":"ON"', "[" * 5000):
            for topic in ("event/fall", "head", "status"):
                publish(mosquitto.port, f"semcam/{NAME}/{topic}", payload)
        publish(mosquitto.port, f"semcam/{NAME}/event/fall", '{"data":{"schema":2}}')
        bath.falls(1)
        heard = bath.tells(subscriber, lambda heard: bool(ids(heard)))
        complaints = [told.sentence for told in heard if told.kind == "connection"]
        assert len(complaints) == 3
        assert all("not a message that this version of semcam can read" in sentence for sentence in complaints)


def test_a_subscriber_stays_while_the_broker_goes_and_comes(tmp_path: Path) -> None:
    port = free_port()
    process = start_mosquitto(tmp_path, port)
    with a_bath(port) as bath, Subscriber(Broker(host="127.0.0.1", port=port)) as subscriber:
        bath.tells(subscriber, everything)
        process.kill()
        process.wait(5)
        bath.falls(1)
        heard = bath.tells(subscriber, lambda heard: any(told.kind == "connection" for told in heard))
        assert "is gone" in heard[0].sentence
        process = start_mosquitto(tmp_path, port)
        heard = bath.tells(subscriber, lambda heard: bool(ids(heard)))
        assert ids(heard) == numbers(1)
    process.terminate()
    process.wait(5)


def test_no_broker_is_an_error_at_once() -> None:
    with (
        pytest.raises(BrokerError, match="no MQTT broker answers"),
        Subscriber(Broker(host="127.0.0.1", port=free_port())),
    ):
        pass


# -- lines on a terminal


def test_a_line_says_when_where_what_and_which_alarm() -> None:
    line = in_words(Told("event", NAME, event=a_fall()), "en")
    assert line == (
        "2026-11-21T16:00:00.123Z  sakura-home/bath-101  confirmed     "
        "Ms Tanaka has fallen in the bathroom.  [k3v9-000041]"
    )
    assert "田中さんが浴室で倒れました。" in in_words(Told("event", NAME, event=a_fall()))
    assert in_words(Told("event", NAME, event=a_fall(historical=True)), "en").endswith("(late)")
    assert in_words(Told("offline", NAME)) == "sakura-home/bath-101 is offline"


def test_nothing_that_others_send_can_steer_a_terminal() -> None:
    event = a_fall(message="\x1b[2J\x1b]0;owned\x07 all is well\r\n", messages={"ja": "", "en": "\x9b31m"})
    assert in_words(Told("event", NAME, event=event)).isprintable()
    assert in_words(Told("event", "a\nb/c", event=event), "en").isprintable()


def test_a_program_gets_the_event_as_it_was_published() -> None:
    assert in_json(Told("event", NAME, event=a_fall())) == a_fall().to_json()
    assert in_json(Told("burning", NAME, event=a_fall())) is None
    assert in_json(Told("offline", NAME)) is None


# -- semcam watch


def test_watch_goes_on_where_it_stopped(bath: Bath, mosquitto: Mosquitto, tmp_path: Path) -> None:
    state = tmp_path / "heard"
    first = watch(bath, mosquitto.port, "--state", str(state), meanwhile=lambda: bath.falls(1), lines=2)
    assert ["[abcdef-000001]" in line for line in first] == [False, True]
    assert read_positions(state) == {NAME: {"abcdef": 2}}
    bath.falls(2)
    bath.until(lambda: not bath.courier.outbox.unsent(bath.courier.clock.moment(0.0)))
    second = watch(bath, mosquitto.port, "--state", str(state), lines=3)
    assert [line for line in second if "[abcdef-000002]" in line and line.strip().endswith("(late)")]


def watch(bath: Bath, port: int, *options: str, lines: int, meanwhile: Callable[[], None] = lambda: None) -> list[str]:
    """What `semcam watch` prints, until it has printed so many lines and is stopped by Ctrl-C."""
    command = [sys.executable, "-m", "semcam", "watch", f"127.0.0.1:{port}", *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        printed = b""

        def read(number: int) -> bool:
            nonlocal printed
            assert process.stdout is not None
            printed += process.stdout.read() or b""
            return printed.count(b"\n") >= number

        bath.until(lambda: read(1))
        meanwhile()
        bath.until(lambda: read(lines))
        time.sleep(0.6)  # the place is written after what was told
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    return printed.decode().splitlines()


def assert_one_sentence(done: "subprocess.CompletedProcess[str]", *words: str) -> None:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_watch_without_a_broker_says_so() -> None:
    assert_one_sentence(semcam("watch", f"127.0.0.1:{free_port()}"), "no MQTT broker answers", "correct host and port")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("localhost", "--site", "a/#"), ("bath-101",)),
        (("localhost", "--camera", "+"), ("bath-101",)),
        (("localhost", "--ack", "everything"), ("in brackets",)),
        (("localhost", "--ack", "a-1", "--by", "x" * 100), ("48 bytes",)),
        (("localhost", "--mute", "-1"), ("--mute",)),
        (("localhost", "--password-file", "x"), ("needs --user",)),
        (("localhost", "-c", "semcam.yaml"), ("not both",)),
        (("-c", "nowhere.yaml"), ("nowhere.yaml", "no such file")),
    ],
)
def test_watch_explains_what_it_cannot_do(options: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert_one_sentence(semcam("watch", *options), *words)


def test_watch_takes_the_broker_from_a_configuration(tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text("cameras: {bath: {rules: {fall: }}}\n")
    assert_one_sentence(semcam("watch", "-c", config), "names no broker", "add mqtt:")
    port = free_port()
    config.write_text(f"mqtt: {{host: 127.0.0.1, port: {port}}}\ncameras: {{bath: {{rules: {{fall: }}}}}}\n")
    assert_one_sentence(semcam("watch", "-c", config), f"127.0.0.1:{port}")


def test_an_alarm_that_no_camera_knows_cannot_be_acknowledged(mosquitto: Mosquitto) -> None:
    done = semcam("watch", f"127.0.0.1:{mosquitto.port}", "--ack", "abcdef-000001")
    assert_one_sentence(done, "no camera knows alarm abcdef-000001", "semcam watch prints")


def test_a_camera_that_is_not_there_cannot_be_muted(mosquitto: Mosquitto) -> None:
    done = semcam("watch", f"127.0.0.1:{mosquitto.port}", "--mute", "5", "--camera", "bath")
    assert_one_sentence(done, "no camera +/bath is online")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a/b": 5}', '{"a/b": {"abcdef": "x"}}'])
def test_a_state_that_is_none_is_not_overwritten(tmp_path: Path, content: str) -> None:
    state = tmp_path / "heard"
    state.write_text(content)
    with pytest.raises(ConfigError, match="remove it to begin anew"):
        read_positions(state)
    assert state.read_text() == content


def test_a_state_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="give another --state"):
        write_positions(tmp_path / "nowhere" / "heard", {})
    write_positions(tmp_path / "heard", {NAME: {"abcdef": 7}})
    assert read_positions(tmp_path / "heard") == {NAME: {"abcdef": 7}}
    assert read_positions(tmp_path / "new") == {}
