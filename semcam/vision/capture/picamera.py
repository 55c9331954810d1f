"""The CSI cameras of a Raspberry Pi, by its own library: picamera2, from the packages of Raspberry Pi OS.

It is imported only where such a source is configured.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any, Protocol, cast

from semcam.contract.capture import Capture
from semcam.contract.errors import FaultCode, VisionFault
from semcam.vision.capture.frame import Pace, Pixels
from semcam.vision.capture.gstreamer import SYSTEM_PACKAGES
from semcam.vision.capture.live import LiveSource
from semcam.vision.capture.newest import Arrival, when_taken


class Request(Protocol):
    """One picture of picamera2, which it wants back."""

    def make_array(self, name: str) -> Pixels:
        """A copy of the pixels of one of its streams."""

    def get_metadata(self) -> dict[str, Any]:
        """What is known of it; `SensorTimestamp` in nanoseconds."""

    def release(self) -> None:
        """Hand it back."""


class Camera(Protocol):
    """What is used of picamera2.Picamera2."""

    def create_video_configuration(self, main: dict[str, Any], controls: dict[str, Any]) -> dict[str, Any]:
        """How it could be set up."""

    def configure(self, camera_config: dict[str, Any]) -> None:
        """Set it up; sizes that it cannot have are changed in what it was given."""

    def start(self) -> None:
        """Begin to take pictures."""

    def capture_request(self) -> Request:
        """The next picture, waiting for it."""

    def close(self) -> None:
        """Let it go."""


class PicameraSource(LiveSource):
    """A camera of picamera2."""

    def __init__(self, number: int, fps: float, wanted: Capture | None = None, pace: Pace | None = None) -> None:
        """Open it and set it in motion.

        Raises:
            VisionFault: picamera2 is not there, or the camera does not open.
        """
        super().__init__(fps, pace)
        self._camera = _open(number)
        asked = wanted or Capture()
        # what libcamera calls RGB888 lies in memory as blue, green, red
        rate = {"FrameRate": asked.rate or max(fps, 15.0)}
        main = {"size": (asked.width, asked.height), "format": "RGB888"}
        try:
            configured = self._camera.create_video_configuration(main=main, controls=rate)
            self._camera.configure(configured)
            self._camera.start()
        except (RuntimeError, ValueError, OSError):
            self.close()
            raise VisionFault(FaultCode.CAMERA_UNAVAILABLE) from None

    def close(self) -> None:
        """Let it go."""
        self._camera.close()

    def _arrivals(self) -> Iterator[Arrival]:
        while True:
            try:
                request = self._camera.capture_request()
            except RuntimeError:  # as picamera2 puts it when the camera has gone
                return
            try:
                stamp_s = request.get_metadata().get("SensorTimestamp", 0) / 1e9
                taken_s = when_taken(stamp_s, time.monotonic())
                t_s = max(0.0, taken_s - self._began_s)
                arrival = None
                if self._grid.wants(t_s):
                    arrival = Arrival(request.make_array("main"), round(t_s, 3), taken_s)
            finally:
                request.release()
            if arrival is not None:
                yield arrival


def _open(number: int) -> Camera:
    if SYSTEM_PACKAGES not in sys.path:
        sys.path.append(SYSTEM_PACKAGES)
    try:
        from picamera2 import Picamera2
    except ImportError:
        raise VisionFault(FaultCode.LIBRARY_MISSING) from None
    try:
        return cast(Camera, Picamera2(number))
    except (IndexError, RuntimeError):  # there are fewer cameras, or somebody else has it
        raise VisionFault(FaultCode.CAMERA_UNAVAILABLE) from None
