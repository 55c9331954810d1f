"""Memory that really runs out, of the real vision process: it is told as that, and over as soon as there is some again.

In two ways: a limit on the process, which refuses memory when it is asked for; and a memory group of the kernel, which
ends the process once it fills what it was given.
"""

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from resource import RLIMIT_AS, RLIMIT_DATA
from typing import Any

import psutil
import pytest

from semcam.contract.config import job_for
from semcam.contract.errors import FaultCode, Trouble
from semcam.contract.load import DEMO, load_config
from semcam.contract.signal import Beat, Fault, Ready, Signal, from_line
from semcam.courier import vision_process
from semcam.courier.faults import explain_end
from semcam.courier.vision_process import VisionProcess
from semcam.vision import memory
from tests.conftest import ROOT, SAMPLE, Mosquitto
from tests.memory_groups import a_memory_group
from tests.test_run import STARTS_WITHIN_S, fault, household, wait_for

MB = 1 << 20
NAMES = {RLIMIT_AS: "addresses", RLIMIT_DATA: "data"}


def limit(pid: int, which: int, size: int) -> None:
    resource.prlimit(pid, which, (size, size))


def job(**how: Any) -> Any:
    return job_for(load_config(DEMO).cameras["camera"], str(SAMPLE), **how)


# -- refused


def test_a_camera_without_memory_is_told_as_that_and_comes_back_once_there_is_some(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """While it looks, and again while its successor is being loaded; the one after that is left alone."""
    with household(mosquitto, tmp_path) as (running, family, vision):
        limit(vision.pid, RLIMIT_DATA, 1)
        told = family.wait_for(fault("confirmed"), 15).json["data"]
        assert told["reason"] == "out_of_memory"
        assert told["message"] == "浴室のカメラが止まりました。"
        assert told["severity"] == "warning"

        second = the_next(running, vision)
        limit(second.pid, RLIMIT_AS, 200 * MB)
        second.wait(15)
        gone_s = time.monotonic()
        third = the_next(running, second)
        assert time.monotonic() - gone_s > 0.5  # the second attempt was at once, this one waits a second
        cleared = family.wait_for(fault("cleared"), STARTS_WITHIN_S).json["data"]
        assert cleared["alarm"] == told["alarm"]
        assert cleared["message"] == "浴室のカメラが再び動き出しました。"
        assert third.is_running()

        assert running.end() == 0
        assert len(running.errors) == 2  # one sentence for each time
        for error in running.errors:
            assert "there is not enough memory to look at its pictures; run fewer cameras" in error
        assert len([message for message in family.heard if fault("confirmed")(message)]) == 1


def the_next(running: Any, last: psutil.Process) -> psutil.Process:
    """The vision process that takes the place of another one."""
    wait_for(lambda: (new := running.vision()) is not None and new.pid != last.pid, 15)
    new = running.vision()
    assert isinstance(new, psutil.Process)
    return new


@pytest.mark.parametrize(
    ("which", "megabytes"),
    [*((RLIMIT_AS, size) for size in (60, 95, 150, 300, 380)), *((RLIMIT_DATA, size) for size in (40, 80, 110, 150))],
    ids=lambda value: NAMES.get(value, str(value)),
)
def test_wherever_in_its_start_memory_ends_that_is_what_it_says(which: int, megabytes: int) -> None:
    """Not that a library is broken or a model unusable, as it looks from inside; nor nothing at all."""
    with VisionProcess(job(), show_stderr=False) as process:
        limit(process.pid, which, megabytes * MB)
        said: list[Signal] = []
        for line in process.lines():
            said.append(from_line(line))
            if isinstance(said[-1], Ready | Beat):
                break
    if isinstance(said[-1], Fault) or megabytes <= 150:  # more may suffice where libraries are smaller than here
        assert said[-1] == Fault(code=FaultCode.OUT_OF_MEMORY)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        RuntimeError(
            "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : bfc_arena.cc:376 Failed to allocate memory for 8388608"
        ),
        RuntimeError("[ONNXRuntimeError] : 1 : FAIL : CUDA failure 2: out of memory ; GPU=0 ; hostname=jetson"),
        RuntimeError("CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0"),
        ImportError("libavcodec.so.61: failed to map segment from shared object"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_each_library_says_it_in_words_of_its_own(error: Exception) -> None:
    assert memory.says_so(error)


@pytest.mark.parametrize("error", [OSError(2, "No such file"), RuntimeError("INVALID_PROTOBUF"), ValueError("memory")])
def test_other_errors_are_not_taken_for_it_while_there_is_memory(error: Exception) -> None:
    assert not memory.says_so(error)
    assert not memory.explains(error)


# -- ended by the kernel


def test_a_camera_that_the_kernel_ends_for_want_of_memory_is_told_as_that_and_comes_back(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    with a_memory_group() as squeeze, household(mosquitto, tmp_path) as (running, family, vision):
        squeeze(vision.pid, MB // 4)
        told = family.wait_for(fault("confirmed"), 15).json["data"]
        assert told["reason"] == "out_of_memory"
        cleared = family.wait_for(fault("cleared"), STARTS_WITHIN_S).json["data"]
        assert cleared["alarm"] == told["alarm"]
        # who is ended by somebody else afterwards has not run out of memory
        successor = running.vision()
        assert successor is not None
        successor.kill()
        wait_for(lambda: len(running.errors) == 2, 5)
        assert running.end() == 0
        assert "no memory was left and the kernel ended the vision process; run fewer cameras" in running.errors[0]
        assert "something ended the vision process (SIGKILL)" in running.errors[1]


def test_a_shortage_of_long_ago_explains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of another program, while this camera looked on; and then somebody ends the camera."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(vision_process, "MODULE", "tests.plain_vision")
    monkeypatch.setattr(vision_process, "JUST_NOW_S", 0.5)
    greedy = "input(); bytearray(64_000_000)"
    with a_memory_group() as squeeze, VisionProcess(job(), show_stderr=False) as camera:
        lines = camera.lines()
        with subprocess.Popen([sys.executable, "-c", greedy], stdin=subprocess.PIPE) as other:
            squeeze(other.pid, 8 * MB)
            other.communicate(b"\n")
        assert other.returncode == -signal.SIGKILL
        assert camera.memory_ran_out  # as far as anybody knows by now
        beats = 0
        while beats < 3:
            beats += isinstance(from_line(next(lines)), Beat)
        end = explain_end(camera.stop(), "clip.mp4", memory_ran_out=camera.memory_ran_out)
        assert end.trouble is Trouble.KILLED
