"""Pictures made worse than they should be, in the ways in which a camera in use is."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from semcam.vision.capture.frame import Pixels

ROLL_DEG = 10.0
JPEG_QUALITY = 25

# Luminance quantisation table of the JPEG standard (ITU-T T.81, table K.1), for quality 50
QUANTA = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.float32,
)


def brighter(share: float) -> Callable[[Pixels], Pixels]:
    """Multiply the brightness."""
    return lambda pixels: np.clip(pixels.astype(np.float32) * share, 0, 255).astype(np.uint8)


def rolled(degrees: float) -> Callable[[Pixels], Pixels]:
    """Turn the camera about its axis; the edge is repeated where the room is not known."""

    def roll(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return np.asarray(cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)

    return roll


def halved(pixels: Pixels) -> Pixels:
    """Half the width and height."""
    return np.asarray(cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def blocky(pixels: Pixels) -> Pixels:
    """What strong JPEG leaves: each channel of YCrCb in blocks of 8 × 8, rounded in the cosine domain (T.81, A.3.3)."""
    k = np.arange(8)
    basis = np.cos((2 * k[None] + 1) * k[:, None] * np.pi / 16) * np.where(k == 0, np.sqrt(1 / 8), 0.5)[:, None]
    quanta = np.maximum(QUANTA * 50 / JPEG_QUALITY, 1)
    height, width = (side // 8 * 8 for side in pixels.shape[:2])
    colours = cv2.cvtColor(pixels[:height, :width], cv2.COLOR_BGR2YCrCb).astype(np.float32) - 128
    blocks = colours.reshape(height // 8, 8, width // 8, 8, 3).transpose(0, 2, 4, 1, 3)
    rounded = np.round(basis @ blocks @ basis.T / quanta) * quanta
    restored = (basis.T @ rounded @ basis).transpose(0, 3, 1, 4, 2).reshape(height, width, 3) + 128
    return np.asarray(cv2.cvtColor(np.clip(restored, 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2BGR), np.uint8)


def mirrored(pixels: Pixels) -> Pixels:
    """Left and right exchanged."""
    return np.ascontiguousarray(pixels[:, ::-1])


def same(pixels: Pixels) -> Pixels:
    """As it is."""
    return pixels


@dataclass(frozen=True)
class Variant:
    """One way in which a picture can be worse."""

    change: Callable[[Pixels], Pixels]
    fps: float = 10.0


VARIANTS = {
    "as it is": Variant(same),
    "mirrored": Variant(mirrored),
    "70 % brightness": Variant(brighter(0.7)),
    "140 % brightness": Variant(brighter(1.4)),
    "half resolution": Variant(halved),
    "5 frames a second": Variant(same, fps=5.0),
    f"JPEG quality {JPEG_QUALITY}": Variant(blocky),
    f"rolled +{ROLL_DEG:g}°": Variant(rolled(ROLL_DEG)),
    f"rolled −{ROLL_DEG:g}°": Variant(rolled(-ROLL_DEG)),
}
