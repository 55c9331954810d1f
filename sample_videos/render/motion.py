"""A story told in poses: a procedural walk that ends where the keyframes take over."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import PchipInterpolator

from body import Body
from mesh import Array
from pose import Pose, Skeleton, rise_m

_SUBSTEPS = 4  # the feet are tracked at several times the frame rate, or a planted foot creeps


@dataclass(frozen=True, slots=True)
class Key:
    """The angles that change towards `at_s`; all others keep the previous key's value."""

    at_s: float
    angles: Pose


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk from the start until `stop_s`; it fades into the keyframes over the last `fade_s`.

    One that goes on past the clip's end halts, for the story's `halt_xy_m`, on the last frame.
    """

    stop_s: float
    fade_s: float = 0.5
    strides_per_s: float = 0.82
    swing_deg: float = 20.0
    first_phase: float = 0.6


@dataclass(frozen=True, slots=True)
class Breathing:
    """A slight bend of the trunk back and forth, from `from_s` on."""

    from_s: float
    swell_deg: float = 0.7
    breaths_per_s: float = 0.27


@dataclass(frozen=True, slots=True)
class Story:
    """What a person does: walk to `halt_xy_m`, or start there without a walk, then follow the keys.

    The feet hold where they stand, except in the `feet_free_s` spans, (from, until) in seconds: while both
    are in the air, or while the weight is on something else.
    """

    keys: Sequence[Key]
    halt_xy_m: tuple[float, float]
    walk: Walk | None = None
    feet_free_s: Sequence[tuple[float, float]] = ()
    breathing: Breathing | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant: the pose, and where on the floor the root's joint is, in metres (2,)."""

    at_s: float
    pose: Pose
    xy_m: Array = field(compare=False)


def track(keys: Sequence[Key]) -> Callable[[float], dict[str, float]]:
    """Pose over time through the keys by monotone cubics, which never overshoot a key's angle."""
    names = sorted({name for key in keys for name in key.angles})
    times = np.array([key.at_s for key in keys])
    current = dict.fromkeys(names, 0.0)
    rows = []
    for key in keys:
        current |= key.angles
        rows.append([current[name] for name in names])
    curves = PchipInterpolator(times, np.array(rows, float), axis=0)
    return lambda at_s: dict(zip(names, curves(np.clip(at_s, times[0], times[-1])).tolist(), strict=True))


def gait(phase: float, swing_deg: float) -> dict[str, float]:
    """Walking pose at `phase` in radians (2 pi is a stride, two steps); arms swing against the legs."""
    pose = {
        "bend": 4.0,
        "twist": -0.25 * swing_deg * math.sin(phase),
        "side": 0.1 * swing_deg * math.cos(phase),
    }
    for side, offset in (("l", 0.0), ("r", math.pi)):
        swing, lift = math.sin(phase + offset), max(0.0, math.cos(phase + offset))
        pose[f"hip_{side}"] = 4 + swing_deg * swing
        pose[f"knee_{side}"] = 6 + 2.1 * swing_deg * max(0.0, math.cos(phase + offset + 0.45)) ** 1.3
        pose[f"ankle_{side}"] = -0.3 * swing_deg * swing - 4 * lift
        pose[f"raise_{side}"] = -0.8 * swing_deg * swing
        pose[f"elbow_{side}"] = 26 + 0.5 * swing_deg * max(0.0, -swing)
    return pose


def _blend(first: Pose, second: Pose, share: float) -> dict[str, float]:
    """`first` at share 0, `second` at share 1."""
    names = sorted(set(first) | set(second))
    return {name: first.get(name, 0.0) * (1 - share) + second.get(name, 0.0) * share for name in names}


def _smoothstep(value: float) -> float:
    value = min(max(value, 0.0), 1.0)
    return value * value * (3 - 2 * value)


