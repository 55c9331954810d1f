"""`semcam run` with a camera that hangs on a network: what a household sees of it, come what may."""

import os
import resource
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from semcam.contract.errors import ConfigError, SourceError
from semcam.contract.load import load_config
from semcam.courier import service as courier
from semcam.courier.console import Sentences
from semcam.courier.feed import Dial, Feed
from tests.cameras import PASSWORD, USER, Camera, as_it_is, holds_password
from tests.conftest import Mosquitto, semcam
from tests.listening import Heard, listening
from tests.test_confine import strict_is_possible
from tests.test_run import FAULT, PREFIX, STATUS, Service, service, wait_for, works, write_config

STARTS_WITHIN_S = 40.0
IS_ROOT = os.getuid() == 0


def vision_of(running: Service) -> psutil.Process | None:
    return child(running, "semcam.vision")


def relay_of(running: Service) -> psutil.Process | None:
    return child(running, "semcam.relay")


def view(what: str) -> Callable[[Heard], bool]:
    return lambda message: message.topic == f"{PREFIX}/event/view_{what}"


def child(running: Service, module: str) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess):
        return next((each for each in processes(running) if module in each.cmdline()), None)
    return None


def processes(running: Service) -> list[psutil.Process]:
    return psutil.Process(running.process.pid).children()


def write_network_config(folder: Path, source: str, port: int) -> Path:
    secret = folder / "gate.password"
    secret.write_text(PASSWORD + "\n")
    config = write_config(folder, source, port)
    login = f"    source_user: {USER}\n    source_password_file: {secret}\n    place:"
    config.write_text(config.read_text(encoding="utf-8").replace("    place:", login).replace("fps: 2", "fps: 5"))
    return config


