"""Which posture a stick figure is in, whatever its size, its place and the side it is seen from."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.tracking.observation import Floats, Joint, Posture, PostureKind
from semcam.tracking.posture import body_height, judge, judge_from_above
from tests.figures import (
    BENDING,
    CRAWLING,
    KNEELING,
    LYING,
    ON_A_CHAIR,
    ON_THE_FLOOR,
    STANDING,
    WALKING,
    Body,
    Pose,
    between,
)

fuzz = settings(max_examples=100, deadline=None, derandomize=True)

EXPECTED = {
    STANDING: PostureKind.UPRIGHT,
    WALKING: PostureKind.UPRIGHT,
    BENDING: PostureKind.BENDING,
    ON_A_CHAIR: PostureKind.SITTING,
    ON_THE_FLOOR: PostureKind.SITTING,
    LYING: PostureKind.LYING,
}
NAMES = ["standing", "walking", "bending", "on_a_chair", "on_the_floor", "lying"]
each_pose = pytest.mark.parametrize(("pose", "expected"), EXPECTED.items(), ids=NAMES)


def judged(body: Body, *, known: bool = True) -> Posture:
    """The posture; the body's own standing height is known or not."""
    standing = body_height(replace(body, pose=STANDING).keypoints)
    return judge(body.keypoints, standing if known else math.nan)


@each_pose
def test_each_figure_is_seen_for_what_it_is(pose: Pose, expected: PostureKind) -> None:
    assert judged(Body(pose)).kind is expected


@each_pose
def test_a_mirror_changes_nothing(pose: Pose, expected: PostureKind) -> None:
    plain, mirrored = judged(Body(pose)), judged(Body(pose, mirrored=True))
    assert plain.kind is mirrored.kind
    assert mirrored.torso_deg == pytest.approx(plain.torso_deg, abs=1e-3)
    assert mirrored.aspect == pytest.approx(plain.aspect, rel=1e-4)
    assert mirrored.height == pytest.approx(plain.height, rel=1e-4)
    assert expected in PostureKind


@each_pose
@given(height=st.floats(0.2, 1.0), x=st.floats(0, 1.7), floor=st.floats(0.3, 1.0))
@fuzz
def test_neither_size_nor_place_change_a_posture(
    pose: Pose, expected: PostureKind, height: float, x: float, floor: float
) -> None:
    assert expected in PostureKind
    reference = judged(Body(pose))
    posture = judged(Body(pose, height=height, x=x, floor=floor))
    assert posture.kind is reference.kind
    assert posture.torso_deg == pytest.approx(reference.torso_deg, abs=0.1)


@pytest.mark.parametrize("pose", [STANDING, WALKING, BENDING, LYING], ids=["standing", "walking", "bending", "lying"])
def test_most_postures_are_known_before_the_height_is(pose: Pose) -> None:
    assert judged(Body(pose), known=False).kind is EXPECTED[pose]


def test_somebody_on_one_knee_is_not_lying() -> None:
    for mirrored in (False, True):
        assert judged(Body(KNEELING, mirrored=mirrored)).kind is not PostureKind.LYING


def test_somebody_on_all_fours_is_not_upright() -> None:
    assert judged(Body(CRAWLING)).kind not in (PostureKind.UPRIGHT, PostureKind.UNKNOWN)


@pytest.mark.parametrize("degrees", [60, 70, 80, 90, 100, 120])
def test_picking_something_up_over_standing_legs_is_bending(degrees: float) -> None:
    picking_up = replace(BENDING, trunk=degrees, neck=degrees + 5)
    assert judged(Body(picking_up)).kind is PostureKind.BENDING


@pytest.mark.parametrize("facing", [0.0, 0.3, 0.6, 1.0])
def test_standing_and_lying_look_the_same_from_the_front_and_from_the_side(facing: float) -> None:
    assert judged(Body(replace(STANDING, facing=facing))).kind is PostureKind.UPRIGHT
    assert judged(Body(replace(LYING, facing=facing))).kind is PostureKind.LYING


def test_toward_the_camera_the_shoulders_are_below_the_hips() -> None:
    """A fall toward the camera: foreshortened, head nearest and lowest in the picture."""
    points = Body(STANDING, height=0.25).keypoints.copy()
    points[:, 1] = 2 * points[Joint.LEFT_HIP, 1] - points[:, 1]
    posture = judge(points, 0.5)
    assert posture.kind is PostureKind.LYING
    assert posture.torso_deg == pytest.approx(180, abs=1)


def test_on_the_way_down_a_body_is_first_upright_and_in_the_end_lying() -> None:
    way_down = [judged(Body(between(STANDING, LYING, share))).kind for share in np.linspace(0, 1, 30)]
    assert way_down[0] is PostureKind.UPRIGHT
    assert way_down[-1] is PostureKind.LYING
    first_lying = way_down.index(PostureKind.LYING)
    assert set(way_down[first_lying:]) == {PostureKind.LYING}


