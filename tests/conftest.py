"""What every test may ask for: the command line, the sample clip, a real broker."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from semcam.contract.models import DETECTOR, FLOAT_OF, POSE
from semcam.vision.perceive.int8 import is_exact

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before any test imports ONNX Runtime

ROOT = Path(__file__).parent.parent
for home in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):  # a test run leaves nothing in anybody's home
    os.environ[home] = str(ROOT / ".tools" / home.lower())
SAMPLE = ROOT / "sample_videos" / "bedroom_fall.mp4"
POSE_USED, DETECTOR_USED = (name if is_exact() else FLOAT_OF.get(name, name) for name in (POSE, DETECTOR))
"""The models that look on this machine where nothing else is said."""
EYES = frozenset({"cv2", "numpy", "onnxruntime"})
"""What pictures are decoded and looked at with."""
TOOLS = ROOT / ".tools" / "mosquitto"

LONGEST = (
    "test_telemetry", "test_samples", "test_confine", "test_run", "test_household", "test_prove", "test_replay",
    "test_relay", "test_client", "test_recipes", "test_delivery", "test_view", "test_mqtt", "test_network_camera",
)  # fmt: skip
"""Files that take a minute or so: they come first, so that no process is busy with one when all others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others in the order of their names."""
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))


def semcam(*arguments: str | Path, timeout_s: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the semcam command as a user would, and give what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "semcam", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    )


@dataclass(frozen=True)
class Mosquitto:
    """A real Mosquitto on loopback."""

    port: int
    folder: Path

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def subscribe(self, *topics: str) -> "subprocess.Popen[str]":
        """mosquitto_sub, an independent client: prints `topic payload` lines; subscribed when this returns."""
        arguments = [part for topic in topics for part in ("-t", topic)]
        options = ["-V", "5", "-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "-v", "-d"]
        process = subprocess.Popen(
            # stdbuf: into a pipe, the word that the subscription stands would wait for the first message
            ["stdbuf", "-oL", program("mosquitto_sub"), *options, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=tool_environment(),
        )
        assert process.stdout is not None
        for line in process.stdout:  # -d tells when the subscription stands
            if "Subscribed" in line:
                break
        return process


def program(name: str) -> str:
    """Where a Mosquitto program is: installed, or unpacked by tests/get-mosquitto."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:{TOOLS}/usr/sbin:{TOOLS}/usr/bin"
    found = shutil.which(name, path=places)
    if found is None:
        pytest.fail(f"{name} is not installed; run tests/get-mosquitto, or apt install mosquitto mosquitto-clients")
    return found


def tool_environment() -> dict[str, str]:
    """Libraries that tests/get-mosquitto has unpacked beside the programs."""
    libraries = [str(path) for path in (TOOLS / "usr" / "lib").glob("*-linux-gnu*")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)} if libraries else dict(os.environ)


def free_port() -> int:
    """A port nobody listens on, and none that the kernel gives to those who connect.

    Whoever tries a closed one of those over and over is connected to itself in the end, and the port is taken.
    """
    given_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = 1024 + secrets.randbelow(max(given_from - 1024, 1024))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def start_mosquitto(folder: Path, port: int, *more: str) -> "subprocess.Popen[bytes]":
    """Start a broker with `more` lines of configuration and wait until it answers."""
    config = folder / "mosquitto.conf"
    config.write_text("\n".join([f"listener {port} 127.0.0.1", *(more or ("allow_anonymous true",)), ""]))
    command = [program("mosquitto"), "-c", str(config)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=tool_environment())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process
        time.sleep(0.05)
    process.kill()
    pytest.fail("Mosquitto did not start")


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that anybody may use, for one test."""
    port = free_port()
    process = start_mosquitto(tmp_path, port)
    yield Mosquitto(port, tmp_path)
    process.terminate()
    process.wait(5)
