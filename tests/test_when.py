"""Rules that anyone can write: what they tell, and what is said of those that are wrong."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from semcam.contract.cel.dialect import FUNCTIONS, MACROS
from semcam.contract.cel.expression import Expression, ExpressionError
from semcam.contract.cel.limits import MOST_STEPS, NAMES
from semcam.contract.cel.samples import samples
from semcam.contract.config import Job, Zone
from semcam.contract.errors import ConfigError
from semcam.contract.expression import check_expression, zones_named
from semcam.contract.labels import LABELS
from semcam.contract.load import load_config
from semcam.contract.local_time import LocalTime
from semcam.contract.rule_base import WEEKDAYS
from semcam.contract.rules import WhenRule
from semcam.contract.seen import POSTURES, WORDS, Object, Person, Seen, Time
from semcam.contract.seen import Zone as ZoneCount
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.room import Room
from semcam.rules.when import When
from semcam.tracking.observation import Posture, PostureKind, Track
from tests.conftest import ROOT
from tests.figures import (
    ASPECT,
    LYING,
    ON_A_CHAIR,
    ON_THE_FLOOR,
    STANDING,
    Body,
    Movement,
    Scene,
    To,
    movement,
    signals_of,
    stages,
    times,
    walk,
)
from tests.figures import Seen as Detection

fuzz = settings(max_examples=300, deadline=None, derandomize=True)

TWO_UP = "people.filter(p, p.posture != 'lying').size() >= 2"
"""The example of the design."""
TOLD, TOLD_AND_OVER = [Stage.CONFIRMED], [Stage.CONFIRMED, Stage.CLEARED]
LEFT, RIGHT = Body(x=0.4), Body(x=1.3)
STAYS = movement(body=RIGHT)
BED = {"bed": Zone(shape=((0, 0.5), (0.5, 0.5), (0.5, 1), (0, 1)))}


def when(expression: str, **keys: Any) -> WhenRule:
    return WhenRule.model_validate({"id": "own", "when": expression, "for": 2.0, "clear_after": 3.0, **keys})


def told(expression: str, *movements: Movement, rule: dict[str, Any] | None = None, **scene: Any) -> list[RuleSignal]:
    return signals_of(Scene(movements, **({"jitter": 0.004} | scene)), when(expression, **(rule or {})))


def here(body: Body, from_s: float = 0.0, to_s: float = 99.0) -> Movement:
    """Somebody who stands there for a while."""
    return lambda t_s: body if from_s <= t_s < to_s else None


def unix(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# -- stories


def test_two_people_who_are_up_are_told_once_they_have_been_for_long_enough() -> None:
    signals = told(TWO_UP, movement(body=LEFT), here(RIGHT, 3, 10), length_s=18)
    assert stages(signals) == TOLD_AND_OVER
    assert times(signals, Stage.CONFIRMED)[0] == pytest.approx(3 + 2, abs=0.4)
    assert times(signals, Stage.CLEARED)[0] == pytest.approx(10 + 1 + 3, abs=0.4)  # in view for a second more


def test_the_signal_is_about_the_place_and_says_how_many_and_for_how_long() -> None:
    confirmed = told(TWO_UP, movement(body=LEFT), STAYS)[0]
    assert (confirmed.rule, confirmed.track, confirmed.zone, confirmed.home) == ("own", 0, None, None)
    assert (confirmed.label, confirmed.count) == ("person", 2)
    assert confirmed.why == {Reason.HELD_S: pytest.approx(2.0, abs=0.11)}


def test_one_person_alone_is_not_two() -> None:
    assert told(TWO_UP, STAYS) == []


def test_who_lies_does_not_count_as_up() -> None:
    lies_down = (To(ON_THE_FLOOR, 1.5), To(LYING, 1.5, 20))
    rule = {"for": 5.0}
    assert told(TWO_UP, STAYS, movement(*lies_down, body=LEFT, stands_s=1), rule=rule) == []
    goes_to_bed_later = movement(*lies_down, body=LEFT, stands_s=6)
    assert stages(told(TWO_UP, STAYS, goes_to_bed_later, rule=rule, length_s=20)) == TOLD_AND_OVER


@pytest.mark.parametrize("seed", range(3))
def test_half_the_frames_are_enough(seed: int) -> None:
    signals = told(TWO_UP, movement(body=LEFT), STAYS, delivered=lambda index: (index * 7 + seed) % 5 not in (0, 3))
    assert stages(signals) == TOLD


def test_who_is_not_seen_for_less_than_two_seconds_is_not_gone() -> None:
    """A second in view, and a second in which what does not hold is bridged."""
    blinks: Movement = lambda t_s: None if t_s % 4 > 2.4 else LEFT  # noqa: E731
    signals = told(TWO_UP, blinks, STAYS, rule={"for": 8.0})
    assert times(signals, Stage.CONFIRMED)[0] == pytest.approx(8.2, abs=0.3)


def test_who_is_lost_and_found_again_after_long_begins_the_time_anew() -> None:
    comes_and_goes: Movement = lambda t_s: None if 4 <= t_s < 9 else LEFT  # noqa: E731
    signals = told(TWO_UP, comes_and_goes, STAYS, rule={"for": 6.0}, length_s=20)
    assert times(signals, Stage.CONFIRMED)[0] == pytest.approx(9 + 6, abs=0.4)


def test_a_second_time_is_a_second_alarm() -> None:
    comes_and_goes: Movement = lambda t_s: None if 5 <= t_s < 12 else LEFT  # noqa: E731
    assert stages(told(TWO_UP, comes_and_goes, STAYS, length_s=20)) == TOLD_AND_OVER + TOLD


def test_without_a_time_it_is_told_at_once() -> None:
    signals = told("people.size() > 0", STAYS, rule={"for": 0.0})
    assert signals[0].t_s <= 0.3


def test_a_bear_and_a_person_together_and_neither_alone() -> None:
    both = "count.bear > 0 && count.person > 0"
    bear = [Detection("bear", x=0.4, floor=0.8)]
    assert told(both, STAYS) == []
    assert told(both, things=lambda _: bear) == []
    confirmed = told(both, STAYS, things=lambda _: bear)[0]
    assert (confirmed.label, confirmed.count) == ("person", 1)


def test_an_event_is_about_the_one_label_that_is_named() -> None:
    bears = [Detection("bear", x=0.3, floor=0.8), Detection("bear", x=1.4, floor=0.9)]
    for expression in ("count.bear > 1", "objects.exists(o, 'bear' == o.label)", "'bear' in objects.map(o, o.label)"):
        confirmed = told(expression, things=lambda _: bears)[0]
        assert (confirmed.label, confirmed.count) == (("person", 0) if "map" in expression else ("bear", 2))


def test_what_the_detector_saw_a_second_ago_is_in_view_and_what_it_saw_before_that_is_not() -> None:
    def cup(t_s: float) -> Sequence[Detection]:
        return [Detection("cup", x=0.3, floor=0.8)] if t_s <= 5 else ()

    signals = told("count.cup > 0", things=cup, rule={"for": 0.0, "clear_after": 0.0})
    assert times(signals, Stage.CLEARED)[0] == pytest.approx(5 + 1.1, abs=0.11)


# -- zones


def test_a_zone_is_told_where_the_rule_names_just_one() -> None:
    for zones, zone in (("bed", "bed"), (["bed", "door"], None)):
        both = BED | {"door": Zone(shape=((0.6, 0), (1, 0), (1, 1), (0.6, 1)))}
        confirmed = told("people.size() == 1", movement(body=LEFT), rule={"zones": zones}, zones=both)[0]
        assert confirmed.zone == zone
        assert confirmed.home == (0 if zone else None)


def test_a_rule_with_zones_sees_only_who_and_what_is_there() -> None:
    zones: dict[str, Any] = {"rule": {"zones": "bed"}, "zones": BED}
    outside = [Detection("cup", x=1.5, floor=0.9, width=0.1, height=0.1)]
    assert told("people.size() + objects.size() + count.person + count.cup > 0", STAYS, things=lambda _: outside,
                **zones) == []  # fmt: skip
    assert told("people.size() == 1 && count.person == 1", STAYS, movement(body=LEFT), **zones)
    assert told("objects.size() == 1", things=lambda _: [replace(outside[0], x=0.3)], **zones)


def test_zones_count_everybody_in_them_whatever_the_rules_own() -> None:
    away = BED | {"door": Zone(shape=((0.6, 0), (1, 0), (1, 1), (0.6, 1)))}
    expression = "zones.bed.people == 1 && zones['door'].people == 1 && zones.door.objects == 0"
    assert told(expression, STAYS, movement(body=LEFT), rule={"zones": "door"}, zones=away)


def test_at_the_edge_of_a_zone_trembling_feet_neither_raise_nor_end_it() -> None:
    edge_x = 0.5 * ASPECT
    inside, outside = Body(x=edge_x - 0.03), Body(x=edge_x + 0.03)
    expression = "people.exists(p, 'bed' in p.zones)"
    assert stages(told(expression, movement(body=inside), jitter=0.01, zones=BED)) == TOLD
    assert told(expression, movement(body=outside), jitter=0.01, zones=BED) == []


def test_who_walks_through_a_zone_was_there_as_long_as_that_took() -> None:
    through = walk(0.1, 1.6, 6)  # half the way in the zone: 3 s
    assert stages(told("zones.bed.people > 0", through, zones=BED)) == TOLD_AND_OVER
    assert told("zones.bed.people > 0", through, zones=BED, rule={"for": 5.0}) == []


# -- hours

NIGHT = {"between": ("22:00", "06:00")}


@pytest.mark.parametrize(
    ("start", "told_s"),
    [
        ("2026-03-10T21:59:55", 5 + 4),
        ("2026-03-10T23:59:58", 1 + 4),  # a body is believed in after three frames
        ("2026-03-11T05:59:50", 1 + 4),
        ("2026-03-11T05:59:57", None),
        ("2026-03-11T12:00:00", None),
    ],
)
def test_hours_across_midnight(start: str, told_s: float | None) -> None:
    scene: dict[str, Any] = {"start_unix_s": unix(start), "length_s": 15.0, "fps": 2.0}
    signals = told(TWO_UP, movement(body=LEFT), STAYS, rule=NIGHT | {"for": 4.0}, **scene)
    assert times(signals, Stage.CONFIRMED) == pytest.approx([told_s] if told_s else [], abs=0.6)


def test_the_expression_may_ask_for_the_time_itself() -> None:
    berlin = {"timezone": "Europe/Berlin", "length_s": 40.0, "fps": 2.0, "jitter": 0.0}
    rule = {"for": 0.0, "clear_after": 0.0}
    # Saturday, 22:59:30 in Berlin, where it is summer
    start = unix("2026-07-04T20:59:30")
    for expression, begins_s in (
        ("time.hour == 23", 30.0),
        ("time.minute == 59 && people.size() > 0", 1.0),
        ("time.minute_of_day == 23 * 60", 30.0),
        ("time.weekday == 'sat' && time.hour >= 23", 30.0),
    ):
        signals = told(expression, STAYS, rule=rule, start_unix_s=start, **berlin)
        assert times(signals, Stage.CONFIRMED) == pytest.approx([begins_s], abs=0.6), expression
    assert told("time.weekday == 'sun'", STAYS, rule=rule, start_unix_s=start, **berlin) == []


@pytest.mark.parametrize(
    ("start", "skipped"),
    [("2026-03-29T00:59:30", True), ("2026-10-25T00:59:30", False)],
    ids=["to summer time", "from summer time"],
)
def test_the_change_of_summer_time(start: str, skipped: bool) -> None:
    """In spring the clock leaps from 2:00 to 3:00; in autumn it shows 2:00 to 3:00 twice."""
    berlin = {"timezone": "Europe/Berlin", "length_s": 40.0, "fps": 2.0, "jitter": 0.0, "start_unix_s": unix(start)}
    rule = {"for": 0.0, "clear_after": 0.0}
    two = times(told("time.hour == 2", STAYS, rule=rule, **berlin), Stage.CONFIRMED)
    three = times(told("time.hour == 3", STAYS, rule=rule, **berlin), Stage.CONFIRMED)
    if skipped:
        assert (two, three) == ([], [30.0])
    else:
        assert (two, three) == ([0.0], [])


def test_hours_of_the_rule_follow_the_change_too() -> None:
    berlin = {"timezone": "Europe/Berlin", "length_s": 40.0, "fps": 2.0, "jitter": 0.0}
    rule = {"for": 0.0, "clear_after": 0.0, "between": ("03:00", "04:00")}
    spring = told("people.size() > 0", STAYS, rule=rule, start_unix_s=unix("2026-03-29T00:59:30"), **berlin)
    autumn = told("people.size() > 0", STAYS, rule=rule, start_unix_s=unix("2026-10-25T00:59:30"), **berlin)
    assert times(spring, Stage.CONFIRMED) == [30.0]
    assert autumn == []


# -- what it sees


def person(id: int = 1, **keys: Any) -> Track:
    x1, y1, x2, y2 = keys.pop("box", (0.8, 0.3, 1.0, 0.9))
    track = Track(
        id=id, label="person", t_s=100.0, first_seen_s=88.0, last_seen_s=100.0,
        box=np.array([x1, y1, x2, y2], np.float32), score=0.8, posture=Posture(PostureKind.UPRIGHT),
    )  # fmt: skip
    return replace(track, **keys)


def is_seen(expression: str, *tracks: Track, **room: Any) -> bool:
    """Whether it is true of these tracks at 100 s."""
    clock = LocalTime(day=1, weekday=2, minute=754.9)
    rule = When(when(expression, **{"for": 0.0}), Room(**{"local": lambda _: clock, "aspect": 2.0, **room}))
    return bool(list(rule.step(100.0, tracks)))


def test_every_field_says_what_its_page_promises() -> None:
    lying = replace(person(7, zones=("bed", "rug")), posture=Posture(PostureKind.LYING))
    cup = person(9, label="cup", box=(1.0, 0.5, 1.2, 0.6), posture=Posture(), first_seen_s=99.5)
    for expression in (
        "people[0].id == 7 && people.size() == 1",
        "people[0].posture == 'lying'",
        "people[0].zones == ['bed', 'rug']",
        "people[0].x > 0.449 && people[0].x < 0.451",
        "people[0].y > 0.599 && people[0].y < 0.601",
        "people[0].height > 0.599 && people[0].height < 0.601",
        "people[0].seen_s == 12.0",
        "objects[0].id == 9 && objects.size() == 1",
        "objects[0].label == 'cup'",
        "objects[0].zones == []",
        "objects[0].x > 0.549 && objects[0].x < 0.551",
        "objects[0].y > 0.599 && objects[0].y < 0.601",
        "objects[0].height > 0.099 && objects[0].height < 0.101",
        "objects[0].seen_s == 0.5",
        "zones.bed.people == 1 && zones.bed.objects == 0 && zones.rug.people == 1 && zones.size() == 3",
        "zones.none.people == 0",
        "count.person == 1 && count.cup == 1 && count.bear == 0",
        "time.hour == 12 && time.minute == 34 && time.minute_of_day == 754 && time.weekday == 'wed'",
    ):
        # nobody in view must not be a failure at check time
        guarded = f"people.size() > 0 && objects.size() > 0 && {expression}"
        assert is_seen(guarded, lying, cup, zones=("bed", "rug", "none")), expression
    standing = replace(lying, posture=Posture(PostureKind.UPRIGHT))
    assert is_seen("people.exists(p, p.y > 0.899 && p.y < 0.901)", standing, zones=("bed", "rug"))
    assert is_seen("people.exists(p, p.y > 0.599 && p.y < 0.601)", standing, zones=("bed", "rug"), view="ceiling")


def test_who_was_seen_within_a_second_is_in_view() -> None:
    assert is_seen("people.size() == 1", person(last_seen_s=99.0))
    assert not is_seen("people.size() == 1", person(last_seen_s=98.9))


def test_in_a_crowd_the_lists_end_and_the_counts_do_not() -> None:
    crowd = [person(id) for id in range(20)] + [person(id, label="chair") for id in range(20, 120)]
    expression = "people.size() == 16 && objects.size() == 64 && count.person == 20 && count.chair == 100"
    assert is_seen(expression, *crowd)
    assert is_seen("people.exists(p, p.zones.size() == 16)", person(zones=tuple(f"z{i}" for i in range(30))),
                   zones=tuple(f"z{i}" for i in range(30)))  # fmt: skip


def test_what_was_asked_says_what_was_in_view() -> None:
    rule = When(when("people.size() > 1"), Room(local=lambda _: LocalTime(1, 0, 62.0), aspect=2.0))
    list(rule.step(100.0, (person(),)))
    assert [str(condition) for asked in rule.asked for condition in asked.conditions] == [
        "false with 1 person at 01:02"
    ]
    list(rule.step(101.0, (person(t_s=101.0, last_seen_s=101.0), person(2, t_s=101.0, last_seen_s=101.0))))
    assert [str(condition) for asked in rule.asked for condition in asked.conditions] == [
        "true with 2 person at 01:02",
        "for 0.00 s (needs 2.00)",
    ]


def test_the_same_scene_gives_the_same_signals() -> None:
    def run() -> list[RuleSignal]:
        return told("people.exists(p, objects.exists(o, o.x < p.x)) || zones.bed.people > 0", walk(0.1, 1.6, 6), STAYS,
                    things=lambda _: [Detection("cup", x=0.3)], zones=BED, seed=3)  # fmt: skip

    assert run() == run() != []


# -- the public names


def test_the_page_names_every_field_and_no_other() -> None:
    page = (ROOT / "docs" / "rules-when.md").read_text(encoding="utf-8")
    kinds = {"int": int, "double": float, "string": str, "list of string": tuple[str, ...]}
    for heading, model in (("A person", Person), ("An object", Object), ("A zone", ZoneCount), ("The time", Time)):
        table = page.split(f"\n{heading}")[1].split("\n\n")[1]
        rows = re.findall(r"^\| `(\w+)` \| ([a-z ]+) \|", table, re.MULTILINE)
        assert {name: kinds[kind] for name, kind in rows} == {field.name: field.type for field in fields(model)}
    assert tuple(re.findall(r"^\| `(\w+)` \| (?:list|map)? ?\|", page, re.MULTILINE)) == NAMES
    for name in (*FUNCTIONS, *MACROS):
        assert re.search(rf"\b{name}\(", page), name


def test_every_example_of_the_page_is_good() -> None:
    page = (ROOT / "docs" / "rules-when.md").read_text(encoding="utf-8")
    examples = page.split("## What it can do")[1].split("```")[1].strip().splitlines()
    assert len(examples) > 5
    for example in examples:
        check_expression(example)


def test_postures_are_those_of_the_tracker() -> None:
    assert set(POSTURES) == {kind.value for kind in PostureKind}


@pytest.mark.parametrize("posture", POSTURES)
def test_every_posture_can_be_asked_for(posture: str) -> None:
    track = person(posture=Posture(PostureKind(posture)))
    assert is_seen(f"people.exists(p, p.posture == '{posture}')", track)


@pytest.mark.parametrize("pose", [STANDING, ON_A_CHAIR, LYING])
def test_postures_come_from_real_bodies(pose: Any) -> None:
    posture = {STANDING: "upright", ON_A_CHAIR: "sitting", LYING: "lying"}[pose]
    assert stages(told(f"people.exists(p, p.posture == '{posture}')", movement(body=replace(RIGHT, pose=pose)))) == TOLD


# -- right ones

RIGHT_ONES = [
    TWO_UP,
    "true",
    "!(people.size() > 1)",
    "size(people) > 1 || size('日本') == 2",
    "people.size() > 1 ? count.bear == 0 : true",
    "count['cell_phone'] == 0 && 'person' in count",
    "people.exists(p, p.seen_s > 5 && p.x >= 0.5 && 1 > p.y)",
    "people.exists_one(p, p.posture in ['sitting', 'lying'])",
    "people.all(p, p.posture.startsWith('up') || p.posture.endsWith('g') || p.posture.contains('kno'))",
    "people.all(p, p.posture.matches('^[a-z]+$'))",
    "people.map(p, p.x + 0.1).exists(x, x > 0.5)",
    "people.map(p, p.posture == 'lying', p.x).size() > 1",
    "people.filter(p, p.x > 0.1).filter(p, p.y > 0.1).exists(p, 'bed' in p.zones)",
    "people.exists(p, people.exists(q, p.id != q.id && p.x < q.x))",
    "zones.all(z, zones[z].people < 3)",
    "zones.filter(z, zones[z].people > 0).size() >= 2 && 'bed' in zones.map(z, z) && zones.exists(z, true) == true",
    "has(zones.bed) && 'rug' in zones && zones.bed.people - zones.bed.objects * 2 > 0",
    "people.size() > 0 && people[0].posture == 'lying'",
    "int(2.5) == 2 && double(1) < 1.5 && string(1) == '1' && 7 % 2 == 1 && -1 < 0 && 6 / 2 == 3",
    "time.weekday in ['sat', 'sun'] && time.hour >= 22",
    "people.all(p, has(p.x))",
    "[1, 2].exists(n, people.size() == n)",
    "true // a remark",
    "people.size() > 1\n  && count.bear == 0",
]


@pytest.mark.parametrize("expression", RIGHT_ONES)
def test_what_is_right_is_taken(expression: str) -> None:
    assert when(expression).when == expression


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("people.size() == 2", True),
        ("people.exists(p, p.posture == 'lying')", True),
        ("people.all(p, p.posture == 'lying')", False),
        ("people.exists_one(p, p.posture == 'lying')", True),
        ("people.filter(p, p.posture == 'lying').size() == 1", True),
        ("people.map(p, p.id) == [3, 4]", True),
        ("objects.all(o, o.x > 5.0)", True),  # there are none
        ("objects.exists(o, true)", False),
        ("has(zones.bed) && !has(zones.rug)", True),
        ("people.all(p, has(p.x))", True),  # though it is 0 for one of them
        ("'bed' in zones && !('rug' in zones)", True),
        ("people[1].seen_s > 5 && people[1].seen_s < 6", True),
        ("people.size() > 2 ? false : true", True),
        ("false && people[7].id == 1", False),
        ("people[7].id == 1 || true", True),  # CEL looks at both sides
    ],
)
def test_it_means_what_cel_says(expression: str, answer: bool) -> None:
    people = (Person(3, "upright", (), 0.0, 0.5, 0.5, 1.0), Person(4, "lying", ("bed",), 0.5, 0.5, 0.5, 5.5))
    seen = Seen(people, (), {"bed": ZoneCount(1, 0)}, dict.fromkeys(LABELS, 0), Time(0, 0, 0, "mon"))
    # guarded, so that an empty room is no failure
    assert Expression(f"people.size() == 2 ? ({expression}) : false").holds(seen) is answer


# -- wrong ones

WRONG_ONES = [
    ("peple.size() > 1", "unknown name 'peple'; did you mean 'people'? allowed: people, objects, zones, count, time"),
    ("people.exists(p, p.postur == 'lying')",
     "a person has no 'postur'; did you mean 'posture'? allowed: id, posture, zones, x, y, height, seen_s"),
    ("objects.exists(o, o.lable == 'cup')",
     "an object has no 'lable'; did you mean 'label'? allowed: id, label, zones, x, y, height, seen_s"),
    ("time.hours > 3",
     "the time has no 'hours'; did you mean 'hour'? allowed: hour, minute, minute_of_day, weekday"),
    ("zones.bed.persons > 3", "a zone has no 'persons'; allowed: people, objects"),
    ("false && people.exists(p, p.postur == 'lying')", "a person has no 'postur'; did you mean 'posture'?"),
    ("people.size()",
     "is a whole number, and must be true or false; compare it, such as people.size() > 1"),
    ("people", "is a list, and must be true or false; compare it, such as people.size() > 1"),
    ("'lying'", "is a text, and must be true or false"),
    ("people.size() >", "ends too early; close brackets and quotes, and complete the last comparison"),
    ("(people.size() > 1", "ends too early; close brackets and quotes"),
    ("people.size() > 1 and true",
     "cannot be read from 'and true' on, at letter 19; check brackets, quotes and operators such as && || == !="),
    ("people.size() = 1", "cannot be read from '= 1' on, at letter 15; check brackets, quotes and operators"),
    ("true\n&& peple", "unknown name 'peple'; did you mean 'people'?"),
    ("true &&\n true )", "cannot be read from ')' on, in its line 2 at letter 7; check brackets"),
    ("p.posture == 'lying'",
     "unknown name 'p'; give it a meaning in a loop, such as people.exists(p, p.x > 0.5)"),
    ("people.exists(p, p.posture == lying)", "unknown name 'lying'; put it in quotes: 'lying'"),
    ("people.exists(p, p.posture == 'lieing')",
     "'lieing' is no posture; did you mean 'lying'? allowed: upright, bending, sitting, lying, unknown"),
    ("people.exists(p, p.posture in ['lying', 'setting'])", "'setting' is no posture; did you mean 'sitting'?"),
    ("time.weekday == 'monday'", "'monday' is no weekday; did you mean 'mon'? allowed: mon, tue, wed"),
    ("objects.exists(o, 'bare' == o.label)", "'bare' is no label; did you mean 'bear'?"),
    ("objects.exists(o, o.label == 'person')",
     "'person' is no label; people are not among the objects, ask `people`"),
    ("objects.exists(o, o.label == 'qqqq')", "'qqqq' is no label; labels are those of COCO, and large_animal"),
    ("count.bare > 0", "'bare' is no label that is counted; did you mean 'bear'?"),
    ("count['cell-phone'] > 0", "'cell-phone' is no label that is counted; did you mean 'cell_phone'?"),
    ("'bare' in count", "'bare' is no label that is counted"),
    ("count.cell-phone > 0", "takes - for minus; write count['cell-phone']"),
    ("zones.big-bath-tub.people > 0", "takes - for minus; write zones['big-bath-tub']"),
    ("people.exists(p, p.zones == 'bed')",
     "'==' does not work with a list and a text at letter 26; put like with like"),
    ("people.exists(p, p.x == 1)",
     "'==' does not work with a number and a whole number at letter 22; write whole numbers with a point, such as 5.0"),
    ("zones.bed > 1",
     "'>' does not work with a zone and a whole number at letter 11; ask for a field: people, objects"),
    ("people > 1", "'>' does not work with a list and a whole number at letter 8; put like with like"),
    ("'a' in 'abc'", "'in' does not work with a text and a text at letter 5; put like with like"),
    ("people.exists(p, p)", "needs true or false at letter 14, not a person; compare it with something"),
    ("people.size() && true", "needs true or false at letter 15, not a whole number; compare it with something"),
    ("!people", "needs true or false at letter 1, not a list; compare it with something"),
    ("people.exists(p)", "exists() is not used like that; write it like people.exists(p, p.x > 0.5)"),
    ("people.size(1) > 1", "size() is not used like that; write it like people.size()"),
    ("people.exsts(p, p.x > 0.5)", "unknown function 'exsts'; did you mean 'exists'?"),
    ("people.exists(1, true)", "has a loop without a variable at letter 15; write it like people.exists(p, p.x > 0.5)"),
    ("time.exists(t, true)", "loops over the time at letter 1; loop over people, objects or another list"),
    ("time.hour.x == 1", "asks a whole number for a field at letter 10; only a person, object, zone and the time"),
    ("has(people)", "asks has() for something that is no key at letter 5; use it like has(zones.bed)"),
    ("timestamp('2026-01-01T00:00:00Z') == timestamp('2026-01-01T00:00:00Z')", "unknown function 'timestamp'; allowed"),
    ("dyn(people) == 1", "unknown function 'dyn'; allowed"),
    ("people[0].posture == 'lying'",
     "fails when nobody is in view: a list has no member of that number; ask for its size() first, as in"),
    ("people.all(p, p.zones[0] == 'bed')", "fails when somebody outside all zones is in view: a list has no member"),
    ("people.exists(p, zones['b' == 'b' ? 'no' : 'bed'].people > 1)", "fails when somebody outside all zones is in"),
    ("1 / people.size() > 0", "fails when nobody is in view: divides by zero; ask for that first"),
    ("1 % people.size() > 0", "fails when nobody is in view: divides by zero; ask for that first"),
    ("people.all(p, p.posture.matches('('))", "the pattern in matches() is wrong; check its brackets"),
    ("int('one') == 1", "fails when nobody is in view: it comes to no answer"),
    ("people.exists(p, objects.exists(o, zones.exists(z, true)))", "loops more than 2 deep; take one"),
    ("people.filter(p, objects.all(o, people.exists(q, q.id == o.id))).size() > 1", "loops more than 2 deep"),
    (" && ".join(["objects.all(o, objects.all(q, true))"] * 3),
     "may take 12,480 steps with much in view, of 9,999 at most; loop less often in a loop"),
    ("zones.all(a, zones.all(b, true))", "may take 10,100 steps with much in view"),
    ("people + people == people", "joins two lists; ask each of them and combine the answers with && or ||"),
    ("[[1]] == [[1]]", "makes a list of lists or of unlike things; keep to lists of one kind"),
    ("people.map(p, p.zones).size() > 1", "makes a list of lists or of unlike things; keep to lists of one kind"),
    ("[1, 'a'].size() == 2", "makes a list of lists or of unlike things"),
    ("'a' + 'b' == 'ab'", "'+' does not work with a text and a text at letter 5; put like with like"),
    ("{'a': 1}['a'] == 1", "builds something in { }; only compare and count what is seen"),
    ("semcam.Person{id: 1}.id == 1", "builds something in { }; only compare and count what is seen"),
    ("zones.map(z, zones[z].people)[0] > 1",
     "asks for the order of what comes from a map, and a map has none; ask with exists(), all(), in or size()"),
    ("zones.filter(z, true).filter(z, true) == ['bed']", "asks for the order of what comes from a map"),
    ("(true ? count.map(l, l) : ['bear'])[0] == 'bear'", "asks for the order of what comes from a map"),
    ("people.exists(count, count.x > 0.5)", "calls a variable 'count', which is a name already; call it 'c'"),
    ("(" * 100 + "true" + ")" * 100, "is nested too deeply or too long; write it flatter"),
    ("+".join("1" * 200) + " > 0", "is nested too deeply or too long; write it flatter"),
    ("\ud800", "holds a letter that does not exist; look for \\u in the text"),
    (" ", "ends too early"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "sentence"), WRONG_ONES)
def test_what_is_wrong_is_explained(expression: str, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_expression(expression)
    assert sentence in str(caught.value)


def test_a_long_one_is_refused() -> None:
    long = "people.size() > 1 && " * 30 + "true"
    with pytest.raises(ValidationError, match="at most 512"):
        when(long)
    with pytest.raises(ValueError, match="is too long; use at most 512 letters"):
        zones_named(long)


def test_semcam_check_tells_line_and_key(tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(
        "cameras:\n  room:\n    rules:\n      fall:\n      two:\n        for: 10s\n        when: peple.size() > 1\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_config(config)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (7, "cameras.room.rules.two.when")
    assert problem.message.startswith("unknown name 'peple'; did you mean 'people'?")


def test_a_rule_survives_its_way_to_the_vision_process() -> None:
    job = Job(source="a clip", rules={"own": when(TWO_UP)})
    assert Job.model_validate_json(job.model_dump_json()) == job


@pytest.mark.parametrize(
    ("expression", "zones"),
    [
        ("zones.bed.people > 0", {"bed"}),
        ("zones['bath-tub'].objects > 0 || has(zones.rug)", {"bath-tub", "rug"}),
        ("people.exists(p, 'bed' in p.zones) || objects.exists(o, !('rug' in o.zones))", {"bed", "rug"}),
        ("'bed' in zones", {"bed"}),
        ("people.size() > 0 && count.bear > 0 && 'sat' == time.weekday", set()),
    ],
)
def test_the_zones_that_are_named_are_known(expression: str, zones: set[str]) -> None:
    assert zones_named(expression) == zones


# -- cost


def test_what_is_allowed_at_most_stays_within_the_librarys_own_limit() -> None:
    """The bound that is worked out is what the library counts: one turn more, and it is refused or fails."""
    loops = ["objects.all(o, objects.all(q, true))", "objects.all(o, people.all(p, true))"]
    steps = [64 + 64 * 64, 64 + 64 * 16]
    many = " && ".join([loops[0]] * 2 + [loops[1]])
    assert 2 * steps[0] + steps[1] < MOST_STEPS
    full = samples([])["when much is in view"]
    assert Expression(many).holds(full)
    most = f"{many} && objects.all(o, [{', '.join('1' * 8)}].all(n, true)) && [1, 1, 1, 1].all(n, true)"
    assert 2 * steps[0] + steps[1] + 64 + 64 * 8 + 4 == 9_988
    assert Expression(f"{most} && [{', '.join('1' * 11)}].all(n, true)").holds(full)
    with pytest.raises(ValueError, match="may take 10,000 steps with much in view, of 9,999 at most"):
        Expression(f"{most} && [{', '.join('1' * 12)}].all(n, true)")
    with pytest.raises(ExpressionError):  # were it not refused
        Expression("objects.all(o, objects.all(q, true))").holds(replace(full, objects=full.objects * 2))


def test_an_answer_that_is_none_is_an_error() -> None:
    one = Expression("people.exists(p, 10 / int(p.x * 100.0) > 1) || people.size() >= 1")
    seen = samples([])["when much is in view"]
    assert one.holds(seen)
    unforeseen = Expression("count.bear < 50 || 1 / (count.bear - 50) > 0")
    with pytest.raises(ExpressionError, match="divides by zero"):
        unforeseen.holds(replace(seen, count={**seen.count, "bear": 50}))


COURIER = """
import sys
import semcam.courier.service, semcam.contract.load, semcam.contract.rules as rules
from semcam.contract.config import Job
assert not {"cel_expr_python", "google.protobuf"} & set(sys.modules)
rules.FallRule(id="fall")
assert not {"cel_expr_python", "google.protobuf"} & set(sys.modules)
Job(source="a clip", rules={"own": rules.WhenRule(id="own", when="people.size() > 1")})
loaded = {"cel_expr_python", "google.protobuf", "numpy", "cv2", "onnxruntime"} & set(sys.modules)
print(sorted(loaded))
"""


def test_nobody_loads_the_library_who_has_no_expression() -> None:
    done = subprocess.run([sys.executable, "-c", COURIER], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.replace("'", '"')) == ["cel_expr_python", "google.protobuf"]


def test_building_all_other_rules_loads_no_library() -> None:
    code = "import sys, semcam.rules.build; print('cel_expr_python' in sys.modules, 'google.protobuf' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout.split() == ["False", "False"], done.stderr


# -- fuzz

TOKENS = [
    *NAMES, *FUNCTIONS, *MACROS, "p", "q", "x", "zones.bed", "p.posture", "p.zones", "'lying'", "'bed'", '"', "'",
    "b'a'", "r'\\'", "1", "0", "2.5", "1u", "1e999", "99999999999999999999", "true", "null", "in", ".", ",", "(", ")",
    "[", "]", "{", "}", "?", ":", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "<", ">=", " ", "\n", "//", "`a`",
    "@result", "日本", "\\u",
]  # fmt: skip


@fuzz
@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)))
def test_any_text_is_taken_or_explained(text: str) -> None:
    try:
        check_expression(text)
    except ValueError as error:
        sentence = str(error)
        assert type(error) is ValueError
        assert sentence and "\n" not in sentence and "ERROR" not in sentence and "<input>" not in sentence


@fuzz
@given(st.sampled_from(RIGHT_ONES), st.data())
def test_a_slip_in_a_right_one_is_taken_or_explained(expression: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(expression)))
    until = data.draw(st.integers(at, min(at + 5, len(expression))))
    slip = expression[:at] + data.draw(st.sampled_from(["", *TOKENS])) + expression[until:]
    try:
        check_expression(slip)
    except ValueError as error:
        assert type(error) is ValueError and "; " in str(error)


def numbers(depth: int, names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Whole numbers."""
    seen = ["people.size()", "time.hour", "count.person", "count['cup']", *(f"{name}.id" for name in names)]
    plain = st.one_of(st.integers(-3, 100).map(str), st.sampled_from(seen))
    if depth == 0:
        return plain
    inner = numbers(depth - 1, names)
    sums = st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda it: f"({it[0]} {it[1]} {it[2]})")
    return st.one_of(plain, sums)


