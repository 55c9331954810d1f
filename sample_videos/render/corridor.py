"""A corridor of a care home along y: doors, handrails, ceiling lamps, a bright window at its far end."""

from furniture import box, white_paint, wood
from materials import Pattern, material
from shell import ceiling

WIDTH_M, LENGTH_M, HEIGHT_M = 2.6, 11.0, 2.6
_BEHIND_M = 2.0  # it goes on behind the camera


def corridor_shell() -> None:
    """Build floor, walls on both sides, the far wall with its window, and what hangs on them."""
    vinyl = material("vinyl", (0.34, 0.40, 0.36), 0.35, Pattern("noise", (0.30, 0.36, 0.32), (35, 35, 35)))
    wall = material("wall", (0.70, 0.66, 0.56), 0.9)
    middle, length = LENGTH_M / 2 - _BEHIND_M / 2, LENGTH_M + _BEHIND_M
    box("floor", (WIDTH_M / 2, middle, -0.05), (WIDTH_M, length, 0.1), vinyl)
    for x, inwards in ((-0.05, 1), (WIDTH_M + 0.05, -1)):
        box("wall", (x, middle, HEIGHT_M / 2), (0.1, length, HEIGHT_M), wall)
        box("skirting", (x + 0.055 * inwards, middle, 0.06), (0.02, length, 0.12), wood("skirting wood"))
        for y in range(2, int(LENGTH_M), 3):
            _door_in(x + 0.05 * inwards, y + 0.4 * inwards, inwards)
            box(
                "handrail",
                (x + 0.12 * inwards, y + 1.5 + 0.4 * inwards, 0.85),
                (0.05, 1.7, 0.06),
                wood(),
                0.02,
            )
    ceiling((WIDTH_M, LENGTH_M))
    box("far wall", (WIDTH_M / 2, LENGTH_M + 0.05, HEIGHT_M / 2), (WIDTH_M, 0.1, HEIGHT_M), wall)
    box("far frame", (WIDTH_M / 2, LENGTH_M - 0.02, 1.5), (1.5, 0.06, 1.4), white_paint())
    sky = material("far sky", (0.75, 0.86, 1.0), 0.2, glow=1.0)
    box("far window", (WIDTH_M / 2, LENGTH_M - 0.05, 1.5), (1.36, 0.06, 1.26), sky)


def _door_in(wall_x: float, y: float, inwards: int) -> None:
    leaf = material("corridor door", (0.16, 0.26, 0.32), 0.5)
    box("door frame", (wall_x, y, 1.06), (0.06, 1.1, 2.14), white_paint())
    box("door", (wall_x + 0.02 * inwards, y, 1.03), (0.06, 0.96, 2.06), leaf)
    box("door handle", (wall_x + 0.08 * inwards, y + 0.38, 1.05), (0.03, 0.12, 0.03), white_paint(), 0.01)
