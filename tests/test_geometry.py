"""Angles, boxes and zones: values known by hand, and what must hold for all."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.config import Zone
from semcam.tracking.geometry import angle_from_vertical, area, diagonal, inside, intersection, iou, overlap
from semcam.tracking.observation import Floats, Objects, People, PostureKind
from semcam.tracking.zones import ZoneMap
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
