"""Polygons and lines of the configuration: which of them can be what they are meant to be."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.shapes import Point, area, crossing, distance, distance_to_line, fan_area, shared_area, sides

SQUARE: list[Point] = [(0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5)]
BOW_TIE: list[Point] = [(0.1, 0.1), (0.5, 0.5), (0.5, 0.1), (0.1, 0.5)]
HORSESHOE: list[Point] = [(0, 0), (1, 0), (1, 1), (0.8, 1), (0.8, 0.2), (0.2, 0.2), (0.2, 1), (0, 1)]
fuzz = settings(max_examples=200, deadline=None, derandomize=True)


def moved(polygon: list[Point], dx: float, dy: float = 0.0) -> list[Point]:
    return [(x + dx, y + dy) for x, y in polygon]


def crosses(polygon: list[Point]) -> bool:
    return crossing(sides(polygon, closed=True)) is not None


def test_the_area_of_a_square_and_of_a_triangle() -> None:
    assert area(SQUARE) == pytest.approx(0.16)
    assert area(SQUARE[::-1]) == pytest.approx(0.16)
    assert area(SQUARE[:3]) == pytest.approx(0.08)


def test_corners_in_line_have_no_area_whatever_their_order() -> None:
    assert fan_area([(0.1, 0.1), (0.7, 0.7), (0.3, 0.3), (0.5, 0.5)]) == pytest.approx(0)
    assert fan_area(BOW_TIE) > 0.1


@pytest.mark.parametrize("polygon", [SQUARE, SQUARE[:3], HORSESHOE, [*SQUARE, SQUARE[0]], [*SQUARE[:2], *SQUARE[1:]]])
def test_sound_polygons_do_not_cross_themselves(polygon: list[Point]) -> None:
    assert not crosses(polygon)
    assert not crosses(polygon[::-1])


def test_a_polygon_whose_corners_are_out_of_order_crosses_itself() -> None:
    met = crossing(sides(BOW_TIE, closed=True))
    assert met == (((0.1, 0.1), (0.5, 0.5)), ((0.5, 0.1), (0.1, 0.5)))


def test_a_side_that_ends_on_another_one_crosses_it() -> None:
    assert crosses([(0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)])


def test_a_spike_of_no_width_crosses_itself() -> None:
    assert crosses([(0, 0), (0.9, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)])


def test_a_line_with_corners_does_not_cross_itself_and_a_loop_does() -> None:
    assert crossing(sides([(0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)], closed=False)) is None
    assert crossing(sides([(0, 0), (0.5, 0), (0.5, 0.5), (0.2, 0.5), (0.2, -0.1)], closed=False)) is not None


def test_polygons_that_touch_at_a_side_or_a_corner_share_nothing() -> None:
    assert shared_area(SQUARE, moved(SQUARE, 0.4)) == pytest.approx(0)
    assert shared_area(SQUARE, moved(SQUARE, 0.4, 0.4)) == pytest.approx(0)
    assert shared_area(SQUARE, moved(SQUARE, 0.41)) == 0


def test_half_overlapping_squares_share_half() -> None:
    assert shared_area(SQUARE, moved(SQUARE, 0.2)) == pytest.approx(0.08)
    assert shared_area(SQUARE, SQUARE) == pytest.approx(0.16)


def test_what_lies_between_the_arms_of_a_horseshoe_shares_nothing_with_it() -> None:
    between: list[Point] = [(0.3, 0.3), (0.7, 0.3), (0.7, 0.9), (0.3, 0.9)]
    assert shared_area(HORSESHOE, between) == pytest.approx(0)
    across: list[Point] = [(0, 0.5), (1, 0.5), (1, 0.6), (0, 0.6)]
    assert shared_area(HORSESHOE, across) == pytest.approx(2 * 0.2 * 0.1)


def test_a_diamond_in_a_square_shares_itself() -> None:
    diamond: list[Point] = [(0.3, 0.15), (0.45, 0.3), (0.3, 0.45), (0.15, 0.3)]
    assert shared_area(SQUARE, diamond) == pytest.approx(area(diamond))


corners = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(st.lists(corners, min_size=3, max_size=3), st.lists(corners, min_size=3, max_size=3))
@fuzz
def test_two_triangles_share_the_same_whichever_comes_first_and_never_more_than_the_smaller(
    one: list[Point], other: list[Point]
) -> None:
    shared = shared_area(one, other)
    assert shared == pytest.approx(shared_area(other, one), abs=1e-9)
    assert -1e-9 <= shared <= min(area(one), area(other)) + 1e-9


@given(st.lists(corners, min_size=3, max_size=3), st.tuples(st.floats(0, 0.5), st.floats(0.6, 1)))
@fuzz
def test_what_is_cut_off_and_what_is_left_make_the_whole(triangle: list[Point], cut: tuple[float, float]) -> None:
    """A triangle against the picture cut in two at a slant."""
    top, bottom = cut
    left: list[Point] = [(0, 0), (top, 0), (bottom, 1), (0, 1)]
    right: list[Point] = [(top, 0), (1, 0), (1, 1), (bottom, 1)]
    assert shared_area(triangle, left) + shared_area(triangle, right) == pytest.approx(area(triangle), abs=1e-9)


def test_distances_of_a_point_from_a_side_and_from_its_endless_line() -> None:
    side = ((0.2, 0.5), (0.4, 0.5))
    assert distance((0.3, 0.8), side) == pytest.approx(0.3)
    assert distance((0.8, 0.8), side) == pytest.approx(0.5)
    assert distance_to_line((0.8, 0.8), side) == pytest.approx(0.3)
    assert distance_to_line((0.9, 0.9), ((0.1, 0.2), (0.2, 0.1))) == pytest.approx(1.5 / math.sqrt(2))
