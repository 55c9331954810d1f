"""Who crosses a line, which way, and how many: stick figures through the real tracker and the real rule."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.config import Job, Line
from semcam.contract.local_time import read_zone, source_times
from semcam.contract.rules import FallRule, LineCrossedRule, SightingRule
from semcam.contract.signal import Beat, Reason, RuleSignal, Stage, Wall, Way
from semcam.rules.line_crossed import LineCrossed
from semcam.rules.pace import AT_ONCE, EVERY_S
from semcam.rules.room import Room
from semcam.tracking.observation import Posture, PostureKind, Track
from semcam.vision.gate import Gate
from tests.figures import ASPECT, BENDING, Body, Movement, Scene, Seen, To, fall, movement, signals_of, walk

DOOR_X = 0.5 * ASPECT
DOOR = Line(shape=((0.5, 0.2), (0.5, 1.0)), inside=(0.9, 0.6))
"""Upright in the middle of the picture; to the right of it is inside."""
RULE = LineCrossedRule(id="door", line="door")

OUTSIDE, INSIDE = 0.5, 1.3

Heard = tuple[float, RuleSignal]
"""When something was said, and what."""

rates = pytest.mark.parametrize("fps", [5, 10, 30])


def told(*movements: Movement, rule: LineCrossedRule = RULE, line: Line = DOOR, **scene: Any) -> list[RuleSignal]:
    return signals_of(Scene(movements, lines={"door": line}, **scene), rule)


def ways(signals: Sequence[RuleSignal]) -> list[tuple[Way | None, int | None]]:
    """Each signal's way and the count so far."""
    return [(signal.way, signal.count) for signal in signals]


def goes(*stops: tuple[float, float], body: Body | None = None) -> Movement:
    """From stop to stop, each (t_s, x), at an even pace; stands before the first and after the last."""

    def at(t_s: float) -> Body:
        x = float(np.interp(t_s, [t for t, _ in stops], [x for _, x in stops]))
        return replace(body or Body(), x=x)

    return at


def unseen(move: Movement, *spans: tuple[float, float]) -> Movement:
    """The same, out of sight in between."""
    return lambda t_s: None if any(a <= t_s < b for a, b in spans) else move(t_s)


# crossings


@rates
def test_who_walks_in_is_counted_in_at_once_and_who_walks_out_is_counted_out(fps: float) -> None:
    signals = told(goes((2, OUTSIDE), (5, INSIDE), (8, INSIDE), (11, OUTSIDE)), fps=fps)
    assert ways(signals) == [(Way.IN, 1), (Way.OUT, 1)]
    assert {signal.stage for signal in signals} == {Stage.CONFIRMED}
    on_the_line_s = 2 + 3 * (DOOR_X - OUTSIDE) / (INSIDE - OUTSIDE)
    assert on_the_line_s < signals[0].t_s < on_the_line_s + 1.0
    assert [signal.why for signal in signals] == [
        {Reason.INS: 1, Reason.OUTS: 0},
        {Reason.INS: 1, Reason.OUTS: 1},
    ]


@pytest.mark.parametrize(
    ("line", "way"),
    [
        (DOOR, Way.IN),
        (Line(shape=DOOR.shape[::-1], inside=DOOR.inside), Way.IN),
        (Line(shape=DOOR.shape, inside=(0.1, 0.6)), Way.OUT),
        (Line(shape=((0.5, 0.2), (0.55, 0.5), (0.45, 0.8), (0.5, 1.0)), inside=(0.9, 0.6)), Way.IN),
        (Line(shape=((0.4, 1.0), (0.4, 0.5), (0.95, 0.5)), inside=(0.9, 0.9)), Way.IN),
    ],
)
def test_which_way_it_is_is_said_by_the_point_inside_however_the_line_is_drawn(line: Line, way: Way) -> None:
    assert ways(told(goes((1, OUTSIDE), (4, INSIDE)), line=line)) == [(way, 1)]


def test_who_walks_up_to_the_line_and_turns_back_has_not_crossed_it() -> None:
    assert told(goes((1, OUTSIDE), (4, DOOR_X - 0.04), (7, OUTSIDE))) == []


def test_who_steps_over_the_line_with_one_foot_and_back_has_not_crossed_it() -> None:
    assert told(goes((1, OUTSIDE), (4, DOOR_X + 0.015), (5, DOOR_X + 0.015), (8, OUTSIDE))) == []


