"""Settings that come over MQTT: by whom, for whom, how often, and what becomes of a camera that does not bear them."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from semcam.client.settings import read_key, signed_for, write_key
from semcam.contract.broker import Broker
from semcam.contract.config import Camera, Config, RemoteSettings, Zone
from semcam.contract.errors import ConfigError
from semcam.contract.rules import AnyRule, FallRule, LongStayRule
from semcam.contract.settings import (
    MAX_SETTINGS_BYTES,
    Outcome,
    Settings,
    SignedSettings,
    lay_settings,
    next_number,
    read_settings,
    read_signed,
)
from semcam.courier import settings as courier_settings
from semcam.courier import vision_process
from semcam.courier.console import Sentences
from semcam.courier.service import Service
from semcam.courier.settings import CameraSettings
from semcam.courier.signature import is_signed, make_key, public_key, sign
from tests.conftest import ROOT, Mosquitto, free_port, semcam
from tests.listening import Heard, listening, publish
from tests.plain_vision import TOO_FAST
from tests.test_mqtt import no_disk
from tests.topics import faults

fuzz = hypothesis_settings(max_examples=150, deadline=None, derandomize=True)

SECRET = make_key()
TUB = Zone(shape=((0.1, 0.5), (0.5, 0.5), (0.5, 0.9)))


def house(key: str | None = public_key(SECRET), **more: Any) -> Config:
    rules: dict[str, AnyRule] = {"fall": FallRule(id="fall"), "long_stay": LongStayRule(id="long_stay", hold=600.0)}
    camera = Camera(source="/dev/video0", fps=5.0, zones={"tub": TUB}, rules=rules)
    remote = RemoteSettings(key=key) if key else None
    return Config(site="sakura-home", settings=remote, cameras={"bath-101": camera, "hall": camera}, **more)


def sent(
    number: int = 1, camera: str = "bath-101", site: str = "sakura-home", secret: str = SECRET, **of: Any
) -> bytes:
    settings = Settings.model_validate_json(json.dumps(of))
    return signed_for(site, camera, number, settings, secret).model_dump_json().encode()


class Bath:
    """The settings of one camera, over restarts, and a vision process that does as it is told."""

    def __init__(self, folder: Path, config: Config | None = None) -> None:
        self.path = folder / "bath-101.settings.json"
        self.now_s = 0.0
        self.losses = 0
        self.start(config or house())

    def start(self, config: Config | None = None) -> None:
        self.settings = CameraSettings(config or house(), "bath-101", self.path)

    @property
    def fps(self) -> float:
        return self.settings.config.cameras["bath-101"].fps

    @property
    def outcome(self) -> tuple[Outcome | None, int, int | None]:
        state = self.settings.state
        assert state is not None
        return state.outcome, state.number, state.answers

    def why(self) -> str:
        state = self.settings.state
        assert state is not None and state.why is not None
        return state.why

    def tend(self, *, sees: bool = False, seconds: float = 1.0) -> list[str]:
        self.now_s += seconds
        return self.settings.tend(sees, self.losses, self.now_s)


@pytest.fixture
def bath(tmp_path: Path) -> Bath:
    return Bath(tmp_path)


# -- what can be set, and what cannot


def test_nothing_that_decides_where_pictures_come_from_or_words_go_can_be_set_from_afar() -> None:
    """A new key of a camera is not settable because it was added: somebody has to want it, here as well."""
    assert set(Settings.model_fields) == {"view", "fps", "pose_pixels", "motion_gate", "zones", "lines", "rules"}


@pytest.mark.parametrize("key", [*sorted(set(Camera.model_fields) - set(Settings.model_fields)), "mqtt", "settings"])
def test_any_other_key_is_named_with_what_could_be_set(key: str, bath: Bath) -> None:
    signed = json.dumps({"site": "sakura-home", "camera": "bath-101", "number": 1, "settings": {key: "best_effort"}})
    unsigned = SignedSettings.model_construct(signed=signed, signature="")
    payload = SignedSettings(signed=signed, signature=sign(SECRET, unsigned.message)).model_dump_json().encode()
    objection = bath.settings.receive(payload)
    assert objection is not None
    assert f"{key}: cannot be set from afar; what can be: view, fps" in objection
    assert bath.settings.change() is None


GIVEN = st.fixed_dictionaries(
    {},
    optional={
        "view": st.sampled_from(["room", "ceiling"]),
        "fps": st.floats(1, 30),
        "pose_pixels": st.sampled_from([192, 320, 512]),
        "motion_gate": st.booleans(),
        "zones": st.just(
            {"tub": json.loads(TUB.model_dump_json()), "bed": {"shape": [[0.6, 0.6], [0.9, 0.6], [0.9, 0.9]]}}
        ),
        "lines": st.just({"door": {"shape": [[0.2, 0.7], [0.8, 0.7]], "inside": [0.5, 0.95]}}),
        "rules": st.dictionaries(
            st.sampled_from(["fall", "long_stay", "lying"]),
            st.sampled_from([None, {}, {"severity": "info"}, {"cooldown": "5min"}, {"zones": "tub"}]),
        ),
    },
)


@given(given_settings=GIVEN)
@fuzz
def test_whatever_is_set_everything_else_stays_as_the_owner_of_the_device_wrote_it(
    given_settings: dict[str, Any],
) -> None:
    config = house()
    before, after = (
        config.cameras["bath-101"],
        lay_settings(config, "bath-101", Settings.model_validate_json(json.dumps(given_settings))),
    )
    others = set(Camera.model_fields) - set(given_settings)
    assert {key: getattr(after, key) for key in others} == {key: getattr(before, key) for key in others}
    # and what was set is what would have been written into the file
    assert set(after.rules) == set(before.rules) | set(given_settings.get("rules", ()))
    assert Config.model_validate_json(config.model_dump_json()).cameras["bath-101"] == before


def test_rules_are_laid_over_those_of_the_camera_key_by_key() -> None:
    rules = {"fall": {"after": "8s"}, "long_stay": False, "help": {"kind": "gesture"}}
    camera = lay_settings(house(), "bath-101", Settings.model_validate_json(json.dumps({"rules": rules})))
    assert list(camera.rules) == ["fall", "help"]
    assert camera.rules["fall"] == FallRule(id="fall", confirm_after=8.0)


@pytest.mark.parametrize(
    ("given_settings", "complaint"),
    [
        ({"rules": {"fall": {"after": "5 parsecs"}}}, "rules.fall.after"),
        ({"rules": {"fall": {"zones": ["bed"]}}}, "no zone 'bed' on this camera"),
        ({"rules": {"fal": {}}}, "unknown kind of rule; did you mean 'fall'?"),
        ({"rules": {"bear": False}}, "turns off a rule that the camera does not have"),
        ({"rules": {"fall": False, "long_stay": False}}, "rules"),
        ({"rules": {"fall": {"id": "x"}}}, "a rule's id is its own key"),
        ({"rules": {"odd": {"when": "import os"}}}, "rules.odd.when"),
        ({"rules": {"fall": {"message": "{name.__class__}"}}}, "rules.fall.message"),
        ({"zones": {"tub": {"shape": [[0, 0], [1, 1], [1, 0], [0, 1]]}}}, "crosses itself"),
        (
            {"zones": {"tub": {"shape": [[0, 0], [1, 1], [1, 0]], "belongs_to": "tanaka"}}},
            "'tanaka' is not under subjects",
        ),
        ({"zones": {"tub": {"shape": [[0, 0], [1, 1], [1, 0]], "shown_to": "all"}}}, "zones.tub.shown_to"),
        ({"fps": 31}, "fps: is too large"),
        ({"pose_pixels": 4096}, "pose_pixels: is too large"),
    ],
)
def test_what_semcam_yaml_would_not_bear_is_refused_from_afar_too(
    given_settings: dict[str, Any], complaint: str, bath: Bath
) -> None:
    text = json.dumps({"site": "sakura-home", "camera": "bath-101", "number": 7, "settings": given_settings})
    signature = sign(SECRET, SignedSettings.model_construct(signed=text, signature="").message)
    objection = bath.settings.receive(SignedSettings(signed=text, signature=signature).model_dump_json().encode())
    assert objection is not None and complaint in objection
    assert "\n" not in objection
    assert bath.settings.change() is None
    assert bath.fps == 5.0


def test_a_file_with_mistakes_is_told_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("fps: 99\nsource: /dev/video1\nrules:\n  fall: {after: 8s}\n")
    with pytest.raises(ConfigError) as refused:
        read_settings(path)
    fps, source = str(refused.value).splitlines()
    assert "line 1: fps: is too large" in fps
    assert "line 2: source: cannot be set from afar; what can be: view, fps" in source


# -- by whom, for whom, how often


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode) | st.just(b"[" * 20_000))
@fuzz
def test_any_bytes_are_refused_and_not_repeated(payload: bytes) -> None:
    camera = CameraSettings(house(), "bath-101", None)
    objection = camera.receive(payload)
    assert objection == (
        "camera bath-101: settings are refused: settings that are not signed; send them with semcam settings send"
        if payload
        else None
    )
    assert camera.change() is None


@given(at=st.integers(0, 10_000), by=st.integers(1, 255))
@fuzz
def test_a_single_changed_byte_makes_them_void(at: int, by: int) -> None:
    payload = bytearray(sent(5, fps=2))
    payload[at % len(payload)] ^= by
    camera = CameraSettings(house(), "bath-101", None)
    assert camera.receive(bytes(payload)) is not None
    assert camera.change() is None


@given(text=st.text(max_size=100), number=st.integers(1, 2**53 - 1), fps=st.floats(1, 30))
@fuzz
def test_what_was_signed_is_what_is_read(text: str, number: int, fps: float) -> None:
    signed = read_signed(sent(number, fps=fps))
    assert is_signed(public_key(SECRET), signed.message, signed.signature)
    assert not is_signed(
        public_key(SECRET), signed.signed.encode(), signed.signature
    )  # nor is it one for anything else
    assert not is_signed(public_key(SECRET), text.encode(), signed.signature)
    assert not is_signed(public_key(make_key()), signed.message, signed.signature)
    assert signed.addressed().number == number
    assert signed.addressed().settings == Settings(fps=fps)


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (sent(secret=make_key(), fps=2), "not signed with the key that semcam.yaml names"),
        (sent(camera="hall", fps=2), "for another camera"),
        (sent(site="other-home", fps=2), "for another camera"),
        (b"x" * (MAX_SETTINGS_BYTES + 1), "more than 32768 bytes"),
        (b'{"fps":2}', "not signed"),
    ],
)
def test_settings_that_are_not_from_the_owner_for_this_camera_are_refused(
    payload: bytes, complaint: str, bath: Bath
) -> None:
    assert complaint in (bath.settings.receive(payload) or "")
    assert bath.outcome == (Outcome.REFUSED, 0, None)
    assert not bath.path.exists()
    assert bath.fps == 5.0


def test_without_a_key_all_settings_are_refused(tmp_path: Path) -> None:
    bath = Bath(tmp_path, house(key=None))
    assert bath.settings.state is None  # nothing is told of what nobody wants
    assert "names no key" in (bath.settings.receive(sent(fps=2)) or "")
    assert "add settings: {key: …}" in bath.why()
    assert bath.fps == 5.0


def test_what_was_judged_is_never_obeyed_again(bath: Bath) -> None:
    assert bath.settings.receive(sent(10, fps=2)) is None
    bath.tend()
    bath.tend(sees=True)
    assert bath.settings.receive(sent(11, fps=3)) is None
    bath.tend()
    bath.tend(sees=True)
    assert bath.fps == 3.0
    assert bath.settings.change() is not None
    assert "older than those already judged" in (bath.settings.receive(sent(10, fps=2)) or "")
    assert bath.settings.receive(sent(11, fps=3)) is None  # the broker says it again with each connection
    assert bath.outcome == (Outcome.APPLIED, 11, 11)
    bath.start()
    assert "older" in (bath.settings.receive(sent(10, fps=2)) or "")
    assert bath.settings.receive(sent(11, fps=2)) is None  # another one under a number that was used
    assert bath.fps == 3.0


def test_a_number_of_a_refusal_is_used_up_too(bath: Bath) -> None:
    assert "settings 10 are refused" in (bath.settings.receive(sent(10, rules={"fall": {"zones": "bed"}})) or "")
    bath.start(house().model_copy(update={"cameras": {"bath-101": house().cameras["bath-101"]}}))
    assert bath.settings.receive(sent(10, fps=2)) is None
    assert bath.fps == 5.0
    assert bath.outcome == (Outcome.REFUSED, 0, 10)
    assert "no zone 'bed'" in bath.why()


@pytest.mark.parametrize(("last", "now_s", "number"), [(0, 5.0, 5000), (9000, 5.0, 9001), (4999, 5.0, 5000)])
def test_numbers_rise_even_where_a_clock_was_ahead(last: int, now_s: float, number: int) -> None:
    assert next_number(last, now_s) == number


# -- tried, in force, taken back


def test_they_are_in_force_once_the_camera_sees_with_them_and_after_every_restart(bath: Bath) -> None:
    assert bath.settings.receive(sent(10, fps=2)) is None
    assert bath.tend() == ["camera bath-101: settings 10 are tried"]
    config = bath.settings.change()
    assert config is not None and config.cameras["bath-101"].fps == 2.0
    assert config.cameras["hall"].fps == 5.0
    assert bath.settings.change() is None  # told once
    assert bath.outcome == (Outcome.TRIED, 0, 10)
    assert bath.tend(sees=True) == ["camera bath-101: settings 10 are in force"]
    assert bath.outcome == (Outcome.APPLIED, 10, 10)
    bath.start()
    assert bath.fps == 2.0
    assert bath.outcome == (Outcome.APPLIED, 10, 10)
    assert bath.path.stat().st_mode & 0o077 == 0


def test_a_camera_that_fails_with_them_gets_the_last_good_ones_back(bath: Bath) -> None:
    for number, fps in ((10, 2), (11, 3)):
        bath.settings.receive(sent(number, fps=fps))
        bath.tend()
        bath.tend(sees=fps == 2)
        bath.settings.change()
    bath.losses += 1
    (said,) = bath.tend()
    assert said == (
        "camera bath-101: settings 11 are taken back: the camera did not come up with them; "
        "settings 10 are in force again"
    )
    config = bath.settings.change()
    assert config is not None and config.cameras["bath-101"].fps == 2.0
    assert bath.outcome == (Outcome.ROLLED_BACK, 10, 11)
    bath.start()
    assert bath.fps == 2.0
    assert bath.settings.receive(sent(11, fps=3)) is None
    assert bath.fps == 2.0


def test_a_camera_that_stays_silent_with_them_gets_its_own_back(bath: Bath) -> None:
    bath.settings.receive(sent(10, fps=2))
    for _ in range(int(courier_settings.UP_WITHIN_S) + 1):
        bath.tend()
        assert bath.fps == 2.0
    assert "those of semcam.yaml are in force again" in bath.tend()[0]
    assert bath.fps == 5.0


def test_settings_that_are_followed_by_bad_ones_are_still_tried_to_the_end(bath: Bath) -> None:
    bath.settings.receive(sent(10, fps=2))
    bath.tend()
    bath.settings.receive(sent(11, rules={"fall": {"zones": "bed"}}))
    assert bath.tend(sees=True) == ["camera bath-101: settings 10 are in force"]
    assert bath.outcome == (Outcome.REFUSED, 10, 11)


def test_settings_that_change_nothing_start_nothing_anew(bath: Bath) -> None:
    bath.settings.receive(sent(10, fps=5))
    assert bath.settings.change() is None
    assert bath.outcome == (Outcome.APPLIED, 10, 10)


def test_nothing_sets_everything_back(bath: Bath) -> None:
    for payload in (sent(10, fps=2), sent(11)):
        bath.settings.receive(payload)
        bath.tend()
        bath.tend(sees=True)
    assert bath.fps == 5.0
    assert bath.outcome == (Outcome.APPLIED, 11, 11)


def test_a_power_cut_while_they_are_tried_is_forgiven_once(bath: Bath) -> None:
    bath.settings.receive(sent(10, fps=2))
    bath.start()
    assert bath.fps == 2.0
    bath.start()
    assert bath.fps == 5.0
    assert "semcam was stopped while it tried them" in bath.tend()[0]
    assert bath.outcome == (Outcome.ROLLED_BACK, 0, 10)


def test_whoever_writes_the_file_can_change_no_more_than_whoever_writes_to_the_broker(bath: Bath) -> None:
    forged = json.loads(sent(10, secret=make_key(), fps=2))
    bath.path.write_text(json.dumps({"number": 10, "good": forged, "outcome": "applied"}))
    bath.start()
    assert bath.fps == 5.0
    assert "no longer in force" in bath.tend()[0]


@pytest.mark.parametrize("content", [b"", b"{", b"null", b'{"number":-1}', bytes(100)])
def test_a_damaged_file_is_said_and_stops_nothing(content: bytes, bath: Bath) -> None:
    bath.path.write_bytes(content)
    bath.start()
    assert "cannot be read; semcam.yaml alone is in force" in bath.tend()[0]
    assert bath.fps == 5.0


def test_a_device_whose_owner_changes_the_key_obeys_the_new_one_only(bath: Bath) -> None:
    bath.settings.receive(sent(10, fps=2))
    bath.tend()
    bath.tend(sees=True)
    new = make_key()
    bath.start(house(key=public_key(new)))
    assert bath.fps == 5.0
    assert "not signed with the key" in bath.tend()[0]
    assert bath.settings.receive(sent(11, secret=new, fps=3)) is None
    assert bath.fps == 3.0


def test_without_room_on_the_disk_nothing_changes_and_the_same_may_be_sent_again(bath: Bath) -> None:
    with no_disk():
        assert "make room" in (bath.settings.receive(sent(10, fps=2)) or "")
    assert bath.fps == 5.0
    assert bath.settings.receive(sent(10, fps=2)) is None
    assert bath.fps == 2.0


# -- a service, a broker, and somebody far away


HALL, BATH = "semcam/sakura-home/hall", "semcam/sakura-home/bath-101"


class Home:
    """A service with two cameras, in a thread."""

    def __init__(self, config: Config, state: Path) -> None:
        self.said: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(config, state))
        self._thread.start()

    def _run(self, config: Config, state: Path) -> None:
        Service(config, Sentences(lambda _: None, clip_time=False), self.said.append, state).run(self._stop)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(30)


@contextmanager
def living(config: Config, state: Path) -> Iterator[Home]:
    home = Home(config, state)
    try:
        yield home
    finally:
        home.close()


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(vision_process, "MODULE", "tests.plain_vision")


def looking() -> dict[int, psutil.Process]:
    return {child.pid: child for child in psutil.Process().children() if "tests.plain_vision" in child.cmdline()}


def fps_of(camera: str, fps: float) -> Callable[[Heard], bool]:
    def sees(message: Heard) -> bool:
        return message.topic == f"{camera}/status" and abs(message.json.get("fps", 0) - fps) < 0.7

    return sees


def send(mosquitto: Mosquitto, file: Path, key: Path, *options: str) -> tuple[int, str, str]:
    where = (mosquitto.address, "--site", "sakura-home", "--key", str(key))
    done = semcam("settings", "send", file, *where, *(options or ("--camera", "bath-101")))
    return done.returncode, done.stdout, done.stderr


def wait_for(what: Callable[[], bool], within_s: float = 20) -> None:
    until_s = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < until_s
        time.sleep(0.05)


@pytest.mark.usefixtures("at_home")
def test_one_camera_of_two_is_set_from_afar_and_stays_so_without_a_broker(mosquitto: Mosquitto, tmp_path: Path) -> None:
    key = tmp_path / "owner.key"
    config = house(write_key(key), mqtt=Broker(host="127.0.0.1", port=mosquitto.port))
    slower = tmp_path / "slower.yaml"
    slower.write_text("fps: 2\nrules:\n  fall: false\n")
    breaks = tmp_path / "breaks.yaml"
    breaks.write_text(f"fps: {TOO_FAST}\n")
    with listening(mosquitto.port, "semcam/#") as family:
        with living(config, tmp_path / "state") as home:
            family.wait_for(fps_of(BATH, 5), 20)
            family.wait_for(fps_of(HALL, 5), 20)
            family.wait_for(lambda message: message.topic == f"{BATH}/alarm/fall" and "confirmed" in message.payload, 5)
            before = set(looking())
            assert send(mosquitto, slower, key) == (0, "sakura-home/bath-101: in force\n", "")
            family.wait_for(fps_of(BATH, 2), 20)
            assert len(before & set(looking())) == 1  # the other camera went on
            # a rule that is gone cannot burn any longer, and no camera_fault was told of a start that was wanted
            over = family.wait_for(
                lambda message: (
                    message.topic == f"{BATH}/alarm/fall"
                    and "OFF" in message.payload[:16]
                    and "removed" in message.payload
                ),
                10,
            )
            assert over.json["data"]["ending"] == "removed"
            assert not [message for message in family.heard if message.topic.endswith("event/camera_fault")]
            code, out, err = send(mosquitto, breaks, key)
            assert (code, err) == (1, "")
            assert out == "sakura-home/bath-101: taken back: the camera did not come up with them\n"
            publish(mosquitto.port, f"{BATH}/settings", '{"fps": 30}', "-r")
            wait_for(lambda: any("not signed" in sentence for sentence in home.said))
            shown = semcam("settings", "show", mosquitto.address)
            assert 'are in force: {"fps":2.0,"rules":{"fall":false}}; what was sent last: refused: ' in shown.stdout
            assert "sakura-home/hall: only semcam.yaml is in force" in shown.stdout
        own = [message for message in family.heard if message.topic.startswith("semcam/")]
        assert [
            fault
            for message in own
            if message.payload != '{"fps": 30}'
            for fault in faults(message.topic, message.payload)
        ] == []
    away = config.model_copy(update={"mqtt": Broker(host="127.0.0.1", port=free_port())})
    with living(away, tmp_path / "state") as home:
        wait_for(lambda: len(looking()) == 2)
        assert home.said == [] or "no MQTT broker answers" in home.said[0]
        kept = CameraSettings(away, "bath-101", tmp_path / "state" / "sakura-home" / "bath-101.settings.json")
        assert kept.config.cameras["bath-101"].fps == 2.0


def test_whoever_asks_for_a_camera_that_nobody_knows_leaves_nothing_behind(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    key, file = tmp_path / "k", tmp_path / "settings.yaml"
    write_key(key)
    file.write_text("fps: 2\n")
    code, out, err = send(mosquitto, file, key, "--camera", "nobody")
    assert (code, out) == (1, "")
    assert "no camera sakura-home/nobody was ever seen" in err
    with listening(mosquitto.port, "semcam/#") as anybody:
        publish(mosquitto.port, "semcam/end", "x")
        anybody.wait_for(lambda message: message.topic == "semcam/end", 5)
        assert len(anybody.heard) == 1


def test_a_camera_that_is_away_gets_them_when_it_is_back(mosquitto: Mosquitto, tmp_path: Path) -> None:
    key, file = tmp_path / "k", tmp_path / "settings.yaml"
    write_key(key)
    file.write_text("fps: 2\n")
    publish(mosquitto.port, f"{BATH}/status", '{"state":"offline"}', "-r")
    code, out, _ = send(mosquitto, file, key)
    assert (code, out) == (0, "sakura-home/bath-101: is offline; the broker keeps them until it comes back\n")
    with listening(mosquitto.port, f"{BATH}/settings") as camera:
        message = camera.wait_for(lambda _: True, 5)
    assert message.retained
    signed = read_signed(message.payload.encode())
    assert is_signed(public_key(read_key(key)), signed.message, signed.signature)


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = tmp_path / "owner.key"
    done = semcam("settings", "key", "-o", key)
    assert done.returncode == 0
    assert done.stdout == f"settings: {{key: {public_key(read_key(key))}}}\n"
    assert key.stat().st_mode & 0o077 == 0
    again = semcam("settings", "key", "-o", key)
    assert again.returncode == 1
    assert "give another name" in again.stderr
    key.write_text("short\n")
    with pytest.raises(ConfigError, match="holds no secret key"):
        read_key(key)
