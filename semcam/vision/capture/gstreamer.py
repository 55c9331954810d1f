"""Whatever GStreamer can open: the CSI cameras of a Jetson (nvarguscamerasrc) and others.

Through PyGObject, from the packages of the system: OpenCV's wheels are built without GStreamer. It is imported only
where such a source is configured.
"""

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from semcam.contract.errors import FaultCode, VisionFault
from semcam.vision.capture.frame import Pace, Pixels
from semcam.vision.capture.live import LiveSource
from semcam.vision.capture.newest import Arrival, when_taken

SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
"""Where Debian and its like keep PyGObject, which cannot be had from PyPI without a compiler."""
OPENS_WITHIN_S = 15.0
_LOOK_EVERY_S = 1.0
_SINK = "videoconvert ! video/x-raw,format=BGR ! appsink name=semcam max-buffers=1 drop=true sync=false"


class GStreamerSource(LiveSource):
    """A pipeline that ends in pictures."""

    def __init__(self, pipeline: str, fps: float, pace: Pace | None = None) -> None:
        """Build it and set it in motion.

        Raises:
            VisionFault: GStreamer is not there, does not understand the pipeline, or cannot start it.
        """
        self._gst = _gstreamer()
        super().__init__(fps, pace)
        try:
            self._pipeline = self._gst.parse_launch(f"{pipeline} ! {_SINK}")
        except Exception:  # GLib.Error, which exists only where PyGObject does
            raise VisionFault(FaultCode.PIPELINE_WRONG) from None
        self._sink = self._pipeline.get_by_name("semcam")
        self._pipeline.set_state(self._gst.State.PLAYING)
        state, _, _ = self._pipeline.get_state(int(OPENS_WITHIN_S * self._gst.SECOND))
        if state in (self._gst.StateChangeReturn.FAILURE, self._gst.StateChangeReturn.ASYNC):
            self.close()
            raise VisionFault(FaultCode.CAMERA_UNAVAILABLE)

    def close(self) -> None:
        """Stop it."""
        self._pipeline.set_state(self._gst.State.NULL)

    def _arrivals(self) -> Iterator[Arrival]:
        while True:
            sample = self._sink.try_pull_sample(int(_LOOK_EVERY_S * self._gst.SECOND))
            if sample is None:
                if self._has_ended():
                    return
                continue
            taken_s = self._when_taken(sample.get_buffer())
            t_s = max(0.0, taken_s - self._began_s)
            if self._grid.wants(t_s):
                yield Arrival(_pixels(sample), round(t_s, 3), taken_s)

    def _when_taken(self, buffer: Any) -> float:
        """A live source stamps its pictures by the pipeline's clock, which is the monotonic one."""
        now_s = time.monotonic()
        if buffer.pts == self._gst.CLOCK_TIME_NONE:
            return now_s
        return when_taken((self._pipeline.get_base_time() + buffer.pts) / 1e9, now_s)

    def _has_ended(self) -> bool:
        kinds = self._gst.MessageType.ERROR | self._gst.MessageType.EOS
        return self._sink.is_eos() or self._pipeline.get_bus().pop_filtered(kinds) is not None


def _gstreamer() -> Any:
    """GStreamer's module, ready for use."""
    os.environ["GST_REGISTRY_FORK"] = "no"  # it would start a program to look at its plugins
    if SYSTEM_PACKAGES not in sys.path:
        sys.path.append(SYSTEM_PACKAGES)  # behind everything else: nothing of ours is taken from there
    try:
        import gi

        gi.require_version("Gst", "1.0")
        gi.require_version("GstApp", "1.0")
        from gi.repository import Gst, GstApp  # noqa: F401 -- gives the sink its methods
    except (ImportError, ValueError):
        raise VisionFault(FaultCode.LIBRARY_MISSING) from None
    Gst.init(None)
    return Gst


def _pixels(sample: Any) -> Pixels:
    """A picture of its own; GStreamer pads each row to a multiple of four bytes."""
    buffer, shape = sample.get_buffer(), sample.get_caps().get_structure(0)
    width, height = shape.get_value("width"), shape.get_value("height")
    rows = np.frombuffer(buffer.extract_dup(0, buffer.get_size()), np.uint8).reshape(height, -1)
    return np.ascontiguousarray(rows[:, : 3 * width]).reshape(height, width, 3)
