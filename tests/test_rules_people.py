"""Who lies, stays, is missing, wanders or does not move: stick figures and long days through the real rules.

Stories of minutes run through the real tracker; stories of hours and days are told to the rules frame by frame.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semcam.contract.config import Job, Zone
from semcam.contract.local_time import read_zone, source_times
from semcam.contract.rule_base import WEEKDAYS
from semcam.contract.rules import AbsenceRule, LongStayRule, LyingRule, NoMotionRule, WanderingRule
from semcam.contract.rules import Rule as Told
from semcam.contract.signal import Reason, RuleSignal, Stage, from_line, to_line
from semcam.rules.absence import Absence
from semcam.rules.bodies import GONE_AFTER_S, REMEMBERED_S
from semcam.rules.long_stay import LongStay
from semcam.rules.lying import SITS_UP_AFTER_S, Lying
from semcam.rules.no_motion import NoMotion
from semcam.rules.room import Room
from semcam.rules.rule import Rule
from semcam.rules.wandering import Wandering
from semcam.tracking.observation import Posture, PostureKind, Track
from semcam.tracking.posture import judge
from tests.figures import (
    ASPECT,
    BENDING,
    KNEELING,
    LYING,
    ON_A_CHAIR,
    ON_THE_FLOOR,
    STANDING,
    Body,
    Movement,
    Scene,
    To,
    fall,
    get_up,
    movement,
    signals_of,
    stages,
    times,
    tracks_of,
    walk,
)

TOLD, TOLD_AND_OVER = [Stage.CONFIRMED], [Stage.CONFIRMED, Stage.CLEARED]
LEFT, RIGHT = Body(x=0.35), Body(x=1.05)
MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86400.0

BED = {"bed": Zone(shape=((0, 0.5), (1, 0.5), (1, 1), (0, 1)), lying_is_normal=True)}
HALVES = {
    "left": Zone(shape=((0, 0), (0.45, 0), (0.45, 1), (0, 1))),
    "right": Zone(shape=((0.45, 0), (1, 0), (1, 1), (0.45, 1))),
}
changes = pytest.mark.parametrize(
    ("noon", "night_h"),
    [("2026-03-28 12:00", 7), ("2026-10-24 12:00", 9)],
    ids=["to summer time", "to winter time"],
)
"""Noon in Berlin before the clocks are changed, and how long it then is from 22:00 to 06:00."""


def told(rule: Told, *movements: Movement, **scene: Any) -> list[RuleSignal]:
    """What the rule says of a scene, at two frames a second unless it says otherwise."""
    return signals_of(Scene(movements, **({"jitter": 0.004, "fps": 2.0} | scene)), rule)


def unix_s(local: str, zone: str = "Europe/Berlin") -> float:
    return datetime.fromisoformat(local).replace(tzinfo=read_zone(zone)).timestamp()


def gone(move: Movement, *spans: tuple[float, float]) -> Movement:
    """The same body, out of sight from the first to the second of each pair."""
    return lambda t_s: None if any(from_s <= t_s < to_s for from_s, to_s in spans) else move(t_s)


def then(*parts: tuple[float, Movement]) -> Movement:
    """One movement after the other, each from its own beginning until the given time."""

    def at(t_s: float) -> Body | None:
        from_s = 0.0
        for until_s, move in parts:
            if t_s < until_s:
                return move(t_s - from_s)
            from_s = until_s
        return None

    return at


def paces(from_x: float, to_x: float, one_way_s: float, body: Body | None = None) -> Movement:
    """Walks to and fro without end."""
    there, back = walk(from_x, to_x, one_way_s, body), walk(to_x, from_x, one_way_s, body)
    return lambda t_s: (there if t_s % (2 * one_way_s) < one_way_s else back)(t_s % one_way_s)


# stories of hours: a rule is told what the tracker would say


@cache
def portrait(body: Body) -> Track:
    """A body as the tracker tells it."""
    keypoints = body.keypoints
    posture = judge(keypoints, body.height)
    return Track(1, "person", 0.0, 0.0, 0.0, body.box, body.score, keypoints, posture, body.height)


def as_track(body: Body, t_s: float, **known: Any) -> Track:
    """The same at some time, in sight since the beginning."""
    return replace(portrait(body), **({"t_s": t_s, "last_seen_s": t_s} | known))


def place(local: str = "2026-06-01 00:00", zone: str = "Europe/Berlin", **job: Any) -> Room:
    """A room whose clock shows a local time in the first frame."""
    return Room.of(Job(source="a story", rules={}, **job), ASPECT, source_times(unix_s(local, zone), read_zone(zone)))


def live(
    rule: Rule, who: Callable[[float], Any], length_s: float, step_s: float = 1.0, from_s: float = 0.0
) -> Iterator[RuleSignal]:
    """What a rule says while `who` is there at each time: a tuple of tracks."""
    for index in range(round(length_s / step_s)):
        t_s = from_s + index * step_s
        yield from rule.step(t_s, who(t_s))


# lying

LIES = LyingRule(id="lying", hold=10.0, clear_after=2.0)
GOES_DOWN = To(LYING, 1.5, 999)


def test_who_has_been_down_for_long_is_told_once() -> None:
    signals = told(LIES, movement(GOES_DOWN), length_s=40)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(3.5 + LIES.hold, abs=0.6)
    assert (signals[0].track, signals[0].zone, signals[0].label) == (1, None, "person")
    assert signals[0].why[Reason.DOWN_S] == pytest.approx(LIES.hold, abs=0.1)
    assert from_line(to_line(signals[0])) == signals[0]


@pytest.mark.parametrize("fps", [1, 10])
def test_however_they_got_there_and_however_often_it_looks(fps: float) -> None:
    assert stages(told(LIES, movement(fall(99)), length_s=18, fps=fps)) == TOLD
    assert stages(told(LIES, movement(body=Body(LYING)), length_s=18, fps=fps)) == TOLD


@pytest.mark.parametrize("pose", [STANDING, ON_A_CHAIR, ON_THE_FLOOR, BENDING, KNEELING])
def test_who_sits_bends_or_kneels_is_not_lying(pose: Any) -> None:
    assert told(LIES, movement(To(pose, 1, 99)), length_s=25) == []


def test_who_stretches_out_for_a_moment_is_not_told() -> None:
    assert told(LIES, movement(To(LYING, 1.5, 6), *get_up(99)), length_s=30) == []


def test_who_is_seen_up_again_is_all_right() -> None:
    signals = told(LIES, movement(To(LYING, 1.5, 20), *get_up(99)), length_s=40)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(2 + 1.5 + 20 + 3 + LIES.clear_after, abs=2.5)


def test_who_sits_up_for_a_moment_is_not() -> None:
    sits_up = (To(LYING, 1.5, 20), To(ON_THE_FLOOR, 1.5, 8), To(LYING, 1.5, 99))
    assert stages(told(LIES, movement(*sits_up), length_s=60)) == TOLD


def test_who_has_sat_up_for_good_is() -> None:
    sits_up = (To(LYING, 1.5, 20), To(ON_THE_FLOOR, 1.5, 999))
    signals = told(LIES, movement(*sits_up), length_s=30 + SITS_UP_AFTER_S)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(25 + SITS_UP_AFTER_S + LIES.clear_after, abs=3)


def test_who_lies_where_lying_is_normal_is_not_told() -> None:
    assert told(LIES, movement(GOES_DOWN), zones=BED, length_s=30) == []


def test_unless_the_bed_itself_is_meant() -> None:
    in_bed = LIES.model_copy(update={"zones": ("bed",)})
    assert [signal.zone for signal in told(in_bed, movement(GOES_DOWN), zones=BED, length_s=20)] == ["bed"]


def test_only_in_its_zones_and_the_zone_is_told() -> None:
    on_the_left = LIES.model_copy(update={"zones": ("left",)})
    assert told(on_the_left, movement(GOES_DOWN, body=RIGHT), zones=HALVES, length_s=20) == []
    signals = told(on_the_left, movement(GOES_DOWN, body=Body(x=0.1)), zones=HALVES, length_s=20)
    assert [(signal.zone, signal.home) for signal in signals] == [("left", 0)]


@pytest.mark.parametrize("seed", range(3))
def test_who_lies_across_the_edge_of_a_zone_is_told_once_or_not_at_all(seed: int) -> None:
    body = Body(LYING, x=0.6)
    x1, _, x2, _ = map(float, body.box)
    edge = (x1 + x2) / 2 / ASPECT
    zones = {"floor": Zone(shape=((0, 0), (edge, 0), (edge, 1), (0, 1)))}
    on_the_floor = LIES.model_copy(update={"zones": ("floor",)})
    signals = told(on_the_floor, movement(body=body), zones=zones, length_s=60, seed=seed)
    assert stages(signals) in ([], TOLD)


def test_of_two_people_each_is_told_alone() -> None:
    both = movement(GOES_DOWN, body=LEFT), movement(To(LYING, 1.5, 20), *get_up(99), body=RIGHT, stands_s=10)
    signals = told(LIES, *both, length_s=50)
    assert [(signal.track, signal.stage) for signal in signals] == [(1, TOLD[0]), (2, TOLD[0]), (2, Stage.CLEARED)]


def test_a_carer_who_kneels_beside_somebody_ends_nothing() -> None:
    carer = then((12, lambda _: None), (16, walk(0.05, 0.3, 4, LEFT)), (99, movement(To(KNEELING, 1, 99), body=LEFT)))
    assert stages(told(LIES, movement(GOES_DOWN, body=RIGHT), carer, length_s=40)) == TOLD


def test_missing_frames_change_nothing() -> None:
    kept = np.random.default_rng(1).random(1000) < 0.5
    signals = told(LIES, movement(GOES_DOWN), delivered=lambda index: bool(kept[index]), length_s=30, fps=5)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(3.5 + LIES.hold, abs=2)


def test_who_lies_and_is_lost_from_view_lies_there_still() -> None:
    signals = told(LIES, gone(movement(GOES_DOWN), (7, 999)), length_s=40)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(3.5 + LIES.hold, abs=1)


def test_who_is_seen_again_under_another_id_is_the_same() -> None:
    """Now and then the model sees something of the body under the blanket."""
    glimpses = [(7, 15), (20, 33), (36, 90)]
    move = movement(To(LYING, 1.5, 100), *get_up(99))
    scene = Scene([gone(move, *glimpses)], length_s=115, fps=2)
    ids = {track.id for _, tracks in tracks_of(scene) for track in tracks}
    assert len(ids) == 4
    signals = told(LIES, gone(move, *glimpses), length_s=115)
    assert stages(signals) == TOLD_AND_OVER
    assert {signal.track for signal in signals} == {1}
    assert signals[0].t_s == pytest.approx(3.5 + LIES.hold, abs=1)


def test_an_alarm_does_not_end_because_nobody_is_seen() -> None:
    assert stages(told(LIES, gone(movement(GOES_DOWN), (20, 999)), length_s=300, fps=1)) == TOLD


def test_two_who_lie_down_side_by_side_are_two() -> None:
    beside = movement(GOES_DOWN, body=Body(x=0.8, floor=0.7), stands_s=2, from_s=8)
    signals = told(LIES, movement(GOES_DOWN, body=Body(x=0.7, floor=0.9)), beside, length_s=40)
    assert [(signal.track, signal.stage) for signal in signals] == [(1, Stage.CONFIRMED), (2, Stage.CONFIRMED)]


def test_who_comes_to_stand_there_while_somebody_is_not_seen_for_two_seconds_is_somebody_else() -> None:
    at_once = LIES.model_copy(update={"clear_after": 0.0})
    blinks = gone(movement(GOES_DOWN, body=Body(x=0.7)), (20, 22.8))
    comes = movement(body=Body(x=0.65, floor=0.75), from_s=20.2)
    assert stages(told(at_once, blinks, comes, length_s=35, fps=5)) == TOLD


def test_who_gets_up_before_the_tracker_has_given_up_on_the_body_is_the_same_all_the_same() -> None:
    """It finds somebody who is too far from the joints of the one that it still waits for."""
    lies, stands = movement(body=Body(LYING, x=0.7)), movement(body=Body(x=0.65, floor=0.75), from_s=20.2)
    scene = Scene([gone(lies, (20, 999)), stands], length_s=35, fps=5)
    assert {track.id for _, tracks in tracks_of(scene) for track in tracks} == {1, 2}
    signals = signals_of(scene, LIES)
    assert [(signal.track, signal.stage) for signal in signals] == [(1, Stage.CONFIRMED), (1, Stage.CLEARED)]


def test_who_comes_in_beside_somebody_whom_nobody_sees_ends_nothing() -> None:
    lies = gone(movement(body=Body(LYING, x=0.15)), (20, 999))
    comes = then((30, lambda _: None), (34, movement(body=Body(x=0.05))), (99, walk(0.05, 1.2, 5)))
    assert stages(told(LIES, lies, comes, length_s=50, fps=5)) == TOLD


def test_it_ends_when_somebody_gets_up_there_who_was_not_seen_for_long() -> None:
    signals = told(LIES, gone(movement(To(LYING, 1.5, 90), *get_up(99)), (20, 97)), length_s=115)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(97 + LIES.clear_after, abs=3)


def test_it_does_not_end_when_somebody_else_comes_in_and_walks_by() -> None:
    passer = then((60, lambda _: None), (70, walk(0.05, 1.7, 10, Body(floor=0.95))))
    assert stages(told(LIES, gone(movement(GOES_DOWN), (20, 999)), passer, length_s=90)) == TOLD


def test_it_does_not_end_when_a_carer_is_lost_and_found_beside_the_body() -> None:
    carer = then((30, lambda _: None), (33, walk(0.2, 0.8, 3)), (999, movement(body=Body(x=0.8))))
    lost = gone(movement(GOES_DOWN, body=Body(x=0.7)), (20, 999))
    assert stages(told(LIES, lost, gone(carer, (45, 50)), length_s=70)) == TOLD


def test_after_an_hour_without_a_sight_of_anybody_it_is_over() -> None:
    rule = Lying(LIES, place())
    signals = list(live(rule, lambda t_s: (as_track(Body(LYING), t_s),) if t_s < 60 else (), 2 * HOUR_S))
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(60 + GONE_AFTER_S + LIES.clear_after, abs=5)


def test_who_is_lost_at_the_edge_of_the_picture_may_have_got_out() -> None:
    at_the_edge = Body(LYING, x=1.55)
    assert told(LIES, gone(movement(body=at_the_edge), (4, 999)), length_s=40) == []
    assert stages(told(LIES, gone(movement(body=at_the_edge), (9, 999)), length_s=40)) == TOLD_AND_OVER[:1]


def test_what_looks_like_somebody_for_a_second_and_never_stood_is_not_waited_for() -> None:
    assert told(LIES, gone(movement(body=Body(LYING)), (1.5, 999)), length_s=40, fps=5) == []


def test_one_odd_frame_is_not_lying() -> None:
    glitch: Movement = lambda t_s: Body(LYING if t_s == 5 else STANDING)  # noqa: E731
    assert told(LIES, gone(glitch, (5.5, 999)), length_s=30) == []


def test_one_odd_frame_is_not_getting_up() -> None:
    glitch: Movement = lambda t_s: Body(STANDING if t_s % 6 == 5 else LYING)  # noqa: E731
    assert stages(told(LIES, glitch, length_s=40)) == TOLD


def test_where_somebody_lies_is_known_from_when_their_posture_is_clear() -> None:
    """Under the blanket it is not, and what is seen of the body ends in front of the bed."""
    rule = Lying(LIES, place(zones=BED))

    def in_bed(t_s: float) -> tuple[Track, ...]:
        track = as_track(Body(LYING), t_s)
        return (replace(track, zones=("bed",)) if t_s % 30 < 5 else replace(track, posture=Posture()),)

    assert list(live(rule, in_bed, 60)) == []


def test_from_the_ceiling_too() -> None:
    """Nobody who looks down from there shows how tall they are."""
    rule = Lying(LIES, place(view="ceiling"))

    def lies(t_s: float) -> tuple[Track, ...]:
        track = as_track(Body(LYING, floor=0.5), t_s, stood=False, standing_height=math.nan)
        kind = PostureKind.LYING if t_s < 60 else PostureKind.UPRIGHT
        return (replace(track, posture=replace(track.posture, kind=kind, torso_deg=math.nan)),)

    signals = list(live(rule, lies, 90))
    assert stages(signals) == TOLD_AND_OVER
    assert Reason.TORSO_DEG not in signals[0].why


@changes
def test_lying_is_told_in_its_hours_and_ends_with_them(noon: str, night_h: int) -> None:
    night = LIES.model_copy(update={"hold": 600.0, "between": ("22:00", "06:00")})
    rule = Lying(night, place(noon))
    signals = list(live(rule, lambda t_s: (as_track(Body(LYING), t_s),), DAY_S, 30.0))
    assert [signal.t_s / HOUR_S for signal in signals] == [
        pytest.approx(10 + 1 / 6, abs=0.02),
        pytest.approx(10 + night_h, abs=0.02),
    ]


def test_it_explains_what_was_missing() -> None:
    def explained(rule: Rule) -> str:
        return ", ".join(map(str, rule.asked[0].conditions))

    stands, lies = Lying(LIES, place()), Lying(LIES, place(zones=BED))
    list(live(stands, lambda t_s: (as_track(Body(), t_s),), 5))
    assert explained(stands) == "upright, torso 0° from vertical"
    list(live(lies, lambda t_s: (as_track(Body(LYING), t_s),) if t_s < 5 else (), 8))
    assert explained(lies) == "lay when last seen 3 s ago, for 7.00 s (needs 10.00)"
    list(live(lies, lambda t_s: (as_track(Body(LYING), t_s, zones=("bed",)),), 1, from_s=8))
    assert explained(lies) == "lies, where lying is normal (bed)"


# long stay

STAYS = LongStayRule(id="long_stay", hold=20.0, clear_after=6.0, zones=("left",))
IN_THE_LEFT, IN_THE_RIGHT = movement(body=Body(x=0.4)), movement(body=Body(x=1.2))


def test_a_place_that_is_occupied_for_long_is_told_once_with_whose_it_is() -> None:
    signals = told(STAYS, IN_THE_LEFT, zones=HALVES, length_s=50)
    assert stages(signals) == TOLD
    assert (signals[0].track, signals[0].zone, signals[0].home, signals[0].label) == (0, "left", 0, "person")
    assert signals[0].t_s == pytest.approx(STAYS.hold, abs=1.5)
    assert from_line(to_line(signals[0])) == signals[0]


def test_who_leaves_in_time_is_not_told() -> None:
    assert told(STAYS, gone(IN_THE_LEFT, (17, 999)), zones=HALVES, length_s=50) == []


def test_another_place_is_none_of_its_business() -> None:
    assert told(STAYS, IN_THE_RIGHT, zones=HALVES, length_s=50) == []


def test_without_zones_the_whole_view_is_the_place() -> None:
    anywhere = STAYS.model_copy(update={"zones": ()})
    wanders_off = then((12, IN_THE_LEFT), (99, IN_THE_RIGHT))
    assert [(signal.track, signal.zone) for signal in told(anywhere, wanders_off, length_s=30)] == [(0, None)]


def test_behind_the_shower_curtain_the_time_runs_on() -> None:
    """The tracker gives up and finds somebody new; the place was not empty."""
    showers = gone(IN_THE_LEFT, (8, 13), (15, 19.5))
    scene = Scene([showers], length_s=30, fps=2)
    assert len({track.id for _, tracks in tracks_of(scene) for track in tracks}) == 3
    signals = told(STAYS, showers, zones=HALVES, length_s=30)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(STAYS.hold, abs=2)]


def test_who_was_away_for_long_begins_anew() -> None:
    signals = told(STAYS, gone(IN_THE_LEFT, (12, 20)), zones=HALVES, length_s=50)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(20 + STAYS.hold, abs=2.5)]


def test_nothing_is_told_of_a_place_in_which_nobody_is_seen_any_more() -> None:
    assert told(STAYS, gone(IN_THE_LEFT, (18, 999)), zones=HALVES, length_s=40) == []


def test_it_is_over_once_the_place_is_empty_and_not_before() -> None:
    signals = told(STAYS, gone(IN_THE_LEFT, (28, 32), (40, 999)), zones=HALVES, length_s=60)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(40 + STAYS.clear_after, abs=1)


def test_each_zone_is_a_place_of_its_own() -> None:
    both = STAYS.model_copy(update={"zones": ("left", "right")})
    moves_over = then((30, IN_THE_LEFT), (99, IN_THE_RIGHT))
    signals = told(both, moves_over, zones=HALVES, length_s=60)
    assert [(signal.zone, signal.home, signal.stage) for signal in signals] == [
        ("left", 0, Stage.CONFIRMED),
        ("left", 0, Stage.CLEARED),
        ("right", 1, Stage.CONFIRMED),
    ]


def test_two_who_take_turns_keep_the_place_occupied_and_two_at_once_are_one_alarm() -> None:
    first, second = gone(movement(body=LEFT), (14, 999)), gone(movement(body=Body(x=0.7)), (0, 11))
    for pair in ((first, second), (movement(body=LEFT), movement(body=Body(x=0.7)))):
        signals = told(STAYS, *pair, zones=HALVES, length_s=35)
        assert times(signals, Stage.CONFIRMED) == [pytest.approx(STAYS.hold, abs=1.5)]


@pytest.mark.parametrize("seed", range(3))
def test_feet_on_the_edge_of_the_place_make_one_alarm(seed: int) -> None:
    on_the_edge = movement(body=Body(x=0.45 * ASPECT - 0.005))
    assert stages(told(STAYS, on_the_edge, zones=HALVES, length_s=50, seed=seed)) in ([], TOLD)


def test_a_camera_that_loses_frames_still_sees_who_stays() -> None:
    kept = np.random.default_rng(2).random(1000) < 0.5
    signals = told(STAYS, IN_THE_LEFT, zones=HALVES, delivered=lambda index: bool(kept[index]), length_s=30, fps=5)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(STAYS.hold, abs=2)]


def test_things_do_not_stay_and_a_person_who_is_only_remembered_is_not_in_sight() -> None:
    rule = LongStay(STAYS.model_copy(update={"zones": ()}), place())
    chair = replace(as_track(Body(), 0.0), label="chair")
    assert list(live(rule, lambda t_s: (replace(chair, t_s=t_s, last_seen_s=t_s),), 100)) == []
    assert list(live(rule, lambda t_s: (as_track(Body(), t_s, last_seen_s=0.0),), 100)) == []


@changes
def test_a_long_stay_counts_in_its_hours_only(noon: str, night_h: int) -> None:
    night = LongStayRule(id="long_stay", hold=1800.0, between=("22:00", "06:00"))
    signals = list(live(LongStay(night, place(noon)), lambda t_s: (as_track(Body(), t_s),), DAY_S, 30.0))
    told_h, over_h = (signal.t_s / HOUR_S for signal in signals)
    assert told_h == pytest.approx(10.5, abs=0.02)
    assert over_h == pytest.approx(10 + night_h + night.clear_after / HOUR_S, abs=0.02)


# absence

AWAY = AbsenceRule(id="absence", hold=2 * HOUR_S)
BY_NINE = AbsenceRule(id="absence", by="09:00")


def days(rule: AbsenceRule, local: str, *sights: str, hours: float = 24, at: Room | None = None) -> list[str]:
    """What is said, with the wall clock's time, when somebody is in sight for a minute at each of these local times."""
    at = at or place(local)
    seen = {round(unix_s(sight) - unix_s(local)) // 60 for sight in sights}
    signals = live(
        Absence(rule, at),
        lambda t_s: (as_track(Body(), t_s),) if t_s // 60 in seen else (),
        hours * HOUR_S,
        MINUTE_S,
    )
    return [f"{signal.stage} {clock(at, signal.t_s)}" for signal in signals]


def clock(at: Room, t_s: float) -> str:
    now = at.local(t_s)
    return f"{WEEKDAYS[now.weekday]} {now.minute // 60:02.0f}:{now.minute % 60:02.0f}"


def test_who_is_not_seen_for_long_is_missing_until_they_are_seen() -> None:
    said = days(AWAY, "2026-06-01 08:00", "2026-06-01 09:00", "2026-06-01 12:30", hours=5)
    assert said == ["confirmed mon 11:00", "cleared mon 12:30"]


def test_it_counts_from_when_it_began_to_watch() -> None:
    assert days(AWAY, "2026-06-01 08:00", hours=5) == ["confirmed mon 10:00"]


def test_any_sight_counts_even_of_somebody_in_bed_who_is_seen_now_and_then() -> None:
    sights = [f"2026-06-01 {hour:02}:{minute}" for hour in range(9, 20) for minute in (10, 55)]
    assert days(AWAY, "2026-06-01 08:00", *sights, hours=12) == []


@pytest.mark.parametrize("fps", [2, 10])
def test_a_sight_may_be_as_short_as_the_tracker_believes_it(fps: float) -> None:
    away = AbsenceRule(id="absence", hold=30.0)
    passes = gone(movement(), (2, 22), (23.5, 43), (44.5, 64), (65.5, 999))
    signals = told(away, passes, length_s=100, fps=fps)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(95, abs=1.2)]


