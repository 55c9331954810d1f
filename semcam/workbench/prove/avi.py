"""An uncompressed AVI file, written by hand: what is put into a picture comes out of the decoder bit for bit.

Microsoft's "AVI RIFF File Reference"; pictures are device-independent bitmaps: blue, green, red, from the top down,
which the negative height says (OpenCV 5.0 crashes on those from the bottom up).
"""

import struct
from typing import BinaryIO

import numpy as np

from semcam.vision.capture.frame import Pixels

_HAS_INDEX = 0x10
_KEY_FRAME = 0x10


class AviWriter:
    """Writes frames of one size; `close` completes the head. The caller opens and closes the file."""

    def __init__(self, file: BinaryIO, width: int, height: int, fps: float) -> None:
        self._file = file
        self._width, self._height, self._fps = width, height, fps
        self._line = (3 * width + 3) // 4 * 4  # each line fills whole words
        self.frames = 0
        self._write_head()

    def write(self, pixels: Pixels) -> None:
        """One picture (H, W, 3), BGR."""
        lines = np.zeros((self._height, self._line), np.uint8)
        lines[:, : 3 * self._width] = pixels.reshape(self._height, -1)
        self._file.write(struct.pack("<4sI", b"00db", lines.size))
        self._file.write(lines.data)
        self.frames += 1

    def close(self) -> None:
        """Append the index and write the head anew, for now the number of frames is known."""
        size = self._height * self._line
        index = (struct.pack("<4sIII", b"00db", _KEY_FRAME, 4 + n * (size + 8), size) for n in range(self.frames))
        self._file.write(_chunk(b"idx1", b"".join(index)))
        self._file.seek(0)
        self._write_head()

    def _write_head(self) -> None:
        size = self._height * self._line
        microseconds, rate = round(1e6 / self._fps), round(self._fps * 1000)
        main = struct.pack(
            "<14I", microseconds, 0, 0, _HAS_INDEX, self.frames, 0, 1, size, self._width, self._height, 0, 0, 0, 0
        )
        stream = struct.pack(
            "<4s4sIHHIIIIIIII4H", b"vids", b"DIB ", 0, 0, 0, 0, 1000, rate, 0, self.frames, size, 0, 0,
            0, 0, self._width, self._height,
        )  # fmt: skip
        bitmap = struct.pack("<IiiHHIIiiII", 40, self._width, -self._height, 1, 24, 0, size, 0, 0, 0, 0)
        lists = _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", bitmap))
        head = _list(b"hdrl", _chunk(b"avih", main) + lists)
        pictures = 4 + self.frames * (size + 8)
        index = 8 + 16 * self.frames
        self._file.write(struct.pack("<4sI4s", b"RIFF", 4 + len(head) + 8 + pictures + index, b"AVI "))
        self._file.write(head + struct.pack("<4sI4s", b"LIST", pictures, b"movi"))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content


def _list(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI4s", b"LIST", len(content) + 4, name) + content
