"""Finds whole JPEG pictures (ITU-T T.81, annex B) in whatever stands around them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_PICTURE_BYTES = 8 * 1024 * 1024
_BEGIN, _END, _SCAN = b"\xff\xd8\xff", 0xD9, 0xDA
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(slots=True)
class Pictures:
    """Bytes in, pictures out. Of what is longer than any picture should be, nothing is kept."""

    _bytes: bytearray = field(default_factory=bytearray)
    _at: int = 0
    """As far as this picture has been understood."""
    _in_scan: bool = False

    def put(self, some: bytes) -> Iterator[bytes]:
        """What has come; gives the pictures that are complete with it."""
        self._bytes += some
        while picture := self._take():
            yield picture
        if len(self._bytes) > MAX_PICTURE_BYTES:
            self._forget(len(self._bytes))

    def _take(self) -> bytes | None:
        if not self._at and not self._find_the_beginning():
            return None
        while (mark := self._next_mark()) is not None:
            if mark == _END:
                picture = bytes(self._bytes[: self._at])
                self._forget(self._at)
                return picture
        return None

    def _find_the_beginning(self) -> bool:
        begin = self._bytes.find(_BEGIN)
        # the beginning of a beginning may be the last that has come
        self._forget(begin if begin >= 0 else max(0, len(self._bytes) - len(_BEGIN) + 1))
        self._at = 2 if begin >= 0 else 0
        return begin >= 0

    def _next_mark(self) -> int | None:
        """Step over the next marker and what belongs to it; None where that is not all there yet."""
        at = self._at
        if self._in_scan:
            at = self._bytes.find(b"\xff", at)
            if at < 0:
                self._at = len(self._bytes)
                return None
            self._at = at
        if len(self._bytes) < at + 2:
            return None
        mark = self._bytes[at + 1]
        if self._in_scan and (mark in (0x00, 0xFF) or mark in _WITHOUT_LENGTH):
            self._at = at + (1 if mark == 0xFF else 2)
            return mark
        if self._bytes[at] != 0xFF:  # not a picture after all
            self._forget(at)
            return None
        if mark in (_END, 0xFF) or mark in _WITHOUT_LENGTH:
            self._at = at + (1 if mark == 0xFF else 2)
            return mark
        if len(self._bytes) < at + 4:
            return None
        end = at + 2 + max(2, int.from_bytes(self._bytes[at + 2 : at + 4]))
        if len(self._bytes) < end:
            return None
        self._at, self._in_scan = end, mark == _SCAN
        return mark

    def _forget(self, size: int) -> None:
        del self._bytes[:size]
        self._at, self._in_scan = 0, False