def test_what_is_no_person_is_nobody() -> None:
    dog = replace(as_track(Body(), 0.0), label="dog")
    rule = Absence(AWAY, place())
    assert stages(live(rule, lambda t_s: (replace(dog, t_s=t_s, last_seen_s=t_s),), 3 * HOUR_S, MINUTE_S)) == TOLD


def test_in_its_zones_means_in_none_of_them() -> None:
    away = AbsenceRule(id="absence", hold=10.0, zones=("left",))
    signals = told(away, IN_THE_RIGHT, zones=HALVES, length_s=20)
    assert [(signal.zone, signal.home, signal.track) for signal in signals] == [("left", 0, 0)]
    assert told(away, IN_THE_LEFT, zones=HALVES, length_s=20) == []
    either = away.model_copy(update={"zones": ("left", "right")})
    assert told(either, then((9, IN_THE_LEFT), (99, IN_THE_RIGHT)), zones=HALVES, length_s=20) == []


def test_two_people_are_missed_only_when_both_are_gone() -> None:
    away = AbsenceRule(id="absence", hold=10.0)
    one, other = gone(movement(body=LEFT), (10, 40)), gone(movement(body=RIGHT), (20, 50))
    signals = told(away, one, other, length_s=45)
    assert [signal.t_s for signal in signals] == [pytest.approx(30, abs=1.1), pytest.approx(41, abs=1.1)]


