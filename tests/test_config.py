"""semcam.yaml: what a person writes, and what is said when it is wrong."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from semcam.contract.config import Config, job_for
from semcam.contract.errors import ConfigError, SemcamError
from semcam.contract.load import DEMO, load_config
from semcam.contract.rule_base import Severity
from semcam.contract.rules import FallRule, LongStayRule, SightingRule
from semcam.contract.text import in_language

fuzz = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

HOUSE = """\
site: sakura-home
language: ja
mqtt: {host: localhost, port: 1883}
subjects:
  tanaka: {name: {ja: 田中さん, en: Ms Tanaka}}
cameras:
  bath-101:
    source: /dev/video0            # a file, rtsp://…, picamera2://0, gst:…
    place: {ja: 浴室, en: bathroom}
    belongs_to: tanaka
    view: room                     # or ceiling
    zones:
      tub: {shape: [[0.1,0.5],[0.5,0.5],[0.5,0.9],[0.1,0.9]], lying_is_normal: true}
    rules:
      fall: {confirm_after: 5s}
      long_stay: {after: 30min}
      help: {kind: gesture}
      two_people_at_night:          # a rule anyone can write
        when: people.filter(p, p.posture != 'lying').size() >= 2
        between: ["22:00", "06:00"]
        for: 10s
        severity: info
        message: {ja: 夜間に二人います。, en: Two people at night.}
  gate:
    scene: outdoors                 # a ready-made rule set
    source: rtsp://camera.local/stream
"""
"""The example of the design."""

ONE_CAMERA = """\
cameras:
  bath:
    rules:
      fall:
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "semcam.yaml"


def load(page: Path, text: str) -> Config:
    page.write_text(text, encoding="utf-8")
    return load_config(page)


def complaints(page: Path, text: str) -> list[str]:
    """Each problem as the person reads it, without the name of the file."""
    with pytest.raises(ConfigError) as refused:
        load(page, text)
    lines = str(refused.value).splitlines()
    assert all(line.startswith(f"{page}: ") for line in lines)
    assert len(lines) == len(refused.value.problems)
    return [line.removeprefix(f"{page}: ") for line in lines]


def complaint(page: Path, text: str) -> str:
    (only,) = complaints(page, text)
    return only


# what loads


def test_the_example_of_the_design_loads(page: Path) -> None:
    config = load(page, HOUSE)
    bath, gate = config.cameras["bath-101"], config.cameras["gate"]
    assert config.site == "sakura-home"
    assert config.mqtt is not None
    assert (config.mqtt.host, config.mqtt.port) == ("localhost", 1883)
    assert bath.place is not None
    assert (in_language(bath.place, "ja"), in_language(bath.place, "en")) == ("浴室", "bathroom")
    assert bath.zones["tub"].lying_is_normal
    assert {id: rule.kind for id, rule in bath.rules.items()} == {
        "fall": "fall",
        "long_stay": "long_stay",
        "help": "gesture",
        "two_people_at_night": "when",
    }
    assert bath.rules["fall"] == FallRule(id="fall", confirm_after=5.0)
    assert bath.rules["long_stay"] == LongStayRule(id="long_stay", hold=1800.0)
    assert isinstance(gate.rules["bear"], SightingRule)


def test_fall_with_nothing_behind_it_means_the_rule_with_its_defaults(page: Path) -> None:
    assert load(page, ONE_CAMERA).cameras["bath"].rules == {"fall": FallRule(id="fall")}


def test_the_scene_for_replays_without_a_configuration_needs_nothing_to_be_set_up() -> None:
    (camera,) = load_config(DEMO).cameras.values()
    assert {rule.kind for rule in camera.rules.values()} == {"fall", "sighting", "gesture"}
    assert not camera.zones


def test_own_rules_join_those_of_the_scene_and_overrule_them(page: Path) -> None:
    rules = load(
        page,
        """\
cameras:
  yard:
    scene: demo
    rules:
      fall: {severity: warning, confirm_after: 10s}
      dog: {kind: sighting, labels: [dog]}
""",
    ).cameras["yard"]
    assert list(rules.rules) == ["fall", "bear", "help", "dog"]
    assert rules.rules["fall"] == FallRule(id="fall", severity=Severity.WARNING, confirm_after=10)


