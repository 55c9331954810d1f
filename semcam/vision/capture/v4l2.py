"""USB and CSI cameras under Video4Linux."""

import time
from collections.abc import Iterator
from typing import cast

import cv2

from semcam.contract.capture import Capture, Given, PixelFormat
from semcam.contract.errors import FaultCode, VisionFault
from semcam.vision.capture.frame import Pace, Pixels
from semcam.vision.capture.live import LiveSource
from semcam.vision.capture.newest import Arrival, when_taken


class V4L2Source(LiveSource):
    """A camera device."""

    def __init__(self, device: str, fps: float, wanted: Capture | None = None, pace: Pace | None = None) -> None:
        """Open it and ask for the pictures that are wanted, or 640x480.

        Raises:
            VisionFault: it does not open, or gives other pictures.
        """
        super().__init__(fps, pace)
        self._capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise VisionFault(FaultCode.CAMERA_UNAVAILABLE)
        _ask(self._capture, wanted or Capture())
        if wanted and not _is_as_wanted(wanted, given := _given(self._capture)):
            self._capture.release()
            raise VisionFault(FaultCode.CAMERA_REFUSES, given=given)

    def close(self) -> None:
        """Let the device go."""
        self._capture.release()

    def _arrivals(self) -> Iterator[Arrival]:
        while self._capture.grab():
            taken_s = when_taken(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, time.monotonic())
            t_s = taken_s - self._began_s
            if t_s >= 0 and self._grid.wants(t_s):
                ok, pixels = self._capture.retrieve()
                if ok:
                    yield Arrival(cast(Pixels, pixels), round(t_s, 3), taken_s)


def _ask(capture: cv2.VideoCapture, wanted: Capture) -> None:
    if wanted.format:  # first: sizes and rates depend on it
        capture.set(cv2.CAP_PROP_FOURCC, int.from_bytes(wanted.format.value.encode("latin-1"), "little"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, wanted.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, wanted.height)
    if wanted.rate:
        capture.set(cv2.CAP_PROP_FPS, wanted.rate)
    # a queue of old frames would make every event late
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def _given(capture: cv2.VideoCapture) -> Given:
    letters = int(capture.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little", signed=True).decode("latin-1")
    rate = round(capture.get(cv2.CAP_PROP_FPS))
    return Given(
        width=_within(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        height=_within(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        format=next((each for each in PixelFormat if each.value == letters), None),
        rate=rate if 0 < rate <= 1000 else None,
    )


def _within(side: float) -> int:
    return min(max(16, int(side)), 16_384)


def _is_as_wanted(wanted: Capture, given: Given) -> bool:
    """Rates that are nearly the same are: some cameras take 29.97 pictures a second."""
    is_rate = wanted.rate is None or given.rate is None or abs(given.rate - wanted.rate) <= max(1.0, wanted.rate / 20)
    is_format = wanted.format is None or given.format is wanted.format
    return (given.width, given.height) == (wanted.width, wanted.height) and is_format and is_rate