def test_a_fall_is_told_from_a_network_camera_that_then_breaks_off_goes_and_returns(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    if not strict_is_possible():
        pytest.skip("this user gets no network of its own here (see docs/privacy.md)")
    camera = Camera(as_it_is(), fps=12, login="Digest")
    camera.open()
    config = write_network_config(tmp_path, camera.address, mosquitto.port)
    with listening(mosquitto.port) as family, service(config) as running:
        family.wait_for(works, STARTS_WITHIN_S)
        vision, relay = vision_of(running), relay_of(running)
        assert vision is not None
        assert relay is not None

        # the fall, under `privacy: strict`
        fallen = family.wait_for(
            lambda message: message.topic == f"{PREFIX}/event/fall" and message.json["data"]["stage"] == "confirmed", 30
        ).json
        assert fallen["data"]["message"] == "田中さんが浴室で倒れました。"
        privacy = next(message.json for message in reversed(family.on(STATUS)))["privacy"]
        assert privacy["mode"] == "strict"
        assert {privacy["layers"][name] for name in ("limits", "namespace", "seccomp", "attacks")} == {"holds"}

        # the vision process: pipes, and a network with nothing in it
        if IS_ROOT:
            leads_to = {str(each.readlink()).split(":")[0] for each in Path(f"/proc/{vision.pid}/fd").iterdir()}
            assert leads_to == {"pipe", "/dev/null"}
            assert Path(f"/proc/{vision.pid}/ns/net").readlink() != Path(f"/proc/{relay.pid}/ns/net").readlink()

        # it breaks off in mid-packet
        camera.wrong = "reset"
        wait_for(lambda: any("broke off" in line for line in running.errors), 10)
        camera.wrong = None
        wait_for(lambda: (new := relay_of(running)) is not None and new.pid != relay.pid, 5)
        wait_for(lambda: any("sends pictures again" in line for line in running.errors), 20)
        assert not family.on(FAULT)  # too short for anybody to be told

        # it goes, and somebody is told; it returns, and so do the pictures
        camera.close()
        told = family.wait_for(view("lost"), 15).json
        assert told["data"]["message"] == "浴室のカメラの映像が届いていません。"
        assert told["data"]["reason"] == "no_frames"
        family.wait_for(lambda message: message.topic == STATUS and message.json.get("view") == "no_frames", 5)
        wait_for(lambda: any("connection is refused" in line for line in running.errors), 5)
        camera.wrong = None
        camera.open()
        cleared = family.wait_for(view("restored"), 15).json
        assert cleared["data"]["alarm"] == told["data"]["alarm"]
        assert cleared["data"]["lasted_s"] > 6
        assert not family.on(FAULT)  # one trouble, one sentence
        assert vision_of(running) == vision
        assert vision.is_running()

        # a vision process that dies takes its relay with it, and both come back
        old = relay_of(running)
        vision.kill()
        wait_for(lambda: vision_of(running) not in (None, vision) and relay_of(running) not in (None, old), 10)
        assert old is not None
        assert not old.is_running()

        # nowhere a word of the login
        seen = psutil.Process(running.process.pid).cmdline()
        seen += [word for each in processes(running) for word in each.cmdline()]
        seen += [word for each in processes(running) for word in environment_of(each)]
        assert running.end() == 0
        seen += [*running.printed, *running.errors, *(message.payload for message in family.heard)]
        assert nobody_stays_behind()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    camera.close()

    assert len(kept) > 1000
    assert not holds_password(" ".join(seen) + kept.decode("latin-1"))
    assert not any(USER in text for text in (*running.printed, *running.errors))
    # the search finds it where it is meant to be
    assert holds_password((tmp_path / "gate.password").read_text())
    assert any(f'username="{USER}"' in each for each in camera.heard)
    assert any(holds_password(each) for each in camera.heard)


def environment_of(process: psutil.Process) -> list[str]:
    try:
        return [f"{name}={value}" for name, value in process.environ().items()]
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return []  # nobody may look


def nobody_stays_behind() -> bool:
    modules = {"semcam.vision", "semcam.relay"}
    return not any(modules & set(each.cmdline()) for each in psutil.Process().children(recursive=True))


# -- the configuration


def test_a_login_in_the_address_is_refused_with_what_to_write_instead(tmp_path: Path) -> None:
    done = semcam("check", write_config(tmp_path, "rtsp://carer:geheim@camera.local/stream"))
    assert done.returncode == 1
    assert "cameras.bath-101.source: has a user or password in it" in done.stderr
    assert "write source_user: and source_password_file: instead" in done.stderr
    assert "geheim" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("source: /dev/video0\n    source_user: x", "only network cameras have"),
        ("source: rtsp://c/\n    source_password_file: x", "add source_user:"),
        ("source: rtsp://c/a b", "write it with %"),
        ("source: 'rtsp://'", "write it like rtsp://camera.local:554/stream"),
        ("source: rtsp://c:99999/", "write it like rtsp://camera.local:554/stream"),
        ('source: rtsp://c/\n    source_user: "a\\r\\nb"', "source_user"),
    ],
)
def test_mistakes_in_an_address_are_told_with_their_remedy(tmp_path: Path, written: str, said: str) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(f"cameras:\n  gate:\n    {written}\n    rules: {{fall: }}\n")
    with pytest.raises(ConfigError) as refused:
        load_config(config)
    (problem,) = refused.value.problems
    assert said in str(problem)
    assert problem.line in (2, 3, 4)


def test_what_check_shows_of_an_address_holds_no_password(tmp_path: Path) -> None:
    config = write_config(tmp_path, "http://camera.local/cgi?user=carer&pwd=geheim")
    done = semcam("check", config)
    assert done.returncode == 0, done.stderr
    assert "geheim" not in done.stdout + done.stderr


def test_a_password_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    config = write_config(tmp_path, "rtsp://camera.local/stream")
    login = "    source_user: carer\n    source_password_file: nowhere\n    place:"
    config.write_text(config.read_text(encoding="utf-8").replace("    place:", login))
    with pytest.raises(SourceError, match=r"^rtsp://camera.local: source_password_file nowhere cannot be read"):
        courier.Service(load_config(config), Sentences(print, clip_time=False), print, tmp_path / "state")


def test_a_relay_that_the_system_refuses_is_tried_again_and_that_is_said_once() -> None:
    feed, before = Feed(Dial("rtsp://127.0.0.1:1/gate")), resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
        said = [sentence for second in range(5) for sentence in feed.tend(float(second))]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    (sentence,) = said
    assert "127.0.0.1:1: the system starts no further process (Too many open files), trying again; end" in sentence
    assert [*feed.tend(60.0)] == []
    assert feed.pid is not None  # now it dials
    feed.close()
