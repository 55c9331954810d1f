"""`semcam check`: one run finds every mistake, also those that take two places of the file to see."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcam.contract.errors import ConfigError
from semcam.contract.load import read_config
from semcam.contract.rules import GestureRule, WanderingRule
from tests.conftest import semcam

fuzz = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

ROOM = """\
subjects: {sato: {name: 佐藤さん}}
cameras:
  room:
    source: /dev/video0
    zones:
      bed: {shape: [[0.1, 0.5], [0.4, 0.5], [0.4, 0.9], [0.1, 0.9]], lying_is_normal: true}
      door: {shape: [[0.6, 0.5], [0.9, 0.5], [0.9, 0.9], [0.6, 0.9]]}
    lines:
      step: {shape: [[0.1, 0.5], [0.9, 0.5]], inside: [0.5, 0.9]}
    rules:
      fall:
      count: {kind: line_crossed, line: step}
"""
"""A camera with everything in order; tests put more rules behind it."""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "semcam.yaml"


def complaints(page: Path, text: str) -> list[str]:
    page.write_text(text, encoding="utf-8")
    try:
        read_config(page)
    except ConfigError as refused:
        return [str(problem) for problem in refused.problems]
    return []


def complaint(page: Path, text: str) -> str:
    (only,) = complaints(page, text)
    return only


def hints(page: Path, text: str) -> list[str]:
    page.write_text(text, encoding="utf-8")
    return [str(hint) for hint in read_config(page).hints]


def with_rule(rule: str) -> str:
    return f"{ROOM}      {rule}\n"


def with_zone(shape: str) -> str:
    return ROOM.replace("    lines:", f"      rug: {{shape: {shape}}}\n    lines:")


def with_line(line: str) -> str:
    return ROOM.replace("    rules:", f"      gate: {{{line}}}\n    rules:") + (
        "      gate: {kind: line_crossed, line: gate}\n"
    )


# everything at once

TWELVE = """\
site: Sakura Home
timezone: Asia/Tokio
subjects: {sato: {name: 佐藤さん}}
cameras:
  room:
    sorce: /dev/video0
    belongs_to: satoh
    zones:
      bed: {shape: [[0.1, 0.1], [0.4, 0.4], [0.4, 0.1], [0.1, 0.4]]}
      rug: {shape: [[0.5, 0.5], [0.9, 0.5], [0.9, 1.9]]}
    rules:
      falls:
      lying: {zones: bad, afer: 5min}
      stay: {kind: long_stay, between: ["22:00", "22:00"], message: "{who} in {plaice}"}
      bear: {kind: sighting, labels: [beer]}
      crowd: {when: "people.size( > 3"}
      crowd: {when: people.size() > 3}
