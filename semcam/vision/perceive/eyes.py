"""All looking in one place: which model sees which frame."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semcam.contract.config import Job
from semcam.contract.families import Compute
from semcam.contract.labels import ANIMALS, PERSON
from semcam.tracking.observation import Objects, People
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.detect import Detector
from semcam.vision.perceive.focus import focused
from semcam.vision.perceive.load import load_models, return_memory
from semcam.vision.perceive.motion import Glance
from semcam.vision.perceive.pose import LIFE, PoseEstimator
from semcam.vision.perceive.rhythm import Rhythm
from semcam.vision.perceive.second_look import SecondLook

AWAKE_S = 10.0
"""For so long every picture is looked at after the last sign of life: a body, perhaps, or an animal."""
STARTLED_S = 2.0
"""The same after something has changed: four looks of the detector."""
LOOK_EVERY_S = 30.0
"""Where nothing changes: models err, and the second look may be the better one."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one frame showed; `objects` is None where the detector did not look."""

    people: People
    objects: Objects | None


class Eyes:
    """Pose in every frame, the detector in its own rhythm; neither where nobody is and nothing has changed."""

    def __init__(
        self,
        pose: PoseEstimator,
        detector: Detector,
        motion_gate: bool = True,
        compute: Compute = Compute.CPU,
        rhythm: Rhythm | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is what live frames say by when they were taken."""
        self.compute = compute
        self._rhythm = rhythm or Rhythm(wants_things=True)
        self._clock = clock
        self._pose = pose
        self._detector = detector
        self._glance = Glance() if motion_gate else None
        self._last: tuple[Frame, Sight] | None = None
        self._looked_at: Frame | None = None
        self._awake_until_s = 0.0
        self._look_due_s = 0.0
        self._is_asleep = False

    @classmethod
    def load(cls, models: Path, job: Job) -> "Eyes":
        """Load the models of a job; `models` is the folder of those that come with semcam.

        Raises:
            VisionFault: one of them is missing, altered, unusable, or not what it is said to be.
        """
        loaded = load_models(models, job)
        rhythm = Rhythm(wants_things=job.wants_things)
        return cls(focused(loaded.pose), SecondLook(loaded.detector), job.motion_gate, loaded.compute, rhythm)

    def warm_up(self, frame: Frame) -> None:
        """Run every model once, so that what they load or start with the first frame is there already."""
        # the larger inner tensors first: the others fit into their memory, but not the other way round (14 MB)
        self._detector.look(frame)
        self._pose.look(frame)
        Glance().has_changed(frame, frame)
        return_memory()

    @property
    def are_at_rest(self) -> bool:
        """Whether nobody is there and nothing changes, as far as the last frame showed."""
        return self._is_asleep

    def look(self, frame: Frame, *, is_hot: bool = False) -> Sight:
        """What this frame shows. A frame that shows what the last one did costs little: the answer is known.

        `is_hot`: the board is too hot, and the detector looks half as often.
        """
        known = self._known(frame)
        people = _at(frame.t_s, known.people) if known else self._pose.look(frame)
        objects: Objects | None = None
        late_s = 0.0 if frame.taken_s is None else self._clock() - frame.taken_s
        if self._rhythm.is_due(frame.t_s, late_s, is_hot=is_hot):
            seen = known.objects if known else None
            objects = Objects(frame.t_s, seen.boxes, seen.labels, seen.scores) if seen else self._detector.look(frame)
            self._rhythm.looked(objects)
        seen_objects = objects or (known.objects if known else None)
        if known is None:
            self._remember(frame, Sight(people, seen_objects))
        self._last = (frame, Sight(people, seen_objects))
        return Sight(people, objects)

    def _known(self, frame: Frame) -> Sight | None:
        """What was seen last, where looking again would show the same."""
        if self._last and self._last[0].pixels is frame.pixels:
            return self._last[1]
        startled_until_s = frame.t_s + STARTLED_S
        # who is awake for longer anyway need not glance
        if startled_until_s > self._awake_until_s and self._has_changed(frame):
            self._awake_until_s = startled_until_s
        self._is_asleep = self._awake_until_s <= frame.t_s
        return self._last[1] if self._last and self._is_asleep and frame.t_s < self._look_due_s else None

    def _has_changed(self, frame: Frame) -> bool:
        """Whether it shows anything else than the picture that was looked at last; without a gate, it always does."""
        if self._glance is None or self._looked_at is None:
            return True
        return self._glance.has_changed(self._looked_at, frame)

    def _remember(self, frame: Frame, sight: Sight) -> None:
        """This picture was looked at: the next ones are compared with it."""
        self._looked_at = frame
        self._look_due_s = frame.t_s + LOOK_EVERY_S
        if _shows_life(sight):
            self._awake_until_s = frame.t_s + AWAKE_S
            self._is_asleep = False


def _shows_life(sight: Sight) -> bool:
    labels = sight.objects.labels if sight.objects else ()
    return bool((sight.people.scores >= LIFE).any()) or any(label == PERSON or label in ANIMALS for label in labels)


def _at(t_s: float, people: People) -> People:
    return People(t_s, people.boxes, people.keypoints, people.scores)
