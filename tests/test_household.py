"""One evening with `semcam run`, `semcam watch`, a broker with passwords, and everything that leaves them."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest

from tests.conftest import ROOT, SAMPLE, free_port, program, semcam, start_mosquitto, tool_environment
from tests.listening import Heard, Listener, listening
from tests.test_mqtt import _as_root
from tests.test_run import STARTS_WITHIN_S, Service, service
from tests.topics import channel_of, faults

PREFIX = "semcam/sakura-home/bath-101"
CAMERA_PASSWORD, NURSE_PASSWORD = "tsuru-no-ongaeshi", "momotaro"
RTSP_USER, RTSP_PASSWORD = "viewer-7", "issun-boshi"
NAMES = ("田中", "Tanaka")
SECRETS = (CAMERA_PASSWORD, NURSE_PASSWORD, RTSP_PASSWORD, RTSP_USER)
PLANTED = "urashima"
"""Said on purpose in each place that is searched: a search that does not find it finds nothing else either."""


@dataclass
class Evening:
    """What happened, and all that could be seen of it."""

    heard: list[Heard] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    arguments: set[str] = field(default_factory=set)
    watched: list[str] = field(default_factory=list)
    watched_as_json: list[str] = field(default_factory=list)
    acknowledged: str = ""
    muted: str = ""
    unmuted: str = ""
    came_late: list[str] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    state: bytes = b""
    """All that the service has written to the disk."""

    def places(self) -> dict[str, list[str]]:
        """Everything that can be seen, by where it is seen."""
        own = [message for message in self.heard if message.topic.startswith("semcam/")]
        about_cameras = ("/status", "/head")
        return {
            "log": self.log,
            "arguments": sorted(self.arguments),
            "watched": [*self.watched, *self.watched_as_json, *self.came_late, self.acknowledged, self.muted],
            "topics": [message.topic for message in self.heard],
            "statuses": [message.payload for message in own if message.topic.endswith(about_cameras)],
            "messages": [message.payload for message in self.heard],
            "disk": [self.state.decode(errors="replace")],
        }

    def places_of(self, word: str) -> set[str]:
        """Where a word is seen, also as JSON or a URL would write it."""
        spellings = {word, json.dumps(word)[1:-1], quote(word)}
        return {place for place, lines in self.places().items() if any(s in line for line in lines for s in spellings)}

    def on(self, topic: str) -> list[Heard]:
        return [message for message in self.heard if message.topic == f"{PREFIX}/{topic}"]


class House:
    """A broker with passwords, and a service that has two cameras, of which one works."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self.port = free_port()
        self.nurse = folder / "nurse"
        self.nurse.write_text(NURSE_PASSWORD)
        (folder / "camera").write_text(CAMERA_PASSWORD)
        (folder / "gate").write_text(RTSP_PASSWORD)
        passwords = folder / "passwords"
        passwords.touch(mode=0o600)
        for user, password in (("camera", CAMERA_PASSWORD), ("nurse", NURSE_PASSWORD)):
            command = [program("mosquitto_passwd"), "-b", str(passwords), user, password]
            subprocess.run(command, env=tool_environment(), check=True)
        rules = (f"password_file {passwords}", "allow_anonymous false", *_as_root())
        self.broker = start_mosquitto(folder, self.port, *rules)
        self.config = folder / "semcam.yaml"
        self.config.write_text(
            f"""\
site: sakura-home
language: ja
privacy: best_effort
mqtt: {{host: 127.0.0.1, port: {self.port}, user: camera, password_file: {folder / "camera"}}}
subjects:
  tanaka: {{name: {{ja: 田中さん, en: Ms Tanaka}}}}
cameras:
  bath-101:
    source: {SAMPLE}
    place: {{ja: 浴室, en: bathroom}}
    belongs_to: tanaka
    rules: {{fall: }}
  gate-{PLANTED}:
    source: rtsp://127.0.0.1:1/stream
    source_user: {RTSP_USER}
    source_password_file: {folder / "gate"}
    belongs_to: tanaka
    rules: {{fall: }}
""",
            encoding="utf-8",
        )

    def watch(self, *options: str) -> "subprocess.CompletedProcess[str]":
        return semcam("watch", f"127.0.0.1:{self.port}", "--user", "nurse", "--password-file", self.nurse, *options)

    @contextmanager
    def watching(self, *options: str) -> Iterator["subprocess.Popen[str]"]:
        login = ["--user", "nurse", "--password-file", str(self.nurse)]
        command = [sys.executable, "-m", "semcam", "watch", f"127.0.0.1:{self.port}", *login, *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=ROOT) as process:
            try:
                yield process
            finally:
                process.kill()


@contextmanager
def planted(house: House) -> Iterator[None]:
    """Another camera of the house, and a process, that say openly what is searched for."""
    send(house, "urashima/status", f'{{"state":"online","said":"{PLANTED}"}}')
    talks = [sys.executable, "-c", "import time; time.sleep(600)", "semcam", PLANTED]
    with subprocess.Popen(talks) as process:
        try:
            yield
        finally:
            process.kill()


def arguments_of_all() -> set[str]:
    """The command lines of every semcam process on this machine, their children included."""
    found = set()
    for process in psutil.process_iter():
        try:
            if "semcam" in process.cmdline():
                found |= {" ".join(each.cmdline()) for each in (process, *process.children(recursive=True))}
        except psutil.Error:
            continue
    return found


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    house = House(tmp_path_factory.mktemp("household"))
    result = Evening()
    try:
        login = ("-u", "nurse", "-P", NURSE_PASSWORD)
        with listening(house.port, "#", more=login) as family, service(house.config) as running:
            with planted(house), ExitStack() as stack:
                follow(house, family, running, result, stack)
            result.exits.append(running.end())
            result.heard, result.log = family.heard, running.errors
            state = house.config.parent / "state"
            result.state = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    finally:
        house.broker.terminate()
        house.broker.wait(5)
    yield result