@pytest.mark.parametrize("seed", range(4))
def test_who_stands_on_the_line_and_trembles_is_not_counted_again_and_again(seed: int) -> None:
    talks_in_the_doorway = goes((1, OUTSIDE), (3, DOOR_X), (40, DOOR_X), (42, INSIDE))
    signals = told(talks_in_the_doorway, length_s=45, jitter=0.008, seed=seed)
    assert ways(signals) == [(Way.IN, 1)]


def test_who_passes_by_beyond_the_end_of_the_line_has_not_crossed_it() -> None:
    short = Line(shape=((0.5, 0.2), (0.5, 0.7)), inside=(0.9, 0.5))
    assert told(goes((1, OUTSIDE), (4, INSIDE)), line=short) == []


def test_who_goes_round_the_end_and_comes_back_over_the_line_has_crossed_it_once() -> None:
    short = Line(shape=((0.5, 0.2), (0.5, 0.7)), inside=(0.9, 0.5))
    round_the_end, back = goes((1, OUTSIDE), (4, INSIDE)), goes((6, INSIDE), (9, OUTSIDE))

    def at(t_s: float) -> Body | None:
        body = round_the_end(t_s) if t_s < 4 else back(t_s)
        climbs = float(np.interp(t_s, [4, 6], [0.9, 0.6]))
        return replace(body, floor=climbs) if body else None

    assert ways(told(at, line=short)) == [(Way.OUT, 1)]


def test_who_bends_over_the_line_has_not_crossed_it() -> None:
    """Feet in front of a line behind which the head and the hands are."""
    across = Line(shape=((0.0, 0.75), (1.0, 0.75)), inside=(0.5, 0.2))
    deep = replace(BENDING, trunk=110, neck=115)
    assert told(movement(To(deep, 0.8, 4), To(Body().pose, 0.8, 3)), line=across) == []


def test_who_is_taken_for_lying_for_a_second_has_not_crossed_a_line_behind_them() -> None:
    """A body that lies is where its middle is; one that stands by the line must not leap over it."""
    across = Line(shape=((0.0, 0.75), (1.0, 0.75)), inside=(0.5, 0.2))
    running = LineCrossed(RULE, room(line=across))
    for look in range(50):
        kind = PostureKind.LYING if 20 <= look < 32 else PostureKind.UPRIGHT
        track = replace(body(look / 10, x=0.9), posture=Posture(kind))
        assert running.step(track.t_s, (track,)) == []


def test_two_who_cross_at_the_same_time_are_both_counted() -> None:
    together = (goes((1, 0.3), (4, 1.1)), goes((1, 0.6), (4, 1.4)))
    assert ways(told(*together)) == [(Way.IN, 1), (Way.IN, 2)]


def test_two_who_cross_in_opposite_directions_are_counted_each_in_their_own() -> None:
    one, other = goes((1, 0.3), (4, 1.1)), goes((2, 1.6), (6, 0.4), body=Body(floor=0.98, height=0.75))
    assert sorted(ways(told(one, other)), key=str) == [(Way.IN, 1), (Way.OUT, 1)]


def test_from_the_ceiling_the_middle_of_the_body_decides() -> None:
    across = Line(shape=((0.0, 0.5), (1.0, 0.5)), inside=(0.5, 0.1))
    running = LineCrossed(RULE, room(view="ceiling", line=across))
    feet_far_behind = (body(t / 10, x=0.9, y=1.1 - t / 20, height=0.6) for t in range(16))
    signals = [signal for track in feet_far_behind for signal in running.step(track.t_s, (track,))]
    assert ways(signals) == [(Way.IN, 1)]
    assert signals[0].t_s == pytest.approx(1.0, abs=0.11)  # its feet are there at 1.3 s


def test_only_what_bears_one_of_the_labels_is_counted() -> None:
    def dog(t_s: float) -> list[Seen]:
        return [Seen("dog", x=float(np.interp(t_s, [1, 6], [0.5, 1.4])))]

    somebody = goes((1, OUTSIDE), (4, INSIDE))
    assert len(told(somebody, things=dog)) == 1
    dogs = told(somebody, things=dog, rule=LineCrossedRule(id="door", line="door", labels=("dog",)))
    assert [(signal.label, signal.way) for signal in dogs] == [("dog", Way.IN)]


def test_one_direction_can_be_told_and_both_are_counted() -> None:
    ins = LineCrossedRule(id="door", line="door", direction="in")
    signals = told(goes((1, INSIDE), (4, OUTSIDE), (6, OUTSIDE), (9, INSIDE)), rule=ins)
    assert ways(signals) == [(Way.IN, 1)]
    assert signals[0].why == {Reason.INS: 1, Reason.OUTS: 1}


