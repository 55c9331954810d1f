"""A few hundred numbers that a picture leaves behind: enough to tell whether the camera sees, too few for a picture."""

from dataclasses import dataclass

import cv2
import numpy as np

from semcam.tracking.observation import Floats
from semcam.vision.capture.frame import Frame, Pixels

BLOCKS = (6, 8)
"""Rows and columns of blocks; each can be known again, or not."""
_SIDE = 4
"""Cells along each side of a block."""
_CELLS = (BLOCKS[1] * _SIDE, BLOCKS[0] * _SIDE)
"""Columns and rows. A cell is 3 % of the picture: a knock that matters moves an edge into another one."""
_SIZES = ((320, 240), (160, 120), (80, 60), (40, 30))
_BLACK = 12.0
"""Grey levels, of 255, that are added before anything is divided by brightness: noise of the dark is no structure."""
_OVEREXPOSED = 250
_EDGE = 0.08
"""Contrast of neighbouring hundredths of the picture, relative to its brightness, that counts as an edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Impression:
    """What is kept of one picture. All contrasts are relative to brightness: a lamp or the exposure changes little."""

    t_s: float
    light: float
    """Brightness of its bright parts, 0 to 255: the 95th percentile of cells."""
    mean: float
    """Brightness on average, 0 to 255."""
    glare: float
    """Share of it that is overexposed."""
    spread: float
    """Standard deviation of its brightness, without fine detail."""
    has_edges: bool
    """Whether there is an edge anywhere."""
    sharpness: float
    """Fine detail over coarse: sharp pictures have 0.3 to 1.5, whatever they show."""
    colour: float
    """How colourful it is; infrared has 0."""
    edges: Floats
    """(6, 8, 2, 16): for each block, how strong vertical and horizontal edges are in each of its cells."""
    block_light: Floats
    """(6, 8): brightness, 0 to 255."""
    hues: Floats
    """(6, 8, 2): blue and red, each over green, relative to brightness."""


def impression_of(frame: Frame) -> Impression:
    """The numbers of one picture, which cost half a millisecond."""
    colour = _reduced(frame.pixels)
    grey = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    half = cv2.resize(grey, _SIZES[1], interpolation=cv2.INTER_AREA)
    quarter = cv2.resize(half, _SIZES[2], interpolation=cv2.INTER_AREA).astype(np.float32)
    eighth = cv2.resize(quarter, _SIZES[3], interpolation=cv2.INTER_AREA)
    cells = cv2.resize(quarter, _CELLS, interpolation=cv2.INTER_AREA)
    edges = np.stack([_edges(quarter, axis) for axis in (1, 0)]).astype(np.float32) / (cells + np.float32(_BLACK))
    mixed = cv2.resize(colour, BLOCKS[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    blue, green, red = np.moveaxis(mixed, 2, 0)
    hues = np.stack([blue - green, red - green], axis=2) / (mixed.mean(axis=2, keepdims=True) + _BLACK)
    return Impression(
        t_s=frame.t_s,
        light=float(np.partition(cells, -cells.size // 20, axis=None)[-cells.size // 20]),
        mean=float(cells.mean()),
        glare=float(np.count_nonzero(grey >= _OVEREXPOSED) / grey.size),
        spread=float(quarter.std()),
        has_edges=bool((edges.sum(axis=0) > _EDGE).any()),
        sharpness=_detail(np.asarray(half, np.float32)) / (_detail(np.asarray(eighth, np.float32)) + 1e-3),
        colour=float(np.abs(hues).mean()),
        edges=_in_blocks(np.asarray(edges, np.float32)),
        block_light=_in_blocks(np.asarray(cells[None], np.float32)).mean(axis=(2, 3), dtype=np.float32),
        hues=hues.astype(np.float32),
    )


def checksum_of(pixels: Pixels) -> int:
    """The sum of all 64-bit words: a picture that comes again has the same, and noise never gives it twice."""
    flat = np.ascontiguousarray(pixels).reshape(-1)
    words = flat[: flat.size // 8 * 8].view(np.uint64)
    return int(np.add.reduce(words)) + int(flat[words.size * 8 :].sum())


def _reduced(pixels: Pixels) -> Pixels:
    """At 320×240, whatever the shape: it is only ever compared with itself."""
    if pixels.shape[0] > 2 * _SIZES[0][1]:
        # of a large picture a part of the pixels will do, and costs a tenth
        pixels = np.asarray(cv2.resize(pixels, (640, 480), interpolation=cv2.INTER_NEAREST), np.uint8)
    return np.asarray(cv2.resize(pixels, _SIZES[0], interpolation=cv2.INTER_AREA), np.uint8)


def _edges(grey: Floats, axis: int) -> Floats:
    """Mean difference between neighbours along an axis, in each cell."""
    end = grey[:, -1:] if axis else grey[-1:]
    difference = np.abs(np.diff(grey, axis=axis, append=end))
    return np.asarray(cv2.resize(difference, _CELLS, interpolation=cv2.INTER_AREA), np.float32)


def _detail(grey: Floats) -> float:
    """Mean deviation of each pixel from those around it."""
    return float(np.abs(grey - cv2.blur(grey, (3, 3))).mean())


def _in_blocks(cells: Floats) -> Floats:
    """(K, 24, 32) as (6, 8, K, 16)."""
    rows, columns = BLOCKS
    parts = cells.reshape(-1, rows, _SIDE, columns, _SIDE).transpose(1, 3, 0, 2, 4)
    return np.ascontiguousarray(parts.reshape(rows, columns, -1, _SIDE * _SIDE), np.float32)
