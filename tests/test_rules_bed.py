"""Who has left the bed and who is not back: stick figures through the real tracker and the real rules."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from semcam.contract.config import Job, Zone
from semcam.contract.rules import AnyRule, LeftBedRule, NotBackRule
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.beds import LIES_S, LOOKED_FOR_S, SITS_S, Beds
from semcam.rules.left_bed import LeftBed
from semcam.rules.not_back import NotBack
from semcam.tracking.observation import Track
from tests.figures import (
    BENDING,
    LYING,
    ON_A_CHAIR,
    ON_THE_FLOOR,
    STANDING,
    Body,
    Movement,
    Scene,
    between,
    room,
    signals_of,
    stages,
    times,
    tracks_of,
)

ZONES = {
    "bed": Zone(shape=((0.02, 0.5), (0.4, 0.5), (0.4, 0.82), (0.02, 0.82)), lying_is_normal=True, belongs_to="tanaka"),
    "bed-2": Zone(shape=((0.6, 0.5), (0.98, 0.5), (0.98, 0.82), (0.6, 0.82)), belongs_to="sato"),
}
LEFT = LeftBedRule(id="left", zones=("bed",))
NOT_BACK = NotBackRule(id="missing", zones=("bed",), hold=40.0)
TOLD = [Stage.CONFIRMED]
TOLD_AND_OVER = [Stage.CONFIRMED, Stage.CLEARED]

LEGS_HANG = replace(ON_A_CHAIR, left_shin=5, right_shin=5, left_thigh=85, right_thigh=85, trunk=5)
"""The other way round than on a chair: as the legs of who lay there come down."""
IN_BED = Body(LYING, x=0.1, floor=0.72)
SITS_UP = Body(ON_THE_FLOOR, x=0.1, floor=0.74)
ON_THE_EDGE = Body(LEGS_HANG, x=0.22, floor=0.9)
"""The feet on the floor before the bed, outside its zone."""
STANDS_AT = Body(STANDING, x=0.34, floor=0.92)
AT_THE_DOOR = Body(STANDING, x=1.6, floor=0.95)
AWAY = None
AT_BED_2 = 1.05
"""How far the second bed is to the right of the first."""

Key = tuple[float, Body | None]


def story(*keys: Key) -> Movement:
    """From one body to the next, evenly in between; None is out of sight until the next body."""

    def at(t_s: float) -> Body | None:
        for (from_s, start), (to_s, end) in pairwise(keys):
            if from_s <= t_s < to_s:
                return _between(start, end, (t_s - from_s) / (to_s - from_s)) if start and end else start
        return keys[-1][1] if t_s >= keys[-1][0] else keys[0][1]

    return at


def _between(start: Body, end: Body, share: float) -> Body:
    def mix(a: float, b: float) -> float:
        return (1 - share) * a + share * b

    return replace(
        end,
        pose=between(start.pose, end.pose, share),
        x=mix(start.x, end.x),
        floor=mix(start.floor, end.floor),
    )


def gets_up(at_s: float, stays_s: float = 4.0) -> tuple[Key, ...]:
    """Sits up, stands and goes to the door: out of bed 4 s, out of view `stays_s` + 8 s after beginning."""
    return (
        (at_s, IN_BED),
        (at_s + 1.5, SITS_UP),
        (at_s + 3.0, ON_THE_EDGE),
        (at_s + 4.0, STANDS_AT),
        (at_s + 8.0, AT_THE_DOOR),
        (at_s + 8.0 + stays_s, AT_THE_DOOR),
        (at_s + 8.1 + stays_s, AWAY),
    )


def comes_to_bed(at_s: float) -> tuple[Key, ...]:
    """In at the door, to the bed, and lies down: in bed 8 s after beginning."""
    return (
        (at_s, AWAY),
        (at_s + 0.1, AT_THE_DOOR),
        (at_s + 4.0, STANDS_AT),
        (at_s + 5.0, ON_THE_EDGE),
        (at_s + 6.5, SITS_UP),
        (at_s + 8.0, IN_BED),
    )


def walks_past(at_s: float, floor: float = 0.78) -> Movement:
    """In at the door, along the bed and back again; with this floor right through its zone."""
    beside, behind = Body(STANDING, x=0.5, floor=floor), Body(STANDING, x=0.15, floor=floor)
    return story(
        (0, AWAY),
        (at_s, AT_THE_DOOR),
        (at_s + 4, beside),
        (at_s + 6, behind),
        (at_s + 8, beside),
        (at_s + 12, AT_THE_DOOR),
        (at_s + 12.1, AWAY),
    )


def moved(move: Movement, by: float) -> Movement:
    return lambda t_s: replace(body, x=body.x + by) if (body := move(t_s)) else None


def lost(move: Movement, *spans: tuple[float, float]) -> Movement:
    """The same, but the model does not see it for a while: under a blanket, in the dark."""
    return lambda t_s: None if any(a <= t_s < b for a, b in spans) else move(t_s)


def told(*movements: Movement, rule: AnyRule = LEFT, **scene: Any) -> list[RuleSignal]:
    how: dict[str, Any] = {"zones": ZONES, "fps": 4.0, "jitter": 0.003, "length_s": 30.0} | scene
    return signals_of(Scene(movements, **how), rule)


SLEEPS = story((0, IN_BED))
UP_AT_S = 10.0
OUT_AT_S = UP_AT_S + 4.0
"""When `gets_up(UP_AT_S)` stands before the bed."""


# left_bed: it is told


@pytest.mark.parametrize("fps", [2, 5, 10, 20])
def test_who_gets_up_and_goes_has_left_the_bed(fps: float) -> None:
    [signal] = told(story(*gets_up(UP_AT_S)), fps=fps, length_s=30)
    assert OUT_AT_S - 1 + LEFT.hold <= signal.t_s <= OUT_AT_S + LEFT.hold + 1.5
    assert (signal.stage, signal.track, signal.zone, signal.home, signal.label) == (
        Stage.CONFIRMED, 1, "bed", 0, "person",
    )  # fmt: skip
    assert signal.why[Reason.HELD_S] == pytest.approx(LEFT.hold, abs=0.6)


def test_it_burns_until_somebody_is_in_the_bed_again() -> None:
    there_and_back = story(*gets_up(UP_AT_S), *comes_to_bed(60), (200, IN_BED))
    signals = told(there_and_back, length_s=100)
    assert stages(signals) == TOLD_AND_OVER
    in_bed_s = 60 + 8
    assert in_bed_s <= signals[1].t_s <= in_bed_s + LIES_S + LEFT.clear_after + 1
    assert signals[0].track == signals[1].track


def test_who_turns_round_in_the_room_and_goes_back_to_bed_is_back_at_once() -> None:
    back = ((20.0, AT_THE_DOOR), (24.0, STANDS_AT), (25.0, ON_THE_EDGE), (27.0, IN_BED))
    signals = told(story(*gets_up(8)[:5], *back), length_s=36)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(25 + LEFT.clear_after, abs=1.5)


def test_who_leaves_the_bed_twice_is_told_twice() -> None:
    signals = told(story(*gets_up(6), *comes_to_bed(24), *gets_up(50)), length_s=80)
    assert stages(signals) == TOLD_AND_OVER + TOLD


def test_who_goes_out_of_view_right_after_getting_up_has_left_all_the_same() -> None:
    assert stages(told(lost(story(*gets_up(UP_AT_S)), (OUT_AT_S + 1.5, 99)))) == TOLD


def test_who_slept_unseen_under_the_blanket_is_known_when_getting_up() -> None:
    """The pose model loses the sleeper for half an hour, and then sees somebody with a new number."""
    at_s = 1200.0
    signals = told(lost(story(*gets_up(at_s)), (10, at_s + 1)), length_s=at_s + 20, fps=2)
    assert stages(signals) == TOLD
    assert signals[0].track != 1
    assert signals[0].home == 0


@pytest.mark.parametrize("seen_from", [1.5, 3.0, 4.0, 4.6])
def test_a_sleeper_may_come_into_sight_sitting_on_the_edge_or_standing_before_the_bed(seen_from: float) -> None:
    signals = told(lost(story(*gets_up(60)), (10, 60 + seen_from)), length_s=90)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(64 + LEFT.hold, abs=2)


def test_who_jumps_up_so_fast_that_the_track_breaks_has_left_the_bed() -> None:
    """The new track begins while the old one is still waited for."""
    leaps = story((0, IN_BED), (10, IN_BED), (10.1, STANDS_AT), (14, AT_THE_DOOR), (30, AT_THE_DOOR))
    broken = lost(leaps, (9.6, 10.3))
    assert stages(told(broken, fps=10)) == TOLD


def test_who_is_first_seen_sitting_up_in_bed_was_in_it_all_along() -> None:
    signals = told(lost(story(*gets_up(UP_AT_S, 20)), (0, UP_AT_S)), length_s=40)
    assert stages(signals) == TOLD


def test_who_came_in_at_the_door_and_went_to_bed_is_its_sleeper_now() -> None:
    """The track began at the door, which is nobody's place; the bed gives the name."""
    [signal] = told(story(*comes_to_bed(1), *gets_up(30)), length_s=50)
    assert (signal.stage, signal.zone, signal.home) == (Stage.CONFIRMED, "bed", 0)


