"""A person of a scene as objects in the Blender scene, posed frame by frame."""

import math

import bpy
import numpy as np

from blender import add_mesh, move_vertices
from body import load_body
from mesh import Array
from motion import perform
from people import person_materials
from pose import Skeleton, posed
from prop import BallInScene
from scene import Person

_EVERY = 7  # one vertex in so many is enough to find the box round the person


class Puppet:
    """One person and what they hold."""

    def __init__(self, person: Person, fps: int, seconds: float) -> None:
        """Dress the body, work out every frame's pose and enter the scene."""
        body = load_body().shaped(person.stature, person.stout_m)
        self._skeleton, self._parts = Skeleton(body), person.wear(body)
        self._moments = perform(body, person.story, fps, seconds)
        surfaces = person_materials(person.colours)
        self._things: dict[str, bpy.types.Object] = {}
        for name, part in self._parts.items():
            self._things[name] = add_mesh(name, part.vertices, part.faces, surfaces[name])
        palm = body.names.index("finger3-1.R")
        self._palm = self._parts["skin"].weights[:, palm] > 0.5
        self._ball = None
        if person.ball:
            taken = self._meshes(math.ceil(person.ball.taken_s * fps))
            self._ball = BallInScene(person.ball, taken["skin"][self._palm].mean(axis=0))

    def act(self, number: int) -> Array:
        """Take the pose of a frame; some of the points (N, 3) of body and ball."""
        meshes = self._meshes(number)
        for name, vertices in meshes.items():
            move_vertices(self._things[name], vertices)
        points = np.concatenate(list(meshes.values()))[::_EVERY]
        if self._ball:
            palm = meshes["skin"][self._palm].mean(axis=0)
            points = np.concatenate([points, self._ball.follow(palm, self._moments[number].at_s)])
        return points

    def _meshes(self, number: int) -> dict[str, Array]:
        moment = self._moments[number]
        return posed(self._skeleton, self._parts, moment.pose, moment.xy_m)
