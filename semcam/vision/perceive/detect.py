"""What things are in view, whichever model finds them. Boxes in frame heights, labels that rules know."""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from semcam.contract.labels import COCO_80
from semcam.tracking.observation import Floats, Objects
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.families.kinds import FLOOR, Classes, DetectorKind
from semcam.vision.perceive.letterbox import fit_into
from semcam.vision.perceive.session import Session
from semcam.vision.perceive.tensor import beside, size_of, tensor_of

SAME_THING_IOU = 0.5


class Detector(Protocol):
    """Anything that finds objects in a frame."""

    def look(self, frame: Frame) -> Objects:
        """All objects above FLOOR, coordinates in frame heights."""


@dataclass(frozen=True, slots=True)
class Finder:
    """A model of one of the families; `labels` says what each of its classes means, None: nothing of interest."""

    session: Session
    kind: DetectorKind
    labels: tuple[str | None, ...] = COCO_80

    def look(self, frame: Frame) -> Objects:
        """One inference."""
        picture, wanted = self.session.inputs[0], self.kind.input
        size = size_of(picture, wanted.open_size)
        fitted = fit_into(frame.pixels, size, wanted.fill)
        tensor = tensor_of(fitted.pixels, wanted, picture.dtype)
        outputs = self.session.run(tensor, beside(self.session.inputs, size))
        boxes, scores, classes = self.kind.decode(outputs, size, len(self.labels))
        return each_once(frame.t_s, boxes / np.float32(fitted.per_height), scores, classes, self.labels)


def each_once(t_s: float, boxes: Floats, scores: Floats, classes: Classes, labels: tuple[str | None, ...]) -> Objects:
    """Boxes in frame heights, each thing once; without what is no number or of no interest."""
    names = dict(enumerate(labels))
    sound = np.flatnonzero(np.isfinite(boxes).all(1) & np.isfinite(scores))
    rows = [row for row in sound if names.get(int(classes[row]))]
    boxes, scores, found = boxes[rows], scores[rows], [str(names[int(classes[row])]) for row in rows]
    corners = np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    # per label: a person beside a dog stays two things
    alike = [labels.index(label) for label in found]
    keep = cv2.dnn.NMSBoxesBatched(corners.tolist(), scores.tolist(), alike, FLOOR, SAME_THING_IOU)
    kept = np.asarray(keep, np.intp).reshape(-1)
    return Objects(t_s, boxes[kept], tuple(found[row] for row in kept), scores[kept])
