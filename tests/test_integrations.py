"""The examples for Home Assistant and Node-RED name what there is: entities, attributes, topics, commands, stages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from ruamel.yaml import YAML

from semcam.contract.asyncapi import asyncapi
from semcam.contract.command import Ack, read_command
from semcam.contract.config import Config
from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.event import Event
from semcam.contract.load import load_config
from semcam.contract.rule_base import Severity
from semcam.contract.signal import View, Way
from semcam.courier.homeassistant import discovery, discovery_topic
from tests import home_assistant
from tests.conftest import ROOT
from tests.test_event import a_fall

PAGE = (ROOT / "docs" / "home-assistant.md").read_text(encoding="utf-8")
AUTOMATIONS: list[dict[str, Any]] = [
    automation
    for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for automation in YAML(typ="safe").load(text)
]
NODE_RED = ROOT / "docs" / "node-red"
FLOWS = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in sorted(NODE_RED.glob("*.json"))}
ADDRESSES = {channel["address"] for channel in asyncapi()["channels"].values()}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The house that the page speaks of."""
    file = tmp_path_factory.mktemp("house") / "semcam.yaml"
    file.write_text(
        "site: sakura-home\ncameras: {bath-101: {lines: {door: {shape: [[0, 0], [1, 1]], inside: [0, 1]}}, "
        "rules: {fall: {}, visitors: {kind: line_crossed, line: door}}}}\n"
    )
    return load_config(file)


@pytest.fixture(scope="module")
def parts(config: Config) -> dict[str, home_assistant.Part]:
    components: dict[str, home_assistant.Part] = discovery(config, "bath-101")["components"]
    return components


def told(id: str = "k3v9-000042", **changes: Any) -> Event:
    return a_fall(**{"stage": AlarmStage.CONFIRMED, **changes}).model_copy(update={"id": id})


def texts(value: Any) -> Iterator[str]:
    """Every text in a document, however deep."""
    match value:
        case dict():
            for key, inner in value.items():
                yield str(key)
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)
        case str():
            yield value


def filter_of(address: str) -> str:
    """Every camera's topic of that kind, as one subscribes to it."""
    return re.sub(r"\{\w+\}", "+", address)


def is_published(topic: str) -> bool:
    """Whether the contract knows the topic."""
    return any(re.fullmatch(re.sub(r"\{\w+\}", "[a-z0-9_-]+", address), topic) for address in ADDRESSES)


# -- Home Assistant


def test_the_page_names_every_entity_and_no_other(parts: dict[str, home_assistant.Part]) -> None:
    named = set(re.findall(r"\b(?:event|binary_sensor|sensor|switch|button)\.bath_101_\w+", PAGE))
    assert named | {"sensor.bath_101_count_visitors_out"} == {part["default_entity_id"] for part in parts.values()}
    assert "`sensor.bath_101_count_visitors_in`, `…_out`" in PAGE


def test_the_page_names_every_attribute_and_no_other(parts: dict[str, home_assistant.Part]) -> None:
    table = PAGE.split("| attribute | |")[1].split("\n\n")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    lost = {"reason": View.DARK, "since": "2026-11-21T16:00:00.123Z"}
    full = told(way=Way.IN, times=2, lasted_s=3.0, ending=Ending.SEEN, by="nurse", **lost)
    event = home_assistant.event(parts["event"], full.to_json())
    assert event is not None
    assert named | {"messages"} == event.keys() - {"event_type"}
    assert "`messages`" in table
    for choices in (AlarmStage, Severity):
        assert [name for name in re.findall(r"`(\w+)`", table) if name in set(choices)] == list(choices)
    assert f"`{'`, `'.join(list(View)[:-1])}` or `{list(View)[-1]}`" in PAGE


def test_the_page_tells_the_topic_to_forget_a_camera_by(config: Config) -> None:
    assert f"-t {discovery_topic(config, 'bath-101')} -r -n" in PAGE


def test_an_automation_uses_only_what_an_event_has(parts: dict[str, home_assistant.Part]) -> None:
    event = home_assistant.event(parts["event"], told().to_json())
    assert event is not None
    used = {
        name
        for text in texts(AUTOMATIONS)
        for found in re.findall(r"attributes\.(\w+)|state_attr\('[\w.]+', '(\w+)'\)", text)
        for name in found
        if name
    }
    assert used
    assert used <= event.keys()
    stages = {word for text in texts(AUTOMATIONS) for word in re.findall(r"'(\w+ed)'", text)} - {"pressed"}
    assert stages
    assert stages <= set(AlarmStage)


