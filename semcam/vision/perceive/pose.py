"""Where people are and how they hold themselves.

By default MoveNet MultiPose (six people), whose model card is https://tfhub.dev/google/movenet/multipose/lightning/1.
"""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from semcam.contract.models import POSE_PIXELS
from semcam.tracking.observation import Floats, People
from semcam.vision.capture.frame import Frame, Pixels
from semcam.vision.perceive.families.kinds import BODY_FLOOR as FLOOR
from semcam.vision.perceive.families.kinds import Array, Bodies, PoseKind
from semcam.vision.perceive.families.movenet import MOVENET
from semcam.vision.perceive.letterbox import Fitted, fit, fit_into
from semcam.vision.perceive.session import Session
from semcam.vision.perceive.tensor import size_of, tensor_of

LIFE = 0.15
"""Score from which a body may be one, and is worth watching."""
MULTIPLE = 32
SAME_BODY_IOU = 0.65
AROUND = 1.25
"""How much larger than the box the picture of one person is; RTMPose was trained so."""


class PoseEstimator(Protocol):
    """Anything that finds people in a frame."""

    def look(self, frame: Frame) -> People:
        """All people above FLOOR, coordinates in frame heights."""


@dataclass(frozen=True, slots=True)
class PoseModel:
    """A model that sees everybody at once."""

    session: Session
    long_side: int = POSE_PIXELS
    """Of what it sees, where the file leaves its size open."""
    kind: PoseKind = MOVENET

    @property
    def is_open(self) -> bool:
        """Whether the model takes pictures of any size."""
        return None in self.session.inputs[0].shape[1:]

    def prepare(self, frame: Frame, long_side: int | None = None) -> tuple[Fitted, Array]:
        """The frame as the model sees it, and the tensor that it takes."""
        picture, wanted = self.session.inputs[0], self.kind.input
        if self.is_open:
            fitted = fit(frame.pixels, long_side or self.long_side, MULTIPLE)
        else:
            fitted = fit_into(frame.pixels, size_of(picture, wanted.open_size), wanted.fill)
        return fitted, tensor_of(fitted.pixels, wanted, picture.dtype)

    def look(self, frame: Frame, long_side: int | None = None) -> People:
        """All people above FLOOR, coordinates in frame heights; `long_side` in place of the usual one."""
        fitted, tensor = self.prepare(frame, long_side)
        height, width = fitted.pixels.shape[:2]
        bodies = _sound(self.kind.decode(self.session.run(tensor), (height, width)), overlapping=self.kind.overlapping)
        keypoints = _scaled(bodies.keypoints, 1 / fitted.per_height)
        return People(frame.t_s, bodies.boxes / np.float32(fitted.per_height), keypoints, bodies.scores)


@dataclass(frozen=True, slots=True)
class OneByOne:
    """A model that sees one person at a time: another one finds them, and this one says how they hold themselves."""

    finder: PoseModel
    session: Session
    kind: PoseKind

    def look(self, frame: Frame) -> People:
        """Boxes and scores of the finder, keypoints of this model."""
        found = self.finder.look(frame)
        if not len(found.scores):
            return found
        height = frame.pixels.shape[0]
        keypoints = np.stack([self._look_at(frame.pixels, box * height) for box in found.boxes])
        return People(frame.t_s, found.boxes, _scaled(keypoints, 1 / height), found.scores)

    def _look_at(self, pixels: Pixels, box: Floats) -> Floats:
        """The keypoints (17, 3) of who is in the box, in pixels of the frame."""
        picture, wanted = self.session.inputs[0], self.kind.input
        height, width = size_of(picture, wanted.open_size)
        middle, extent = (box[:2] + box[2:]) / 2, np.maximum(box[2:] - box[:2], 1) * AROUND
        scale = min(width / extent[0], height / extent[1])
        place = np.array([[scale, 0, width / 2 - scale * middle[0]], [0, scale, height / 2 - scale * middle[1]]])
        crop = np.asarray(cv2.warpAffine(pixels, place, (width, height)), np.uint8)
        tensor = tensor_of(crop, wanted, picture.dtype)
        (keypoints,) = self.kind.decode(self.session.run(tensor), (height, width)).keypoints
        places = (keypoints[:, :2] - place[:, 2]) / scale
        return np.column_stack([places, keypoints[:, 2]]).astype(np.float32)


def _sound(bodies: Bodies, *, overlapping: bool) -> Bodies:
    """Each person once, where a model may find one several times; what is no number at all is nobody."""
    boxes, keypoints, scores = bodies
    rows = np.flatnonzero(np.isfinite(boxes).all(1) & np.isfinite(keypoints).all((1, 2)) & np.isfinite(scores))
    if overlapping:
        corners = np.column_stack([boxes[rows, :2], boxes[rows, 2:] - boxes[rows, :2]])
        keep = cv2.dnn.NMSBoxes(corners.tolist(), scores[rows].tolist(), FLOOR, SAME_BODY_IOU)
        rows = rows[np.asarray(keep, np.intp).reshape(-1)]
    return Bodies(boxes[rows], keypoints[rows], scores[rows])


def _scaled(keypoints: Floats, by: float) -> Floats:
    """Places scaled, scores as they are."""
    return keypoints * np.array([by, by, 1], np.float32)