# what cameras and models miss


@pytest.mark.parametrize("seed", range(4))
def test_a_camera_that_loses_every_other_frame_still_counts(seed: int) -> None:
    kept = np.random.default_rng(seed).random(1000) < 0.5
    there_and_back = goes((1, OUTSIDE), (4, INSIDE), (6, INSIDE), (9, OUTSIDE))
    assert ways(told(there_and_back, delivered=lambda index: bool(kept[index]))) == [(Way.IN, 1), (Way.OUT, 1)]


@pytest.mark.parametrize("away_s", [0.5, 2.0, 4.5])
def test_who_is_lost_in_front_of_the_line_and_found_behind_it_has_crossed_it(away_s: float) -> None:
    """Behind a pillar, for longer than the tracker waits in the last case."""
    walks = goes((1, 0.4), (11, 1.4))
    assert ways(told(unseen(walks, (5.2, 5.2 + away_s)))) == [(Way.IN, 1)]


def test_who_is_lost_right_behind_the_line_has_crossed_it() -> None:
    walks = goes((1, OUTSIDE), (4, INSIDE))
    over_s = 1 + 3 * (DOOR_X + 0.03 - OUTSIDE) / (INSIDE - OUTSIDE)
    assert ways(told(unseen(walks, (over_s, 99)))) == [(Way.IN, 1)]


def test_who_is_lost_in_front_of_the_line_and_never_found_has_not_crossed_it() -> None:
    walks = goes((1, OUTSIDE), (4, INSIDE))
    assert told(unseen(walks, (2.0, 99)), length_s=20) == []


def test_who_appears_behind_the_line_has_not_crossed_it() -> None:
    assert told(goes((4, DOOR_X + 0.1), (7, INSIDE))) == []


def test_somebody_else_who_appears_at_the_other_end_of_the_room_has_not_crossed_it() -> None:
    one = unseen(goes((1, 0.2), (3, 0.5)), (3, 99))
    other = unseen(goes((4, 1.6)), (0, 4))
    assert told(one, other, length_s=20) == []


def test_one_odd_frame_is_no_crossing() -> None:
    stands = goes((1, DOOR_X - 0.1))

    def glitch(t_s: float) -> Body | None:
        body = stands(t_s)
        return replace(body, x=DOOR_X + 0.1) if body and 4.0 <= t_s < 4.15 else body

    assert told(glitch) == []


def test_two_tracks_that_change_bodies_across_the_room_are_not_crossings() -> None:
    left, right = body(0, x=0.3), body(0, x=1.5)
    running = LineCrossed(RULE, room())
    for t in range(60):
        a, b = (left, right) if t < 30 else (right, left)
        here = tuple(replace(each, id=id, t_s=t / 10, last_seen_s=t / 10) for id, each in enumerate((a, b), 1))
        assert running.step(t / 10, here) == []


# counts and days


def room(line: Line = DOOR, timezone: str = "+00:00", start: datetime | None = None, **job: Any) -> Room:
    times = source_times(start.timestamp() if start else 0.0, read_zone(timezone))
    return Room.of(Job(source="a scene", rules={"door": RULE}, lines={"door": line}, **job), ASPECT, times)


def body(t_s: float, x: float, y: float = 0.9, height: float = 0.5, id: int = 1) -> Track:
    """Somebody whose feet are at (x, y)."""
    box = np.array([x - height / 6, y - height, x + height / 6, y], np.float32)
    return Track(id=id, label="person", t_s=t_s, first_seen_s=t_s, last_seen_s=t_s, box=box, score=0.8)


def crosses(at_s: float, way: Way, id: int) -> list[Track]:
    """One who comes in view, walks over the line and is out of view within two seconds: five looks a second."""
    start, end = (OUTSIDE, INSIDE) if way is Way.IN else (INSIDE, OUTSIDE)
    return [
        replace(body(at_s + step / 5, x=start + (end - start) * step / 10, id=id), first_seen_s=at_s)
        for step in range(11)
    ]


def heard(rule: LineCrossedRule, where: Room, tracks: Sequence[Track], until_s: float) -> Iterator[Heard]:
    """What the rule alone says, and when: five looks a second."""
    running = LineCrossed(rule, where)
    by_look: dict[int, list[Track]] = {}
    for track in tracks:
        by_look.setdefault(round(track.t_s * 5), []).append(track)
    for look in range(round(until_s * 5)):
        t_s = look / 5
        here = tuple(replace(track, t_s=t_s, last_seen_s=t_s) for track in by_look.get(look, []))
        yield from ((t_s, signal) for signal in running.step(t_s, here))


