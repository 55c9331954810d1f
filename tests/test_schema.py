"""The JSON Schemas that `semcam schema` prints: of semcam.yaml for editors, of events for whoever receives them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from semcam.contract.document import read_document
from semcam.contract.errors import ConfigError
from semcam.contract.event import Event
from semcam.contract.kinds import KINDS, written_duration, written_names
from semcam.contract.load import SCENES, load_config
from semcam.contract.schema import config_schema, event_schema
from tests.conftest import ROOT, SAMPLE, semcam
from tests.test_config import HOUSE

SCHEMA = config_schema()
fuzz = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "semcam.yaml"


def faults(page: Path, text: str) -> list[str]:
    """What the schema has against a text."""
    page.write_text(text, encoding="utf-8")
    content = read_document(page).plain()
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(content)]


def is_good(page: Path, text: str) -> bool:
    """Whether `semcam check` accepts it."""
    page.write_text(text, encoding="utf-8")
    try:
        load_config(page)
    except ConfigError:
        return False
    return True


def documented() -> Iterator[tuple[str, str]]:
    """Every configuration that we show to anybody."""
    for path in (*sorted(SCENES.glob("*.yaml")), *sorted((ROOT / "docs" / "recipes").glob("*.yaml"))):
        yield path.name, path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for block in re.findall(r"^```yaml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            if re.search("^cameras:", block, re.MULTILINE):
                yield path.name, block
    yield "the design", HOUSE


def test_it_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator.check_schema(event_schema())


@pytest.mark.parametrize(("name", "text"), [*documented()])
def test_every_configuration_that_we_show_is_good_by_check_and_by_schema(page: Path, name: str, text: str) -> None:
    assert faults(page, text) == [], name
    assert is_good(page, text), name


def one(rules: str, camera: str = "") -> str:
    return f"cameras:\n  a:\n{camera}    zones: {{bed: {{shape: [[0, 0], [1, 0], [1, 1]]}}}}\n    rules:\n{rules}"


GOOD = [
    one("      fall:\n"),
    one("      fall: {}\n      lying: ~\n"),
    one("      fall: {after: 3s}\n      second: {kind: fall, for: 500ms, severity: info}\n"),
    one("      two: {when: people.size() > 1}\n      when: {when: people.size() > 2}\n"),
    one("      fall: {when: people.size() > 1}\n"),
    one("      fall: {kind: lying, after: 10}\n"),
    one("      left_bed: {zones: bed}\n      not_back: {zones: [bed], after: 1.5h}\n"),
    one("      many: {kind: occupancy, more_than: 3, fewer_than: }\n"),
    one('      absence: {by: "10:00"}\n      dwell: {between: ["22:00", "24:00"], weekdays: [mon]}\n'),
    one("      say: {kind: lying, message: '{who}: {place}'}\n      it: {kind: lying, message: {ja: 床にいます。}}\n"),
    one("      s: {kind: sighting, labels: dog}\n      t: {kind: sighting, labels: [dog, cell_phone]}\n"),
    "cameras: {a: {scene: outdoors}}\n",
    "cameras: {a: {scene: outdoors, rules: }}\n",
    "cameras: {a: {scene: outdoors, rules: {}}}\n",
    "cameras: {a: {scene: outdoors, rules: {bear: {after: 3s}, help: false, lying: }}}\n",
    "cameras: {a: {scene: outdoors, rules: {bear: , help: {when: people.size() > 1}}}}\n",
    "cameras: {a: {scene: outdoors, rules: {bear: {kind: dwell, labels: bear}, fall: {severity: info}}}}\n",
    one("      wandering: {after: 3min}\n", "    scene: bedroom\n"),
    one("      left_bed: {after: 20s}\n", "    scene: bedroom\n"),
    "alarms: {escalate_after: 2min, long_lie: [10min, 3600]}\noutbox: {days: 7}\ncameras: {a: {scene: demo}}\n",
    "mqtt: {host: h, user: u, tls: true}\ncameras: {a: {scene: demo}}\n",
    "timezone: '+09:00'\nmqtt: {host: h, port: 1883}\ncameras: {101: {rules: {1: {kind: fall}}}}\n",
]
BAD = [
    "site: home\n",
    "cameras: {}\n",
    "cameras: [a]\n",
    "cameras: {a: }\n",
    "cameras: {a: {}}\n",
    "cameras: {a: {rules: }}\n",
    "cameras: {a: {rules: {}}}\n",
    "cameras: {Bath Room: {rules: {fall: }}}\n",
    "cameras: {a: {scene: outdoor}}\n",
    "cameras: {a: {scene: outdoors, rules: [fall]}}\n",
    "cameras: {a: {scene: outdoors, rules: {bears: false}}}\n",
    "cameras: {a: {scene: outdoors, rules: {bear: {for: 3s, after: 3s}}}}\n",
    "cameras: {a: {scene: outdoors, rules: {bear: {zoness: x}}}}\n",
    "cameras: {a: {scene: outdoors, rules: {left_bed: }}}\n",
    "sites: home\n" + one("      fall:\n"),
    "site: Sakura Home\n" + one("      fall:\n"),
    "language: de\n" + one("      fall:\n"),
    "mqtt: {port: 1883}\n" + one("      fall:\n"),
    "mqtt: {host: h, port: 99999}\n" + one("      fall:\n"),
    "mqtt: {host: h, tls: maybe}\n" + one("      fall:\n"),
    "alarms: {escalate: 2min}\n" + one("      fall:\n"),
    "alarms: {long_lie: [soon]}\n" + one("      fall:\n"),
    "outbox: {days: 0}\n" + one("      fall:\n"),
    "subjects: {sato: {}}\n" + one("      fall:\n"),
    "subjects: {Sato: {name: S}}\n" + one("      fall:\n"),
    one("      falls:\n"),
    one("      fall: {confirm_afer: 3s}\n"),
    one("      fall: {confirm_after: soon}\n"),
    one("      fall: {confirm_after: -1}\n"),
    one("      fall: {confirm_after: 3s, for: 3s}\n"),
    one("      fall: {id: x}\n"),
    one("      fall: {severity: loud}\n"),
    one("      fall: false\n"),
    one("      Fall: {kind: fall}\n"),
    one("      lying: {for: 3s, after: 3s}\n"),
    one("      lying: {hold: 3s}\n"),
    one("      lying: {when: people.size() > 1, kind: lying}\n"),
    one('      lying: {between: ["25:00", "06:00"]}\n'),
    one('      lying: {between: ["22:00"]}\n'),
    one("      lying: {weekdays: [monday]}\n"),
    one("      lying: {message: {de: hallo}}\n"),
    one("      left_bed:\n"),
    one("      left_bed: {zones: []}\n"),
    one("      many: {kind: occupancy}\n"),
    one("      many: {kind: occupancy, more_than: 1, fewer_than: 9}\n"),
    one("      occupancy:\n"),
    one("      out: {kind: line_crossed}\n"),
    one("      shut: {kind: crossed_closed_hours}\n"),
    one("      s: {kind: sighting, labels: [beer]}\n"),
    one("      s: {kind: sighting, labels: []}\n"),
    one("      s: {kind: sightings}\n"),
    one("      s: {severity: info}\n"),
    one("      w: {kind: when}\n"),
    one("      fall:\n", "    view: top\n"),
    one("      fall:\n", "    fps: 100\n"),
    one("      fall:\n").replace("[1, 1]", "[1, 2]"),
    one("      fall:\n").replace(", [1, 1]", ""),
    one("      fall:\n").replace("bed:", "Bed:"),
]


@pytest.mark.parametrize("text", GOOD)
def test_what_check_accepts_the_schema_accepts(page: Path, text: str) -> None:
    assert is_good(page, text)
    assert faults(page, text) == []


@pytest.mark.parametrize("text", BAD)
def test_broken_files_are_refused_by_check_and_by_schema(page: Path, text: str) -> None:
    assert not is_good(page, text)
    assert faults(page, text)


KEYS = sorted({name for model in KINDS.values() for names in written_names(model).values() for name in names})
values = st.sampled_from(
    [
        *("~", "5s", "3", "0", "0.5", "bed", "[bed]", "true", "false", "info", "dog", "[dog, cat]", "[mon]", "door"),
        *('["22:00", "06:00"]', '"10:00"', "people.size() > 1", "'{who}'", "{en: '{who}'}", "both", "help", *KINDS),
    ]
)
bodies = st.dictionaries(st.sampled_from(KEYS), values, max_size=4)


@given(
    rules=st.dictionaries(st.sampled_from([*KINDS, "bear", "help", "x"]), bodies, min_size=1, max_size=2),
    scene=st.sampled_from(["", "    scene: bedroom\n", "    scene: outdoors\n"]),
)
@settings(parent=fuzz, max_examples=400)
def test_the_schema_is_never_stricter_than_check(page: Path, rules: dict[str, dict[str, str]], scene: str) -> None:
    lines = [
        f"      {id}: {{{', '.join(f'{key}: {value}' for key, value in rule.items())}}}\n" for id, rule in rules.items()
    ]
    text = one("".join(lines), scene + "    lines: {door: {shape: [[0, 0], [1, 0]], inside: [1, 1]}}\n")
    if is_good(page, text):
        assert faults(page, text) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_rule_is_there_with_its_description_and_no_other(kind: str) -> None:
    properties = SCHEMA["$defs"][kind]["properties"]
    assert set(properties) == {name for names in written_names(KINDS[kind]).values() for name in names}
    for name, property in properties.items():
        assert property.get("description") or property.get("$ref") or name == "kind", name


@pytest.mark.parametrize(
    "name", [name for name, part in SCHEMA["$defs"].items() if name[0].isupper() and "properties" in part]
)
def test_every_key_of_the_rest_is_described(name: str) -> None:
    for key, property in SCHEMA["$defs"][name]["properties"].items():
        assert property.get("description"), key
    assert all(property.get("description") for property in SCHEMA["properties"].values())


def test_times_are_written_as_one_says_them() -> None:
    assert SCHEMA["$defs"]["long_stay"]["properties"]["after"]["default"] == "30min"
    spoken = [(0, "0s"), (0.5, "500ms"), (1.5, "1.5s"), (90, "90s"), (60, "1min"), (43200, "12h"), (5400, "90min")]
    for seconds, words in spoken:
        assert written_duration(seconds) == words


# events


EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "k3v9-000042",
    "source": "semcam/sakura-home/bath-101",
    "type": "semcam.fall",
    "time": "2026-11-21T16:00:00.123Z",
    "subject": "tanaka",
    "datacontenttype": "application/json",
    "data": {
        "schema": 1,
        "alarm": "k3v9-000041",
        "stage": "confirmed",
        "severity": "critical",
        "rule": "fall",
        "place": "bathroom",
        "who": "tanaka",
        "count": 1,
        "message": "田中さんが浴室で倒れました。",
        "messages": {"ja": "田中さんが浴室で倒れました。"},
        "evidence": {"torso_deg": 84, "down_s": 5.0, "score": 0.41},
        "seq": 42,
        "historical": False,
        "clock": {"synced": True, "boot": "9f2c", "mono_s": 5321.4},
        "made_by": {"semcam": "0.1.0", "models": "sha256:1f0c", "config": "sha256:77ab"},
    },
}


def refusals(event: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(event_schema()).iter_errors(event)]


def test_an_event_is_one_by_its_schema_and_may_carry_keys_to_come() -> None:
    assert refusals(EVENT) == []
    assert refusals({**EVENT, "traceparent": "00-1", "data": {**EVENT["data"], "later": 1}}) == []


def test_an_event_that_has_been_read_and_written_again_is_one() -> None:
    assert refusals(json.loads(Event.model_validate_json(json.dumps(EVENT)).to_json())) == []


@pytest.mark.parametrize("key", ["id", "type", "time", "data"])
def test_what_every_event_carries_must_be_there(key: str) -> None:
    assert refusals({name: value for name, value in EVENT.items() if name != key})


@pytest.mark.parametrize(("key", "value"), [("stage", "over"), ("seq", 0), ("message", 5), ("label", "beer")])
def test_what_no_event_can_say_is_refused(key: str, value: object) -> None:
    assert refusals({**EVENT, "data": {**EVENT["data"], key: value}})


def test_the_events_of_a_replay_are_events_by_the_printed_schema() -> None:
    schema = json.loads(semcam("schema", "event").stdout)
    events = [json.loads(line) for line in semcam("replay", SAMPLE, "--json").stdout.splitlines()]
    assert events
    for event in events:
        assert list(Draft202012Validator(schema).iter_errors(event)) == []


def test_the_command_prints_the_schema_of_the_configuration() -> None:
    done = semcam("schema")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == SCHEMA
