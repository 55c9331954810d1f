"""The AsyncAPI document: that it is one, and that it says what is sent. Live traffic is judged where it is made:
by a replay in test_mqtt.py, by a whole household in test_household.py."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from semcam.contract.command import read_command
from tests.conftest import semcam
from tests.test_commands import MEMBERS, fuzz
from tests.test_event import a_fall, other_payloads
from tests.topics import channel_of, channels, document, faults

CAMERA = "semcam/sakura-home/bath-101"


def test_the_command_prints_it() -> None:
    done = semcam("schema", "--asyncapi")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == document()


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in references(value)]
    return [found for value in node for found in references(value)] if isinstance(node, list) else []


def test_everything_that_it_refers_to_is_there_and_nothing_else() -> None:
    found = set(references(document()))
    for reference in found:
        node: Any = document()
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    components = document()["components"]
    named = {f"#/components/{kind}/{name}" for kind, parts in components.items() for name in parts}
    assert named <= found


def test_it_keeps_to_the_rules_of_asyncapi_3() -> None:
    """Those that matter here; the whole of it was checked with AsyncAPI's own parser."""
    assert document()["asyncapi"] == "3.0.0"
    assert set(document()) <= {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    for channel in document()["channels"].values():
        assert set(channel) == {"address", "description", "parameters", "messages"}
        assert {f"{{{name}}}" in channel["address"] for name in channel["parameters"]} == {True}
    operations = document()["operations"]
    assert {operation["channel"]["$ref"] for operation in operations.values()} == {
        f"#/channels/{name}" for name in document()["channels"]
    }
    assert {operation["action"] for operation in operations.values()} == {"send", "receive"}
    for schema in document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_what_is_retained_is_said_to_be() -> None:
    operations = document()["operations"]
    retained = {name for name, operation in operations.items() if operation["bindings"]["mqtt"]["retain"]}
    assert retained == {"tell_alarm", "tell_status", "tell_head", "tell_settings_state", "obey_settings"}


@pytest.mark.parametrize("name", other_payloads())
def test_every_golden_payload_is_as_it_says(name: str) -> None:
    kind = {"alarm": "alarm/fall", "event": "event/fall", "head": "head"}.get(name.split()[0].rstrip(","), "status")
    assert faults(f"{CAMERA}/{kind}", other_payloads()[name]) == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ((), None),
        (("id",), 5),
        (("type",), "fall"),
        (("data", "severity"), "loud"),
        (("data", "seq"), 0),
        (("data", "schema"), 2),
        (("data", "messages"), {"ja": 5}),
        (("data", "message"), None),
        (("data", "clock"), {}),
    ],
)
def test_what_is_no_event_is_found_out(place: tuple[str, ...], value: object) -> None:
    event: Any = json.loads(a_fall().to_json())
    broken = copy.deepcopy(event)
    *path, last = ("whole", *place)
    node = holder = {"whole": broken}
    for step in path:
        node = node[step]
    node[last] = value
    assert faults(f"{CAMERA}/event/fall", json.dumps(event)) == []
    assert faults(f"{CAMERA}/event/fall", json.dumps(holder["whole"]))
    assert faults(f"{CAMERA}/alarm/fall", json.dumps({"state": "ON"} | event)) == []
    if place:
        assert faults(f"{CAMERA}/alarm/fall", json.dumps({"state": "ON"} | holder["whole"]))


def test_readers_are_told_to_bear_what_comes_later() -> None:
    event = json.loads(a_fall().to_json())
    event["data"]["mood"] = "calm"
    event["traceparent"] = "00-1"
    assert faults(f"{CAMERA}/event/fall", json.dumps(event)) == []


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("ack", "{}"),
        ("ack", '{"alarm":"abcdef-000001","over":true,"by":"愛子"}'),
        ("mute", '{"minutes":0}'),
        ("mute", '{"minutes":30,"rule":"fall","by":"Aiko"}'),
        ("replay", '{"epoch":"abcdef","first":1,"last":9}'),
    ],
)
def test_what_it_lets_somebody_say_is_obeyed(name: str, payload: str) -> None:
    assert faults(f"{CAMERA}/command/{name}", payload) == []
    read_command(name, payload.encode())


@given(name=st.sampled_from(["ack", "mute", "replay"]), members=MEMBERS)
@fuzz
def test_whatever_is_obeyed_is_as_it_says(name: str, members: dict[str, Any]) -> None:
    payload = json.dumps(members)
    try:
        read_command(name, payload.encode())
    except ValueError:
        return
    assert faults(f"{CAMERA}/command/{name}", payload) == []


@pytest.mark.parametrize(
    "topic", ["semcam/a/b", "semcam/a/b/event/x/y", "other/a/b/status", "semcam/a/b/command/reboot"]
)
def test_other_topics_are_none_of_its_channels(topic: str) -> None:
    assert channel_of(topic) is None
    assert len(channels()) == 9
