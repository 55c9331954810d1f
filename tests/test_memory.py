"""The vision process on a small board: little memory, and no more after an hour than after a minute."""

import threading
from pathlib import Path

import psutil
import pytest

from semcam.contract.config import job_for
from semcam.contract.load import DEMO, load_config
from semcam.contract.signal import Beat, Wall
from semcam.courier.vision_process import VisionProcess
from tests.conftest import SAMPLE

MB = 1e6
LIMIT_MB = 250


def watch(clip: Path, hold_last_s: float) -> list[float]:
    """Resident memory of a vision process in MB, at each of its heartbeats."""
    job = job_for(load_config(DEMO).cameras["camera"], str(clip), hold_last_s=hold_last_s)
    wall = Wall(job.rules, job.zones)
    sizes = []
    with VisionProcess(job, show_stderr=False) as process:
        watched = psutil.Process(process.pid)
        for line in process.lines():
            if isinstance(wall.admit(line), Beat):
                sizes.append(watched.memory_info().rss / MB)
    return sizes


def test_two_clips_in_a_row_stay_small() -> None:
    first, second = watch(SAMPLE, 0), watch(SAMPLE, 0)
    assert max(first) < LIMIT_MB
    assert max(second) < LIMIT_MB
    assert max(second) < max(first) + 10


def test_one_process_that_plays_the_clip_twice_does_not_grow() -> None:
    """The clip is looped as `run` does, at full speed; the second round must not need more than the first."""
    job = job_for(load_config(DEMO).cameras["camera"], str(SAMPLE), loop=True)
    wall = Wall(job.rules, job.zones)
    rounds: dict[int, float] = {}
    length_s = 15.0
    with VisionProcess(job, show_stderr=False) as process:
        watched = psutil.Process(process.pid)
        for line in process.lines():
            signal = wall.admit(line)
            if isinstance(signal, Beat):
                number = int(signal.t_s // length_s)
                rounds[number] = max(rounds.get(number, 0.0), watched.memory_info().rss / MB)
                if number >= 2:
                    break
    assert rounds[1] < LIMIT_MB
    assert rounds[1] < rounds[0] + 5


def test_vision_ends_with_its_courier() -> None:
    """Nobody reads its signals any more: the process that holds the pixels must not outlive that."""
    job = job_for(load_config(DEMO).cameras["camera"], str(SAMPLE), loop=True, realtime=True)
    process = VisionProcess(job, show_stderr=False)
    lines = process.lines()
    next(lines)
    process.hang_up()
    waiter = threading.Thread(target=process.wait, daemon=True)
    waiter.start()
    waiter.join(10)
    assert not waiter.is_alive(), "the vision process went on without its courier"
    with pytest.raises(psutil.NoSuchProcess):
        psutil.Process(process.pid)
