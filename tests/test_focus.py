"""People are followed in parts of pictures: the same people at the same places, and nobody who comes in is missed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.tracking.geometry import iou
from semcam.tracking.observation import Floats, People
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.focus import EVERYWHERE_S, Focus, around, focused
from semcam.vision.perceive.pose import LIFE, PoseModel
from semcam.vision.perceive.session import Session
from tests.conftest import POSE_USED, ROOT, SAMPLE


@pytest.fixture(scope="module")
def model() -> PoseModel:
    return PoseModel(Session(ROOT / "models", POSE_USED, 1))


def frames_of(clip: object, fps: float) -> list[Frame]:
    return [each for each in open_file(ROOT / str(clip), Playback(fps)).frames() if isinstance(each, Frame)]


def best(people: People) -> tuple[Floats, float]:
    row = int(people.scores.argmax())
    return people.boxes[row], float(people.scores[row])


def test_whoever_is_followed_is_seen_as_in_the_whole_picture(model: PoseModel) -> None:
    focus, apart, overlaps, parts = Focus(model), list[float](), list[float](), 0
    for frame in frames_of(SAMPLE, 10):
        whole, seen = model.look(frame), focus.look(frame)
        parts += focus.everywhere_due_s < seen.t_s + EVERYWHERE_S - 0.05  # all was looked at in an earlier one
        if (whole.scores >= LIFE).any():
            (box, score), (seen_box, seen_score) = best(whole), best(seen)
            apart.append(abs(score - seen_score))
            overlaps.append(iou(box, seen_box))
    assert len(apart) > 100
    assert parts > len(apart) / 2
    assert np.median(apart) < 0.05
    assert np.quantile(overlaps, 0.05) > 0.7


def beside(left: Frame, right: Frame, t_s: float) -> Frame:
    """Two pictures side by side."""
    return Frame(np.hstack([left.pixels, right.pixels]), t_s, 0)


def test_who_comes_in_beside_somebody_is_seen_within_half_a_second(model: PoseModel) -> None:
    somebody = frames_of(SAMPLE, 1)[2]
    nobody = Frame(np.full_like(somebody.pixels, 110), 0.0, 0)
    focus = Focus(model)
    alone, both = beside(somebody, nobody, 0.0), beside(somebody, somebody, 0.0)
    assert how_many(focus.look(alone)) == 1
    counted = {}
    for tenth in range(1, 7):
        counted[tenth] = how_many(focus.look(Frame(both.pixels, tenth / 10, tenth)))
    assert counted[1] == 1  # only the part around the first is looked at
    assert counted[5] == counted[6] == 2


def how_many(people: People) -> int:
    return int((people.scores >= 0.3).sum())


def test_who_is_gone_from_the_part_is_looked_for_everywhere_at_once(model: PoseModel) -> None:
    somebody = frames_of(SAMPLE, 1)[2]
    nobody = Frame(np.full_like(somebody.pixels, 110), 0.0, 0)
    focus = Focus(model)
    assert how_many(focus.look(beside(somebody, nobody, 0.0))) == 1
    assert how_many(focus.look(beside(nobody, somebody, 0.1))) == 1


def test_a_camera_that_changes_its_size_or_pauses_is_looked_at_anew(model: PoseModel) -> None:
    small, large = frames_of(SAMPLE, 1)[2].pixels, np.zeros((96, 64, 3), np.uint8)
    focus = Focus(model)
    for t_s, pixels in ((0.0, small), (0.1, large), (0.2, small), (60.0, small)):
        seen = focus.look(Frame(np.ascontiguousarray(pixels), t_s, 0))
        whole = model.look(Frame(np.ascontiguousarray(pixels), t_s, 0))
        assert how_many(seen) == how_many(whole)


def test_a_model_of_one_size_is_left_as_it_is(model: PoseModel) -> None:
    assert isinstance(focused(model), Focus)


sides = st.integers(16, 2000)
edges = st.floats(-1, 3, width=32)


@given(st.lists(st.tuples(edges, edges, edges, edges), max_size=6), sides, sides, st.floats(1, 400))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_a_part_lies_in_the_picture_and_holds_what_it_is_about(
    rows: list[tuple[float, float, float, float]], height: int, width: int, step: float
) -> None:
    boxes = np.array([[min(a, c), min(b, d), max(a, c), max(b, d)] for a, b, c, d in rows], np.float32).reshape(-1, 4)
    part = around(boxes, (height, width), step)
    if not rows:
        assert part is None
        return
    assert part is not None
    assert 0 <= part.left < part.right <= width
    assert 0 <= part.top < part.bottom <= height
    for left, top, right, bottom in boxes * height:
        inside_x, inside_y = np.clip([left, right], 0, width), np.clip([top, bottom], 0, height)
        assert part.left <= inside_x[0] + 1 and inside_x[1] <= part.right + 1
        assert part.top <= inside_y[0] + 1 and inside_y[1] <= part.bottom + 1
