"""Sources of other kinds: folders, what a camera is asked for, and cameras behind libraries.

There is no camera here and no Raspberry Pi. `Driver` stands in for what OpenCV makes of a camera's driver, `Picamera2`
for the library of that name, by its manual (raspberrypi/picamera2, picamera2.py and request.py); GStreamer is the real
one where the packages of the system have it.
"""

import os
import shutil
import sys
import time
import types
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semcam.contract.capture import Capture, Given, PixelFormat
from semcam.contract.config import Job, job_for
from semcam.contract.errors import ConfigError, FaultCode, VisionFault
from semcam.contract.load import DEMO, load_config
from semcam.contract.signal import Beat, Fault, Ready, Signal, from_line, to_line
from semcam.courier.faults import explain_fault
from semcam.courier.vision_process import VisionProcess
from semcam.vision.capture import folder as folders
from semcam.vision.capture.device import device_of, devices_behind, picamera_of, pipe_of, pipeline_of
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.folder import open_folder
from semcam.vision.capture.frame import Frame
from semcam.vision.capture.open import open_source
from semcam.vision.capture.picamera import PicameraSource
from semcam.vision.capture.v4l2 import V4L2Source
from tests.conftest import SAMPLE, semcam
from tests.test_newest import a_png

fuzz = settings(max_examples=200, deadline=None, derandomize=True)


def a_job(source: str, **how: Any) -> Job:
    return job_for(load_config(DEMO).cameras["camera"], source).model_copy(update={"fps": 5.0, **how})


def refused(open_it: Callable[[], object]) -> VisionFault:
    with pytest.raises(VisionFault) as fault:
        open_it()
    return fault.value


# -- folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "2.png").write_bytes(a_png())
    shutil.copy(SAMPLE, tmp_path / "1.mp4")
    (tmp_path / "notes.txt").write_text("not a clip")
    return tmp_path


def test_a_folder_is_played_as_one_clip_in_the_order_of_names(folder: Path) -> None:
    source = open_folder(folder, Playback(fps=2, hold_last_s=1.0))
    frames = list(source.frames())
    source.close()
    clip = list(open_file(SAMPLE, Playback(fps=2, hold_last_s=1.0)).frames())
    assert [frame.t_s for frame in frames[: len(clip)]] == [frame.t_s for frame in clip]
    assert np.array_equal(frames[10].pixels, clip[10].pixels)
    last = clip[-1].t_s
    assert [frame.t_s for frame in frames[len(clip) :]] == [round(last + step, 3) for step in (0.5, 1.0, 1.5)]
    assert frames[-1].pixels.shape == (8, 8, 3)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert source.length_s == pytest.approx(frames[-1].t_s, abs=1.0)


def test_a_folder_goes_round_and_time_goes_on(folder: Path) -> None:
    (folder / "1.mp4").unlink()
    frames = list(islice(open_folder(folder, Playback(fps=2, loop=True)).frames(), 5))
    assert [frame.t_s for frame in frames] == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_a_clip_of_a_folder_goes_round_as_it_did(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "1.mp4")
    frames = list(islice(open_folder(tmp_path, Playback(fps=1, loop=True)).frames(), 20))
    again = list(islice(open_file(SAMPLE, Playback(fps=1, loop=True)).frames(), 20))
    assert [frame.t_s for frame in frames] == [frame.t_s for frame in again]
    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(frames, again, strict=True))


def test_a_folder_that_cannot_be_played_is_told_before_anything_is_looked_at(tmp_path: Path) -> None:
    assert refused(lambda: open_folder(tmp_path, Playback(5))).code is FaultCode.SOURCE_UNREADABLE
    (tmp_path / "broken.mp4").write_bytes(b"not a clip")
    assert refused(lambda: open_folder(tmp_path, Playback(5))).code is FaultCode.SOURCE_UNREADABLE
    (tmp_path / "broken.mp4").unlink()
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    assert refused(lambda: list(open_folder(tmp_path, Playback(5)).frames())).code is FaultCode.SOURCE_UNREADABLE


def test_a_folder_with_too_much_in_it_is_refused_with_the_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MOST_PICTURES", 3)
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(a_png())
    fault = refused(lambda: open_folder(tmp_path, Playback(5)))
    assert fault.code is FaultCode.FOLDER_TOO_LARGE
    assert "at most 1,000 pictures and 100 clips" in str(explain_fault(Fault.of(fault), a_job(str(tmp_path))))


