"""Which sources are camera devices, which are pipes. Needed before OpenCV is there."""

from pathlib import Path


def device_of(source: str) -> Path | None:
    """The device that a source names, if it is one."""
    return Path(source) if source.startswith("/dev/video") else None


def pipe_of(source: str) -> int | None:
    """The descriptor of the pipe that a source names, if it is one: what a relay hands on."""
    kind, mark, number = source.partition(":")
    return int(number) if kind == "pipe" and mark and number.isascii() and number.isdigit() else None
