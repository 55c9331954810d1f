"""The types between perception, tracker and rules.

All lengths are in *frame heights*: x to the right, y down, both divided by the height of the picture, so that
angles are true whatever the aspect ratio. Boxes are (x1, y1, x2, y2). Keypoints are (17, 3) in the order of
COCO (nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; left before right), each (x, y, score).
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

KEYPOINTS = 17


class Joint(IntEnum):
    """Rows of a keypoint array."""

    NOSE = 0
    LEFT_SHOULDER = 5
    RIGHT_SHOULDER = 6
    LEFT_ELBOW = 7
    RIGHT_ELBOW = 8
    LEFT_WRIST = 9
    RIGHT_WRIST = 10
    LEFT_HIP = 11
    RIGHT_HIP = 12
    LEFT_KNEE = 13
    RIGHT_KNEE = 14
    LEFT_ANKLE = 15
    RIGHT_ANKLE = 16


class PostureKind(StrEnum):
    """How a body holds itself."""

    UPRIGHT = "upright"
    BENDING = "bending"
    SITTING = "sitting"
    LYING = "lying"
    UNKNOWN = "unknown"


def _shaped(name: str, array: Floats, *shape: int) -> Floats:
    """Check a border array and close it for writing; -1 in `shape` stands for any length."""
    matches = array.ndim == len(shape) and all(want in (-1, got) for want, got in zip(shape, array.shape, strict=True))
    if not matches or array.dtype != np.float32:
        want = tuple("N" if size < 0 else size for size in shape)
        raise ValueError(f"{name} must be float32 {want}, got {array.dtype} {array.shape}")
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class People:
    """The people that the pose model sees in one frame: boxes (N, 4), keypoints (N, 17, 3), scores (N,)."""

    t_s: float
    boxes: Floats
    keypoints: Floats
    scores: Floats

    def __post_init__(self) -> None:
        count = len(self.scores)
        _shaped("boxes", self.boxes, count, 4)
        _shaped("keypoints", self.keypoints, count, KEYPOINTS, 3)
        _shaped("scores", self.scores, count)


@dataclass(frozen=True, slots=True)
class Objects:
    """What the detector sees in one frame: boxes (N, 4), labels (N), scores (N,)."""

    t_s: float
    boxes: Floats
    labels: tuple[str, ...]
    scores: Floats

    def __post_init__(self) -> None:
        count = len(self.labels)
        _shaped("boxes", self.boxes, count, 4)
        _shaped("scores", self.scores, count)


@dataclass(frozen=True, slots=True)
class Posture:
    """A posture and the numbers behind it; `nan` where the body does not show enough."""

    kind: PostureKind = PostureKind.UNKNOWN
    torso_deg: float = np.nan
    """Torso from vertical, 0 upright, 90 level, 180 upside down; degrees."""
    aspect: float = np.nan
    """Width over height of the box around the seen keypoints."""
    height: float = np.nan
    """Vertical extent of the body over its own standing height."""
    torso: float = np.nan
    """From the middle of the hips to the middle of the shoulders, frame heights."""
    stature: float = np.nan
    """Vertical extent from head to ankles, frame heights."""
    shoulders_y: float = np.nan
    """Where the shoulders are, frame heights from the top."""
    score: float = 0.0
    """Mean score of shoulders and hips, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Track:
    """Somebody or something over time, as it stands at `t_s`."""

    id: int
    label: str
    t_s: float
    first_seen_s: float
    last_seen_s: float
    box: Floats
    score: float
    keypoints: Floats | None = None
    posture: Posture = field(default_factory=Posture)
    standing_height: float = np.nan
    """The body's own height when upright, frame heights: as it was seen, or else by its torso; `nan` before either."""
    stood: bool = True
    """Whether a person was seen to stand, ever; `standing_height` is a guess where not."""
    zones: tuple[str, ...] = ()
    home: int | None = None
    """In which zone it began, by its place in the configuration: whose place that is, is who it is."""

    @property
    def visible(self) -> bool:
        """Whether this very frame shows it."""
        return self.last_seen_s == self.t_s