"""
TOLD = [
    ("line 1: site: ", "is not an id"),
    ("line 2: timezone: ", "did you mean 'Asia/Tokyo'?"),
    ("line 6: cameras.room.sorce: ", "unknown key; did you mean 'source'?"),
    ("line 7: cameras.room.belongs_to: ", "did you mean 'sato'?"),
    ("line 9: cameras.room.zones.bed.shape: ", "crosses itself"),
    ("line 10: cameras.room.zones.rug.shape.2: ", "the point [0.9, 1.9] lies outside the picture"),
    ("line 12: cameras.room.rules.falls: ", "unknown kind of rule; did you mean 'fall'?"),
    ("line 13: cameras.room.rules.lying.afer: ", "unknown key; did you mean 'after'?"),
    ("line 13: cameras.room.rules.lying.zones: ", "no zone 'bad' on this camera; did you mean 'bed'?"),
    ("line 14: cameras.room.rules.stay.between: ", "begins when it ends"),
    ("line 14: cameras.room.rules.stay.message: ", "{plaice} is not a field; did you mean 'place'?"),
    ("line 15: cameras.room.rules.bear.labels.0: ", "did you mean 'bear'?"),
    ("line 16: cameras.room.rules.crowd.when: ", ""),
    ("line 17: crowd: ", "stands twice; remove one of the two"),
]


def test_one_run_lists_every_mistake_with_line_key_and_what_was_meant(page: Path) -> None:
    said = complaints(page, TWELVE)
    assert len(said) == len(TOLD), "\n".join(said)
    for sentence, (place, meant) in zip(said, TOLD, strict=True):
        assert sentence.startswith(place)
        assert meant in sentence


def test_the_command_prints_them_with_the_name_of_the_file_and_fails(page: Path) -> None:
    page.write_text(TWELVE, encoding="utf-8")
    done = semcam("check", page)
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == len(TOLD)
    assert all(line.startswith(f"{page}: line ") for line in lines)


def test_the_command_lists_cameras_and_rules_of_a_good_file(page: Path) -> None:
    page.write_text(ROOM, encoding="utf-8")
    done = semcam("check", page)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{page}: camera room: /dev/video0; rules: fall, count\n{page}: good\n"


# names


@pytest.mark.parametrize("id", ["camera_fault", "rule_fault", "camera-fault", "view_lost", "view-restored"])
@pytest.mark.parametrize("rule", ["{kind: lying}", "{when: people.size() > 1}"])
def test_no_rule_is_called_like_a_fault_of_the_camera(page: Path, id: str, rule: str) -> None:
    """It would share that fault's topics, and each would switch off what the other one says."""
    said = complaint(page, with_rule(f"{id}: {rule}"))
    remedy = "is what semcam calls a fault of the camera itself; give the rule another name"
    assert said == f"line 13: cameras.room.rules.{id}: {remedy}"
    assert complaints(page, with_rule(f"{id}s: {rule}")) == []


def test_a_rule_in_a_zone_that_is_not_drawn(page: Path) -> None:
    said = complaint(page, with_rule("left_bed: {zones: [bet]}"))
    assert said == (
        "line 13: cameras.room.rules.left_bed.zones.0: no zone 'bet' on this camera; did you mean 'bed'? "
        "zones of this camera: bed, door"
    )


def test_a_rule_in_a_zone_where_none_is_drawn_at_all(page: Path) -> None:
    said = complaint(page, "cameras:\n  a:\n    rules:\n      left_bed: {zones: bed}\n")
    assert said == "line 4: cameras.a.rules.left_bed.zones: no zone 'bed' on this camera; draw it under zones"


def test_a_zone_of_another_camera_is_not_one_of_this(page: Path) -> None:
    assert "no zone 'bed' on this camera" in complaint(page, f"{ROOM}  hall:\n    rules:\n      fall: {{zones: bed}}\n")


def test_a_rule_about_a_line_that_is_not_drawn(page: Path) -> None:
    said = complaint(page, with_rule("out: {kind: line_crossed, line: steps}"))
    assert said == (
        "line 13: cameras.room.rules.out.line: no line 'steps' on this camera; did you mean 'step'? "
        "lines of this camera: step"
    )


def test_an_expression_about_a_zone_that_is_not_drawn(page: Path) -> None:
    said = complaint(page, with_rule("full: {when: zones.bath.people > 1}"))
    assert said.startswith("line 13: cameras.room.rules.full.when: no zone 'bath' on this camera")
    assert not complaints(page, with_rule("full: {when: zones.bed.people > 1}"))


def test_a_kind_that_is_misspelt_under_an_id_of_ones_own(page: Path) -> None:
    said = complaint(page, with_rule("night: {kind: wander}"))
    assert said.startswith("line 13: cameras.room.rules.night.kind: unknown kind of rule; did you mean 'wandering'?")


@pytest.mark.parametrize(("given", "meant"), [("knid: lying", "kind"), ("wen: people.size() > 2", "when")])
def test_a_rule_of_which_the_word_for_its_kind_is_misspelt(page: Path, given: str, meant: str) -> None:
    said = complaint(page, with_rule(f"night: {{{given}}}"))
    key = given.split(":")[0]
    assert said == f"line 13: cameras.room.rules.night.{key}: unknown key; did you mean {meant!r}?"


def test_a_rule_without_any_kind_is_told_what_there_is(page: Path) -> None:
    said = complaint(page, with_rule("night: {severity: info}"))
    assert said.startswith("line 13: cameras.room.rules.night: unknown kind of rule; ")
    assert "allowed: fall, lying, " in said
    assert said.endswith("or say it with `kind:`, or with `when:` and an expression")