def test_who_must_be_in_view_for_a_time_may_blink() -> None:
    away = AbsenceRule(id="absence", hold=10.0, clear_after=8.0)
    signals = told(away, gone(movement(), (0, 20), (22, 30), (35, 35.6)), length_s=45, fps=5)
    assert [signal.t_s for signal in signals] == [pytest.approx(10, abs=0.5), pytest.approx(38.5, abs=1.2)]


def test_missing_frames_are_not_missing_people() -> None:
    away = AbsenceRule(id="absence", hold=10.0)
    assert told(away, movement(), delivered=lambda index: index % 60 < 30, length_s=60, fps=5) == []


@changes
def test_absence_counts_in_its_hours_only(noon: str, night_h: int) -> None:
    night = AWAY.model_copy(update={"between": ("22:00", "06:00")})
    assert days(night, noon) == ["confirmed sun 00:00", "cleared sun 06:00"]
    too_long = night.model_copy(update={"hold": (night_h + 0.5) * HOUR_S})
    assert days(too_long, noon) == []
    just_enough = night.model_copy(update={"hold": (night_h - 0.5) * HOUR_S})
    assert days(just_enough, noon) == ["confirmed sun 05:30", "cleared sun 06:00"]


def test_who_did_not_get_up_is_missed_at_nine_until_they_are_seen() -> None:
    assert days(BY_NINE, "2026-06-01 00:00", "2026-06-01 10:15") == ["confirmed mon 09:00", "cleared mon 10:15"]