def test_who_pulls_up_the_blanket_at_once_has_gone_to_bed() -> None:
    """Seen to sit down on the bed, never seen to lie."""
    signals = told(lost(story(*comes_to_bed(1), *gets_up(60)), (7.6, 61)), length_s=80)
    assert stages(signals) == TOLD


def test_who_sits_in_bed_with_a_raised_head_has_gone_to_bed() -> None:
    for_long = 9 + SITS_S + 5
    reads = story(*comes_to_bed(1)[:5], (9, SITS_UP), (for_long, SITS_UP), (for_long + 2, STANDS_AT), (60, AT_THE_DOOR))
    assert stages(told(reads, length_s=70)) == TOLD


# left_bed: it is not


@pytest.mark.parametrize("seed", range(3))
def test_who_sleeps_has_not_left(seed: int) -> None:
    assert told(SLEEPS, seed=seed, length_s=60) == []


def test_who_is_not_seen_under_the_blanket_has_not_left() -> None:
    assert told(lost(SLEEPS, (10, 600), (620, 1200)), length_s=1300, fps=1, jitter=0) == []


def test_who_turns_over_and_sits_up_in_bed_has_not_left() -> None:
    turned, sits = replace(IN_BED, x=0.64, mirrored=True), replace(SITS_UP, x=0.64, mirrored=True)
    restless = story((0, IN_BED), (8, IN_BED), (8.1, turned), (12, turned), (14, sits), (24, sits), (26, turned))
    assert told(restless) == []


