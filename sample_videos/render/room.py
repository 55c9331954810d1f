"""Rooms: the shell that is the same for many scenes, and how each scene furnishes it.

The camera looks from the corner at the origin towards +x and +y, so the two walls on its side are left out.
"""

from dataclasses import dataclass

import bpy

from blender import Vec3, add_area_light, set_ambient_light
from furniture import (
    bedside_table_with_lamp,
    box,
    chest_of_drawers,
    curtain,
    curtain_rail,
    double_bed,
    picture,
    rug,
    white_paint,
    window,
)
from materials import Pattern, Relief, material

WIDTH_M, DEPTH_M, HEIGHT_M = 4.6, 4.2, 2.6
DOOR_X_M = 1.0
_DOOR_WIDTH_M, _DOOR_HEIGHT_M = 0.9, 2.1
_BEYOND_M = 2.0  # floor and walls go on past the picture's edge


@dataclass(frozen=True, slots=True)
class Furnished:
    """What the renderer must know of a finished room: the light whose shadows the crop must take in."""

    shadow_light_m: Vec3


def shell() -> None:
    """Build the floor, two far walls with skirting boards, and an open door in the back wall to a hall."""
    floor = material(
        "floor", (0.36, 0.21, 0.11), 0.45, Pattern("planks", (0.29, 0.165, 0.085)), Relief(0.02, 40)
    )
    wall = material("wall", (0.66, 0.63, 0.55), 0.9, relief=Relief(0.05, 60))
    centre = (WIDTH_M / 2 - _BEYOND_M / 2, DEPTH_M / 2 - _BEYOND_M / 2, -0.05)
    box("floor", centre, (WIDTH_M + _BEYOND_M, DEPTH_M + _BEYOND_M, 0.1), floor)
    side_y = DEPTH_M / 2 - _BEYOND_M / 2
    box("side wall", (WIDTH_M + 0.05, side_y, HEIGHT_M / 2), (0.1, DEPTH_M + _BEYOND_M, HEIGHT_M), wall)
    box("side skirting", (WIDTH_M - 0.01, DEPTH_M / 2, 0.05), (0.02, DEPTH_M, 0.1), white_paint())
    _back_wall(wall)
    _door()


def _back_wall(wall: bpy.types.Material) -> None:
    left, right = DOOR_X_M - _DOOR_WIDTH_M / 2, DOOR_X_M + _DOOR_WIDTH_M / 2
    y = DEPTH_M + 0.05
    box("wall left", ((left - _BEYOND_M) / 2, y, HEIGHT_M / 2), (left + _BEYOND_M, 0.1, HEIGHT_M), wall)
    box("wall right", ((WIDTH_M + right) / 2, y, HEIGHT_M / 2), (WIDTH_M - right, 0.1, HEIGHT_M), wall)
    lintel = HEIGHT_M - _DOOR_HEIGHT_M
    box("lintel", (DOOR_X_M, y, HEIGHT_M - lintel / 2), (_DOOR_WIDTH_M, 0.1, lintel), wall)
    skirting_x = (WIDTH_M + right) / 2 + 0.04
    skirting_width = WIDTH_M - right - 0.08
    box("back skirting", (skirting_x, DEPTH_M - 0.01, 0.05), (skirting_width, 0.02, 0.1), white_paint())
    plaster = material("hall", (0.50, 0.46, 0.40), 0.9)
    box("hall wall", (DOOR_X_M, DEPTH_M + 1.3, 1.3), (3, 0.1, 2.6), plaster)
    box("hall floor", (DOOR_X_M, DEPTH_M + 0.6, -0.05), (3, 1.3, 0.1), wall)


def _door() -> None:
    paint = white_paint()
    half = _DOOR_WIDTH_M / 2 + 0.03
    for x in (DOOR_X_M - half, DOOR_X_M + half):
        box("door post", (x, DEPTH_M, 1.06), (0.08, 0.16, 2.16), paint)
    box("door head", (DOOR_X_M, DEPTH_M, 2.14), (2 * half + 0.08, 0.16, 0.08), paint)
    leaf = material("door", (0.42, 0.27, 0.15), 0.5, Pattern("grain", (0.47, 0.31, 0.18), (14, 2, 1.5)))
    box("door leaf", (DOOR_X_M - half + 0.06, DEPTH_M + 0.45, 1.03), (0.05, 0.84, 2.04), leaf)


def daylight_and_ceiling_lamp() -> Furnished:
    """Add a ceiling lamp that casts the shadows and a soft bluish fill from the window that casts none.

    A second light with shadows would throw them out of the box that is rendered anew for every frame.
    """
    lamp = (2.2, 1.8, 2.55)
    set_ambient_light((0.80, 0.85, 1.0), 0.42)
    add_area_light(lamp, (2.2, 1.9, 0), 1.2, 48, (1.0, 0.93, 0.82))
    add_area_light((4.4, 1.3, 1.6), (1, 2, 0.5), 1.2, 32, (0.85, 0.92, 1.0), shadow=False)
    return Furnished(shadow_light_m=lamp)


def bedroom() -> Furnished:
    """Furnish a bedroom: bed, bedside table with lamp, rug, chest of drawers, picture, window, curtains."""
    shell()
    double_bed((3.62, 3.03))
    bedside_table_with_lamp((2.58, 3.95))
    chest_of_drawers((0.25, 3.0))
    rug((2.35, 1.75), (1.3, 1.9))
    picture(DEPTH_M, 2.1, 1.6)
    window(WIDTH_M, 1.35, 1.4, 1.2, 1.55)
    for y in (0.45, 2.25):
        curtain(WIDTH_M, y, 0.5, 2.3, 0.12)
    curtain_rail(WIDTH_M, 1.35, 2.5, 2.32)
    return daylight_and_ceiling_lamp()
