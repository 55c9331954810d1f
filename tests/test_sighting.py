"""A bear at the gate: what is reported, when, and as what."""

from dataclasses import replace
from typing import Any

import pytest

from semcam.contract.config import Zone
from semcam.contract.rules import SightingRule
from semcam.contract.signal import Reason, RuleSignal, Stage, from_line, to_line
from semcam.rules.sighting import Sighting
from tests.figures import CRAWLING, Body, Scene, Seen, as_object, movement, room, signals_of, stages, times, tracks_of

RULE = SightingRule(id="bear")
BEAR = Seen("bear")
COW = Seen("cow")


def told(things: Any, rule: SightingRule = RULE, **scene: Any) -> list[RuleSignal]:
    return signals_of(Scene(things=things, **scene), rule)


def between(from_s: float, to_s: float, *seen: Seen) -> Any:
    return lambda t_s: seen if from_s <= t_s < to_s else ()


def said(signals: list[RuleSignal]) -> list[tuple[Stage, str]]:
    return [(signal.stage, signal.label) for signal in signals]


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_a_bear_is_suspected_at_once_and_confirmed_after_a_second(fps: float) -> None:
    signals = told(between(3, 99, BEAR), fps=fps)
    assert said(signals) == [(Stage.SUSPECTED, "bear"), (Stage.CONFIRMED, "bear")]
    assert times(signals, Stage.SUSPECTED)[0] == pytest.approx(3, abs=0.01)
    assert 4.0 - 0.01 <= times(signals, Stage.CONFIRMED)[0] <= 4.6


def test_a_bear_that_shows_for_half_a_second_is_not_confirmed() -> None:
    assert Stage.CONFIRMED not in stages(told(between(3, 3.9, BEAR), length_s=30))


def test_what_turns_out_to_be_a_dog_is_cleared_as_what_it_was_suspected_to_be() -> None:
    """Of dogs this rule never speaks: whoever was told of a bear must hear that the bear is gone."""
    signals = told(lambda t_s: [BEAR] if 3 <= t_s < 3.5 else [Seen("dog")] if 3.5 <= t_s < 12 else [], length_s=40)
    assert said(signals) == [(Stage.SUSPECTED, "bear"), (Stage.CLEARED, "bear")]


def test_a_cloud_that_looked_like_a_bear_once_is_not_confirmed() -> None:
    assert Stage.CONFIRMED not in stages(told(between(3, 3.4, BEAR), length_s=30))


def test_it_is_told_how_long_it_was_seen_and_how_surely() -> None:
    confirmed = told(lambda _: [BEAR])[-1]
    assert confirmed.why[Reason.SEEN_S] == pytest.approx(1, abs=0.01)
    assert confirmed.why[Reason.SCORE] == pytest.approx(0.7)


def test_the_time_can_be_set() -> None:
    for after in (0.0, 3.0, 6.0):
        signals = told(between(2, 99, BEAR), SightingRule(id="bear", hold=after))
        assert 2 + after - 0.01 <= times(signals, Stage.CONFIRMED)[0] <= 2 + after + 0.6


def test_a_large_animal_is_held_back_longer_because_the_next_look_may_say_what_it_is() -> None:
    signals = told(between(3, 99, COW))
    assert said(signals) == [(Stage.SUSPECTED, "large_animal"), (Stage.CONFIRMED, "large_animal")]
    assert 5.0 - 0.01 <= times(signals, Stage.CONFIRMED)[0] <= 5.6


def test_a_large_animal_that_turns_out_to_be_a_bear_is_told_again_as_one() -> None:
    def clearer(t_s: float) -> list[Seen]:
        return [Seen("cow", score=0.4)] if t_s < 3 else [Seen("bear", score=0.9)]

    signals = told(clearer, length_s=30)
    assert said(signals) == [
        (Stage.SUSPECTED, "large_animal"),
        (Stage.CONFIRMED, "large_animal"),
        (Stage.CONFIRMED, "bear"),
    ]
    assert len({signal.track for signal in signals}) == 1


def test_what_looked_like_a_cow_at_first_glance_and_is_a_bear_is_only_told_as_a_bear() -> None:
    def clearer(t_s: float) -> list[Seen]:
        return [Seen("cow", score=0.35)] if t_s < 0.4 else [Seen("bear", score=0.95)]

    assert [label for stage, label in said(told(clearer)) if stage is Stage.CONFIRMED] == ["bear"]


def test_a_bear_once_told_is_not_told_again_as_something_vaguer() -> None:
    def fading(t_s: float) -> list[Seen]:
        return [Seen("bear", score=0.9 if t_s < 3 else 0.15)]

    assert said(told(fading, length_s=40)).count((Stage.CONFIRMED, "large_animal")) == 0


def test_when_the_bear_has_gone_the_alarm_is_cleared_once() -> None:
    signals = told(between(2, 8, BEAR), length_s=40)
    assert said(signals) == [(Stage.SUSPECTED, "bear"), (Stage.CONFIRMED, "bear"), (Stage.CLEARED, "bear")]
    assert times(signals, Stage.CLEARED)[0] == pytest.approx(7.5 + RULE.clear_after, abs=0.6)


