"""RTMPose and other SimCC models (https://github.com/open-mmlab/mmpose, projects/rtmpose): one person at a time.

In: RGB with ImageNet's mean and deviation, a picture of one person. Out: (1, K, W × r) and (1, K, H × r), for each of
K keypoints how likely each column and each row is, r of them to a pixel. The first 17 keypoints are those of COCO, in
models of the whole body, too.
"""

from collections.abc import Sequence

import numpy as np

from semcam.tracking.observation import KEYPOINTS
from semcam.vision.perceive.families.kinds import Answer, Array, Bodies, Input, PoseKind, Size, floats


def _fits(answer: Answer) -> bool:
    if answer.channels_last or len(answer.inputs) != 1 or [len(shape) for shape in answer.shapes] != [2, 2]:
        return False
    (count, across), (same, down) = answer.shapes
    height, width = answer.size
    return count == same >= KEYPOINTS and across * height == down * width and across % width == 0


def decode(outputs: Sequence[Array], size: Size) -> Bodies:
    """One body; a keypoint is where both directions peak, and is as sure as the lower of the peaks.

    The reading is that of SimCC (arXiv 2107.03332, section 3.2), the score that of RTMPose (arXiv 2303.07399).
    """
    across, down = (floats(output)[:KEYPOINTS] for output in outputs)
    per_pixel = across.shape[1] / size[1]
    places = np.stack([across.argmax(1), down.argmax(1)], axis=1) / per_pixel
    scores = np.minimum(across.max(1), down.max(1)).clip(0, 1)
    keypoints = np.column_stack([places, scores]).astype(np.float32)[None]
    box = np.concatenate([places.min(0), places.max(0)]).astype(np.float32)[None]
    return Bodies(box, keypoints, scores.mean(keepdims=True).astype(np.float32))


RTMPOSE = PoseKind(
    Input("RGB", mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375), open_size=(256, 192)),
    _fits,
    decode,
    one_by_one=True,
)
