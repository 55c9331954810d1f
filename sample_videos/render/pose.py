"""Joint angles to a posed mesh: forward kinematics and linear blend skinning.

A pose is a dict of angles in degrees; a missing angle is 0. `*_l` and `*_r` are mirrored: equal numbers give
a symmetric pose.

    yaw, pitch, roll   of the whole body: turned to the left (0 faces -y), tipped forwards, tipped to the left
    bend, side, twist  of the trunk: forwards, to the left, to the left
    nod, tilt, turn    of the neck and head: down, to the left, to the left
    hip, hip_out, hip_twist, knee, ankle
                       thigh forwards, outwards, turned outwards; knee and ankle flexed
    raise, out, roll_in, elbow, curl
                       upper arm forwards, outwards, turned inwards about its length; elbow flexed from
                       straight; fingers curled further than relaxed
    press              per cent of the vertices that lie pressed onto the floor (flattened flesh and cloth)
    seated, seat       share 0..1 of the weight that a seat or mattress carries, and the height in metres at
                       which that holds the root's joint
    go_x, go_y         metres that the body moves over the floor beyond where its feet carry it
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from body import Body
from mesh import Array

Pose = Mapping[str, float]

_WHOLE = ("yaw", "pitch", "roll", "bend", "side", "twist", "nod", "tilt", "turn", "curl")
_CONTACT = ("press", "seated", "seat", "go_x", "go_y")
_PER_SIDE = ("hip", "hip_out", "hip_twist", "knee", "ankle", "raise", "out", "roll_in", "elbow")
ANGLES = frozenset(_WHOLE + _CONTACT) | {f"{name}_{side}" for name in _PER_SIDE for side in "lr"}

_SPINE_SHARES = {"spine05": 0.2, "spine04": 0.25, "spine03": 0.2, "spine02": 0.2, "spine01": 0.15}
_NECK = ("neck01", "neck02", "neck03", "head")
_X, _Y, _Z = np.eye(3)
_RELAXED_CURL_DEG = 18.0
_MIN_GAP_M = 0.002  # of pressed vertices above the floor, or the floor would show through in speckles


def angles(**degrees: float) -> dict[str, float]:
    """Name the angles of a pose. Raises ValueError for a name that no joint has."""
    unknown = sorted(set(degrees) - ANGLES)
    if unknown:
        raise ValueError(f"a pose has no angles {unknown}")
    return degrees


@dataclass(frozen=True)
class Part:
    """One skinned piece of a person: vertices (V, 3) in the rest pose, faces (F, 3), weights (V, B)."""

    vertices: Array
    faces: Array
    weights: Array


@dataclass(frozen=True)
class Frames:
    """Where each bone went: rotations (B, 3, 3) from the rest pose, positions (B, 3) of its head, in m."""

    rotations: Array
    positions: Array


def _turn(axis: Array, degrees: float) -> Array:
    unit = np.asarray(axis, float) / np.linalg.norm(axis)
    return Rotation.from_rotvec(unit * np.deg2rad(degrees)).as_matrix()


def _angle_between(first: Array, second: Array) -> float:
    cosine = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    return float(np.rad2deg(np.arccos(np.clip(cosine, -1, 1))))


class Skeleton:
    """Forward kinematics for one body."""

    def __init__(self, body: Body) -> None:
        self._body = body

    def frames(self, pose: Pose) -> Frames:
        """Where a pose takes the bones, with the root's joint at the origin."""
        body = self._body
        local = self._local_rotations(pose)
        rotations = np.zeros((len(body.names), 3, 3))
        positions = np.zeros((len(body.names), 3))
        for bone, (name, parent) in enumerate(zip(body.names, body.parents, strict=True)):
            if parent < 0:
                rotations[bone] = local[name]
                continue
            offset = body.joints[bone] - body.joints[parent]
            positions[bone] = positions[parent] + rotations[parent] @ offset
            rotations[bone] = rotations[parent] @ local[name] if name in local else rotations[parent]
        return Frames(rotations, positions)

    def skin(self, part: Part, frames: Frames) -> Array:
        """Vertices (V, 3) of a part in the pose that `frames` describes."""
        shifts = frames.positions - np.einsum("bij,bj->bi", frames.rotations, self._body.joints)
        blended = (part.weights @ frames.rotations.reshape(-1, 9)).reshape(-1, 3, 3)
        return np.einsum("vij,vj->vi", blended, part.vertices) + part.weights @ shifts

    def _local_rotations(self, pose: Pose) -> dict[str, Array]:
        """Each moving bone's rotation against its parent, in the rest pose's axes."""

        def angle(name: str) -> float:
            return pose.get(name, 0.0)

        local = {"root": _turn(_Z, angle("yaw")) @ _turn(_Y, angle("roll")) @ _turn(_X, angle("pitch"))}
        for name, share in _SPINE_SHARES.items():
            twist, side, bend = (share * angle(part) for part in ("twist", "side", "bend"))
            local[name] = _turn(_Z, twist) @ _turn(_Y, side) @ _turn(_X, bend)
        for name in _NECK:
            turn, tilt, nod = (angle(part) / len(_NECK) for part in ("turn", "tilt", "nod"))
            local[name] = _turn(_Z, turn) @ _turn(_Y, tilt) @ _turn(_X, nod)
        for side, mirror in (("l", 1), ("r", -1)):
            local |= self._leg(side, mirror, angle)
            local |= self._arm(side, mirror, angle)
        return local

    def _leg(self, side: str, mirror: int, angle: Callable[[str], float]) -> dict[str, Array]:
        bone = side.upper()
        thigh = (
            _turn(_Z, mirror * angle(f"hip_twist_{side}"))
            @ _turn(_Y, -mirror * angle(f"hip_out_{side}"))
            @ _turn(_X, -angle(f"hip_{side}"))
        )
        return {
            f"upperleg01.{bone}": thigh,
            f"lowerleg01.{bone}": _turn(_X, angle(f"knee_{side}")),
            f"foot.{bone}": _turn(_X, -angle(f"ankle_{side}")),
        }

    def _arm(self, side: str, mirror: int, angle: Callable[[str], float]) -> dict[str, Array]:
        bone = side.upper()
        joint = self._body.joint
        upper = joint(f"lowerarm01.{bone}") - joint(f"upperarm01.{bone}")
        lower = joint(f"wrist.{bone}") - joint(f"lowerarm01.{bone}")
        rest_out = _angle_between(upper * (1, 0, 1), -_Z)
        rest_elbow = _angle_between(upper, lower)
        hinge = np.cross(upper, lower)
        local = {
            f"upperarm01.{bone}": _turn(_X, -angle(f"raise_{side}"))
            @ _turn(_Y, mirror * (rest_out - angle(f"out_{side}")))
            @ _turn(upper, mirror * angle(f"roll_in_{side}")),
            f"lowerarm01.{bone}": _turn(hinge, angle(f"elbow_{side}") - rest_elbow),
        }
        for finger in range(2, 6):
            for segment in range(1, 4):
                local[f"finger{finger}-{segment}.{bone}"] = _turn(hinge, _RELAXED_CURL_DEG + angle("curl"))
        return local


def rise_m(pose: Pose, on_floor_m: float) -> float:
    """How high the root's joint is, if it were at `on_floor_m` with nothing but the floor to rest on."""
    seated = pose.get("seated", 0.0)
    return (1 - seated) * on_floor_m + seated * pose.get("seat", 0.0)


def posed(skeleton: Skeleton, parts: Mapping[str, Part], pose: Pose, xy: Array) -> dict[str, Array]:
    """Vertices of every part with the root above `xy` (2,), resting on the floor z = 0 or a seat."""
    frames = skeleton.frames(pose)
    meshes = {name: skeleton.skin(part, frames) for name, part in parts.items()}
    heights = np.concatenate([vertices[:, 2] for vertices in meshes.values()])
    floor = np.percentile(heights, pose.get("press", 0.0))
    for vertices in meshes.values():
        vertices += (xy[0], xy[1], rise_m(pose, -floor))
        vertices[:, 2] = np.maximum(vertices[:, 2], _MIN_GAP_M)
    return meshes
