"""Bathroom pieces; each stands at the floor point it is given, in metres."""

import bpy

from furniture import box, lathe
from materials import material


def _enamel() -> bpy.types.Material:
    return material("enamel", (0.78, 0.78, 0.77), 0.2, specular=0.5)


def _chrome() -> bpy.types.Material:
    return material("chrome", (0.55, 0.56, 0.58), 0.2, specular=0.8)


def bathtub(at: tuple[float, float]) -> None:
    """Add an empty tub 1.7 m long (x), 75 cm deep, 56 cm high, with a tap at its +x end and a grab rail."""
    x, y = at
    white = _enamel()
    box("tub bottom", (x, y, 0.12), (1.62, 0.66, 0.16), white, 0.02)
    for side in (-1, 1):
        box("tub side", (x, y + side * 0.345, 0.28), (1.7, 0.06, 0.56), white, 0.02)
        box("tub end", (x + side * 0.82, y, 0.28), (0.06, 0.75, 0.56), white, 0.02)
    box("tap", (x + 0.78, y, 0.72), (0.05, 0.16, 0.05), _chrome(), 0.01)
    box("spout", (x + 0.70, y, 0.70), (0.16, 0.04, 0.03), _chrome(), 0.01)
    box("grab rail", (x - 0.3, y + 0.36, 0.85), (0.6, 0.035, 0.035), _chrome(), 0.015)


def toilet(at: tuple[float, float]) -> None:
    """Add a toilet, its cistern towards +x."""
    x, y = at
    white = _enamel()
    bowl = [(0, 0), (0.13, 0), (0.14, 0.15), (0.20, 0.36), (0.205, 0.40), (0, 0.40)]
    lathe("bowl", (x - 0.12, y, 0), bowl, white)
    box("lid", (x - 0.12, y, 0.415), (0.42, 0.37, 0.03), white, 0.014)
    box("cistern", (x + 0.2, y, 0.55), (0.2, 0.4, 0.62), white, 0.03)


def washbasin(wall_x: float, y: float) -> None:
    """Add a washbasin with its mirror on a wall that faces -x."""
    white = _enamel()
    foot = [(0.10, 0), (0.07, 0.1), (0.07, 0.6), (0.12, 0.72), (0, 0.72)]
    lathe("basin foot", (wall_x - 0.18, y, 0), foot, white)
    box("basin", (wall_x - 0.24, y, 0.8), (0.46, 0.58, 0.16), white, 0.05)
    box("basin tap", (wall_x - 0.08, y, 0.92), (0.04, 0.04, 0.12), _chrome(), 0.01)
    frame = material("mirror frame", (0.30, 0.20, 0.12), 0.5)
    glass = material("mirror", (0.55, 0.62, 0.64), 0.15, specular=0.6)
    box("mirror frame", (wall_x - 0.015, y, 1.5), (0.03, 0.64, 0.74), frame)
    box("mirror", (wall_x - 0.03, y, 1.5), (0.02, 0.58, 0.68), glass)


def towel(wall_y: float, x: float) -> None:
    """Add a towel on a rail at a wall that faces -y."""
    cloth = material("towel", (0.48, 0.13, 0.10), 0.95)
    box("towel rail", (x, wall_y - 0.07, 1.3), (0.6, 0.025, 0.025), _chrome(), 0.01)
    box("towel", (x, wall_y - 0.07, 1.04), (0.42, 0.045, 0.54), cloth, 0.015)