@pytest.mark.parametrize(("given", "meant"), [("monday", "mon"), ("thurs", "thu")])
def test_a_day_in_full_is_told_its_short_form(page: Path, given: str, meant: str) -> None:
    said = complaint(page, with_rule(f"lying: {{weekdays: [{given}]}}"))
    assert f"did you mean '{meant}'? use 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'" in said


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        ("help: {kind: gesture, gesture: waving, for: soon}", "help.for"),
        ("help: {kind: gesture, gesture: wave}", "help.gesture"),
        ("two: {when: people.size() > 1, for: soon}", "two.for"),
        ("two: {when: people.size() > 1, afer: 3s}", "two.afer"),
    ],
)
def test_a_key_that_is_called_like_the_kind_hides_no_other(page: Path, rule: str, key: str) -> None:
    assert complaint(page, with_rule(rule)).startswith(f"line 13: cameras.room.rules.{key}: ")


# times


def test_for_and_after_say_the_same(page: Path) -> None:
    said = complaint(page, with_rule("lying: {for: 5min, after: 3min}"))
    assert said == "line 13: cameras.room.rules.lying.after: says the same as `for`; keep one of the two"
    said = complaint(page, ROOM.replace("fall:", "fall: {confirm_after: 3s, for: 4s}"))
    assert said == "line 11: cameras.room.rules.fall.for: says the same as `confirm_after`; keep one of the two"


def test_the_name_that_the_code_has_for_a_key_is_not_one_to_write(page: Path) -> None:
    assert "lying.hold: unknown key; write `for`" in complaint(page, with_rule("lying: {hold: 5min}"))


@pytest.mark.parametrize(
    ("hours", "remedy"),
    [
        ('["25:00", "06:00"]', "'25:00' is not a time of day; write it like \"22:00\""),
        ('["24:30", "06:00"]', "is not a time of day"),
        ('["10 pm", "6 am"]', "is not a time of day"),
        ('["22:00"]', "is missing"),
        ('["22:00", "06:00", "07:00"]', "holds too much"),
        ("[22:00, 22:00]", "give two different times, or leave it out for always"),
        ("22:00-06:00", "must be a list"),
    ],
)
def test_hours_that_make_no_sense(page: Path, hours: str, remedy: str) -> None:
    for said in complaints(page, with_rule(f"lying: {{between: {hours}}}")) or ["nothing"]:
        assert said.startswith("line 13: cameras.room.rules.lying.between")
        assert remedy in said


def test_what_a_rule_lacks_as_a_whole_is_told_beside_what_is_wrong_with_its_keys(page: Path) -> None:
    said = complaints(page, with_rule('absence: {by: "10:00", for: 3h, severity: loud, weekdays: [never]}'))
    assert [sentence.split(": ")[1] for sentence in said] == [
        "cameras.room.rules.absence",
        "cameras.room.rules.absence.severity",
        "cameras.room.rules.absence.weekdays.0",
    ]
    assert "`by` and `for` are two ways to say it" in said[0]


def test_what_may_only_follow_from_a_misspelt_key_is_not_told_beside_it(page: Path) -> None:
    assert "more_then: unknown key" in complaint(page, with_rule("crowd: {kind: occupancy, more_then: 3}"))


# shapes


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("[[0.1, 0.1], [0.4, 0.4], [0.4, 0.1], [0.1, 0.4]]", "crosses itself: the side from [0.1, 0.1] to [0.4, 0.4]"),
        ("[[0.1, 0.1], [0.2, 0.2], [0.4, 0.4]]", "encloses no area"),
        ("[[0.1, 0.1], [0.4, 0.1], [0.2, 0.1]]", "encloses no area"),
        ("[[0.1, 0.1], [0.1, 0.1], [0.1, 0.1]]", "encloses no area"),
        ("[[0.1, 0.1], [0.105, 0.1], [0.1, 0.105]]", "encloses no area"),
        ("[[0.1, 0.1], [1.2, 0.1], [0.1, 0.4]]", "the point [1.2, 0.1] lies outside the picture"),
        ("[[0.1, -0.1], [0.2, 0.1], [0.1, 0.4]]", "the point [0.1, -0.1] lies outside the picture"),
        ("[[64, 48], [320, 48], [320, 240]]", "the point [64, 48] lies outside the picture"),
    ],
)
def test_a_zone_that_cannot_be_one(page: Path, shape: str, told: str) -> None:
    said = complaints(page, with_zone(shape))
    assert all(sentence.startswith("line 8: cameras.room.zones.rug.shape") for sentence in said)
    assert told in said[0]


