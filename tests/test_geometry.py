"""Angles, boxes, zones and lines: values known by hand, and what must hold for all."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.config import Line, ViewName, Zone
from semcam.tracking.geometry import (
    angle_from_vertical,
    area,
    diagonal,
    distance_to_edge,
    inside,
    intersection,
    iou,
    overlap,
)
from semcam.tracking.lines import Point, Tripwire, distance_to_piece
from semcam.tracking.observation import Floats, Objects, People, PostureKind
from semcam.tracking.zones import EDGE, ZoneMap, whereabouts
from tests.figures import ASPECT

fuzz = settings(max_examples=150, deadline=None, derandomize=True)

lengths = st.floats(-2, 2, width=32).filter(lambda value: value == 0 or abs(value) > 1e-3)
sides = st.floats(0, 2, width=32)
boxes = st.tuples(sides, sides, sides, sides).map(
    lambda box: floats(min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
)


def floats(*values: float) -> Floats:
    return np.array(values, np.float32)


def polygon(*points: tuple[float, float]) -> Floats:
    return np.array(points, np.float32)


SQUARE = polygon((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
L_SHAPE = polygon((0, 0), (0.9, 0), (0.9, 0.3), (0.3, 0.3), (0.3, 0.9), (0, 0.9))


@pytest.mark.parametrize(
    ("dx", "dy", "degrees"),
    [(0, -1, 0), (1, -1, 45), (1, 0, 90), (-1, 0, 90), (1, 1, 135), (0, 1, 180), (0.5, -math.sqrt(0.75), 30)],
)
def test_known_angles_from_vertical(dx: float, dy: float, degrees: float) -> None:
    assert angle_from_vertical(floats(dx, dy)) == pytest.approx(degrees, abs=1e-4)


def test_a_vector_without_length_has_no_angle() -> None:
    assert math.isnan(angle_from_vertical(floats(0, 0)))


@given(lengths, lengths)
@fuzz
def test_an_angle_is_the_same_in_a_mirror_and_turns_round_upside_down(dx: float, dy: float) -> None:
    degrees = angle_from_vertical(floats(dx, dy))
    if dx == 0 and dy == 0:
        return
    assert 0 <= degrees <= 180
    assert angle_from_vertical(floats(-dx, dy)) == degrees
    assert angle_from_vertical(floats(dx, -dy)) == pytest.approx(180 - degrees, abs=1e-4)
    assert angle_from_vertical(floats(dx / 4, dy / 4)) == pytest.approx(degrees, abs=1e-4)


@pytest.mark.parametrize(
    ("point", "shape", "expected"),
    [
        ((0.5, 0.5), SQUARE, True),
        ((0.21, 0.79), SQUARE, True),
        ((0.1, 0.5), SQUARE, False),
        ((0.9, 0.5), SQUARE, False),
        ((0.5, 0.1), SQUARE, False),
        ((0.5, 0.9), SQUARE, False),
        ((0.15, 0.15), L_SHAPE, True),
        ((0.8, 0.15), L_SHAPE, True),
        ((0.15, 0.8), L_SHAPE, True),
        ((0.6, 0.6), L_SHAPE, False),
        ((0.5, 0.45), polygon((0, 0), (1, 0), (0.5, 1)), True),
        ((0.05, 0.9), polygon((0, 0), (1, 0), (0.5, 1)), False),
        ((0.5, 0.5), polygon((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)), True),
        ((0.5, 0.5), polygon((0, 0), (1, 1), (0.5, 0.5)), False),
    ],
)
def test_points_in_and_outside_known_polygons(point: tuple[float, float], shape: Floats, expected: bool) -> None:
    assert inside(*point, shape) is expected
    assert inside(*point, shape[::-1]) is expected  # drawn the other way round
    assert inside(*point, np.roll(shape, 1, axis=0)) is expected  # drawn from another corner


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
@fuzz
def test_a_rectangle_holds_what_lies_between_its_sides(x: float, y: float) -> None:
    if min(abs(value - side) for value in (x, y) for side in (0.2, 0.8)) > 1e-6:
        assert inside(x, y, SQUARE) is (0.2 < x < 0.8 and 0.2 < y < 0.8)


@given(st.floats(0, 1), st.floats(0, 1))
@fuzz
def test_of_two_zones_that_share_a_side_each_point_is_in_one_and_only_one(x: float, y: float) -> None:
    """Somebody on the line between bed and floor is never in both and never nowhere."""
    left, right = (polygon((a, -1), (b, -1), (b, 2), (a, 2)) for a, b in ((-1, 0.5), (0.5, 2)))
    assert inside(x, y, left) != inside(x, y, right)


def test_areas_and_overlaps_known_by_hand() -> None:
    a, b = floats(0, 0, 2, 1), floats(1, 0, 3, 1)
    assert area(a) == 2
    assert area(floats(1, 1, 0, 0)) == 0
    assert diagonal(floats(0, 0, 3, 4)) == 5
    assert intersection(a, b) == 1
    assert iou(a, b) == pytest.approx(1 / 3)
    assert overlap(a, b) == pytest.approx(0.5)
    assert overlap(floats(0, 0, 2, 2), floats(0.5, 0.5, 1, 1)) == 1
    assert iou(a, floats(5, 5, 6, 6)) == 0


def test_boxes_without_area_overlap_nothing() -> None:
    point = floats(1, 1, 1, 1)
    assert iou(point, point) == 0
    assert overlap(point, point) == 0


@given(boxes, boxes)
@fuzz
def test_overlaps_are_shares_and_the_same_both_ways(a: Floats, b: Floats) -> None:
    assert 0 <= iou(a, b) <= 1 + 1e-6
    assert 0 <= overlap(a, b) <= 1 + 1e-6
    assert iou(a, b) <= overlap(a, b) + 1e-6
    assert iou(a, b) == pytest.approx(iou(b, a), abs=1e-6)
    assert overlap(a, b) == pytest.approx(overlap(b, a), abs=1e-6)


# zones: given in fractions of the picture, asked in frame heights


def test_zones_are_stretched_to_the_picture() -> None:
    right_half = ZoneMap({"right": Zone(shape=((0.5, 0), (1, 0), (1, 1), (0.5, 1)))}, ASPECT)
    just_right, just_left = ASPECT / 2 + 0.01, ASPECT / 2 - 0.01
    assert right_half.holding(1, floats(just_right - 0.1, 0.2, just_right + 0.1, 0.8), PostureKind.UPRIGHT) == (
        "right",
    )
    assert right_half.holding(2, floats(just_left - 0.1, 0.2, just_left + 0.1, 0.8), PostureKind.UPRIGHT) == ()


def test_who_stands_is_where_the_feet_are_and_who_lies_where_the_middle_is() -> None:
    bed = ZoneMap({"bed": Zone(shape=((0, 0.4), (1, 0.4), (1, 0.7), (0, 0.7)))}, ASPECT)
    stands_in_front = floats(0.8, 0.3, 1.0, 0.9)
    assert bed.holding(1, stands_in_front, PostureKind.UPRIGHT) == ()
    assert bed.holding(2, floats(0.6, 0.45, 1.2, 0.65), PostureKind.LYING) == ("bed",)


def test_zones_that_overlap_all_hold() -> None:
    everything = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    zones = ZoneMap({"room": Zone(shape=everything), "floor": Zone(shape=everything)}, ASPECT)
    assert zones.holding(1, floats(0.5, 0.2, 0.7, 0.9), PostureKind.UPRIGHT) == ("room", "floor")


def standing(x: float, y: float = 0.8) -> Floats:
    """The box of somebody whose feet are at (x, y), frame heights."""
    return floats(x - 0.1, y - 0.5, x + 0.1, y)


RIGHT_HALF = {"right": Zone(shape=((0.5, 0), (1, 0), (1, 1), (0.5, 1)))}
MIDDLE_X = ASPECT / 2


def test_who_is_inside_leaves_only_well_beyond_the_edge_and_comes_back_only_over_it() -> None:
    zones = ZoneMap(RIGHT_HALF, ASPECT)

    def holds(x: float) -> bool:
        return zones.holding(1, standing(x), PostureKind.UPRIGHT) == ("right",)

    just_outside, well_outside = MIDDLE_X - 0.9 * EDGE, MIDDLE_X - 1.1 * EDGE
    steps = (just_outside, MIDDLE_X + 0.001, just_outside, well_outside, just_outside, MIDDLE_X + 0.001)
    assert [holds(x) for x in steps] == [False, True, True, False, False, True]


def test_each_track_has_its_own_edge_and_whoever_is_forgotten_begins_anew() -> None:
    zones, just_outside = ZoneMap(RIGHT_HALF, ASPECT), MIDDLE_X - 0.9 * EDGE
    assert zones.holding(1, standing(MIDDLE_X + 0.1), PostureKind.UPRIGHT) == ("right",)
    assert zones.holding(1, standing(just_outside), PostureKind.UPRIGHT) == ("right",)
    assert zones.holding(2, standing(just_outside), PostureKind.UPRIGHT) == ()
    zones.forget({2})
    assert zones.holding(1, standing(just_outside), PostureKind.UPRIGHT) == ()


def test_home_is_where_somebody_was_first_seen() -> None:
    zones = ZoneMap({"left": Zone(shape=((0, 0), (0.5, 0), (0.5, 1), (0, 1))), **RIGHT_HALF}, ASPECT)
    for x in (1.2, 0.3, 1.2):
        zones.holding(1, standing(x), PostureKind.UPRIGHT)
    zones.holding(2, standing(0.3), PostureKind.UPRIGHT)
    assert (zones.home(1), zones.home(2), zones.home(3)) == (1, 0, None)


@pytest.mark.parametrize("view", ["room", "ceiling"])
@pytest.mark.parametrize(
    "box", [(0.8, 0.5, 1.0, 1.0), (0.8, 0.5, 1.0, 1.02), (-0.3, 0.5, 0.1, 1.1), (1.7, -0.1, 1.9, 0.0)]
)
def test_a_zone_that_ends_with_the_picture_holds_whoever_reaches_out_of_it(
    box: tuple[float, ...], view: ViewName
) -> None:
    """A body is cut off by the edge of the picture and its box ends there, or beyond."""
    everywhere = ZoneMap({"all": Zone(shape=((0, 0), (1, 0), (1, 1), (0, 1)))}, ASPECT, view)
    for id, posture in enumerate(PostureKind):
        assert everywhere.holding(id, floats(*box), posture) == ("all",)


@given(st.tuples(*[st.floats(-0.5, 2.5, width=32)] * 4), st.sampled_from(PostureKind))
@fuzz
def test_wherever_a_box_is_its_body_is_somewhere_in_the_picture(box: tuple[float, ...], posture: PostureKind) -> None:
    for view in ("room", "ceiling"):
        x, y = whereabouts(floats(*box), posture, ASPECT, view)
        assert 0 < x < ASPECT
        assert 0 < y < 1


@given(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5))
@fuzz
def test_the_distance_from_a_square_is_known(x: float, y: float) -> None:
    dx, dy = max(0.2 - x, 0.0, x - 0.8), max(0.2 - y, 0.0, y - 0.8)
    within = min(abs(x - 0.2), abs(x - 0.8), abs(y - 0.2), abs(y - 0.8))
    assert distance_to_edge(x, y, SQUARE) == pytest.approx(math.hypot(dx, dy) or within, abs=1e-5)


# lines: who goes over them, which way


def line(*points: Point, inside: Point = (0.9, 0.5)) -> Tripwire:
    """A line in a square picture, where fractions are frame heights."""
    return Tripwire(Line(shape=points, inside=inside), 1.0)


UPRIGHT = line((0.5, 0.2), (0.5, 0.8))
CORNER = line((0.3, 0.9), (0.3, 0.3), (0.9, 0.3), inside=(0.8, 0.8))
"""Down on the left, then to the right: what is below it, to the right, is inside."""


@pytest.mark.parametrize(
    ("tripwire", "a", "b", "passes"),
    [
        (UPRIGHT, (0.3, 0.5), (0.7, 0.5), 1),
        (UPRIGHT, (0.7, 0.5), (0.3, 0.5), -1),
        (UPRIGHT, (0.3, 0.5), (0.49, 0.5), 0),
        (UPRIGHT, (0.51, 0.5), (0.7, 0.5), 0),
        (UPRIGHT, (0.3, 0.1), (0.7, 0.1), 0),  # beyond one end
        (UPRIGHT, (0.3, 0.9), (0.7, 0.9), 0),  # beyond the other
        (UPRIGHT, (0.45, 0.9), (0.55, 0.7), 0),  # round the end
        (UPRIGHT, (0.3, 0.1), (0.7, 0.7), 1),
        (UPRIGHT, (0.4, 0.3), (0.4, 0.7), 0),  # along it
        (UPRIGHT, (0.5, 0.3), (0.5, 0.7), 0),  # on it
        (UPRIGHT, (0.3, 0.5), (0.3, 0.5), 0),  # standing
        (CORNER, (0.1, 0.6), (0.5, 0.6), 1),
        (CORNER, (0.6, 0.1), (0.6, 0.6), 1),
        (CORNER, (0.1, 0.1), (0.6, 0.6), 1),  # right over the corner
        (CORNER, (0.6, 0.6), (0.1, 0.1), -1),
        (CORNER, (0.1, 0.5), (0.5, 0.1), 0),  # in over one side and out over the other
        (CORNER, (0.1, 0.5), (0.45, 0.15), 0),
    ],
)
def test_ways_over_known_lines(tripwire: Tripwire, a: Point, b: Point, passes: int) -> None:
    assert tripwire.passes(a, b) == passes


@pytest.mark.parametrize(
    ("shape", "inside", "inwards"),
    [
        (((0.5, 0.2), (0.5, 0.8)), (0.9, 0.5), ((0.4, 0.5), (0.6, 0.5))),
        (((0.5, 0.2), (0.5, 0.8)), (0.9, 0.99), ((0.4, 0.5), (0.6, 0.5))),  # inside is said from beyond the end
        (((0.5, 0.2), (0.5, 0.8)), (0.1, 0.01), ((0.6, 0.5), (0.4, 0.5))),
        (((0.3, 0.9), (0.3, 0.3), (0.9, 0.3)), (0.31, 0.31), ((0.1, 0.1), (0.5, 0.5))),
        (((0.3, 0.9), (0.3, 0.3), (0.9, 0.3)), (0.1, 0.1), ((0.5, 0.5), (0.1, 0.1))),  # nearest to the corner itself
        (((0.3, 0.9), (0.3, 0.3), (0.9, 0.3)), (0.2, 0.29), ((0.5, 0.5), (0.1, 0.1))),
        (
            ((0.3, 0.9), (0.3, 0.3), (0.6, 0.3)),
            (0.8, 0.3),
            ((0.1, 0.6), (0.5, 0.6)),
        ),  # where its last piece would go on
    ],
)
def test_inside_is_where_the_point_lies(shape: tuple[Point, ...], inside: Point, inwards: tuple[Point, Point]) -> None:
    assert line(*shape, inside=inside).passes(*inwards) == 1
    assert line(*shape[::-1], inside=inside).passes(*inwards) == 1


def test_lines_are_stretched_to_the_picture() -> None:
    wide = Tripwire(Line(shape=((0.5, 0), (0.5, 1)), inside=(1, 0.5)), ASPECT)
    assert wide.passes((MIDDLE_X - 0.01, 0.5), (MIDDLE_X + 0.01, 0.5)) == 1
    assert wide.passes((0.49, 0.5), (0.51, 0.5)) == 0
    assert wide.distance((MIDDLE_X - 0.25, 0.5)) == pytest.approx(0.25)


points = st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999))


@given(st.lists(points, min_size=2, max_size=30))
@fuzz
def test_over_a_line_without_ends_the_ways_add_up_to_the_side_one_is_on(way: list[Point]) -> None:
    """However one gets there: inwards less outwards is 1, 0 or -1."""
    bent = line((0.5, 0), (0.6, 0.3), (0.35, 0.7), (0.5, 1), inside=(1, 0.5))
    shape = polygon((0.5, -9), (0.5, 0), (0.6, 0.3), (0.35, 0.7), (0.5, 1), (0.5, 9), (9, 9), (9, -9))
    if any(bent.distance(point) < 1e-6 for point in way):
        return
    passed = sum(bent.passes(a, b) for a, b in pairwise(way))
    assert passed == inside(*way[-1], shape) - inside(*way[0], shape)


@given(points, points, points, points, points)
@fuzz
def test_a_line_does_not_mind_how_it_is_drawn_and_minds_where_inside_is(
    start: Point, end: Point, within: Point, a: Point, b: Point
) -> None:
    ahead = (end[0] - start[0]) * (within[1] - start[1]) - (end[1] - start[1]) * (within[0] - start[0])
    touches = min(
        distance_to_piece(end_of_one, *other)
        for end_of_one, other in ((a, (start, end)), (b, (start, end)), (start, (a, b)), (end, (a, b)))
    )
    if math.dist(start, end) < 0.01 or abs(ahead) < 0.01 or touches < 1e-6:
        return
    mirrored = (start[0] + end[0] - within[0], start[1] + end[1] - within[1])
    drawn, backwards = line(start, end, inside=within), line(end, start, inside=within)
    assert drawn.passes(a, b) in (-1, 0, 1)
    assert drawn.passes(a, b) == backwards.passes(a, b)
    if all(0 <= value <= 1 for value in mirrored):
        assert line(start, end, inside=mirrored).passes(a, b) == -drawn.passes(a, b)
    assert drawn.distance(a) == pytest.approx(distance_to_piece(a, start, end))


def test_the_distance_from_a_line_ends_with_the_line() -> None:
    assert UPRIGHT.distance((0.3, 0.5)) == pytest.approx(0.2)
    assert UPRIGHT.distance((0.5, 0.1)) == pytest.approx(0.1)
    assert UPRIGHT.distance((0.8, 1.2)) == pytest.approx(0.5)
    assert CORNER.distance((0.2, 0.2)) == pytest.approx(math.hypot(0.1, 0.1))
    assert distance_to_piece((0.3, 0.4), (0, 0), (0, 0)) == pytest.approx(0.5)  # it may have no length


# observations name the shape they want


def test_a_wrong_shape_is_named_beside_the_right_one() -> None:
    two = np.zeros(2, np.float32)
    with pytest.raises(ValueError, match=r"boxes must be float32 \(2, 4\), got float32 \(2, 5\)"):
        People(0.0, np.zeros((2, 5), np.float32), np.zeros((2, 17, 3), np.float32), two)
    with pytest.raises(ValueError, match=r"keypoints must be float32 \(2, 17, 3\), got float32 \(2, 17\)"):
        People(0.0, np.zeros((2, 4), np.float32), np.zeros((2, 17), np.float32), two)
    with pytest.raises(ValueError, match=r"boxes must be float32 \(1, 4\), got float64 \(1, 4\)"):
        Objects(0.0, np.zeros((1, 4)), ("bear",), np.zeros(1, np.float32))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"scores must be float32 \(1,\), got float32 \(2,\)"):
        Objects(0.0, np.zeros((1, 4), np.float32), ("bear",), two)


def test_observations_cannot_be_written() -> None:
    seen = People(0.0, np.zeros((1, 4), np.float32), np.zeros((1, 17, 3), np.float32), np.zeros(1, np.float32))
    with pytest.raises(ValueError, match="read-only"):
        seen.keypoints[0, 0, 0] = 1
