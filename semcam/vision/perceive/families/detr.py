"""RT-DETR, D-FINE and RF-DETR: a few hundred guesses, each with a box and a score for every class.

RT-DETR (https://github.com/lyuwenyu/RT-DETR) and D-FINE (https://github.com/Peterande/D-FINE), tools/deployment or
tools/export_onnx: in RGB, 0 to 1, and a second input (1, 2) with the size that boxes shall be in; out labels (1, Q),
boxes (1, Q, 4) as corners in that size, scores (1, Q). Without the second input, as Transformers and Ultralytics
export them: boxes as middle and size in shares of the picture beside logits (1, Q, C), or (1, Q, 4 + C) with scores.

RF-DETR (https://github.com/roboflow/rf-detr, rfdetr/export): in RGB with ImageNet's mean and deviation; out `dets`
(1, Q, 4) as middle and size in shares, `labels` (1, Q, C + 1) as logits, of which the last is for no object.
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
    best_class,
    corners,
    floats,
    sigmoid,
)

_UNIT = (255.0, 255.0, 255.0)
_MEAN, _STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
"""Of ImageNet, for values of 0 to 255."""


def _fits(answer: Answer) -> bool:
    ranks = sorted(len(shape) for shape in answer.shapes)
    if answer.channels_last or _says_dets(answer):
        return False
    if len(answer.inputs) == 2:
        return ranks == [1, 1, 2] and sum(output.dtype.kind in "iu" for output in answer.outputs) == 1
    if ranks == [2]:
        rows = floats(answer.outputs[0])
        return rows.shape[1] > 4 and len(rows) <= 1000 and are_shares(rows)
    return _is_raw(answer)


def _says_dets(answer: Answer) -> bool:
    return "dets" in answer.names


def _is_raw(answer: Answer) -> bool:
    shapes = answer.shapes
    two = len(answer.inputs) == 1 and [len(shape) for shape in shapes] == [2, 2] and shapes[0][0] == shapes[1][0]
    return two and any(
        shape[1] == 4 and are_shares(floats(each)) for each, shape in zip(answer.outputs, shapes, strict=True)
    )


def decode(outputs: Sequence[Array], size: Size, classes: int) -> Things:  # noqa: ARG001
    """The best class of each guess."""
    if len(outputs) == 3:
        labels = next(output for output in outputs if output.dtype.kind in "iu")
        boxes = next(output for output in outputs if output.ndim == 3)
        scores = floats(next(output for output in outputs if output is not labels and output is not boxes))
        keep = np.flatnonzero(scores > FLOOR)
        return Things(floats(boxes)[keep], scores[keep], np.asarray(labels[0], np.intp)[keep])
    if len(outputs) == 1:
        rows = floats(outputs[0])
        return _chosen(rows[:, :4], rows[:, 4:], size)
    boxes, logits = _boxes_first(outputs)
    return _chosen(boxes, sigmoid(logits), size)


def _boxes_first(outputs: Sequence[Array]) -> tuple[Floats, Floats]:
    one, other = (floats(output) for output in outputs)
    is_boxes = one.shape[1] == 4 and are_shares(one)
    return (one, other) if is_boxes else (other, one)


def _chosen(shares: Floats, scores: Floats, size: Size) -> Things:
    keep, best, classes = best_class(scores)
    height, width = size
    return Things(corners(shares[keep] * np.array([width, height, width, height], np.float32)), best, classes)


def _classes(answer: Answer) -> int | None:
    if len(answer.outputs) == 3:
        return None
    if len(answer.outputs) == 1:
        return answer.shapes[0][1] - 4
    return int(_boxes_first(answer.outputs)[1].shape[1])


def _fits_rf(answer: Answer) -> bool:
    return not answer.channels_last and _says_dets(answer) and _is_raw(answer)


def decode_rf(outputs: Sequence[Array], size: Size, classes: int) -> Things:  # noqa: ARG001
    """The same without the column for no object."""
    boxes, logits = _boxes_first(outputs)
    return _chosen(boxes, sigmoid(logits[:, :-1]), size)


def _classes_rf(answer: Answer) -> int:
    return int(_boxes_first(answer.outputs)[1].shape[1]) - 1


RT_DETR = DetectorKind(Input("RGB", std=_UNIT), _fits, decode, _classes)
RF_DETR = DetectorKind(Input("RGB", _MEAN, _STD), _fits_rf, decode_rf, _classes_rf)
