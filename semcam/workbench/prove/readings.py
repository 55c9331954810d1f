"""Ways to read bytes: what a text or a packed stream holds, as the bytes that it stands for.

Each way gives readings; a reading is read again, so that a picture in a ZIP file in base64 is found.
"""

import binascii
import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

DEEPEST = 3
MOST_READ = 16 << 20
"""Bytes of all readings of one content together, and twice its own size."""
MOST_UNPACKED = 16 << 20
"""Of one stream: a small file can hold an endless number of zeros."""
SLICE = 4096


@dataclass(frozen=True, slots=True)
class Reading:
    """Bytes, and how they were come by; nothing for the bytes themselves."""

    content: bytes
    ways: tuple[str, ...] = ()

    @property
    def inside(self) -> str:
        """The same in words: ` in gzip in base64`."""
        return "".join(f" in {way}" for way in reversed(self.ways))


def readings(content: bytes) -> Iterator[Reading]:
    """The content itself, and everything that it can be read as, what is inside before what stands beside.

    What comes out of it is bounded: text that is nothing but letters could be read as text for ever.
    """
    room = [MOST_READ + 2 * len(content)]

    def read(reading: Reading) -> Iterator[Reading]:
        yield reading
        if len(reading.ways) < DEEPEST:
            for way, unwrap in WAYS.items():
                for inner in unwrap(reading.content):
                    room[0] -= len(inner)
                    if room[0] < 0:
                        return
                    yield from read(Reading(inner, (*reading.ways, way)))

    yield from read(Reading(content))


_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{11,}(?:(?:\r?\n[ \t]*|\\n)[A-Za-z0-9+/_-]{4,})*")
_LINE_ENDS = re.compile(rb"\\n|\s")
_FROM_URLS = bytes.maketrans(b"-_", b"+/")
_BETWEEN_PARTS = bytes(8)


def _base64(content: bytes) -> Iterator[bytes]:
    """Lines together; and from each of four letters on, for nobody knows with which a group begins."""
    runs = [_LINE_ENDS.sub(b"", run[0]).translate(_FROM_URLS) for run in _BASE64.finditer(content)]
    for start in range(4):
        groups = (run[start:] for run in runs)
        yield from _together(binascii.a2b_base64(group + b"A" * (-len(group) % 4)) for group in groups)


def _together(parts: Iterable[bytes]) -> Iterator[bytes]:
    """One reading, for a file can hold a great many small parts."""
    if joined := _BETWEEN_PARTS.join(parts):
        yield joined


# each pattern begins with one set of letters: so the engine skips quickly what cannot begin it
_PLAIN_HEX = re.compile(rb"[0-9a-fA-F][0-9a-fA-F]{15,}")
_BETWEEN = rb"[\s:,;|'\"-]{0,4}(?:0x|\\x|\\u00|%|&#x)?"
_SPACED_HEX = re.compile(rb"[0-9a-fA-F][0-9a-fA-F](?:" + _BETWEEN + rb"[0-9a-fA-F]{2}){7,}")
_HEX_BYTE = re.compile(rb"([0-9a-fA-F]{2})" + _BETWEEN)


def _hex(content: bytes) -> Iterator[bytes]:
    runs = [run[0].decode() for run in _PLAIN_HEX.finditer(content)]
    for start in range(2):
        yield from _together(bytes.fromhex(run[start : len(run) - (len(run) - start) % 2]) for run in runs)
    pairs = (b"".join(_HEX_BYTE.findall(run[0])).decode() for run in _SPACED_HEX.finditer(content))
    yield from _together(map(bytes.fromhex, pairs))


_OCTAL = re.compile(rb"\\[0-3][0-7]{2}(?:\\[0-3][0-7]{2}){7,}")


def _octal(content: bytes) -> Iterator[bytes]:
    runs = (run[0].split(b"\\")[1:] for run in _OCTAL.finditer(content))
    yield from _together(bytes(int(digits, 8) for digits in run) for run in runs)


_TWO_BYTE_LETTERS = re.compile(rb"[\xc2\xc3][\x80-\xbf](?:[\xc2\xc3][\x80-\xbf]){7,}")


def _letters(content: bytes) -> Iterator[bytes]:
    """Bytes that were taken for Latin letters and written as UTF-8."""
    yield from _together(run[0].decode("utf-8").encode("latin-1") for run in _TWO_BYTE_LETTERS.finditer(content))


def _zlib_heads() -> Iterator[bytes]:
    """RFC 1950: method 8, any window, no dictionary, and the two bytes together a multiple of 31."""
    for method in range(0x08, 0x79, 0x10):
        heads = (method << 8 | flags for flags in range(256) if not flags & 0x20)
        yield from (head.to_bytes(2, "big") for head in heads if head % 31 == 0)


_ZLIB = re.compile(b"|".join(map(re.escape, _zlib_heads())))


def _zlib(content: bytes) -> Iterator[bytes]:
    at = 0
    while head := _ZLIB.search(content, at):  # what looks like a head may end in a true one
        yield from _unpack(content, head.start(), zlib.decompressobj().decompress)
        at = head.start() + 1


def _gzip(content: bytes) -> Iterator[bytes]:
    for head in re.finditer(rb"\x1f\x8b\x08", content):
        yield from _unpack(content, head.start(), zlib.decompressobj(31).decompress)


def _zip(content: bytes) -> Iterator[bytes]:
    """The members of a ZIP archive that are deflated (APPNOTE.TXT, 4.3.7)."""
    for head in re.finditer(rb"PK\x03\x04", content):
        lengths = content[head.start() + 26 : head.start() + 30]
        if len(lengths) == 4:
            begin = head.start() + 30 + sum(struct.unpack("<HH", lengths))
            yield from _unpack(content, begin, zlib.decompressobj(-15).decompress)


def _bzip2(content: bytes) -> Iterator[bytes]:
    for head in re.finditer(rb"BZh[1-9]1AY&SY", content):
        yield from _unpack(content, head.start(), bz2.BZ2Decompressor().decompress)


def _xz(content: bytes) -> Iterator[bytes]:
    for head in re.finditer(rb"\xfd7zXZ\x00", content):
        yield from _unpack(content, head.start(), lzma.LZMADecompressor().decompress)


def _unpack(content: bytes, start: int, decompress: Callable[[memoryview], bytes]) -> Iterator[bytes]:
    """As far as it goes: a stream that is cut off or damaged holds something, too."""
    parts: list[bytes] = []
    for at in range(start, len(content), SLICE):
        try:
            parts.append(decompress(memoryview(content)[at : at + SLICE]))
        except (zlib.error, OSError, EOFError, lzma.LZMAError):  # damaged, or at its end
            break
        if sum(map(len, parts)) > MOST_UNPACKED:
            break
    if unpacked := b"".join(parts):
        yield unpacked


WAYS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "base64": _base64,
    "hex": _hex,
    "octal": _octal,
    "letters": _letters,
    "zlib": _zlib,
    "gzip": _gzip,
    "ZIP": _zip,
    "bzip2": _bzip2,
    "xz": _xz,
}
