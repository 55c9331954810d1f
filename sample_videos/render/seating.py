"""Furniture of living and dining rooms; each piece stands at the floor point it is given, in metres."""

import math

import bpy
import numpy as np

from blender import add_mesh
from furniture import box, lathe, white_paint, wood
from materials import Pattern, Relief, material
from mesh import Array

CHAIR_SEAT_M = 0.45


def _turned(things: list[bpy.types.Object], at: tuple[float, float], degrees: float) -> None:
    """Turn pieces that were built round the origin to the left and put them at `at`."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    for thing in things:
        x, y, z = thing.location
        thing.location = (at[0] + cosine * x - sine * y, at[1] + sine * x + cosine * y, z)
        thing.rotation_euler = (0, 0, math.radians(degrees))


def chair(at: tuple[float, float], facing_deg: float) -> None:
    """Add a wooden chair with a cushion; at 0 degrees whoever sits on it faces -y, as a body does."""
    frame = material("chair wood", (0.33, 0.19, 0.09), 0.5, Pattern("grain", (0.38, 0.23, 0.12), (2, 14, 2)))
    cloth = material("cushion", (0.30, 0.10, 0.08), 0.95, relief=Relief(0.4, 40))
    things = [
        box("seat", (0, 0, CHAIR_SEAT_M - 0.035), (0.44, 0.42, 0.03), frame, 0.008),
        box("cushion", (0, -0.01, CHAIR_SEAT_M - 0.01), (0.40, 0.38, 0.03), cloth, 0.012),
        box("chair back", (0, 0.20, 0.82), (0.44, 0.03, 0.12), frame, 0.01),
        box("chair slat", (0, 0.20, 0.64), (0.44, 0.02, 0.06), frame, 0.005),
    ]
    for x in (-0.2, 0.2):
        things.append(box("front leg", (x, -0.19, 0.2), (0.04, 0.04, 0.41), frame))
        things.append(box("back leg", (x, 0.2, 0.44), (0.04, 0.04, 0.88), frame))
    _turned(things, at, facing_deg)


def dining_table(at: tuple[float, float]) -> None:
    """Add a table 1.2 m by 0.8 m, with a bowl on it."""
    x, y = at
    top = wood("table top")
    box("table", (x, y, 0.72), (1.2, 0.8, 0.04), top, 0.01)
    for leg_x in (x - 0.54, x + 0.54):
        for leg_y in (y - 0.34, y + 0.34):
            box("table leg", (leg_x, leg_y, 0.35), (0.06, 0.06, 0.70), top)
    bowl = [(0.0, 0.0), (0.07, 0.0), (0.14, 0.08), (0.15, 0.085), (0.13, 0.07), (0.05, 0.015), (0.0, 0.015)]
    lathe("bowl", (x, y, 0.74), bowl, white_paint())


def sofa(at: tuple[float, float]) -> None:
    """Add a sofa 1.9 m wide, its back towards +y."""
    x, y = at
    cloth = material("sofa cloth", (0.16, 0.17, 0.19), 0.95, relief=Relief(0.4, 50))
    cushion = material("sofa cushion", (0.20, 0.21, 0.23), 0.95, relief=Relief(0.4, 50))
    accent = material("throw cushion", (0.55, 0.36, 0.08), 0.95, relief=Relief(0.4, 50))
    box("sofa base", (x, y, 0.2), (1.9, 0.82, 0.26), cloth, 0.03)
    box("sofa back", (x, y + 0.33, 0.5), (1.9, 0.2, 0.62), cloth, 0.06)
    for side in (-1, 1):
        box("sofa arm", (x + side * 0.87, y, 0.36), (0.18, 0.84, 0.5), cloth, 0.05)
        box("sofa seat", (x + side * 0.39, y - 0.07, 0.38), (0.76, 0.66, 0.15), cushion, 0.05)
    box("throw cushion", (x - 0.55, y + 0.1, 0.6), (0.4, 0.16, 0.38), accent, 0.06)


def bookshelf(at: tuple[float, float]) -> None:
    """Add a bookshelf 34 cm deep (x), 80 cm wide (y) and 1.8 m high, its books towards -x."""
    x, y = at
    board = material("shelf", (0.60, 0.56, 0.50), 0.6)
    for side in (-0.4, 0.4):
        box("shelf side", (x, y + side, 0.9), (0.34, 0.03, 1.8), board)
    box("shelf back", (x + 0.16, y, 0.9), (0.02, 0.8, 1.8), board)
    covers = [
        (0.20, 0.05, 0.04),
        (0.06, 0.12, 0.20),
        (0.30, 0.26, 0.16),
        (0.08, 0.14, 0.08),
        (0.25, 0.16, 0.05),
    ]
    backs = [material("book", cover, 0.7) for cover in covers]
    rng = np.random.default_rng(4)
    for level in range(6):
        z = 0.05 + 0.34 * level
        box("shelf board", (x, y, z), (0.34, 0.8, 0.025), board)
        along = -0.36
        while level < 5 and along < 0.30:
            thickness, height = rng.uniform(0.02, 0.05), rng.uniform(0.19, 0.28)
            middle = (x - 0.03, y + along + thickness / 2, z + 0.013 + height / 2)
            box("book", middle, (0.2, 0.9 * thickness, height), backs[rng.integers(len(backs))])
            along += thickness if rng.random() < 0.9 else 0.1


def television(wall_x: float, y: float) -> None:
    """Add a dark television on a low cabinet, in front of a wall that faces -x."""
    box("cabinet", (wall_x - 0.22, y, 0.24), (0.4, 1.4, 0.42), wood("cabinet wood"), 0.01)
    box("screen foot", (wall_x - 0.22, y, 0.48), (0.2, 0.4, 0.03), material("foot", (0.02, 0.02, 0.02), 0.4))
    box("screen", (wall_x - 0.22, y, 0.82), (0.04, 1.05, 0.6), material("screen", (0.015, 0.015, 0.02), 0.25))


def plant(at: tuple[float, float]) -> None:
    """Add a pot plant about 1.2 m high, its arching leaves set round the pot."""
    x, y = at
    pot = [(0, 0), (0.13, 0), (0.17, 0.3), (0.15, 0.3), (0.14, 0.26), (0, 0.26)]
    lathe("pot", (x, y, 0), pot, material("clay", (0.38, 0.17, 0.09), 0.8))
    leaf = material("leaf", (0.05, 0.14, 0.04), 0.5, Pattern("noise", (0.08, 0.20, 0.05), (9, 9, 9)))
    rng = np.random.default_rng(7)
    for number in range(22):
        blade = _blade(rng.uniform(0.6, 1.0), rng.uniform(0.25, 0.55), 2.4 * number)
        rows = len(blade) // 2
        faces = [(2 * row, 2 * row + 1, 2 * row + 3, 2 * row + 2) for row in range(rows - 1)]
        add_mesh("leaf", np.add(blade, (x, y, 0.25)), faces, leaf)


def _blade(length_m: float, reach_m: float, direction: float) -> Array:
    """A leaf's vertices (2R, 3), left and right edge by turns: up from the origin, then over to one side."""
    share = np.linspace(0, 1, 9)
    out, up = reach_m * share**2, length_m * (share - 0.45 * share**3)
    half = 0.035 * np.sin(np.pi * np.clip(share, 0.02, 1)) ** 0.7
    cosine, sine = math.cos(direction), math.sin(direction)
    middle = np.stack([cosine * out, sine * out, up], axis=1)
    across = half[:, None] * np.array([-sine, cosine, 0])
    return np.stack([middle - across, middle + across], axis=1).reshape(-1, 3)