@pytest.mark.parametrize(
    "shape",
    [
        "[[0.4, 0.5], [0.6, 0.5], [0.6, 0.9], [0.4, 0.9]]",  # a side in common with both neighbours
        "[[0.1, 0.5], [0.4, 0.5], [0.1, 0.3]]",  # along one side of the bed
        "[[0.399, 0.5], [0.6, 0.5], [0.6, 0.9], [0.399, 0.9]]",  # a hand's tremble over the edge
        "[[0.4, 0.5], [0.6, 0.5], [0.6, 0.9], [0.4, 0.9], [0.4, 0.5]]",  # closed, as other programs write it
    ],
)
def test_zones_may_touch(page: Path, shape: str) -> None:
    assert not complaints(page, with_zone(shape))


def test_zones_that_overlap_are_both_named(page: Path) -> None:
    said = complaint(page, with_zone("[[0.3, 0.5], [0.5, 0.5], [0.5, 0.9], [0.3, 0.9]]"))
    assert said == (
        "line 8: cameras.room.zones.rug.shape: 50% of the zone 'rug' lies in the zone 'bed'; "
        "move their corners so that they touch at most, or make them one zone"
    )


def test_a_zone_around_another_is_told_by_the_inner_one(page: Path) -> None:
    said = complaints(page, with_zone("[[0, 0.4], [1, 0.4], [1, 1], [0, 1]]"))
    assert len(said) == 1  # one key, one complaint
    assert "100% of the zone 'bed' lies in the zone 'rug'" in said[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("shape: [[0.5, 0.1], [0.5, 0.1]], inside: [0.9, 0.5]", "gate.shape: has no length"),
        ("shape: [[0.5, 0.1], [0.505, 0.1]], inside: [0.9, 0.5]", "gate.shape: has no length"),
        ("shape: [[0.5, 0.1], [0.5, 0.4]], inside: [0.5, 0.2]", "gate.inside: lies on the line"),
        ("shape: [[0.5, 0.1], [0.5, 0.4]], inside: [0.5, 0.9]", "gate.inside: lies on the line"),
        ("shape: [[0.5, 0.1], [0.5, 0.4], [0.8, 0.4]], inside: [0.6, 0.4]", "gate.inside: lies on the line"),
        ("shape: [[0.5, 0.1], [0.5, 0.4], [0.8, 0.2], [0.2, 0.2]], inside: [0.1, 0.4]", "gate.shape: crosses itself"),
        ("shape: [[0.5, 0.1], [0.5, 0.4]], inside: [0.5, 9]", "gate.inside: the point [0.5, 9] lies outside"),
        ("shape: [[0.5, 0.1], [0.5, 0.4]]", "gate.inside: is missing"),
        ("shape: [[0.5, 0.1]], inside: [0.1, 0.1]", "gate.shape: holds too little; give at least 2"),
    ],
)
def test_a_line_that_cannot_be_one(page: Path, line: str, told: str) -> None:
    assert f"line 10: cameras.room.lines.{told}" in complaint(page, with_line(line))


def test_an_inside_that_only_lies_beyond_a_bent_lines_corner_is_good(page: Path) -> None:
    assert not complaints(page, with_line("shape: [[0.5, 0.1], [0.5, 0.4], [0.8, 0.4]], inside: [0.5, 0.8]"))


