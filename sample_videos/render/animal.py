"""An animal of a scene: where it walks, and its objects in the Blender scene."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from blender import add_mesh, add_strands, move_strands, move_vertices, strand_material
from fur import Coat, Fur
from materials import Colour, material
from mesh import Array, sphere
from quadruped import Anatomy, gait, grow_quadruped

_EVERY = 20  # one vertex in so many is enough to find the box round the animal
_STRAND_RADII_M = (0.0036, 0.0034, 0.0026, 0.0008)
_EASE_S = 0.7  # to stop and to set off


@dataclass(frozen=True, slots=True)
class Way:
    """A walk over the ground from `start` towards `end` in metres, with one halt, in seconds from and until.

    During the halt the animal turns its head by `look_deg` to the left. `carriage` is added to every pose.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    metres_per_s: float
    strides_per_s: float
    carriage: Mapping[str, float]
    halt_s: tuple[float, float]
    look_deg: float

    def going(self, at_s: float) -> float:
        """Share 0..1 of the full speed."""
        begin, end = self.halt_s
        return 1 - _ease(at_s - begin) * (1 - _ease(at_s - end))

    def walked_s(self, at_s: float) -> float:
        """How many seconds at full speed it would have taken to come so far."""
        times = np.arange(0, at_s, 0.02)
        return float(sum(self.going(float(time)) for time in times) * 0.02)

    def pose(self, at_s: float) -> dict[str, float]:
        """Joint angles in degrees."""
        pose = gait(self.strides_per_s * self.walked_s(at_s), 0.15 + 0.85 * self.going(at_s))
        begin, end = self.halt_s
        look = _ease(at_s - begin - 0.4) * (1 - _ease(at_s - end + 0.4))
        angles = dict(self.carriage) | {"yaw": self._yaw_deg()}
        for name in ("neck_turn", "head_turn"):
            angles[name] = angles.get(name, 0.0) + 0.5 * look * self.look_deg
        return {name: pose.get(name, 0.0) + angles.get(name, 0.0) for name in pose.keys() | angles.keys()}

    def at_m(self, at_s: float) -> Array:
        """Where on the ground the animal's origin is, (2,)."""
        return self.start + self.heading() * self.metres_per_s * self.walked_s(at_s)

    def heading(self) -> Array:
        """Unit vector (2,) along the way."""
        ahead = np.subtract(self.end, self.start)
        return ahead / np.linalg.norm(ahead)

    def _yaw_deg(self) -> float:
        x, y = self.heading()
        return math.degrees(math.atan2(y, x))


def _ease(seconds: float) -> float:
    share = min(max(seconds / _EASE_S, 0.0), 1.0)
    return share * share * (3 - 2 * share)


@dataclass(frozen=True, slots=True)
class Animal:
    """An animal of a kind, its skin's colour, its fur if it has one that shows, and its way."""

    anatomy: Anatomy
    skin: Colour
    way: Way
    coat: Coat | None = None


class AnimalInScene:
    """One animal, its eyes and nose, and its fur."""

    def __init__(self, animal: Animal, fps: int) -> None:
        """Grow the animal and enter the scene."""
        self._way, self._fps = animal.way, fps
        self._body = grow_quadruped(animal.anatomy)
        skin = material("hide", animal.skin, 0.9)
        self._thing = add_mesh("animal", self._body.vertices, self._body.faces, skin)
        self._details = []
        dark = material("eyes and nose", (0.008, 0.007, 0.006), 0.25, specular=0.6)
        x, y, z = animal.anatomy.eye
        for at, radius in ((animal.anatomy.nose, 2.0), ((x, y, z), 1.0), ((x, -y, z), 1.0)):
            vertices, faces = sphere(radius * animal.anatomy.detail_m)
            vertices = vertices + np.array(at)
            self._details.append((vertices, add_mesh("detail", vertices, faces, dark)))
        self._fur = None
        if animal.coat:
            self._fur = Fur(animal.coat, self._body.vertices, self._body.faces)
            look = strand_material("fur", animal.coat.dark, animal.coat.light)
            strands = self._fur.strands(self._body.vertices)
            self._hair = add_strands("fur", strands, _STRAND_RADII_M, look, self._fur.shades)

    def act(self, number: int) -> Array:
        """Take the pose of a frame; some of the body's points (N, 3)."""
        at_s = number / self._fps
        pose = self._way.pose(at_s)
        vertices = self._body.skin(pose)
        shift = np.array((*self._way.at_m(at_s), -np.percentile(vertices[:, 2], 0.3)))
        vertices = vertices + shift
        move_vertices(self._thing, vertices)
        rotations, positions = self._body.frames(pose)
        head = self._body.bones.index("head")
        for rest, thing in self._details:
            moved = (rest - self._body.joints[head]) @ rotations[head].T + positions[head] + shift
            move_vertices(thing, moved)
        if self._fur:
            move_strands(self._hair, self._fur.strands(vertices))
        return vertices[::_EVERY]
