"""The whole course of a clip in a few numbers: who was where, how they held themselves, and how sure the model was.

Made for a page that draws it: lengths in thousandths of a frame height, scores in hundredths, one letter per posture.
"""

from dataclasses import dataclass, field

import numpy as np

from semcam.contract.base import Frozen
from semcam.tracking.observation import Floats, PostureKind, Track

POSTURE_LETTERS = {
    PostureKind.UPRIGHT: "u",
    PostureKind.BENDING: "b",
    PostureKind.SITTING: "s",
    PostureKind.LYING: "l",
    PostureKind.UNKNOWN: "?",
}
UNSEEN = "-"
"""The track is remembered, but this frame does not show it."""


class TrackTrail(Frozen):
    """One track; the lists run in step, one entry for each frame in which it was known."""

    id: int
    frames: tuple[int, ...]
    labels: tuple[str | None, ...]
    """What it was taken for; None where it is the same as before."""
    postures: str
    torso: tuple[int | None, ...]
    """Degrees from vertical."""
    scores: tuple[int, ...]
    boxes: tuple[tuple[int, ...] | None, ...]
    """x1, y1, x2, y2; None where it is the one before."""
    points: tuple[tuple[int, ...] | None, ...]
    """17 × (x, y, score); None where they are the ones before, all None where it is no person."""


class Trail(Frozen):
    """One clip."""

    aspect: float
    times: tuple[int, ...]
    """Of each frame, milliseconds."""
    tracks: tuple[TrackTrail, ...]


@dataclass(slots=True)
class _Course:
    frames: list[int] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)
    postures: list[str] = field(default_factory=list)
    torso: list[int | None] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)
    boxes: list[tuple[int, ...] | None] = field(default_factory=list)
    points: list[tuple[int, ...] | None] = field(default_factory=list)
    last_label: str | None = None
    last_box: Floats | None = None
    last_points: Floats | None = None

    def add(self, frame: int, track: Track) -> None:
        self.frames.append(frame)
        self.labels.append(None if track.label == self.last_label else track.label)
        self.postures.append(POSTURE_LETTERS[track.posture.kind] if track.visible else UNSEEN)
        torso = track.posture.torso_deg
        self.torso.append(None if np.isnan(torso) or not track.visible else round(torso))
        self.scores.append(round(100 * track.score))
        self.boxes.append(None if _same(track.box, self.last_box) else _thousandths(track.box))
        points = track.keypoints
        self.points.append(None if points is None or _same(points, self.last_points) else _points(points))
        self.last_label, self.last_box, self.last_points = track.label, track.box, points


class TrailRecorder:
    """Takes a clip's tracks frame by frame."""

    def __init__(self, aspect: float) -> None:
        self._aspect = aspect
        self._times: list[int] = []
        self._courses: dict[int, _Course] = {}

    def add(self, t_s: float, tracks: tuple[Track, ...]) -> None:
        """One frame."""
        for track in tracks:
            self._courses.setdefault(track.id, _Course()).add(len(self._times), track)
        self._times.append(round(1000 * t_s))

    def trail(self) -> Trail:
        """All of it."""
        tracks = (
            TrackTrail(
                id=id,
                frames=tuple(course.frames),
                labels=tuple(course.labels),
                postures="".join(course.postures),
                torso=tuple(course.torso),
                scores=tuple(course.scores),
                boxes=tuple(course.boxes),
                points=tuple(course.points),
            )
            for id, course in self._courses.items()
        )
        return Trail(aspect=round(self._aspect, 4), times=tuple(self._times), tracks=tuple(tracks))


def _same(now: Floats, before: Floats | None) -> bool:
    return before is not None and bool(np.array_equal(now, before))


def _thousandths(array: Floats) -> tuple[int, ...]:
    return tuple(np.rint(1000 * array).astype(int).ravel().tolist())


def _points(keypoints: Floats) -> tuple[int, ...]:
    return tuple(np.rint(keypoints * (1000, 1000, 100)).astype(int).ravel().tolist())
