"""CenterNet: things as peaks of a map.

Picked in the file (https://github.com/610265158/mobilenetv3_centernet, the one that comes with semcam): in
(1, H, W, 3) RGB, 0 to 255; out (1, M, 6) = x1, y1, x2, y2 in pixels, score, class.

As maps (https://github.com/xingyizhou/CenterNet): in (1, 3, H, W) BGR with that project's own mean and deviation; out
scores (1, C, h, w), as logits or not, then sizes and the places within a cell, (1, 2, h, w) each, in cells.
"""

from collections.abc import Sequence

import numpy as np

from semcam.tracking.observation import Floats
from semcam.vision.perceive.families.kinds import (
    FLOOR,
    Answer,
    Array,
    DetectorKind,
    Input,
    Size,
    Things,
    are_shares,
    corners,
    floats,
    sigmoid,
)


def _fits(answer: Answer) -> bool:
    if not answer.channels_last or len(answer.inputs) != 1 or [len(shape) for shape in answer.shapes] != [2]:
        return False
    rows = floats(answer.outputs[0])
    return rows.shape[1] == 6 and are_shares(rows[:, 4]) and bool((rows[:, 5] == rows[:, 5].round()).all())


def decode(outputs: Sequence[Array], size: Size, classes: int) -> Things:  # noqa: ARG001
    """The rows above FLOOR."""
    rows = floats(outputs[0])
    rows = rows[rows[:, 4] > FLOOR]
    return Things(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.intp))


def _classes(answer: Answer) -> int | None:  # noqa: ARG001
    return None


def _fits_maps(answer: Answer) -> bool:
    shapes = answer.shapes
    if answer.channels_last or len(answer.inputs) != 1 or [len(shape) for shape in shapes] != [3, 3, 3]:
        return False
    return shapes[1] == shapes[2] == (2, *shapes[0][1:])


def decode_maps(outputs: Sequence[Array], size: Size, classes: int) -> Things:  # noqa: ARG001
    """A peak is no lower than the eight around it (Objects as Points, arXiv 1904.07850, section 3)."""
    scores, sizes, places = map(floats, outputs)
    if not are_shares(scores):
        scores = sigmoid(scores)
    found, rows, columns = np.nonzero((scores > FLOOR) & (scores == _highest_around(scores)))
    cell = np.array([size[1] / scores.shape[2], size[0] / scores.shape[1]], np.float32)
    middles = np.stack([columns, rows], axis=1) + places[:, rows, columns].T
    boxes = corners(np.concatenate([middles, sizes[:, rows, columns].T], axis=1).astype(np.float32))
    return Things(boxes * np.tile(cell, 2), scores[found, rows, columns], found)


def _highest_around(scores: Floats) -> Floats:
    """Of each place and the eight around it."""
    height, width = scores.shape[1:]
    wide = np.pad(scores, ((0, 0), (1, 1), (1, 1)))
    around = [wide[:, y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.asarray(np.max(around, axis=0), np.float32)


def _classes_of_maps(answer: Answer) -> int:
    return answer.shapes[0][0]


CENTERNET = DetectorKind(Input("RGB", channels_last=True, open_size=(512, 512)), _fits, decode, _classes)
CENTERNET_MAPS = DetectorKind(
    Input("BGR", mean=(104.04, 113.985, 119.85), std=(73.695, 69.87, 70.89), open_size=(512, 512)),
    _fits_maps,
    decode_maps,
    _classes_of_maps,
)
