"""How far apart things are in the picture, and whether two sights are of one place."""

import math

from semcam.tracking.geometry import diagonal
from semcam.tracking.observation import Floats

REACH = 0.6
"""How far a thing may be from where it was, in its own sizes, and still be at its place: small boxes wander."""
UNLIKE = 2.0
"""Something that is so many times as large, or as small, is something else."""


def gap(a: Floats, b: Floats) -> float:
    """From one box (x1, y1, x2, y2) to the nearest point of another, frame heights; 0 where they touch or overlap."""
    dx = max(float(b[0] - a[2]), float(a[0] - b[2]), 0.0)
    dy = max(float(b[1] - a[3]), float(a[1] - b[3]), 0.0)
    return math.hypot(dx, dy)


def sameness(a: Floats, b: Floats) -> float:
    """1 for two boxes of the same size with the same middle, 0 or less where `b` is out of reach of `a`'s place."""
    size, other = diagonal(a), diagonal(b)
    if not 1 / UNLIKE < other / max(size, 1e-6) < UNLIKE:
        return 0.0
    away = math.hypot(float(a[0] + a[2] - b[0] - b[2]) / 2, float(a[1] + a[3] - b[1] - b[3]) / 2)
    return 1 - away / (REACH * size)
