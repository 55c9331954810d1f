"""The vision process as the courier sees it: a job goes in, checked signals come out. It is started by name."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from semcam.contract.config import Job
from semcam.contract.signal import MAX_LINE_BYTES

MODULE = "semcam.vision"

SILENT = {
    "ORT_DISABLE_TELEMETRY": "1",  # must stand before ONNX Runtime is imported
    "OPENCV_FFMPEG_LOGLEVEL": "-8",  # decoders keep their words to themselves
}
"""In the environment of every process that looks at pictures."""
_ENVIRONMENT = {
    **SILENT,
    "MALLOC_ARENA_MAX": "1",  # glibc gives each thread a heap of its own, up to 100 MB more in all
}

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

    def lines(self) -> Iterator[bytes]:
        """Raw lines until it closes its end; none longer than the wall allows, plus one byte that shows it."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(MAX_LINE_BYTES + 1):
            yield line
            if len(line) > MAX_LINE_BYTES:
                return

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