def test_who_was_seen_since_four_is_not_missed() -> None:
    for sight in ("04:00", "06:30", "08:59"):
        assert days(BY_NINE, "2026-06-01 00:00", f"2026-06-01 {sight}") == []


def test_who_was_up_in_the_night_only_is() -> None:
    said = days(BY_NINE, "2026-06-01 00:00", "2026-06-01 03:59")
    assert said == ["confirmed mon 09:00"]


def test_who_comes_at_nine_sharp_is_not() -> None:
    assert days(BY_NINE, "2026-06-01 00:00", "2026-06-01 09:00", hours=30) == []


def test_it_is_told_once_a_day_and_while_it_burns_not_again() -> None:
    sights = ("2026-06-01 12:00", "2026-06-04 07:00", "2026-06-05 20:00")
    assert days(BY_NINE, "2026-06-01 00:00", *sights, hours=6 * 24) == [
        "confirmed mon 09:00",
        "cleared mon 12:00",
        "confirmed tue 09:00",
        "cleared thu 07:00",
        "confirmed fri 09:00",
        "cleared fri 20:00",
        "confirmed sat 09:00",
    ]


def test_how_long_nobody_was_seen_is_told() -> None:
    rule = Absence(BY_NINE, place())
    signals = live(rule, lambda t_s: (as_track(Body(), t_s),) if t_s == 2 * HOUR_S else (), 10 * HOUR_S, MINUTE_S)
    assert next(signals).why == {Reason.HELD_S: 7 * HOUR_S}