def test_the_confined_process_plays_a_folder(tmp_path: Path) -> None:
    """Nothing can be opened any more by the time the second file's turn comes."""
    for name in ("1.png", "2.png", "3.png"):
        (tmp_path / name).write_bytes(a_png())
    said = list(signals_of(a_job(str(tmp_path), fps=1.0, hold_last_s=1.0)))
    assert not [each for each in said if isinstance(each, Fault)]
    assert max(each.frames for each in said if isinstance(each, Beat)) == 6


def signals_of(job: Job, most: int = 1000) -> Iterator[Signal]:
    with VisionProcess(job, show_stderr=True) as process:
        yield from islice(map(from_line, process.lines()), most)


# -- what a camera of this machine is asked for


class Driver:
    """cv2.VideoCapture over a camera that knows two formats and two sizes, as a driver negotiates them."""

    sizes = ((640, 480), (1280, 720))
    formats = ("YUYV", "MJPG")
    asked: list[tuple[int, float]]

    def __init__(self, device: str, api: int) -> None:
        assert (device, api) == ("/dev/video0", cv2.CAP_V4L2)
        self.asked = []
        self.wanted = {cv2.CAP_PROP_FRAME_WIDTH: 640.0, cv2.CAP_PROP_FRAME_HEIGHT: 480.0}
        self.format, self.rate, self.pictures, self.is_open = "YUYV", 30.0, 6, True

    def isOpened(self) -> bool:  # noqa: N802
        return self.is_open

    def set(self, what: int, value: float) -> bool:
        self.asked.append((what, value))
        if what == cv2.CAP_PROP_FOURCC:
            letters = int(value).to_bytes(4, "little").decode()
            self.format = letters if letters in self.formats else self.format
        elif what == cv2.CAP_PROP_FPS:
            # over USB there is no room for more of large pictures that are not packed
            self.rate = min(value, 10.0 if self.format == "YUYV" and self._size == (1280, 720) else 30.0)
        else:
            self.wanted[what] = value
        return True

    @property
    def _size(self) -> tuple[int, int]:
        width = self.wanted[cv2.CAP_PROP_FRAME_WIDTH]
        return min(self.sizes, key=lambda size: abs(size[0] - width))

    def get(self, what: int) -> float:
        match what:
            case cv2.CAP_PROP_FOURCC:
                return float(int.from_bytes(self.format.encode(), "little"))
            case cv2.CAP_PROP_FPS:
                return self.rate
            case cv2.CAP_PROP_POS_MSEC:
                return (time.monotonic() - 0.02) * 1000  # the driver's stamp: 20 ms ago
            case _:
                return float(self._size[what == cv2.CAP_PROP_FRAME_HEIGHT])

    def grab(self) -> bool:
        time.sleep(0.05)
        self.pictures -= 1
        return self.pictures >= 0

    def retrieve(self) -> tuple[bool, Any]:
        width, height = self._size
        return True, np.zeros((height, width, 3), np.uint8)

    def release(self) -> None:
        self.is_open = False


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Driver)


@pytest.mark.usefixtures("camera")
def test_a_camera_gives_what_it_is_asked_for_and_pictures_are_as_old_as_its_driver_says() -> None:
    wanted = Capture(size="1280x720", format=PixelFormat.MJPG, rate=30.0)
    frames = []
    source = V4L2Source("/dev/video0", 30.0, wanted)
    with pytest.raises(VisionFault, match="source_lost"):
        for frame in source.frames():
            assert isinstance(frame, Frame)
            assert frame.taken_s is not None
            assert time.monotonic() - frame.taken_s >= 0.02
            frames.append(frame)
    assert frames
    assert {frame.pixels.shape for frame in frames} == {(720, 1280, 3)}


@pytest.mark.usefixtures("camera")
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"size": "1920x1080", "format": "MJPG"}, "gives 1280x720 in MJPG at 30 pictures a second instead"),
        ({"format": "NV12"}, "gives 640x480 in YUYV at 30 pictures a second instead"),
        ({"size": "1280x720", "format": "YUYV", "rate": 30.0}, "gives 1280x720 in YUYV at 10 pictures a second"),
    ],
)
def test_a_camera_that_gives_something_else_is_told_with_what_it_gives(wanted: dict[str, Any], said: str) -> None:
    capture = Capture(**wanted)
    fault = refused(lambda: V4L2Source("/dev/video0", 5.0, capture))
    crossed = from_line(to_line(Fault.of(fault)))
    assert isinstance(crossed, Fault)
    sentence = str(explain_fault(crossed, a_job("/dev/video0", capture=capture)))
    assert sentence.startswith("/dev/video0: the camera " + said)
    assert "`semcam doctor`" in sentence


