"""Who comes, goes, stays, queues or should not be there: stick figures through the real tracker and the real rules."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.config import Job, Zone
from semcam.contract.local_time import read_zone, source_times
from semcam.contract.rules import (
    ClosedHoursRule,
    DwellRule,
    EnteredRule,
    FallRule,
    LeftRule,
    LineCrossedRule,
    OccupancyRule,
    QueueRule,
    Rule,
)
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.build import build_rules
from semcam.rules.dwell import Dwell
from semcam.rules.entered import Entered
from semcam.rules.left import Left
from semcam.rules.occupancy import Occupancy
from semcam.rules.pace import AT_ONCE, EVERY_S
from semcam.rules.queue import Queue
from semcam.rules.room import Room
from semcam.tracking.observation import Track
from semcam.tracking.reunion import LOST_FOR_S
from tests.figures import ASPECT, Body, Movement, Scene, Seen, signals_of, stages, times, walk

ZONES = {
    "till": Zone(shape=((0.5, 0.0), (0.9, 0.0), (0.9, 1.0), (0.5, 1.0))),
    "door": Zone(shape=((0.0, 0.0), (0.2, 0.0), (0.2, 1.0), (0.0, 1.0))),
}
EDGE_X = 0.5 * ASPECT
"""Where the zone `till` begins, in frame heights; it ends at 1.6."""
OUTSIDE, INSIDE = 0.55, 1.25
TOLD, CLEARED = [Stage.CONFIRMED], [Stage.CONFIRMED, Stage.CLEARED]

ENTERED = EnteredRule(id="entered", zones=("till",))
LEFT = LeftRule(id="left", zones=("till",))
DWELL = DwellRule(id="dwell", zones=("till",), hold=10.0)


def told(*movements: Movement, rule: Rule, length_s: float = 20.0, fps: float = 4.0, **scene: Any) -> list[RuleSignal]:
    return signals_of(Scene(movements, zones=ZONES, length_s=length_s, fps=fps, **scene), rule)


def goes(*stops: tuple[float, float], body: Body | None = None) -> Movement:
    """From stop to stop, each (t_s, x), at an even pace; stands before the first and after the last."""
    ways = [t_s for t_s, _ in stops], [x for _, x in stops]
    return lambda t_s: replace(body or Body(), x=float(np.interp(t_s, *ways)))


def seen(move: Movement, *spans: tuple[float, float]) -> Movement:
    """The same, in sight only then."""
    return lambda t_s: move(t_s) if any(a <= t_s < b for a, b in spans) else None


def stands(x: float = INSIDE, body: Body | None = None) -> Movement:
    return goes((0, x), body=body)


def dog(*stops: tuple[float, float]) -> Any:
    """What the detector says of a dog that goes from stop to stop."""
    return lambda t_s: [Seen("dog", x=float(np.interp(t_s, [t for t, _ in stops], [x for _, x in stops])))]


# entered


@pytest.mark.parametrize("fps", [2, 10, 30])
def test_who_comes_into_the_zone_has_entered_it(fps: float) -> None:
    (signal,) = told(goes((2, OUTSIDE), (5, INSIDE)), rule=ENTERED, fps=fps, length_s=8)
    at_the_edge_s = 2 + 3 * (EDGE_X - OUTSIDE) / (INSIDE - OUTSIDE)
    assert at_the_edge_s + 0.5 - 0.01 <= signal.t_s <= at_the_edge_s + 0.5 + 2 / fps
    assert (signal.stage, signal.zone, signal.label) == (Stage.CONFIRMED, "till", "person")
    assert signal.why[Reason.HELD_S] >= 0.5


def test_who_appears_in_the_zone_has_entered_it() -> None:
    """Through a door that stands in it."""
    (signal,) = told(seen(stands(), (5, 99)), rule=ENTERED)
    assert 5.5 <= signal.t_s <= 5.8


def test_who_was_there_when_the_camera_started_has_not_entered() -> None:
    assert told(stands(), rule=ENTERED) == []
    assert told(seen(stands(), (1.0, 99)), rule=ENTERED) == []  # the model did not see them at once
    assert told(stands(), rule=EnteredRule(id="entered")) == []


def test_who_was_there_when_the_camera_started_enters_when_they_come_back() -> None:
    out_and_in = goes((3, INSIDE), (5, OUTSIDE), (12, OUTSIDE), (14, INSIDE))
    assert stages(told(out_and_in, rule=ENTERED)) == TOLD


def test_who_passes_by_outside_or_stays_inside_for_a_moment_only_has_not_entered() -> None:
    assert told(goes((2, 0.4), (6, 0.8)), rule=ENTERED) == []
    puts_a_foot_in = goes((2, OUTSIDE), (4, EDGE_X + 0.04), (4.2, EDGE_X + 0.04), (6, OUTSIDE))
    assert told(puts_a_foot_in, rule=replaced(ENTERED, hold=2.0)) == []


TREMBLING = 0.006
"""Joints of people who stand still were measured to tremble by half of that."""


@pytest.mark.parametrize("aside", [-0.02, 0.0])
def test_who_trembles_at_the_edge_enters_once(aside: float) -> None:
    at_the_edge = goes((2, OUTSIDE), (5, EDGE_X + aside))
    assert len(told(at_the_edge, rule=ENTERED, jitter=TREMBLING, length_s=40)) <= 1
    comes_in_then = goes((2, OUTSIDE), (5, EDGE_X + aside), (25, EDGE_X + aside), (28, INSIDE))
    assert len(told(comes_in_then, rule=ENTERED, jitter=TREMBLING, length_s=32)) == 1


def test_who_stood_at_the_edge_when_the_camera_started_and_trembles_has_not_entered() -> None:
    assert told(stands(EDGE_X + 0.01), rule=ENTERED, jitter=TREMBLING, length_s=40, seed=3) == []


def test_who_was_there_and_is_outside_for_a_moment_only_has_not_entered() -> None:
    def at(t_s: float) -> list[Track]:
        return [still(1, t_s, OUTSIDE if 5 <= t_s < 5.8 else INSIDE)]

    assert over_time(Entered(ENTERED, where()), 20, at, every_s=0.1) == []


def test_who_puts_a_foot_in_now_and_then_after_entering_has_not_entered_anew() -> None:
    def at(t_s: float) -> list[Track]:
        is_in = 5 <= t_s < 8 or (8 <= t_s < 30 and t_s % 2 < 0.3) or t_s >= 30
        return [still(1, t_s, INSIDE if is_in else OUTSIDE)]

    assert len(over_time(Entered(ENTERED, where()), 40, at, every_s=0.1)) == 1


def test_who_leaves_and_comes_again_has_entered_twice() -> None:
    twice = goes((2, OUTSIDE), (4, INSIDE), (6, INSIDE), (8, OUTSIDE), (15, OUTSIDE), (17, INSIDE))
    assert stages(told(twice, rule=ENTERED)) == [Stage.CONFIRMED] * 2


def test_without_zones_coming_into_view_is_entering() -> None:
    (signal,) = told(seen(goes((4, 0.1), (8, 1.0)), (4, 99)), rule=EnteredRule(id="entered"))
    assert 4.5 <= signal.t_s <= 4.9
    assert signal.zone == "door"  # where they are is said all the same


@pytest.mark.parametrize("away_s", [0.5, 2.0, 4.0, 5.5])
def test_who_is_lost_inside_and_found_there_has_neither_left_nor_come_again(away_s: float) -> None:
    blinks = seen(goes((2, OUTSIDE), (5, INSIDE)), (0, 8), (8 + away_s, 99))
    assert len(told(blinks, rule=ENTERED)) == 1
    assert told(blinks, rule=LEFT, length_s=25) == []


def test_who_is_lost_on_the_way_in_and_found_inside_has_entered() -> None:
    walks = goes((2, OUTSIDE), (8, INSIDE))
    assert len(told(seen(walks, (0, 4), (6.5, 99)), rule=ENTERED)) == 1
    assert len(told(seen(walks, (0, 3.5), (7.5, 99)), rule=ENTERED)) == 1


def test_two_who_come_are_told_each_alone() -> None:
    one, other = goes((2, OUTSIDE), (4, INSIDE)), goes((5, 1.7), (8, 1.45))
    signals = told(one, other, rule=ENTERED)
    assert len({signal.track for signal in signals}) == len(signals) == 2


def test_something_else_than_people_can_enter() -> None:
    signals = told(things=dog((2, OUTSIDE), (5, INSIDE)), rule=EnteredRule(id="pet", zones=("till",), labels=("dog",)))
    assert [signal.label for signal in signals] == ["dog"]
    assert told(things=dog((2, OUTSIDE), (5, INSIDE)), rule=ENTERED) == []


@pytest.mark.parametrize("seed", range(3))
def test_half_of_the_frames_are_enough(seed: int) -> None:
    kept = np.random.default_rng(seed).random(1000) < 0.5
    comes_and_goes = goes((2, OUTSIDE), (5, INSIDE), (10, INSIDE), (13, OUTSIDE))
    for rule in (ENTERED, LEFT):
        assert len(told(comes_and_goes, rule=rule, fps=10, delivered=lambda index: bool(kept[index]))) == 1


def test_ghosts_that_flash_up_do_not_enter() -> None:
    """Three looks make a track; it is remembered for seconds, but was seen for less than half of one."""
    assert told(seen(stands(), (5, 5.35)), rule=ENTERED, fps=10) == []


# left


@pytest.mark.parametrize("fps", [2, 10, 30])
def test_who_walks_out_of_the_zone_has_left_it(fps: float) -> None:
    (signal,) = told(goes((3, INSIDE), (6, OUTSIDE)), rule=LEFT, fps=fps, length_s=9)
    at_the_edge_s = 3 + 3 * (INSIDE - EDGE_X) / (INSIDE - OUTSIDE)
    assert at_the_edge_s + 2 - 1 / fps <= signal.t_s <= at_the_edge_s + 2.4 + 1 / fps
    assert (signal.stage, signal.zone) == (Stage.CONFIRMED, "till")
    assert at_the_edge_s - 0.1 - 3 / fps <= signal.why[Reason.SEEN_S] <= at_the_edge_s + 0.5


def test_who_walks_out_of_the_picture_has_left_soon() -> None:
    gone_s = 6.0
    walks_out = seen(goes((3, 0.9), (gone_s, 1.75)), (0, gone_s))
    (signal,) = told(walks_out, rule=LeftRule(id="left"))
    assert gone_s + 1.7 <= signal.t_s <= gone_s + 2.3


def test_who_is_lost_in_the_middle_and_not_found_has_left_after_a_while() -> None:
    (signal,) = told(seen(stands(), (0, 6)), rule=LEFT, length_s=30)
    assert 6 + LOST_FOR_S - 0.2 <= signal.t_s <= 6 + LOST_FOR_S + 0.2


def test_who_is_lost_inside_and_found_outside_has_left() -> None:
    walks = goes((3, INSIDE), (7, OUTSIDE))
    (signal,) = told(seen(walks, (0, 4.0), (6.0, 99)), rule=LEFT)
    assert 6.0 <= signal.t_s <= 7.0


def test_who_was_never_inside_has_not_left() -> None:
    assert told(seen(goes((2, OUTSIDE), (6, 0.2)), (0, 8)), rule=LEFT, length_s=25) == []


def test_who_steps_out_for_less_than_it_takes_has_not_left() -> None:
    assert told(goes((4, INSIDE), (5, OUTSIDE), (5.5, OUTSIDE), (6.5, INSIDE)), rule=LEFT) == []


@pytest.mark.parametrize("aside", [-0.02, 0.0])
def test_who_trembles_at_the_edge_leaves_once(aside: float) -> None:
    at_the_edge = goes((2, INSIDE), (5, EDGE_X + aside), (40, EDGE_X + aside), (42, OUTSIDE))
    assert len(told(at_the_edge, rule=LEFT, jitter=TREMBLING, length_s=50)) == 1


def test_being_seen_for_a_moment_at_the_edge_of_the_picture_counts_for_more_than_not_being_seen() -> None:
    """A body half out of the picture is seen now and then."""
    half_out = stands(1.74)
    flickers = seen(half_out, *((t, t + 0.3) for t in np.arange(0.0, 15.0, 1.5)))
    signals = told(flickers, rule=LeftRule(id="left"), length_s=25)
    assert all(signal.t_s > 15 for signal in signals)


def test_who_leaves_twice_is_told_twice() -> None:
    twice = goes((2, INSIDE), (4, OUTSIDE), (8, OUTSIDE), (10, INSIDE), (17, INSIDE), (19, OUTSIDE))
    assert stages(told(twice, rule=LEFT, length_s=25)) == [Stage.CONFIRMED] * 2


@pytest.mark.parametrize(("back_s", "times_told"), [(2, 1), (7, 2)])
def test_who_comes_back_for_a_moment_leaves_once_and_who_comes_back_to_stay_leaves_twice(
    back_s: float, times_told: int
) -> None:
    def at(t_s: float) -> list[Track]:
        return [still(1, t_s, INSIDE if t_s < 5 or 8 <= t_s < 8 + back_s else OUTSIDE)]

    assert len(over_time(Left(LEFT, where()), 25, at)) == times_told


def test_of_two_only_the_one_who_goes_has_left() -> None:
    goes_out, stays = goes((4, 1.0), (7, 0.3)), stands(1.4)
    assert len(told(goes_out, stays, rule=LEFT)) == 1


# dwell


@pytest.mark.parametrize("fps", [2, 10])
def test_who_stays_for_long_is_told_once_and_cleared_when_gone(fps: float) -> None:
    signals = told(goes((2, OUTSIDE), (4, INSIDE), (30, INSIDE), (32, OUTSIDE)), rule=DWELL, fps=fps, length_s=45)
    assert stages(signals) == CLEARED
    inside_s = 2 + 2 * (EDGE_X - OUTSIDE) / (INSIDE - OUTSIDE)
    assert times(signals, Stage.CONFIRMED)[0] == pytest.approx(inside_s + 10, abs=0.7)
    assert 36 <= times(signals, Stage.CLEARED)[0] <= 38
    assert signals[0].zone == "till"


def test_who_was_there_from_the_start_dwells_too() -> None:
    assert stages(told(stands(), rule=DWELL)) == TOLD


def test_who_only_walks_through_does_not_dwell() -> None:
    assert told(goes((1, 0.3), (9, 1.7)), rule=DWELL) == []


def test_time_in_and_out_is_not_added_up() -> None:
    to_and_fro = goes((1, 1.0), (6, 1.0), (7, 0.6), (9, 0.6), (10, 1.0), (15, 1.0), (16, 0.6))
    assert told(to_and_fro, rule=DWELL) == []


@pytest.mark.parametrize("away_s", [0.8, 3.5, 5.0])
def test_who_is_lost_and_found_again_near_by_counts_on(away_s: float) -> None:
    signals = told(seen(stands(), (0, 6), (6 + away_s, 99)), rule=DWELL)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(max(10.2, 6 + away_s + 0.3), abs=0.4)


def test_who_is_lost_after_it_was_told_and_found_again_is_there_still() -> None:
    def at(t_s: float) -> list[Track]:
        return [] if 15 <= t_s < 20.5 else [replace(still(1 if t_s < 15 else 9, t_s, INSIDE), first_seen_s=t_s)]

    assert stages(over_time(Dwell(DWELL, where()), 40, at)) == TOLD


def test_when_somebody_else_takes_over_the_place_much_later_the_time_begins_anew() -> None:
    assert told(seen(stands(), (0, 6), (15, 99)), rule=DWELL) == []


def test_of_two_each_has_their_own_time() -> None:
    early, late = stands(1.0), seen(stands(1.45), (8, 99))
    signals = told(early, late, rule=DWELL, length_s=25)
    assert times(signals, Stage.CONFIRMED) == pytest.approx([10, 18], abs=0.5)


def test_without_zones_staying_in_view_is_dwelling() -> None:
    assert stages(told(stands(0.3), rule=DwellRule(id="dwell", hold=10.0))) == TOLD


@pytest.mark.parametrize("seed", range(3))
def test_half_of_the_frames_are_enough_to_dwell(seed: int) -> None:
    kept = np.random.default_rng(seed).random(1000) < 0.5
    assert stages(told(stands(), rule=DWELL, fps=10, delivered=lambda index: bool(kept[index]))) == TOLD


# occupancy

CROWD = OccupancyRule(id="crowd", zones=("till",), more_than=2, hold=5.0, clear_after=5.0)
XS = (0.95, 1.15, 1.35, 1.55)


def people(count: int, from_s: float = 0.0, to_s: float = 999.0) -> list[Movement]:
    return [seen(stands(x, Body(height=0.5)), (from_s, to_s)) for x in XS[:count]]


def test_more_than_the_limit_is_told_with_how_many() -> None:
    signals = told(*people(3, 3), rule=CROWD)
    assert stages(signals) == TOLD
    assert (signals[0].zone, signals[0].track, signals[0].count, signals[0].label) == ("till", 0, 3, "person")
    assert 8.0 <= signals[0].t_s <= 11.5


def test_exactly_the_limit_is_not_more_than_the_limit() -> None:
    assert told(*people(2), rule=CROWD) == []


def test_it_is_over_when_one_goes() -> None:
    leaves = goes((14, 1.55), (17, 0.3), body=Body(height=0.5))
    signals = told(*people(2), leaves, rule=CROWD, length_s=30)
    assert stages(signals) == CLEARED
    assert signals[1].count == 2


def test_one_who_blinks_changes_nothing() -> None:
    random = np.random.default_rng(0)
    blink = [(float(t), float(t) + 0.9) for t in np.cumsum(random.uniform(1, 3, 30))]
    *rest, third = people(3)
    blinking = seen(third, *((a, b) for (_, a), (b, _) in pairwise(blink)))
    assert stages(told(*rest, blinking, rule=CROWD, length_s=30)) == TOLD


def test_somebody_too_many_for_a_moment_changes_nothing() -> None:
    assert told(*people(2), seen(stands(1.5), (8, 8.8)), rule=replaced(CROWD, hold=0.0)) == []


def test_only_those_in_the_zone_count_and_each_zone_counts_alone() -> None:
    both = replaced(CROWD, zones=("till", "door"), more_than=1)
    spread = [stands(0.2, Body(height=0.5)), *people(1)]
    assert told(*spread, rule=both) == []
    signals = told(stands(0.15, Body(height=0.5)), *people(2), rule=both)
    assert [signal.zone for signal in signals] == ["till"]


def test_without_zones_all_in_view_count() -> None:
    anywhere = replaced(CROWD, zones=(), more_than=1)
    (signal,) = told(stands(0.15), *people(1), rule=anywhere)
    assert (signal.zone, signal.count) == (None, 2)


def test_fewer_than_the_limit_is_told_too() -> None:
    till = OccupancyRule(id="till", zones=("till",), fewer_than=1, hold=5.0, clear_after=2.0)
    signals = told(goes((3, INSIDE), (5, OUTSIDE), (20, OUTSIDE), (22, INSIDE)), rule=till, length_s=35)
    assert stages(signals) == CLEARED
    assert 9 <= signals[0].t_s <= 12.5
    assert (signals[0].count, signals[1].count) == (0, 1)


def test_an_empty_place_holds_fewer_than_one_from_the_start() -> None:
    till = OccupancyRule(id="till", fewer_than=1, hold=5.0)
    assert stages(told(rule=till)) == TOLD


@given(st.lists(st.integers(0, 1), min_size=40, max_size=200))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_while_most_looks_show_enough_people_it_stays_told(looks: list[int]) -> None:
    """One of three is seen only now and then, but never lost for longer than seconds: two looks a second."""
    if any(not any(looks[i : i + 4]) for i in range(len(looks) - 3)):
        return
    running = Occupancy(replaced(CROWD, hold=1.0), where())
    signals: list[RuleSignal] = []
    for look, is_seen in enumerate([1] * 10 + looks):
        t_s = look / 2
        there = [still(id, t_s, x) for id, x in enumerate(XS[:3], 1) if id < 3 or is_seen]
        signals += running.step(t_s, tuple(there))
    assert stages(signals) == TOLD


# queue

QUEUE = QueueRule(id="queue", zones=("till",), hold=30.0, more_than=2, clear_after=5.0)


def where(start: datetime | None = None, timezone: str = "+00:00", *rules: Rule) -> Room:
    times = source_times(start.timestamp() if start else 0.0, read_zone(timezone))
    return Room.of(Job(source="a scene", rules={rule.id: rule for rule in rules}, zones=ZONES), ASPECT, times)


def still(id: int, t_s: float, x: float, y: float = 0.9, height: float = 0.5, label: str = "person") -> Track:
    """Somebody at a place, in the zones that hold it."""
    box = np.array([x - height / 6, y - height, x + height / 6, y], np.float32)
    zones = tuple(name for name, zone in ZONES.items() if zone.shape[0][0] <= x / ASPECT < zone.shape[1][0])
    return Track(id, label, t_s, t_s, t_s, box, 0.8, zones=zones)


def over_time(rule: Any, seconds: float, at: Any, every_s: float = 0.5) -> list[RuleSignal]:
    """What a rule says of tracks that `at` gives for each look."""
    return [s for n in range(int(seconds / every_s)) for s in rule.step(n * every_s, tuple(at(n * every_s)))]


def test_three_who_stand_and_wait_are_a_queue_once_the_last_has_waited_long_enough() -> None:
    def at(t_s: float) -> Iterable[Track]:
        return [still(id, t_s, x) for id, x in enumerate(XS[:3], 1) if t_s >= 10 * id]

    signals = over_time(Queue(QUEUE, where()), 90, at)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(60, abs=0.6)
    assert (signals[0].count, signals[0].zone, signals[0].track) == (3, "till", 0)


def test_the_queue_is_over_when_one_is_served() -> None:
    def at(t_s: float) -> Iterable[Track]:
        served = 1.35 + (max(0.0, t_s - 50) * 0.2)
        return [still(1, t_s, 0.95), still(2, t_s, 1.15), still(3, t_s, min(served, 1.75))]

    signals = over_time(Queue(QUEUE, where()), 90, at)
    assert stages(signals) == CLEARED
    assert signals[1].count == 2
    assert 50 < signals[1].t_s < 65


def test_two_are_no_queue_of_more_than_two() -> None:
    assert over_time(Queue(QUEUE, where()), 90, lambda t_s: [still(n, t_s, XS[n]) for n in (1, 2)]) == []


def test_a_stream_of_people_who_walk_through_is_no_queue() -> None:
    def at(t_s: float) -> Iterable[Track]:
        return [still(n + 1, t_s, 0.3 + 0.25 * (t_s - 2 * n)) for n in range(60) if 0 <= t_s - 2 * n <= 5.6]

    assert over_time(Queue(QUEUE, where()), 120, at) == []


def test_who_paces_up_and_down_in_the_zone_does_not_queue() -> None:
    def at(t_s: float) -> Iterable[Track]:
        paces = 1.25 + 0.33 * np.sin(t_s * 0.9)
        return [still(1, t_s, 0.95), still(2, t_s, 1.1, y=0.8), still(3, t_s, float(paces), height=0.3)]

    assert over_time(Queue(QUEUE, where()), 120, at) == []


def test_a_queue_that_moves_up_by_steps_is_a_queue_all_the_same() -> None:
    def at(t_s: float) -> Iterable[Track]:
        steps = 0.15 * (t_s // 15)
        return [still(id, t_s, x + steps) for id, x in enumerate((0.9, 1.0, 1.1), 1)]

    assert Stage.CONFIRMED in stages(over_time(Queue(QUEUE, where()), 45, at))


def test_who_is_hidden_in_the_queue_for_seconds_keeps_the_place() -> None:
    def at(t_s: float) -> Iterable[Track]:
        third = [] if 12 <= t_s < 17 else [replace(still(3 if t_s < 12 else 9, t_s, 1.35), first_seen_s=17.0)]
        return [still(1, t_s, 0.95), still(2, t_s, 1.15), *third]

    signals = over_time(Queue(QUEUE, where()), 60, at)
    assert times(signals, Stage.CONFIRMED) == pytest.approx([30], abs=0.6)


def test_things_do_not_queue() -> None:
    assert over_time(Queue(QUEUE, where()), 90, lambda t_s: [still(n, t_s, XS[n], label="dog") for n in range(4)]) == []


def test_a_queue_through_the_real_tracker() -> None:
    signals = told(*people(4, 2), rule=replaced(QUEUE, hold=10.0), length_s=25)
    assert stages(signals) == TOLD
    assert signals[0].t_s == pytest.approx(12.2, abs=0.5)


# crossed_closed_hours

CLOSED = ClosedHoursRule(id="closed", between=("20:00", "07:00"))
BERLIN = "Europe/Berlin"


def at_night(hour: int, minute: int = 0, day: int = 4, month: int = 5, **scene: Any) -> list[RuleSignal]:
    """Somebody is in view from the 5th to the 15th second."""
    start = datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp()
    body = seen(stands(), (5, 15))
    how: dict[str, Any] = {"rule": CLOSED, "length_s": 27, "start_unix_s": start, "timezone": BERLIN}
    return told(body, **(how | scene))


def test_who_is_there_at_night_is_told_and_cleared_when_gone() -> None:
    signals = at_night(22)
    assert stages(signals) == CLEARED
    assert 6.0 <= signals[0].t_s <= 6.5
    assert 25 <= signals[1].t_s <= 26
    assert (signals[0].track, signals[0].count, signals[0].zone) == (0, 1, None)


@pytest.mark.parametrize(
    ("month", "day", "hour", "minute", "is_told"),
    [
        (5, 4, 17, 59, False),  # 19:59 in Berlin; the half minute ends before 20:00
        (5, 4, 18, 0, True),
        (5, 4, 22, 30, True),  # half an hour past midnight
        (5, 5, 4, 59, True),  # 06:59
        (5, 5, 5, 0, False),
        (3, 29, 0, 59, True),  # a minute before the clocks go from 02:00 to 03:00
        (3, 29, 4, 59, True),  # 06:59 in summer time
        (3, 29, 5, 1, False),
        (3, 28, 5, 59, True),  # 06:59 in winter time, the day before
        (10, 25, 5, 59, True),
        (10, 25, 6, 1, False),
    ],
)
def test_the_hours_are_local_around_midnight_and_summer_time(
    month: int, day: int, hour: int, minute: int, is_told: bool
) -> None:
    assert bool(at_night(hour, minute, day, month)) is is_told


def test_on_days_that_are_not_named_it_is_open() -> None:
    weekend = replaced(CLOSED, weekdays=("sat", "sun"))
    assert at_night(22, day=4, rule=weekend) == []  # a Monday
    assert at_night(22, day=9, rule=weekend)
    assert at_night(1, day=11, rule=weekend)  # the night from Sunday to Monday


def test_who_is_still_there_at_closing_time_is_told_then() -> None:
    start = datetime(2026, 5, 4, 17, 59, 50, tzinfo=UTC).timestamp()
    signals = told(stands(), rule=CLOSED, length_s=20, start_unix_s=start, timezone=BERLIN)
    assert times(signals, Stage.CONFIRMED) == pytest.approx([11], abs=0.2)


def test_it_is_over_when_the_place_opens() -> None:
    start = datetime(2026, 5, 5, 4, 59, 50, tzinfo=UTC).timestamp()
    signals = told(stands(), rule=CLOSED, length_s=30, start_unix_s=start, timezone=BERLIN)
    assert stages(signals) == CLEARED
    assert signals[1].t_s == pytest.approx(20, abs=0.2)


def test_one_alarm_for_the_place_however_many_come_and_however_often_they_are_lost() -> None:
    one, other = seen(stands(0.4), (5, 8), (10, 14), (16, 20)), seen(stands(1.4), (7, 12), (15, 18))
    start = datetime(2026, 5, 4, 22, tzinfo=UTC).timestamp()
    assert stages(told(one, other, rule=CLOSED, length_s=40, start_unix_s=start)) == CLEARED


def test_a_ghost_of_a_moment_raises_nothing_at_night() -> None:
    start = datetime(2026, 5, 4, 22, tzinfo=UTC).timestamp()
    assert told(seen(stands(), (5, 5.4)), rule=CLOSED, fps=10, start_unix_s=start) == []


def test_each_zone_is_its_own_alarm_and_what_is_outside_is_none() -> None:
    start = datetime(2026, 5, 4, 22, tzinfo=UTC).timestamp()
    both = replaced(CLOSED, zones=("till", "door"))
    assert [s.zone for s in told(stands(), rule=both, start_unix_s=start)] == ["till"]
    assert told(stands(0.6), rule=both, start_unix_s=start) == []


def test_animals_out_of_hours_are_told_where_they_are_named() -> None:
    start = datetime(2026, 5, 4, 22, tzinfo=UTC).timestamp()
    fox: dict[str, Any] = {"things": dog((0, 1.0)), "start_unix_s": start}
    assert told(rule=CLOSED, **fox) == []
    assert [s.label for s in told(rule=replaced(CLOSED, labels=("person", "dog")), **fox)] == ["dog"]


# hours of the others


def replaced(rule: Any, **changes: Any) -> Any:
    return rule.model_copy(update=changes)


NIGHT = {"between": ("22:00", "06:00")}


@pytest.mark.parametrize("start_s", [-3600.0, 3600.0])
@pytest.mark.parametrize("rule", [ENTERED, LEFT, DWELL, CROWD, QUEUE], ids=lambda rule: rule.kind)
def test_out_of_its_hours_no_rule_speaks(rule: Any, start_s: float) -> None:
    ten_at_night = datetime(2026, 10, 24, 20, tzinfo=UTC).timestamp()  # in Berlin; the clocks go back this night
    comes_and_goes = goes((3, OUTSIDE), (5, INSIDE), (25, INSIDE), (28, OUTSIDE), body=Body(height=0.5))
    quick = {"hold": 5.0} if rule is QUEUE else {}
    signals = told(
        *people(3, 4, 24),
        comes_and_goes,
        rule=replaced(rule, **NIGHT, **quick),
        length_s=35,
        fps=2,
        start_unix_s=ten_at_night + start_s,
        timezone=BERLIN,
    )
    assert bool(signals) is (start_s > 0)


@pytest.mark.parametrize("night", ["2026-03-28", "2026-10-24", "2026-12-31"])
def test_hours_last_all_night_whatever_the_clocks_do(night: str) -> None:
    """Somebody dwells from before ten in the evening until after six; told at ten, cleared at six, local time."""
    evening = datetime.fromisoformat(f"{night}T20:00:00+01:00" if "12" in night[5:7] else f"{night}T18:00:00+00:00")
    rule = replaced(DWELL, **NIGHT, hold=600.0, clear_after=60.0)
    begun = where(evening, BERLIN)
    signals = over_time(Dwell(rule, begun), 12 * 3600, lambda t_s: [still(1, t_s, INSIDE)], every_s=30)
    assert stages(signals) == CLEARED
    told_at, over_at = (begun.local(signal.t_s).minute for signal in signals)
    assert told_at == pytest.approx(22 * 60 + 10, abs=1)
    assert over_at == pytest.approx(6 * 60 + 1, abs=1)


def test_who_came_in_before_the_hours_has_not_entered_when_they_begin() -> None:
    ten_at_night = datetime(2026, 5, 4, 22, tzinfo=UTC).timestamp()
    night = replaced(ENTERED, **NIGHT)
    comes_at_five_to = goes((3, OUTSIDE), (5, INSIDE))
    scene: dict[str, Any] = {"start_unix_s": ten_at_night - 10, "rule": night, "length_s": 40, "fps": 3}
    assert told(comes_at_five_to, **scene) == []
    goes_out_and_in = goes((3, OUTSIDE), (5, INSIDE), (20, INSIDE), (22, OUTSIDE), (30, OUTSIDE), (32, INSIDE))
    assert stages(told(goes_out_and_in, **scene)) == TOLD


def test_who_left_before_the_hours_has_not_left_when_they_begin() -> None:
    ten_at_night = datetime(2026, 5, 4, 22, tzinfo=UTC).timestamp()
    night = replaced(LEFT, **NIGHT, hold=8.0)
    signals = told(goes((2, INSIDE), (4, OUTSIDE)), rule=night, start_unix_s=ten_at_night - 8, length_s=40)
    assert signals == []


# a crowd comes and goes


@pytest.mark.parametrize("make", [Entered, Left])
def test_in_a_crowd_one_signal_tells_of_several_and_none_is_lost(make: Any) -> None:
    rule = EnteredRule(id="rule") if make is Entered else LeftRule(id="rule")
    running = make(rule, where(None, "+00:00", rule))
    heard: list[tuple[float, RuleSignal]] = []
    for look in range(600):
        t_s = look / 2
        # every two seconds somebody comes in at the left and walks out at the right
        walkers = ((n + 1, 0.1 + 0.25 * (t_s - 4 - 2 * n)) for n in range(50))
        there = [replace(still(id, t_s, x), first_seen_s=2.0 + 2 * id) for id, x in walkers if 0.1 <= x <= 1.72]
        heard += [(t_s, signal) for signal in running.step(t_s, tuple(there))]
    assert sum(signal.count or 1 for _, signal in heard) == 50
    assert len(heard) <= AT_ONCE + 1 + 120 / EVERY_S
    assert all(told_s - signal.t_s <= EVERY_S for told_s, signal in heard)


def test_rules_of_moments_share_what_may_be_said() -> None:
    moments = (EnteredRule(id="a"), LeftRule(id="b"), LineCrossedRule(id="c", line="c"))
    assert where(None, "+00:00", *moments, FallRule(id="fall"), DWELL).momentary == 3


# all of them


@given(st.data())
@settings(max_examples=30, deadline=None, derandomize=True)
def test_whatever_the_tracks_the_signals_of_each_alarm_are_in_order(data: st.DataObject) -> None:
    """Confirmed, then cleared, then confirmed: never twice the same; and none of it fails."""
    rules = [DWELL, CROWD, QUEUE, ENTERED, LEFT, replaced(CROWD, id="few", more_than=None, fewer_than=2)]
    rules = [replaced(rule, hold=data.draw(st.sampled_from([0.0, 0.5, 2.0]))) for rule in rules]
    by_id = {rule.id: rule for rule in rules}
    running = build_rules(Job(source="a scene", rules=by_id, zones=ZONES), ASPECT, source_times(0.0, UTC))
    places = st.tuples(st.integers(1, 6), st.sampled_from([0.1, 0.6, 0.95, 1.25, 1.7]), st.booleans())
    frames = data.draw(st.lists(st.lists(places, max_size=4, unique_by=lambda p: p[0]), min_size=5, max_size=60))
    said: dict[tuple[str, int, str | None], list[Stage]] = {}
    for n, frame in enumerate(frames):
        t_s = n * 0.7
        tracks = tuple(
            replace(still(id, t_s, x), first_seen_s=max(0.0, t_s - 2), last_seen_s=t_s - (0 if visible else 0.5))
            for id, x, visible in frame
        )
        for id, rule in running.items():
            for signal in rule.step(t_s, tracks):
                assert signal.rule == id
                said.setdefault(signal.about, []).append(signal.stage)
    for (id, *_), course in said.items():
        if not by_id[id].momentary:
            assert course == ([Stage.CONFIRMED, Stage.CLEARED] * len(course))[: len(course)]
        else:
            assert set(course) == {Stage.CONFIRMED}


def test_explanations_tell_how_near_somebody_came() -> None:
    def last_words(rule: Any, tracks: Sequence[Track]) -> list[str]:
        rule.step(10.0, ())
        rule.step(20.0, tuple(tracks))
        return [str(asked.conditions[-1]) for asked in rule.asked if not asked.met]

    outside = still(1, 20.0, OUTSIDE)
    assert last_words(Entered(ENTERED, where()), [outside]) == ["outside its zones"]
    assert last_words(Entered(ENTERED, where()), [still(1, 20.0, INSIDE)]) == ["seen inside for 0.00 s (needs 0.50)"]
    assert last_words(Left(LEFT, where()), [still(1, 20.0, INSIDE)]) == ["was inside for 0.00 s (needs 0.50)"]
    assert last_words(Dwell(DWELL, where()), [outside]) == ["outside its zones"]
    assert last_words(Dwell(DWELL, where()), [still(1, 20.0, INSIDE)]) == ["for 0.00 s (needs 10.00)"]
    assert last_words(Occupancy(CROWD, where()), [still(1, 20.0, INSIDE)]) == ["there are 1.00 (needs 3.00)"]
    assert last_words(Queue(QUEUE, where()), [still(1, 20.0, INSIDE)]) == ["people there 1.00 (needs 3.00)"]


def test_other_scenes_say_nothing() -> None:
    nobody = Scene([], zones=ZONES, length_s=10)
    assert signals_of(nobody, ENTERED, LEFT, DWELL, CROWD, QUEUE) == []
    assert signals_of(Scene([walk(0.3, 0.7, 5)], zones=ZONES), ENTERED, LEFT, DWELL, CROWD, QUEUE) == []
