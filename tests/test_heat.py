"""How hot the board is: from a folder that is laid out as the kernel lays out /sys/class/thermal."""

import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcam.contract.config import Camera, Config, job_for
from semcam.contract.event import MadeBy
from semcam.contract.rules import FallRule
from semcam.courier.clock import WallClock
from semcam.courier.desk import Desk
from semcam.courier.heat import LOOK_EVERY_S, Thermometer, hottest_c
from semcam.courier.outbox import Outbox
from semcam.courier.supervisor import Supervisor
from tests.conftest import SAMPLE


def sensor(sysfs: Path, number: int, kind: str, milli: str) -> None:
    zone = sysfs / f"thermal_zone{number}"
    zone.mkdir(parents=True, exist_ok=True)
    (zone / "type").write_text(kind + "\n")
    (zone / "temp").write_text(milli + "\n")


def test_the_hottest_part_of_the_processor_counts_and_no_other_sensor(tmp_path: Path) -> None:
    assert hottest_c(tmp_path) is None
    sensor(tmp_path, 0, "CPU-therm", "61500")  # as on a Jetson Nano
    sensor(tmp_path, 1, "GPU-therm", "64000")
    sensor(tmp_path, 2, "PMIC-Die", "100000")  # always
    sensor(tmp_path, 3, "iwlwifi_1", "71000")
    assert hottest_c(tmp_path) == 64.0


def test_a_sensor_that_sleeps_or_talks_nonsense_is_left_out(tmp_path: Path) -> None:
    sensor(tmp_path, 0, "cpu-thermal", "55300")  # as on a Raspberry Pi
    sensor(tmp_path, 1, "gpu-thermal", "-274000")
    sensor(tmp_path, 2, "soc0-thermal", "")
    (tmp_path / "thermal_zone3").mkdir()
    assert hottest_c(tmp_path) == 55.3


def test_a_board_that_gets_too_hot_says_so_once_and_once_that_it_has_cooled_down(tmp_path: Path) -> None:
    thermometer, said = Thermometer(tmp_path), []
    for step, celsius in enumerate((60, 79, 81, 84, 78, 73, 71, 79, 60)):
        sensor(tmp_path, 0, "cpu-thermal", str(1000 * celsius))
        said.append(thermometer.look(step * LOOK_EVERY_S))
        assert (thermometer.hot_c is not None) is (2 <= step <= 5)
    assert [step for step, sentence in enumerate(said) if sentence] == [2, 6]
    assert "81 °C" in str(said[2])
    assert "give it air or a heat sink" in str(said[2])
    assert said[6] == "the board has cooled down"


def test_it_is_not_looked_at_all_the_time(tmp_path: Path) -> None:
    thermometer = Thermometer(tmp_path)
    thermometer.look(100.0)
    sensor(tmp_path, 0, "cpu-thermal", "90000")
    assert thermometer.look(100.0 + LOOK_EVERY_S / 2) is None
    assert thermometer.look(100.0 + LOOK_EVERY_S)


@given(st.text(max_size=20), st.text("0123456789-.e \n", max_size=12))
@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_stands_in_those_files_nothing_breaks(tmp_path: Path, kind: str, milli: str) -> None:
    zone = tmp_path / "thermal_zone0"
    zone.mkdir(exist_ok=True)
    (zone / "type").write_bytes(kind.encode("utf-8", "surrogatepass"))
    (zone / "temp").write_text(milli)
    celsius = hottest_c(tmp_path)
    assert celsius is None or -40 < celsius < 150


@pytest.mark.parametrize("folder", ["nowhere", "file"])
def test_a_machine_without_sensors_is_never_hot(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").write_text("")
    assert hottest_c(tmp_path / folder) is None


def test_while_the_board_is_too_hot_a_camera_looks_at_half_as_many_pictures() -> None:
    """Said before the camera is ready, and taken back while it watches: it is not ended, and told each time."""
    camera = Camera(source=str(SAMPLE), rules={"fall": FallRule(id="fall")})
    job = job_for(camera, str(SAMPLE), loop=True, realtime=True)
    outbox = Outbox.in_memory("bath", "abcdef")
    made_by = MadeBy(semcam="0", models="sha256:0", config="sha256:0")
    desk = Desk(Config(cameras={"bath": camera}), "bath", WallClock(), outbox, made_by, [])
    said: list[str] = []
    supervisor, stop, deadline_s = Supervisor({"bath": job}, {"bath": desk}, said.append), threading.Event(), 60.0
    began_s, rates = time.monotonic(), dict[bool, list[float]]({True: [], False: []})

    def look() -> None:
        assert time.monotonic() < began_s + deadline_s, rates
        is_hot = len(rates[True]) < 20
        supervisor.warn_of_heat(is_hot=is_hot)
        if desk.status.fps is not None:
            rates[is_hot].append(desk.status.fps)
        if rates[False] and rates[False][-1] > 6:  # the mean of the last seconds
            stop.set()

    supervisor.run(stop, look)
    assert rates[True][-1] == pytest.approx(5, abs=0.6)
    assert said == []