def test_on_some_days_only_and_it_burns_on_into_the_others() -> None:
    weekdays = BY_NINE.model_copy(update={"weekdays": ("fri", "mon")})
    said = days(weekdays, "2026-06-04 00:00", "2026-06-06 13:00", "2026-06-07 05:00", hours=5 * 24)
    assert said == ["confirmed fri 09:00", "cleared sat 13:00", "confirmed mon 09:00"]


def test_within_hours_that_cover_it() -> None:
    morning = AbsenceRule(id="absence", by="09:00", between=("08:00", "12:00"))
    assert days(morning, "2026-06-01 00:00", "2026-06-01 13:00") == ["confirmed mon 09:00", "cleared mon 13:00"]


def test_since_may_be_of_the_evening_before() -> None:
    not_home = AbsenceRule(id="absence", since="22:00", by="06:00")
    assert days(not_home, "2026-06-01 12:00") == ["confirmed tue 06:00"]
    assert days(not_home, "2026-06-01 12:00", "2026-06-01 22:00") == []
    assert days(not_home, "2026-06-01 12:00", "2026-06-02 01:00") == []
    assert days(not_home, "2026-06-01 12:00", "2026-06-01 21:59") == ["confirmed tue 06:00"]


@pytest.mark.parametrize("midnight", ["00:00", "24:00"])
def test_by_may_be_midnight(midnight: str) -> None:
    not_home = AbsenceRule(id="absence", since="18:00", by=midnight)
    assert days(not_home, "2026-06-01 12:00") == ["confirmed tue 00:00"]
    assert days(not_home, "2026-06-01 12:00", "2026-06-01 23:59") == []


def test_a_whole_day_may_be_watched() -> None:
    daily = AbsenceRule(id="absence", since="09:00", by="09:00")
    assert days(daily, "2026-06-01 12:00", "2026-06-02 08:59", hours=48) == ["confirmed wed 09:00"]


def test_what_began_to_watch_in_between_tells_at_nine_all_the_same() -> None:
    assert days(BY_NINE, "2026-06-01 08:30") == ["confirmed mon 09:00"]


def test_what_began_to_watch_later_waits_for_the_next_day() -> None:
    assert days(BY_NINE, "2026-06-01 09:30", hours=23) == []
    assert days(BY_NINE, "2026-06-01 09:30") == ["confirmed tue 09:00"]


@pytest.mark.parametrize("local", ["2026-03-27 12:00", "2026-10-23 12:00"], ids=["to summer time", "to winter time"])
@pytest.mark.parametrize(
    ("since", "by"),
    [("04:00", "09:00"), ("22:00", "06:00"), ("22:00", "02:30"), ("02:30", "09:00"), ("01:00", "02:30")],
)
def test_once_a_day_when_the_clocks_are_changed_too(local: str, since: str, by: str) -> None:
    """Somebody comes every day at noon; 02:30 is left out in spring, told of at 03:00, and comes twice in autumn."""
    rule = AbsenceRule(id="absence", since=since, by=by)
    month = local[:8]
    sights = [f"{month}{int(local[8:10]) + day:02} 12:00" for day in range(1, 4)]
    said = [line for line in days(rule, local, *sights, hours=72) if line.startswith("confirmed")]
    on_sunday = "03:00" if by == "02:30" and "-03-" in local else by
    assert said == [f"confirmed sat {by}", f"confirmed sun {on_sunday}", f"confirmed mon {by}"]


def test_an_hour_that_comes_twice_is_told_of_once() -> None:
    """Somebody is seen between the two half past twos."""
    rule = AbsenceRule(id="absence", since="01:00", by="02:30")
    said = days(rule, "2026-10-24 12:00", "2026-10-25 02:40")
    assert said == ["confirmed sun 02:30", "cleared sun 02:40"]


def test_a_picture_that_stands_still_at_nine_is_told_when_it_moves_on() -> None:
    rule, at = Absence(BY_NINE, place()), place()
    frames = [minute * MINUTE_S for minute in range(12 * 60) if not 8.9 * 60 <= minute < 9.4 * 60]
    signals = [signal for t_s in frames for signal in rule.step(t_s, ())]
    assert [clock(at, signal.t_s) for signal in signals] == ["mon 09:24"]


