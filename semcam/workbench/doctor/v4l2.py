"""What a camera device says of itself: its name and the formats it has.

Numbers and layouts of Video4Linux as the kernel's own manual gives them (userspace-api/media/v4l).
"""

import fcntl
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from semcam.contract.base import Frozen

_QUERYCAP, _ENUM_FMT, _ENUM_FRAMESIZES = 0x8068_5600, 0xC040_5602, 0xC02C_564A
_CAPTURE = 1
"""V4L2_BUF_TYPE_VIDEO_CAPTURE, and the same number as a capability: V4L2_CAP_VIDEO_CAPTURE."""
_CAN_CAPTURE = 0x1 | 0x1000
"""With one plane or with several."""
_HAS_DEVICE_CAPS = 0x8000_0000
_DISCRETE = 1
_MOST = 64
"""Formats, and sizes of each: no driver has as many."""

_CAPABILITY = struct.Struct("=16s32s32sIII12x")
_FORMAT = struct.Struct("=III32s4s16x")
_SIZE = struct.Struct("=I4sI6I8x")

Ask = Callable[[int, bytearray], None]
"""The device's ioctl: a request, and what is handed over and written back. OSError where there is no more."""


class Format(Frozen):
    """One way in which a camera packs its pictures."""

    name: str
    """Four letters, such as YUYV or MJPG."""
    sizes: tuple[str, ...]
    """Such as 640x480; or from the smallest to the largest."""


@dataclass(frozen=True, slots=True)
class Device:
    """A camera device."""

    card: str
    captures: bool
    """Whether it gives pictures: a camera has further devices for other things."""
    formats: tuple[Format, ...]


def look_at(device: str) -> Device:
    """Ask a device; it is not disturbed by that while another program uses it.

    Raises:
        OSError: it cannot be opened, or is no camera.
    """
    fd = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return read_device(lambda request, content: _ask(fd, request, content))
    finally:
        os.close(fd)


def read_device(ask: Ask) -> Device:
    """What it answers.

    Raises:
        OSError: it is no camera.
    """
    content = bytearray(_CAPABILITY.size)
    ask(_QUERYCAP, content)
    _, card, _, _, capabilities, own = _CAPABILITY.unpack(content)
    captures = bool((own if capabilities & _HAS_DEVICE_CAPS else capabilities) & _CAN_CAPTURE)
    return Device(_word(card), captures, tuple(_formats(ask)))


def _formats(ask: Ask) -> Iterator[Format]:
    for index in range(_MOST):
        content = bytearray(_FORMAT.pack(index, _CAPTURE, 0, b"", b""))
        try:
            ask(_ENUM_FMT, content)
        except OSError:  # that was the last one
            return
        code = _FORMAT.unpack(content)[4]
        yield Format(name=_word(code), sizes=tuple(_sizes(ask, code)))


def _sizes(ask: Ask, code: bytes) -> Iterator[str]:
    for index in range(_MOST):
        content = bytearray(_SIZE.pack(index, code, 0, 0, 0, 0, 0, 0, 0))
        try:
            ask(_ENUM_FRAMESIZES, content)
        except OSError:
            return
        _, _, kind, *numbers = _SIZE.unpack(content)
        if kind == _DISCRETE:
            yield f"{numbers[0]}x{numbers[1]}"
        else:
            width, most_wide, _, height, most_high, _ = numbers
            yield f"{width}x{height} to {most_wide}x{most_high}"
            return


def _ask(fd: int, request: int, content: bytearray) -> None:
    fcntl.ioctl(fd, request, content)


def _word(content: bytes) -> str:
    """Up to its end, without what a terminal should not get."""
    letters = content.partition(b"\0")[0].decode("ascii", "replace").strip()
    return "".join(letter if letter.isprintable() else "?" for letter in letters)
