"""Stick figures for tests: bodies whose joints are known exactly, and movements that lead from one pose to the next.

A pose is a set of angles, degrees from straight up, positive to the right; each limb is named by its direction
from the lower joint to the upper one. Lengths are shares of a human body's height (Drillis and Contini, 1966).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC
from itertools import pairwise

import numpy as np

from semcam.contract.config import Job, Line, Zone
from semcam.contract.local_time import read_zone, source_times
from semcam.contract.rules import Rule
from semcam.contract.signal import RuleSignal, Stage
from semcam.rules.build import build_rules
from semcam.rules.room import Room
from semcam.tracking.observation import Floats, Objects, People, Track
from semcam.tracking.tracker import Tracker
from semcam.tracking.zones import ZoneMap

SHIN, THIGH, TRUNK, NECK, UPPER_ARM, FOREARM = 0.246, 0.245, 0.288, 0.12, 0.186, 0.2
ANKLE = 0.039
HALF_SHOULDERS, HALF_HIPS, HALF_HEAD = 0.11, 0.08, 0.04
ASPECT = 16 / 9


@dataclass(frozen=True)
class Pose:
    """Angles of a body seen from the side; `facing` 1 shows the whole breadth of the shoulders, 0 a profile."""

    left_shin: float = 0
    left_thigh: float = 0
    right_shin: float = 0
    right_thigh: float = 0
    trunk: float = 0
    neck: float = 0
    upper_arm: float = 8
    forearm: float = 0
    facing: float = 0.6


def _legs(shin: float, thigh: float) -> dict[str, float]:
    return {"left_shin": shin, "right_shin": shin, "left_thigh": thigh, "right_thigh": thigh}


STANDING = Pose()
WALKING = Pose(left_shin=18, left_thigh=12, right_shin=-8, right_thigh=-16, trunk=3, neck=3, upper_arm=20, facing=0.2)
BENDING = Pose(**_legs(-4, -8), trunk=75, neck=85, upper_arm=-5, facing=0.2)
KNEELING = Pose(
    left_shin=80,
    left_thigh=5,
    right_shin=-5,
    right_thigh=-70,
    trunk=30,
    neck=40,
    upper_arm=-15,
    forearm=-10,
    facing=0.3,
)
"""On one knee, leaning over the other: somebody ties a shoe."""
ON_A_CHAIR = Pose(**_legs(-5, -85), trunk=-5, upper_arm=-15, forearm=-70, facing=0.4)
ON_THE_FLOOR = Pose(**_legs(85, 75), trunk=10, upper_arm=-10, facing=0.4)
"""Sits with outstretched legs."""
LYING = Pose(**_legs(88, 86), trunk=88, neck=86, upper_arm=80, forearm=85, facing=0.5)
CRAWLING = Pose(**_legs(88, 2), trunk=80, neck=75, upper_arm=2, forearm=2, facing=0.3)


def between(start: Pose, end: Pose, share: float) -> Pose:
    """The pose at `share` (0 to 1) of the way, each angle on its own."""
    mixed = {
        angle.name: (1 - share) * getattr(start, angle.name) + share * getattr(end, angle.name)
        for angle in fields(Pose)
    }
    return Pose(**mixed)


@dataclass(frozen=True)
class Body:
    """A pose at a place: `x` of the ankles, `floor` and `height` (of the whole body) in frame heights."""

    pose: Pose = STANDING
    x: float = 0.9
    floor: float = 0.9
    height: float = 0.6
    score: float = 0.8
    mirrored: bool = False

    @property
    def keypoints(self) -> Floats:
        """(17, 3): the joints, resting on the floor."""
        joints = np.array(_joints(self.pose), np.float64)
        joints[:, 0] -= (joints[15, 0] + joints[16, 0]) / 2
        joints[:, 1] -= joints[:, 1].max() + ANKLE
        if self.mirrored:
            joints[:, 0] *= -1
            joints = joints[[0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]]
        placed = joints * self.height + (self.x, self.floor)
        return np.column_stack([placed, np.full(17, self.score)]).astype(np.float32)

    @property
    def box(self) -> Floats:
        """(4,): around the joints, a little wider, as the model draws it."""
        return _around(self.keypoints, 0.03 * self.height)


def _joints(pose: Pose) -> list[tuple[float, float]]:
    """COCO order, in body heights, hips at the origin, y down."""
    shoulders = _along((0.0, 0.0), pose.trunk, TRUNK)
    nose = _along(shoulders, pose.neck, NECK)
    skull = _along(shoulders, pose.neck, NECK + 0.03)
    left_shoulder, right_shoulder = _beside(shoulders, pose.trunk, HALF_SHOULDERS * pose.facing)
    left_hip, right_hip = _beside((0.0, 0.0), pose.trunk, HALF_HIPS * pose.facing)
    left_eye, right_eye = _beside(skull, pose.neck, HALF_HEAD / 2 * pose.facing)
    left_ear, right_ear = _beside(nose, pose.neck, HALF_HEAD * pose.facing)
    left_elbow, right_elbow = (_along(point, pose.upper_arm, -UPPER_ARM) for point in (left_shoulder, right_shoulder))
    left_wrist, right_wrist = (_along(point, pose.forearm, -FOREARM) for point in (left_elbow, right_elbow))
    left_knee, right_knee = _along(left_hip, pose.left_thigh, -THIGH), _along(right_hip, pose.right_thigh, -THIGH)
    left_ankle, right_ankle = _along(left_knee, pose.left_shin, -SHIN), _along(right_knee, pose.right_shin, -SHIN)
    return [
        nose, left_eye, right_eye, left_ear, right_ear, left_shoulder, right_shoulder, left_elbow, right_elbow,
        left_wrist, right_wrist, left_hip, right_hip, left_knee, right_knee, left_ankle, right_ankle,
    ]  # fmt: skip


def _along(start: tuple[float, float], degrees: float, length: float) -> tuple[float, float]:
    radians = math.radians(degrees)
    return start[0] + length * math.sin(radians), start[1] - length * math.cos(radians)


def _beside(
    middle: tuple[float, float], degrees: float, half: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """A point to the left and one to the right of the body's axis."""
    return _along(middle, degrees - 90, half), _along(middle, degrees + 90, half)


