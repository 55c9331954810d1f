"""Pieces of furniture out of boxes and sheets; each stands at the floor point it is given, in metres."""

import math
from collections.abc import Sequence

import bpy
import numpy as np

from blender import Vec3, add_mesh
from materials import Pattern, Relief, material

_BOX_FACES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def box(
    name: str, centre: Vec3, size: Vec3, surface: bpy.types.Material, rounding_m: float = 0.0
) -> bpy.types.Object:
    """Add an upright box; `rounding_m` rounds its edges."""
    half = np.array(size) / 2
    corners = [half * (x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    thing = add_mesh(name, np.array(corners), _BOX_FACES, surface, smooth=False)
    thing.location = centre
    if rounding_m:
        bevel = thing.modifiers.new("rounding", "BEVEL")
        bevel.width, bevel.segments = rounding_m, 3
    return thing


def lathe(name: str, at: Vec3, profile: Sequence[tuple[float, float]], surface: bpy.types.Material) -> None:
    """Add a turned piece round the vertical through `at`; `profile` lists (radius, height) from below."""
    sides = 28
    rings = []
    for radius, height in profile:
        around = np.linspace(0, 2 * np.pi, sides, endpoint=False)
        rings.append(np.c_[radius * np.cos(around), radius * np.sin(around), np.full(sides, height)])
    faces = []
    for ring in range(len(profile) - 1):
        for side in range(sides):
            beside = (side + 1) % sides
            low, high = ring * sides, (ring + 1) * sides
            faces.append((low + side, low + beside, high + beside, high + side))
    thing = add_mesh(name, np.concatenate(rings), faces, surface)
    thing.location = at


def wood(name: str = "wood") -> bpy.types.Material:
    """Make dark brown furniture wood, grain along y."""
    return material(name, (0.23, 0.12, 0.06), 0.5, Pattern("grain", (0.30, 0.17, 0.09), (2, 14, 2)))


def white_paint() -> bpy.types.Material:
    """Make the paint of skirting boards, frames and lamp feet."""
    return material("white paint", (0.75, 0.74, 0.72), 0.5)


def double_bed(at: tuple[float, float]) -> None:
    """Add a bed 1.5 m by 2.1 m round `at`, headboard towards +y, made up with a checked blanket."""
    x, y = at
    frame = wood("bed wood")
    linen = material("linen", (0.62, 0.63, 0.66), 0.9, relief=Relief(0.5, 6))
    # Sand and cream: no shirt in these colours, or the detector loses the person in front of the bed.
    squares = Pattern("checks", (0.50, 0.44, 0.34), (7, 7, 7))
    wool = material("blanket", (0.42, 0.36, 0.27), 0.95, squares, Relief(0.5, 7))
    box("bed frame", (x, y, 0.2), (1.5, 2.1, 0.25), frame)
    box("headboard", (x, y + 1.08, 0.55), (1.5, 0.08, 1.0), frame, 0.02)
    box("mattress", (x, y, 0.42), (1.44, 2.02, 0.24), linen, 0.07)
    box("blanket", (x, y - 0.3, 0.46), (1.54, 1.47, 0.24), wool, 0.08)
    box("blanket fold", (x, y + 0.36, 0.59), (1.5, 0.22, 0.05), linen, 0.025)
    for pillow_x in (x - 0.34, x + 0.34):
        box("pillow", (pillow_x, y + 0.75, 0.6), (0.58, 0.38, 0.14), linen, 0.06)


def bedside_table_with_lamp(at: tuple[float, float], lit: bool = True) -> None:
    """Add a small table 45 cm wide, its drawer towards -y, with a lamp and a book."""
    x, y = at
    box("bedside table", (x, y, 0.27), (0.45, 0.42, 0.54), wood("table wood"), 0.01)
    box("drawer", (x, y - 0.215, 0.4), (0.38, 0.02, 0.18), wood("drawer wood"), 0.005)
    box("knob", (x, y - 0.235, 0.4), (0.03, 0.03, 0.03), white_paint(), 0.01)
    box("book", (x + 0.13, y - 0.1, 0.555), (0.12, 0.18, 0.03), material("book", (0.08, 0.16, 0.13), 0.6))
    foot = [(0, 0), (0.08, 0), (0.08, 0.02), (0.02, 0.04), (0.02, 0.2)]
    lathe("lamp foot", (x - 0.04, y, 0.54), foot, white_paint())
    shade = material("lampshade", (0.9, 0.72, 0.45), 0.9, glow=0.9 if lit else 0.0)
    lathe("lampshade", (x - 0.04, y, 0.72), [(0.15, 0), (0.10, 0.2), (0, 0.2)], shade)


def chest_of_drawers(at: tuple[float, float], drawers: int = 3) -> None:
    """Add a chest 45 cm deep (x), 1 m wide (y) and 90 cm high, its drawers towards +x."""
    x, y = at
    front = wood("front wood")
    box("chest", (x, y, 0.45), (0.45, 1.0, 0.9), wood("chest wood"), 0.01)
    for drawer in range(drawers):
        height = 0.17 + 0.28 * drawer
        box("chest drawer", (x + 0.23, y, height), (0.02, 0.92, 0.25), front, 0.005)
        box("chest knob", (x + 0.25, y, height), (0.03, 0.03, 0.03), white_paint(), 0.01)


def rug(at: tuple[float, float], size: tuple[float, float]) -> None:
    """Add a rug with a lighter border; thin, because people stand and lie on the floor below it."""
    x, y = at
    border = material("rug border", (0.46, 0.43, 0.38), 1.0, relief=Relief(0.4, 60))
    field = material("rug field", (0.23, 0.25, 0.25), 1.0, Pattern("noise", (0.29, 0.30, 0.29), (40, 40, 40)))
    box("rug border", (x, y, 0.0005), (*size, 0.001), border)
    box("rug field", (x, y, 0.001), (size[0] - 0.16, size[1] - 0.16, 0.0012), field)


def picture(wall_y: float, x: float, height: float) -> None:
    """Add a framed picture, 80 cm by 55 cm, on a wall that faces -y."""
    art = material("art", (0.15, 0.30, 0.35), 0.6, Pattern("noise", (0.75, 0.60, 0.30), (4, 4, 4)))
    box("picture frame", (x, wall_y - 0.01, height), (0.8, 0.03, 0.55), wood("frame wood"))
    box("picture", (x, wall_y - 0.03, height), (0.7, 0.02, 0.45), art)


def window(
    wall_x: float, y: float, width: float, height: float, centre_z: float, by_day: bool = True
) -> None:
    """Add a window with two casements in a wall that faces -x, bright by day and black by night."""
    sky = material("sky", (0.75, 0.86, 1.0), 0.2, glow=1.0)
    if not by_day:
        sky = material("night sky", (0.01, 0.01, 0.012), 0.1)
    paint = white_paint()
    box("window frame", (wall_x - 0.01, y, centre_z), (0.06, width, height), paint)
    for pane_y in (y - width / 4, y + width / 4):
        box("pane", (wall_x - 0.03, pane_y, centre_z), (0.06, width / 2 - 0.09, height - 0.12), sky)
    box("sill", (wall_x - 0.08, y, centre_z - height / 2 - 0.02), (0.2, width + 0.1, 0.04), paint, 0.01)


def curtain(wall_x: float, y: float, width: float, top_m: float, bottom_m: float) -> None:
    """Add one gathered curtain in front of a wall that faces -x."""
    columns = 60
    across = np.linspace(-0.5, 0.5, columns)
    folds = 0.035 * np.sin(across * width * 2 * math.pi / 0.11)
    sheet = []
    for z, spread in ((top_m, 0.9), (bottom_m, 1.0)):
        sheet.append(np.c_[wall_x - 0.12 + folds, y + across * width * spread, np.full(columns, z)])
    faces = [(i, i + 1, columns + i + 1, columns + i) for i in range(columns - 1)]
    cloth = material("curtain", (0.36, 0.40, 0.36), 0.95, relief=Relief(0.3, 30))
    add_mesh("curtain", np.concatenate(sheet), faces, cloth)


def curtain_rail(wall_x: float, y: float, length: float, height: float) -> None:
    """Add the rod the curtains hang from."""
    box("curtain rail", (wall_x - 0.12, y, height), (0.03, length, 0.03), wood("rail wood"), 0.01)