def test_who_sits_on_the_edge_with_the_feet_on_the_floor_has_not_left() -> None:
    assert told(story((0, IN_BED), (8, IN_BED), (10, ON_THE_EDGE), (60, ON_THE_EDGE)), length_s=60) == []


def test_who_stands_up_for_a_moment_and_lies_down_again_has_not_left() -> None:
    moment = story(*gets_up(8)[:4], (14.5, STANDS_AT), (15.5, ON_THE_EDGE), (17, IN_BED))
    assert told(moment) == []


@pytest.mark.parametrize("seed", range(3))
def test_at_the_edge_of_the_zone_whoever_trembles_is_still_in_bed(seed: int) -> None:
    low = replace(IN_BED, floor=0.89)
    assert 0.80 < float(low.box[1] + low.box[3]) / 2 < 0.82
    assert told(story((0, low)), jitter=0.006, seed=seed) == []


def test_one_look_outside_before_being_lost_for_the_night_is_not_leaving() -> None:
    def glimpse(t_s: float) -> Body | None:
        return replace(IN_BED, x=0.5) if 10 <= t_s < 10.15 else IN_BED if t_s < 10 else None

    assert told(glimpse, fps=10, jitter=0) == []


@pytest.mark.parametrize("floor", [0.78, 0.9])
@pytest.mark.parametrize("sleeper", [SLEEPS, lost(SLEEPS, (8, 999)), None], ids=["seen", "unseen", "nobody"])
def test_a_carer_who_walks_in_and_past_the_bed_raises_nothing(floor: float, sleeper: Movement | None) -> None:
    people = [walks_past(20, floor), *([sleeper] if sleeper else [])]
    assert told(*people, length_s=50) == []


@pytest.mark.parametrize("sleeper", [SLEEPS, lost(SLEEPS, (8, 999)), None], ids=["seen", "unseen", "nobody"])
def test_a_carer_who_sits_down_on_the_bed_for_a_moment_raises_nothing(sleeper: Movement | None) -> None:
    sits = replace(ON_THE_EDGE, x=0.4)
    stands = replace(STANDS_AT, x=0.5)
    carer = story(
        (0, AWAY), (12, AT_THE_DOOR), (16, stands), (17, sits), (32, sits), (33, stands), (37, AT_THE_DOOR), (38, AWAY)
    )
    assert told(carer, *([sleeper] if sleeper else []), length_s=60) == []


