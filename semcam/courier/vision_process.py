"""The vision process as the courier sees it: a job goes in, checked signals come out. It is started by name."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from semcam.contract.config import Job
from semcam.contract.heat import COOL, HOT
from semcam.contract.signal import MAX_LINE_BYTES

MODULE = "semcam.vision"

SILENT = {
    "ORT_DISABLE_TELEMETRY": "1",  # must stand before ONNX Runtime is imported
    "OPENCV_FFMPEG_LOGLEVEL": "-8",  # decoders keep their words to themselves
    "OPENBLAS_NUM_THREADS": "1",  # NumPy's products are small: more threads only wait for each other, and loudly
}
"""In the environment of every process that looks at pictures."""
_ENVIRONMENT = {
    **SILENT,
    "MALLOC_ARENA_MAX": "1",  # glibc gives each thread a heap of its own, up to 100 MB more in all
    # what is larger comes from outside the heap and leaves no holes in it (15 MB a camera); pictures of 640×480 are
    # smaller: fetched from the kernel each time, they cost a fifth of what an empty room does
    "MALLOC_MMAP_THRESHOLD_": "1048576",
}

ENDS_WITHIN_S = 1.0
"""From when a process closes its end: what the kernel takes to clear up after one that was killed."""
JUST_NOW_S = 10.0
"""The kernel may have ended another process for want of memory months ago; that explains nothing of today."""
MOST_SHOWN_LINES, MOST_SHOWN_CHARACTERS = 200, 200


@dataclass(frozen=True, slots=True)
class Around:
    """As what and where the process runs, for whoever wants to look at it closely (`semcam prove`)."""

    module: str
    folder: Path
    environment: Mapping[str, str]
    hear: Callable[[bytes], None]
    """Takes whatever it says on stderr, from a thread of its own."""


class VisionProcess:
    """One run of the vision process. `lines` must be read by one thread; `stop` may be called by another."""

    def __init__(self, job: Job, *, show_stderr: bool, pipe: int | None = None, around: Around | None = None) -> None:
        """Start it. `show_stderr` shows what it says of its own errors; otherwise that is discarded.

        Either way it gets no descriptor that leads to a file or a terminal. Where pictures come through a `pipe`, it is
        told of that and not of their source. `around` is for who looks at it closely.
        """
        if pipe is not None:
            job = job.model_copy(update={"source": f"pipe:{pipe}"})
        self._process = subprocess.Popen(
            [sys.executable, "-m", around.module if around else MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if show_stderr or around else subprocess.DEVNULL,
            cwd=around.folder if around else None,
            env={**os.environ, **_ENVIRONMENT, **(around.environment if around else {})},
            pass_fds=[] if pipe is None else [pipe],
            start_new_session=True,  # Ctrl-C is for the courier, which ends vision in order
        )
        self._counted_s = time.monotonic()
        self._ended_before = self._ended_lately = _ended_for_memory()
        show = partial(_pass_on, hear=around.hear) if around else _show
        self._shower = threading.Thread(target=show, args=(self._process.stderr,), daemon=True)
        if self._process.stderr:
            self._shower.start()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(job.model_dump_json().encode() + b"\n")
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended already; its exit is found when its lines are read

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def state(self) -> str:
        """What the kernel says that it is doing, in one letter (proc(5)): R, S, D, T; empty where it is gone."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2][:1]
        except OSError:
            return ""

    @property
    def memory_ran_out(self) -> bool:
        """Whether the kernel has just now, while this one ran, ended a process for want of memory."""
        return _ended_for_memory() > self._ended_before

    def lines(self) -> Iterator[bytes]:
        """Raw lines until it closes its end; none longer than the wall allows, plus one byte that shows it."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(MAX_LINE_BYTES + 1):
            self._count()
            yield line
            if len(line) > MAX_LINE_BYTES:
                return

    def _count(self) -> None:
        """Not each time: its last words may be read when the kernel has ended it already."""
        now_s = time.monotonic()
        if now_s - self._counted_s >= JUST_NOW_S:
            self._counted_s = now_s
            self._ended_before, self._ended_lately = self._ended_lately, _ended_for_memory()

    def ended(self) -> int:
        """With which code it ended, now that it has closed its end; it is ended where it has only done that."""
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return self.wait()

    def warn_of_heat(self, *, is_hot: bool) -> None:
        """Have it look at fewer pictures, or at as many as before; only once it has said that it is ready."""
        self._process.send_signal(HOT if is_hot else COOL)

    def stop(self) -> int:
        """End it, and say with which code it ended; negative for a signal. It holds nothing that is worth a goodbye."""
        self._process.kill()
        return self.wait()

    def hang_up(self) -> None:
        """Listen no longer; the process ends when it next speaks."""
        assert self._process.stdout is not None
        self._process.stdout.close()

    def wait(self) -> int:
        """Wait for its end of its own accord."""
        code = self._process.wait()
        if self._shower.is_alive():
            self._shower.join()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.hang_up()


def _ended_for_memory() -> int:
    """How many processes of this machine the kernel has ended so far (Documentation/filesystems/proc.rst, vmstat)."""
    try:
        counts = dict(line.split() for line in Path("/proc/vmstat").read_text().splitlines())
    except OSError:
        return 0
    return int(counts.get("oom_kill", 0))


def _show(words: BinaryIO) -> None:
    """Pass on what a vision process says of its errors, within limits; the rest is read and dropped."""
    with words:
        shown = 0
        while line := words.readline(MOST_SHOWN_CHARACTERS):
            if shown < MOST_SHOWN_LINES:
                shown += 1
                sys.stderr.write("".join(chr(byte) for byte in line if 0x20 <= byte < 0x7F) + "\n")


def _pass_on(words: BinaryIO, hear: Callable[[bytes], None]) -> None:
    with words:
        while part := words.readline(1 << 16):
            hear(part)
