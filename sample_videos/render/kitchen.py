"""A kitchen row along a back wall that faces -y: base units with worktop, wall units, refrigerator."""

from furniture import box, lathe
from materials import Pattern, material

_DEPTH_M = 0.6
_UNIT_M = 0.6


def kitchen_row(wall_y: float, from_x: float, units: int) -> None:
    """Add base units from `from_x` on, each 60 cm wide, with worktop, hob, kettle and wall units above."""
    front = material("unit front", (0.62, 0.63, 0.60), 0.4)
    top = material("worktop", (0.12, 0.10, 0.09), 0.35, Pattern("noise", (0.17, 0.15, 0.13), (70, 70, 70)))
    steel = material("steel", (0.45, 0.46, 0.47), 0.3, specular=0.6)
    width, y = units * _UNIT_M, wall_y - _DEPTH_M / 2
    middle = from_x + width / 2
    box("plinth", (middle, y + 0.03, 0.05), (width, _DEPTH_M - 0.06, 0.1), top)
    box("base units", (middle, y, 0.48), (width, _DEPTH_M - 0.02, 0.76), front)
    box("worktop", (middle, y - 0.01, 0.88), (width + 0.02, _DEPTH_M + 0.02, 0.04), top, 0.005)
    box(
        "splashback",
        (middle, wall_y - 0.01, 1.2),
        (width, 0.02, 0.6),
        material("glaze", (0.30, 0.42, 0.44), 0.25),
    )
    box("wall units", (middle, wall_y - 0.17, 1.85), (width, 0.34, 0.7), front)
    for unit in range(units):
        x = from_x + (unit + 0.5) * _UNIT_M
        box("front", (x, y - _DEPTH_M / 2, 0.48), (_UNIT_M - 0.02, 0.02, 0.72), front, 0.004)
        box("handle", (x, y - _DEPTH_M / 2 - 0.03, 0.78), (0.2, 0.02, 0.015), steel)
        box("wall front", (x, wall_y - 0.35, 1.85), (_UNIT_M - 0.02, 0.02, 0.68), front, 0.004)
        box("wall handle", (x, wall_y - 0.38, 1.56), (0.2, 0.02, 0.015), steel)
    box(
        "hob",
        (from_x + 0.5 * _UNIT_M, y, 0.905),
        (0.54, 0.5, 0.01),
        material("hob", (0.01, 0.01, 0.012), 0.15),
    )
    kettle = [(0, 0), (0.08, 0), (0.085, 0.05), (0.06, 0.18), (0.02, 0.21), (0, 0.21)]
    lathe("kettle", (from_x + 1.6 * _UNIT_M, y, 0.90), kettle, steel)


def refrigerator(at: tuple[float, float]) -> None:
    """Add a refrigerator 1.75 m high, its two doors towards -y."""
    x, y = at
    white = material("refrigerator", (0.70, 0.70, 0.69), 0.35)
    box("refrigerator", (x, y, 0.875), (0.6, 0.62, 1.75), white, 0.01)
    for z, height in ((0.4, 0.68), (1.25, 0.96)):
        box("refrigerator door", (x, y - 0.33, z), (0.58, 0.04, height), white, 0.012)
        box("refrigerator handle", (x - 0.24, y - 0.37, z + 0.1), (0.025, 0.03, 0.4), white, 0.008)