def test_an_empty_list_of_own_rules_leaves_the_scene_as_it_is(page: Path) -> None:
    with_none = load(page, "cameras:\n  yard:\n    scene: outdoors\n    rules:\n").cameras["yard"].rules
    assert with_none == load(page, "cameras:\n  yard:\n    scene: outdoors\n").cameras["yard"].rules


def test_times_of_day_and_the_word_no_stay_text(page: Path) -> None:
    config = load(page, "cameras:\n  no:\n    place: 22:00\n    rules: {off: {kind: fall}}\n")
    assert list(config.cameras) == ["no"]
    assert config.cameras["no"].place == "22:00"
    assert list(config.cameras["no"].rules) == ["off"]
    assert load(page, ONE_CAMERA + "    place: no\n").cameras["bath"].place == "no"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("500ms", 0.5), ("30min", 1800), ("1.5h", 5400), ("7", 7), ("0.25", 0.25), ("' 5 s '", 5), ("0s", 0)],
)
def test_durations_are_written_as_one_says_them(page: Path, text: str, seconds: float) -> None:
    rule = load(page, ONE_CAMERA + f"        confirm_after: {text}\n").cameras["bath"].rules["fall"]
    assert isinstance(rule, FallRule)
    assert rule.confirm_after == pytest.approx(seconds)


def test_ids_that_are_numbers_need_no_quotes(page: Path) -> None:
    config = load(page, "cameras:\n  101: {rules: {1: {kind: fall}}}\n")
    assert config.cameras["101"].rules == {"1": FallRule(id="1")}
    assert "line 2: cameras.101.rules.1.knd" in complaint(page, "cameras:\n  101: {rules: {1: {knd: fall}}}\n")


def test_one_label_or_zone_needs_no_brackets(page: Path) -> None:
    rule = load(page, "cameras:\n  b: {rules: {s: {kind: sighting, labels: bear}}}\n").cameras["b"].rules["s"]
    assert rule == SightingRule(id="s", labels=("bear",))


def test_an_anchor_may_be_used_twice(page: Path) -> None:
    text = "cameras:\n  a: &same {rules: {fall: }}\n  b: *same\n  c: {<<: *same, view: ceiling}\n"
    config = load(page, text)
    assert config.cameras["a"] == config.cameras["b"]
    assert config.cameras["c"].view == "ceiling"


def test_a_page_that_begins_with_a_byte_order_mark_loads(page: Path) -> None:
    assert load(page, "\ufeff" + ONE_CAMERA)


def test_the_digest_changes_with_the_meaning_and_not_with_the_spelling(page: Path) -> None:
    digest = load(page, HOUSE).digest()
    assert re.fullmatch("sha256:[0-9a-f]{12}", digest)
    assert load(page, HOUSE.replace("   # a ready-made rule set", "")).digest() == digest
    assert load(page, HOUSE.replace("5s", "5000ms")).digest() == digest
    assert load(page, HOUSE.replace("5s", "6s")).digest() != digest


def test_the_vision_process_is_told_no_names_and_no_broker(page: Path) -> None:
    camera = load(page, HOUSE.replace("lying_is_normal", "belongs_to: tanaka, lying_is_normal")).cameras["bath-101"]
    told = job_for(camera, "clip.mp4", threads=1).model_dump_json()
    assert "clip.mp4" in told
    for private in ("tanaka", "田中", "浴室", "localhost", "sakura"):
        assert private not in told


# what does not


def test_a_file_that_is_not_there(page: Path) -> None:
    with pytest.raises(ConfigError, match="no such file; check the name"):
        load_config(page)


def test_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="directory"):
        load_config(tmp_path)


