"""Polygons and lines as the configuration gives them: whether they can be what they are meant to be. Pure functions.

Points are (x, y) in fractions of the picture.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

Point = tuple[float, float]
Side = tuple[Point, Point]

_EXACT = 1e-9
"""Points that are nearer than this are the same: it only takes up what floats round."""


def sides(points: Sequence[Point], *, closed: bool) -> list[Side]:
    """The sides from point to point; `closed` also leads from the last to the first. Points given twice are one."""
    apart: list[Point] = []
    for point in points:
        if not apart or math.dist(apart[-1], point) > _EXACT:
            apart.append(point)
    if closed and math.dist(apart[-1], apart[0]) > _EXACT:
        apart.append(apart[0])
    elif closed:
        apart[-1] = apart[0]
    return list(pairwise(apart))


def area(polygon: Sequence[Point]) -> float:
    """The area of a polygon whose sides do not cross, as a share of the picture (the shoelace formula)."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in sides(polygon, closed=True))) / 2


def fan_area(polygon: Sequence[Point]) -> float:
    """The triangles from the first corner to each side, added up: nothing only where all corners are in line."""
    return sum(abs(_turn(polygon[0], a, b)) for a, b in sides(polygon, closed=True)) / 2


def crossing(course: Sequence[Side]) -> tuple[Side, Side] | None:
    """Two sides that meet where they should not, if any; neighbours meet at their common point only."""
    closed = len(course) > 2 and math.dist(course[0][0], course[-1][1]) <= _EXACT
    for (i, one), (j, other) in combinations(enumerate(course), 2):
        after, before = j == i + 1, closed and i == 0 and j == len(course) - 1
        if after or before:
            first, second = (one, other) if after else (other, one)
            if _turns_back(first, second):
                return one, other
        elif _meet(one, other):
            return one, other
    return None


def shared_area(one: Sequence[Point], other: Sequence[Point]) -> float:
    """The area that two polygons share, as a share of the picture.

    The picture is cut into bands at the height of every corner and of every meeting of two sides. Within a band no
    sides cross, so that widths change evenly, and the width in its middle times its height is exact.
    """
    a, b = sides(one, closed=True), sides(other, closed=True)
    if not a or not b or _apart(one, other):
        return 0.0
    heights = {point[1] for point in (*one, *other)} | {y for p in a for q in b for y in _meeting_height(p, q)}
    return sum(
        (below - above) * _shared_width(_spans(a, (above + below) / 2), _spans(b, (above + below) / 2))
        for above, below in pairwise(sorted(heights))
    )


def distance_to_line(point: Point, side: Side) -> float:
    """From a point to the endless straight line on which a side lies."""
    (x1, y1), (x2, y2) = side
    return abs(_turn(side[0], side[1], point)) / math.dist((x1, y1), (x2, y2))


def distance(point: Point, side: Side) -> float:
    """From a point to the nearest point of a side."""
    (x1, y1), (x2, y2) = side
    dx, dy = x2 - x1, y2 - y1
    along = ((point[0] - x1) * dx + (point[1] - y1) * dy) / (dx * dx + dy * dy)
    share = min(max(along, 0.0), 1.0)
    return math.dist(point, (x1 + share * dx, y1 + share * dy))


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive where the way from a over b to c turns to one side, negative to the other, 0 straight on or back."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _meet(one: Side, other: Side) -> bool:
    """Whether two sides have a point in common."""
    if _apart(one, other):
        return False
    first, second = _turn(*one, other[0]), _turn(*one, other[1])
    third, fourth = _turn(*other, one[0]), _turn(*other, one[1])
    return min(first, second) <= _EXACT and max(first, second) >= -_EXACT and (
        min(third, fourth) <= _EXACT and max(third, fourth) >= -_EXACT
    )  # fmt: skip


def _turns_back(one: Side, other: Side) -> bool:
    """Whether the second side runs back over the first."""
    (a, b), (_, c) = one, other
    ahead = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])
    return abs(_turn(a, b, c)) <= _EXACT and ahead < 0


def _apart(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether the boxes around two shapes have no point in common."""
    return any(
        max(point[axis] for point in a) < min(point[axis] for point in b) - _EXACT
        for axis in (0, 1)
        for a, b in ((one, other), (other, one))
    )


def _meeting_height(one: Side, other: Side) -> Iterator[float]:
    """The y at which two sides cross."""
    (x1, y1), (x2, y2) = one
    (x3, y3), (x4, y4) = other
    slant = (x2 - x1) * (y4 - y3) - (y2 - y1) * (x4 - x3)
    if abs(slant) > 1e-15:
        share = ((x3 - x1) * (y4 - y3) - (y3 - y1) * (x4 - x3)) / slant
        if 0 <= share <= 1:
            yield y1 + share * (y2 - y1)


def _spans(course: Sequence[Side], y: float) -> list[tuple[float, float]]:
    """From where to where a polygon reaches at the height `y`."""
    xs = sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in course if (y1 > y) != (y2 > y)
    )  # fmt: skip
    return list(zip(xs[::2], xs[1::2], strict=True))


def _shared_width(one: Sequence[tuple[float, float]], other: Sequence[tuple[float, float]]) -> float:
    return sum(max(0.0, min(b, d) - max(a, c)) for a, b in one for c, d in other)
