"""NanoDet and NanoDet-Plus (https://github.com/RangiLyu/nanodet): distances to the four sides as distributions.

In: BGR, (value - mean) / std. Out: (1, N, C + 4 × bins) with the scores of the classes, then the logits of the
distances, N cells at strides 8, 16, 32 and with NanoDet-Plus 64; or, as in the file that comes with semcam, the
scores of each stride and then the distances of each. Distances count from the middle of a cell, with NanoDet-Plus
from its corner (get_single_level_center_priors in nanodet_plus_head.py).
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
    best_class,
    cells,
    floats,
    grid,
    strides_of,
)

_STRIDES = (8, 16, 32)


def _fits(answer: Answer) -> bool:
    if answer.channels_last or len(answer.inputs) != 1 or not all(len(shape) == 2 for shape in answer.shapes):
        return False
    if len(answer.outputs) == 6:
        counts = [rows * columns for rows, columns in cells(answer.size, _STRIDES)]
        bins = {shape[1] % 4 for shape in answer.shapes[3:]}
        return [shape[0] for shape in answer.shapes] == counts * 2 and bins == {0}
    if len(answer.outputs) != 1:
        return False
    rows = floats(answer.outputs[0])
    if strides_of(len(rows), answer.size) is None:
        return False
    classes = _scored(rows)
    distances = rows.shape[1] - classes
    return classes > 0 and distances >= 16 and distances % 4 == 0


def _scored(rows: Floats) -> int:
    """How many of the first columns hold scores: logits go beyond 0 and 1."""
    outside = np.flatnonzero((rows.min(0) < 0) | (rows.max(0) > 1))
    return int(outside[0]) if len(outside) else rows.shape[1]


def decode(outputs: Sequence[Array], size: Size, classes: int) -> Things:
    """A side's distance is the mean of its distribution (Generalized Focal Loss, arXiv 2006.04388, eq. 3)."""
    if len(outputs) == 6:
        strides: tuple[int, ...] = _STRIDES
        scores, logits = (np.concatenate([floats(each) for each in half]) for half in (outputs[:3], outputs[3:]))
    else:
        rows = floats(outputs[0])
        strides = strides_of(len(rows), size) or _STRIDES
        scores, logits = np.split(rows, [classes], axis=1)
    keep, best, found = best_class(scores)
    kept = logits[keep].reshape(-1, 4, logits.shape[1] // 4)
    weights = np.exp(kept - kept.max(2, keepdims=True))
    places, each = (part[keep] for part in grid(size, strides))
    sides = (weights @ np.arange(kept.shape[2], dtype=np.float32)) / weights.sum(2) * each
    middles = (places + (0.0 if 64 in strides else 0.5)) * each
    boxes = np.concatenate([middles - sides[:, :2], middles + sides[:, 2:]], axis=1)
    return Things(boxes.astype(np.float32), best, found)


def _classes(answer: Answer) -> int:
    return answer.shapes[0][1] if len(answer.outputs) == 6 else _scored(floats(answer.outputs[0]))


NANODET = DetectorKind(
    Input("BGR", mean=(103.53, 116.28, 123.675), std=(57.375, 57.12, 58.395), open_size=(416, 416)),
    _fits,
    decode,
    _classes,
)
