"""Who was lost and is found again, and who is somebody else."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.tracking.observation import Track
from semcam.tracking.reunion import GOES_OUT_S, LOST_FOR_S, Reunion
from tests.figures import ASPECT, Body, Movement, Scene, tracks_of

FPS = 10


def body(id: int, t_s: float, x: float, y: float = 0.8, height: float = 0.5, label: str = "person") -> Track:
    """Somebody who is first seen now."""
    box = np.array([x - height / 6, y - height, x + height / 6, y], np.float32)
    return Track(id, label, t_s, t_s, t_s, box, 0.8)


class Story:
    """Tracks come in frame by frame; who is there comes out."""

    def __init__(self) -> None:
        self.reunion = Reunion(ASPECT)
        self.frames: dict[float, tuple[Track, ...]] = {}
        self._began: dict[int, float] = {}

    def play(self, from_s: float, to_s: float, at: Callable[[float], Iterable[Track]] = lambda _: ()) -> "Story":
        """Each track begins when it is first given."""
        for index in range(round(from_s * FPS), round(to_s * FPS)):
            t_s = index / FPS
            here = tuple(replace(t, first_seen_s=self._began.setdefault(t.id, t_s)) for t in at(t_s))
            self.frames[t_s] = self.reunion.step(t_s, here)
        return self

    def ids(self, t_s: float) -> list[int]:
        return sorted(track.id for track in self.frames[round(t_s * FPS) / FPS])


def stands(id: int, x: float = 0.9, height: float = 0.5) -> Callable[[float], list[Track]]:
    return lambda t_s: [body(id, t_s, x, height=height)]


def walks(id: int, x: float, speed: float) -> Callable[[float], list[Track]]:
    """Is at x at 0 s."""
    return lambda t_s: [body(id, t_s, x + speed * t_s)]


@pytest.mark.parametrize("away_s", [0.2, 1.0, 3.0, LOST_FOR_S - 0.2])
def test_who_is_lost_and_found_at_the_same_place_is_the_same(away_s: float) -> None:
    story = Story().play(0, 5, stands(1)).play(5, 5 + away_s).play(5 + away_s, 15, stands(2))
    assert all(story.ids(t_s) == [1] for t_s in story.frames)
    last = story.frames[14.9][0]
    assert (last.first_seen_s, last.visible) == (0.0, True)


def test_while_lost_one_is_there_as_last_seen() -> None:
    story = Story().play(0, 5, stands(1)).play(5, 8)
    (lost,) = story.frames[7.0]
    assert (lost.id, lost.t_s, lost.last_seen_s, lost.visible) == (1, 7.0, 4.9, False)


def test_who_is_not_found_is_gone_after_a_while() -> None:
    story = Story().play(0, 5, stands(1)).play(5, 15)
    assert story.ids(4.9 + LOST_FOR_S - 0.1) == [1]
    assert story.ids(4.9 + LOST_FOR_S + 0.2) == []


def test_who_comes_much_later_is_somebody_else() -> None:
    story = Story().play(0, 5, stands(1)).play(5, 12).play(12, 15, stands(2))
    assert story.ids(14) == [2]


def test_who_walks_on_behind_a_pillar_is_the_same() -> None:
    """Three seconds unseen, one and a half frame heights further on."""
    at = walks(1, 0.1, 0.25)
    story = Story().play(0, 2, at).play(2, 5).play(5, 6, lambda t_s: [replace(at(t_s)[0], id=2)])
    assert story.ids(5.9) == [1]


def test_who_appears_far_off_is_somebody_else() -> None:
    story = Story().play(0, 3, stands(1, 0.3)).play(3, 5).play(5, 6, stands(2, 1.4))
    assert story.ids(5.9) == [1, 2]


def test_who_appears_the_way_that_somebody_came_from_is_somebody_else() -> None:
    story = Story().play(0, 3, walks(1, 0.1, 0.25)).play(3, 5).play(5, 6, stands(2, 0.1))
    assert story.ids(5.9) == [1, 2]


def test_who_is_much_larger_or_another_thing_is_somebody_else() -> None:
    assert Story().play(0, 3, stands(1)).play(3, 4).play(4, 5, stands(2, height=0.2)).ids(4.9) == [1, 2]
    dog = Story().play(0, 3, stands(1)).play(3, 4).play(4, 5, lambda t_s: [body(2, t_s, 0.9, label="dog")])
    assert dog.ids(4.9) == [1, 2]


def test_who_is_in_sight_is_nobody_who_was_lost() -> None:
    beside = Story().play(0, 3, stands(1)).play(3, 6, lambda t_s: [*stands(1)(t_s), *stands(2, 1.0)(t_s)])
    assert beside.ids(5.9) == [1, 2]


@pytest.mark.parametrize(("x", "speed"), [(0.5, -0.25), (1.3, 0.25)])
def test_who_walks_out_of_the_picture_is_gone_at_once_and_who_comes_in_is_somebody_else(x: float, speed: float) -> None:
    out = walks(1, x, speed)
    story = Story().play(0, 1.7, out).play(1.7, 4).play(4, 6, stands(2, out(1.7)[0].box[[0, 2]].mean()))
    assert story.ids(1.6 + GOES_OUT_S + 0.2) == []
    assert story.ids(5.9) == [2]


def test_who_sits_at_the_edge_of_the_picture_and_is_lost_has_not_walked_out() -> None:
    sits = stands(1, 0.07)
    story = Story().play(0, 3, sits).play(3, 6).play(6, 8, lambda t_s: [replace(sits(t_s)[0], id=2)])
    assert all(story.ids(t_s) == [1] for t_s in story.frames)


def test_the_nearest_of_two_who_are_lost_is_found_first() -> None:
    both = Story().play(0, 3, lambda t_s: [body(1, t_s, 0.5), body(2, t_s, 0.8)]).play(3, 4)
    both.play(4, 5, lambda t_s: [body(3, t_s, 0.78)]).play(5, 6, lambda t_s: [body(3, t_s, 0.78), body(4, t_s, 0.5)])
    found = {round(float(track.box[[0, 2]].mean()), 2): track.id for track in both.frames[5.9]}
    assert found == {0.5: 1, 0.78: 2}


def test_two_who_turn_out_to_be_two_never_go_by_one_id() -> None:
    """Taken for one who was lost, but then that one is seen again."""
    story = Story().play(0, 3, stands(1)).play(3, 5, stands(2, 1.0))
    assert story.ids(4.9) == [1]
    story.play(5, 7, lambda t_s: [body(1, t_s, 0.6), body(2, t_s, 1.0)])
    assert story.ids(6.9) == [1, 2]
    assert {track.id: round(float(track.box[[0, 2]].mean()), 2) for track in story.frames[6.9]} == {1: 1.0, 2: 0.6}


def test_the_lost_track_that_the_tracker_still_remembers_is_no_second_person() -> None:
    def at(t_s: float) -> list[Track]:
        remembered = [replace(body(1, t_s, 0.9), last_seen_s=2.9)] if t_s < 6 else []
        return [*remembered, body(2, t_s, 1.0)]

    story = Story().play(0, 3, stands(1)).play(3, 8, at)
    assert all(story.ids(t_s) == [1] for t_s in story.frames)


def test_a_home_is_kept_when_somebody_is_found_elsewhere() -> None:
    story = Story().play(0, 3, lambda t_s: [replace(body(1, t_s, 0.9), home=3)]).play(3, 4).play(4, 5, stands(2, 1.0))
    assert story.frames[4.9][0].home == 3


def test_things_that_are_looked_at_twice_a_second_stay_what_they_are() -> None:
    def dog(t_s: float) -> list[Track]:
        looked_s = t_s - t_s % 0.5
        return [replace(body(1, t_s, 0.5 + 0.1 * looked_s, label="dog"), last_seen_s=looked_s)]

    story = Story().play(0, 6, dog)
    assert all(story.ids(t_s) == [1] for t_s in story.frames)


def test_through_the_real_tracker_a_body_that_hides_for_four_seconds_keeps_its_id() -> None:
    def hides(t_s: float) -> Body | None:
        return None if 4 <= t_s < 8 else Body(x=0.9)

    reunion, moves = Reunion(ASPECT), [hides]
    assert {t.id for _, tracks in tracks_of(Scene(moves, length_s=12)) for t in tracks} == {1, 2}
    assert {t.id for t_s, tracks in tracks_of(Scene(moves, length_s=12)) for t in reunion.step(t_s, tracks)} == {1}


def test_two_who_walk_past_each_other_keep_their_ids() -> None:
    def between(start: float, end: float, floor: float) -> Movement:
        return lambda t_s: Body(x=start + (end - start) * t_s / 8, floor=floor)

    scene = Scene([between(0.3, 1.5, 0.9), between(1.5, 0.3, 0.97)], length_s=8)
    reunion = Reunion(ASPECT)
    for t_s, tracks in tracks_of(scene):
        assert {t.id for t in reunion.step(t_s, tracks)} == {t.id for t in tracks}


@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(1, 5), st.sampled_from([0.05, 0.4, 0.6, 0.9, 1.75]), st.booleans()),
            max_size=4,
            unique_by=lambda each: each[0],
        ),
        min_size=1,
        max_size=60,
    ),
    st.sampled_from([0.1, 0.5, 2.0]),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_whatever_comes_everybody_in_sight_is_told_once_under_a_name_of_their_own(
    frames: list[list[tuple[int, float, bool]]], every_s: float
) -> None:
    reunion, began, last = Reunion(ASPECT), dict[int, float](), dict[int, float]()
    for n, frame in enumerate(frames):
        t_s = n * every_s
        tracks = []
        for id, x, visible in frame:
            last[id] = t_s if visible else last.get(id, t_s)
            tracks.append(replace(body(id, t_s, x), first_seen_s=began.setdefault(id, t_s), last_seen_s=last[id]))
        there = reunion.step(t_s, tracks)
        assert len({track.id for track in there}) == len(there)
        in_sight = [track for track in tracks if track.visible]
        told = [track for track in there if track.visible]
        assert sorted(t.box.tobytes() for t in told) == sorted(t.box.tobytes() for t in in_sight)
        assert all(t.t_s == t_s and t.first_seen_s <= t.last_seen_s for t in there)
        assert all(t_s - t.last_seen_s <= LOST_FOR_S + 1e-6 or t.visible for t in there)