def _around(keypoints: Floats, margin: float) -> Floats:
    points = keypoints[:, :2]
    return np.concatenate([points.min(axis=0) - margin, points.max(axis=0) + margin]).astype(np.float32)


def people(t_s: float, bodies: Sequence[Body], jitter: Floats | None = None) -> People:
    """What the pose model would say of these bodies; `jitter` (N, 17, 2) is added to the joints."""
    keypoints = np.stack([body.keypoints for body in bodies]) if bodies else np.zeros((0, 17, 3), np.float32)
    if jitter is not None:
        keypoints[:, :, :2] += jitter
    boxes = [_around(points, 0.03 * body.height) for points, body in zip(keypoints, bodies, strict=True)]
    return People(
        t_s,
        np.array(boxes, np.float32).reshape(-1, 4),
        keypoints,
        np.array([body.score for body in bodies], np.float32),
    )


@dataclass(frozen=True)
class Seen:
    """One detection: something at `x` with its feet on the `floor`, frame heights."""

    label: str
    x: float = 0.9
    floor: float = 0.8
    width: float = 0.4
    height: float = 0.3
    score: float = 0.7

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.x - self.width / 2, self.floor - self.height, self.x + self.width / 2, self.floor


def objects(t_s: float, seen: Sequence[Seen]) -> Objects:
    """What the detector would say."""
    return Objects(
        t_s,
        np.array([thing.box for thing in seen], np.float32).reshape(-1, 4),
        tuple(thing.label for thing in seen),
        np.array([thing.score for thing in seen], np.float32),
    )


def as_object(body: Body, label: str, score: float = 0.7) -> Seen:
    """The detector's opinion of a body: its box under a label."""
    x1, y1, x2, y2 = map(float, body.box)
    return Seen(label, x=(x1 + x2) / 2, floor=y2, width=x2 - x1, height=y2 - y1, score=score)


Movement = Callable[[float], Body | None]
"""A body at each time, or nobody."""


def falling(share: float) -> float:
    """Slow at first, then as gravity has it."""
    return share**2


def easy(share: float) -> float:
    """A controlled movement: begins and ends gently."""
    return share * share * (3 - 2 * share)


@dataclass(frozen=True)
class To:
    """Reach `pose` within `over_s`, then hold it for `hold_s`."""

    pose: Pose
    over_s: float
    hold_s: float = 0.0
    pace: Callable[[float], float] = easy


def fall(hold_s: float = 10.0, over_s: float = 0.8) -> To:
    """Topple over and stay there."""
    return To(LYING, over_s, hold_s, falling)