def test_a_car_that_was_parked_for_a_month_is_cleared_like_any_other() -> None:
    month_s = 30 * 24 * 3600.0
    rule = Sighting(SightingRule(id="car", labels=("car",)), room())
    signals: list[RuleSignal] = []
    for t_s, tracks in tracks_of(Scene(things=between(0, 10, Seen("car")), length_s=40)):
        later_s = 0.0 if t_s < 5 else month_s
        later = (replace(track, t_s=t_s + later_s, last_seen_s=track.last_seen_s + later_s) for track in tracks)
        signals.extend(rule.step(t_s + later_s, tuple(later)))
    assert stages(signals) == [Stage.SUSPECTED, Stage.CONFIRMED, Stage.CLEARED]
    assert all(from_line(to_line(signal)) == signal for signal in signals)


def test_a_bear_behind_a_tree_for_two_seconds_is_the_same_bear() -> None:
    def seen(t_s: float) -> list[Seen]:
        return [] if 5 <= t_s < 7 else [BEAR]

    assert said(told(seen, length_s=20)) == [(Stage.SUSPECTED, "bear"), (Stage.CONFIRMED, "bear")]


def test_a_bear_that_comes_back_in_the_evening_is_a_new_alarm() -> None:
    def seen(t_s: float) -> list[Seen]:
        return [BEAR] if t_s < 5 or t_s > 60 else []

    signals = told(seen, length_s=70, fps=5)
    assert stages(signals) == [Stage.SUSPECTED, Stage.CONFIRMED, Stage.CLEARED, Stage.SUSPECTED, Stage.CONFIRMED]
    assert len({signal.track for signal in signals}) == 2


def test_a_bear_that_sleeps_in_the_yard_all_night_is_cleared_when_it_leaves() -> None:
    night_s = 8 * 3600.0
    rule = Sighting(RULE, room())
    signals: list[RuleSignal] = []
    for t_s, tracks in tracks_of(Scene(things=between(0, 6, BEAR), length_s=20)):
        shift_s = 0 if t_s < 3 else night_s
        later = tuple(replace(track, t_s=t_s + shift_s, last_seen_s=track.last_seen_s + shift_s) for track in tracks)
        signals.extend(rule.step(t_s + shift_s, later))
    assert stages(signals) == [Stage.SUSPECTED, Stage.CONFIRMED, Stage.CLEARED]


def test_two_bears_are_two_alarms() -> None:
    cub = Seen("bear", x=0.3, floor=0.8, width=0.2, height=0.15)
    signals = told(lambda _: [BEAR, cub])
    assert len({signal.track for signal in signals}) == 2
    assert sorted(stages(signals)) == sorted([Stage.SUSPECTED, Stage.CONFIRMED] * 2)


def test_a_bear_that_walks_across_the_yard_is_one_alarm() -> None:
    signals = told(lambda t_s: [Seen("bear", x=0.2 + 0.1 * t_s)], length_s=14)
    assert stages(signals) == [Stage.SUSPECTED, Stage.CONFIRMED]


@pytest.mark.parametrize("label", ["dog", "cat", "bird", "sheep", "person", "teddy_bear", "car", "potted_plant"])
def test_what_nobody_asked_for_is_nothing(label: str) -> None:
    assert told(lambda _: [Seen(label, score=0.9)]) == []


def test_a_dog_is_told_to_whoever_asks_for_dogs() -> None:
    rule = SightingRule(id="dogs", labels=("dog",))
    assert said(told(lambda _: [Seen("dog")], rule)) == [(Stage.SUSPECTED, "dog"), (Stage.CONFIRMED, "dog")]


def test_a_weak_suspicion_of_the_detector_is_nothing() -> None:
    assert told(lambda _: [Seen("bear", score=0.2)]) == []


def test_a_person_whom_the_detector_takes_for_a_bear_is_no_bear() -> None:
    visitor = movement()
    signals = signals_of(
        Scene([visitor], lambda t_s: [as_object(Body(), "bear", 0.6)] if t_s > 2 else [as_object(Body(), "person")]),
        RULE,
    )
    assert Stage.CONFIRMED not in stages(signals)


def test_a_bear_in_which_the_model_sees_a_person_is_a_bear() -> None:
    beast = Body(CRAWLING, height=0.8, score=0.45)
    signals = signals_of(Scene([movement(body=beast)], lambda _: [as_object(beast, "bear", 0.8)]), RULE)
    assert said(signals) == [(Stage.SUSPECTED, "bear"), (Stage.CONFIRMED, "bear")]


def test_the_zone_is_named_by_where_its_feet_are() -> None:
    zones = {"gate": Zone(shape=((0.4, 0.7), (0.6, 0.7), (0.6, 1), (0.4, 1)))}
    assert {signal.zone for signal in told(lambda _: [BEAR], zones=zones)} == {"gate"}
    assert {signal.zone for signal in told(lambda _: [Seen("bear", x=0.2)], zones=zones)} == {None}