def hide(keypoints: Floats, *joints: Joint) -> Floats:
    hidden = keypoints.copy()
    hidden[list(joints), 2] = 0.01
    return hidden


def test_without_shoulders_or_hips_nothing_is_said() -> None:
    points = Body().keypoints
    for pair in ((Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER), (Joint.LEFT_HIP, Joint.RIGHT_HIP)):
        posture = judge(hide(points, *pair), 0.5)
        assert posture.kind is PostureKind.UNKNOWN
        assert math.isnan(posture.torso_deg)


def test_one_shoulder_and_one_hip_are_enough() -> None:
    points = hide(Body(LYING).keypoints, Joint.LEFT_SHOULDER, Joint.RIGHT_HIP)
    assert judge(points, 0.5).kind is PostureKind.LYING


def test_legs_behind_a_table_make_nobody_fall() -> None:
    below = (Joint.LEFT_KNEE, Joint.RIGHT_KNEE, Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE)
    assert judge(hide(Body().keypoints, *below), 0.5).kind is not PostureKind.LYING


def test_a_body_whose_feet_are_not_seen_has_no_height() -> None:
    assert math.isnan(body_height(hide(Body().keypoints, Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE)))
    assert body_height(Body(height=0.6).keypoints) == pytest.approx(0.54, abs=0.03)


keypoints = st.lists(
    st.tuples(st.floats(-2, 3, width=32), st.floats(-2, 3, width=32), st.floats(0, 1, width=32)),
    min_size=17,
    max_size=17,
).map(lambda rows: np.array(rows, np.float32))


@given(keypoints, st.floats(0.05, 2) | st.just(math.nan))
@fuzz
def test_any_keypoints_have_a_posture_and_finite_numbers_or_none(points: Floats, standing_height: float) -> None:
    posture = judge(points, standing_height)
    assert posture.kind in PostureKind
    if posture.kind is not PostureKind.UNKNOWN and not math.isnan(posture.torso_deg):
        assert 0 <= posture.torso_deg <= 180
        assert 0 <= posture.score <= 1


def test_joints_that_all_fall_on_one_point_are_nobody_lying() -> None:
    points = np.zeros((17, 3), np.float32)
    points[:, 2] = 0.5
    assert judge(points, math.nan).kind is not PostureKind.LYING


CENTRE = np.array([0.8, 0.5], np.float32)


def from_above(shoulders: tuple[float, float], hips: tuple[float, float], breadth: float) -> Posture:
    """A body seen by a ceiling camera: middles of shoulders and hips, and how wide the shoulders look."""
    (sx, sy), (hx, hy) = shoulders, hips
    along = math.hypot(sx - hx, sy - hy) or 1.0
    across = ((sy - hy) / along, -(sx - hx) / along) if (sx, sy) != (hx, hy) else (1.0, 0.0)
    keypoints = np.zeros((17, 3), np.float32)
    for (x, y), joints in (
        (shoulders, (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)),
        (hips, (Joint.LEFT_HIP, Joint.RIGHT_HIP)),
    ):
        for side, joint in zip((-0.5, 0.5), joints, strict=True):
            keypoints[joint] = (x + side * breadth * across[0], y + side * breadth * across[1], 0.9)
    return judge_from_above(keypoints, CENTRE)


def test_who_stands_right_below_shows_head_and_shoulders() -> None:
    assert from_above((0.82, 0.5), (0.8, 0.5), breadth=0.14).kind is PostureKind.UPRIGHT


@pytest.mark.parametrize("turned_deg", range(0, 360, 30))
def test_who_lies_right_below_lies_whichever_way_the_head_points(turned_deg: int) -> None:
    dx, dy = 0.11 * math.cos(math.radians(turned_deg)), 0.11 * math.sin(math.radians(turned_deg))
    middle = (0.8, 0.5)
    body = from_above((middle[0] + dx, middle[1] + dy), (middle[0] - dx, middle[1] - dy), breadth=0.14)
    assert body.kind is PostureKind.LYING


@pytest.mark.parametrize("towards_deg", range(0, 360, 45))
def test_who_stands_at_the_wall_leans_away_from_the_camera(towards_deg: int) -> None:
    """Seen from the side the torso shows its length, but the head points outward."""
    dx, dy = math.cos(math.radians(towards_deg)), math.sin(math.radians(towards_deg))
    hips, shoulders = (0.8 + 0.3 * dx, 0.5 + 0.3 * dy), (0.8 + 0.48 * dx, 0.5 + 0.48 * dy)
    assert from_above(shoulders, hips, breadth=0.14).kind is PostureKind.UPRIGHT


def test_who_lies_at_the_wall_across_the_view_lies() -> None:
    assert from_above((1.1, 0.4), (1.1, 0.6), breadth=0.14).kind is PostureKind.LYING


def test_a_body_without_hips_is_not_judged_from_above() -> None:
    keypoints = np.zeros((17, 3), np.float32)
    assert judge_from_above(keypoints, CENTRE).kind is PostureKind.UNKNOWN
