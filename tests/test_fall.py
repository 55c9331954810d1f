"""Who has fallen and who has not: stick figures through the real tracker and the real rule."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from semcam.contract.config import Job, Zone
from semcam.contract.rules import FallRule
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.fall import Fall
from semcam.tracking.observation import Posture, PostureKind, Track
from tests.figures import (
    BENDING,
    CRAWLING,
    KNEELING,
    LYING,
    ON_A_CHAIR,
    ON_THE_FLOOR,
    STANDING,
    Body,
    Movement,
    Scene,
    To,
    between,
    easy,
    fall,
    falling,
    get_up,
    movement,
    room,
    signals_of,
    stages,
    times,
    tracks_of,
    walk,
)

RULE = FallRule(id="fall")
FALLS_AT_S = 2.0
DOWN_AT_S = 2.8
"""When the body of `fall()` touches the floor."""
FELL = [Stage.SUSPECTED, Stage.CONFIRMED]
FELL_AND_GOT_UP = [Stage.SUSPECTED, Stage.CONFIRMED, Stage.CLEARED]

LEFT, RIGHT = Body(x=0.4), Body(x=1.1)

trembling = pytest.mark.parametrize("seed", range(3))
rates = pytest.mark.parametrize("fps", [5, 10, 15, 30])


def told(*movements: Movement, rule: FallRule = RULE, **scene: Any) -> list[RuleSignal]:
    return signals_of(Scene(movements, **({"jitter": 0.004} | scene)), rule)


def gone(move: Movement, from_s: float, to_s: float = 99) -> Movement:
    """The same body, out of sight for a while."""
    return lambda t_s: None if from_s <= t_s < to_s else move(t_s)


# falls


@rates
@trembling
def test_who_topples_over_and_stays_down_has_fallen(fps: float, seed: int) -> None:
    signals = told(movement(fall()), fps=fps, seed=seed)
    assert stages(signals) == FELL
    suspected, confirmed = signals
    assert suspected.t_s <= DOWN_AT_S + 1.0
    assert suspected.t_s + RULE.confirm_after - 1.0 <= confirmed.t_s <= DOWN_AT_S + RULE.confirm_after + 1 / fps


@rates
def test_the_signal_says_why(fps: float) -> None:
    confirmed = told(movement(fall()), fps=fps)[-1]
    assert (confirmed.rule, confirmed.track, confirmed.label, confirmed.zone) == ("fall", 1, "person", None)
    assert confirmed.why[Reason.TORSO_DEG] == pytest.approx(88, abs=4)
    assert confirmed.why[Reason.DROP] == pytest.approx(0.75, abs=0.1)
    assert 1.3 < confirmed.why[Reason.SPEED] < 3
    assert confirmed.why[Reason.DOWN_S] == pytest.approx(3, abs=0.3)
    assert confirmed.why[Reason.SCORE] == 0.8


@pytest.mark.parametrize("over_s", [0.8, 1.2])
def test_a_fall_is_as_fast_at_five_frames_a_second_as_at_thirty(over_s: float) -> None:
    def speed(fps: float) -> float:
        return told(movement(fall(over_s=over_s)), fps=fps, jitter=0.0)[-1].why[Reason.SPEED]

    assert [speed(fps) for fps in (5, 7.5, 10, 15)] == pytest.approx([speed(30)] * 4, rel=0.12)


@rates
@trembling
def test_who_falls_half_a_second_after_coming_into_view_has_fallen(fps: float, seed: int) -> None:
    assert stages(told(movement(fall(), stands_s=0.5), fps=fps, seed=seed)) == FELL


@rates
@trembling
def test_who_was_never_seen_to_stand_and_falls_from_a_chair_has_fallen(fps: float, seed: int) -> None:
    assert stages(told(movement(To(LYING, 0.8, 10, falling), body=Body(ON_A_CHAIR)), fps=fps, seed=seed)) == FELL


@rates
@trembling
def test_who_was_never_seen_to_stand_and_lies_down_on_the_floor_slowly_has_not_fallen(fps: float, seed: int) -> None:
    lies_down = (To(ON_THE_FLOOR, 1.5), To(LYING, 1.5, 10))
    assert told(movement(*lies_down, body=Body(ON_A_CHAIR)), fps=fps, seed=seed) == []


@rates
def test_who_is_lost_in_mid_fall_and_seen_badly_on_the_floor_has_fallen(fps: float) -> None:
    move = movement(fall())

    def badly(t_s: float) -> Body | None:
        if t_s < 2.61:
            return move(t_s)
        return replace(move(t_s) or Body(), score=0.17) if t_s > 3.1 else None

    assert stages(told(badly, fps=fps)) == FELL


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("facing", [0.1, 0.6, 1.0])
@pytest.mark.parametrize("height", [0.2, 0.5, 0.9])
def test_it_does_not_matter_which_way_how_far_away_or_seen_from_where(
    mirrored: bool, facing: float, height: float
) -> None:
    body = Body(replace(STANDING, facing=facing), height=height, mirrored=mirrored)
    step = To(replace(LYING, facing=facing), 0.8, 10, falling)
    assert stages(told(movement(step, body=body), jitter=0.004 * height)) == FELL


@pytest.mark.parametrize("over_s", [0.4, 0.6, 0.8, 1.0, 1.2])
def test_slow_and_fast_falls_are_falls(over_s: float) -> None:
    assert stages(told(movement(fall(over_s=over_s)))) == FELL


def test_who_walks_and_stumbles_over_a_rug_has_fallen() -> None:
    way = walk(0.3, 0.9, 3)
    body = movement(fall(), body=Body(x=0.9), stands_s=3)
    assert stages(told(lambda t_s: way(t_s) if t_s < 3 else body(t_s))) == FELL


def test_who_slips_from_a_chair_has_fallen() -> None:
    assert stages(told(movement(To(ON_A_CHAIR, 1.5, 5), To(LYING, 0.7, 10, falling)), length_s=20)) == FELL


def test_who_collapses_on_the_spot_has_fallen() -> None:
    """The knees give way first: straight down, then over."""
    crumples = (To(ON_THE_FLOOR, 0.5, 0, falling), To(LYING, 0.4, 10, falling))
    assert stages(told(movement(*crumples))) == FELL


def test_confirmation_waits_as_long_as_it_is_told() -> None:
    for confirm_after in (1.0, 5.0, 10.0):
        signals = told(movement(fall(30)), rule=FallRule(id="fall", confirm_after=confirm_after), length_s=20)
        assert stages(signals) == FELL
        assert times(signals, Stage.CONFIRMED)[0] == pytest.approx(DOWN_AT_S + confirm_after, abs=0.3)


@pytest.mark.parametrize("seed", range(6))
def test_a_camera_that_loses_every_other_frame_still_sees_it(seed: int) -> None:
    kept = np.random.default_rng(seed).random(1000) < 0.5
    signals = told(movement(fall()), delivered=lambda index: bool(kept[index]))
    assert stages(signals) == FELL
    assert signals[0].t_s <= DOWN_AT_S + 1.5


def test_exactly_every_other_frame_is_enough() -> None:
    assert stages(told(movement(fall()), delivered=lambda index: index % 2 == 0)) == FELL


def test_a_picture_that_stood_still_during_the_fall_itself_does_not_hide_it() -> None:
    assert stages(told(movement(fall()), delivered=lambda index: not 21 <= index < 28)) == FELL


def test_who_is_seen_badly_on_the_floor_has_fallen_all_the_same() -> None:
    move = movement(fall())
    assert (
        stages(told(lambda t_s: replace(body, score=0.17) if (body := move(t_s)) and t_s > 2.5 else move(t_s))) == FELL
    )


def test_who_is_lost_from_view_right_after_going_down_is_still_confirmed() -> None:
    """The model loses a curled body on the floor; whoever went down there is there still."""
    signals = told(gone(movement(fall()), 3.6))
    assert stages(signals)[:2] == FELL
    assert times(signals, Stage.CONFIRMED)[0] == pytest.approx(DOWN_AT_S + RULE.confirm_after, abs=0.3)


def test_who_is_lost_from_view_on_the_floor_is_confirmed_however_long_that_takes() -> None:
    signals = told(gone(movement(fall()), 3.6), rule=FallRule(id="fall", confirm_after=8.0), length_s=20)
    assert stages(signals)[:2] == FELL


# and gets up


def test_who_gets_up_again_is_all_right() -> None:
    signals = told(movement(fall(6), *get_up()), length_s=20)
    assert stages(signals) == FELL_AND_GOT_UP
    stands_at_s = DOWN_AT_S + 6 + 3
    assert times(signals, Stage.CLEARED)[0] <= stands_at_s + RULE.clear_after + 0.2


def test_who_gets_up_before_it_is_confirmed_was_only_suspected() -> None:
    signals = told(movement(fall(0.8), To(STANDING, 1.0, 10)))
    assert stages(signals) == [Stage.SUSPECTED, Stage.CLEARED]


def test_who_moves_on_the_floor_is_not_all_right() -> None:
    rolls = [To(replace(LYING, trunk=angle, left_thigh=60, left_shin=110), 0.7, 0.5) for angle in (75, 95, 70, 100)]
    assert stages(told(movement(fall(3), *rolls), length_s=20)) == FELL


def test_who_crawls_is_not_all_right() -> None:
    assert stages(told(movement(fall(5), To(CRAWLING, 2, 10)), length_s=20)) == FELL


def test_who_sits_up_and_sinks_down_again_is_not_all_right() -> None:
    sinks = (To(ON_THE_FLOOR, 1.5, 4), To(LYING, 1.5, 10))
    assert stages(told(movement(fall(5), *sinks), length_s=25)) == FELL


def test_a_second_fall_is_a_second_alarm() -> None:
    signals = told(movement(fall(6), *get_up(6), fall()), length_s=35)
    assert stages(signals) == FELL_AND_GOT_UP + FELL
    assert len({signal.track for signal in signals}) == 1


def test_a_fall_is_told_once_however_long_somebody_lies() -> None:
    assert stages(told(movement(fall(999)), length_s=120, fps=5)) == FELL


def test_who_gets_up_after_a_whole_night_on_the_floor_is_cleared_like_anybody_else() -> None:
    night_s = 8 * 3600.0
    rule = Fall(RULE, room())
    signals: list[RuleSignal] = []
    for t_s, tracks in tracks_of(Scene([movement(fall(6), *get_up())], length_s=20)):
        now_s = t_s if t_s < 8 else t_s + night_s
        later = tuple(replace(track, t_s=now_s, last_seen_s=now_s) for track in tracks)
        signals.extend(rule.step(now_s, later))
    assert stages(signals) == FELL_AND_GOT_UP


# no falls


@rates
@trembling
def test_who_lies_down_slowly_has_not_fallen(fps: float, seed: int) -> None:
    lies_down = (To(ON_THE_FLOOR, 1.5), To(LYING, 1.5, 10))
    assert told(movement(*lies_down), fps=fps, seed=seed) == []


@trembling
def test_who_lets_himself_down_in_one_movement_of_three_seconds_has_not_fallen(seed: int) -> None:
    assert told(movement(To(LYING, 3, 10)), seed=seed) == []


@trembling
def test_who_rests_on_a_chair_and_then_lies_down_slowly_has_not_fallen(seed: int) -> None:
    rests = (To(ON_A_CHAIR, 1.5, 5), To(ON_THE_FLOOR, 1.5), To(LYING, 1.5, 10))
    assert told(movement(*rests), seed=seed, length_s=20) == []


@rates
@trembling
def test_who_bends_to_pick_something_up_has_not_fallen(fps: float, seed: int) -> None:
    assert told(movement(To(BENDING, 0.7, 1), To(STANDING, 0.7, 3)), fps=fps, seed=seed) == []


@pytest.mark.parametrize("degrees", [90, 100, 115])
def test_who_bends_down_to_the_very_floor_and_looks_under_the_bed_has_not_fallen(degrees: float) -> None:
    deep = replace(BENDING, trunk=degrees, neck=degrees + 5)
    assert told(movement(To(deep, 0.8, 5), To(STANDING, 0.8, 3))) == []


@rates
@trembling
def test_who_kneels_to_tie_a_shoe_has_not_fallen(fps: float, seed: int) -> None:
    assert told(movement(To(KNEELING, 0.9, 6), To(STANDING, 0.9, 3)), fps=fps, seed=seed) == []


@trembling
def test_who_sits_down_on_a_chair_has_not_fallen(seed: int) -> None:
    assert told(movement(To(ON_A_CHAIR, 0.9, 10)), seed=seed) == []


def test_who_drops_into_a_chair_has_not_fallen() -> None:
    assert told(movement(To(ON_A_CHAIR, 0.4, 10, falling))) == []


@trembling
def test_who_sits_down_on_the_floor_slowly_has_not_fallen(seed: int) -> None:
    assert told(movement(To(ON_THE_FLOOR, 1.5, 10)), seed=seed) == []


@rates
def test_who_stumbles_and_is_up_again_within_half_a_second_is_not_even_suspected(fps: float) -> None:
    stumbles = (To(between(STANDING, LYING, 0.8), 0.3, 0.05, falling), To(STANDING, 0.35, 10))
    assert told(movement(*stumbles), fps=fps) == []


def test_who_does_gymnastics_on_the_floor_has_not_fallen() -> None:
    ups_and_downs = [To(pose, 1.2, 1) for pose in (ON_THE_FLOOR, LYING, ON_THE_FLOOR, LYING, ON_THE_FLOOR, LYING)]
    assert told(movement(To(ON_THE_FLOOR, 2, 2), *ups_and_downs), length_s=20) == []


@trembling
def test_who_was_lying_when_first_seen_has_not_fallen(seed: int) -> None:
    assert told(movement(body=Body(LYING)), seed=seed) == []


def test_who_stands_walks_and_stands_has_not_fallen() -> None:
    assert told(walk(0.2, 1.6, 10)) == []


def test_who_walks_out_of_the_picture_has_not_fallen() -> None:
    assert told(gone(walk(0.6, 1.8, 4), 4)) == []


def test_one_odd_frame_decides_nothing() -> None:
    plain = movement()

    def glitch(t_s: float) -> Body | None:
        return Body(LYING) if 4.0 <= t_s < 4.15 else plain(t_s)

    assert told(glitch) == []


BED = {"bed": Zone(shape=((0, 0.6), (1, 0.6), (1, 1), (0, 1)), lying_is_normal=True)}


def test_who_throws_himself_on_the_bed_has_not_fallen() -> None:
    assert told(movement(fall()), zones=BED) == []


def test_who_falls_beside_the_bed_has_fallen_and_the_zone_is_named() -> None:
    zones = {
        "bed": Zone(shape=((0, 0), (0.2, 0), (0.2, 1), (0, 1)), lying_is_normal=True),
        "floor": Zone(shape=((0.3, 0.5), (1, 0.5), (1, 1), (0.3, 1))),
    }
    signals = told(movement(fall()), zones=zones)
    assert stages(signals) == FELL
    assert {signal.zone for signal in signals} == {"floor"}


# seen from the ceiling


def from_the_ceiling(score: float) -> list[RuleSignal]:
    """Somebody lies below the camera from the start, with shoulders and hips of this score."""
    above = Fall(RULE, room(Job(source="a scene", rules={}, view="ceiling")))
    posture = Posture(kind=PostureKind.LYING, aspect=1.8, score=score)
    lying = [Track(1, "person", t_s, 0.0, t_s, Body().box, 0.3, posture=posture) for t_s in np.arange(0, 6, 0.1)]
    return [signal for track in lying for signal in above.step(track.t_s, (track,))]


def test_whoever_comes_into_sight_below_the_camera_lying_has_fallen() -> None:
    assert stages(from_the_ceiling(0.4)) == FELL


def test_what_the_model_only_guesses_below_the_camera_is_no_fall() -> None:
    """Who stands right below is hardly seen: from joints of no score a body can be made in any posture."""
    assert from_the_ceiling(0.2) == []


# several people


def test_of_two_people_only_the_one_who_falls_is_told() -> None:
    signals = told(movement(body=LEFT), movement(fall(), body=RIGHT))
    assert stages(signals) == FELL
    assert len({signal.track for signal in signals}) == 1


def test_a_bystander_who_is_seen_better_hides_nobody() -> None:
    sits = movement(body=replace(LEFT, pose=ON_A_CHAIR, score=0.95))
    assert stages(told(sits, movement(fall(), body=replace(RIGHT, score=0.3)))) == FELL


@pytest.mark.parametrize("later_s", [0.0, 0.3, 2.0])
def test_when_both_fall_both_are_told(later_s: float) -> None:
    signals = told(movement(fall(), body=LEFT), movement(fall(), body=RIGHT, stands_s=FALLS_AT_S + later_s))
    for track in (1, 2):
        assert stages(signal for signal in signals if signal.track == track) == FELL


def test_when_one_gets_up_the_other_is_still_down() -> None:
    signals = told(movement(fall(5), *get_up(), body=LEFT), movement(fall(), body=RIGHT), length_s=20)
    assert sorted(len([s for s in signals if s.track == track]) for track in (1, 2)) == [2, 3]
    assert len(times(signals, Stage.CLEARED)) == 1


def test_a_helper_who_kneels_beside_the_fallen_has_not_fallen() -> None:
    helper = movement(To(KNEELING, 1.2, 20), body=Body(x=0.35), stands_s=5)
    signals = told(movement(fall(), body=RIGHT), helper, length_s=20)
    assert stages(signals) == FELL


# the rule can be told how strict to be


def test_a_stricter_rule_ignores_what_a_looser_one_tells() -> None:
    slides = movement(To(ON_THE_FLOOR, 1.0), To(LYING, 0.9, 10), stands_s=2)
    assert told(slides, rule=FallRule(id="fall", min_speed=1.5)) == []
    assert stages(told(slides, rule=FallRule(id="fall", min_speed=0.3))) == FELL


def test_the_same_scene_gives_the_same_signals() -> None:
    def run() -> list[RuleSignal]:
        return told(movement(fall(5), *get_up(), body=LEFT), walk(1.6, 1.0, 5, RIGHT), seed=5, length_s=20)

    assert run() == run()


def test_controlled_movements_are_gentle_at_both_ends() -> None:
    assert (easy(0), easy(0.5), easy(1)) == (0, 0.5, 1)
