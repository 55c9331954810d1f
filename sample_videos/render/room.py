"""Furnished rooms, each in its light; a scene names one."""

from collections.abc import Callable

from bathroom import bathtub, toilet, towel, washbasin
from corridor import corridor_shell
from furniture import (
    bedside_table_with_lamp,
    box,
    chest_of_drawers,
    curtain,
    curtain_rail,
    double_bed,
    picture,
    rug,
    window,
)
from kitchen import kitchen_row, refrigerator
from light import (
    Furnished,
    bathroom_lamp,
    corridor_lamp,
    daylight_and_ceiling_lamp,
    evening_lamp,
    window_light,
)
from materials import Relief, material
from seating import bookshelf, chair, dining_table, plant, sofa, television
from shell import (
    DEPTH_M,
    WIDTH_M,
    blue_plaster,
    brown_boards,
    carpet,
    ceiling,
    cream_plaster,
    near_walls,
    pale_boards,
    sea_green_plaster,
    shell,
    tiles,
)

Light = Callable[[], Furnished]


def bedroom(light: Light = daylight_and_ceiling_lamp, by_day: bool = True) -> Furnished:
    """Furnish a bedroom: bed, bedside table with lamp, rug, chest of drawers, picture, window, curtains."""
    shell(brown_boards(), cream_plaster())
    double_bed((3.62, 3.03))
    bedside_table_with_lamp((2.58, 3.95), lit=by_day)
    chest_of_drawers((0.25, 3.0))
    rug((2.35, 1.75), (1.3, 1.9))
    picture(DEPTH_M, 2.1, 1.6)
    _window_with_curtains(1.35, by_day)
    return light()


def closed_bedroom() -> Furnished:
    """Furnish the bedroom with walls all round, for a camera under the ceiling."""
    near_walls()
    return bedroom()


def living_room(light: Light = window_light) -> Furnished:
    """Furnish a living room: sofa and plant at the back wall, bookshelf, window; the middle stays free."""
    shell(pale_boards(), blue_plaster(), door_x=0.6)
    sofa((2.75, 3.72))
    plant((4.2, 3.8))
    picture(DEPTH_M, 2.75, 1.65)
    bookshelf((WIDTH_M - 0.17, 2.95))
    _window_with_curtains(1.35)
    return light()


def dining_room(light: Light = evening_lamp) -> Furnished:
    """Furnish a dining room on carpet: table, two chairs at it, one chair alone, television at the side."""
    shell(carpet(), cream_plaster(), door_x=0.7)
    dining_table((3.4, 3.3))
    chair((2.65, 3.3), facing_deg=90)
    chair((3.4, 3.85), facing_deg=0)
    chair((2.3, 2.0), facing_deg=20)
    television(WIDTH_M, 1.6)
    picture(DEPTH_M, 2.2, 1.6)
    return light()


def exercise_room() -> Furnished:
    """Furnish the living room with an exercise mat in the middle of the floor, along x."""
    mat = material("mat", (0.10, 0.20, 0.30), 0.95, relief=Relief(0.2, 200))
    box("mat", (2.45, 2.3, 0.001), (1.9, 0.7, 0.002), mat)
    return living_room(daylight_and_ceiling_lamp)


def kitchen(light: Light = daylight_and_ceiling_lamp) -> Furnished:
    """Furnish a kitchen with a tiled floor: one row along the back wall, refrigerator, window, a mat."""
    shell(tiles(), cream_plaster(), door_x=0.7)
    ceiling()
    kitchen_row(DEPTH_M, 1.45, units=4)
    refrigerator((4.2, DEPTH_M - 0.33))
    rug((2.4, 2.9), (1.2, 0.7))
    window(WIDTH_M, 1.9, 1.2, 1.1, 1.6)
    return light()


def bathroom(light: Light = bathroom_lamp) -> Furnished:
    """Furnish a bathroom: tub along the back wall, toilet and washbasin at the side wall, a mat, a towel."""
    width, depth = size = (3.1, 2.9)
    shell(tiles(), sea_green_plaster(), size, door_x=0.55)
    bathtub((2.2, depth - 0.39))
    washbasin(width, 1.55)
    toilet((width - 0.32, 0.65))
    rug((1.9, 1.75), (0.9, 0.5))
    towel(depth, 1.9)
    return light()


def corridor(light: Light = corridor_lamp) -> Furnished:
    """Build a corridor along y."""
    corridor_shell()
    return light()


def _window_with_curtains(y: float, by_day: bool = True) -> None:
    window(WIDTH_M, y, 1.4, 1.2, 1.55, by_day)
    for curtain_y in (y - 0.9, y + 0.9):
        curtain(WIDTH_M, curtain_y, 0.5, 2.3, 0.12)
    curtain_rail(WIDTH_M, y, 2.5, 2.32)
