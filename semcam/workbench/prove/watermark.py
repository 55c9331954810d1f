"""The watermark: a word of bytes that nobody can have by chance, and where it stands in a picture.

It is grey, so that it is the same in every colour plane, in any order of colours and in every formula for grey. All
its bytes are above ASCII, so that no text holds them. Each proof makes a word of its own: what is found was in this
proof's clip and nowhere else.
"""

import hashlib
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]

LENGTH = 61
"""A prime number: no line of a picture is a multiple of it, so neighbouring lines differ."""
LOWEST = 128
LEAST_STEP = 9
"""Between neighbours: smooth things, such as gradients and padding, never look like the word."""
WINDOW = 8
"""So many bytes of it in a row are a find."""
SPACING = 32
"""Pixels from one line of the watermark to the next: whatever is cut out of a picture and larger holds some of it."""
FIRST = 15


@dataclass(frozen=True, slots=True)
class Word:
    """Different bytes in an order of their own, read round and round."""

    values: tuple[int, ...]

    @classmethod
    def from_key(cls, key: bytes) -> "Word":
        """The same key gives the same word."""
        chance = random.Random(key)
        while True:
            left = chance.sample(range(LOWEST, 256), 128)
            values = [left.pop()]
            while len(values) < LENGTH:
                fitting = [value for value in left if abs(value - values[-1]) >= LEAST_STEP]
                if not fitting:
                    break
                left.remove(fitting[0])
                values.append(fitting[0])
            if len(values) == LENGTH and abs(values[0] - values[-1]) >= LEAST_STEP:
                return cls(tuple(values))

    @property
    def fingerprint(self) -> str:
        """Names the word without saying it: a receipt must not hold what is searched for."""
        return hashlib.sha256(bytes(self.values)).hexdigest()[:16]

    def followers(self, *, backwards: bool = False) -> bytes:
        """256 bytes: after each byte of the word the one that comes next; after all others, 0."""
        order = self.values[::-1] if backwards else self.values
        table = bytearray(256)
        for value, following in zip(order, (*order[1:], order[0]), strict=True):
            table[value] = following
        return bytes(table)

    def line(self, length: int, start: int, step: int = 1) -> Grey:
        """The word over so many pixels, from one of its bytes on; each byte for `step` pixels."""
        return np.array(self.values, np.uint8)[(np.arange(length) // step + start) % LENGTH]


def layout(word: Word, height: int, width: int) -> Grey:
    """The watermark of a picture (H, W); 0 where the picture stays as it is.

    A lattice: fine lines across and down, one byte a pixel, which are there in pictures that were turned or mirrored;
    and beside those across coarse ones, two pixels a byte, which are whole in a picture of half the size, such as the
    pose model is given.
    """
    mark = np.zeros((height, width), np.uint8)
    for number, x in enumerate(range(FIRST, width, SPACING)):
        mark[:, x] = word.line(height, 7 * number)
    for number, y in enumerate(range(FIRST, height, SPACING)):
        mark[y] = word.line(width, 11 * number)
        mark[y + 1 : y + 3] = word.line(width, 13 * number, step=2)
    return mark


def put(mark: Grey, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A picture (H, W, 3) with the watermark in it."""
    grey = mark[:, :, None]
    return np.where(grey > 0, grey, pixels)
