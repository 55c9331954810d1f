"""Tells whether a decoded picture shows the watermark, though compression has changed every byte of it.

By correlation: how alike the picture and the watermark are where the watermark would be, 0 by chance and 1 where they
are the same.
"""

import numpy as np
import numpy.typing as npt

from semcam.workbench.prove.watermark import SPACING, Grey

Plane = npt.NDArray[np.float64]

WHOLE, PIECE = 0.38, 0.6
"""From here on it is the watermark. Pictures without one reach 0.05 and 0.3, with another proof's 0.3 and 0.5, JPEG
files with this one 0.39 and more as a whole at any quality, and as a piece 0.66 from a quality of 30 on."""
SMALLEST = 2 * SPACING


def shows(picture: Grey, mark: Grey) -> bool:
    """Whether a grey picture (h, w) shows the watermark (H, W): as a whole of any size, or as a piece cut out."""
    if min(picture.shape) < SMALLEST:
        return False
    return as_a_whole(picture, mark) >= WHOLE or as_a_piece(picture, mark) >= PIECE


def _across(mark: Grey) -> npt.NDArray[np.bool_]:
    """Where it runs across and is crossed by nothing: by its bytes, not by its lines, it differs from others."""
    down = np.asarray((mark > 0).all(axis=0))
    beside = down | np.roll(down, 1) | np.roll(down, -1)
    return np.asarray((mark > 0).all(axis=1))[:, None] & ~beside


def as_a_whole(picture: Grey, mark: Grey) -> float:
    """The picture may be smaller or larger than what it was made of."""
    height, width = (min(a, b) for a, b in zip(picture.shape, mark.shape, strict=True))
    inside = _resized(_across(mark), height, width) > 0.3
    seen, wanted = _resized(picture, height, width), _resized(mark, height, width)
    return _correlation(_rough(seen)[inside], _rough(wanted)[inside])


def as_a_piece(picture: Grey, mark: Grey) -> float:
    """At every place at once, by Fourier transforms; then exactly where it fits best."""
    height, width = (a + b for a, b in zip(picture.shape, mark.shape, strict=True))
    across = _across(mark)
    wanted = np.where(across, mark - mark[across].mean(), 0.0)
    product = np.fft.rfft2(wanted, (height, width)) * np.conj(np.fft.rfft2(_rough(picture), (height, width)))
    down, right = np.unravel_index(np.argmax(np.fft.irfft2(product, (height, width))), (height, width))
    part = slice(down, down + picture.shape[0]), slice(right, right + picture.shape[1])
    piece, inside = mark[part], across[part]
    if min(piece.shape) < SMALLEST or np.count_nonzero(inside) < SMALLEST:
        return 0.0
    seen = picture[: piece.shape[0], : piece.shape[1]]
    return _correlation(_rough(seen)[inside], _rough(piece)[inside])


def _rough(picture: npt.NDArray[np.generic]) -> Plane:
    """What differs from pixel to pixel along lines: the watermark does, walls and faces do not."""
    plane = picture.astype(np.float64)
    neighbours = (np.roll(plane, 1, axis=1) + np.roll(plane, -1, axis=1)) / 2
    return plane - neighbours


def _resized(picture: npt.NDArray[np.generic], height: int, width: int) -> Plane:
    """Smaller by the mean of what falls together."""
    plane = picture.astype(np.float64)
    for axis, size in ((0, height), (1, width)):
        begins = np.arange(size) * plane.shape[axis] // size
        counts = np.diff(np.append(begins, plane.shape[axis]))
        sums = np.add.reduceat(plane, begins, axis=axis)
        plane = sums / (counts[:, None] if axis == 0 else counts)
    return plane


def _correlation(seen: Plane, wanted: Plane) -> float:
    seen, wanted = seen - seen.mean(), wanted - wanted.mean()
    size = float(np.linalg.norm(seen) * np.linalg.norm(wanted))
    return float((seen * wanted).sum() / size) if size > 0 else 0.0