def test_checking_a_hundred_crooked_zones_takes_seconds(page: Path) -> None:
    teeth = [(index / 40, 0.2 + 0.1 * (index % 2)) for index in range(16)]
    shapes = [
        [[x, round(y + row / 1000, 4)] for x, y in teeth] + [[x, round(0.9 - row / 1000, 4)] for x, y in teeth[::-1]]
        for row in range(100)
    ]
    zones = "".join(f"      z{row}: {{shape: {shape}}}\n" for row, shape in enumerate(shapes))
    began_s = time.monotonic()
    assert len(complaints(page, ROOM.replace("    lines:", f"{zones}    lines:"))) >= 99
    assert time.monotonic() - began_s < 60


# bombs


def test_aliases_of_aliases_are_refused_before_they_fill_the_memory(page: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 30)]
    began_s = time.monotonic()
    said = complaint(page, "\n".join(lines) + "\n" + ROOM)
    assert said == "holds more than 50000 values with its aliases (*) written out; use fewer of them"
    assert time.monotonic() - began_s < 10


def test_maps_of_maps_are_refused_as_well(page: Path) -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{{', '.join(f'k{k}: *a{n - 1}' for k in range(9))}}}" for n in range(1, 30)]
    assert "aliases" in complaint(page, "\n".join(lines) + "\n" + ROOM)


def test_a_file_that_is_no_configuration_by_its_length_is_not_even_parsed(page: Path) -> None:
    said = complaint(page, "# " + "x" * 300_000 + "\n" + ROOM)
    assert said == "is longer than 256 kB; is it the right file?"


# scenes


def test_a_rule_of_a_scene_waits_for_its_zone_and_the_rest_works(page: Path) -> None:
    text = "timezone: Asia/Tokyo\ncameras:\n  bed-1:\n    source: /dev/video0\n    scene: bedroom\n"
    told = hints(page, text)
    rules = read_config(page).config.cameras["bed-1"].rules
    assert "fall" in rules
    assert not {"left_bed", "not_back"} & set(rules)
    assert told[0] == (
        "line 5: cameras.bed-1.scene: left_bed is not watched yet: it waits for the zone 'bed'; "
        "draw it on this camera (`semcam init bedroom` shows how), or write `left_bed: false`"
    )
    assert [hint.split()[3] for hint in told] == ["left_bed", "not_back"]


def test_with_its_zone_drawn_it_is_watched(page: Path) -> None:
    bed = "zones: {bed: {shape: [[0, 0], [1, 0], [1, 1]], lying_is_normal: true}}"
    text = f"timezone: Asia/Tokyo\ncameras:\n  a:\n    source: x.mp4\n    scene: bedroom\n    {bed}\n"
    assert hints(page, text) == []
    assert {"left_bed", "not_back"} < set(read_config(page).config.cameras["a"].rules)


def test_a_rule_of_a_scene_that_somebody_asks_for_is_not_left_out_quietly(page: Path) -> None:
    text = "cameras:\n  a:\n    scene: bedroom\n    rules:\n      left_bed: {after: 20s}\n"
    said = complaint(page, text)
    assert said.startswith("line 5: cameras.a.rules.left_bed.zones.0: no zone 'bed' on this camera; draw it")


def test_a_rule_of_the_scene_is_changed_key_by_key(page: Path) -> None:
    page.write_text(
        "cameras:\n  a:\n    scene: bedroom\n    rules:\n      wandering: {for: 3min}\n"
        "      help: {gesture: waving}\n      lying: {kind: no_motion}\n"
    )
    rules = read_config(page).config.cameras["a"].rules
    assert rules["wandering"] == WanderingRule(id="wandering", hold=180, within=1800, between=("22:00", "06:00"))
    assert rules["help"] == GestureRule(id="help", gesture="waving")
    assert rules["lying"].kind == "no_motion"


def test_a_rule_of_the_scene_is_turned_off_by_false(page: Path) -> None:
    page.write_text("cameras:\n  a:\n    scene: demo\n    rules: {bear: false}\n")
    assert list(read_config(page).config.cameras["a"].rules) == ["fall", "help"]