def truths(depth: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Expressions that are right, whatever is in view; loops at most two deep."""
    compare = st.tuples(numbers(1, names), st.sampled_from(["<", ">=", "==", "!="]), numbers(1, names)).map(" ".join)
    plain = [st.sampled_from(["true", "zones.bed.people > 1", "time.weekday in ['sat']", "'bed' in zones"]), compare]
    if names:
        asked = ["{}.x < 0.5", "{}.seen_s > 3", "'bed' in {}.zones", "{}.height != 0.25"]
        plain.append(st.tuples(st.sampled_from(asked), st.sampled_from(names)).map(lambda it: it[0].format(it[1])))
    if depth == 0:
        return st.one_of(plain)
    inner = truths(depth - 1, names)
    both = st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda it: f"({it[0]} {it[1]} {it[2]})")
    either = st.tuples(inner, inner, inner).map(lambda it: f"({it[0]} ? {it[1]} : {it[2]})")
    loops: list[st.SearchStrategy[str]] = []
    if len(names) < 2:
        name = "pq"[len(names)]
        ways = st.sampled_from(["exists({}, {})", "all({}, {})", "exists_one({}, {})", "filter({}, {}).size() > 1"])
        loops.append(
            st.tuples(st.sampled_from(["people", "objects"]), ways, truths(depth - 1, (*names, name))).map(
                lambda it: f"{it[0]}.{it[1].format(name, it[2])}"
            )
        )
    return st.one_of(*plain, inner.map(lambda it: f"!({it})"), both, either, *loops)


def moments() -> st.SearchStrategy[Seen]:
    """Rooms as they may be."""
    fraction, zones = st.floats(0, 1), st.sampled_from([(), ("bed",)])
    shared = {"zones": zones, "x": fraction, "y": fraction, "height": fraction, "seen_s": st.floats(0, 1e6)}
    people = st.builds(Person, id=st.integers(0, 10**9), posture=st.sampled_from(POSTURES), **shared)
    objects = st.builds(Object, id=st.integers(0, 10**9), label=st.sampled_from(WORDS["label"]), **shared)
    return st.builds(
        Seen,
        people=st.lists(people, max_size=16).map(tuple),
        objects=st.lists(objects, max_size=64).map(tuple),
        zones=st.builds(lambda a, b: {"bed": ZoneCount(a, b)}, st.integers(0, 16), st.integers(0, 64)),
        count=st.integers(0, 99).map(lambda count: dict.fromkeys(LABELS, count)),
        time=st.builds(Time, st.integers(0, 23), st.integers(0, 59), st.integers(0, 1439), st.sampled_from(WEEKDAYS)),
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(truths(3), moments())
def test_what_is_right_has_an_answer_to_everything(expression: str, seen: Seen) -> None:
    try:
        right = Expression(expression)
    except ValueError as error:
        assert re.match(r"is nested too deeply|may take [\d,]+ steps", str(error)), (expression, str(error))
        return
    assert right.holds(seen) is right.holds(seen)


@pytest.mark.parametrize("label", sorted(LABELS))
def test_every_label_is_counted(label: str) -> None:
    assert is_seen(f"count.{label} == 1 && count['{label}'] == 1", person(label=label))
