"""What must last is told once, what is over is told once, and no odd frame decides: the machine that rules share."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.local_time import read_zone, source_times
from semcam.contract.rule_base import HoldRule
from semcam.contract.rules import EnteredRule
from semcam.contract.signal import Reason, RuleSignal, Stage, from_line, to_line
from semcam.rules.condition import Condition
from semcam.rules.holding import BRIDGE_S, Case, Holding
from semcam.rules.room import Room
from tests.figures import ASPECT, stages, times

HOLD_S, CLEAR_S = 10.0, 5.0
RULE = HoldRule(id="rule", hold=HOLD_S, clear_after=CLEAR_S)
DAY_S = 24 * 3600.0

Script = Callable[[float], Iterable[Case]]
"""The cases at each time."""


def room(start: datetime = datetime(2026, 6, 1, tzinfo=UTC), zone: str = "UTC") -> Room:
    return Room(source_times(start.timestamp(), read_zone(zone)), ASPECT, zones=("bed", "floor"))


def play(
    script: Script,
    rule: HoldRule = RULE,
    to_s: float = 60.0,
    step_s: float = 0.1,
    at: Room | None = None,
    **how: Any,
) -> list[RuleSignal]:
    """What the machine says while the script runs."""
    holding = Holding(rule, at or room(), **how)
    steps = (index * step_s for index in range(round(to_s / step_s)))
    return [signal for t_s in steps for signal in holding.step(t_s, script(t_s))]


def case(holds: bool = True, about: str = "place", **what: Any) -> Case:
    return Case(about, (Condition(holds, "it holds" if holds else "it does not"),), **what)


def during(*spans: tuple[float, float]) -> Script:
    """It holds from the first to the second of each pair."""
    return lambda t_s: [case(any(from_s <= t_s < to_s for from_s, to_s in spans))]


def test_what_lasts_is_told_once_and_for_how_long_it_has() -> None:
    signals = play(during((5, 99)))
    assert stages(signals) == [Stage.CONFIRMED]
    assert signals[0].t_s == pytest.approx(5 + HOLD_S, abs=0.11)
    assert signals[0].why == {Reason.HELD_S: pytest.approx(HOLD_S, abs=0.11)}


def test_what_does_not_last_is_not_told() -> None:
    assert play(during((5, 14.5), (20, 29.5))) == []


def test_what_is_over_is_told_once_it_has_been_for_a_time() -> None:
    signals = play(during((5, 30)))
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED]
    assert signals[1].t_s == pytest.approx(30 + CLEAR_S, abs=0.11)
    assert signals[1].why[Reason.HELD_S] == pytest.approx(25, abs=0.21), "as long as it held, not until it was cleared"


def test_it_can_happen_again() -> None:
    signals = play(during((0, 20), (30, 50)))
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED] * 2


def test_a_blink_does_not_begin_the_time_anew() -> None:
    signals = play(during((5, 9), (9.8, 99)))
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(5 + HOLD_S, abs=0.11)]


def test_a_longer_break_does() -> None:
    signals = play(during((5, 9), (9 + BRIDGE_S + 0.3, 99)))
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(9 + BRIDGE_S + 0.3 + HOLD_S, abs=0.11)]


def test_a_rule_may_bridge_longer_breaks_or_none() -> None:
    breaks = during((5, 9), (14, 99))
    assert times(play(breaks, bridge_s=6.0), Stage.CONFIRMED) == [pytest.approx(5 + HOLD_S, abs=0.11)]
    blink = during((5, 9), (9.2, 99))
    assert times(play(blink, bridge_s=0.0), Stage.CONFIRMED) == [pytest.approx(9.2 + HOLD_S, abs=0.11)]


def test_in_a_break_nothing_is_told() -> None:
    signals = play(during((5, 14.5), (15.4, 99)))
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(15.4, abs=0.11)]


def test_one_odd_frame_neither_raises_nor_ends_anything() -> None:
    assert play(during((5, 5.1))) == []
    assert stages(play(during((5, 30), (30.1, 99)))) == [Stage.CONFIRMED]
    assert stages(play(during((5, 30), (33, 33.1)))) == [Stage.CONFIRMED, Stage.CLEARED]


def test_what_is_no_longer_handed_in_does_not_hold() -> None:
    gone: Script = lambda t_s: [case()] if t_s < 30 else []  # noqa: E731
    assert times(play(gone), Stage.CLEARED) == [pytest.approx(30 + CLEAR_S, abs=0.11)]
    hidden: Script = lambda t_s: [case()] if t_s % 4 < 2 else []  # noqa: E731
    assert play(hidden) == []


def test_each_case_is_judged_alone() -> None:
    def two(t_s: float) -> list[Case]:
        return [case(t_s >= 2, "one"), case(10 <= t_s < 30, "other", zone="bed")]

    signals = play(two)
    assert [(round(signal.t_s), signal.zone, signal.stage) for signal in signals] == [
        (12, None, Stage.CONFIRMED),
        (20, "bed", Stage.CONFIRMED),
        (35, "bed", Stage.CLEARED),
    ]


def test_missing_frames_change_nothing() -> None:
    holding = Holding(RULE, room())
    seen = [t / 10 for t in range(600) if t % 3 and not 200 <= t < 260]
    signals = [signal for t_s in seen for signal in holding.step(t_s, during((5, 40))(t_s))]
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED]
    assert signals[0].t_s == pytest.approx(5 + HOLD_S, abs=0.3)
    assert signals[1].t_s == pytest.approx(40 + CLEAR_S, abs=0.3)


def test_a_rule_may_know_better_since_when_it_holds() -> None:
    """It took the rule three seconds to be sure of it."""
    signals = play(lambda t_s: [case(t_s >= 8, since_s=5.0)])
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(5 + HOLD_S, abs=0.11)]
    assert signals[0].why[Reason.HELD_S] == pytest.approx(HOLD_S, abs=0.11)


def test_nothing_holds_since_later_than_now() -> None:
    assert times(play(lambda t_s: [case(since_s=t_s + 5)]), Stage.CONFIRMED) == [pytest.approx(HOLD_S, abs=0.11)]


def test_a_rule_can_ask_whether_it_has_spoken() -> None:
    holding, script = Holding(RULE, room()), during((0, 20))
    told = {}
    for t_s in range(40):
        list(holding.step(float(t_s), script(t_s)))
        told[t_s] = holding.is_told("place")
    assert [told[t_s] for t_s in (9, 10, 24, 25)] == [False, True, True, False]
    assert not holding.is_told("another place")


def test_a_rule_of_moments_tells_that_it_began_and_is_ready_again_once_it_is_over() -> None:
    entered = EnteredRule(id="entered", hold=1.0, clear_after=CLEAR_S)
    assert entered.momentary
    signals = play(during((0, 10), (12, 20), (30, 40)), entered)
    assert stages(signals) == [Stage.CONFIRMED] * 2
    assert times(signals, Stage.CONFIRMED) == [pytest.approx(1, abs=0.11), pytest.approx(31, abs=0.11)]


def test_where_nothing_must_last_it_is_told_at_once() -> None:
    at_once = HoldRule(id="rule", hold=0.0, clear_after=0.0)
    signals = play(during((5, 30)), at_once)
    assert [signal.t_s for signal in signals] == [pytest.approx(5, abs=0.11), pytest.approx(30, abs=0.11)]


# hours


def night(hold: float, **hours: Any) -> HoldRule:
    return HoldRule(id="rule", hold=hold, clear_after=0.0, between=("22:00", "06:00"), **hours)


def test_out_of_hours_nothing_holds() -> None:
    """From noon on: what began before the hours counts from when they begin, and ends with them."""
    always: Script = lambda _: [case(since_s=0.0)]  # noqa: E731
    noon = room(datetime(2026, 6, 1, 12, tzinfo=UTC))
    signals = play(always, night(3600.0), 1.5 * DAY_S, 60.0, noon)
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED, Stage.CONFIRMED]
    assert [signal.t_s / 3600 for signal in signals] == [11, 18, 35]


def test_hours_may_be_those_of_some_days() -> None:
    noon_of_monday = room(datetime(2026, 6, 1, 12, tzinfo=UTC))
    on_tuesdays = night(3600.0, weekdays=("tue",))
    signals = play(lambda _: [case()], on_tuesdays, 7 * DAY_S, 600.0, noon_of_monday)
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED]
    assert signals[0].t_s / 3600 == 24 + 11


@pytest.mark.parametrize(
    ("day", "lasts_h"),
    [(datetime(2026, 3, 28, 11, tzinfo=UTC), 7), (datetime(2026, 10, 24, 10, tzinfo=UTC), 9)],
    ids=["to summer time", "to winter time"],
)
def test_a_night_in_which_the_clocks_are_changed_is_as_long_as_it_is(day: datetime, lasts_h: int) -> None:
    """What lasts through the night lasts an hour less, or more; noon in Berlin to the next noon."""
    place = room(day, "Europe/Berlin")
    assert play(lambda _: [case()], night((lasts_h + 0.1) * 3600), DAY_S, 60.0, place) == []
    signals = play(lambda _: [case()], night((lasts_h - 0.1) * 3600), DAY_S, 60.0, place)
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED]


# what it says


def test_an_alarm_may_burn_for_weeks_and_still_pass_the_wall() -> None:
    signals = play(during((0, 14 * DAY_S)), to_s=15 * DAY_S, step_s=600.0)
    assert stages(signals) == [Stage.CONFIRMED, Stage.CLEARED]
    assert all(from_line(to_line(signal)) == signal for signal in signals)


def test_numbers_that_nobody_knows_are_not_said() -> None:
    why = {Reason.SCORE: math.nan, Reason.DOWN_S: 3.0}
    assert play(lambda _: [case(why=why)])[0].why == {Reason.DOWN_S: 3.0, Reason.HELD_S: pytest.approx(10, abs=0.11)}


def test_whose_place_it_is_goes_with_the_zone() -> None:
    def said_of(zone: str | None) -> RuleSignal:
        return play(lambda _: [case(zone=zone)])[0]

    assert [said_of(zone).home for zone in ("bed", "floor", None)] == [0, 1, None]


def test_it_explains_how_near_it_came() -> None:
    holding = Holding(RULE, room())
    for t_s in (0.0, 3.0):
        list(holding.step(t_s, [case()]))
    assert [str(condition) for condition in holding.asked[0].conditions] == ["it holds", "for 3.00 s (needs 10.00)"]
    list(holding.step(4.0, [case(holds=False)]))
    assert [str(condition) for condition in holding.asked[0].conditions] == ["it does not"]


def test_it_explains_that_it_is_out_of_its_hours() -> None:
    holding = Holding(night(0.0), room(datetime(2026, 6, 1, 12, tzinfo=UTC)))
    list(holding.step(0.0, [case()]))
    assert [str(condition) for condition in holding.asked[0].conditions] == ["out of its hours"]


@pytest.mark.parametrize("conditions", [(), (Condition(True, "it holds"),)])
def test_what_is_told_at_once_has_its_reasons_too(conditions: Sequence[Condition]) -> None:
    holding = Holding(HoldRule(id="rule"), room())
    assert stages(holding.step(0.0, [Case("place", conditions)])) == [Stage.CONFIRMED]
    assert holding.asked[0].met
    assert holding.asked[0].conditions


# whatever happens


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    spans=st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=30),
    hold=st.integers(0, 100),
    clear=st.integers(0, 60),
    bridge=st.integers(0, 30),
)
def test_what_it_says_is_always_true(spans: list[tuple[bool, int]], hold: int, clear: int, bridge: int) -> None:
    """In tenths of seconds, so that no rounding comes between."""
    course = [holds for holds, length in spans for _ in range(length)]
    rule = HoldRule(id="rule", hold=float(hold), clear_after=float(clear))
    holding = Holding(rule, room(), bridge_s=float(bridge))
    told_at: dict[Stage, list[int]] = {Stage.CONFIRMED: [], Stage.CLEARED: []}
    for t, holds in enumerate(course):
        for signal in holding.step(float(t), [case(holds)]):
            told_at[signal.stage].append(t)
            since = t - (hold if signal.stage is Stage.CONFIRMED else clear)
            assert since >= 0
            if signal.stage is Stage.CONFIRMED:
                assert course[t] and longest_break(course[since : t + 1]) <= bridge
            else:
                assert not any(course[since : t + 1])
    alternating = sorted((t, stage) for stage, when in told_at.items() for t in when)
    assert [stage for _, stage in alternating] == [Stage.CONFIRMED, Stage.CLEARED] * (len(alternating) // 2) + [
        Stage.CONFIRMED
    ] * (len(alternating) % 2)


def longest_break(course: Sequence[bool]) -> int:
    """The longest run of frames in which it did not hold."""
    runs, run = [0], 0
    for holds in course:
        run = 0 if holds else run + 1
        runs.append(run)
    return max(runs)
