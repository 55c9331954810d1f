"""YOLOX, as its own export writes it (https://github.com/Megvii-BaseDetection/YOLOX, demo/ONNXRuntime).

In: BGR, 0 to 255, filled up with grey 114. Out: (1, N, 5 + C), N cells at strides 8, 16, 32 (64): the middle from
the cell's corner in cells, the logarithm of width and height in cells, then objectness and classes as scores. Files
exported with `--decode_in_inference` give middle and size in pixels.
"""

from collections.abc import Sequence

import numpy as np

from semcam.tracking.observation import Floats
from semcam.vision.perceive.families.kinds import (
    Answer,
    Array,
    DetectorKind,
    Input,
    Size,
    Things,
    are_shares,
    best_class,
    corners,
    floats,
    grid,
    strides_of,
)


def _fits(answer: Answer) -> bool:
    if answer.channels_last or len(answer.inputs) != 1 or [len(shape) for shape in answer.shapes] != [2]:
        return False
    rows = floats(answer.outputs[0])
    shares = rows.shape[1] > 5 and are_shares(rows[:, 4:])
    return shares and not are_shares(rows[:, :4]) and strides_of(len(rows), answer.size) is not None


def decode(outputs: Sequence[Array], size: Size, classes: int) -> Things:  # noqa: ARG001
    """The score of a class is its own times the objectness."""
    rows = floats(outputs[0])
    keep, scores, best = best_class(rows[:, 5:] * rows[:, 4:5])
    boxes = rows[keep, :4]
    if not _in_pixels(rows):
        places, strides = grid(size, strides_of(len(rows), size) or ())
        middles = (boxes[:, :2] + places[keep]) * strides[keep]
        boxes = np.concatenate([middles, np.exp(boxes[:, 2:]) * strides[keep]], axis=1)
    return Things(corners(boxes), scores, best)


def _in_pixels(rows: Floats) -> bool:
    """From their cells middles are at most a few cells away; in pixels half of them are beyond the first eight."""
    return bool(np.median(np.abs(rows[:, :2])) > 8)


def _classes(answer: Answer) -> int:
    return answer.shapes[0][1] - 5


YOLOX = DetectorKind(Input("BGR", fill=114), _fits, decode, _classes)
