"""A school gate by day: forecourt, brick pillars, open iron gate, railings, hedge and conifers behind."""

import math

import bpy
import numpy as np

from blender import add_mesh, add_strands, add_sun, set_sky, strand_material
from furniture import box
from light import Furnished
from materials import Pattern, Relief, material

_SUN = (0.45, 0.75, -0.75)  # where the sunlight goes: from behind the camera, from the left
_GATE_Y_M, _GATE_HALF_M = 5.2, 1.9
_LIGHTS_FROM_M = 80.0


def school_gate() -> Furnished:
    """Build the gate, seen from the forecourt; the free ground in front of it is about y = 0 to 4."""
    set_sky(0.24, sun_elevation_deg=38, sun_rotation_deg=200)
    add_sun(_SUN, 3.4, spread_deg=2)
    asphalt = material("asphalt", (0.17, 0.165, 0.16), 0.95, Pattern("noise", (0.21, 0.205, 0.20), (9, 9, 9)))
    earth = material("earth", (0.085, 0.065, 0.035), 0.95, Pattern("noise", (0.11, 0.09, 0.045), (2, 2, 2)))
    box("forecourt", (0, -8, -0.05), (60, 2 * (_GATE_Y_M + 8), 0.1), asphalt)
    box("road in", (0, _GATE_Y_M + 16, -0.05), (2 * _GATE_HALF_M, 32, 0.1), asphalt)
    for side in (-1, 1):
        box("earth", (side * (_GATE_HALF_M + 60), _GATE_Y_M + 60, -0.05), (120, 120, 0.1), earth)
        _pillar(side * (_GATE_HALF_M + 0.25))
        _railings(side)
        _wing(side)
        _hedge(side)
    wood = material("far wood", (0.03, 0.055, 0.025), 0.95, Pattern("noise", (0.06, 0.09, 0.045), (2, 2, 2)))
    box("far wood", (0, _GATE_Y_M + 34, 3.2), (150, 3, 6.5), wood, 1.2)
    _conifers()
    lamp = tuple(-_LIGHTS_FROM_M * part for part in _SUN)
    return Furnished(shadow_light_m=(lamp[0], lamp[1], lamp[2]))


def _iron() -> bpy.types.Material:
    return material("iron", (0.03, 0.05, 0.045), 0.5)


def _pillar(x: float) -> None:
    brick = material("brick", (0.30, 0.12, 0.07), 0.9, Pattern("noise", (0.22, 0.09, 0.06), (25, 25, 25)))
    stone = material("stone", (0.42, 0.40, 0.36), 0.9)
    box("pillar", (x, _GATE_Y_M, 1.0), (0.5, 0.5, 2.0), brick)
    box("cap", (x, _GATE_Y_M, 2.06), (0.62, 0.62, 0.12), stone, 0.02)
    box("plaque", (x, _GATE_Y_M - 0.26, 1.45), (0.3, 0.02, 0.45), stone, 0.005)


def _railings(side: int) -> None:
    iron, first = _iron(), _GATE_HALF_M + 0.5
    middle, length = side * (first + 5), 10
    brick = material("low wall", (0.30, 0.12, 0.07), 0.9, Pattern("noise", (0.22, 0.09, 0.06), (25, 25, 25)))
    box("low wall", (middle, _GATE_Y_M, 0.2), (length, 0.25, 0.4), brick)
    for z in (0.6, 1.5):
        box("rail", (middle, _GATE_Y_M, z), (length, 0.03, 0.04), iron)
    for number in range(72):
        box("bar", (side * (first + 0.1 + 0.138 * number), _GATE_Y_M, 1.05), (0.022, 0.022, 1.3), iron)


def _wing(side: int) -> None:
    """One wing of the gate, opened inwards."""
    iron, x = _iron(), side * (_GATE_HALF_M - 0.05)
    for z in (0.15, 0.9, 1.7):
        box("gate rail", (x, _GATE_Y_M + 1.0, z), (0.04, 1.75, 0.05), iron)
    for number in range(13):
        box("gate bar", (x, _GATE_Y_M + 0.15 + 0.14 * number, 0.92), (0.022, 0.022, 1.6), iron)


def _hedge(side: int) -> None:
    leaves = material(
        "hedge", (0.035, 0.075, 0.025), 0.95, Pattern("noise", (0.06, 0.11, 0.035), (14, 14, 14))
    )
    box("hedge", (side * (_GATE_HALF_M + 6.2), _GATE_Y_M + 1.6, 0.75), (11, 0.9, 1.5), leaves, 0.15)


def _conifers() -> None:
    rng = np.random.default_rng(3)
    bark = material("bark", (0.07, 0.045, 0.03), 0.95, relief=Relief(1.0, 12))
    needles = strand_material("needles", (0.012, 0.035, 0.012), (0.06, 0.11, 0.035))
    for _ in range(16):
        y = rng.uniform(_GATE_Y_M + 6, 26)
        x = rng.uniform(-1, 1) * (4 + 0.75 * y)
        if abs(x) > _GATE_HALF_M + 1.5:
            _conifer(rng, (x, y), rng.uniform(5.5, 11), bark, needles)


def _conifer(
    rng: np.random.Generator,
    at: tuple[float, float],
    height: float,
    bark: bpy.types.Material,
    needles: bpy.types.Material,
) -> None:
    """Add a trunk, and branches as rows of short strands that hang outwards and down."""
    x, y = at
    around = np.linspace(0, 2 * math.pi, 10, endpoint=False)
    ring = np.c_[np.cos(around), np.sin(around), np.zeros(10)]
    radius = 0.018 * height
    trunk = np.concatenate([radius * ring + (x, y, -0.1), 0.15 * radius * ring + (x, y, height)])
    faces = [(i, (i + 1) % 10, 10 + (i + 1) % 10, 10 + i) for i in range(10)]
    add_mesh("trunk", trunk, faces, bark)
    points, shades = [], []
    for _ in range(int(26 * height)):
        up = rng.uniform(0.10, 1) ** 0.85
        length = 0.26 * height * (1 - up) ** 0.8 * rng.uniform(0.6, 1.1) + 0.1
        angle = rng.uniform(0, 2 * math.pi)
        outwards = np.array([math.cos(angle), math.sin(angle)])
        share = rng.random(int(68 * length) + 8)
        base = np.c_[
            np.array(at) + outwards * (length * share)[:, None], up * height - 0.28 * length * share**1.5
        ]
        hang = rng.normal(size=(len(share), 3)) * (1, 1, 0.55)
        hang[:, 2] -= 0.35
        hang[:, :2] += 0.9 * outwards
        hang /= np.linalg.norm(hang, axis=1, keepdims=True)
        hang *= (rng.uniform(0.10, 0.26, len(share)) * (1.2 - 0.5 * share))[:, None]
        points.append(np.stack([base, base + 0.55 * hang, base + hang - (0, 0, 0.03)], axis=1))
        shades.append(0.6 * rng.random(len(share)) + 0.4 * share)
    radii = np.array([0.020, 0.018, 0.004]) * height / 9
    add_strands("needles", np.concatenate(points), radii.tolist(), needles, np.concatenate(shades))
