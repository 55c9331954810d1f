"""A ball that lies on the floor until a hand takes it."""

from dataclasses import dataclass

import numpy as np

from blender import add_mesh, move_vertices
from materials import Colour, material
from mesh import Array, sphere


@dataclass(frozen=True, slots=True)
class Ball:
    """A ball that the right hand takes at `taken_s`; until then it lies where the hand will reach it."""

    radius_m: float
    colour: Colour
    taken_s: float


class BallInScene:
    """A ball as an object in the Blender scene."""

    def __init__(self, ball: Ball, taken_from: Array) -> None:
        """Lay the ball on the floor below `taken_from` (3,), the palm that will take it."""
        self._ball = ball
        self._vertices, faces = sphere(ball.radius_m)
        self._rest = np.array((*taken_from[:2], ball.radius_m))
        self._thing = add_mesh("ball", self._vertices, faces, material("ball", ball.colour, 0.5))

    def follow(self, palm: Array, at_s: float) -> Array:
        """Hang from the palm (3,), once it has taken the ball; the ball's points (N, 3)."""
        held = palm - (0, 0, self._ball.radius_m)
        centre = held if at_s >= self._ball.taken_s else self._rest
        vertices = self._vertices + np.maximum(centre, (-np.inf, -np.inf, self._ball.radius_m))
        move_vertices(self._thing, vertices)
        return vertices
