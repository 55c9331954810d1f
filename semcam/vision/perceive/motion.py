"""Whether a picture still shows what it showed when it was last looked at: the cheap glance before the models.

It is compared with the picture of the last *look*, not with the last picture: whoever moves a millimetre at a time
adds up. What changes everywhere alike, a cloud or a camera that adapts to the light, is taken out first.
"""

from functools import cache

import cv2
import numpy as np

from semcam.tracking.observation import Floats
from semcam.vision.capture.frame import Frame

CELLS = (64, 48)
"""Columns and rows of the grid; a person at 0.15 of the picture's height covers some 20 cells."""
TOGETHER = (3, 3)
"""Cells that are taken together."""
LEAST, MOST = 2.5, 6.0
"""Grey levels, of 255, by which they must differ: more where the picture is noisy, never more than `MOST`."""
NOISES = 6.0
"""So many times the usual difference all over the picture is no noise."""


class Glance:
    """Keeps the last two pictures small, in this process only: often one of them is asked about again."""

    def __init__(self) -> None:
        self._small: tuple[tuple[Frame, Floats], ...] = ()

    def has_changed(self, then: Frame, now: Frame) -> bool:
        """Whether anything is not as it was `then`."""
        before, after = self._of(then), self._of(now)
        self._small = ((then, before), (now, after))
        # a body covers several cells that lie together; grain does not
        difference = np.abs(cv2.blur(_in_the_light_of(before, after) - after, TOGETHER))
        # the median of absolute deviations, as a standard deviation of normal noise
        noise = 1.4826 * float(np.median(difference))
        return bool(difference.max() > min(max(LEAST, NOISES * noise), MOST))

    def _of(self, frame: Frame) -> Floats:
        for known, small in self._small:
            if known is frame:
                return small
        return _small(frame)


def _small(frame: Frame) -> Floats:
    grey = cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY)
    # by halves as far as that goes, which OpenCV does ten times as fast as any other ratio
    while grey.shape[1] >= 4 * CELLS[0] and grey.shape[0] >= 4 * CELLS[1]:
        even = grey[: grey.shape[0] // 2 * 2, : grey.shape[1] // 2 * 2]
        grey = cv2.resize(even, (even.shape[1] // 2, even.shape[0] // 2), interpolation=cv2.INTER_AREA)
    # the last step in fractions: noise is told by fractions of a grey level
    rows, columns = _shares(grey.shape[0], CELLS[1]), _shares(grey.shape[1], CELLS[0])
    return np.asarray(rows @ grey.astype(np.float32) @ columns.T, np.float32)


@cache
def _shares(pixels: int, cells: int) -> Floats:
    """(cells, pixels): which share of a cell each pixel of a row has; cells may cut pixels in two.

    As a product, what OpenCV's INTER_AREA does takes a fifth of the time.
    """
    edges = np.linspace(0, pixels, cells + 1)
    left, right = edges[:-1, None], edges[1:, None]
    pixel = np.arange(pixels)
    covered = np.clip(np.minimum(right, pixel + 1) - np.maximum(left, pixel), 0, None)
    return np.asarray(covered * cells / pixels, np.float32)


def _in_the_light_of(then: Floats, now: Floats) -> Floats:
    """`then` as it would look in the light of `now`: one gain and one offset for all cells, by least squares."""
    then_mean, now_mean = float(then.mean()), float(now.mean())
    spread = then - then_mean
    power = float((spread * spread).sum())
    gain = float((spread * (now - now_mean)).sum()) / power if power else 1.0
    return np.asarray(gain * spread + now_mean, np.float32)