def test_all_config_errors_are_ours_and_are_value_errors(page: Path) -> None:
    with pytest.raises(SemcamError):
        load_config(page)
    with pytest.raises(ValueError, match="no such file"):
        load_config(page)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "hello\n", "- bath\n- gate\n", "5\n", "--- \n...\n"])
def test_a_page_without_keys_is_told_what_belongs_there(page: Path, text: str) -> None:
    assert complaint(page, text) == "line 1: must hold keys such as site: and cameras:"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00s\x00i", bytes(range(256)), "site: a".encode("utf-16"), b"\x00" * 9])
def test_a_file_that_is_no_text(page: Path, content: bytes) -> None:
    page.write_bytes(content)
    with pytest.raises(ConfigError, match=r"cannot be read|is not YAML"):
        load_config(page)


def test_brackets_that_never_close(page: Path) -> None:
    assert complaint(page, "site: home\ncameras: {bath: {rules: [fall}\n").startswith("line 2: ")


def test_indentation_by_tabulator(page: Path) -> None:
    assert complaint(page, "site: home\ncameras:\n  bath:\n\trules:\n").startswith("line 4: ")


def test_a_key_that_stands_twice(page: Path) -> None:
    said = complaint(page, ONE_CAMERA + "      fall: {confirm_after: 3s}\n")
    assert said.startswith("line 5: ")
    assert "twice" in said or "duplicate" in said


@pytest.mark.parametrize(
    ("text", "line", "key", "meant"),
    [
        ("site: home\nlangage: en\n" + ONE_CAMERA, 2, "langage", "language"),
        (ONE_CAMERA + "    sorce: /dev/video0\n", 5, "cameras.bath.sorce", "source"),
        (ONE_CAMERA + "        confirm_afer: 3s\n", 5, "cameras.bath.rules.fall.confirm_afer", "confirm_after"),
        ("mqtt:\n  host: h\n  prot: 1\n" + ONE_CAMERA, 3, "mqtt.prot", "port"),
        ("subjects:\n  sato:\n    name: S\n    nam: T\n" + ONE_CAMERA, 4, "subjects.sato.nam", "name"),
        (
            ONE_CAMERA + "    zones:\n      tub:\n        shape: [[0,0],[1,0],[1,1]]\n        lying_normal: true\n",
            8,
            "cameras.bath.zones.tub.lying_normal",
            "lying_is_normal",
        ),
    ],
)
def test_a_misspelled_key_gets_its_line_and_the_nearest_spelling(
    page: Path, text: str, line: int, key: str, meant: str
) -> None:
    said = complaint(page, text)
    assert said.startswith(f"line {line}: {key}: unknown key; did you mean '{meant}'? allowed: ")
    assert "id," not in said  # a rule's id is its key; nobody may write it


def test_an_id_written_into_a_rule_is_an_unknown_key_and_not_silently_dropped(page: Path) -> None:
    assert "unknown key" in complaint(page, ONE_CAMERA + "        id: other\n")


@pytest.mark.parametrize("given", ["5 seconds", "5 s 3 min", "30d", "soon", "-5s", "5,5s", "''"])
def test_a_duration_that_is_none_shows_how_one_is_written(page: Path, given: str) -> None:
    said = complaint(page, ONE_CAMERA + f"        confirm_after: {given}\n")
    assert said.startswith("line 5: cameras.bath.rules.fall.confirm_after: ")
    assert "write it like 5s, 30min or 1.5h" in said


def test_a_kind_of_rule_that_does_not_exist(page: Path) -> None:
    assert complaint(page, "cameras:\n  bath:\n    rules:\n      falls:\n").startswith(
        "line 4: cameras.bath.rules.falls: unknown kind of rule; did you mean 'fall'? allowed: fall, "
    )
    said = complaint(page, "cameras:\n  bath:\n    rules:\n      night: {kind: sigthing}\n")
    assert "did you mean 'sighting'?" in said


def test_a_scene_that_does_not_exist(page: Path) -> None:
    said = complaint(page, "cameras:\n  gate:\n    scene: outdoor\n")
    assert said.startswith("line 3: cameras.gate.scene: ")
    assert "did you mean 'outdoors'?" in said
    assert len(complaints(page, "cameras:\n  gate:\n    scene: ../../etc/passwd\n")) >= 1


