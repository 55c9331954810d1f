"""What a camera makes of a picture: colours by day, grey and grainy in the light of its own infrared lamp."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter

from mesh import Array

Film = Callable[[Array, int], Array]
"""From a picture (H, W, 3) uint8 RGB and its number to what the camera delivers, of the same shape."""

_GRAIN = 2.5  # standard deviation in grey levels, after the camera's own smoothing
_GRAIN_BLUR_PX = 0.6


def colour_film(picture: Array, _: int) -> Array:
    """By day: the picture as it is."""
    return picture


def infrared_film(picture: Array, number: int) -> Array:
    """By night: grey, lighter where the lamp at the lens points, and grainy; the same grain in every run."""
    height, width, _ = picture.shape
    grey = picture.astype(float).mean(axis=2)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    grey *= 1.0 - 0.32 * np.clip(x**2 + y**2, 0, 2)
    grain = gaussian_filter(np.random.default_rng(number).normal(size=grey.shape), _GRAIN_BLUR_PX)
    grey += _GRAIN * grain / grain.std()
    return np.repeat(np.clip(np.rint(grey), 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def lamp_switched(off_s: float, on_s: float, fps: int) -> Film:
    """The lamp goes out at `off_s` and on again at `on_s`; the camera adapts to the dark over a second.

    Light adds up linearly; what is left without the lamp is dim and blue.
    """

    def film(picture: Array, number: int) -> Array:
        at_s = number / fps
        if not off_s <= at_s < on_s:
            return picture
        gain = 0.05 + 0.05 * min(at_s - off_s, 1.0)
        linear = (picture / 255.0) ** 2.2 * gain * (0.85, 0.95, 1.25)
        return np.rint(255 * np.clip(linear, 0, 1) ** (1 / 2.2)).astype(np.uint8)

    return film
