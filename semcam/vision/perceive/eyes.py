"""All looking in one place: which model sees which frame."""

from dataclasses import dataclass
from pathlib import Path

from semcam.contract.config import DetectorName
from semcam.tracking.observation import Objects, People
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.detect import CenterNet, Detector, NanoDet
from semcam.vision.perceive.pose import LONG_SIDE, PoseModel
from semcam.vision.perceive.pose import MODEL as POSE_MODEL
from semcam.vision.perceive.second_look import SecondLook
from semcam.vision.perceive.session import Session

DETECT_EVERY_S = 0.5
"""Things and animals change slowly; people, who fall in half a second, are looked at in every frame."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame showed; `objects` is None where the detector did not look."""

    people: People
    objects: Objects | None


class Eyes:
    """Pose in every frame, the detector twice a second."""

    def __init__(self, pose: PoseModel, detector: Detector) -> None:
        self._pose = pose
        self._detector = detector
        self._last: tuple[Frame, Sight] | None = None
        self._detect_due_s = 0.0

    @classmethod
    def load(cls, models: Path, threads: int, detector: DetectorName, pose_pixels: int = LONG_SIDE) -> "Eyes":
        """Load the models; the longer side of what the pose model sees is `pose_pixels`.

        Raises:
            VisionFault: one of them is missing, altered or unusable.
        """
        pose = PoseModel(Session(models, POSE_MODEL, threads), pose_pixels)
        session = Session(models, detector, threads)
        return cls(pose, SecondLook(CenterNet(session) if detector == "centernet" else NanoDet(session)))

    def warm_up(self, frame: Frame) -> None:
        """Run every model once, so that what they load or start with the first frame is there already."""
        self._pose.look(frame)
        self._detector.look(frame)

    def look(self, frame: Frame) -> Sight:
        """What this frame shows. A frame that is the last one again costs nothing: the answer is known."""
        detecting = frame.t_s >= self._detect_due_s
        if detecting:
            self._detect_due_s = frame.t_s + DETECT_EVERY_S - 1e-3
        known = self._last[1] if self._last and self._last[0].pixels is frame.pixels else None
        people = _at(frame.t_s, known.people) if known else self._pose.look(frame)
        objects: Objects | None = None
        if detecting:
            seen = known.objects if known else None
            objects = Objects(frame.t_s, seen.boxes, seen.labels, seen.scores) if seen else self._detector.look(frame)
        self._last = (frame, Sight(people, objects or (known.objects if known else None)))
        return Sight(people, objects)


def _at(t_s: float, people: People) -> People:
    return People(t_s, people.boxes, people.keypoints, people.scores)
