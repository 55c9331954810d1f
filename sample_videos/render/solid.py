"""Solids as signed distances in metres, negative inside; points are (..., 3)."""

from collections.abc import Callable

import numpy as np
from skimage.measure import marching_cubes

from mesh import Array

Vec3 = tuple[float, float, float]


def ellipsoid(points: Array, centre: Vec3, radii: Vec3) -> Array:
    """Distance to an ellipsoid; exact only on its surface, which is all that is drawn."""
    away = points - np.array(centre)
    outwards = np.linalg.norm(away / np.array(radii), axis=-1)
    slope = np.linalg.norm(away / np.array(radii) ** 2, axis=-1)
    return outwards * (outwards - 1) / np.maximum(slope, 1e-9)


def cone(points: Array, start: Vec3, end: Vec3, start_radius: float, end_radius: float) -> Array:
    """Distance to a cone with round ends."""
    first, along = np.array(start), np.array(end) - np.array(start)
    share = np.clip((points - first) @ along / (along @ along), 0, 1)
    radius = start_radius + (end_radius - start_radius) * share
    return np.linalg.norm(points - first - share[..., None] * along, axis=-1) - radius


def smooth_union(first: Array, second: Array, width: float) -> Array:
    """Both solids, their seam filled over about `width`."""
    share = np.clip(0.5 + 0.5 * (second - first) / width, 0, 1)
    return second * (1 - share) + first * share - width * share * (1 - share)


def surface(distance: Callable[[Array], Array], low: Vec3, high: Vec3, step: float) -> tuple[Array, Array]:
    """Vertices (V, 3) and faces (F, 3), wound outwards, of the solid's surface between two corners."""
    axes = [np.arange(a, b, step) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    vertices, faces, _, _ = marching_cubes(distance(grid), 0.0)
    return np.array(low) + step * vertices, faces.astype(int)
