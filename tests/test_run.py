"""`semcam run` as a service: what a household sees when processes die, hang, or never come up."""

import json
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

from semcam.contract.delivery import OutboxSettings
from semcam.courier.clock import WallClock
from semcam.courier.outbox import Outbox
from tests.conftest import EYES, POSE_USED, ROOT, SAMPLE, Mosquitto, free_port, semcam, start_mosquitto
from tests.listening import Heard, Listener, listening
from tests.test_systemd import Manager

PREFIX = "semcam/sakura-home/bath-101"
FAULT = f"{PREFIX}/event/camera_fault"
STATUS = f"{PREFIX}/status"
STARTS_WITHIN_S = 40.0
"""A busy small machine loads models slowly."""


def write_config(folder: Path, source: str, port: int | None = None) -> Path:
    """A bathroom that belongs to Ms Tanaka; two pictures a second spare the machine that runs the tests."""
    path = folder / "semcam.yaml"
    broker = f"mqtt: {{host: 127.0.0.1, port: {port}}}\n" if port else ""
    path.write_text(
        f"""\
site: sakura-home
language: ja
{broker}subjects:
  tanaka: {{name: {{ja: 田中さん, en: Ms Tanaka}}}}
cameras:
  bath-101:
    source: {source}
    place: {{ja: 浴室, en: bathroom}}
    belongs_to: tanaka
    fps: 2
    rules: {{fall: }}
""",
        encoding="utf-8",
    )
    return path


class Service:
    """A running `semcam run`, and what it prints."""

    def __init__(self, config: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "semcam", "run", "-c", str(config), "--state", str(config.parent / "state")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
        )
        self.printed: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.printed), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.errors), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: IO[str] | None, lines: list[str]) -> None:
        assert stream is not None
        lines.extend(iter(stream.readline, ""))

    def vision(self) -> psutil.Process | None:
        """The one child: the vision process."""
        children = psutil.Process(self.process.pid).children()
        return children[0] if children else None

    def end(self) -> int:
        """Ask it to stop, as systemd does."""
        self.process.terminate()
        code = self.process.wait(20)
        self.clean_up()
        return code

    def clean_up(self) -> None:
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
            self.process.kill()
            self.process.wait(5)
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@contextmanager
def service(config: Path) -> Iterator[Service]:
    running = Service(config)
    try:
        yield running
    finally:
        running.clean_up()


@contextmanager
def household(mosquitto: Mosquitto, folder: Path) -> Iterator[tuple[Service, Listener, psutil.Process]]:
    """A camera that works, and somebody who listens; with its vision process."""
    config = write_config(folder, str(SAMPLE), mosquitto.port)
    with listening(mosquitto.port) as family, service(config) as running:
        family.wait_for(works, STARTS_WITHIN_S)
        vision = running.vision()
        assert vision is not None
        yield running, family, vision


def works(message: Heard) -> bool:
    """The first status that tells of the picture: a heartbeat has come."""
    return message.topic == STATUS and "view" in message.json


def fault(stage: str) -> Callable[[Heard], bool]:
    return lambda message: message.topic == FAULT and message.json["data"]["stage"] == stage


def wait_for(what: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.02)


# -- the wall


def test_nothing_that_could_hold_a_picture_is_loaded_in_the_service_itself(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """Seen by the kernel, of the service as it runs."""
    with household(mosquitto, tmp_path) as (running, _, _):
        assert libraries_in(Path(f"/proc/{running.process.pid}/maps").read_text()) == set()
    show = "import semcam.vision.worker; print(open('/proc/self/maps').read(), end='')"
    looking = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, cwd=ROOT, check=True)
    assert libraries_in(looking.stdout) == EYES


def libraries_in(maps: str) -> set[str]:
    paths = {Path(line.split(maxsplit=5)[-1]) for line in maps.splitlines()}
    return {name for name in EYES if any(name in path.parts for path in paths)}


# -- processes die