def test_a_label_that_does_not_exist(page: Path) -> None:
    said = complaint(page, "cameras:\n  gate:\n    rules:\n      b: {kind: sighting, labels: [beer]}\n")
    assert said.startswith("line 4: cameras.gate.rules.b.labels.0: ")
    assert "'beer'" in said


def test_a_camera_that_belongs_to_nobody_known(page: Path) -> None:
    said = complaint(page, ONE_CAMERA + "    belongs_to: tanaka\n")
    assert "'tanaka' is not under subjects; add a name there (known: nobody yet)" in said
    assert said.startswith("line 5: cameras.bath.belongs_to: ")


def test_a_zone_that_belongs_to_nobody_known(page: Path) -> None:
    said = complaint(
        page,
        ONE_CAMERA
        + "    zones:\n      bed: {shape: [[0,0],[1,0],[1,1]], belongs_to: tanaka}\nsubjects: {sato: {name: S}}\n",
    )
    assert "'tanaka' is not under subjects; add a name there (known: sato)" in said
    assert said.startswith("line 6: cameras.bath.zones.bed.belongs_to: ")


@pytest.mark.parametrize("rules", ["", "    rules:\n", "    rules: {}\n"])
def test_a_camera_without_rules_is_offered_some(page: Path, rules: str) -> None:
    said = complaint(page, "cameras:\n  bath:\n    view: room\n" + rules)
    assert "add rules such as `fall:`, or a scene" in said
    assert "outdoors" in said


@pytest.mark.parametrize("text", ["site: home\n", "cameras:\n", "cameras: {}\n"])
def test_a_house_without_cameras(page: Path, text: str) -> None:
    assert "cameras: " in complaint(page, text)


def test_all_mistakes_are_told_in_one_go_in_the_order_of_their_lines(page: Path) -> None:
    said = complaints(
        page,
        """\
site: Sakura Home
language: de
mqtt: {port: 99999}
cameras:
  bath:
    sorce: /dev/video0
    fps: 1000
    rules:
      fall: {confirm_after: soon, min_drop: much}
      night: {kind: gestures}
  gate:
    scene: outdoor
""",
    )
    lines = [int(match[1]) for sentence in said if (match := re.match(r"line (\d+): ", sentence))]
    assert lines == [1, 2, 3, 3, 6, 7, 9, 9, 10, 12]
    assert len(said) == len(lines)


def test_a_mistake_in_a_repeated_part_is_told_with_a_line(page: Path) -> None:
    text = "cameras:\n  a: &same\n    fsp: 3\n    rules: {fall: }\n  b:\n    <<: *same\n    view: room\n"
    assert "line 3: cameras.a.fsp: unknown key" in "\n".join(complaints(page, text))


@pytest.mark.parametrize(
    "text",
    [
        "cameras: !!omap [a: b]\n",
        "cameras: !!set {a, b}\n",
        "site: !!bool abc\n" + ONE_CAMERA,
        "site: !!int abc\n" + ONE_CAMERA,
        "site: !!timestamp abc\n" + ONE_CAMERA,
        "site: !!binary aGVsbG8=\n" + ONE_CAMERA,
        "site: !!python/object:os.system x\n" + ONE_CAMERA,
        'site: "\\UFFFFFFFF"\n' + ONE_CAMERA,
        'site: "\\ud800"\n' + ONE_CAMERA,
        "site: 2026-11-21\n" + ONE_CAMERA,
        "site: 2026-99-99\n" + ONE_CAMERA,
        "site: &a [*a]\n" + ONE_CAMERA,
        "cameras: &a {b: *a}\n",
        "? [a, b]\n: c\n",
        "cameras:\n  ? {a: b}\n  : {rules: {fall: }}\n",
        "site: *nobody\n" + ONE_CAMERA,
        "site: a\n---\nsite: b\n",
        "%YAML 9.9\n---\nsite: a\n",
        "cameras:\n  b:\n    <<: hello\n",
        "cameras:\n  b: {fps: " + "9" * 5000 + ", rules: {fall: }}\n",
        "cameras:\n  b: {fps: .nan, rules: {fall: }}\n",
        "cameras:\n  b: {rules: {~: {kind: fall}}}\n",
        "[" * 1200,
        "cameras: " + "{a: " * 400 + "1" + "}" * 400,
    ],
)
def test_whatever_yaml_can_say_is_answered_with_a_config_error(page: Path, text: str) -> None:
    assert complaints(page, text)


