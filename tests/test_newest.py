"""Always the newest picture: nothing queues up behind a loop that is busy, and gaps are told."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.signal import AGE_STEP_MS, MAX_AGE_MS, age_of
from semcam.courier.freshness import STEPS_MS, Freshness
from semcam.vision.capture import newest
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame, Gap
from semcam.vision.capture.newest import Arrival, Grid, Newest, when_taken
from tests.conftest import SAMPLE

fuzz = settings(max_examples=200, deadline=None, derandomize=True)
PICTURE = np.zeros((4, 4, 3), np.uint8)


def arrival(t_s: float = 0.0) -> Arrival:
    return Arrival(PICTURE.copy(), t_s, time.monotonic())


def capture_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "capture"]


# -- a clip that plays the camera


def test_whoever_is_slow_sees_fewer_pictures_and_none_that_is_old() -> None:
    source = open_file(SAMPLE, Playback(fps=10, realtime=True))
    seen: list[float] = []
    ages: list[float] = []
    began_s = time.monotonic()
    for frame in source.frames():
        assert isinstance(frame, Frame)
        assert frame.taken_s is not None
        ages.append(time.monotonic() - frame.taken_s)
        seen.append(frame.t_s)
        if frame.t_s > 2.5:
            break
        time.sleep(0.35)  # a model that takes three and a half pictures' time
    assert 3 <= len(seen) <= 9  # of 26
    assert seen == sorted(seen)
    assert median(ages) < 0.2  # in a queue each would be a quarter of a second older than the one before
    assert time.monotonic() - began_s == pytest.approx(seen[-1], abs=1.0)


def test_a_clip_in_real_time_ends_with_its_last_picture(tmp_path: Path) -> None:
    picture = tmp_path / "one.png"
    picture.write_bytes(a_png())
    frames = list(open_file(picture, Playback(fps=10, hold_last_s=0.5, realtime=True)).frames())
    times = [frame.t_s for frame in frames]
    assert set(times) <= {0.0, 0.1, 0.2, 0.3, 0.4, 0.5}  # all of them on a machine that is not busy
    assert times == sorted(set(times))
    assert times[-1] == 0.5
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert all(frame.pixels is frames[0].pixels for frame in frames)  # so that nobody looks at it twice


def a_png() -> bytes:
    import struct
    import zlib

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack("!I", len(content)) + name + content + struct.pack("!I", zlib.crc32(name + content))

    rows = b"".join(b"\0" + bytes(range(8)) * 3 for _ in range(8))
    head = struct.pack("!IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_at_full_speed_every_picture_is_seen_and_none_has_an_age() -> None:
    frames = list(open_file(SAMPLE, Playback(fps=10)).frames())
    assert len(frames) == 150
    assert all(frame.taken_s is None for frame in frames)


# -- the thread beside the loop


def test_gaps_are_told_while_nothing_comes_and_not_when_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "GAP_S", 0.2)
    monkeypatch.setattr(newest, "GAP_EVERY_S", 0.1)
    goes_on = threading.Event()

    def arrivals() -> Iterator[Arrival]:
        yield arrival(1.0)
        goes_on.wait(5)
        yield arrival(2.0)
        time.sleep(0.05)
        yield arrival(3.0)

    seen: list[Frame | Gap] = []
    for each in Newest(arrivals()).frames_and_gaps(lambda: 1.5):
        seen.append(each)
        if len(seen) == 3:
            goes_on.set()
    assert [type(each) for each in seen] == [Frame, Gap, Gap, Frame, Frame]
    assert [each.t_s for each in seen] == [1.0, 1.5, 1.5, 2.0, 3.0]


def test_what_goes_wrong_in_the_thread_is_raised_in_the_loop() -> None:
    def arrivals() -> Iterator[Arrival]:
        yield arrival()
        raise MemoryError

    frames = Newest(arrivals()).frames()
    with pytest.raises(MemoryError):
        list(frames)


def test_who_looks_no_longer_leaves_no_thread_behind() -> None:
    before = capture_threads()

    def arrivals() -> Iterator[Arrival]:
        while True:
            time.sleep(0.01)
            yield arrival()

    frames = Newest(arrivals()).frames()
    next(frames)
    assert len(capture_threads()) == len(before) + 1
    frames.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 5
    while len(capture_threads()) > len(before):
        assert time.monotonic() < deadline
        time.sleep(0.01)


# -- which pictures are wanted, and when they were taken


@given(st.sampled_from([1.0, 2.0, 5.0, 7.5, 10.0, 30.0]), st.lists(st.floats(0.001, 0.5), min_size=1, max_size=200))
@fuzz
def test_no_more_pictures_are_wanted_than_there_should_be_and_no_wanted_moment_is_missed(
    fps: float, pauses: list[float]
) -> None:
    grid, now_s, wanted, offered = Grid(fps), 0.0, [], []
    for pause_s in pauses:
        now_s += pause_s
        offered.append(now_s)
        if grid.wants(now_s):
            wanted.append(now_s)
    assert wanted[0] == offered[0]
    assert len(wanted) <= 1 + (offered[-1] - offered[0]) * fps + 1.25
    for earlier, later in pairwise(wanted):
        between = [t_s for t_s in offered if earlier < t_s < later]
        assert all(t_s < earlier + 2 / fps for t_s in between)  # nothing that was due was passed over


@pytest.mark.parametrize(
    ("stamp_s", "taken_s"),
    [(99.95, 99.95), (100.0, 100.0), (90.1, 90.1), (0.0, 100.0), (89.0, 100.0), (100.5, 100.0), (1.8e9, 100.0)],
)
def test_a_driver_is_believed_only_where_it_counts_by_the_same_clock(stamp_s: float, taken_s: float) -> None:
    assert when_taken(stamp_s, 100.0) == taken_s


# -- the age, as it is told


@given(st.floats(-1.0, 1e6))
@fuzz
def test_an_age_is_never_told_as_less_than_it_is_and_always_in_full_steps(age_s: float) -> None:
    said = age_of(age_s)
    assert 0 <= said <= MAX_AGE_MS
    assert said % AGE_STEP_MS == 0
    assert said >= min(1000 * age_s, MAX_AGE_MS) - 1e-6
    assert said - AGE_STEP_MS < max(1000 * age_s, AGE_STEP_MS / 2)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=300))
@fuzz
def test_the_status_says_the_worst_of_the_last_minute(tens: list[int]) -> None:
    freshness, ages = Freshness(), [10 * age for age in tens]
    for second, age_ms in enumerate(ages):
        said = freshness.take(float(second), age_ms)
        worst = max(ages[max(0, second - 59) : second + 1])
        assert said == next(step for step in STEPS_MS if step >= worst)


def test_an_age_that_trembles_does_not_make_the_status_tremble() -> None:
    freshness = Freshness()
    said = {freshness.take(float(second), 190 + 10 * (second % 3)) for second in range(5, 600)}
    assert said <= {200, 500}
    assert len({freshness.take(float(second), 200 + 10 * (second % 2)) for second in range(700, 1300)} - {200}) == 1


def test_a_vision_process_that_was_started_anew_begins_a_new_minute() -> None:
    freshness = Freshness()
    assert freshness.take(5000.0, 4000) == 5000
    assert freshness.take(1.0, 40) == 50