def run(rule: LineCrossedRule, where: Room, tracks: Sequence[Track], until_s: float) -> list[RuleSignal]:
    return [signal for _, signal in heard(rule, where, tracks, until_s)]


def stream(count: int, every_s: float, way: Callable[[int], Way], from_s: float = 0.0) -> list[Track]:
    """One after the other, in lanes so that nobody is taken for somebody else."""
    return [track for n in range(count) for track in crosses(from_s + n * every_s, way(n), id=n + 1)]


def test_counts_begin_anew_at_midnight_and_the_old_day_has_the_last_word() -> None:
    start = datetime(2026, 5, 4, 23, 59, tzinfo=UTC)
    people = stream(20, 6.0, lambda _: Way.IN)
    signals = run(RULE, room(start=start), people, 140)
    before = [signal for signal in signals if signal.t_s < 60]
    after = [signal for signal in signals if signal.t_s >= 60]
    assert before[-1].why[Reason.INS] + after[-1].why[Reason.INS] == 20
    assert (after[0].count, after[0].why[Reason.OUTS]) == (1, 0)
    assert [signal.count for signal in before] == sorted(signal.count or 0 for signal in before)


@pytest.mark.parametrize(
    ("start", "midnight_s"),
    [
        (datetime(2026, 3, 28, 22, 59, tzinfo=UTC), 60),  # the night in which summer time begins in Berlin
        (datetime(2026, 10, 24, 21, 59, tzinfo=UTC), 60),  # and the one in which it ends
    ],
)
def test_the_day_is_the_local_one_around_summer_time(start: datetime, midnight_s: float) -> None:
    before, after = crosses(10, Way.IN, 1), crosses(midnight_s + 10, Way.IN, 2)
    signals = run(RULE, room(timezone="Europe/Berlin", start=start), [*before, *after], 100)
    assert ways(signals) == [(Way.IN, 1), (Way.IN, 1)]


@pytest.mark.parametrize(
    ("start", "counted"),
    [
        (datetime(2026, 5, 4, 19, 30, tzinfo=UTC), False),  # 21:30 in Berlin
        (datetime(2026, 5, 4, 20, 30, tzinfo=UTC), True),  # 22:30
        (datetime(2026, 5, 5, 3, 59, tzinfo=UTC), True),  # 05:59 the next morning
        (datetime(2026, 5, 5, 4, 1, tzinfo=UTC), False),
        (datetime(2026, 3, 29, 1, 30, tzinfo=UTC), True),  # 03:30 on the night that has no half past two
        (datetime(2026, 10, 25, 4, 59, tzinfo=UTC), True),  # 05:59 in winter time again
        (datetime(2026, 10, 25, 5, 1, tzinfo=UTC), False),
    ],
)
def test_out_of_its_hours_nothing_is_counted(start: datetime, counted: bool) -> None:
    night = LineCrossedRule(id="door", line="door", between=("22:00", "06:00"))
    where = room(timezone="Europe/Berlin", start=start)
    assert ways(run(night, where, crosses(5, Way.IN, 1), 20)) == ([(Way.IN, 1)] if counted else [])


def test_the_count_stops_at_what_a_signal_can_count_and_the_totals_go_on() -> None:
    early = datetime(2026, 5, 4, 0, 1, tzinfo=UTC)
    people = [track for n in range(1010) for track in lane(crosses(0.4 * n, Way.OUT, n + 1), n)]
    last = run(RULE, room(start=early), people, 0.4 * 1010 + 30)[-1]
    assert (last.count, last.why) == (999, {Reason.INS: 0, Reason.OUTS: 1010})


# a crowd


@given(st.lists(st.sampled_from(Way), min_size=1, max_size=40), st.floats(0.4, 8.0))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_busy_line_loses_no_count_and_speaks_seldom(crowd: list[Way], every_s: float) -> None:
    people = [t for n, way in enumerate(crowd) for t in lane(crosses(5 + n * every_s, way, n + 1), n)]
    until_s = 5 + len(crowd) * every_s + 2 * EVERY_S + 10
    signals = run(RULE, room(), people, until_s)
    assert len(signals) <= AT_ONCE + 1 + until_s / EVERY_S
    for way, reason in ((Way.IN, Reason.INS), (Way.OUT, Reason.OUTS)):
        said = [signal for signal in signals if signal.way is way]
        assert [signal.why[reason] for signal in said] == [signal.count for signal in said]
        assert (said[-1].count if said else 0) == crowd.count(way)
    for reason in (Reason.INS, Reason.OUTS):
        so_far = [signal.why[reason] for signal in signals]
        assert so_far == sorted(so_far)


