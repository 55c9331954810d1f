"""From a picture to what a model takes."""

from functools import cache

import cv2
import numpy as np

from semcam.tracking.observation import Floats
from semcam.vision.capture.frame import Pixels
from semcam.vision.perceive.families.kinds import Array, Input, Size, Tensor

SIZES = "orig_target_sizes"
"""An input of RT-DETR and D-FINE: in which width and height boxes shall come back."""


def tensor_of(pixels: Pixels, wanted: Input, dtype: str) -> Array:
    """Pixels (H, W, 3) uint8 BGR as the one picture that a model wants."""
    picture = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB) if wanted.colour == "RGB" else pixels
    is_as_it_is = not any(wanted.mean) and wanted.std == (1.0, 1.0, 1.0)
    if is_as_it_is and wanted.channels_last:
        return picture.astype(dtype)[None]
    planes = cv2.split(picture)
    if not is_as_it_is:
        tables = _normalised(wanted.mean, wanted.std)
        planes = [cv2.LUT(plane, table) for plane, table in zip(planes, tables, strict=True)]
    return np.stack(planes, axis=2 if wanted.channels_last else 0)[None].astype(dtype, copy=False)


@cache
def _normalised(mean: tuple[float, ...], std: tuple[float, ...]) -> list[Floats]:
    """For each channel what each of its 256 values becomes: looked up, not computed half a million times."""
    values = np.arange(256, dtype=np.float32)
    return [(values - np.float32(middle)) / np.float32(spread) for middle, spread in zip(mean, std, strict=True)]


def beside(inputs: tuple[Tensor, ...], size: Size) -> dict[str, Array]:
    """The inputs beside the picture: there is only one that we know."""
    return {each.name: np.array([size[::-1]], each.dtype) for each in inputs[1:] if each.name == SIZES}


def size_of(picture: Tensor, open_size: Size) -> Size:
    """The input's height and width; where the file leaves them open, `open_size`."""
    channels_last = picture.shape[3:] == (3,)
    height, width = picture.shape[1:3] if channels_last else picture.shape[2:4]
    return height or open_size[0], width or open_size[1]
