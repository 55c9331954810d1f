"""The rest-pose body: mesh, skeleton and skinning weights from `body.npz`.

Axes: x to the body's left, y backwards (the face looks along -y), z up; metres. The arms hang in an A-pose.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from mesh import Array, largest_component, vertex_normals

ASSET = Path(__file__).with_name("body.npz")


@dataclass(frozen=True)
class Body:
    """A skinned body: V vertices, F triangles, B bones.

    vertices (V, 3), faces (F, 3), weights (V, B), joints (B, 3) where the bones begin, parents (B,) with -1
    for the root, names of the bones.
    """

    vertices: Array
    faces: Array
    weights: Array
    joints: Array
    parents: Array
    names: tuple[str, ...]

    @cached_property
    def normals(self) -> Array:
        """Unit normals (V, 3)."""
        return vertex_normals(self.vertices, self.faces)

    @cached_property
    def envelope(self) -> Array:
        """Mask (V,) of the outer skin, without eyeballs, teeth and tongue, which are pieces of their own."""
        return largest_component(len(self.vertices), self.faces)

    def shaped(self, stature: float, stout_m: float) -> "Body":
        """The body `stature` times as tall, its belly and back rounded out by `stout_m`, thighs by half."""
        soft = self.weight_of("spine05", "spine04", "spine03", "spine02")
        soft = soft + 0.5 * self.weight_of("spine01", "pelvis", "upperleg")
        padded = self.vertices + self.normals * (stout_m * np.clip(soft, 0, 1))[:, None]
        return replace(self, vertices=stature * padded, joints=stature * self.joints)

    def joint(self, bone: str) -> Array:
        """Rest position (3,) of a bone's head."""
        return self.joints[self.names.index(bone)]

    def weight_of(self, *prefixes: str) -> Array:
        """Sum, as (V,), the weights of the bones whose names begin with one of `prefixes`."""
        chosen = [index for index, name in enumerate(self.names) if name.startswith(prefixes)]
        return self.weights[:, chosen].sum(axis=1)


def load_body(path: Path = ASSET) -> Body:
    """Read a body as `bodyasset.py` writes it, with weights as (V, K) pairs of bone and weight."""
    with np.load(path) as data:
        vertices = data["v"].astype(float)
        joints = data["h"].astype(float)
        weights = np.zeros((len(vertices), len(joints)))
        rows = np.arange(len(vertices))[:, None]
        np.add.at(weights, (rows, data["I"]), data["W"])
        weights /= weights.sum(axis=1, keepdims=True)
        names = tuple(str(name) for name in data["names"])
        return Body(vertices, data["f"].astype(int), weights, joints, data["par"].astype(int), names)