def test_a_carer_who_sits_with_the_sleeper_for_long_raises_nothing() -> None:
    sits = replace(ON_THE_EDGE, x=0.4)
    carer = story((0, AWAY), (12, AT_THE_DOOR), (16, sits), (26 + SITS_S, sits), (60, AT_THE_DOOR), (64, AWAY))
    for sleeper in (SLEEPS, lost(SLEEPS, (8, 999))):
        assert told(carer, sleeper, length_s=80) == []


def test_a_carer_who_bends_over_the_bed_raises_nothing() -> None:
    over = Body(BENDING, x=0.5, floor=0.9)
    keys = ((0, AWAY), (12, AT_THE_DOOR), (16, STANDS_AT), (17, over), (37, over), (38, STANDS_AT), (42, AT_THE_DOOR))
    carer = story(*keys)
    assert told(carer, lost(SLEEPS, (8, 999)), length_s=60) == []


def test_a_carer_who_is_lost_beside_the_bed_and_found_again_is_not_the_sleeper() -> None:
    beside = replace(STANDS_AT, x=0.45)
    carer = story((0, AWAY), (12, AT_THE_DOOR), (16, beside), (40, beside), (44, AT_THE_DOOR), (45, AWAY))
    assert LOOKED_FOR_S > 6
    for blink_s in (0.6, 3.5, 6.0):
        hidden = lost(carer, (25, 25 + blink_s))
        assert told(hidden, lost(SLEEPS, (8, 999)), length_s=60) == []


def test_whoever_is_first_seen_on_the_way_past_the_bed_did_not_wake_in_it() -> None:
    in_zone, beyond = Body(STANDING, x=0.5, floor=0.78), Body(STANDING, x=0.9, floor=0.78)
    to_and_fro = [(4.0 * turn + share, body) for turn in range(6) for share, body in ((2, beyond), (4, in_zone))]
    assert told(story((0, in_zone), *to_and_fro, (30, AT_THE_DOOR)), length_s=40) == []


def test_a_carer_who_lies_down_beside_the_sleeper_for_a_while_raises_nothing() -> None:
    beside = replace(IN_BED, floor=0.8)
    carer = story((0, AWAY), (8, AT_THE_DOOR), (12, beside), (30, beside), (32, STANDS_AT), (36, AT_THE_DOOR))
    for sleeper in (story((0, replace(IN_BED, floor=0.62))), lost(SLEEPS, (5, 999))):
        assert told(carer, sleeper, length_s=50) == []


def test_whoever_is_first_seen_at_the_bed_that_was_left_is_not_the_one_who_left() -> None:
    """The alarm goes on as it was: about whom it was told."""
    looks_after = story((0, AWAY), (35, STANDS_AT), (38, STANDS_AT), (42, AT_THE_DOOR), (43, AWAY))
    assert stages(told(story(*gets_up(8)), looks_after, length_s=60)) == TOLD


def test_a_carer_who_is_lost_on_the_edge_of_the_bed_does_not_lie_in_it_instead() -> None:
    """The model loses the carer, who sits there, and a moment later the sleeper gets up and goes."""
    sits = replace(ON_THE_EDGE, x=0.5)
    carer = lost(story((0, AWAY), (6, AT_THE_DOOR), (10, sits), (40, sits)), (15, 99))
    assert stages(told(carer, story(*gets_up(17)), length_s=40)) == TOLD


def test_somebody_who_stays_away_from_the_bed_raises_nothing() -> None:
    assert told(story((0, AT_THE_DOOR), (20, replace(AT_THE_DOOR, x=0.9)))) == []


# left_bed: several


def test_two_beds_and_two_people_each_by_the_name_of_the_own_bed() -> None:
    rule = LeftBedRule(id="left", zones=("bed", "bed-2"))
    signals = told(story(*gets_up(8)), moved(story(*gets_up(20)[:4]), AT_BED_2), rule=rule)
    assert [(signal.zone, signal.home) for signal in signals] == [("bed", 0), ("bed-2", 1)]
    assert signals[0].track != signals[1].track
    assert signals[0].t_s + 10 < signals[1].t_s