def test_two_automations_are_shown(parts: dict[str, home_assistant.Part]) -> None:
    speaks, waits = AUTOMATIONS
    for automation in (speaks, waits):
        assert automation.keys() <= {"alias", "mode", "max", "triggers", "conditions", "actions"}
        [trigger] = automation["triggers"]
        assert trigger["entity_id"] == parts["event"]["default_entity_id"]
        assert trigger["not_from"] == "unavailable"  # what was told before Home Assistant started is no news
    assert speaks["actions"][0]["action"] == "tts.speak"
    assert any("wait_for_trigger" in action for action in waits["actions"])


class State:
    """What a template sees of an entity's state."""

    def __init__(self, attributes: dict[str, Any]) -> None:
        self.attributes = attributes


def says(template: str, parts: dict[str, home_assistant.Part], before: Event | None, now: Event, **more: Any) -> str:
    """What a template of an automation gives, when one event follows another."""
    heard = [{} if event is None else home_assistant.event(parts["event"], event.to_json()) for event in (before, now)]
    was, is_now = (State(attributes or {}) for attributes in heard)
    environment = ImmutableSandboxedEnvironment()
    environment.globals["state_attr"] = lambda _entity, name: is_now.attributes.get(name)
    trigger = {"from_state": was, "to_state": is_now}
    return environment.from_string(template).render(trigger=trigger, **more)


@pytest.mark.parametrize(
    ("before", "now", "speaks", "calls"),
    [
        (None, told(), True, True),
        (told("k3v9-000041", stage=AlarmStage.SUSPECTED), told(), True, True),
        (told(), told(), False, False),  # the same event twice
        (None, told(stage=AlarmStage.SUSPECTED), False, False),
        (None, told(stage=AlarmStage.ESCALATED), True, False),
        (None, told(stage=AlarmStage.REPEATED), True, False),
        (None, told(stage=AlarmStage.ACKNOWLEDGED), False, False),
        (None, told(stage=AlarmStage.CLEARED), False, False),
        (None, told(severity=Severity.WARNING), True, False),
    ],
)  # fmt: skip
def test_automations_begin_when_they_should(
    parts: dict[str, home_assistant.Part], before: Event | None, now: Event, speaks: bool, calls: bool
) -> None:
    for automation, expected in zip(AUTOMATIONS, (speaks, calls), strict=True):
        [condition] = automation["conditions"]
        assert says(condition["value_template"], parts, before, now) == str(expected)


def test_what_is_spoken_is_the_sentence(parts: dict[str, home_assistant.Part]) -> None:
    [speak] = AUTOMATIONS[0]["actions"]
    assert says(speak["data"]["message"], parts, None, told()) == "田中さんが浴室で倒れました。"


def test_the_wait_ends_with_the_acknowledgement_of_the_same_alarm(parts: dict[str, home_assistant.Part]) -> None:
    [wait] = [action for action in AUTOMATIONS[1]["actions"] if "wait_for_trigger" in action]
    template = wait["wait_for_trigger"][1]["value_template"]
    for stage, alarm, ends in (
        (AlarmStage.ACKNOWLEDGED, "k3v9-000041", True),
        (AlarmStage.CLEARED, "k3v9-000041", True),
        (AlarmStage.UPDATED, "k3v9-000041", False),
        (AlarmStage.ACKNOWLEDGED, "k3v9-000099", False),
    ):
        assert says(template, parts, None, told(stage=stage, alarm=alarm), alarm="k3v9-000041") == str(ends)


def test_the_button_on_the_phone_acknowledges(parts: dict[str, home_assistant.Part]) -> None:
    [choose] = [action["choose"] for action in AUTOMATIONS[1]["actions"] if "choose" in action]
    [publish] = [action for choice in choose for action in choice["sequence"] if action["action"] == "mqtt.publish"]
    assert is_published(publish["data"]["topic"])
    payload = says(publish["data"]["payload"], parts, None, told(), alarm="k3v9-000041")
    name = publish["data"]["topic"].rpartition("/")[2]
    assert read_command(name, payload.encode()) == Ack(alarm="k3v9-000041", by="nurse")


# -- Node-RED