def test_hours_that_nobody_watched_say_nothing() -> None:
    rule = Absence(BY_NINE, place())
    frames = [minute * MINUTE_S for minute in range(12 * 60) if not 3 * 60 <= minute < 10 * 60]
    assert [signal for t_s in frames for signal in rule.step(t_s, ())] == []


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    since=st.integers(0, 23),
    by=st.integers(0, 23),
    begins=st.integers(0, 23),
    seen=st.sets(st.integers(0, 4 * 24 - 1), max_size=12),
)
def test_it_is_told_at_by_exactly_if_nobody_was_seen_since(since: int, by: int, begins: int, seen: set[int]) -> None:
    """In whole hours from some midnight on; whoever comes, comes for a moment on the half hour."""
    rule = Absence(AbsenceRule(id="absence", since=f"{since:02}:00", by=f"{by:02}:00"), place(zone="UTC"))

    def comes(t_s: float) -> tuple[Track, ...]:
        return (as_track(Body(), t_s),) if t_s % 3600 and t_s // 3600 in seen else ()

    signals = live(rule, comes, (4 * 24 - begins) * 3600, 1800.0, from_s=begins * 3600.0)
    expected, burning = [], False
    for hour in range(begins, 4 * 24):
        length = (by - since) % 24 or 24
        watched = range(max(hour - length, begins), hour)
        if hour % 24 == by and watched and not burning and not seen.intersection(watched):
            expected.append(hour)
            burning = True
        burning &= hour not in seen
    assert [round(t_s / 3600) for t_s in times(signals, Stage.CONFIRMED)] == expected


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"by": "09:00", "hold": 60.0}, "keep one"),
        ({"since": "05:00"}, "add `by`"),
        ({"by": "09:00", "between": ("10:00", "12:00")}, "leave them out"),
        ({"by": "9 o'clock"}, "time of day"),
    ],
)
def test_what_can_never_be_told_is_refused(keys: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        AbsenceRule(id="absence", **keys)


def test_a_job_tells_the_vision_process_the_same_rule() -> None:
    job = Job(source="a story", rules={"absence": BY_NINE, "wandering": WANDERS})
    assert Job.model_validate_json(job.model_dump_json()) == job


# wandering

WANDERS = WanderingRule(id="wandering", hold=20.0, within=60.0, clear_after=10.0)
PACES = paces(0.4, 1.3, 3.0)


def test_who_is_up_and_about_again_and_again_is_told_once() -> None:
    signals = told(WANDERS, PACES, length_s=40)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(WANDERS.hold, abs=5), "turning round costs a moment each time"
    assert signals[0].why == {Reason.MOVING_S: pytest.approx(WANDERS.hold, abs=0.6)}
    assert (signals[0].track, signals[0].zone, signals[0].label) == (0, None, "person")
    assert from_line(to_line(signals[0])) == signals[0]


@pytest.mark.parametrize("fps", [1, 10])
def test_however_often_it_looks(fps: float) -> None:
    signals = told(WANDERS, paces(0.4, 1.3, 6.0), length_s=32, fps=fps)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(WANDERS.hold, abs=4)]


def test_rests_in_between_do_not_count() -> None:
    """Six seconds on the way, six at rest."""
    there, back = walk(0.4, 1.3, 6), walk(1.3, 0.4, 6)
    to_and_fro: Movement = lambda t_s: (there if t_s % 24 < 12 else back)(t_s % 12)  # noqa: E731
    signals = told(WANDERS, to_and_fro, length_s=60)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(2 * WANDERS.hold, abs=6)]


def test_a_walk_now_and_then_is_no_restlessness() -> None:
    """Five seconds in a minute never add up to twenty."""
    there, back = walk(0.4, 1.3, 5), walk(1.3, 0.4, 5)
    seldom: Movement = lambda t_s: (there if t_s % 60 < 30 else back)(t_s % 30)  # noqa: E731
    assert told(WANDERS, seldom, length_s=130) == []


@pytest.mark.parametrize("pose", [STANDING, ON_A_CHAIR, LYING])
def test_who_stands_sits_or_lies_and_trembles_does_not_wander(pose: Any) -> None:
    assert told(WANDERS, movement(body=Body(pose)), length_s=40, jitter=0.01, fps=5) == []


def test_who_is_restless_in_a_chair_or_in_bed_does_not_wander() -> None:
    sways = [To(replace(ON_A_CHAIR, trunk=angle), 0.6, 0.2) for angle in (20, -20) * 20]
    tosses = [To(replace(LYING, trunk=angle, left_thigh=60), 0.7, 0.2) for angle in (70, 100) * 20]
    assert told(WANDERS, movement(*sways, body=Body(ON_A_CHAIR)), length_s=35, fps=5) == []
    assert told(WANDERS, movement(*tosses, body=Body(LYING)), length_s=35, fps=5) == []


def test_who_shifts_from_one_foot_to_the_other_does_not_wander() -> None:
    sways: Movement = lambda t_s: Body(x=0.9 + 0.04 * math.sin(t_s * 2))  # noqa: E731
    assert told(WANDERS, sways, length_s=40, fps=5) == []


def test_who_is_pushed_in_a_wheelchair_does_not_walk() -> None:
    rolls: Movement = lambda t_s: Body(ON_A_CHAIR, x=0.4 + 0.3 * abs((t_s / 2) % 6 - 3))  # noqa: E731
    assert told(WANDERS, rolls, length_s=40) == []


def in_a_corridor(distance_m: float) -> Body:
    """Somebody of 1.65 m, by a camera that hangs at 2.4 m, looks down by 15 degrees, and sees 60 degrees."""

    def y(above_floor_m: float) -> float:
        down = math.atan2(2.4 - above_floor_m, distance_m) - math.radians(15)
        return 0.5 + math.tan(down) / (2 * math.tan(math.radians(30)))

    return Body(floor=y(0), height=y(0) - y(1.65))


def test_who_goes_to_and_fro_along_a_corridor_walks() -> None:
    """Straight toward the camera and away from it, at 0.8 m/s between three and nine metres."""
    to_and_fro: Movement = lambda t_s: in_a_corridor(3 + 0.8 * abs(t_s % 15 - 7.5))  # noqa: E731
    signals = told(WANDERS, to_and_fro, length_s=45)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(WANDERS.hold, abs=8)]


def test_who_is_lost_and_found_again_is_the_same_restless_person() -> None:
    hidden = [(6, 11), (17, 22), (28, 33)]
    scene = Scene([gone(PACES, *hidden)], length_s=50, fps=2)
    assert len({track.id for _, tracks in tracks_of(scene) for track in tracks}) == 4
    signals = told(WANDERS, gone(PACES, *hidden), length_s=50)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(WANDERS.hold + 15, abs=7)]


def test_missing_frames_are_no_rest() -> None:
    kept = np.random.default_rng(3).random(1000) < 0.6
    signals = told(WANDERS, PACES, delivered=lambda index: bool(kept[index]), length_s=32, fps=5)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(WANDERS.hold, abs=5)]


def test_it_is_over_after_a_rest_and_begins_from_nothing() -> None:
    walks = then((27, PACES), (50, movement()), (62, PACES), (999, movement()))
    signals = told(WANDERS, walks, length_s=85)
    assert stages(signals) == TOLD_AND_OVER, "the twelve seconds after the rest are not told with those before"
    assert signals[1].t_s == pytest.approx(27 + WANDERS.clear_after, abs=2.5)


def test_a_short_rest_does_not_end_it() -> None:
    walks = then((27, PACES), (34, movement()), (46, PACES), (999, movement()))
    signals = told(WANDERS, walks, length_s=65)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(46 + WANDERS.clear_after, abs=2.5)