def test_when_one_comes_back_the_other_bed_is_still_left() -> None:
    rule = LeftBedRule(id="left", zones=("bed", "bed-2"))
    signals = told(
        story(*gets_up(6), *comes_to_bed(30)), moved(story(*gets_up(8)[:4]), AT_BED_2), rule=rule, length_s=60
    )
    assert [(s.zone, s.stage) for s in signals if s.stage is Stage.CLEARED] == [("bed", Stage.CLEARED)]
    assert len(times(signals, Stage.CONFIRMED)) == 2


def test_a_rule_about_one_bed_says_nothing_of_another() -> None:
    assert told(moved(story(*gets_up(8)[:4]), AT_BED_2)) == []


def test_who_leaves_a_bed_for_two_is_told_though_the_other_sleeps_on() -> None:
    sleeps_on = story((0, replace(IN_BED, floor=0.64)))
    low = replace(IN_BED, floor=0.8)
    wakes = story((0, low), (90, low), (92, ON_THE_EDGE), (93, STANDS_AT), (97, AT_THE_DOOR), (120, AT_THE_DOOR))
    signals = told(sleeps_on, wakes, length_s=120)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(93 + LEFT.hold, abs=1)


# left_bed: frames, hours


@pytest.mark.parametrize("seed", range(3))
def test_a_camera_that_loses_every_other_frame_still_sees_it(seed: int) -> None:
    kept = np.random.default_rng(seed).random(1000) < 0.5
    assert stages(told(story(*gets_up(UP_AT_S)), fps=10, delivered=lambda index: bool(kept[index]))) == TOLD


def test_seconds_without_frames_while_getting_up_do_not_hide_it() -> None:
    signals = told(story(*gets_up(UP_AT_S)), fps=10, delivered=lambda index: not 115 <= index < 140)
    assert stages(signals) == TOLD


NIGHT = LeftBedRule(id="left", zones=("bed",), between=("22:00", "06:00"))
MIDNIGHT_BERLIN_S = 1_774_738_800.0
"""2026-03-29 00:00 in Berlin, the night in which clocks go from 2:00 to 3:00."""


@pytest.mark.parametrize(
    ("hours_later", "expected"), [(-2.1, []), (-1.9, TOLD), (0.0, TOLD), (1.99, TOLD), (4.9, TOLD), (5.1, [])]
)
def test_only_in_its_hours_across_midnight_and_the_change_to_summer_time(
    hours_later: float, expected: list[Stage]
) -> None:
    """The clocks show 6:00 five hours after that midnight."""
    signals = told(
        story(*gets_up(UP_AT_S)),
        rule=NIGHT,
        length_s=30,
        start_unix_s=MIDNIGHT_BERLIN_S + hours_later * 3600,
        timezone="Europe/Berlin",
    )
    assert stages(signals) == expected


def test_the_change_back_to_winter_time_makes_the_night_an_hour_longer() -> None:
    midnight_s = 1_792_879_200.0  # 2026-10-25 00:00 in Berlin
    for hours_later, expected in ((6.9, TOLD), (7.1, [])):
        signals = told(
            story(*gets_up(UP_AT_S)),
            rule=NIGHT,
            length_s=30,
            start_unix_s=midnight_s + hours_later * 3600,
            timezone="Europe/Berlin",
        )
        assert stages(signals) == expected


def test_who_is_up_when_the_hours_begin_has_not_left_the_bed_in_them() -> None:
    evening_s = 22 * 3600 - 30.0
    signals = told(story(*gets_up(UP_AT_S, stays_s=200)), rule=NIGHT, start_unix_s=evening_s, length_s=80)
    assert signals == []


def test_in_the_morning_it_is_over() -> None:
    signals = told(story(*gets_up(UP_AT_S)), rule=NIGHT, start_unix_s=6 * 3600 - 30.0, length_s=50)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(30 + LEFT.clear_after, abs=0.5)


def test_a_whole_night_with_one_way_to_the_bathroom() -> None:
    """To bed before the hours begin, unseen for hours, up at three, back in ten minutes, unseen until morning."""
    begins_s = 21.5 * 3600
    up_s = 5.5 * 3600.0
    night = lost(
        story(*comes_to_bed(10), *gets_up(up_s), *comes_to_bed(up_s + 600), (9 * 3600.0, IN_BED)),
        (60, up_s + 1),
        (up_s + 640, 9 * 3600.0),
    )
    about_up = range(int(up_s) - 60, int(up_s) + 700)
    signals = told(
        night,
        rule=NIGHT,
        start_unix_s=begins_s,
        fps=1,
        length_s=8.4 * 3600,
        delivered=lambda index: index < 60 or index in about_up or index % 10 == 0,
    )
    assert stages(signals) == TOLD_AND_OVER
    assert signals[0].t_s == pytest.approx(up_s + 4 + LEFT.hold, abs=3)
    assert up_s + 608 <= signals[1].t_s <= up_s + 640


