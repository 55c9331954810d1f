"""Numbers about the service, as a parser by others reads them: what is counted, who may read it, and that it is off."""

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from semcam.contract.config import Camera, Config, Metrics
from semcam.contract.delivery import AlarmStage
from semcam.contract.errors import ConfigError
from semcam.contract.rules import FallRule
from semcam.contract.signal import Beat, View
from semcam.courier.metrics import CONTENT_TYPE, Endpoint, Reading, openmetrics
from semcam.courier.tally import Tally
from tests.conftest import free_port
from tests.test_settings import at_home, living, looking, wait_for

__all__ = ["at_home"]


def parsed(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Each sample by its name and labels, as the reference parser has it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }


def of(text: str, name: str, **labels: str) -> float:
    return parsed(text)[name, frozenset(({"site": "sakura-home", "camera": "bath"} | labels).items())]


def reading(tally: Tally, camera: str = "bath", waiting: int = 3) -> Reading:
    return Reading(camera, tally, waiting, kept=7, is_in_memory=False, is_connected=True, settings=12)


def text_of(*readings: Reading, now_s: float = 100.0) -> str:
    return openmetrics("sakura-home", "0.1.0", readings, now_s, 1_790_000_000.25)


def test_what_a_camera_did_stands_in_the_text() -> None:
    tally = Tally(losses=2)
    for second in range(10):
        tally.pass_time(View.OK if second < 6 else None, float(second))
        tally.beat(Beat(t_s=second, frames=5 * second, age_ms=120), 90.0 + second)
    tally.events["fall", AlarmStage.CONFIRMED] += 1
    text = text_of(reading(tally))
    assert of(text, "semcam_frames_total") == 45
    assert of(text, "semcam_last_frame_age_seconds") == 1.0
    assert of(text, "semcam_judged_after_seconds") == 0.12
    assert of(text, "semcam_vision_losses_total") == 2
    assert of(text, "semcam_view_seconds_total", view="ok") == 5
    assert of(text, "semcam_view_seconds_total", view="none") == 4
    assert of(text, "semcam_events_total", kind="fall", stage="confirmed") == 1
    assert of(text, "semcam_outbox_waiting") == 3
    assert of(text, "semcam_broker_connected") == 1
    assert of(text, "semcam_settings_number") == 12
    assert parsed(text)["semcam_round_timestamp_seconds", frozenset()] == 1_790_000_000.25
    assert parsed(text)["semcam_info", frozenset({("site", "sakura-home"), ("version", "0.1.0")})] == 1


def test_pictures_are_counted_over_all_vision_processes() -> None:
    tally = Tally()
    for frames in (0, 10, 20, 3, 13):  # the second process begins at 0
        tally.beat(Beat(t_s=0.0, frames=frames), 0.0)
    assert tally.frames == 33


@pytest.mark.parametrize("cameras", [0, 1, 40])
def test_it_is_openmetrics_for_any_number_of_cameras(cameras: int) -> None:
    readings = [reading(Tally(), camera=f"camera-{number}") for number in range(cameras)]
    text = text_of(*readings)
    assert text.endswith("# EOF\n")
    assert len([key for key in parsed(text) if key[0] == "semcam_frames_total"]) == cameras


def get(port: int, path: str = "/metrics", host: str | None = None) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read().decode()
    finally:
        connection.close()


@contextmanager
def endpoint() -> Iterator[tuple[Endpoint, int]]:
    port = free_port()
    with Endpoint(port) as serving:
        serving.text = text_of(reading(Tally()))
        yield serving, port


def test_it_is_served_to_whoever_is_on_the_machine_and_to_nobody_else() -> None:
    with endpoint() as (serving, port):
        assert get(port) == (200, CONTENT_TYPE, serving.text)
        assert get(port, "/")[0] == 404
        assert get(port, host=f"localhost:{port}")[0] == 200
        assert get(port, host="evil.example")[0] == 403  # a page whose name was turned to loopback
        with socket.socket() as outside, pytest.raises(OSError):
            outside.settimeout(5)
            outside.connect(("127.0.0.2", port))  # bound to one address, not to all
    with pytest.raises(OSError):
        get(port)


@pytest.mark.parametrize("nonsense", [b"\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 200, b"POST /metrics HTTP/1.1\r\n\r\n"])
def test_nonsense_does_not_stop_it(nonsense: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with endpoint() as (_, port):
        with socket.create_connection(("127.0.0.1", port)) as somebody:
            somebody.sendall(nonsense)
            somebody.shutdown(socket.SHUT_WR)
            while somebody.recv(4096):
                pass
        assert get(port)[0] == 200
    assert capfd.readouterr() == ("", "")


def test_a_port_that_is_taken_is_said_with_its_key() -> None:
    with endpoint() as (_, port), pytest.raises(ConfigError, match=r"metrics\.port: .* cannot be listened on"):
        Endpoint(port)


# -- a service


def house(port: int | None) -> Config:
    camera = Camera(source="/dev/video0", fps=5.0, rules={"fall": FallRule(id="fall")})
    return Config(site="sakura-home", metrics=Metrics(port=port) if port else None, cameras={"bath": camera})


@pytest.mark.usefixtures("at_home")
def test_a_service_tells_how_its_camera_fares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("semcam.courier.service.READ_EVERY_S", 0.2)
    port = free_port()
    with living(house(port), tmp_path):

        def sees() -> bool:
            try:
                return of(get(port)[2], "semcam_frames_total") >= 10
            except (OSError, KeyError):
                return False

        wait_for(sees)
        text = get(port)[2]
        assert of(text, "semcam_events_total", kind="fall", stage="confirmed") == 1
        assert of(text, "semcam_last_frame_age_seconds") < 5
        assert of(text, "semcam_broker_connected") == 0
        assert of(text, "semcam_view_seconds_total", view="ok") > 0
        (vision,) = looking().values()
        vision.kill()
        wait_for(lambda: of(get(port)[2], "semcam_vision_losses_total") == 1)
        # no names, no sentences: ids, kinds and numbers
        assert re.fullmatch(r"[ -~\n]*", text)
        assert "fallen" not in text


@pytest.mark.usefixtures("at_home")
def test_without_the_key_nothing_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[object] = []
    honest = socket.socket.listen

    def listen(self: socket.socket, backlog: int = 5) -> None:
        bound.append(self)
        honest(self, backlog)

    monkeypatch.setattr(socket.socket, "listen", listen)
    with living(house(None), tmp_path):
        wait_for(lambda: len(looking()) == 1)
        time.sleep(0.5)
        assert not [thread for thread in threading.enumerate() if thread.name == "metrics"]
    assert bound == []