def _poses(story: Story, times: Array) -> list[dict[str, float]]:
    """The pose at each of the evenly spaced `times`."""
    walk, keyed = story.walk, track(story.keys)
    phase, step_s = walk.first_phase if walk else 0.0, times[1] - times[0]
    poses = []
    for at_s in times:
        fade = (at_s - (walk.stop_s - walk.fade_s)) / walk.fade_s if walk else 1.0
        pose = keyed(at_s)
        if walk and fade < 1:
            slowing = 1 - 0.35 * min(max(fade, 0.0), 1.0)
            phase += 2 * math.pi * walk.strides_per_s * step_s * slowing
            pose = _blend(pose | gait(phase, walk.swing_deg), pose, _smoothstep(fade))
        breathing = story.breathing
        if breathing and at_s > breathing.from_s:
            swell = math.sin(2 * math.pi * breathing.breaths_per_s * (at_s - breathing.from_s))
            pose["bend"] = pose.get("bend", 0.0) + breathing.swell_deg * swell
        poses.append(pose)
    return poses


def _toes(body: Body, skeleton: Skeleton, pose: Pose) -> Mapping[str, Array]:
    positions = skeleton.frames(pose).positions
    return {side: positions[body.names.index(f"toe3-1.{side}")] for side in "LR"}


def _path(body: Body, story: Story, times: Array, poses: Sequence[Pose]) -> Array:
    """Where the root is, (T, 2): the lower foot stands still while walking, both feet after that."""
    skeleton = Skeleton(body)
    stop_s = story.walk.stop_s if story.walk else times[0]
    here, halted = np.zeros(2), np.zeros(2)
    path, before = [here], _toes(body, skeleton, poses[0])
    for at_s, pose in zip(times[1:], poses[1:], strict=True):
        now = _toes(body, skeleton, pose)
        if not any(begin <= at_s < end for begin, end in story.feet_free_s):
            walking = at_s < stop_s
            planted = [min("LR", key=lambda side: now[side][2])] if walking else ["L", "R"]
            slip = np.mean([now[side] - before[side] for side in planted], axis=0)
            here = here - slip[:2]
        if at_s <= stop_s:
            halted = here
        path.append(here)
        before = now
    carried = np.array([(pose.get("go_x", 0.0), pose.get("go_y", 0.0)) for pose in poses])
    return np.array(path) - halted + story.halt_xy_m + carried


def perform(body: Body, story: Story, fps: int, seconds: float) -> list[Moment]:
    """The story at `fps` frames a second."""
    times = np.arange(round(seconds * fps * _SUBSTEPS)) / (fps * _SUBSTEPS)
    poses = _poses(story, times)
    path = _path(body, story, times, poses)
    frames = range(0, len(times), _SUBSTEPS)
    return [Moment(float(times[index]), poses[index], path[index]) for index in frames]


def hip_heights_m(body: Body, poses: Sequence[Pose]) -> Array:
    """Height (T,) of the root's joint, over the lower foot's toes or on its seat; it needs no mesh."""
    skeleton = Skeleton(body)
    heights = []
    for pose in poses:
        toes = _toes(body, skeleton, pose)
        heights.append(rise_m(pose, -min(toe[2] for toe in toes.values())))
    return np.array(heights)


def descent_start_s(body: Body, story: Story, seconds: float, sag_m: float = 0.03) -> float:
    """Measure when the uncontrolled descent begins: when the hips leave standing height, `sag_m` lower.

    For whoever sits, the standing height is the seat's. Raises ValueError if the hips never come down to
    half their height.
    """
    times = np.arange(story.walk.stop_s if story.walk else 0.0, seconds, 0.01)
    keyed = track(story.keys)
    heights = hip_heights_m(body, [keyed(at_s) for at_s in times])
    standing = heights[0]
    down = heights < standing / 2
    if not down.any():
        raise ValueError("the hips never come down: there is no fall to label")
    upright = np.flatnonzero(heights[: down.argmax()] > standing - sag_m)
    return round(float(times[upright[-1]]), 2)
