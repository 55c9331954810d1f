"""ONNX Runtime, watched over a minute: told to be silent, it opens no socket and writes no file."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT

WATCHED_S = 60

LOOK_NOW_AND_THEN = """
import sys, time
from semcam.vision.confine.namespace import leave_network
try:
    leave_network()  # whatever it tries, nothing leaves this test
except OSError:
    sys.exit(9)
import numpy as np
if sys.argv[1] == "silent":
    from semcam.vision.perceive import session as ours
    ort = ours.ort
else:
    import onnxruntime as ort
model = ort.InferenceSession("models/movenet-multipose.onnx")
began = time.monotonic()
while time.monotonic() < began + float(sys.argv[2]):
    model.run(None, {model.get_inputs()[0].name: np.zeros((1, 192, 320, 3), np.int32)})
    time.sleep(2)
"""


@dataclass
class Watched:
    """A process, and what was seen of it."""

    home: Path
    process: "subprocess.Popen[bytes]"
    sockets: set[str] = field(default_factory=set)

    @classmethod
    def start(cls, home: Path, how: str) -> "Watched":
        home.mkdir()
        environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
        folders = {name: str(home) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        process = subprocess.Popen(
            [sys.executable, "-c", LOOK_NOW_AND_THEN, how, str(WATCHED_S)],
            cwd=ROOT,
            env={**environment, **folders},
            stderr=subprocess.DEVNULL,
        )
        return cls(home, process)

    def look(self) -> None:
        with suppress(FileNotFoundError, ProcessLookupError):  # closed, or ended, since
            for descriptor in Path(f"/proc/{self.process.pid}/fd").iterdir():
                leads_to = str(descriptor.readlink())
                if leads_to.startswith("socket:"):
                    self.sockets.add(leads_to)

    def files(self) -> list[Path]:
        return [path for path in self.home.rglob("*") if path.is_file()]


@pytest.mark.timeout(180)
def test_over_a_minute_it_opens_no_socket_and_writes_no_file_where_it_is_told_to_be_silent(tmp_path: Path) -> None:
    silent, untold = (Watched.start(tmp_path / how, how) for how in ("silent", "untold"))
    both = (silent, untold)
    try:
        while all(each.process.poll() is None for each in both):
            for each in both:
                each.look()
            time.sleep(0.05)
        ends = [each.process.wait(30) for each in both]
    finally:
        for each in both:
            each.process.kill()
            each.process.wait()
    if 9 in ends:
        pytest.skip("this user gets no network of its own here, and nothing may really report home")
    assert ends == [0, 0]
    assert silent.files() == []
    assert silent.sockets == set()
    if not untold.files():
        pytest.skip("this build of ONNX Runtime has no telemetry: there was nothing to silence")
