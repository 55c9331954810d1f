"""USB and CSI cameras under Video4Linux."""

import time
from collections.abc import Iterator
from typing import cast

import cv2

from semcam.contract.errors import FaultCode, VisionFault
from semcam.vision.capture.frame import Frame, Pixels

WIDTH, HEIGHT = 640, 480


class V4L2Source:
    """A camera device. Frames carry seconds since it was opened, by the monotonic clock."""

    length_s = 0.0

    def __init__(self, device: str, fps: float) -> None:
        self._period_s = 1 / fps
        self._capture = cv2.VideoCapture(device, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise VisionFault(FaultCode.CAMERA_UNAVAILABLE)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        # a queue of old frames would make every event late
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def frames(self) -> Iterator[Frame]:
        """Frames at the wanted rate; those in between are taken from the driver and dropped.

        Raises:
            VisionFault: the camera gives no more frames.
        """
        began = time.monotonic()
        due_s, index = 0.0, 0
        while self._capture.grab():
            t_s = time.monotonic() - began
            if t_s < due_s - self._period_s / 4:
                continue
            ok, pixels = self._capture.retrieve()
            if ok:
                yield Frame(cast(Pixels, pixels), round(t_s, 3), index)
                index += 1
            due_s = max(due_s + self._period_s, t_s)
        raise VisionFault(FaultCode.SOURCE_LOST)

    def close(self) -> None:
        """Let the device go."""
        self._capture.release()