def follow(house: House, family: Listener, running: Service, result: Evening, stack: ExitStack) -> None:
    """Somebody falls; a nurse sees it, takes it upon her, wants quiet; another one comes late."""
    tablet = stack.enter_context(house.watching("--language", "en"))
    program_of_hers = stack.enter_context(house.watching("--json", "--camera", "bath-101"))
    fallen = family.wait_for(lambda heard: told(heard, "confirmed"), STARTS_WITHIN_S + 20).json
    late = stack.enter_context(house.watching("--site", "sakura-home", "--language", "en"))
    assert late.stdout is not None
    while not any("Ms Tanaka" in line for line in result.came_late):
        result.came_late.append(late.stdout.readline())
    result.acknowledged = house.watch("--ack", fallen["data"]["alarm"], "--by", "Aiko", "--language", "en").stdout
    result.muted = house.watch("--mute", "5", "--camera", "bath-101", "--by", "Aiko").stdout
    result.unmuted = house.watch("--mute", "0", "--camera", "bath-101").stdout
    ask = json.dumps({"epoch": fallen["id"].partition("-")[0], "first": 1, "last": 1})
    send(house, "bath-101/command/replay", ask)
    send(house, "bath-101/command/ack", '{"alarm":"nobody"}')
    family.wait_for(lambda heard: "/event/fall" in heard.topic and heard.json["data"]["historical"], 20)
    deadline = time.monotonic() + 30
    while not any("gate" in line for line in running.errors) and time.monotonic() < deadline:
        time.sleep(0.1)
    result.arguments = arguments_of_all()
    for process, lines in ((tablet, result.watched), (program_of_hers, result.watched_as_json), (late, [])):
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        lines += process.stdout.read().splitlines()
        result.exits.append(process.wait(20))


def send(house: House, topic: str, payload: str) -> None:
    login = ["-h", "127.0.0.1", "-p", str(house.port), "-u", "nurse", "-P", NURSE_PASSWORD]
    command = [program("mosquitto_pub"), *login, "-q", "1", "-t", f"semcam/sakura-home/{topic}", "-m", payload]
    subprocess.run(command, env=tool_environment(), check=True)


def told(heard: Heard, stage: str) -> bool:
    return heard.topic == f"{PREFIX}/event/fall" and heard.json["data"]["stage"] == stage


# -- what a nurse sees


def test_a_nurse_reads_in_her_own_language_what_happens(evening: Evening) -> None:
    fallen = next(line for line in evening.watched if "confirmed" in line and "bath-101" in line)
    assert "Ms Tanaka has fallen in the bathroom." in fallen
    assert any("sakura-home/bath-101 is online" in line for line in evening.watched)


def test_a_nurse_who_acknowledges_waits_for_the_cameras_word(evening: Evening) -> None:
    assert "acknowledged" in evening.acknowledged
    assert "Acknowledged by Aiko." in evening.acknowledged
    assert any("Acknowledged by Aiko." in line for line in evening.watched), "and others are told"


def test_a_nurse_who_comes_late_is_told_what_still_burns(evening: Evening) -> None:
    assert any("still burns" in line and "Ms Tanaka has fallen" in line for line in evening.came_late)


def test_a_mute_is_confirmed_by_the_camera(evening: Evening) -> None:
    assert evening.muted.startswith("sakura-home/bath-101 is muted until 20")
    assert evening.unmuted == "sakura-home/bath-101 is not muted\n"


def test_a_program_gets_each_event_once_and_nothing_else(evening: Evening) -> None:
    numbers = [json.loads(line)["data"]["seq"] for line in evening.watched_as_json]
    assert len(numbers) >= 3
    assert numbers == list(range(1, len(numbers) + 1))


def test_whoever_stops_has_done_nothing_wrong(evening: Evening) -> None:
    assert evening.exits == [0, 0, 0, 0]


# -- what leaves the house


def test_every_message_of_live_traffic_is_as_the_document_says(evening: Evening) -> None:
    ours = [message for message in evening.heard if message.topic.startswith("semcam/")]
    said = [message for message in ours if "nobody" not in message.payload and PLANTED not in message.payload]
    assert [fault for message in said for fault in faults(message.topic, message.payload)] == []
    kinds = {channel_of(message.topic) for message in ours}
    assert kinds == {"event", "alarm", "status", "head", "ack", "mute", "replay"}


def test_what_is_searched_for_would_be_found_wherever_it_were(evening: Evening) -> None:
    assert evening.places_of(PLANTED) == evening.places().keys()
    of_whom = " ".join(evening.arguments)
    assert all(part in of_whom for part in ("semcam run", "semcam watch", "semcam.vision")), of_whom


@pytest.mark.parametrize("secret", SECRETS)
def test_no_password_is_anywhere(evening: Evening, secret: str) -> None:
    assert evening.places_of(secret) == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_in_any_log_command_line_or_status(evening: Evening, name: str) -> None:
    """Names are for those who are told what happened; what is about the cameras themselves needs none."""
    assert evening.places_of(name) == {"messages", "watched", "disk"}


def test_the_log_says_what_is_wrong_without_repeating_it(evening: Evening) -> None:
    assert any("rtsp://127.0.0.1:1" in line for line in evening.log), evening.log
    assert len([line for line in evening.log if "a command ack that is not well formed" in line]) == 1
