"""Finds the watermark in anything: any eight bytes of it in a row, however they are written down.

As bytes: side by side (a grey picture, or one plane of colour), three by three (pixels with their colours side by
side), or with others in between (whole numbers of two or four bytes, a picture with transparency), forward or
backward. As numbers, in binary or in words: as they are, or scaled as models want them. All of it also inside of
whatever else the bytes can be read as (readings.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from semcam.workbench.prove.readings import readings
from semcam.workbench.prove.watermark import LOWEST, WINDOW, Word

Bytes = npt.NDArray[np.uint8]

CHUNK = 1 << 18
OVERLAP = 256
"""More than the longest window: 8 pixels of 3 numbers of 8 bytes."""
STRIDES = (1, 2, 3, 4)
_NEVER = bytes(range(LOWEST))
"""What no watermark has."""

SCALES = {
    "": (1.0, 0.0),
    ", 0 to 1": (255.0, 0.0),
    ", -1 to 1": (127.5, 127.5),
    # mean and spread of ImageNet's colours, as most detectors are given them, NanoDet among them
    ", as blue for models": (57.375, 103.53),
    ", as green for models": (57.12, 116.28),
    ", as red for models": (58.395, 123.675),
}
"""What a number times the first plus the second is, if it was a byte."""
POSSIBLE = (1e-3, 256.0)
"""Between these lie the numbers for all bytes of the watermark, however they are scaled."""
FLOATS = {"float16": ("<f2", "<u2"), "float32": ("<f4", "<u4"), "float64": ("<f8", "<u8")}
WHOLE = {"int16": "<u2", "int32": "<u4", "int64": "<u8"}


@dataclass(frozen=True, slots=True)
class Find:
    """Eight bytes of the watermark in a row: how they are written, and where they begin."""

    form: str
    at: int


def search(content: bytes, word: Word) -> Iterator[Find]:
    """The watermark in some content, whatever it is read as; each form once for each quarter of a megabyte."""
    for reading in readings(content):
        yield from (Find(form + reading.inside, at) for form, at in forms(reading.content, word))


def forms(content: bytes, word: Word) -> Iterator[tuple[str, int]]:
    """The forms in which the watermark stands in the bytes themselves, and where."""
    for start in range(0, max(1, len(content) - OVERLAP), CHUNK):
        chunk = content[start : start + CHUNK + OVERLAP]
        if chunk.count(0) == len(chunk):  # most of a core file is empty
            continue
        if len(chunk.translate(None, _NEVER)) >= WINDOW:
            yield from ((form, start + at) for form, at in in_bytes(np.frombuffer(chunk, np.uint8), word))
        yield from ((form, start + at) for form, at in _in_binary_numbers(chunk, word))
    yield from _in_written_numbers(content, word)


def in_bytes(values: Bytes, word: Word) -> Iterator[tuple[str, int]]:
    """The first eight bytes of the watermark in a row, side by side, three by three, or with others in between."""
    for direction, backwards in (("", False), (" backwards", True)):
        table = word.followers(backwards=backwards)
        following = np.frombuffer(values.tobytes().translate(table), np.uint8)
        known = following > 0
        for stride in STRIDES:
            form = "bytes" if stride == 1 else f"every {stride}. byte"
            steps = (following[:-stride] == values[stride:]) & known[:-stride]
            yield from _first(form + direction, _rows(steps, stride, WINDOW - 1))
            if stride == 1:
                yield from _first("pixels" + direction, _triples(values, steps))


def _first(form: str, begins: npt.NDArray[np.intp]) -> Iterator[tuple[str, int]]:
    if len(begins):
        yield form, int(begins[0])


def _rows(true: npt.NDArray[np.bool_], stride: int, length: int) -> npt.NDArray[np.intp]:
    """Where so many in a row are true, each `stride` after the one before."""
    begins = np.flatnonzero(true)
    for step in range(1, length):
        begins = begins[begins + step * stride < len(true)]
        begins = begins[true[begins + step * stride]]
    return begins


def _triples(values: Bytes, onward: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Where a window of pixels begins, each byte three times; with the first, second or third of a pixel's."""
    changes = np.flatnonzero(onward)
    same = values[:-1] == values[1:] if len(changes) else onward
    found = []
    for first in range(3):  # how many bytes of its first pixel the window still holds, less one
        begins = changes - first
        begins = begins[(begins >= 0) & (begins + WINDOW - 1 <= len(same))]
        for step in range(WINDOW - 1):
            begins = begins[(onward if step % 3 == first else same)[begins + step]]
        found.append(begins)
    return np.sort(np.concatenate(found))


