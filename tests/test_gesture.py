"""Who asks for help with the hands and who does not: stick figures through the real tracker and the real rule."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from semcam.contract.config import Job, Zone
from semcam.contract.rules import GestureRule
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.gesture import Gesture
from semcam.rules.hands import ABOVE_HEAD, HandsUp, Waving, arms_of
from semcam.tracking.observation import Floats, Joint, Track
from tests.figures import (
    FOREARM,
    LYING,
    ON_A_CHAIR,
    ON_THE_FLOOR,
    STANDING,
    UPPER_ARM,
    WALKING,
    Body,
    Movement,
    Pose,
    Scene,
    room,
    signals_of,
    stages,
    times,
    tracks_of,
    walk,
)

RULE = GestureRule(id="help")
BEGINS_S = 2.0
TOLD = [Stage.CONFIRMED]
TOLD_AND_OVER = [Stage.CONFIRMED, Stage.CLEARED]

Angles = tuple[float, float]
"""Of upper arm and forearm, degrees as in a pose: 0 hangs down, 180 points up, 90 to the left of the picture."""
DOWN: Angles = (8, 0)
UP: Angles = (170, 178)

rates = pytest.mark.parametrize("fps", [5, 10, 15, 30])


@dataclass(frozen=True)
class Signalling(Body):
    """A body whose arms move one by one."""

    left: Angles = DOWN
    right: Angles = (-8, 0)
    unseen: tuple[int, ...] = ()
    """Joints that the model does not see."""

    @property
    def keypoints(self) -> Floats:
        joints = Body(self.pose, self.x, self.floor, self.height, self.score).keypoints
        for shoulder, elbow, wrist, (upper, fore) in (
            (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST, self.left),
            (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, self.right),
        ):
            joints[elbow, :2] = _hung(joints[shoulder], upper, UPPER_ARM * self.height)
            joints[wrist, :2] = _hung(joints[elbow], fore, FOREARM * self.height)
        joints[list(self.unseen), 2] = 0.05
        return joints


def _hung(joint: Floats, degrees: float, length: float) -> Angles:
    radians = math.radians(degrees)
    return float(joint[0]) - length * math.sin(radians), float(joint[1]) + length * math.cos(radians)


def holding(left: Angles, right: Angles, from_s: float = BEGINS_S, to_s: float = 99.0, **body: Any) -> Movement:
    """Somebody whose arms hang down, and for a while do not."""
    who = Signalling(**body)
    return lambda t_s: replace(who, left=left, right=right) if from_s <= t_s < to_s else who


def waving(
    hertz: float = 1.0,
    sway_deg: float = 30.0,
    from_s: float = BEGINS_S,
    to_s: float = 99.0,
    upper: float = -130.0,
    middle: float = -170.0,
    **body: Any,
) -> Movement:
    """Somebody whose right forearm goes to and fro around `middle`, `sway_deg` to each side."""
    who = Signalling(**body)

    def at(t_s: float) -> Body:
        fore = middle + sway_deg * math.sin(2 * math.pi * hertz * (t_s - from_s))
        return replace(who, right=(upper, fore)) if from_s <= t_s < to_s else who

    return at


def hands_up(from_s: float = BEGINS_S, to_s: float = 99.0, **body: Any) -> Movement:
    return holding(UP, (-UP[0], -UP[1]), from_s, to_s, **body)


def gone(move: Movement, from_s: float, to_s: float = 99.0) -> Movement:
    return lambda t_s: None if from_s <= t_s < to_s else move(t_s)


def told(*movements: Movement, rule: GestureRule = RULE, **scene: Any) -> list[RuleSignal]:
    return signals_of(Scene(movements, **({"jitter": 0.003, "length_s": 10} | scene)), rule)


# who asks for help


@rates
def test_who_holds_both_hands_above_the_head_asks_for_help(fps: float) -> None:
    signals = told(hands_up(), fps=fps)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(BEGINS_S + RULE.hold, abs=0.25)
    assert (signals[0].rule, signals[0].track, signals[0].label) == ("help", 1, "person")
    assert signals[0].why[Reason.HELD_S] == pytest.approx(RULE.hold, abs=0.25)


@rates
@pytest.mark.parametrize("hertz", [0.7, 1.0, 1.7])
def test_who_waves_asks_for_help(fps: float, hertz: float) -> None:
    signals = told(waving(hertz), fps=fps, seed=int(10 * hertz), length_s=8)
    assert stages(signals) == TOLD
    first_turn_s = 0.5 / hertz
    assert BEGINS_S + RULE.hold - 0.3 <= signals[0].t_s <= BEGINS_S + first_turn_s + RULE.hold + 0.7


@pytest.mark.parametrize("height", [0.2, 0.4, 0.7])
@pytest.mark.parametrize("pose", [STANDING, ON_A_CHAIR, ON_THE_FLOOR])
def test_it_does_not_matter_how_far_away_or_whether_standing_or_sitting(height: float, pose: Pose) -> None:
    for move in (hands_up(height=height, pose=pose), waving(height=height, pose=pose)):
        assert stages(told(move, jitter=0.004 * height)) == TOLD


def test_a_wide_wave_over_the_head_counts_like_a_small_one_beside_it() -> None:
    wide = waving(0.8, sway_deg=40, upper=-160, middle=-180)
    assert stages(told(wide)) == TOLD
    assert stages(told(waving(1.5, sway_deg=18, upper=-60, middle=-175))) == TOLD


def test_who_sits_behind_a_table_shows_only_the_upper_body() -> None:
    hidden = (Joint.LEFT_HIP, Joint.RIGHT_HIP, Joint.LEFT_KNEE, Joint.RIGHT_KNEE, Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE)
    assert stages(told(hands_up(unseen=hidden))) == TOLD
    assert stages(told(waving(unseen=hidden))) == TOLD


def test_who_waves_while_walking_asks_for_help() -> None:
    way, arm = walk(0.3, 1.4, 10), waving()

    def move(t_s: float) -> Body | None:
        body, armed = way(t_s), arm(t_s)
        assert body is not None and isinstance(armed, Signalling)
        return replace(armed, pose=body.pose, x=body.x)

    assert stages(told(move)) == TOLD


def test_who_lies_on_the_floor_and_waves_asks_for_help() -> None:
    assert stages(told(waving(upper=-180, middle=-180, pose=LYING))) == TOLD


def test_hands_up_and_then_waving_is_one_call_for_help() -> None:
    raised, wave = hands_up(to_s=6.0), waving(from_s=6.0)
    assert stages(told(lambda t_s: raised(t_s) if t_s < 6.0 else wave(t_s), length_s=20)) == TOLD


def test_it_is_over_when_the_hands_stay_down() -> None:
    for move in (hands_up(to_s=8.0), waving(to_s=8.0)):
        signals = told(move, length_s=20)
        assert stages(signals) == TOLD_AND_OVER
        assert signals[1].t_s == pytest.approx(8.0 + RULE.clear_after, abs=1.3)


def test_who_rests_the_arms_for_a_moment_still_asks_for_help() -> None:
    first, again = hands_up(to_s=7.0), hands_up(from_s=9.0)
    assert stages(told(lambda t_s: first(t_s) if t_s < 8.0 else again(t_s), length_s=25)) == TOLD


def test_one_who_asks_again_later_is_told_again() -> None:
    first, again = waving(to_s=7.0), waving(from_s=20.0)
    signals = told(lambda t_s: first(t_s) if t_s < 18.0 else again(t_s), length_s=30)
    assert stages(signals) == TOLD_AND_OVER + TOLD


def test_the_rule_waits_as_long_as_it_is_told() -> None:
    for hold in (1.0, 6.0):
        rule = GestureRule(id="help", hold=hold)
        for move in (hands_up(), waving()):
            [signal] = told(move, rule=rule)
            assert BEGINS_S + hold - 0.3 <= signal.t_s <= BEGINS_S + max(hold, 1.2) + 1.3


# who does not


def test_who_stretches_for_a_moment_does_not() -> None:
    assert told(hands_up(to_s=BEGINS_S + 2.5)) == []


def test_who_hangs_up_laundry_does_not() -> None:
    up, down = hands_up(from_s=0), holding(DOWN, DOWN)

    def piece_by_piece(t_s: float) -> Body | None:
        return up(t_s) if t_s % 3.5 < 1.5 else down(0)

    assert told(piece_by_piece, length_s=30) == []


def test_one_odd_frame_in_ten_decides_nothing() -> None:
    """A break that is bridged must not turn glitches into a gesture."""
    up, down = hands_up(from_s=0), holding(DOWN, DOWN)
    assert told(lambda t_s: up(t_s) if round(t_s * 10) % 10 == 0 else down(0), length_s=30, jitter=0) == []


@pytest.mark.parametrize("stroke_deg", [15, 30, 45])
def test_who_combs_the_hair_does_not(stroke_deg: float) -> None:
    """The hand goes to and fro, at the head."""
    assert told(waving(1.2, stroke_deg, upper=-95, middle=-235), length_s=20) == []


def test_hands_on_or_behind_the_head_are_no_call_for_help() -> None:
    for upper, fore in ((110, 230), (80, 215), (130, 260)):
        assert told(holding((upper, fore), (-upper, -fore))) == []


def test_one_raised_hand_that_keeps_still_does_not() -> None:
    assert told(holding(DOWN, (-170, -178))) == []


def test_a_hand_that_waves_below_the_shoulder_does_not() -> None:
    assert told(waving(upper=-10, middle=-60)) == []


def test_a_hand_that_trembles_in_the_air_does_not() -> None:
    assert told(waving(3.0, sway_deg=5), jitter=0.005) == []


def test_a_hand_that_is_raised_now_and_then_does_not() -> None:
    """Somebody drinks, or asks to speak."""
    up, down = holding(DOWN, (-130, -150)), holding(DOWN, DOWN)
    assert told(lambda t_s: up(t_s) if t_s % 2 < 0.7 else down(0), length_s=20) == []


def test_who_hammers_lowers_the_hand_between_the_blows_and_does_not() -> None:
    """Aside while raised, back while lowered: to and fro, but not in the air."""
    up = Signalling()

    def move(t_s: float) -> Body:
        share = (t_s % 1.2) / 0.6
        return replace(up, right=(-150, -200 + 90 * share)) if share < 1 else up

    assert told(move, length_s=20, jitter=0) == []


def test_slow_movements_of_a_raised_hand_are_no_waving() -> None:
    """Somebody paints a wall."""
    assert told(waving(0.3, sway_deg=40), length_s=20) == []


def test_who_walks_swings_the_arms_and_does_not_ask_for_help() -> None:
    def move(t_s: float) -> Body:
        swing = 40 * math.sin(2 * math.pi * t_s)
        return Signalling(pose=WALKING, x=0.2 + 0.1 * t_s, left=(swing, swing), right=(-swing, -swing))

    assert told(move) == []


def test_who_sleeps_with_the_arms_beyond_the_head_does_not() -> None:
    """Level in the picture, or a little above the head: of who lies, up and down say little."""
    for beyond in (-90.0, -110.0, -140.0):
        assert told(holding((beyond, beyond), (beyond, beyond), pose=LYING)) == []


def test_who_holds_a_book_above_the_head_in_bed_does_not() -> None:
    assert told(holding((-180, -180), (-180, -180), pose=LYING)) == []


def test_who_has_fallen_toward_the_camera_does_not() -> None:
    """Upside down in the picture: the arms beside the trunk are above the head."""
    headlong = Pose(trunk=172, neck=175, facing=1.0)
    assert told(holding((178, 178), (-178, -178), pose=headlong)) == []


def test_a_camera_under_the_ceiling_cannot_tell() -> None:
    rule = Gesture(RULE, room(Job(source="a scene", rules={}, view="ceiling")))
    signals: list[RuleSignal] = []
    for t_s, tracks in tracks_of(Scene([hands_up()])):
        signals.extend(rule.step(t_s, tracks))
    assert signals == []
    assert "from above" in str(rule.asked[0].conditions[-1])


def test_each_rule_tells_only_the_gesture_that_it_is_asked_for() -> None:
    raised, wave = GestureRule(id="up", gesture="hands_up"), GestureRule(id="wave", gesture="waving")
    assert stages(told(hands_up(), rule=raised)) == TOLD
    assert told(waving(), rule=raised) == []
    assert stages(told(waving(), rule=wave)) == TOLD
    assert told(hands_up(), rule=wave) == []


# several people, zones, frames, hours


def test_of_two_people_only_the_one_who_waves_is_told() -> None:
    signals = told(holding(DOWN, DOWN, x=0.4), waving(x=1.2))
    assert stages(signals) == TOLD
    assert {signal.track for signal in signals} == {2}


def test_two_who_ask_for_help_are_told_each_and_end_each() -> None:
    signals = told(hands_up(to_s=9.0, x=0.4), waving(x=1.2), length_s=20)
    assert stages(signal for signal in signals if signal.track == 1) == TOLD_AND_OVER
    assert stages(signal for signal in signals if signal.track == 2) == TOLD


ZONES = {"bed": Zone(shape=((0, 0.5), (0.45, 0.5), (0.45, 1), (0, 1)), lying_is_normal=True)}


def test_only_in_its_zones() -> None:
    rule = GestureRule(id="help", zones=("bed",))
    [signal] = told(hands_up(x=0.4), hands_up(x=1.2), rule=rule, zones=ZONES)
    assert (signal.track, signal.zone, signal.home) == (1, "bed", 0)


def test_at_the_edge_of_the_zone_feet_that_tremble_are_still_inside() -> None:
    rule = GestureRule(id="help", zones=("bed",))
    edge_x = 0.45 * 16 / 9
    assert stages(told(hands_up(x=edge_x - 0.015), rule=rule, zones=ZONES, jitter=0.006, seed=4)) == TOLD


@pytest.mark.parametrize("move", [hands_up(), waving()])
def test_a_camera_that_loses_every_other_frame_still_sees_it(move: Movement) -> None:
    assert stages(told(move, delivered=lambda index: index % 2 == 0)) == TOLD


@pytest.mark.parametrize("move", [hands_up(), waving()])
def test_a_second_without_frames_does_not_hide_it(move: Movement) -> None:
    assert stages(told(move, delivered=lambda index: not 31 <= index < 39)) == TOLD


@pytest.mark.parametrize("move", [hands_up, waving])
def test_who_is_lost_and_found_again_goes_on_asking(move: Callable[[], Movement]) -> None:
    signals = told(gone(move(), 8.0, 14.0), length_s=20)
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED, Stage.CONFIRMED]
    assert signals[0].track == signals[1].track != signals[2].track


def test_who_goes_out_of_view_is_not_waited_for() -> None:
    assert told(gone(hands_up(), 4.0)) == []


NIGHT = GestureRule(id="help", between=("22:00", "06:00"))
MIDNIGHT_BERLIN_S = 1_774_738_800.0
"""2026-03-29 00:00 in Berlin, the night in which clocks go from 2:00 to 3:00."""


@pytest.mark.parametrize(
    ("hours_later", "expected"),
    [(-2.5, []), (-1.5, TOLD), (0.0, TOLD), (1.99, TOLD), (4.9, TOLD), (5.1, []), (5.9, [])],
)
def test_only_within_its_hours_across_midnight_and_the_change_to_summer_time(
    hours_later: float, expected: list[Stage]
) -> None:
    """The clocks show 6:00 five hours after that midnight."""
    start_s = MIDNIGHT_BERLIN_S + hours_later * 3600
    signals = told(hands_up(), rule=NIGHT, start_unix_s=start_s, timezone="Europe/Berlin")
    assert stages(signals) == expected


def test_in_the_hour_that_comes_twice_it_is_told_both_times() -> None:
    rule = GestureRule(id="help", between=("02:00", "03:00"))
    back_s = 1_792_886_400.0  # 2026-10-25 02:00 in Berlin, still summer time
    for later_s in (0.0, 3600.0):
        signals = told(waving(), rule=rule, start_unix_s=back_s + later_s, timezone="Europe/Berlin")
        assert stages(signals) == TOLD
    assert told(waving(), rule=rule, start_unix_s=back_s + 7200, timezone="Europe/Berlin") == []


def test_who_began_before_the_hours_begin_is_told_within_them() -> None:
    signals = told(hands_up(), rule=NIGHT, start_unix_s=22 * 3600 - 4, length_s=15)
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(4 + RULE.hold, abs=0.2)]


def test_the_same_scene_gives_the_same_signals() -> None:
    assert told(waving(), hands_up(x=0.4), seed=7) == told(waving(), hands_up(x=0.4), seed=7)


# the reasons


def test_the_rule_can_say_what_was_lacking() -> None:
    rule = Gesture(RULE, room())
    for t_s, tracks in tracks_of(Scene([waving(to_s=BEGINS_S + 0.9)], length_s=3)):
        rule.step(t_s, tracks)
    [asked] = rule.asked
    assert str(asked.conditions[-1]).startswith("a hand waves, turns")
    assert not asked.met
    [(_, tracks)] = list(tracks_of(Scene([hands_up(from_s=0)], length_s=0.5)))[-1:]
    rule = Gesture(RULE, room())
    rule.step(0.4, tracks)
    assert str(rule.asked[0].conditions[0]) == "both hands up, share of looks 1.00 (needs 0.60)"


# the hands themselves


def _seen(body: Body) -> Track:
    scene = Scene([lambda _: body], length_s=0.5)
    return list(tracks_of(scene))[-1][1][0]


def test_how_far_hands_are_above_the_eyes_is_measured_in_own_heights() -> None:
    for height in (0.2, 0.6):
        left, right = arms_of(_seen(Signalling(height=height, left=UP, right=(-UP[0], -UP[1]))))
        assert left is not None and right is not None
        assert left.above_eyes == pytest.approx(right.above_eyes) == pytest.approx(0.23, abs=0.03)
        assert left.above_eyes > ABOVE_HEAD
        assert left.aside < 0 < right.aside


def test_of_who_lies_a_hand_is_raised_only_well_above_the_whole_body() -> None:
    for arm, raised in (((-180.0, -180.0), True), ((-95.0, -115.0), False)):
        _, right = arms_of(_seen(Signalling(pose=LYING, right=arm)))
        assert right is not None and right.raised is raised


def test_of_a_thing_or_of_nobody_no_arm_is_seen() -> None:
    track = replace(_seen(Body()), keypoints=None)
    assert list(arms_of(track)) == [None, None]


def test_an_arm_of_which_a_joint_is_not_seen_is_not_seen() -> None:
    left, right = arms_of(_seen(Signalling(left=UP, right=UP, unseen=(Joint.LEFT_WRIST,))))
    assert left is None and right is not None


def test_hands_that_nobody_looks_at_for_long_begin_anew() -> None:
    hands = HandsUp()
    for t_s in (0.0, 0.1, 0.2):
        hands.see(t_s, True)
    assert hands.since_s == 0.0
    hands.see(2.0, True)
    assert hands.since_s == 2.0


def test_an_arm_that_is_never_seen_never_waves() -> None:
    hand = Waving()
    for step in range(100):
        hand.see(step / 10, None)
    assert hand.turns == 0 and math.isnan(hand.since_s)