def lane(tracks: list[Track], n: int) -> list[Track]:
    """Crossings at different heights of the picture."""
    shift = np.array([0, 1, 0, 1], np.float32) * (-0.6 * (n % 3) / 3)
    return [replace(track, box=(track.box + shift).astype(np.float32)) for track in tracks]


def test_the_first_few_are_told_at_once() -> None:
    signals = list(heard(RULE, room(), stream(3, 3.0, lambda _: Way.IN), 40))
    assert [t_s for t_s, _ in signals] == pytest.approx([1.5, 4.5, 7.5], abs=0.3)
    assert [signal.t_s for _, signal in signals] == [t_s for t_s, _ in signals]


def test_no_crossing_waits_for_long_whichever_way_it_was() -> None:
    """Ten come in for each one who goes out."""
    people = [t for n in range(66) for t in crosses(2.0 * n, Way.IN if n % 11 else Way.OUT, n + 1)]
    outs = [(t_s, signal) for t_s, signal in heard(RULE, room(), people, 150) if signal.way is Way.OUT]
    for nth in range(6):
        crossed_s = 22.0 * nth + 1.5
        told_s = next(t_s for t_s, signal in outs if signal.why[Reason.OUTS] > nth)
        assert told_s - crossed_s <= 2 * EVERY_S


def test_a_crowd_at_three_doors_does_not_hold_up_a_fall() -> None:
    """All of it through the real gate, which knows how many bytes may pass."""
    doors = {f"door{n}": LineCrossedRule(id=f"door{n}", line="door") for n in range(3)}
    job = Job(source="a scene", rules={**doors, "fall": FallRule(id="fall")}, lines={"door": DOOR})
    where = Room.of(job, ASPECT, source_times(0.0, UTC))
    crowd = list(stream(300, 1.5, lambda n: Way.IN if n % 3 else Way.OUT))
    queue = [said for rule in doors.values() for said in heard(rule, where, crowd, 460)]
    falls = signals_of(Scene([movement(fall())]), FallRule(id="fall"))
    fell_s = 300.0
    queue += [(fell_s, signal) for signal in falls if signal.stage is Stage.CONFIRMED]
    queue.sort(key=lambda said: said[0])

    out = io.BytesIO()
    gate, left_s = Gate(out), list[float]()
    for t_s in range(600):
        while queue and queue[0][0] <= t_s:
            gate.say(t_s, queue.pop(0)[1])
        gate.flush(t_s)
        gate.say(t_s, Beat(t_s=t_s, frames=t_s))
        lines = out.getvalue().splitlines()
        out.seek(0)
        out.truncate()
        left_s += [t_s for line in lines if json.loads(line).get("rule") == "fall"]
    assert left_s[0] - fell_s <= 2
    assert gate.waiting == 0


def test_the_wall_admits_what_is_said_of_a_crowd() -> None:
    wall, out = Wall(("door",), ()), io.BytesIO()
    gate = Gate(out)
    for t_s, signal in heard(RULE, room(), stream(100, 1.5, lambda n: list(Way)[n % 2]), 200):
        gate.say(t_s, signal)
    for line in out.getvalue().splitlines(keepends=True):
        assert isinstance(wall.admit(line), RuleSignal)


# why


def test_it_says_how_near_somebody_came_to_crossing() -> None:
    running = LineCrossed(RULE, room())
    running.step(0.0, (body(0.0, x=DOOR_X - 0.25),))
    (asked,) = running.asked
    assert not asked.met
    assert str(asked.conditions[-1]) == "on this side of the line, 0.25 away"


def test_it_says_why_a_crossing_was_counted() -> None:
    running = LineCrossed(RULE, room())
    told_why = []
    for track in crosses(0.0, Way.IN, 1):
        running.step(track.t_s, (replace(track, last_seen_s=track.t_s),))
        told_why += [str(condition) for asked in running.asked if asked.met for condition in asked.conditions]
    assert told_why == ["went over the line", "clear of it for 0.40 s (needs 0.30)", "the way in"]


def test_other_rules_do_not_mind_lines() -> None:
    assert signals_of(Scene([walk(0.3, 1.2, 5)], lines={"door": DOOR}), SightingRule(id="bear")) == []
