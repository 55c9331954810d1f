"""YOLOv8 and YOLO11, for things and for poses, as Ultralytics exports them (https://docs.ultralytics.com/modes/export).

In: RGB, 0 to 1, filled up with grey 114. Out: (1, 4 + C, N), N cells: middle and size in pixels, then a score for
each class; for poses (1, 5 + 17 × 3, N): one score, then x, y and score of each keypoint. Files exported with
`nms=True` give (1, M, 6) = x1, y1, x2, y2, score, class; for poses (1, M, 6 + 17 × 3).
"""

from collections.abc import Sequence

import numpy as np

from semcam.tracking.observation import KEYPOINTS, Floats
from semcam.vision.perceive.families.kinds import (
    BODY_FLOOR,
    FLOOR,
    Answer,
    Array,
    Bodies,
    DetectorKind,
    Input,
    PoseKind,
    Size,
    Things,
    are_shares,
    best_class,
    corners,
    floats,
    strides_of,
)

_PICTURE = Input("RGB", std=(255.0, 255.0, 255.0), fill=114)
_OF_JOINTS = KEYPOINTS * 3


def _one_output(answer: Answer) -> Floats | None:
    if answer.channels_last or len(answer.inputs) != 1 or [len(shape) for shape in answer.shapes] != [2]:
        return None
    return floats(answer.outputs[0])


def _is_chosen(rows: Floats, width: int) -> bool:
    """Whether these are rows that were picked inside the file: a box, a score and a class each."""
    return rows.shape[1] == width and are_shares(rows[:, 4]) and bool((rows[:, 5] == rows[:, 5].round()).all())


def _finds_things(answer: Answer) -> bool:
    rows = _one_output(answer)
    if rows is None or _is_chosen(rows, 6):
        return rows is not None
    is_grid = strides_of(rows.shape[1], answer.size) is not None and len(rows) > 4
    return is_grid and are_shares(rows[4:]) and not are_shares(rows[:4])


def decode(outputs: Sequence[Array], size: Size, classes: int) -> Things:  # noqa: ARG001
    """The best class of each cell."""
    rows = floats(outputs[0])
    if rows.shape[1] == 6:
        rows = rows[rows[:, 4] > FLOOR]
        return Things(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.intp))
    keep, scores, best = best_class(rows[4:].T)
    return Things(corners(rows[:4, keep].T), scores, best)


def _classes(answer: Answer) -> int | None:
    rows, columns = answer.shapes[0]
    return None if columns == 6 else rows - 4


def _finds_people(answer: Answer) -> bool:
    rows = _one_output(answer)
    if rows is None or _is_chosen(rows, 6 + _OF_JOINTS):
        return rows is not None
    is_grid = strides_of(rows.shape[1], answer.size) is not None and len(rows) == 5 + _OF_JOINTS
    return is_grid and are_shares(rows[4]) and are_shares(rows[7::3]) and not are_shares(rows[5:])


def decode_people(outputs: Sequence[Array], size: Size) -> Bodies:  # noqa: ARG001
    """Whoever is above BODY_FLOOR."""
    rows = floats(outputs[0])
    if rows.shape[1] == 6 + _OF_JOINTS:
        rows = rows[rows[:, 4] > BODY_FLOOR]
        return Bodies(rows[:, :4], rows[:, 6:].reshape(-1, KEYPOINTS, 3), rows[:, 4])
    rows = rows[:, rows[4] > BODY_FLOOR].T
    return Bodies(corners(rows[:, :4]), rows[:, 5:].reshape(-1, KEYPOINTS, 3), rows[:, 4])


YOLOV8 = DetectorKind(_PICTURE, _finds_things, decode, _classes)
YOLOV8_POSE = PoseKind(_PICTURE, _finds_people, decode_people, overlapping=True)