@pytest.mark.parametrize(
    "text",
    [
        "site: 2026-11-21\n" + ONE_CAMERA,
        ONE_CAMERA + "    place: 2026-11-21\n",
        "cameras:\n  2026-11-21: {rules: {fall: }}\n",
        ONE_CAMERA + "    belongs_to: tanaka\n",
    ],
)
def test_each_problem_has_a_line_where_there_is_one(page: Path, text: str) -> None:
    for said in complaints(page, text):
        assert re.match(r"line \d+: ", said), said


JARGON = ("Input should", "String should", "Tuple", "Dictionary", "after validation", "an object", "pattern", "JSON")
"""Words of the tools beneath, which mean nothing to whoever hangs up a camera."""


@pytest.mark.parametrize(
    "text",
    [
        "site: Sakura Home\n" + ONE_CAMERA,
        "site: 5\n" + ONE_CAMERA,
        "language: de\n" + ONE_CAMERA,
        "mqtt: localhost\n" + ONE_CAMERA,
        "mqtt: {host: localhost, port: '1883'}\n" + ONE_CAMERA,
        "mqtt: {host: localhost, port: 99999}\n" + ONE_CAMERA,
        "mqtt: {host: ''}\n" + ONE_CAMERA,
        "subjects: {tanaka: Ms Tanaka}\n" + ONE_CAMERA,
        "cameras: {}\n",
        "cameras: [bath]\n",
        "cameras:\n  bath:\n",
        "cameras:\n  Bath Room: {rules: {fall: }}\n",
        "cameras:\n  bath: {rules: fall}\n",
        "cameras:\n  bath: {rules: [fall]}\n",
        "cameras:\n  bath: {rules: {}}\n",
        "cameras:\n  bath: {rules: {fall: yes}}\n",
        ONE_CAMERA + "    view: top\n",
        ONE_CAMERA + "    fps: 100\n",
        ONE_CAMERA + "    fps: fast\n",
        ONE_CAMERA + "    place: 7\n",
        ONE_CAMERA + "    place: {de: Bad}\n",
        ONE_CAMERA + "    scene: 3\n",
        ONE_CAMERA + "    zones: {z: {shape: [[0,0],[1,1]]}}\n",
        ONE_CAMERA + "    zones: {z: {shape: [[0,0],[1,0],[100,200]]}}\n",
        ONE_CAMERA + "    zones: {z: {shape: [[0,0,1],[1,0],[1,1]]}}\n",
        ONE_CAMERA + "    zones: {z: {shape: [[0,0],[1,0],[1,1]], lying_is_normal: 'yes'}}\n",
        ONE_CAMERA + "        confirm_after: -5\n",
        ONE_CAMERA + "        confirm_after: [5]\n",
        ONE_CAMERA + "        severity: loud\n",
        "cameras:\n  b: {rules: {s: {kind: sighting, labels: beer}}}\n",
        "cameras:\n  b: {rules: {s: {kind: sighting, labels: []}}}\n",
        'site: "\\ud800"\n' + ONE_CAMERA,
    ],
)
def test_each_mistake_is_explained_once_and_in_words_for_a_person(page: Path, text: str) -> None:
    said = complaints(page, text)
    assert not [sentence for sentence in said if any(word in sentence for word in JARGON)]
    places = [tuple(sentence.split(": ")[:-1]) for sentence in said]
    assert len(places) == len(set(places))


# what would only break on the day it matters


