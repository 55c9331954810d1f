"""What is left behind and what is taken: figures and detections through the real tracker and the real rules."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semcam.contract.config import Job, Zone
from semcam.contract.local_time import source_times
from semcam.contract.rules import AnyRule, GestureRule, LeftBedRule, LeftBehindRule, NotBackRule, TakenRule
from semcam.contract.signal import Reason, RuleSignal, Stage, from_line, to_line
from semcam.rules.build import build_rules
from semcam.rules.distance import gap, sameness
from semcam.rules.left_behind import UNSEEN_S, LeftBehind
from semcam.rules.taken import MOST_PLACES, Taken
from semcam.tracking.observation import Posture, PostureKind, Track
from tests.figures import (
    ASPECT,
    LYING,
    ON_A_CHAIR,
    STANDING,
    Body,
    Movement,
    Pose,
    Scene,
    Seen,
    room,
    signals_of,
    stages,
    tracks_of,
)

Things = Callable[[float], Sequence[Seen]]

TOLD = [Stage.CONFIRMED]
TOLD_AND_OVER = [Stage.CONFIRMED, Stage.CLEARED]
BAG = Seen("backpack", x=0.5, floor=0.85, width=0.08, height=0.12)
OTHER_BAG = replace(BAG, label="suitcase", x=1.3, width=0.1, height=0.16)
MIDNIGHT_BERLIN_S = 1_774_738_800.0
"""2026-03-29 00:00 in Berlin, the night in which clocks go from 2:00 to 3:00."""


def told(rule: AnyRule, *movements: Movement, things: Things = lambda _: (BAG,), **scene: Any) -> list[RuleSignal]:
    how: dict[str, Any] = {"fps": 4.0, "length_s": 40.0} | scene
    return signals_of(Scene(movements, things, **how), rule)


def stays(body: Body, from_s: float = 0.0, to_s: float = 1e9) -> Movement:
    return lambda t_s: body if from_s <= t_s < to_s else None


def goes(start_x: float, end_x: float, from_s: float, over_s: float = 3.0, until_s: float = 1e9) -> Movement:
    """Stands at one place, walks to another from `from_s` on, and is out of view from `until_s` on."""

    def at(t_s: float) -> Body | None:
        share = min(max((t_s - from_s) / over_s, 0.0), 1.0)
        return Body(STANDING, x=start_x + share * (end_x - start_x)) if t_s < until_s else None

    return at


def there(*things: Seen, from_s: float = 0.0, to_s: float = 1e9) -> Things:
    return lambda t_s: things if from_s <= t_s < to_s else ()


def together(*several: Things) -> Things:
    return lambda t_s: [thing for things in several for thing in things(t_s)]


def flickering(things: Things, share: float, seed: int) -> Things:
    """Each look shows each thing with this probability, whatever was before."""
    random = np.random.default_rng(seed)

    def at(t_s: float) -> list[Seen]:
        return [thing for thing in things(t_s) if random.random() < share]

    return at


# left_behind

LEFT = LeftBehindRule(id="bag", hold=10.0)
OWNER_GOES_S = 4.0
OWNER_GOES = goes(0.5, 1.7, OWNER_GOES_S, until_s=8.0)
ALONE_S = 6.0
"""About when the owner is further than `near` from the bag."""


@pytest.mark.parametrize("fps", [2, 4, 10, 30])
def test_a_bag_whose_owner_has_gone_is_left_behind(fps: float) -> None:
    [signal] = told(LEFT, OWNER_GOES, fps=fps, length_s=25)
    assert signal.t_s == pytest.approx(ALONE_S + LEFT.hold, abs=1.5)
    assert (signal.stage, signal.label, signal.zone) == (Stage.CONFIRMED, "backpack", None)
    assert signal.why == {Reason.HELD_S: pytest.approx(LEFT.hold, abs=0.6)}


def test_the_distance_to_whoever_is_still_in_view_is_told() -> None:
    [signal] = told(LEFT, goes(0.5, 1.5, OWNER_GOES_S))
    assert signal.why[Reason.DISTANCE] == pytest.approx(1.5 - 0.5, abs=0.2)


def test_a_bag_with_its_owner_is_not() -> None:
    assert told(LEFT, stays(Body(x=0.7))) == []


def test_a_bag_that_is_carried_is_not() -> None:
    carrier = goes(0.2, 1.6, 2.0, over_s=20)

    def carried(t_s: float) -> list[Seen]:
        body = carrier(t_s)
        return [replace(BAG, x=body.x + 0.05, floor=0.7)] if body else []

    assert told(LEFT, carrier, things=carried) == []


def test_it_is_over_when_somebody_comes_back_to_it() -> None:
    back = goes(1.7, 0.6, 30.0)
    signals = told(LEFT, lambda t_s: OWNER_GOES(t_s) if t_s < 8 else back(t_s) if t_s > 28 else None, length_s=50)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(31.5 + LEFT.clear_after, abs=1.5)
    assert signals[0].track == signals[1].track


def test_it_is_over_when_it_is_gone() -> None:
    signals = told(LEFT, OWNER_GOES, things=there(BAG, to_s=25.0), length_s=50)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(25 + UNSEEN_S + LEFT.clear_after, abs=1.5)


def test_left_alone_again_it_is_told_again() -> None:
    visit = goes(0.6, 1.7, 40.0, until_s=43.0)
    owner = OWNER_GOES
    signals = told(LEFT, lambda t_s: owner(t_s) if t_s < 8 else visit(t_s) if t_s > 25 else None, length_s=60)
    assert stages(signals) == TOLD_AND_OVER + TOLD


def test_who_takes_the_bag_along_leaves_nothing_behind() -> None:
    comes = stays(Body(x=0.55), 8.0, 10.0)
    quick = LeftBehindRule(id="bag", hold=5.0)
    assert told(quick, OWNER_GOES, comes, things=there(BAG, to_s=9.0)) == []


def test_whoever_hurries_by_does_not_end_it() -> None:
    passes = goes(1.7, -0.6, 25.0, over_s=4.0, until_s=29.0)
    assert stages(told(LEFT, lambda t_s: OWNER_GOES(t_s) if t_s < 8 else passes(t_s) if t_s > 25 else None)) == TOLD


def test_what_stood_there_before_anybody_came_was_left_by_nobody() -> None:
    """A plant, or the bag on the shelf: people pass it all day."""
    passers = [stays(Body(x=0.6), from_s, from_s + 6) for from_s in (20.0, 60.0, 80.0)]
    assert told(LEFT, *passers, length_s=120) == []


def test_until_somebody_moves_it() -> None:
    """Taken from the shelf, put down at the door, left there."""
    shopper = goes(0.6, 1.2, 20.0, over_s=4.0)
    leaves = goes(1.2, 1.75, 28.0, until_s=31.0)

    def moved(t_s: float) -> list[Seen]:
        return [replace(BAG, x=0.5 + 0.6 * min(max((t_s - 20) / 4, 0.0), 1.0))]

    def who(t_s: float) -> Body | None:
        return None if t_s < 16 else shopper(t_s) if t_s < 26 else leaves(t_s)

    assert stages(told(LeftBehindRule(id="bag", hold=10.0, near=0.3), who, things=moved, length_s=60)) == TOLD


def test_a_bag_that_is_seen_only_after_its_owner_has_gone_is_his() -> None:
    """He stood before it, or it was found late."""
    assert stages(told(LEFT, OWNER_GOES, things=there(BAG, from_s=9.0))) == TOLD


def test_near_is_measured_from_edge_to_edge() -> None:
    owner = stays(Body(x=0.5), to_s=5.0)
    for away, expected in ((0.25, []), (0.45, TOLD)):
        body = Body(x=1.0)
        further = replace(body, x=1.0 + (float(BAG.box[2]) + away - float(body.box[0])))
        rule = LeftBehindRule(id="bag", hold=10.0, near=0.35)
        assert stages(told(rule, owner, stays(further, from_s=5.0), length_s=30)) == expected


@pytest.mark.parametrize("seed", range(4))
def test_a_bag_that_the_detector_sees_every_other_time_is_told_once(seed: int) -> None:
    signals = told(LEFT, OWNER_GOES, things=flickering(there(BAG), 0.5, seed), fps=2, length_s=300)
    assert stages(signals) == TOLD


def test_under_another_label_at_the_same_place_it_is_the_same_bag() -> None:
    """Lost for five seconds, and then called a suitcase."""
    things = together(there(BAG, to_s=20.0), there(replace(BAG, label="suitcase"), from_s=25.0))
    signals = told(LEFT, OWNER_GOES, things=things, length_s=60)
    assert stages(signals) == TOLD
    assert signals[0].label == "backpack"


def test_two_bags_each_alone() -> None:
    first, second = goes(0.5, -0.2, 4.0, until_s=7.0), goes(1.3, 1.9, 20.0, until_s=23.0)
    signals = told(LEFT, first, second, things=there(BAG, OTHER_BAG), length_s=50)
    assert [(signal.label, signal.stage) for signal in signals] == [
        ("backpack", Stage.CONFIRMED),
        ("suitcase", Stage.CONFIRMED),
    ]
    assert signals[0].track != signals[1].track


def test_a_dog_that_is_left_alone_walks_about_and_is_the_same_dog() -> None:
    def dog(t_s: float) -> list[Seen]:
        return [Seen("dog", x=0.6 + 0.2 * np.sin(t_s / 3), floor=0.85, width=0.2, height=0.15)]

    rule = LeftBehindRule(id="pet", labels=("dog",), hold=10.0)
    signals = told(rule, OWNER_GOES, things=dog, length_s=40)
    assert stages(signals) == TOLD
    assert signals[0].label == "dog"


SEATS = {
    "seats": Zone(shape=((0.05, 0.5), (0.5, 0.5), (0.5, 1), (0.05, 1))),
    "aisle": Zone(shape=((0.55, 0.5), (1, 0.5), (1, 1), (0.55, 1))),
}
CHILD = Body(ON_A_CHAIR, x=0.5, floor=0.9, height=0.4)
CHILD_RULE = LeftBehindRule(id="child", labels=("person",), zones=("seats",), hold=10.0)
DRIVER = goes(0.95, 1.75, 6.0, until_s=9.0)


def test_a_child_that_stays_on_its_seat_when_the_driver_has_gone_is_left_behind() -> None:
    [signal] = told(CHILD_RULE, stays(CHILD), DRIVER, things=there(), zones=SEATS, length_s=25)
    assert signal.t_s == pytest.approx(8 + CHILD_RULE.hold, abs=2)
    assert (signal.label, signal.track, signal.zone, signal.home) == ("person", 1, "seats", 0)


def test_children_keep_each_other_no_company_that_counts() -> None:
    neighbour = replace(CHILD, x=0.75)
    signals = told(CHILD_RULE, stays(CHILD), stays(neighbour), DRIVER, things=there(), zones=SEATS, length_s=25)
    assert sorted(signal.track for signal in signals) == [1, 2]
    assert set(stages(signals)) == {Stage.CONFIRMED}


def test_a_child_that_sleeps_and_is_not_seen_for_half_a_minute_is_still_there() -> None:
    hidden: Movement = lambda t_s: None if 12 <= t_s < 42 else CHILD  # noqa: E731
    signals = told(CHILD_RULE, hidden, DRIVER, things=there(), zones=SEATS, length_s=60)
    assert stages(signals) == TOLD
    assert signals[0].t_s < 22


def test_a_child_that_slumps_and_is_found_again_as_a_small_heap_is_the_same_child() -> None:
    """Lost for five seconds once the driver has gone; the model then shows less than half of it, as somebody new."""
    heap = Body(ON_A_CHAIR, x=0.46, floor=0.86, height=0.17)

    def slumps(t_s: float) -> Body | None:
        return CHILD if t_s < 22 else None if t_s < 27 else heap

    rule = CHILD_RULE.model_copy(update={"hold": 80.0})
    [signal] = told(rule, slumps, DRIVER, things=there(), zones=SEATS, length_s=95)
    assert (signal.stage, signal.track) == (Stage.CONFIRMED, 1)


def test_a_child_that_gets_out_with_the_driver_is_not_left_behind() -> None:
    def gets_out(t_s: float) -> Body | None:
        return CHILD if t_s < 6 else Body(x=0.6 + 0.3 * (t_s - 6), height=0.4) if t_s < 9 else None

    assert told(CHILD_RULE, gets_out, DRIVER, things=there(), zones=SEATS, length_s=40) == []


def test_the_driver_who_comes_back_ends_it() -> None:
    back = goes(1.7, 0.95, 25.0)
    signals = told(
        CHILD_RULE,
        stays(CHILD),
        lambda t_s: DRIVER(t_s) if t_s < 9 else back(t_s) if t_s > 25 else None,
        things=there(),
        zones=SEATS,
    )
    assert stages(signals) == TOLD_AND_OVER


def test_only_what_is_in_the_zones() -> None:
    rule = LeftBehindRule(id="bag", zones=("aisle",), hold=10.0)
    owners = (goes(0.5, -0.2, 4.0, until_s=7.0), goes(1.3, 1.9, 4.0, until_s=7.0))
    [signal] = told(rule, *owners, things=there(BAG, OTHER_BAG), zones=SEATS, length_s=30)
    assert (signal.label, signal.zone, signal.home) == ("suitcase", "aisle", 1)


@pytest.mark.parametrize("seed", range(2))
def test_left_behind_with_missing_frames(seed: int) -> None:
    kept = np.random.default_rng(seed).random(1000) < 0.5
    signals = told(LEFT, OWNER_GOES, fps=10, delivered=lambda index: bool(kept[index]), length_s=30)
    assert stages(signals) == TOLD


@pytest.mark.parametrize(("hours_later", "expected"), [(-2.1, []), (0.0, TOLD), (1.998, TOLD), (4.9, TOLD), (5.1, [])])
def test_left_behind_only_in_its_hours(hours_later: float, expected: list[Stage]) -> None:
    rule = LeftBehindRule(id="bag", hold=10.0, between=("22:00", "06:00"))
    start_s = MIDNIGHT_BERLIN_S + hours_later * 3600
    signals = told(rule, OWNER_GOES, start_unix_s=start_s, timezone="Europe/Berlin")
    assert stages(signals) == expected


def test_a_rule_about_people_says_where_they_sit() -> None:
    with pytest.raises(ValidationError, match="say in `zones` where they sit"):
        LeftBehindRule(id="child", labels=("person",))


def test_what_is_long_gone_is_forgotten() -> None:
    rule = LeftBehind(LEFT, room())
    for t_s, tracks in tracks_of(Scene([], there(BAG, to_s=5.0), length_s=15, fps=2)):
        rule.step(t_s, tracks)
    assert len(rule.asked) == 1
    rule.step(3600.0, ())
    assert rule.asked == []


def test_left_behind_says_what_was_lacking() -> None:
    rule = LeftBehind(LEFT, room())
    for t_s, tracks in tracks_of(Scene([stays(Body(x=0.8))], lambda _: (BAG,), length_s=5, fps=4)):
        rule.step(t_s, tracks)
    [asked] = rule.asked
    assert "nearest person at" in str(asked.conditions[-1])
    assert not asked.met


# taken

TAKEN = TakenRule(id="taken", settled=20.0)
GONE_S = 40.0


@pytest.mark.parametrize("fps", [1, 2, 4, 10])
def test_a_thing_that_stood_there_and_is_gone_was_taken(fps: float) -> None:
    [signal] = told(TAKEN, things=there(BAG, to_s=GONE_S), fps=fps, length_s=60)
    assert signal.t_s == pytest.approx(GONE_S + TAKEN.hold, abs=2)
    assert (signal.stage, signal.label, signal.track) == (Stage.CONFIRMED, "backpack", 1)
    assert signal.why[Reason.HELD_S] == pytest.approx(TAKEN.hold, abs=1)
    assert signal.why[Reason.SEEN_S] == pytest.approx(GONE_S, abs=2)


def test_somebody_comes_and_goes_away_with_it() -> None:
    thief = goes(1.7, 0.5, 36.0)
    away = goes(0.5, 1.7, 42.0, until_s=45.5)

    def follows(t_s: float) -> list[Seen]:
        body = who(t_s)
        return [BAG] if t_s < 41 else [replace(BAG, x=body.x, floor=0.7)] if body else []

    def who(t_s: float) -> Body | None:
        return None if t_s < 36 else thief(t_s) if t_s < 42 else away(t_s)

    [signal] = told(TAKEN, who, things=follows, length_s=65)
    assert (signal.stage, signal.label) == (Stage.CONFIRMED, "backpack")
    assert 43 + TAKEN.hold - 1 <= signal.t_s <= 43 + TAKEN.hold + 2


def test_it_is_over_when_it_is_back_at_its_place() -> None:
    things = together(there(BAG, to_s=GONE_S), there(replace(BAG, x=0.52), from_s=70.0))
    signals = told(TAKEN, things=things, length_s=90)
    assert stages(signals) == TOLD_AND_OVER
    assert signals[1].t_s == pytest.approx(70 + TAKEN.clear_after, abs=1)
    assert signals[0].track == signals[1].track


def test_something_else_at_another_place_does_not_bring_it_back() -> None:
    things = together(there(BAG, to_s=GONE_S), there(OTHER_BAG, from_s=45.0))
    assert stages(told(TAKEN, things=things, length_s=90)) == TOLD


@pytest.mark.parametrize("seed", range(6))
def test_a_thing_that_the_detector_sees_every_other_time_is_not_taken(seed: int) -> None:
    assert told(TAKEN, things=flickering(there(BAG), 0.5, seed), fps=2, length_s=400) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_thing_that_is_hardly_ever_seen_is_not_taken(seed: int) -> None:
    assert told(TAKEN, things=flickering(there(BAG), 0.15, seed), fps=2, length_s=400) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_flickering_thing_that_is_taken_is_told_all_the_same(seed: int) -> None:
    signals = told(TAKEN, things=flickering(there(BAG, to_s=100.0), 0.5, seed), fps=2, length_s=150)
    assert stages(signals) == TOLD
    assert 100 + TAKEN.hold - 3 <= signals[0].t_s <= 100 + 3 * TAKEN.hold


def test_whoever_stands_before_it_for_a_minute_takes_nothing() -> None:
    hides = stays(Body(x=0.5), 30.0, 90.0)
    things = together(there(BAG, to_s=30.0), there(BAG, from_s=90.5))
    assert told(TAKEN, hides, things=things, length_s=120) == []


def test_the_clock_stands_still_while_somebody_is_before_it_and_goes_on_after() -> None:
    """Six seconds without it, ten seconds hidden, and six without it again: no clock begins anew."""
    hides = stays(Body(x=0.5), GONE_S + 6, GONE_S + 16)
    [signal] = told(TAKEN, hides, things=there(BAG, to_s=GONE_S), length_s=80)
    lost_from_view_s = 3  # for so long a track is still there
    assert signal.t_s == pytest.approx(GONE_S + TAKEN.hold + 10 + lost_from_view_s, abs=2)


def test_what_stood_there_only_for_a_moment_was_not_taken() -> None:
    assert told(TAKEN, things=there(BAG, from_s=5, to_s=20), length_s=60) == []


def test_what_is_pushed_a_little_was_not_taken() -> None:
    things = together(there(BAG, to_s=GONE_S), there(replace(BAG, x=0.54, floor=0.87), from_s=GONE_S))
    assert told(TAKEN, things=things, length_s=80) == []


def test_a_bag_that_somebody_wears_does_not_stand_there() -> None:
    """Somebody waits for half a minute and goes on."""
    waits = goes(0.5, 1.7, 45.0, until_s=48.0)

    def worn(t_s: float) -> list[Seen]:
        body = waits(t_s)
        return [replace(BAG, x=body.x, floor=0.65)] if body else []

    assert told(TAKEN, waits, things=worn, length_s=80) == []


def test_of_two_things_side_by_side_the_one_that_is_taken_is_told() -> None:
    beside = replace(BAG, x=0.6)
    for seed in range(3):
        things = flickering(together(there(BAG), there(beside, to_s=GONE_S)), 0.7, seed)
        signals = told(TAKEN, things=things, fps=2, length_s=90)
        assert stages(signals) == TOLD


def test_two_things_that_are_taken_are_told_each() -> None:
    things = together(there(BAG, to_s=GONE_S), there(OTHER_BAG, to_s=GONE_S + 5))
    signals = told(TAKEN, things=things, length_s=80)
    assert [(signal.label, signal.stage) for signal in signals] == [
        ("backpack", Stage.CONFIRMED),
        ("suitcase", Stage.CONFIRMED),
    ]


def test_what_is_called_by_another_name_is_still_there() -> None:
    """The detector thinks it a chair from now on."""
    for label in ("suitcase", "chair"):
        things = together(there(BAG, to_s=GONE_S), there(replace(BAG, label=label), from_s=GONE_S + 5))
        assert told(TAKEN, things=things, length_s=90) == []


def test_lost_and_found_again_under_a_new_number_it_is_the_same_thing() -> None:
    things = together(there(BAG, to_s=GONE_S), there(BAG, from_s=GONE_S + 6, to_s=80))
    signals = told(TAKEN, things=things, length_s=120)
    assert [signal.track for signal in signals] == [1]
    assert signals[0].t_s > 80 + TAKEN.hold


def test_only_what_stood_in_the_zones() -> None:
    rule = TakenRule(id="taken", settled=20.0, zones=("aisle",))
    [signal] = told(rule, things=there(BAG, OTHER_BAG, to_s=GONE_S), zones=SEATS, length_s=70)
    assert (signal.label, signal.zone, signal.home) == ("suitcase", "aisle", 1)


def test_a_camera_that_stood_still_for_a_minute_has_missed_nothing() -> None:
    things = together(there(BAG, to_s=GONE_S), there(BAG, from_s=104.0))
    assert told(TAKEN, things=things, delivered=lambda index: not 160 <= index < 400, length_s=130) == []


@pytest.mark.parametrize("seed", range(2))
def test_taken_with_missing_frames(seed: int) -> None:
    kept = np.random.default_rng(seed).random(2000) < 0.5
    delivered = lambda index: bool(kept[index])  # noqa: E731
    signals = told(TAKEN, things=there(BAG, to_s=GONE_S), delivered=delivered, fps=10, length_s=70)
    assert stages(signals) == TOLD


@pytest.mark.parametrize(
    ("hours_later", "expected"), [(-2.1, []), (-0.01, TOLD), (1.99, TOLD), (4.9, TOLD), (4.999, []), (5.1, [])]
)
def test_taken_only_in_its_hours(hours_later: float, expected: list[Stage]) -> None:
    """The clocks show 6:00 five hours after that midnight."""
    rule = TakenRule(id="taken", settled=20.0, between=("22:00", "06:00"))
    start_s = MIDNIGHT_BERLIN_S + hours_later * 3600
    things = there(BAG, to_s=GONE_S)
    signals = told(rule, things=things, start_unix_s=start_s, timezone="Europe/Berlin", length_s=60)
    assert stages(signals) == expected


def test_what_was_put_away_before_the_hours_begin_was_not_taken_in_them() -> None:
    rule = TakenRule(id="taken", settled=20.0, between=("22:00", "06:00"))
    assert told(rule, things=there(BAG, to_s=GONE_S), start_unix_s=22 * 3600 - 60, length_s=120) == []


def test_people_are_not_taken() -> None:
    with pytest.raises(ValidationError, match="use a rule of kind left"):
        TakenRule(id="taken", labels=("person",))


def test_taken_says_what_was_lacking() -> None:
    rule = Taken(TAKEN, room())
    for t_s, tracks in tracks_of(Scene([], there(BAG, to_s=30.0), length_s=36, fps=4)):
        rule.step(t_s, tracks)
    [asked] = rule.asked
    assert "not seen there for 6." in str(asked.conditions[-1])
    assert not asked.met


def test_a_street_full_of_passing_things_fills_no_memory() -> None:
    rule = Taken(TakenRule(id="taken", labels=("car",), settled=2.0), room())
    most = 0
    for step in range(4000):
        t_s = step / 2
        box = np.array([step % 40 / 20, 0.5, step % 40 / 20 + 0.03, 0.52], np.float32)
        car = Track(step // 10 + 1, "car", t_s, t_s, t_s, box, 0.5)
        rule.step(t_s, (car,))
        most = max(most, len(rule.asked))
    assert most <= MOST_PLACES


# whatever is seen


Phases = st.lists(
    st.tuples(
        st.sampled_from([1, 3, 12]),
        st.sampled_from([0.03, 0.2, 0.5, 1.0, 70.0]),
        st.lists(
            st.tuples(
                st.integers(1, 2),
                st.sampled_from(["person", "backpack", "chair"]),
                st.tuples(*[st.sampled_from([0.0, 0.1, 0.4, 0.7, 1.2])] * 4),
                st.booleans(),
                st.sampled_from([(), ("seats",), ("aisle",), ("seats", "aisle")]),
                st.sampled_from(list(PostureKind)),
                st.sampled_from([float("nan"), 0.3]),
                st.sampled_from([Body(), Body(Pose(upper_arm=175, forearm=178)), Body(LYING)]),
            ),
            max_size=2,
            unique_by=lambda seen: seen[0],
        ),
    ),
    min_size=2,
    max_size=12,
)
EVERY_RULE = (
    LeftBedRule(id="left-bed", zones=("seats",), hold=0.5, clear_after=0.5),
    NotBackRule(id="not-back", zones=("seats", "aisle"), hold=0.5, clear_after=0.5),
    GestureRule(id="help", hold=0.1, clear_after=0.1),
    LeftBehindRule(id="bag", hold=0.5, clear_after=0.5),
    LeftBehindRule(id="child", labels=("person",), zones=("seats",), hold=0.5),
    TakenRule(id="taken", settled=0.5, hold=0.5, clear_after=0.5),
)


@given(Phases)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_whatever_is_seen_alarms_begin_before_they_end_and_can_be_told(phases: Any) -> None:
    job = Job(source="a scene", rules={rule.id: rule for rule in EVERY_RULE}, zones=SEATS)
    rules = build_rules(job, ASPECT, source_times(0.0, UTC))
    burning: set[tuple[str, int, str | None]] = set()
    t_s = 0.0
    for steps, over_s, seen in phases:
        for _ in range(steps):
            t_s += over_s
            tracks = tuple(
                Track(
                    id,
                    label,
                    t_s,
                    0.0,
                    t_s if visible else t_s - 0.01,
                    np.array([x, y, x + w, y + h], np.float32),
                    0.5,
                    body.keypoints if label == "person" else None,
                    Posture(kind=posture),
                    height,
                    zones=zones,
                )
                for id, label, (x, y, w, h), visible, zones, posture, height, body in seen
            )
            for signal in (signal for rule in rules.values() for signal in rule.step(t_s, tracks)):
                assert from_line(to_line(signal)) == signal
                assert (signal.about in burning) == (signal.stage is Stage.CLEARED)
                burning ^= {signal.about}


# how far apart


Coordinate = st.floats(-1, 3, width=32)
Boxes = st.tuples(Coordinate, Coordinate, st.floats(0, 1, width=32), st.floats(0, 1, width=32)).map(
    lambda b: np.array([b[0], b[1], b[0] + b[2], b[1] + b[3]], np.float32)
)


@given(Boxes, Boxes)
@settings(derandomize=True, deadline=None)
def test_the_gap_is_the_same_from_both_sides_and_never_negative(a: Any, b: Any) -> None:
    assert gap(a, b) == gap(b, a) >= 0
    assert gap(a, a) == 0


def test_the_gap_is_measured_between_the_nearest_points() -> None:
    box = np.array([0, 0, 1, 1], np.float32)
    assert gap(box, np.array([1.5, 0.2, 2, 0.4], np.float32)) == pytest.approx(0.5)
    assert gap(box, np.array([1.3, 1.4, 2, 2], np.float32)) == pytest.approx(0.5)
    assert gap(box, np.array([0.5, 0.5, 3, 3], np.float32)) == 0


@given(Boxes, Boxes)
@settings(derandomize=True, deadline=None)
def test_nothing_is_more_the_same_than_itself(a: Any, b: Any) -> None:
    assert sameness(a, b) <= 1
    if a[2] - a[0] > 0.01:
        assert sameness(a, a) == pytest.approx(1, abs=1e-4)


def test_something_much_larger_is_something_else() -> None:
    small, large = np.array([0.4, 0.4, 0.5, 0.5], np.float32), np.array([0.2, 0.2, 0.7, 0.7], np.float32)
    assert sameness(small, large) == 0