OUTLETS = {
    "mqtt in": 1, "function": 1, "trigger": 1, "http request": 1, "websocket in": 1, "http in": 1, "template": 1,
    "mqtt out": 0, "websocket out": 0, "http response": 0, "comment": 0,
}  # fmt: skip
"""Nodes that Node-RED brings along, and how many outputs they have here."""
SETTINGS = {"tab", "mqtt-broker", "websocket-listener"}


def nodes(flow: list[dict[str, Any]], type: str) -> list[dict[str, Any]]:
    return [node for node in flow if node["type"] == type]


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flow_can_be_imported(flow: list[dict[str, Any]]) -> None:
    by_id = {node["id"]: node for node in flow}
    assert len(by_id) == len(flow)
    assert {node["type"] for node in flow} <= OUTLETS.keys() | SETTINGS
    [tab] = nodes(flow, "tab")
    for node in flow:
        if node["type"] in SETTINGS:
            continue
        assert node["z"] == tab["id"]
        assert {"x", "y", "wires"} <= node.keys()
        assert len(node["wires"]) == OUTLETS[node["type"]], node["name"]
        for target in (id for outlet in node["wires"] for id in outlet):
            assert by_id[target]["z"] == tab["id"]
            assert by_id[target]["type"] not in ("mqtt in", "http in", "websocket in", "comment")
        for key, type in (("broker", "mqtt-broker"), ("server", "websocket-listener")):
            if key in node:
                assert by_id[node[key]]["type"] == type
    targets = {id for node in flow for outlet in node.get("wires", ()) for id in outlet}
    begin = {"mqtt in", "http in", "websocket in", "comment"} | SETTINGS
    assert {node["id"] for node in flow if node["type"] not in begin} == targets


def test_both_flows_share_their_broker_and_nothing_else() -> None:
    one, other = ({node["id"]: node for node in flow} for flow in FLOWS.values())
    shared = one.keys() & other.keys()
    assert [one[id]["type"] for id in shared] == ["mqtt-broker"]
    assert all(one[id] == other[id] for id in shared)


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flow_listens_where_cameras_tell(flow: list[dict[str, Any]]) -> None:
    [listens] = nodes(flow, "mqtt in")
    assert listens["topic"] in {filter_of(address) for address in ADDRESSES}
    assert (listens["qos"], listens["datatype"]) == ("1", "json")


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_flow_uses_only_what_an_event_has(flow: list[dict[str, Any]]) -> None:
    event = json.loads(told().to_json())
    code = "\n".join(node["func"] for node in nodes(flow, "function"))
    [top] = re.findall(r"const \{(id.*?)\} = msg\.payload;", code)
    assert set(top.split(", ")) <= event.keys()
    assert set(re.findall(r"\bdata\.(\w+)", code)) <= event["data"].keys()
    stages = set(re.findall(r'"(\w+ed)"', code))
    assert stages
    assert stages <= set(AlarmStage)


def test_the_page_s_button_sends_a_command_that_the_camera_obeys() -> None:
    [code] = [node["func"] for node in nodes(FLOWS["speak.json"], "function") if "command" in node["func"]]
    [topic] = re.findall(r"`\$\{source\}(/command/\w+)`", code)
    assert is_published(f"{told().source}{topic}")
    assert re.findall(r"payload: \{(.*?)\}", code) == ['alarm, by: "tablet"']
    assert read_command("ack", b'{"alarm": "k3v9-000041", "by": "tablet"}') == Ack(alarm="k3v9-000041", by="tablet")


def test_the_page_shows_text_as_text() -> None:
    [page] = nodes(FLOWS["speak.json"], "template")
    assert page["syntax"] == "plain"
    assert "textContent" in page["template"]
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval\(", page["template"])


def test_the_readme_knows_the_flows() -> None:
    readme = (NODE_RED / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\S+\.json)\)", readme)) == set(FLOWS)
    [tab] = nodes(FLOWS["wait-for-acknowledgement.json"], "tab")
    for setting in tab["env"]:
        assert f"`{setting['name']}`" in readme
    [call] = nodes(FLOWS["wait-for-acknowledgement.json"], "http request")
    assert call["url"] == f"${{{tab['env'][0]['name']}}}"


@pytest.mark.parametrize("page", ["docs/home-assistant.md", "docs/node-red/README.md", "deploy/mosquitto/README.md"])
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text(encoding="utf-8")):
        assert (file.parent / Path(target)).exists(), target
