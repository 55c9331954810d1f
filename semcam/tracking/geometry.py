"""Angles, boxes and zones: pure functions over float32 arrays in frame heights."""

import numpy as np

from semcam.tracking.observation import Floats


def angle_from_vertical(vector: Floats) -> float:
    """Degrees between a vector (dx, dy) and straight up: 0 up, 90 level, 180 down. `nan` for no length."""
    dx, dy = float(vector[0]), float(vector[1])
    if dx == 0 and dy == 0:
        return float("nan")
    return float(np.degrees(np.arctan2(abs(dx), -dy)))


def area(box: Floats) -> float:
    """Area of a box (x1, y1, x2, y2), 0 where it is turned inside out."""
    return max(0.0, float(box[2] - box[0])) * max(0.0, float(box[3] - box[1]))


def diagonal(box: Floats) -> float:
    """Length of a box's diagonal."""
    return float(np.hypot(box[2] - box[0], box[3] - box[1]))


def intersection(a: Floats, b: Floats) -> float:
    """Area that two boxes share."""
    return max(0.0, float(min(a[2], b[2]) - max(a[0], b[0]))) * max(0.0, float(min(a[3], b[3]) - max(a[1], b[1])))


def iou(a: Floats, b: Floats) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    shared = intersection(a, b)
    union = area(a) + area(b) - shared
    return shared / union if union > 0 else 0.0


def overlap(a: Floats, b: Floats) -> float:
    """Intersection over the smaller of two boxes, 0 to 1: a hand in front of a body is all overlap."""
    smaller = min(area(a), area(b))
    return intersection(a, b) / smaller if smaller > 0 else 0.0


def inside(x: float, y: float, polygon: Floats) -> bool:
    """Whether a point lies in a polygon (N, 2), by counting crossings of a ray to the right."""
    x1, y1 = polygon[:, 0], polygon[:, 1]
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    straddles = (y1 > y) != (y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing_x = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return bool(np.count_nonzero(straddles & (x < crossing_x)) % 2)


def distance_to_edge(x: float, y: float, polygon: Floats) -> float:
    """Distance of a point from the nearest side of a polygon (N, 2), in its units."""
    starts = polygon
    sides = np.roll(polygon, -1, axis=0) - starts
    to_point = np.array([x, y], np.float32) - starts
    lengths = np.maximum((sides**2).sum(axis=1), 1e-12)
    along = np.clip((to_point * sides).sum(axis=1) / lengths, 0, 1)
    nearest = to_point - along[:, None] * sides
    return float(np.hypot(nearest[:, 0], nearest[:, 1]).min())