def test_only_a_rule_of_the_scene_can_be_turned_off(page: Path) -> None:
    said = complaint(page, "cameras:\n  a:\n    scene: demo\n    rules: {bears: false}\n")
    assert said == (
        "line 4: cameras.a.rules.bears: turns off a rule that no scene brings; did you mean 'bear'? "
        "the scene has: fall, bear, help"
    )
    assert "this camera has no scene" in complaint(page, "cameras:\n  a:\n    rules: {lying: , fall: false}\n")


def test_under_a_misspelt_scene_its_rules_may_still_be_changed(page: Path) -> None:
    """One mistake is one complaint: the rules are judged as if the name were right."""
    said = complaint(page, "cameras:\n  a:\n    scene: outdoor\n    rules: {bear: {after: 3s}}\n")
    assert "unknown scene; did you mean 'outdoors'?" in said


# hints


def test_hours_without_a_time_zone_are_worth_a_hint(page: Path) -> None:
    (said,) = hints(page, with_rule('lying: {between: ["22:00", "06:00"]}'))
    assert said.startswith("timezone: some rules have hours, which are read in this machine's time zone")
    assert hints(page, "timezone: Asia/Tokyo\n" + with_rule('lying: {between: ["22:00", "06:00"]}')) == []


def test_a_camera_without_a_source_is_worth_a_hint(page: Path) -> None:
    (said,) = hints(page, "cameras:\n  a:\n    rules:\n      fall:\n")
    assert said.startswith("line 2: cameras.a: there is no source yet")


def test_a_bed_on_which_nobody_may_lie_is_worth_a_hint(page: Path) -> None:
    text = with_rule("left_bed: {zones: door}")
    (said,) = hints(page, text)
    assert said.startswith("line 7: cameras.room.zones.door: is a bed to one rule")
    assert said.endswith("add `lying_is_normal: true`")


def test_a_line_that_nobody_watches_is_worth_a_hint(page: Path) -> None:
    (said,) = hints(page, ROOM.replace("      count: {kind: line_crossed, line: step}\n", ""))
    assert said.startswith("line 9: cameras.room.lines.step: no rule watches this line")


@pytest.mark.parametrize("rule", ["full: {kind: occupancy, more_than: 6}", "queue: {zones: door, more_than: 10}"])
def test_a_crowd_larger_than_the_model_can_see_is_worth_a_hint(page: Path, rule: str) -> None:
    (said,) = hints(page, with_rule(rule))
    assert said.startswith(f"line 13: cameras.room.rules.{rule.split(':')[0]}.more_than: is never told")
    assert not hints(page, with_rule(rule.replace("6", "5").replace("10", "5")))
    assert not hints(page, with_rule("cars: {kind: occupancy, labels: car, more_than: 10}"))


def test_a_gesture_that_a_camera_at_the_ceiling_cannot_see_is_worth_a_hint(page: Path) -> None:
    text = with_rule("help: {kind: gesture}")
    assert hints(page, text) == []
    (said,) = hints(page, text.replace("    source:", "    view: ceiling\n    source:"))
    assert said.startswith("line 14: cameras.room.rules.help: is never told: seen straight from above")


# whatever else is wrong


SPOILED = [
    ("sato: {name", "sato: {nam"),
    ("source:", "sorce:"),
    ("lying_is_normal: true", "lying_is_normal: maybe"),
    ("inside: [0.5, 0.9]", "inside: here"),
    ("fall:\n", "falls:\n"),
    ("lines:", "line:"),
    ("name: 佐藤さん", "name: 2026-11-21"),
    ("subjects: {", "site: A B\nsubjects: {"),
]


@given(st.sets(st.sampled_from(SPOILED), min_size=1))
@fuzz
def test_no_mistake_hides_an_unknown_zone_or_a_stranger(page: Path, spoiled: set[tuple[str, str]]) -> None:
    text = ROOM.replace("source:", "belongs_to: nobody\n    source:") + "      left_bed: {zones: [bet]}\n"
    for good, bad in spoiled:
        text = text.replace(good, bad, 1)
    said = "\n".join(complaints(page, text))
    assert "no zone 'bet' on this camera" in said
    assert "'nobody' is not under subjects" in said
    assert len(re.findall("^line ", said, re.MULTILINE)) >= len(spoiled) + 2