@pytest.mark.usefixtures("camera")
def test_without_a_wish_whatever_the_camera_gives_is_right() -> None:
    V4L2Source("/dev/video0", 5.0).close()


givens = st.builds(
    Given,
    width=st.integers(16, 16_384),
    height=st.integers(16, 16_384),
    format=st.none() | st.sampled_from(PixelFormat),
    rate=st.none() | st.integers(0, 1000),
)


@given(givens)
@fuzz
def test_what_a_camera_gives_crosses_the_wall_in_one_short_line(given: Given) -> None:
    line = to_line(Fault(code=FaultCode.CAMERA_REFUSES, given=given))
    assert len(line) <= 256
    assert from_line(line) == Fault(code=FaultCode.CAMERA_REFUSES, given=given)


@given(st.text(max_size=12) | st.from_regex(r"[0-9]{1,6}x[0-9]{1,6}", fullmatch=True))
@fuzz
def test_a_size_is_two_numbers_or_refused(text: str) -> None:
    try:
        capture = Capture(size=text)
    except ValidationError:
        return
    assert f"{capture.width}x{capture.height}" == text
    assert 10 <= capture.width < 10_000


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("source: /dev/video0\n    capture: {size: 1280x720, format: MJPG, rate: 15}", None),
        ("source: picamera2://0\n    capture: {size: 1280x720}", None),
        ("source: clip.mp4\n    capture: {size: 1280x720}", "take it out"),
        ("source: picamera2://0\n    capture: {format: MJPG}", "take the format out"),
        ("source: /dev/video0\n    capture: {size: large}", "size"),
        ("source: /dev/video0\n    capture: {format: H264}", "format"),
        ("source: /dev/video0\n    capture: {rate: 0}", "rate"),
        ("source: /dev/video0\n    capture: {fps: 15}", "fps"),
    ],
)
def test_what_a_camera_may_be_asked_for_is_checked(tmp_path: Path, written: str, said: str | None) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(f"cameras:\n  gate:\n    {written}\n    rules: {{fall: }}\n")
    if said is None:
        assert load_config(config).cameras["gate"].capture
        return
    with pytest.raises(ConfigError) as mistakes:
        load_config(config)
    (problem,) = mistakes.value.problems
    assert said in str(problem)
    assert problem.line in (2, 3, 4)


# -- cameras behind libraries


def test_sources_are_told_apart(tmp_path: Path) -> None:
    for name in ("media0", "video0", "v4l-subdev0", "tty0"):
        (tmp_path / name).write_text("")
    assert picamera_of("picamera2://1") == 1
    assert picamera_of("picamera2://x") is picamera_of("clip.mp4") is None
    assert pipeline_of("gst: videotestsrc ") == "videotestsrc"
    assert pipeline_of("gate.mp4") is None
    assert devices_behind("clip.mp4") is None
    assert devices_behind("gst:videotestsrc") == ()
    assert devices_behind("gst:v4l2src device=/dev/video2 ! videoflip") == (Path("/dev/video2"),)
    assert devices_behind("gst:v4l2src device=/etc/shadow") == ()
    found = devices_behind("picamera2://0", tmp_path) or ()
    assert [path.name for path in found] == ["media0", "video0", "v4l-subdev0"]
    assert device_of("gst:v4l2src device=/dev/video2") is None


@given(st.text(max_size=80))
@fuzz
def test_any_text_is_some_source_or_a_file(text: str) -> None:
    kinds = [device_of(text), pipe_of(text), picamera_of(text), pipeline_of(text)]
    assert sum(kind is not None for kind in kinds) <= 1


