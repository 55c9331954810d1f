"""Pictures and videos in bytes, by the marks that their formats begin with."""

import re
from collections.abc import Iterator

# JPEG has three bytes of its own at the beginning, which chance has as well: its segments are walked (ITU-T T.81, B)
_HEADS = {
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WebP": re.compile(rb"RIFF[\x00-\xff]{4}WEBPVP8"),
    "AVI": re.compile(rb"RIFF[\x00-\xff]{4}AVI LIST"),
    "MP4": re.compile(rb"\x00\x00\x00[\x10-\x40]ftyp[a-zA-Z0-9 ]{4}"),
    "Matroska": re.compile(rb"\x1a\x45\xdf\xa3[\x80-\xff\x01]"),
    "BMP": re.compile(rb"BM[\x00-\xff]{4}\x00{4}[\x00-\xff]{2}\x00\x00[\x0c\x28\x38\x40\x6c\x7c]\x00{3}"),
    "netpbm": re.compile(rb"P[56]\s+\d{1,5}\s+\d{1,5}\s+255\s"),
}
_JPEG = re.compile(rb"\xff\xd8\xff")
_QUANTISATION, _SCAN, _END = 0xDB, 0xDA, b"\xff\xd9"

MOST_BYTES = 16 << 20
"""Of one picture."""


def pictures(content: bytes) -> Iterator[tuple[str, int]]:
    """The format and the beginning of each picture or video."""
    for head in _JPEG.finditer(content):
        if _is_jpeg(content, head.start()):
            yield "JPEG", head.start()
    for name, pattern in _HEADS.items():
        yield from ((name, head.start()) for head in pattern.finditer(content))


def cut_out(content: bytes, kind: str, start: int) -> bytes:
    """One picture as a file of its own; where its end is not known, with what follows, which decoders overlook."""
    end = content.find(_END, start) + 2 if kind == "JPEG" else 0
    return content[start : end if end > 2 else start + MOST_BYTES]


def _is_jpeg(content: bytes, start: int) -> bool:
    """Whether segments follow one another up to a scan, and a table of quantisation is among them."""
    at, has_table = start + 2, False
    while content[at : at + 1] == b"\xff" and at + 4 <= len(content):
        marker, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _SCAN:
            return has_table
        if marker < 0xC0 or size < 2:
            return False
        has_table = has_table or marker == _QUANTISATION
        at += 2 + size
    return False
