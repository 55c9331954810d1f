"""Where people are and how they hold themselves: MoveNet MultiPose.

Model card: https://tfhub.dev/google/movenet/multipose/lightning/1 (six people, 17 keypoints of COCO each).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from semcam.tracking.observation import KEYPOINTS, Floats, People
from semcam.vision.capture.frame import Frame, Pixels
from semcam.vision.perceive.session import Session

MODEL = "movenet-multipose"
LONG_SIDE = 320
MULTIPLE = 32
FLOOR = 0.05
"""Below this score not even a track that is looking for its person believes it."""


@dataclass(frozen=True, slots=True)
class PoseModel:
    """MoveNet MultiPose at one input size."""

    session: Session
    long_side: int = LONG_SIDE

    def look(self, frame: Frame) -> People:
        """All people above FLOOR, coordinates in frame heights."""
        tensor, scale = _letterboxed(frame.pixels, self.long_side)
        (output,) = self.session.run(tensor[None].astype(np.int32))
        padded_h, padded_w = tensor.shape[:2]
        # fractions of the padded input → frame heights
        to_heights = np.array([padded_h, padded_w], np.float32) / (scale * frame.pixels.shape[0])
        return _people(frame.t_s, np.asarray(output[0], np.float32), to_heights)


def _letterboxed(pixels: Pixels, long_side: int) -> tuple[Pixels, float]:
    """RGB (h, w, 3) uint8 with both sides a multiple of 32, the picture in its upper left; and the scale."""
    height, width = pixels.shape[:2]
    scale = long_side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    bottom, right = (-size[1]) % MULTIPLE, (-size[0]) % MULTIPLE
    return np.asarray(cv2.copyMakeBorder(small, 0, bottom, 0, right, cv2.BORDER_CONSTANT), np.uint8), scale


def _people(t_s: float, rows: Floats, to_heights: Floats) -> People:
    """Rows (6, 56) = 17 × (y, x, score), then ymin, xmin, ymax, xmax, score."""
    rows = rows[rows[:, 55] > FLOOR]
    joints = rows[:, : KEYPOINTS * 3].reshape(-1, KEYPOINTS, 3)
    keypoints = np.stack([joints[:, :, 1] * to_heights[1], joints[:, :, 0] * to_heights[0], joints[:, :, 2]], axis=2)
    boxes = rows[:, [52, 51, 54, 53]] * to_heights[[1, 0, 1, 0]]
    return People(t_s, boxes.astype(np.float32), keypoints.astype(np.float32), rows[:, 55].copy())
