"""Where people are and how they hold themselves: MoveNet MultiPose.

Model card: https://tfhub.dev/google/movenet/multipose/lightning/1 (six people, 17 keypoints of COCO each).
"""

from dataclasses import dataclass

import cv2
import numpy as np

from semcam.tracking.observation import KEYPOINTS, Floats, People
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.letterbox import fit
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
        fitted = fit(frame.pixels, self.long_side, MULTIPLE)
        tensor = cv2.cvtColor(fitted.pixels, cv2.COLOR_BGR2RGB).astype(np.int32)[None]
        (output,) = self.session.run(tensor)
        # fractions of the filled-up input → frame heights
        to_heights = np.array(fitted.pixels.shape[:2], np.float32) / fitted.per_height
        return _people(frame.t_s, np.asarray(output[0], np.float32), to_heights)


def _people(t_s: float, rows: Floats, to_heights: Floats) -> People:
    """Rows (6, 56) = 17 × (y, x, score), then ymin, xmin, ymax, xmax, score."""
    rows = rows[rows[:, 55] > FLOOR]
    joints = rows[:, : KEYPOINTS * 3].reshape(-1, KEYPOINTS, 3)
    keypoints = np.stack([joints[:, :, 1] * to_heights[1], joints[:, :, 0] * to_heights[0], joints[:, :, 2]], axis=2)
    boxes = rows[:, [52, 51, 54, 53]] * to_heights[[1, 0, 1, 0]]
    return People(t_s, boxes.astype(np.float32), keypoints.astype(np.float32), rows[:, 55].copy())
