"""What things are in view: NanoDet and CenterNet behind one face. Boxes in frame heights, labels of COCO."""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from semcam.contract.labels import COCO_80
from semcam.tracking.observation import Floats, Objects
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.letterbox import fit
from semcam.vision.perceive.session import Session

FLOOR = 0.15
"""Scores below this are noise for both detectors."""
SAME_THING_IOU = 0.5


class Detector(Protocol):
    """Anything that finds objects in a frame."""

    def look(self, frame: Frame) -> Objects:
        """All objects above FLOOR, coordinates in frame heights."""


@dataclass(frozen=True, slots=True)
class NanoDet:
    """NanoDet-m 416 (https://github.com/RangiLyu/nanodet): 2-D grids at three strides, distances as distributions."""

    session: Session

    SIDE = 416
    STRIDES = (8, 16, 32)
    BINS = 11
    MEAN = np.array([103.53, 116.28, 123.675], np.float32)
    STD = np.array([57.375, 57.12, 58.395], np.float32)

    def look(self, frame: Frame) -> Objects:
        """One inference."""
        fitted = fit(frame.pixels, self.SIDE, self.SIDE)
        tensor = ((fitted.pixels.astype(np.float32) - self.MEAN) / self.STD).transpose(2, 0, 1)[None]
        outputs = [np.asarray(output[0], np.float32) for output in self.session.run(np.ascontiguousarray(tensor))]
        levels = zip(self.STRIDES, outputs[:3], outputs[3:], strict=True)
        decoded = [self._decode(stride, scores, distances) for stride, scores, distances in levels]
        boxes, scores, classes = (np.concatenate(parts) for parts in zip(*decoded, strict=True))
        return _objects(frame.t_s, (boxes / fitted.per_height).astype(np.float32), scores, classes)

    def _decode(self, stride: int, scores: Floats, distances: Floats) -> tuple[Floats, Floats, npt.NDArray[np.intp]]:
        """One level: scores (C, 80) and distance logits (C, 4 × 11) to boxes in input pixels.

        A side's distance is the expectation of its distribution (Generalized Focal Loss, arXiv 2006.04388, eq. 3).
        """
        columns = self.SIDE // stride
        classes = scores.argmax(1)
        best = scores[np.arange(len(scores)), classes]
        keep = np.flatnonzero(best > FLOOR)
        logits = distances[keep].reshape(-1, 4, self.BINS)
        weights = np.exp(logits - logits.max(2, keepdims=True))
        sides = (weights @ np.arange(self.BINS, dtype=np.float32)) / weights.sum(2) * stride
        x, y = (keep % columns + 0.5) * stride, (keep // columns + 0.5) * stride
        boxes = np.stack([x - sides[:, 0], y - sides[:, 1], x + sides[:, 2], y + sides[:, 3]], 1)
        return boxes.astype(np.float32), best[keep], classes[keep]


@dataclass(frozen=True, slots=True)
class CenterNet:
    """CenterNet on MobileNetV3 (https://github.com/610265158/mobilenetv3_centernet): peaks picked inside the graph."""

    session: Session

    SIDE = 512

    def look(self, frame: Frame) -> Objects:
        """One inference."""
        fitted = fit(frame.pixels, self.SIDE, self.SIDE)
        tensor = cv2.cvtColor(fitted.pixels, cv2.COLOR_BGR2RGB).astype(np.float32)[None]
        (output,) = self.session.run(tensor)
        rows = np.asarray(output[0], np.float32)
        rows = rows[rows[:, 4] > FLOOR]
        boxes = rows[:, :4] / np.float32(fitted.per_height)
        return _objects(frame.t_s, boxes, rows[:, 4], rows[:, 5].astype(np.intp))


def _objects(t_s: float, boxes: Floats, scores: Floats, classes: npt.NDArray[np.intp]) -> Objects:
    """Boxes in frame heights, each thing once."""
    corners = np.column_stack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
    # per class: a person beside a dog stays two things
    keep = cv2.dnn.NMSBoxesBatched(corners.tolist(), scores.tolist(), classes.tolist(), FLOOR, SAME_THING_IOU)
    kept = np.asarray(keep, np.intp).reshape(-1)
    labels = tuple(COCO_80[index] for index in classes[kept])
    return Objects(t_s, boxes[kept], labels, scores[kept])