def test_the_reasons_are_in_words() -> None:
    rule = LeftBed(LEFT, room(Job(source="a scene", rules={}, zones=ZONES)))
    said: set[str] = set()
    for t_s, tracks in tracks_of(Scene([story(*gets_up(8)), walks_past(0, 0.9)], zones=ZONES, length_s=30, fps=5)):
        rule.step(t_s, tracks)
        said.update(str(condition) for asked in rule.asked for condition in asked.conditions)
    assert {"is in bed", "was in bed and is out of it"} <= said
    assert any(words.startswith("has not gone to bed") for words in said)


def test_the_same_night_gives_the_same_signals() -> None:
    def run() -> list[RuleSignal]:
        return told(story(*gets_up(UP_AT_S)), walks_past(2), seed=3)

    assert run() == run()


# not_back


def missing(*movements: Movement, rule: NotBackRule = NOT_BACK, **scene: Any) -> list[RuleSignal]:
    return told(*movements, rule=rule, **({"length_s": 75.0} | scene))


def test_who_left_and_does_not_come_back_is_missed_and_the_bed_is_named() -> None:
    [signal] = missing(story(*gets_up(UP_AT_S)))
    assert signal.t_s == pytest.approx(OUT_AT_S + NOT_BACK.hold, abs=1.5)
    assert (signal.stage, signal.track, signal.zone, signal.home, signal.label) == (
        Stage.CONFIRMED, 0, "bed", 0, "person",
    )  # fmt: skip


def test_who_stands_about_in_the_room_is_not_back_in_bed_either() -> None:
    assert stages(missing(story(*gets_up(UP_AT_S, stays_s=900)))) == TOLD


def test_it_is_over_when_somebody_is_in_the_bed_again() -> None:
    signals = missing(story(*gets_up(UP_AT_S), *comes_to_bed(70)), length_s=100)
    assert stages(signals) == TOLD_AND_OVER
    assert 78 <= signals[1].t_s <= 78 + LIES_S + NOT_BACK.clear_after + 1


def test_who_is_back_in_time_is_not_missed_and_the_next_time_counts_anew() -> None:
    back = story(*gets_up(6), *comes_to_bed(35), *gets_up(60), *comes_to_bed(85))
    assert missing(back, length_s=120) == []


def test_who_comes_back_under_the_blanket_unseen_is_back() -> None:
    """Seen to sit down on the bed, then not seen at all."""
    back = lost(story(*gets_up(6), *comes_to_bed(30)), (30 + 6.6, 999))
    assert missing(back, length_s=80) == []


def test_a_sleeper_who_is_not_seen_for_hours_is_in_bed() -> None:
    assert missing(lost(SLEEPS, (20, 2000)), length_s=2100, fps=1) == []


def test_a_bed_in_which_nobody_was_seen_is_missed_by_nobody() -> None:
    assert missing(length_s=200, fps=1) == []
    assert missing(walks_past(10), length_s=200, fps=2) == []


def test_a_carer_who_looks_after_the_empty_bed_does_not_bring_the_sleeper_back() -> None:
    stands = Body(STANDING, x=0.3, floor=0.8)
    carer = story((0, AWAY), (30, AT_THE_DOOR), (34, stands), (45, stands), (49, AT_THE_DOOR), (50, AWAY))
    [signal] = missing(story(*gets_up(UP_AT_S)), carer)
    assert signal.t_s == pytest.approx(OUT_AT_S + NOT_BACK.hold, abs=1.5)


def test_of_two_beds_only_the_empty_one_is_told() -> None:
    rule = NotBackRule(id="missing", zones=("bed", "bed-2"), hold=40.0)
    signals = missing(SLEEPS, moved(story(*gets_up(6)[:5]), AT_BED_2 - 0.1), rule=rule)
    assert [(signal.zone, signal.home) for signal in signals] == [("bed-2", 1)]