def test_one_who_sits_hides_nobody_who_wanders() -> None:
    assert stages(told(WANDERS, movement(body=Body(ON_A_CHAIR, x=0.2)), PACES, length_s=35)) == TOLD


def test_two_who_walk_at_the_same_time_count_once() -> None:
    pair = paces(0.2, 0.7, 3.0), paces(1.2, 1.6, 3.0)
    signals = told(WANDERS, *pair, length_s=40)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(WANDERS.hold, abs=6)]


def test_only_the_way_through_its_zones_counts() -> None:
    on_the_right = WANDERS.model_copy(update={"zones": ("right",)})
    assert told(on_the_right, paces(0.2, 0.7, 3.0), zones=HALVES, length_s=35) == []
    signals = told(on_the_right, paces(0.9, 1.5, 3.0), zones=HALVES, length_s=35)
    assert [(signal.zone, signal.home) for signal in signals] == [("right", 1)]
    in_and_out = told(on_the_right, paces(0.2, 1.4, 6.0), zones=HALVES, length_s=32)
    assert in_and_out == [], "half of the way lies outside"


def walker(t_s: float) -> tuple[Track, ...]:
    """Goes to and fro without end, seen once a second."""
    return (as_track(Body(x=0.4 + 0.25 * abs(int(t_s) % 8 - 4)), t_s),)


@changes
def test_wandering_is_added_up_in_its_hours_only(noon: str, night_h: int) -> None:
    """Somebody walks about before the night and into it, and again in the morning."""
    night = WanderingRule(id="wandering", hold=300.0, within=900.0, clear_after=60.0, between=("22:00", "06:00"))
    rule = Wandering(night, place(noon))
    evening = list(live(rule, walker, 720, from_s=10 * HOUR_S - 300))
    assert times(evening, Stage.CONFIRMED) == [pytest.approx(10 * HOUR_S + night.hold, abs=60)]
    morning = list(live(rule, walker, 720, from_s=(10 + night_h) * HOUR_S - 500))
    assert stages(morning) == [Stage.CLEARED]
    assert morning[0].t_s == pytest.approx((10 + night_h) * HOUR_S + night.clear_after, abs=2)


def test_a_night_of_walking_is_never_more_than_the_time_there_was() -> None:
    rule = Wandering(WANDERS, place())
    list(live(rule, walker, 600))
    moved = [condition.found for asked in rule.asked for condition in asked.conditions]
    assert all(found <= WANDERS.within for found in moved)


def test_more_time_than_there_is_is_refused() -> None:
    with pytest.raises(ValidationError, match="make `within` longer"):
        WanderingRule(id="wandering", hold=3600.0, within=1800.0)


# no motion

STILL = NoMotionRule(id="no_motion", hold=15.0)
SITS = movement(body=Body(ON_A_CHAIR))
MOVES_ITS_TRUNK = [To(replace(ON_A_CHAIR, trunk=angle, neck=angle), 1.0, 6.0) for angle in (15, -5) * 20]


@pytest.mark.parametrize("pose", [ON_A_CHAIR, STANDING, LYING])
@pytest.mark.parametrize(("fps", "jitter"), [(1, 0.004), (2, 0.01), (10, 0.01)])
def test_who_does_not_move_is_told_once_however_the_model_trembles(pose: Any, fps: float, jitter: float) -> None:
    signals = told(STILL, movement(body=Body(pose)), length_s=22, fps=fps, jitter=jitter)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(STILL.hold, abs=1.5)
    assert signals[0].why[Reason.STILL_S] == pytest.approx(STILL.hold, abs=1)
    assert from_line(to_line(signals[0])) == signals[0]


@pytest.mark.parametrize("height", [0.2, 0.9])
def test_near_and_far(height: float) -> None:
    sits, moves = movement(body=Body(ON_A_CHAIR, height=height)), Body(ON_A_CHAIR, height=height)
    assert stages(told(STILL, sits, length_s=20, jitter=0.005)) == TOLD
    assert told(STILL, movement(*MOVES_ITS_TRUNK, body=moves), length_s=40, jitter=0.005) == []


def test_who_shifts_in_the_chair_now_and_then_is_awake() -> None:
    assert told(STILL, movement(*MOVES_ITS_TRUNK, body=Body(ON_A_CHAIR)), length_s=60) == []


def test_who_walks_stands_and_walks_is_not_told() -> None:
    assert told(STILL, paces(0.4, 1.3, 5.0), length_s=40) == []


def test_who_slips_down_slowly_moves() -> None:
    """No second differs from the last by more than the model trembles; ten do."""
    slips = movement(To(replace(ON_A_CHAIR, trunk=60, neck=70), 30, 0, lambda share: share), body=Body(ON_A_CHAIR))
    assert told(STILL, slips, length_s=32, fps=5) == []


def test_it_is_over_once_they_move() -> None:
    wakes = movement(*MOVES_ITS_TRUNK, body=Body(ON_A_CHAIR), stands_s=30)
    signals = told(STILL, wakes, length_s=50)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(31 + STILL.clear_after, abs=2)


def test_one_odd_frame_is_no_motion() -> None:
    odd: Movement = lambda t_s: Body(LYING) if t_s in (4, 8, 12) else Body(ON_A_CHAIR)  # noqa: E731
    assert stages(told(STILL, odd, length_s=25, fps=5)) == TOLD


def test_a_limb_that_the_model_takes_to_be_now_here_now_there_is_no_motion() -> None:
    sure, unsure = Body(ON_A_CHAIR), Body(replace(ON_A_CHAIR, forearm=20))
    assert stages(told(STILL, lambda t_s: sure if t_s % 10 < 5 else unsure, length_s=25)) == TOLD


def test_who_sleeps_where_lying_is_normal_is_not_told_unless_the_bed_is_meant() -> None:
    sleeps = movement(body=Body(LYING))
    assert told(STILL, sleeps, zones=BED, length_s=25) == []
    in_bed = STILL.model_copy(update={"zones": ("bed",)})
    assert [signal.zone for signal in told(in_bed, sleeps, zones=BED, length_s=25)] == ["bed"]


def test_motionless_outside_its_zones_is_none_of_its_business() -> None:
    on_the_left = STILL.model_copy(update={"zones": ("left",)})
    assert told(on_the_left, movement(body=Body(ON_A_CHAIR, x=1.2)), zones=HALVES, length_s=25) == []
    signals = told(on_the_left, movement(body=Body(ON_A_CHAIR, x=0.4)), zones=HALVES, length_s=25)
    assert [(signal.zone, signal.home) for signal in signals] == [("left", 0)]


@pytest.mark.parametrize("seed", range(3))
def test_motionless_on_the_edge_of_a_zone_is_told_once_or_not_at_all(seed: int) -> None:
    body = Body(ON_A_CHAIR)
    edge = float(body.box[0] + body.box[2]) / 2 / ASPECT
    zones = {"corner": Zone(shape=((0, 0), (edge, 0), (edge, 1), (0, 1)))}
    rule = STILL.model_copy(update={"zones": ("corner",)})
    assert stages(told(rule, movement(body=body), zones=zones, length_s=50, seed=seed)) in ([], TOLD)


