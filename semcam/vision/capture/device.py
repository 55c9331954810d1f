"""Which sources are camera devices, pipes, or cameras behind a library. Needed before OpenCV is there."""

import re
from pathlib import Path


def device_of(source: str) -> Path | None:
    """The device that a source names, if it is one."""
    return Path(source) if source.startswith("/dev/video") else None


def pipe_of(source: str) -> int | None:
    """The descriptor of the pipe that a source names, if it is one: what a relay hands on."""
    return _number_behind("pipe:", source)


def picamera_of(source: str) -> int | None:
    """The number of the camera that picamera2 shall open, if the source is one."""
    return _number_behind("picamera2://", source)


def pipeline_of(source: str) -> str | None:
    """The GStreamer pipeline that a source names, if it is one, without its sink."""
    return source.removeprefix("gst:").strip() if source.startswith("gst:") else None


_OF_LIBCAMERA = ("media*", "video*", "v4l-subdev*", "dma_heap/*")
_NAMED = re.compile(r"""device=["']?(/dev/[\w/-]+)""")


def devices_behind(source: str, dev: Path = Path("/dev")) -> tuple[Path, ...] | None:
    """The devices that a library opens for a source: those that a pipeline names; None where no library does."""
    if (pipeline := pipeline_of(source)) is not None:
        return tuple(map(Path, _NAMED.findall(pipeline)))
    if picamera_of(source) is not None:
        return tuple(device for pattern in _OF_LIBCAMERA for device in sorted(dev.glob(pattern)))
    return None


def _number_behind(mark: str, source: str) -> int | None:
    number = source.removeprefix(mark)
    return int(number) if source.startswith(mark) and number.isascii() and number.isdigit() else None