def test_both_beds_may_be_empty_and_one_filled_again() -> None:
    rule = NotBackRule(id="missing", zones=("bed", "bed-2"), hold=40.0)
    signals = missing(
        story(*gets_up(6), *comes_to_bed(80)), moved(story(*gets_up(8)[:4]), AT_BED_2), rule=rule, length_s=120
    )
    assert [(s.zone, s.stage) for s in signals] == [
        ("bed", Stage.CONFIRMED),
        ("bed-2", Stage.CONFIRMED),
        ("bed", Stage.CLEARED),
    ]


def test_a_body_that_is_seen_twice_is_one_sleeper() -> None:
    """A ghost in the same place must not be believed to sleep on when the sleeper has gone."""
    ghost = Body(LYING, x=0.3, floor=0.72, height=0.3, score=0.5)
    twice = missing(story(*gets_up(80)), lost(story((0, ghost)), (81, 999)), length_s=140)
    assert stages(twice) == TOLD


@pytest.mark.parametrize("seed", range(2))
def test_missing_frames_change_nothing(seed: int) -> None:
    kept = np.random.default_rng(seed).random(2000) < 0.5
    [signal] = missing(story(*gets_up(UP_AT_S)), fps=10, delivered=lambda index: bool(kept[index]))
    assert signal.t_s == pytest.approx(OUT_AT_S + NOT_BACK.hold, abs=2)


BY_NIGHT = NotBackRule(id="missing", zones=("bed",), hold=40.0, between=("22:00", "06:00"))


@pytest.mark.parametrize(("hours_later", "expected"), [(-2.1, []), (0.0, TOLD), (1.99, TOLD), (4.9, TOLD), (5.1, [])])
def test_not_back_only_in_its_hours(hours_later: float, expected: list[Stage]) -> None:
    signals = missing(
        story(*gets_up(UP_AT_S)),
        rule=BY_NIGHT,
        start_unix_s=MIDNIGHT_BERLIN_S + hours_later * 3600,
        timezone="Europe/Berlin",
    )
    assert stages(signals) == expected


def test_who_is_up_when_the_night_begins_is_not_waited_for() -> None:
    signals = missing(
        story(*gets_up(UP_AT_S, stays_s=900)), rule=BY_NIGHT, start_unix_s=22 * 3600 - 40.0, length_s=120, fps=2
    )
    assert signals == []


def test_not_back_gives_its_reasons_for_the_bed() -> None:
    rule = NotBack(NOT_BACK, room(Job(source="a scene", rules={}, zones=ZONES)))
    for t_s, tracks in tracks_of(Scene([SLEEPS], zones=ZONES, length_s=10, fps=5)):
        rule.step(t_s, tracks)
    [asked] = rule.asked
    assert (asked.about, str(asked.conditions[0]), asked.met) == ("bed", "nobody has left it", False)


# what is remembered


def test_from_the_ceiling_nearness_to_the_bed_is_measured_from_the_middle_of_a_body() -> None:
    """Straight from above nobody's feet are at the lower end of the box."""

    def track(id: int, t_s: float, y: float, *zones: str) -> Track:
        box = np.array([0.3, y - 0.2, 0.5, y + 0.2], np.float32)
        return Track(id, "person", t_s, t_s, t_s, box, 0.8, zones=zones, standing_height=0.4)

    from_the_wall = Job(source="a scene", rules={}, zones=ZONES)
    from_above = from_the_wall.model_copy(update={"view": "ceiling"})
    for job, is_out in ((from_above, True), (from_the_wall, False)):
        beds = Beds(("bed",), room(job))
        for second in range(4):
            beds.step(second, (track(1, second, 0.7, "bed"),))
        for second in range(10, 13):
            beds.step(second, (track(2, second, 0.92),))
        assert [sleeper.is_out for sleeper in beds.sleepers] == [is_out]


def test_passers_by_are_not_remembered_for_long() -> None:
    beds = Beds(("bed",), room(Job(source="a scene", rules={}, zones=ZONES)))
    sizes = []
    for t_s, tracks in tracks_of(Scene([walks_past(1, 0.9), walks_past(30)], zones=ZONES, length_s=80, fps=5)):
        beds.step(t_s, tracks)
        sizes.append(len(beds.visitors) + len(beds.sleepers))
    assert max(sizes) >= 1
    assert sizes[-1] == 0
