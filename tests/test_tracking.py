"""Who is who over time: ids that survive low scores, absences, crossings and a detector's moods."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semcam.contract.config import Camera
from semcam.contract.rules import FallRule
from semcam.tracking.associate import match
from semcam.tracking.observation import Objects, People, Track
from semcam.tracking.posture import body_height
from semcam.tracking.tracker import Tracker
from semcam.tracking.zones import ZoneMap
from tests.figures import (
    ASPECT,
    CRAWLING,
    LYING,
    ON_A_CHAIR,
    STANDING,
    Body,
    Movement,
    Scene,
    Seen,
    To,
    as_object,
    fall,
    movement,
    objects,
    people,
    tracks_of,
    walk,
)

fuzz = settings(max_examples=60, deadline=None, derandomize=True)


def history(scene: Scene) -> list[tuple[float, tuple[Track, ...]]]:
    return list(tracks_of(scene))


def ids(frames: Iterable[tuple[float, tuple[Track, ...]]], label: str = "person") -> set[int]:
    return {track.id for _, tracks in frames for track in tracks if track.label == label}


def labels(frames: Iterable[tuple[float, tuple[Track, ...]]], after_s: float = 0.0) -> set[str]:
    return {track.label for t_s, tracks in frames for track in tracks if t_s >= after_s}


def at(frames: Sequence[tuple[float, tuple[Track, ...]]], t_s: float) -> tuple[Track, ...]:
    return min(frames, key=lambda frame: abs(frame[0] - t_s))[1]


def scored(move: Movement, score: float, from_s: float, to_s: float) -> Movement:
    """The same body, seen badly (score 0: not at all) for a while."""

    def seen(t_s: float) -> Body | None:
        body = move(t_s)
        if body is None or not from_s <= t_s < to_s:
            return body
        return replace(body, score=score) if score else None

    return seen


# one body, one id


def test_somebody_who_stands_there_is_one_person() -> None:
    frames = history(Scene([movement()], jitter=0.005))
    assert ids(frames) == {1}
    (track,) = frames[-1][1]
    assert track.visible
    assert track.first_seen_s == 0.0
    assert track.standing_height == pytest.approx(0.54, abs=0.03)


def test_one_frame_is_not_enough_to_believe_in_somebody() -> None:
    assert ids(history(Scene([movement()], length_s=0.2))) == set()
    assert ids(history(Scene([scored(movement(), 0.1, 0, 99)]))) == set()


@pytest.mark.parametrize("fps", [5, 7.5, 10, 15, 30])
def test_at_any_frame_rate_it_takes_about_as_long_to_believe_in_somebody(fps: float) -> None:
    told_from_s = min(t_s for t_s, tracks in history(Scene([movement()], fps=fps)) if tracks)
    assert 0.15 <= told_from_s < 0.28


def test_low_scores_keep_somebody_alive() -> None:
    frames = history(Scene([scored(movement(), 0.1, 2, 12)], jitter=0.005))
    assert ids(frames) == {1}
    assert all(track.visible for t_s, tracks in frames for track in tracks if t_s > 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_fall_does_not_change_who_somebody_is(seed: int) -> None:
    for fps in (5, 10, 30):
        assert ids(history(Scene([movement(fall())], fps=fps, jitter=0.005, seed=seed, length_s=6))) == {1}


def test_a_fall_with_a_low_score_on_the_floor_does_not_change_it_either() -> None:
    assert ids(history(Scene([scored(movement(fall()), 0.12, 2.5, 99)], jitter=0.005))) == {1}


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_who_is_lost_in_mid_fall_was_stopped_by_the_floor_and_is_found_there(fps: float) -> None:
    """Weak observations are searched for nearby only: not where the body would be had it gone on through the floor."""
    falls = movement(fall(over_s=0.6))
    found = scored(scored(falls, 0.12, 2.55, 99), 0, 2.55, 3.4)
    frames = history(Scene([found], fps=fps, jitter=0.004, length_s=6))
    assert ids(frames) == {1}
    assert at(frames, 5)[0].visible


def test_a_second_behind_a_pillar_does_not_change_it() -> None:
    frames = history(Scene([scored(walk(0.4, 1.4, 8), 0, 3, 4)]))
    assert ids(frames) == {1}
    assert not at(frames, 3.5)[0].visible
    assert at(frames, 5)[0].visible


def test_somebody_who_comes_back_after_a_minute_is_somebody_new() -> None:
    assert ids(history(Scene([scored(movement(), 0, 3, 63)], length_s=66, fps=5))) == {1, 2}


def test_somebody_who_left_is_not_told_for_ever() -> None:
    frames = history(Scene([scored(movement(), 0, 3, 99)], length_s=10))
    assert frames[-1][1] == ()


def test_an_id_is_never_used_again() -> None:
    def comes_and_goes(t_s: float) -> Body | None:
        return Body(x=0.3 + 0.2 * (t_s // 10)) if t_s % 10 < 4 else None

    frames = history(Scene([comes_and_goes], length_s=60, fps=5))
    assert ids(frames) == {1, 2, 3, 4, 5, 6}
    first_seen = {track.id: track.first_seen_s for _, tracks in frames for track in tracks}
    assert first_seen == {index + 1: index * 10.0 for index in range(6)}


def test_a_chair_does_not_continue_somebody_who_left() -> None:
    """Weak and far away: what the model sees in table legs."""

    def ghost(t_s: float) -> Body | None:
        return Body(x=1.6, floor=0.6, height=0.3, score=0.12) if t_s > 3 else None

    frames = history(Scene([scored(movement(body=Body(x=0.2)), 0, 3, 99), ghost], length_s=10))
    assert frames[-1][1] == ()


def test_somebody_at_the_other_end_of_the_room_is_not_who_was_just_lost() -> None:
    stranger = movement(body=Body(x=1.65), from_s=3.2)
    frames = history(Scene([scored(movement(body=Body(x=0.1)), 0, 3, 99), stranger], length_s=6))
    assert len(ids(frames)) == 2


def test_a_body_that_the_model_sees_twice_is_one_person() -> None:
    twice = [movement(), movement(body=Body(x=0.91, height=0.59, score=0.5))]
    assert ids(history(Scene(twice, jitter=0.003))) == {1}


# several bodies


def test_two_people_are_two() -> None:
    frames = history(Scene([movement(body=Body(x=0.4)), movement(body=Body(x=1.3))], jitter=0.005))
    assert ids(frames) == {1, 2}
    assert [len(tracks) for t_s, tracks in frames if t_s > 0.5] == [2] * sum(t_s > 0.5 for t_s, _ in frames)


def test_two_people_who_cross_at_a_distance_stay_who_they_are() -> None:
    """One passes in front, the other behind and so smaller and higher in the picture."""
    near, far = walk(0.3, 1.5, 6, Body(floor=0.95, height=0.7)), walk(1.5, 0.3, 6, Body(floor=0.6, height=0.35))
    frames = history(Scene([near, far], length_s=8, jitter=0.003))
    assert ids(frames) == {1, 2}
    start, end = ({track.id: track.box[0] for track in at(frames, t_s)} for t_s in (1, 7.5))
    small_at_start = max(start, key=lambda id: start[id])
    assert end[small_at_start] == min(end.values())


def test_one_falls_beside_another_and_both_stay_who_they_are() -> None:
    frames = history(Scene([movement(body=Body(x=0.4)), movement(fall(), body=Body(x=1.0))], jitter=0.004))
    assert ids(frames) == {1, 2}


@given(st.permutations(range(4)), st.integers(0, 5))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_the_order_in_which_the_model_lists_people_does_not_matter(order: list[int], seed: int) -> None:
    movements = [
        movement(fall(), body=Body(x=0.2, height=0.5)),
        walk(0.9, 0.6, 4, Body(floor=0.8, height=0.4)),
        movement(To(ON_A_CHAIR, 1.5, 9), body=Body(x=1.2)),
        movement(body=Body(x=1.6, score=0.4)),
    ]

    def tracks(order: Sequence[int]) -> dict[float, dict[float, float]]:
        """For each time, who began where stands where: the place of birth tells them apart whatever the id."""
        tracker = Tracker(ZoneMap({}, ASPECT))
        noise = np.random.default_rng(seed).normal(0, 0.003, (35, 4, 17, 2)).astype(np.float32)
        births: dict[int, float] = {}
        found: dict[float, dict[float, float]] = {}
        for index in range(35):
            t_s = index / 10
            bodies = [body for move in (movements[number] for number in order) if (body := move(t_s))]
            for track in (seen := tracker.step(people(t_s, bodies, noise[index][list(order)]), None)):
                births.setdefault(track.id, float(track.box[0]))
            found[t_s] = {births[track.id]: float(track.box[0]) for track in seen}
        return found

    assert tracks(order) == tracks(range(4))


@given(st.lists(st.floats(0, 1.8), max_size=6), st.lists(st.floats(0, 1.8), max_size=6))
@fuzz
def test_no_two_bodies_ever_share_an_id_and_none_is_given_twice(first: list[float], later: list[float]) -> None:
    tracker = Tracker(ZoneMap({}, ASPECT))
    for index in range(12):
        places = first if index < 6 else later
        tracks = tracker.step(people(index / 10, [Body(x=x, height=0.4) for x in places]), None)
        numbers = [track.id for track in tracks]
        assert len(set(numbers)) == len(numbers)


# what the detector says


def test_the_detector_may_call_somebody_on_the_floor_a_dog() -> None:
    move = movement(fall(), stands_s=3)

    def moods(t_s: float) -> list[Seen]:
        body = move(t_s)
        return [as_object(body, "dog" if t_s > 4 else "person")] if body else []

    frames = history(Scene([move], moods))
    assert ids(frames) == {1}
    assert labels(frames, after_s=1) == {"person"}


def test_the_detector_may_call_somebody_on_the_floor_a_bear_without_having_ever_seen_a_person() -> None:
    move = movement(fall(), stands_s=3)

    def moods(t_s: float) -> list[Seen]:
        body = move(t_s)
        return [as_object(body, "bear")] if body and t_s > 4 else []

    assert labels(history(Scene([move], moods)), after_s=1) == {"person"}


def test_a_bear_in_which_the_model_sees_a_pose_is_an_animal() -> None:
    on_all_fours = Body(CRAWLING, height=0.8, score=0.45)
    frames = history(Scene([movement(body=on_all_fours)], lambda _: [as_object(on_all_fours, "bear", 0.8)]))
    assert labels(frames) == {"bear"}


def test_a_large_animal_in_which_the_model_sees_a_pose_is_an_animal_and_nobody() -> None:
    on_all_fours = Body(CRAWLING, height=0.8, score=0.45)
    frames = history(Scene([movement(body=on_all_fours)], lambda _: [as_object(on_all_fours, "cow", 0.6)]))
    assert labels(frames, after_s=1) == {"large_animal"}


def test_the_detector_may_call_somebody_a_cow_after_having_seen_a_person() -> None:
    def moods(t_s: float) -> list[Seen]:
        return [as_object(Body(), "cow" if t_s > 2 else "person", 0.6)]

    assert labels(history(Scene([movement()], moods, length_s=20)), after_s=1) == {"person"}


def test_a_person_beside_a_dog_is_a_person_and_the_dog_a_dog() -> None:
    frames = history(Scene([movement(body=Body(x=0.4))], lambda _: [Seen("dog", x=1.3, width=0.3, height=0.2)]))
    assert labels(frames, after_s=1) == {"person", "dog"}


def test_a_person_known_to_the_detector_stays_one_under_a_table() -> None:
    frames = history(Scene([movement(body=Body())], lambda _: [as_object(Body(), "person"), Seen("dining_table")]))
    assert labels(frames, after_s=1) == {"person", "dining_table"}


def test_an_animal_that_walks_on_between_two_looks_is_the_same_one() -> None:
    frames = history(Scene(things=lambda t_s: [Seen("bear", x=0.3 + 0.12 * t_s)], length_s=8))
    assert ids(frames, "bear") == {1}


def test_the_label_is_the_vote_of_all_looks_and_not_the_mood_of_one() -> None:
    def moods(t_s: float) -> list[Seen]:
        return [Seen("dog" if 4 <= t_s < 4.4 else "bear")]

    frames = history(Scene(things=moods))
    assert labels(frames, after_s=1) == {"bear"}
    assert ids(frames, "bear") == {1}


def test_an_animal_of_which_nobody_is_sure_is_a_large_animal() -> None:
    frames = history(Scene(things=lambda t_s: [Seen("cow" if t_s % 1 < 0.5 else "bear", score=0.4)]))
    assert "large_animal" in labels(frames, after_s=2)
    assert not {"cow", "bear"} & labels(frames, after_s=2)


def test_two_labels_for_one_place_are_two_opinions_of_one_thing() -> None:
    frames = history(Scene(things=lambda _: [Seen("bear", score=0.7), Seen("dog", score=0.4)]))
    assert all(len(tracks) <= 1 for _, tracks in frames)


def test_a_detector_that_did_not_look_has_not_lost_anything() -> None:
    tracker = Tracker(ZoneMap({}, ASPECT))
    tracker.step(people(0.0, []), objects(0.0, [Seen("bear")]))
    (track,) = tracker.step(people(0.1, []), None)
    assert (track.label, track.visible) == ("bear", False)


# a body's own measure


def test_the_standing_height_survives_a_fall() -> None:
    frames = history(Scene([movement(fall(), body=Body(height=0.6))], jitter=0.004))
    assert at(frames, 12)[0].standing_height == pytest.approx(at(frames, 1.5)[0].standing_height, rel=0.1)


def test_the_standing_height_survives_a_meal_at_the_table() -> None:
    """Who sits is not upright: else a body shrinks by a quarter, and each of its movements grows by a third."""
    frames = history(Scene([movement(To(ON_A_CHAIR, 1.5, 99))], length_s=20))
    assert at(frames, 19)[0].standing_height == pytest.approx(at(frames, 1.5)[0].standing_height, rel=0.1)


@pytest.mark.parametrize("fps", [5, 10, 15, 30])
def test_the_standing_height_of_who_comes_nearer_does_not_depend_on_the_frame_rate(fps: float) -> None:
    """It is the median of the last three seconds: that of one and a half seconds ago, here."""

    def nearing(t_s: float) -> Body:
        return Body(height=0.3 + 0.04 * t_s, floor=0.7 + 0.02 * t_s)

    frames = history(Scene([nearing], fps=fps, length_s=8))
    assert at(frames, 7)[0].standing_height == pytest.approx(body_height(nearing(5.5).keypoints), rel=0.02)


@pytest.mark.parametrize("fps", [5, 30])
def test_the_standing_height_of_who_was_only_seen_to_sit_is_told_by_the_torso(fps: float) -> None:
    frames = history(Scene([movement(body=Body(ON_A_CHAIR))], fps=fps, jitter=0.004))
    track = at(frames, 5)[0]
    assert not track.stood
    assert track.standing_height == pytest.approx(0.54, rel=0.15)


def test_who_was_never_seen_upright_has_no_standing_height() -> None:
    frames = history(Scene([movement(body=Body(LYING))]))
    assert math.isnan(frames[-1][1][0].standing_height)


@pytest.mark.parametrize("fps", [1, 2, 2.5, 3, 4, 5, 10, 30])
def test_at_any_frame_rate_that_the_configuration_allows_somebody_is_followed(fps: float) -> None:
    settings: dict[str, Any] = {"fps": float(fps), "rules": {"fall": FallRule(id="fall")}}
    try:
        Camera(**settings)
    except ValidationError:
        return  # a rate too low to work with is refused: just as well
    assert ids(history(Scene([movement(To(STANDING, 0))], fps=fps))) == {1}


# matching


@given(
    st.lists(st.lists(st.floats(-1, 1), min_size=4, max_size=4), min_size=3, max_size=3),
)
@fuzz
def test_each_is_matched_once_and_only_where_there_is_likeness(table: list[list[float]]) -> None:
    pairs = match(range(3), range(4), lambda row, column: table[row][column])
    assert len({row for row, _ in pairs}) == len(pairs)
    assert len({column for _, column in pairs}) == len(pairs)
    assert all(table[row][column] > 0 for row, column in pairs)
    free = itertools.product(set(range(3)) - {row for row, _ in pairs}, set(range(4)) - {column for _, column in pairs})
    assert all(table[row][column] <= 0 for row, column in free)


def test_ties_fall_to_the_older_track_and_the_earlier_observation() -> None:
    assert match(range(2), range(2), lambda _row, _column: 0.5) == [(0, 0), (1, 1)]


def test_an_empty_room_is_an_empty_room() -> None:
    nobody = People(0.0, np.zeros((0, 4), np.float32), np.zeros((0, 17, 3), np.float32), np.zeros(0, np.float32))
    nothing = Objects(0.0, np.zeros((0, 4), np.float32), (), np.zeros(0, np.float32))
    assert Tracker(ZoneMap({}, ASPECT)).step(nobody, nothing) == ()