def get_up(hold_s: float = 10.0) -> tuple[To, To]:
    """Sit up, then stand."""
    return To(ON_THE_FLOOR, 1.5), To(STANDING, 1.5, hold_s)


def movement(*steps: To, body: Body | None = None, stands_s: float = 2.0, from_s: float = 0.0) -> Movement:
    """`body` holds its pose for `stands_s`, then does one step after the other and keeps the last pose."""
    body = body or Body()

    def at(t_s: float) -> Body | None:
        if t_s < from_s:
            return None
        left_s, pose = t_s - from_s - stands_s, body.pose
        for step in steps:
            if left_s < 0:
                break
            if left_s < step.over_s:
                return replace(body, pose=between(pose, step.pose, step.pace(left_s / step.over_s)))
            left_s, pose = left_s - step.over_s - step.hold_s, step.pose
        return replace(body, pose=pose)

    return at


def walk(start_x: float, end_x: float, over_s: float, body: Body | None = None) -> Movement:
    """Walk from one place to another, then stand."""
    body = body or Body()

    def at(t_s: float) -> Body:
        if t_s >= over_s:
            return replace(body, x=end_x, pose=STANDING)
        stride = abs(math.sin(t_s * 2 * math.pi * 0.9))
        return replace(body, x=start_x + (end_x - start_x) * t_s / over_s, pose=between(STANDING, WALKING, stride))

    return at


@dataclass(frozen=True)
class Scene:
    """Who moves, what the detector sees, and which frames the camera delivers."""

    movements: Sequence[Movement] = ()
    things: Callable[[float], Sequence[Seen]] = lambda _: ()
    length_s: float = 15.0
    fps: float = 10.0
    delivered: Callable[[int], bool] = lambda _: True
    """Whether the frame with this index arrives at all."""
    jitter: float = 0.0
    """How far joints tremble, frame heights."""
    seed: int = 0
    zones: Mapping[str, Zone] | None = None
    lines: Mapping[str, Line] = field(default_factory=dict)
    start_unix_s: float = 0.0
    timezone: str = "+00:00"


DETECT_EVERY_S = 0.5


def tracks_of(scene: Scene) -> Iterable[tuple[float, tuple[Track, ...]]]:
    """Each frame's time and the tracks that the real tracker finds in it."""
    tracker = Tracker(ZoneMap(scene.zones or {}, ASPECT))
    random = np.random.default_rng(scene.seed)
    detect_due_s = 0.0
    for index in range(int(scene.length_s * scene.fps)):
        if not scene.delivered(index):
            continue
        t_s = index / scene.fps
        bodies = [body for move in scene.movements if (body := move(t_s)) is not None]
        noise = random.normal(0, scene.jitter, (len(bodies), 17, 2)).astype(np.float32)
        detecting = t_s >= detect_due_s
        if detecting:
            detect_due_s = t_s + DETECT_EVERY_S - 1e-3
        yield (
            t_s,
            tracker.step(
                people(t_s, bodies, noise if scene.jitter else None),
                objects(t_s, scene.things(t_s)) if detecting else None,
            ),
        )


def room(job: Job | None = None) -> Room:
    """Where a rule's camera hangs."""
    return Room.of(job or Job(source="a scene", rules={}), ASPECT, source_times(0.0, UTC))


def signals_of(scene: Scene, *rules: Rule) -> list[RuleSignal]:
    """All that the real rules say about the scene, tracked by the real tracker."""
    by_id, zones = {rule.id: rule for rule in rules}, dict(scene.zones or {})
    job = Job(source="a scene", rules=by_id, zones=zones, lines=dict(scene.lines))
    running = build_rules(job, ASPECT, source_times(scene.start_unix_s, read_zone(scene.timezone)))
    return [
        signal for t_s, tracks in tracks_of(scene) for rule in running.values() for signal in rule.step(t_s, tracks)
    ]


def stages(signals: Iterable[RuleSignal]) -> list[Stage]:
    """Only what happened, in its order."""
    return [signal.stage for signal in signals]


def times(signals: Iterable[RuleSignal], stage: Stage) -> list[float]:
    """When each signal of one stage was given."""
    return [signal.t_s for signal in signals if signal.stage is stage]


def is_in_order(values: Iterable[float]) -> bool:
    """Never less than the one before."""
    return all(a <= b for a, b in pairwise(values))
