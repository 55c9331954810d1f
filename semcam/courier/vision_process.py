"""The vision process as the courier sees it: a job goes in, checked signals come out. It is started by name."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from semcam.contract.address import without_secrets
from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, ModelError, SemcamError, SourceError, VisionError, WallError
from semcam.contract.privacy import Layers
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

_EXPLANATIONS: dict[FaultCode, tuple[type[SemcamError], str]] = {
    FaultCode.JOB_INVALID: (VisionError, "the vision process did not understand its job; reinstall semcam"),
    FaultCode.SOURCE_MISSING: (SourceError, "{source}: no such file; check the name"),
    FaultCode.SOURCE_UNREADABLE: (
        SourceError,
        "{source}: cannot be read as a video or picture; give a file that a video player can open",
    ),
    FaultCode.SOURCE_LOST: (SourceError, "{source}: the camera gives no more pictures; check its cable"),
    FaultCode.CAMERA_UNAVAILABLE: (
        SourceError,
        "{source}: the camera does not open; check that it is plugged in, that no other program uses it, and "
        "that you are in the group video",
    ),
    FaultCode.MODEL_MISSING: (
        ModelError,
        "a model or MANIFEST.yaml is missing in the models folder; reinstall semcam or correct SEMCAM_MODELS",
    ),
    FaultCode.MODEL_ALTERED: (
        ModelError,
        "a model file is not the one in MANIFEST.yaml (its sha256 differs); reinstall semcam or run models/build.py",
    ),
    FaultCode.MODEL_UNUSABLE: (
        ModelError,
        "ONNX Runtime cannot load a model; reinstall onnxruntime or run models/build.py",
    ),
    FaultCode.MODEL_FAMILY: (
        ModelError,
        "a model under models: is not of the family that it is said to be of; run `semcam check`",
    ),
    FaultCode.MODEL_LABELS: (
        ModelError,
        "a model under models: knows another number of classes than it has labels; run `semcam check`",
    ),
    FaultCode.COMPUTE_ABSENT: (ModelError, "what compute: names does not work here; write compute: auto"),
    FaultCode.TELEMETRY_ON: (
        VisionError,
        "the vision process was started without ORT_DISABLE_TELEMETRY=1, and ONNX Runtime would report home; "
        "start it by the semcam command",
    ),
    FaultCode.CONFINEMENT_FAILED: (
        VisionError,
        "{source}: privacy: strict cannot be kept on this machine{missing}; see docs/privacy.md, "
        "or write privacy: best_effort",
    ),
    **{
        code: (
            VisionError,
            f"{{source}}: something in the vision process tried {what}; the kernel refused and the process was ended; "
            "take out the rule that was named with it, or reinstall semcam and its models",
        )
        for code, what in {
            FaultCode.TRIED_FILE: "to write to a file",
            FaultCode.TRIED_NETWORK: "to use a network",
            FaultCode.TRIED_PROGRAM: "to start a program",
            FaultCode.TRIED_PROCESS: "to reach another process",
            FaultCode.TRIED_KERNEL: "to change the machine or its own confinement",
        }.items()
    },
    FaultCode.INTERNAL: (
        VisionError,
        "{source}: the vision process met an error of its own; run `semcam replay` on a clip to see where",
    ),
}


_MISSING = {
    "limits": "limits of the process do not hold",
    "namespace": "there is no network of its own (let this user make user namespaces, or run as root)",
    "seccomp": "system calls are not filtered (use a 64-bit system whose kernel has seccomp)",
    "attacks": "an attack on itself went through",
}
"""What `strict` insists on, as it is said where it is missing."""

MOST_SHOWN_LINES, MOST_SHOWN_CHARACTERS = 200, 200


def explain(code: FaultCode, source: str, layers: Layers | None = None) -> SemcamError:
    """A fault code as the error that a person reads; `layers` is what the process said of its confinement.

    Credentials in the source's address are left out.
    """
    kind, sentence = _EXPLANATIONS[code]
    missing = ", ".join(_MISSING[name] for name in layers.missing()) if layers else ""
    return kind(sentence.format(source=without_secrets(source), missing=f": {missing}" if missing else ""))


def explain_end(exit_code: int, source: str) -> SemcamError:
    """What is said of a vision process that ended without a word."""
    if exit_code == -signal.SIGSYS:  # only who starts a process gets no chance to be named by the process itself
        return explain(FaultCode.TRIED_PROGRAM, source)
    return VisionError(f"{without_secrets(source)}: the vision process ended with exit code {exit_code}; run it again")


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


def broken(error: WallError) -> VisionError:
    """What is said when a line must not pass."""
    return VisionError(f"the vision process was ended: {error}")
