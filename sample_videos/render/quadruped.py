"""Four-legged animals: an anatomy of lumps round bones, skinned, and a walk.

Axes: x forwards, y to the animal's left, z up; metres. A pose is a dict of angles in degrees, + forwards for
legs, + downwards for neck and head, + to the left for turns; a missing angle is 0.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial.transform import Rotation

from mesh import Array, neighbour_mean, smooth
from solid import Vec3, cone, ellipsoid, smooth_union, surface

_LEGS = ("fore_upper", "fore_lower", "fore_paw", "hind_upper", "hind_lower", "hind_paw")
_PARENTS = {
    "hips": "",
    "spine": "hips",
    "chest": "spine",
    "neck": "chest",
    "head": "neck",
    "fore_upper": "chest",
    "fore_lower": "fore_upper",
    "fore_paw": "fore_lower",
    "hind_upper": "hips",
    "hind_lower": "hind_upper",
    "hind_paw": "hind_lower",
}
_SKIN_SOFTNESS_M = 0.035  # over which a vertex passes from one bone to the next


@dataclass(frozen=True, slots=True)
class Lump:
    """Flesh on a bone: an ellipsoid of radii `size` at `at`, or a cone from `at` to `end` with radii `size`.

    `paired` flesh lies on both sides; `blend` is the width of its seam to the rest.
    """

    bone: str
    at: Vec3
    size: tuple[float, ...]
    end: Vec3 | None = None
    paired: bool = False
    blend: float = 0.1

    def distance(self, points: Array) -> Array:
        """Signed distance of points (..., 3)."""
        where = points * (1, 0, 1) + np.abs(points) * (0, 1, 0) if self.paired else points
        if self.end is None:
            return ellipsoid(where, self.at, (self.size[0], self.size[1], self.size[2]))
        return cone(where, self.at, self.end, self.size[0], self.size[1])


@dataclass(frozen=True)
class Anatomy:
    """Joints by bone (left ones for pairs), flesh, the grid step of the surface, and where the paint goes."""

    joints: Mapping[str, Vec3]
    flesh: tuple[Lump, ...]
    low: Vec3
    high: Vec3
    step: float
    nose: Vec3
    eye: Vec3
    detail_m: float
    """Radius of the eyes; the nose is twice as wide."""


@dataclass(frozen=True)
class Quadruped:
    """A skinned animal: vertices (V, 3), faces (F, 3), weights (V, B) over `bones`, joints (B, 3)."""

    vertices: Array
    faces: Array
    weights: Array
    bones: tuple[str, ...]
    joints: Array

    @cached_property
    def _parents(self) -> list[int]:
        parents = []
        for bone in self.bones:
            base, side = (bone[:-2], bone[-2:]) if bone[-2:] in ("_l", "_r") else (bone, "")
            parent = _PARENTS[base]
            parents.append(-1 if not parent else self.bones.index(parent + (side if parent in _LEGS else "")))
        return parents

    def frames(self, pose: Mapping[str, float]) -> tuple[Array, Array]:
        """Rotations (B, 3, 3) from the rest pose and positions (B, 3) of the bones."""
        rotations = np.zeros((len(self.bones), 3, 3))
        positions = np.zeros((len(self.bones), 3))
        for bone, (name, parent) in enumerate(zip(self.bones, self._parents, strict=True)):
            local = _local_rotation(name, pose)
            if parent < 0:
                rotations[bone], positions[bone] = local, local @ self.joints[bone]
                continue
            offset = self.joints[bone] - self.joints[parent]
            positions[bone] = positions[parent] + rotations[parent] @ offset
            rotations[bone] = rotations[parent] @ local
        return rotations, positions

    def skin(self, pose: Mapping[str, float]) -> Array:
        """Vertices (V, 3) in a pose."""
        rotations, positions = self.frames(pose)
        shifts = positions - np.einsum("bij,bj->bi", rotations, self.joints)
        blended = (self.weights @ rotations.reshape(-1, 9)).reshape(-1, 3, 3)
        return np.einsum("vij,vj->vi", blended, self.vertices) + self.weights @ shifts


def _turn(axis: str, degrees: float) -> Array:
    return Rotation.from_euler(axis, degrees, degrees=True).as_matrix()


def _local_rotation(bone: str, pose: Mapping[str, float]) -> Array:
    def angle(name: str) -> float:
        return pose.get(name, 0.0)

    if bone == "hips":
        return _turn("z", angle("yaw")) @ _turn("y", angle("pitch")) @ _turn("x", angle("roll"))
    if bone in ("spine", "chest"):
        return _turn("z", angle("trunk_turn"))
    if bone in ("neck", "head"):
        return _turn("z", angle(f"{bone}_turn")) @ _turn("y", angle(bone)) @ _turn("x", angle(f"{bone}_tilt"))
    return _turn("y", -angle(bone))


def grow_quadruped(anatomy: Anatomy) -> Quadruped:
    """Grow the surface round the flesh and bind it to the bones."""

    def distance(points: Array) -> Array:
        whole = anatomy.flesh[0].distance(points)
        for lump in anatomy.flesh[1:]:
            whole = smooth_union(whole, lump.distance(points), lump.blend)
        return whole

    vertices, faces = surface(distance, anatomy.low, anatomy.high, anatomy.step)
    mean = neighbour_mean(len(vertices), faces)
    vertices = smooth(vertices, mean, 3)
    bones = [bone for bone in anatomy.joints if bone not in _LEGS]
    bones += [f"{bone}_{side}" for side in "lr" for bone in anatomy.joints if bone in _LEGS]
    joints = []
    for bone in bones:
        x, y, z = anatomy.joints[bone if bone in anatomy.joints else bone[:-2]]
        joints.append((x, -y if bone.endswith("_r") else y, z))
    weights = np.zeros((len(vertices), len(bones)))
    left = vertices[:, 1] >= 0
    for lump in anatomy.flesh:
        closeness = np.exp(-np.maximum(lump.distance(vertices), 0) / _SKIN_SOFTNESS_M)
        sides = ((lump.bone, np.ones(len(vertices), bool)),)
        if lump.bone in _LEGS:
            sides = ((f"{lump.bone}_l", left), (f"{lump.bone}_r", ~left))
        for bone, mine in sides:
            column = bones.index(bone)
            weights[:, column] = np.where(mine, np.maximum(weights[:, column], closeness), weights[:, column])
    weights = smooth(weights / weights.sum(axis=1, keepdims=True), mean, 10)
    weights /= weights.sum(axis=1, keepdims=True)
    return Quadruped(vertices, faces, weights, tuple(bones), np.array(joints))


def gait(phase: float, share: float = 1.0) -> dict[str, float]:
    """A four-beat walk at `phase` in strides: left hind, left fore, right hind, right fore."""
    pose: dict[str, float] = {}
    for leg, side, offset in (
        ("hind", "l", 0.0),
        ("fore", "l", 0.25),
        ("hind", "r", 0.5),
        ("fore", "r", 0.75),
    ):
        angle = 2 * math.pi * (phase + offset)
        swing, lift = math.sin(angle), max(0.0, math.cos(angle + 0.3)) ** 1.2
        if leg == "fore":
            angles = (20 * swing + 2, -34 * lift, -18 * lift - 12 * swing + 14 * max(0.0, swing))
        else:
            angles = (19 * swing - 2, -16 * lift - 3 * swing, 14 * lift - 12 * swing)
        for part, degrees in zip(("upper", "lower", "paw"), angles, strict=True):
            pose[f"{leg}_{part}_{side}"] = share * degrees
    stride = 2 * math.pi * phase
    pose["roll"] = share * 2.2 * math.sin(stride + 0.6)
    pose["trunk_turn"] = share * 2.5 * math.sin(stride)
    pose["neck_turn"] = -share * 3 * math.sin(stride + 0.3)
    pose["neck"] = share * 2.5 * math.sin(2 * stride)
    pose["head"] = share * 2 * math.sin(2 * stride + 1)
    return pose