def _in_binary_numbers(chunk: bytes, word: Word) -> Iterator[tuple[str, int]]:
    for name, kind in WHOLE.items():
        for start, whole in _shifted(chunk, kind):
            begins = _rows(whole - LOWEST < 256 - LOWEST, 1, WINDOW)
            if len(begins) == 0:
                continue
            for form, fits in _windows(_windows_of(whole, begins).astype(np.uint8), word):
                yield from ((f"{name} {form}", start + at * whole.itemsize) for form, at in _first(form, begins[fits]))
    for name, (kind, pattern) in FLOATS.items():
        # positive floats have the order of their bit patterns: a comparison of whole numbers finds the possible ones
        low, high = np.array(POSSIBLE, kind).view(pattern)
        for start, whole in _shifted(chunk, pattern):
            begins = _rows(whole - low <= high - low, 1, WINDOW)
            for form, at in _in_numbers(_windows_of(whole.view(kind), begins), word):
                yield f"{name} {form}", start + int(begins[at]) * whole.itemsize


def _shifted(chunk: bytes, kind: str) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """The bytes as whole numbers without a sign, which may begin anywhere."""
    size = np.dtype(kind).itemsize
    for start in range(max(0, min(size, len(chunk) - WINDOW * size + 1))):
        yield start, np.frombuffer(chunk, kind, (len(chunk) - start) // size, start)


def _windows_of(numbers: npt.NDArray[Any], begins: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    windows: npt.NDArray[Any] = numbers[begins[:, None] + np.arange(WINDOW)]
    return windows


def _in_numbers(windows: npt.NDArray[Any], word: Word) -> Iterator[tuple[str, int]]:
    """Which windows (N, 8) of numbers are of the watermark, scaled in one of the ways."""
    for scale, (factor, offset) in SCALES.items():
        scaled = np.rint(windows * windows.dtype.type(factor) + windows.dtype.type(offset))
        possible = np.flatnonzero(((scaled >= LOWEST) & (scaled <= 255)).all(axis=1))
        if len(possible):
            for form, fits in _windows(scaled[possible].astype(np.uint8), word):
                yield from _first(form + scale, possible[fits])


def _windows(values: Bytes, word: Word) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """Which of these windows (N, 8) are of the watermark, side by side or three by three."""
    same = values[:, :-1] == values[:, 1:]
    for direction, backwards in (("", False), (" backwards", True)):
        following = np.frombuffer(word.followers(backwards=backwards), np.uint8)[values[:, :-1]]
        onward = (following == values[:, 1:]) & (following > 0)
        yield "bytes" + direction, onward.all(axis=1)
        for first in range(3):
            is_change = np.arange(WINDOW - 1) % 3 == first
            yield "pixels" + direction, np.where(is_change, onward, same & (following > 0)).all(axis=1)


_NUMBER = re.compile(rb"[0-9][0-9]{0,19}(?:\.[0-9]{0,20})?(?:[eE][-+]?[0-9]{1,3})?")


def _in_written_numbers(content: bytes, word: Word) -> Iterator[tuple[str, int]]:
    """Whatever stands between them: commas, brackets, words."""
    written = list(_NUMBER.finditer(content))
    numbers = np.array([float(number[0]) for number in written], np.float64)
    begins = _rows((numbers >= POSSIBLE[0]) & (numbers <= POSSIBLE[1]), 1, WINDOW)
    for form, at in _in_numbers(_windows_of(numbers, begins), word):
        yield f"decimal {form}", written[begins[at]].start()
