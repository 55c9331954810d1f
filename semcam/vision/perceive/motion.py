"""Whether a picture still shows what it showed when it was last looked at: the cheap glance before the models.

It is compared with the picture of the last *look*, not with the last picture: whoever moves a millimetre at a time
adds up. What changes everywhere alike, a cloud or a camera that adapts to the light, is taken out first.
"""

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
    """Remembers one small grey picture, in this process only."""

    def __init__(self) -> None:
        self._then: Floats | None = None
        self._now: Floats | None = None

    def has_changed(self, frame: Frame) -> bool:
        """Whether anything in this picture is not as it was when `remember` was last called; True before that."""
        grey = cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY)
        # in two steps, the second one in fractions: noise is told by fractions of a grey level
        half = cv2.resize(grey, (2 * CELLS[0], 2 * CELLS[1]), interpolation=cv2.INTER_AREA).astype(np.float32)
        self._now = cv2.resize(half, CELLS, interpolation=cv2.INTER_AREA).astype(np.float32)
        if self._then is None:
            return True
        # a body covers several cells that lie together; grain does not
        difference = np.abs(cv2.blur(_in_the_light_of(self._then, self._now) - self._now, TOGETHER))
        # the median of absolute deviations, as a standard deviation of normal noise
        noise = 1.4826 * float(np.median(difference))
        return bool(difference.max() > min(max(LEAST, NOISES * noise), MOST))

    def remember(self) -> None:
        """The picture that was just judged is looked at: compare the next ones with it."""
        self._then = self._now


def _in_the_light_of(then: Floats, now: Floats) -> Floats:
    """`then` as it would look in the light of `now`: one gain and one offset for all cells, by least squares."""
    then_mean, now_mean = float(then.mean()), float(now.mean())
    spread = then - then_mean
    power = float((spread * spread).sum())
    gain = float((spread * (now - now_mean)).sum()) / power if power else 1.0
    return np.asarray(gain * spread + now_mean, np.float32)
