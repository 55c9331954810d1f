"""Whether the camera sees anything at all."""

import cv2

from semcam.contract.signal import View
from semcam.vision.capture.frame import Frame

DARK, BRIGHT = 12.0, 243.0
"""Mean brightness, of 255, below or above which a picture says nothing."""
FLAT = 4.0
"""Standard deviation of brightness, of 255, of a covered or fogged lens."""


def judge_view(frame: Frame) -> View:
    """One word on the picture as a whole."""
    small = cv2.resize(frame.pixels, (64, 48), interpolation=cv2.INTER_AREA)
    mean, deviation = cv2.meanStdDev(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))
    brightness, structure = float(mean[0][0]), float(deviation[0][0])
    if brightness < DARK:
        return View.DARK
    if brightness > BRIGHT:
        return View.BRIGHT
    return View.FLAT if structure < FLAT else View.OK