def test_of_two_people_only_the_one_who_does_not_move_is_told() -> None:
    moves = movement(*MOVES_ITS_TRUNK, body=Body(ON_A_CHAIR, x=0.4))
    signals = told(STILL, moves, movement(body=Body(ON_A_CHAIR, x=1.2)), length_s=30)
    assert [(signal.track, signal.stage) for signal in signals] == [(2, Stage.CONFIRMED)]


def test_two_who_do_not_move_are_both_told() -> None:
    two = movement(body=Body(ON_A_CHAIR, x=0.4)), movement(body=Body(ON_A_CHAIR, x=1.2))
    assert {signal.track for signal in told(STILL, *two, length_s=25)} == {1, 2}


def test_frames_that_are_missing_are_no_motion() -> None:
    kept = np.random.default_rng(4).random(1000) < 0.5
    signals = told(STILL, SITS, delivered=lambda index: bool(kept[index]), length_s=25, fps=5)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(STILL.hold, abs=2)]


def test_who_is_lost_and_found_in_the_same_pose_has_not_moved() -> None:
    """Each time under a new id."""
    hidden = [(6, 11), (13, 18)]
    signals = told(STILL, gone(SITS, *hidden), length_s=25)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(STILL.hold, abs=1.5)]
    assert signals[0].track == 1


def test_who_is_found_in_another_pose_has() -> None:
    turned = then((8, SITS), (13, lambda _: None), (99, movement(body=Body(ON_A_CHAIR, mirrored=True))))
    signals = told(STILL, turned, length_s=45)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(13 + STILL.hold, abs=4)]


def test_who_is_lost_while_motionless_is_taken_to_be_so_for_as_long_again() -> None:
    assert stages(told(STILL, gone(SITS, (9, 999)), length_s=30))[:1] == TOLD
    assert told(STILL, gone(SITS, (6, 999)), length_s=40) == []


def test_an_alarm_goes_on_while_nobody_is_seen() -> None:
    assert stages(told(STILL, gone(SITS, (20, 999)), length_s=200, fps=1)) == TOLD


def test_it_is_over_when_somebody_is_seen_there_who_moves_or_after_an_hour() -> None:
    wakes = then((20, SITS), (60, lambda _: None), (999, movement(*MOVES_ITS_TRUNK, body=Body(ON_A_CHAIR))))
    signals = told(STILL, wakes, length_s=80)
    assert stages(signals) == TOLD_AND_OVER
    assert 60 < signals[1].t_s < 75
    rule = NoMotion(STILL, place())
    asleep = live(rule, lambda t_s: (as_track(Body(ON_A_CHAIR), t_s),) if t_s < 60 else (), 2 * HOUR_S)
    assert [signal.t_s for signal in asleep] == [
        pytest.approx(STILL.hold, abs=1),
        pytest.approx(60 + GONE_AFTER_S, abs=5),
    ]


def test_who_stands_still_and_is_not_seen_for_two_seconds_stands_there_still() -> None:
    signals = told(STILL, gone(movement(), (6, 8), (11, 13)), length_s=20)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(STILL.hold, abs=1)]


def test_who_stood_still_and_is_lost_has_walked_off() -> None:
    assert told(STILL, gone(movement(), (11, 999)), length_s=40) == []
    signals = told(STILL, gone(movement(), (20, 999)), length_s=40)
    assert stages(signals) == TOLD_AND_OVER


def test_who_comes_in_where_somebody_sat_is_somebody_else_after_a_while() -> None:
    sits, comes = gone(SITS, (5, 999)), gone(SITS, (0, 20 + REMEMBERED_S))
    signals = told(STILL, lambda t_s: sits(t_s) or comes(t_s), length_s=60)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(20 + REMEMBERED_S + STILL.hold, abs=1.5)]


def test_a_coat_that_is_badly_taken_for_somebody_is_nobody() -> None:
    """A first look that was strong enough to follow it, and never a movement."""
    coat: Movement = lambda t_s: Body(score=0.3 if t_s < 0.4 else 0.22)  # noqa: E731
    assert told(STILL, coat, length_s=20, fps=10) == []


def test_who_came_in_and_is_seen_badly_since_is_somebody() -> None:
    comes = then((6, walk(0.3, 0.9, 5)), (999, movement(body=Body(score=0.22), stands_s=0)))
    sits_down = then((6, comes), (999, movement(To(ON_A_CHAIR, 1, 999), body=Body(score=0.22), stands_s=0)))
    signals = told(STILL, sits_down, length_s=30, fps=5)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(7 + STILL.hold, abs=2.5)]


def test_of_whom_only_guesses_are_seen_nobody_can_say_that_they_do_not_move() -> None:
    comes = then((6, walk(0.3, 0.9, 5)), (999, movement(*MOVES_ITS_TRUNK, body=Body(ON_A_CHAIR, score=0.12))))
    assert told(STILL, comes, length_s=40, fps=5) == []


@changes
def test_no_motion_counts_in_its_hours_only(noon: str, night_h: int) -> None:
    """Somebody sits there before the night and into it, and again in the morning."""
    night = NoMotionRule(id="no_motion", hold=120.0, between=("22:00", "06:00"))
    begins_s, ends_s = 10 * HOUR_S, (10 + night_h) * HOUR_S

    def sits(t_s: float) -> tuple[Track, ...]:
        return (as_track(Body(ON_A_CHAIR), t_s),)

    evening = live(NoMotion(night, place(noon)), sits, 300, from_s=begins_s - 150)
    assert [signal.t_s for signal in evening] == [begins_s + night.hold]
    morning = live(NoMotion(night, place(noon)), sits, 300, from_s=ends_s - 200)
    assert [signal.t_s for signal in morning] == [ends_s - 200 + night.hold, ends_s + night.clear_after]


# all together


def test_all_five_watch_the_same_room() -> None:
    """Somebody comes in, sits for a while, walks about, lies down on the floor and is not seen any more."""
    rules = (
        LyingRule(id="lying", hold=12.0),
        LongStayRule(id="long_stay", hold=40.0, clear_after=5.0),
        AbsenceRule(id="absence", hold=30.0),
        WanderingRule(id="wandering", hold=10.0, within=60.0, clear_after=10.0),
        NoMotionRule(id="no_motion", hold=14.0),
    )
    story = then((18, SITS), (32, PACES), (50, movement(To(LYING, 2, 99))), (999, lambda _: None))
    signals = signals_of(Scene([story], length_s=100, fps=2, jitter=0.004), *rules)
    assert [(signal.rule, signal.stage) for signal in signals if signal.stage is Stage.CONFIRMED] == [
        ("no_motion", Stage.CONFIRMED),
        ("wandering", Stage.CONFIRMED),
        ("long_stay", Stage.CONFIRMED),
        ("lying", Stage.CONFIRMED),
        ("no_motion", Stage.CONFIRMED),
        ("absence", Stage.CONFIRMED),
    ]