def test_a_vision_process_that_is_killed_is_back_in_a_moment_and_everybody_is_told(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with household(mosquitto, tmp_path) as (running, family, vision):
        killed_s = time.monotonic()
        vision.kill()
        told = family.wait_for(fault("confirmed"), 3).json
        wait_for(lambda: (new := running.vision()) is not None and new.pid != vision.pid, 3)
        assert time.monotonic() - killed_s < 3
        assert told["data"]["message"] == "浴室のカメラが止まりました。"
        assert told["data"]["severity"] == "warning"
        assert told["data"]["reason"] == "killed"

        cleared = family.wait_for(fault("cleared"), STARTS_WITHIN_S).json
        assert cleared["data"]["message"] == "浴室のカメラが再び動き出しました。"
        assert cleared["data"]["alarm"] == told["data"]["alarm"]
        alarm = f"{PREFIX}/alarm/camera_fault"
        family.wait_for(lambda message: message.topic == alarm and "cleared" in message.payload, 10)
        assert [message.json["state"] for message in family.on(alarm)] == ["OFF", "ON", "OFF"]

        last = running.vision()
        assert running.end() == 0
        assert last is not None
        assert not last.is_running()
        family.wait_for(lambda message: message.topic == STATUS and message.json["state"] == "offline", 10)
        assert len(running.errors) == 1  # one sentence for the log, for one death
        assert "starting it again" in running.errors[0]


def test_a_camera_that_falls_silent_is_not_taken_for_a_quiet_evening(
    mosquitto: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = Manager(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    with household(mosquitto, tmp_path) as (running, family, vision):
        words = manager.heard()
        assert words.count("READY=1") == 1
        assert "WATCHDOG=1" in words
        vision.suspend()
        told = family.wait_for(fault("confirmed"), 15).json
        assert told["data"]["message"] == "浴室のカメラが止まりました。"
        assert told["data"]["reason"] == "paused"
        family.wait_for(fault("cleared"), STARTS_WITHIN_S)
        assert not vision.is_running()
        assert "WATCHDOG=1" in manager.heard()  # of a camera that has been told of, systemd need not make an end
        assert running.end() == 0
        assert "no new picture for 10 s" in running.errors[0]
        assert "STOPPING=1" in manager.heard()
    manager.close()


def test_a_service_that_may_start_no_process_waits_for_better_times(mosquitto: Mosquitto, tmp_path: Path) -> None:
    with household(mosquitto, tmp_path) as (running, family, vision):
        before = resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
        vision.kill()
        told = family.wait_for(fault("confirmed"), 15).json["data"]
        wait_for(lambda: len(running.errors) == 3, 15)  # it was killed; twice there was no other
        resource.prlimit(running.process.pid, resource.RLIMIT_NOFILE, before)
        cleared = family.wait_for(fault("cleared"), STARTS_WITHIN_S).json["data"]
        assert cleared["alarm"] == told["alarm"]
        assert running.end() == 0
        for error in running.errors[1:]:
            assert "the system starts no further process (Too many open files); end other programs" in error


def test_when_the_service_itself_is_killed_the_broker_says_so_and_no_camera_stays_behind(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with household(mosquitto, tmp_path) as (running, family, vision):
        running.process.kill()
        family.wait_for(lambda message: message.topic == STATUS and message.json["state"] == "offline", 10)
        with listening(mosquitto.port, STATUS) as late:
            will = late.wait_for(lambda _: True, 10)
            assert will.retained
            assert will.json["state"] == "offline"
        psutil.wait_procs([vision], timeout=10)
        assert not vision.is_running()


def test_the_fall_in_the_bathroom_is_told_with_name_and_place(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """The sentence of the first page, from the clip that plays the camera at its own pace."""
    config = write_config(tmp_path, str(SAMPLE), mosquitto.port)
    config.write_text(config.read_text(encoding="utf-8").replace("fps: 2", "fps: 10"), encoding="utf-8")
    with listening(mosquitto.port) as family, service(config) as running:
        fallen = family.wait_for(
            lambda message: message.topic == f"{PREFIX}/event/fall" and message.json["data"]["stage"] == "confirmed",
            STARTS_WITHIN_S + 20,
        ).json
        assert fallen["data"]["message"] == "田中さんが浴室で倒れました。"
        assert fallen["data"]["messages"]["en"] == "Ms Tanaka has fallen in the bathroom."
        assert (fallen["subject"], fallen["data"]["who"], fallen["data"]["place"]) == ("tanaka", "tanaka", "bathroom")
        assert running.end() == 0
        assert any("田中さんが浴室で倒れました。" in line for line in running.printed)


def test_ctrl_c_ends_the_service_in_order(tmp_path: Path) -> None:
    with service(write_config(tmp_path, str(SAMPLE))) as running:
        wait_for(lambda: running.vision() is not None, STARTS_WITHIN_S)
        vision = running.vision()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
        assert vision is not None
        assert not vision.is_running()
    assert running.errors == []


# -- brokers that are not there yet


def test_a_service_whose_broker_is_absent_says_so_once_and_tells_it_later_what_happened(tmp_path: Path) -> None:
    port = free_port()
    config = write_config(tmp_path, str(SAMPLE), port)
    config.write_text(config.read_text(encoding="utf-8").replace("fps: 2", "fps: 10"), encoding="utf-8")
    with service(config) as running:
        wait_for(lambda: "田中さんが浴室で倒れました。" in "".join(running.printed), STARTS_WITHIN_S + 20)
        broker = start_mosquitto(tmp_path, port)
        try:
            with listening(port) as family:
                fallen = family.wait_for(lambda message: message.topic == f"{PREFIX}/event/fall", 20).json
                assert (fallen["data"]["seq"], fallen["data"]["historical"]) == (1, False)
                burning = family.wait_for(lambda message: message.topic == f"{PREFIX}/alarm/fall", 10).json
                assert burning["state"] == "ON"
                assert running.end() == 0
        finally:
            broker.terminate()
            broker.wait(5)
    assert "no MQTT broker answers" in running.errors[0]
    assert "correct host and port" in running.errors[0]
    assert len([line for line in running.errors if "broker" in line]) == 2  # that it is absent, and that it has come


def test_a_broker_that_is_gone_for_a_whole_run_has_every_event_of_it_in_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = Manager(str(tmp_path / "notify"))
    port = free_port()
    config = write_config(tmp_path, str(SAMPLE), port)
    config.write_text(config.read_text(encoding="utf-8").replace("fps: 2", "fps: 10"), encoding="utf-8")
    with monkeypatch.context() as under_systemd, service_under(manager, config, under_systemd) as running:
        wait_for(lambda: any("no MQTT broker answers" in line for line in running.errors), 15)
        wait_for(lambda: "田中さんが浴室で倒れました。" in "".join(running.printed), STARTS_WITHIN_S + 20)
        assert_fed(manager)
        vision = running.vision()
        assert vision is not None
        vision.kill()  # so that there is more to tell than a fall
        wait_for(lambda: "浴室のカメラが再び動き出しました。" in "".join(running.printed), STARTS_WITHIN_S)
        assert_fed(manager)
        assert running.end() == 0
    manager.close()
    assert len([line for line in running.errors if "broker" in line]) == 1

    kept = events_that_wait(tmp_path)
    assert [event["data"]["seq"] for event in kept] == list(range(1, len(kept) + 1))
    steps = [(event["type"], event["data"]["stage"]) for event in kept]
    for step in (
        ("semcam.fall", "confirmed"),
        ("semcam.camera_fault", "confirmed"),
        ("semcam.camera_fault", "cleared"),
    ):
        assert step in steps
    assert len(kept) == len(running.printed)

    broker = start_mosquitto(tmp_path, port)
    try:
        with listening(port) as family, service(config) as running:
            family.wait_until(lambda heard: len(events_in(heard)) >= len(kept), STARTS_WITHIN_S)
            family.wait_for(works, STARTS_WITHIN_S)
            burning = family.wait_for(lambda message: message.topic == f"{PREFIX}/alarm/fall", 10).json
            assert burning["state"] == "ON"
            assert running.end() == 0
            told = events_in(family.heard)
    finally:
        broker.terminate()
        broker.wait(5)
    assert told[: len(kept)] == kept  # in their order, word for word, none of them historical yet
    assert [event["data"]["seq"] for event in told] == list(range(1, len(told) + 1))  # each once
    assert events_that_wait(tmp_path) == []


@contextmanager
def service_under(manager: Manager, config: Path, environment: pytest.MonkeyPatch) -> Iterator[Service]:
    """A service that systemd would start anew if it were silent for two seconds."""
    environment.setenv("NOTIFY_SOCKET", manager.address)
    environment.setenv("WATCHDOG_USEC", "2000000")
    with service(config) as running:
        yield running


def assert_fed(manager: Manager) -> None:
    manager.heard()
    wait_for(lambda: "WATCHDOG=1" in manager.heard(), 2)


def events_that_wait(folder: Path) -> list[dict[str, Any]]:
    """What no broker has taken, as it would be sent now; for when no service is at work."""
    outbox = Outbox.open(folder / "state" / "sakura-home", "bath-101", OutboxSettings())
    waiting = [json.loads(row.event.to_json()) for row in outbox.unsent(WallClock().moment(0.0))]
    outbox.close()
    return waiting


def events_in(heard: list[Heard]) -> list[dict[str, Any]]:
    return [message.json for message in heard if message.topic.startswith(f"{PREFIX}/event/")]


# -- cameras that never come up


def run(config: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """`semcam run` that is not expected to last."""
    return semcam("run", "-c", config, "--state", config.parent / "state", timeout_s=60, **environment)


def assert_one_sentence(done: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (error,) = [line for line in done.stderr.splitlines() if "hint:" not in line]
    for part in parts:
        assert part in error


def test_a_camera_that_does_not_open_is_named_with_what_to_check(tmp_path: Path) -> None:
    done = run(write_config(tmp_path, "/dev/video99"))
    assert_one_sentence(done, "/dev/video99", "check that it is plugged in")


def test_a_clip_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run(write_config(tmp_path, "/nowhere/clip.mp4"))
    assert_one_sentence(done, "/nowhere/clip.mp4: no such file", "check the name")


def test_a_camera_without_a_source_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    done = run(write_config(tmp_path, ""))
    assert_one_sentence(done, "bath-101", "source", "/dev/video0")


def test_without_a_configuration_the_user_is_told(tmp_path: Path) -> None:
    done = run(tmp_path / "semcam.yaml")
    assert_one_sentence(done, "semcam.yaml", "no such file")


def test_a_model_with_one_altered_byte_is_not_used(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for path in (ROOT / "models").iterdir():
        if path.suffix in (".onnx", ".yaml"):
            shutil.copy(path, models)
    pose = models / f"{POSE_USED}.onnx"
    content = bytearray(pose.read_bytes())
    content[len(content) // 2] ^= 1
    pose.write_bytes(content)
    done = run(write_config(tmp_path, str(SAMPLE)), SEMCAM_MODELS=str(models))
    assert_one_sentence(done, "sha256", "reinstall semcam")


def test_a_folder_without_models_is_named(tmp_path: Path) -> None:
    done = run(write_config(tmp_path, str(SAMPLE)), SEMCAM_MODELS=str(tmp_path))
    assert_one_sentence(done, str(tmp_path), "SEMCAM_MODELS")


def test_no_password_of_a_camera_is_ever_told(tmp_path: Path) -> None:
    done = run(write_config(tmp_path, "rtsp://admin:secret@127.0.0.1:1/stream"))
    assert done.returncode == 1
    assert "secret" not in done.stdout + done.stderr
