"""Which sources are camera devices. Needed before OpenCV is there."""

from pathlib import Path


def device_of(source: str) -> Path | None:
    """The device that a source names, if it is one."""
    return Path(source) if source.startswith("/dev/video") else None
