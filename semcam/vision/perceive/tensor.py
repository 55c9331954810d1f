"""From a picture to what a model takes."""

import cv2
import numpy as np

from semcam.vision.capture.frame import Pixels
from semcam.vision.perceive.families.kinds import Array, Input, Size, Tensor

SIZES = "orig_target_sizes"
"""An input of RT-DETR and D-FINE: in which width and height boxes shall come back."""


def tensor_of(pixels: Pixels, wanted: Input, dtype: str) -> Array:
    """Pixels (H, W, 3) uint8 BGR as the one picture that a model wants."""
    picture: Array = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB) if wanted.colour == "RGB" else pixels
    if any(wanted.mean) or wanted.std != (1.0, 1.0, 1.0):
        picture = (picture.astype(np.float32) - np.array(wanted.mean, np.float32)) / np.array(wanted.std, np.float32)
    picture = picture.astype(dtype)[None]
    return picture if wanted.channels_last else np.ascontiguousarray(picture.transpose(0, 3, 1, 2))


def beside(inputs: tuple[Tensor, ...], size: Size) -> dict[str, Array]:
    """The inputs beside the picture: there is only one that we know."""
    return {each.name: np.array([size[::-1]], each.dtype) for each in inputs[1:] if each.name == SIZES}


def size_of(picture: Tensor, open_size: Size) -> Size:
    """The input's height and width; where the file leaves them open, `open_size`."""
    channels_last = picture.shape[3:] == (3,)
    height, width = picture.shape[1:3] if channels_last else picture.shape[2:4]
    return height or open_size[0], width or open_size[1]