@pytest.mark.parametrize("text", [ONE_CAMERA + "    place: {}\n", "subjects: {t: {name: {}}}\n" + ONE_CAMERA])
def test_a_name_in_no_language_is_refused_because_no_sentence_could_use_it(page: Path, text: str) -> None:
    assert complaints(page, text)


def test_a_name_so_long_that_its_events_would_be_refused_is_refused_here(page: Path) -> None:
    long = "長" * 600
    assert complaints(page, f"subjects:\n  t: {{name: {long}}}\n" + ONE_CAMERA)
    assert complaints(page, ONE_CAMERA + f"    place: {long}\n")


# anything at all


def load_or_refuse(page: Path, text: str) -> None:
    page.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        load_config(page)
    except ConfigError as refused:
        assert refused.problems


@given(text=st.text(max_size=200))
@fuzz
def test_any_text_loads_or_is_a_config_error(page: Path, text: str) -> None:
    load_or_refuse(page, text)


@given(content=st.binary(max_size=200))
@fuzz
def test_any_bytes_load_or_are_a_config_error(page: Path, content: bytes) -> None:
    page.write_bytes(content)
    try:
        load_config(page)
    except ConfigError as refused:
        assert refused.problems


PIECES = [
    "\t", "\n", "  ", ":", ": ", "- ", "{", "}", "[", "]", ",", "'", '"', "#", "&a ", "*a", "!!set ", "!!omap ", "!x ",
    "<<: ", "? ", "| ", "> ", "%", "@", "~", "null", "true", "no", "1e999", "-1", ".nan", "2026-11-21", "22:00", "0x1F",
    "\\", "\x00", "\x85", "\u2028", "\ufeff", "田", "cameras:", "rules:", "fall:", "scene: demo", "kind: sighting",
    "---\n", "...\n", "{}", "[]", "''", "id: x",
]  # fmt: skip

edits = st.lists(
    st.tuples(st.integers(0, len(HOUSE)), st.integers(0, 12), st.sampled_from(PIECES) | st.text(max_size=3)),
    min_size=1,
    max_size=6,
)


@given(edits=edits)
@settings(parent=fuzz, max_examples=400)
def test_a_good_page_with_random_edits_loads_or_is_a_config_error(
    page: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = HOUSE
    for place, cut, piece in edits:
        text = text[:place] + piece + text[place + cut :]
    load_or_refuse(page, text)


KNOWN = [
    "site", "cameras", "bath", "rules", "fall", "kind", "scene", "zones", "shape", "place", "ja", "mqtt", "<<", "lines",
    "inside", "line", "subjects", "belongs_to", "when", "for", "after", "labels", "bear", "more_than", "between",
]  # fmt: skip
VALUES = [
    "~", "1", "x", "5s", "[]", "{}", "true", "false", "fall", "outdoors", "outdoor", "when", "bath",
    "[[0, 0], [1, 0], [1, 1]]", "[[0, 0], [1, 1], [1, 0], [0, 1]]", "[0.5, 0.5]", "[bath]", "2026-11-21",
    "zones.bath.people > 0",
]  # fmt: skip


@given(
    data=st.recursive(
        st.sampled_from(VALUES),
        lambda inner: (
            st.dictionaries(st.sampled_from(KNOWN), inner, max_size=4).map(
                lambda keys: "{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"
            )
            | st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]")
        ),
        max_leaves=12,
    )
)
@settings(parent=fuzz, max_examples=150)
def test_known_keys_in_any_nesting_load_or_are_a_config_error(page: Path, data: str) -> None:
    load_or_refuse(page, data)
    load_or_refuse(page, f"cameras: {data}\n")
    load_or_refuse(page, f"cameras: {{bath: {data}}}\n")
    load_or_refuse(page, f"cameras: {{bath: {{rules: {data}, zones: {data}, lines: {data}}}}}\n")
    load_or_refuse(page, f"cameras: {{bath: {{scene: outdoors, rules: {{bear: {data}, x: {data}}}}}}}\n")
