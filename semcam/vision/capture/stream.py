"""Network cameras: what a relay hands on through a pipe, decoded here, where there is no network.

FFmpeg reads the pipe itself (`pipe:`), in a thread that decodes everything, because each picture builds on the one
before. OpenCV could read from a Python object as well, and would need no descriptor, but
as of 5.0 that loses 64 bytes of memory with each of its calls (`readIO` of its Python binding): hundreds of megabytes
a day.
"""

import os
import time
from collections.abc import Iterator
from typing import cast

import cv2

from semcam.contract.relay import Codec
from semcam.vision.capture.frame import Pace, Pixels
from semcam.vision.capture.live import LiveSource
from semcam.vision.capture.newest import Arrival

MOST_FAILURES = 100
"""In a row; a stream that cannot be decoded is told from one that is damaged here and there."""

_OPTIONS = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
_FORMATS = {Codec.H264: "h264", Codec.H265: "hevc", Codec.JPEG: "mjpeg"}
_AT_ONCE = "fpsprobesize;0|probesize;32"
"""FFmpeg would look at the first seconds of a stream before it gives any of it."""
_PATIENTLY = [
    # a camera may be away for days; with the usual 30 s FFmpeg would not go on afterwards
    *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 0),
    *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, 0),
    # more threads would give each picture later, by one picture each
    *(cv2.CAP_PROP_N_THREADS, 1),
]


class StreamSource(LiveSource):
    """What comes through a pipe. Its pictures are of the moment in which they arrive."""

    def __init__(self, pipe: int, fps: float, pace: Pace | None = None) -> None:
        super().__init__(fps, pace)
        self._pipe = pipe
        # FFmpeg makes a copy of it, later, when no descriptor can be had any more but one that is given back
        self._kept_free: int | None = os.dup(pipe)

    def close(self) -> None:
        """The pipe stays open as long as the process lives."""

    def _arrivals(self) -> Iterator[Arrival]:
        """Reads and decodes."""
        letter = os.read(self._pipe, 1).decode("latin-1")
        if letter not in list(Codec):
            return
        if self._kept_free is not None:
            os.close(self._kept_free)
            self._kept_free = None
        # the only way to say it, and it holds for whatever is opened in this process: not a moment longer than needed
        os.environ[_OPTIONS] = f"input_format;{_FORMATS[Codec(letter)]}|{_AT_ONCE}"
        try:
            capture = cv2.VideoCapture(f"pipe:{self._pipe}", cv2.CAP_FFMPEG, _PATIENTLY)
        finally:
            os.environ.pop(_OPTIONS, None)
        failures = 0
        while failures < MOST_FAILURES:
            if not capture.grab():
                failures += 1
                continue
            failures, taken_s = 0, time.monotonic()
            t_s = taken_s - self._began_s
            if not self._grid.wants(t_s):
                continue  # between two wanted moments: decoded, but not turned into BGR
            ok, pixels = capture.retrieve()
            if ok:
                yield Arrival(cast(Pixels, pixels), round(t_s, 3), taken_s)
