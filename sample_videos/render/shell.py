"""The shell of a room: floor, two far walls, an open door to a hall.

The camera looks from the corner at the origin towards +x and +y, so the two walls on its side are left out.
"""

import bpy

from furniture import box, white_paint
from materials import Pattern, Relief, material

WIDTH_M, DEPTH_M, HEIGHT_M = 4.6, 4.2, 2.6
_DOOR_WIDTH_M, _DOOR_HEIGHT_M = 0.9, 2.1
_BEYOND_M = 2.0  # floor and walls go on past the picture's edge


def brown_boards() -> bpy.types.Material:
    """Make a floor of brown boards."""
    return material(
        "floor", (0.36, 0.21, 0.11), 0.45, Pattern("planks", (0.29, 0.165, 0.085)), Relief(0.02, 40)
    )


def pale_boards() -> bpy.types.Material:
    """Make a floor of pale oak boards."""
    return material("floor", (0.52, 0.40, 0.27), 0.4, Pattern("planks", (0.46, 0.34, 0.22)), Relief(0.02, 40))


def carpet() -> bpy.types.Material:
    """Make a short grey-green carpet."""
    flecks = Pattern("noise", (0.24, 0.27, 0.24), (60, 60, 60))
    return material("floor", (0.19, 0.22, 0.20), 1.0, flecks, Relief(0.3, 90))


def tiles() -> bpy.types.Material:
    """Make a floor of light grey tiles, 30 cm square."""
    return material("floor", (0.50, 0.52, 0.53), 0.3, Pattern("tiles", (0.46, 0.48, 0.49)))


def cream_plaster() -> bpy.types.Material:
    """Make the paint of most walls."""
    return material("wall", (0.66, 0.63, 0.55), 0.9, relief=Relief(0.05, 60))


def blue_plaster() -> bpy.types.Material:
    """Make a pale blue-grey wall."""
    return material("wall", (0.46, 0.53, 0.58), 0.9, relief=Relief(0.05, 60))


def sea_green_plaster() -> bpy.types.Material:
    """Make a bathroom's pale green wall."""
    return material("wall", (0.44, 0.56, 0.52), 0.7, relief=Relief(0.05, 60))


def shell(
    floor: bpy.types.Material,
    wall: bpy.types.Material,
    size: tuple[float, float] = (WIDTH_M, DEPTH_M),
    door_x: float = 1.0,
) -> None:
    """Build the floor, two far walls with skirting boards, and an open door in the back wall to a hall."""
    width, depth = size
    centre = (width / 2 - _BEYOND_M / 2, depth / 2 - _BEYOND_M / 2, -0.05)
    box("floor", centre, (width + _BEYOND_M, depth + _BEYOND_M, 0.1), floor)
    side_y = depth / 2 - _BEYOND_M / 2
    box("side wall", (width + 0.05, side_y, HEIGHT_M / 2), (0.1, depth + _BEYOND_M, HEIGHT_M), wall)
    box("side skirting", (width - 0.01, depth / 2, 0.05), (0.02, depth, 0.1), white_paint())
    _back_wall(wall, width, depth, door_x)
    _door(depth, door_x)


def _back_wall(wall: bpy.types.Material, width: float, depth: float, door_x: float) -> None:
    left, right = door_x - _DOOR_WIDTH_M / 2, door_x + _DOOR_WIDTH_M / 2
    y = depth + 0.05
    box("wall left", ((left - _BEYOND_M) / 2, y, HEIGHT_M / 2), (left + _BEYOND_M, 0.1, HEIGHT_M), wall)
    box("wall right", ((width + right) / 2, y, HEIGHT_M / 2), (width - right, 0.1, HEIGHT_M), wall)
    lintel = HEIGHT_M - _DOOR_HEIGHT_M
    box("lintel", (door_x, y, HEIGHT_M - lintel / 2), (_DOOR_WIDTH_M, 0.1, lintel), wall)
    skirting_x = (width + right) / 2 + 0.04
    skirting_width = width - right - 0.08
    box("back skirting", (skirting_x, depth - 0.01, 0.05), (skirting_width, 0.02, 0.1), white_paint())
    plaster = material("hall", (0.50, 0.46, 0.40), 0.9)
    box("hall wall", (door_x, depth + 1.3, 1.3), (3, 0.1, 2.6), plaster)
    box("hall floor", (door_x, depth + 0.6, -0.05), (3, 1.3, 0.1), wall)


def _door(depth: float, door_x: float) -> None:
    paint = white_paint()
    half = _DOOR_WIDTH_M / 2 + 0.03
    for x in (door_x - half, door_x + half):
        box("door post", (x, depth, 1.06), (0.08, 0.16, 2.16), paint)
    box("door head", (door_x, depth, 2.14), (2 * half + 0.08, 0.16, 0.08), paint)
    leaf = material("door", (0.42, 0.27, 0.15), 0.5, Pattern("grain", (0.47, 0.31, 0.18), (14, 2, 1.5)))
    box("door leaf", (door_x - half + 0.06, depth + 0.45, 1.03), (0.05, 0.84, 2.04), leaf)


def ceiling(size: tuple[float, float] = (WIDTH_M, DEPTH_M)) -> None:
    """Close the room for a low camera; light passes, for the rooms are lit as if they were open."""
    white = material("ceiling", (0.72, 0.71, 0.68), 0.95, glow=0.35)
    centre = (size[0] / 2 - _BEYOND_M / 2, size[1] / 2 - _BEYOND_M / 2, HEIGHT_M + 0.05)
    thing = box("ceiling", centre, (size[0] + _BEYOND_M, size[1] + _BEYOND_M, 0.1), white)
    thing.visible_diffuse = thing.visible_glossy = thing.visible_shadow = False


def near_walls(size: tuple[float, float] = (WIDTH_M, DEPTH_M)) -> None:
    """Add the two walls that a camera in the corner would look through, for one under the ceiling."""
    wall = cream_plaster()
    width, depth = size
    for name, centre, extent in (
        ("front wall", (width / 2, -0.05, HEIGHT_M / 2), (width + 0.2, 0.1, HEIGHT_M)),
        ("left wall", (-0.05, depth / 2, HEIGHT_M / 2), (0.1, depth, HEIGHT_M)),
    ):
        box(name, centre, extent, wall)
