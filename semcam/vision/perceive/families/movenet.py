"""MoveNet (https://www.tensorflow.org/hub/tutorials/movenet), for several people and for one.

In: (1, H, W, 3) RGB, 0 to 255. Out of MultiPose: (1, M, 56) = 17 × (y, x, score), then ymin, xmin, ymax, xmax, score;
of SinglePose: (1, 1, 17, 3) = y, x, score. All in shares of the input.
"""

from collections.abc import Sequence

import numpy as np

from semcam.tracking.observation import KEYPOINTS, Floats
from semcam.vision.perceive.families.kinds import (
    BODY_FLOOR,
    Answer,
    Array,
    Bodies,
    Input,
    PoseKind,
    Size,
    floats,
)

_SURE = 0.2
"""Score from which a keypoint belongs to the body's box."""


def _fits(answer: Answer) -> bool:
    if not answer.channels_last or len(answer.inputs) != 1 or len(answer.outputs) != 1:
        return False
    (shape,) = answer.shapes
    return shape == (1, KEYPOINTS, 3) or (len(shape) == 2 and shape[1] == KEYPOINTS * 3 + 5)


def decode(outputs: Sequence[Array], size: Size) -> Bodies:
    """Whoever is above BODY_FLOOR."""
    rows = floats(outputs[0])
    to_pixels = np.array(size, np.float32)
    if rows.ndim == 3:
        return _one(_in_pixels(rows, to_pixels))
    rows = rows[rows[:, 55] > BODY_FLOOR]
    boxes = rows[:, [52, 51, 54, 53]] * to_pixels[[1, 0, 1, 0]]
    return Bodies(boxes, _in_pixels(rows[:, : KEYPOINTS * 3].reshape(-1, KEYPOINTS, 3), to_pixels), rows[:, 55].copy())


def _in_pixels(joints: Floats, to_pixels: Floats) -> Floats:
    """(N, 17, 3) of y, x, score in shares to x, y, score in pixels."""
    return np.stack([joints[:, :, 1] * to_pixels[1], joints[:, :, 0] * to_pixels[0], joints[:, :, 2]], axis=2)


def _one(keypoints: Floats) -> Bodies:
    """SinglePose gives neither a box nor a score of the body: they come from its keypoints."""
    scores = keypoints[:, :, 2].mean(1)
    sure = keypoints[0, keypoints[0, :, 2] > _SURE, :2]
    if scores[0] <= BODY_FLOOR or len(sure) < 2:
        return Bodies(np.empty((0, 4), np.float32), keypoints[:0], scores[:0])
    return Bodies(np.concatenate([sure.min(0), sure.max(0)])[None], keypoints, scores)


MOVENET = PoseKind(Input("RGB", channels_last=True, open_size=(256, 256)), _fits, decode)
