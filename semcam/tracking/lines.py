"""Lines of the configuration, in frame heights, and how a way goes over them.

A line is a chain of straight pieces with two ends. Over it goes whoever passes through one of its pieces; round an
end is not over it.
"""

import math
from itertools import pairwise

from semcam.contract.config import Line

Point = tuple[float, float]
"""(x, y) in frame heights: x to the right, y down."""


class Tripwire:
    """One line of the configuration."""

    def __init__(self, line: Line, aspect: float) -> None:
        """`aspect` is the picture's width over its height: lines are given in fractions of the picture."""
        points = [(x * aspect, y) for x, y in line.shape]
        self._pieces = [(a, b) for a, b in pairwise(points) if a != b]
        self._inward = 1 if self._is_left((line.inside[0] * aspect, line.inside[1])) else -1

    def passes(self, a: Point, b: Point) -> int:
        """How often the straight way from `a` to `b` goes over the line inwards, less how often it does outwards.

        Whoever touches the line without going over it has not passed; whoever goes over a corner has, once.
        """
        return self._inward * sum(_passes(a, b, *piece) for piece in self._pieces)

    def distance(self, point: Point) -> float:
        """From a point to the nearest point of the line, frame heights."""
        return min(distance_to_piece(point, *piece) for piece in self._pieces)

    def _is_left(self, point: Point) -> bool:
        """On which side of the line a point is: that of the nearest piece."""

        def nearness(piece: tuple[Point, Point]) -> tuple[bool, float, float]:
            # at a corner two pieces are equally near: the one that is seen more squarely has the say
            aside = abs(_turn(*piece, point)) / math.dist(*piece)
            return aside < 1e-6, round(distance_to_piece(point, *piece), 6), -aside

        return _turn(*min(self._pieces, key=nearness), point) > 0


def _passes(a: Point, b: Point, start: Point, end: Point) -> int:
    """1 where the way from `a` to `b` goes through a piece from its right to its left, -1 the other way, else 0.

    "On the line" counts as right of it, always: so that two ways that meet on it pass it once together.
    """
    was_left, is_left = _turn(start, end, a) > 0, _turn(start, end, b) > 0
    if was_left == is_left or (_turn(a, b, start) > 0) == (_turn(a, b, end) > 0):
        return 0
    return 1 if is_left else -1


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive where c lies to one side of the way from a to b (its left, were y up), negative on the other."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def distance_to_piece(point: Point, start: Point, end: Point) -> float:
    """From a point to the nearest point of a straight piece, frame heights; the piece may have no length."""
    (px, py), (x, y) = point, start
    dx, dy = end[0] - x, end[1] - y
    length = dx * dx + dy * dy
    share = min(max(((px - x) * dx + (py - y) * dy) / length, 0.0), 1.0) if length else 0.0
    return math.dist(point, (x + share * dx, y + share * dy))