class Picamera2:
    """As picamera2's own class behaves: one camera, which takes 20 pictures a second and then is unplugged."""

    opened: "Picamera2 | None" = None

    def __init__(self, camera_num: int = 0) -> None:
        if camera_num > 0:
            raise IndexError("list index out of range")
        self.calls: list[str] = []
        self.left, self.lent = 5, 0
        type(self).opened = self

    def create_video_configuration(
        self, main: dict[str, Any] | None = None, lores: Any = None, *, controls: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        assert lores is None
        assert main is not None
        assert controls is not None
        assert controls["FrameRate"] > 0
        return {"main": dict(main), "controls": controls}

    def configure(self, camera_config: dict[str, Any]) -> None:
        self.main = camera_config["main"]
        self.calls.append("configure")

    def start(self) -> None:
        self.calls.append("start")

    def capture_request(self) -> "CompletedRequest":
        time.sleep(0.05)
        if self.left == 0:
            raise RuntimeError("Camera has been unplugged")
        assert self.lent == 0, "each request must be handed back before there are no buffers left"
        self.left -= 1
        self.lent += 1
        return CompletedRequest(self, time.monotonic())

    def close(self) -> None:
        self.calls.append("close")


class CompletedRequest:
    def __init__(self, camera: Picamera2, taken_s: float) -> None:
        self._camera, self._taken_s = camera, taken_s

    def make_array(self, name: str) -> Any:
        assert name == "main"
        assert self._camera.main["format"] == "RGB888"  # which picamera2 hands out as blue, green, red
        width, height = self._camera.main["size"]
        return np.full((height, width, 3), (200, 0, 0), np.uint8)

    def get_metadata(self) -> dict[str, Any]:
        return {"SensorTimestamp": int((self._taken_s - 0.03) * 1e9), "ExposureTime": 9000}

    def release(self) -> None:
        self._camera.lent -= 1


@pytest.fixture
def raspberry_pi(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("picamera2")
    module.Picamera2 = Picamera2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "picamera2", module)


@pytest.mark.usefixtures("raspberry_pi")
def test_a_raspberry_pi_camera_gives_pictures_until_it_is_unplugged() -> None:
    source = open_source(a_job("picamera2://0", fps=30.0, capture=Capture(size="320x240", rate=20.0)))
    frames = []
    with pytest.raises(VisionFault, match="source_lost"):
        for frame in source.frames():
            assert isinstance(frame, Frame)
            assert frame.taken_s is not None
            assert time.monotonic() - frame.taken_s >= 0.03
            frames.append(frame)
    source.close()
    assert frames
    assert frames[0].pixels.shape == (240, 320, 3)
    assert tuple(frames[0].pixels[0, 0]) == (200, 0, 0)
    assert Picamera2.opened
    assert (Picamera2.opened.calls, Picamera2.opened.lent) == (["configure", "start", "close"], 0)


@pytest.mark.usefixtures("raspberry_pi")
def test_a_raspberry_pi_camera_that_is_not_there_is_told() -> None:
    assert refused(lambda: PicameraSource(1, 5.0)).code is FaultCode.CAMERA_UNAVAILABLE


def test_without_picamera2_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    fault = refused(lambda: PicameraSource(0, 5.0))
    said = str(explain_fault(Fault.of(fault), a_job("picamera2://0")))
    assert said.endswith("run `sudo apt install python3-picamera2`")


def test_a_pipeline_of_the_real_gstreamer_is_watched_in_confinement_or_it_is_said_what_to_install() -> None:
    """Where the packages of the system have GStreamer and PyGObject for this Python: under the whole confinement."""
    said = list(signals_of(a_job("gst:videotestsrc is-live=true ! video/x-raw,width=322,height=240"), most=5))
    if isinstance(said[0], Fault):
        assert said[0].code is FaultCode.LIBRARY_MISSING
        sentence = str(explain_fault(said[0], a_job("gst:videotestsrc")))
        assert "sudo apt install python3-gi" in sentence
        return
    beats = [each for each in said if isinstance(each, Beat)]
    assert any(isinstance(each, Ready) for each in said)
    assert len(beats) >= 2
    assert all(beat.age_ms is not None for beat in beats)


def test_a_pipeline_that_nobody_understands_is_told_with_what_to_try(tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text("cameras: {gate: {source: 'gst:nonsense ! x', rules: {fall: }}}\n")
    done = semcam("run", "-c", config, "--state", tmp_path / "state", timeout_s=60)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "gst-launch-1.0" in last or "sudo apt install python3-gi" in last
    assert os.fspath(tmp_path) not in last
