"""The topics and payloads as an AsyncAPI 3.0 document: what may be relied on, for whoever builds on it."""

from typing import Any, Literal

from pydantic import BaseModel

from semcam import __version__
from semcam.contract.command import Ack, Mute, Replay
from semcam.contract.event import AlarmState, Event, Head, Status
from semcam.contract.schema import Schema, heard_schema, sent_schema
from semcam.contract.settings import SettingsState, SignedSettings

_ADDRESS = "semcam/{site}/{camera}"
_TOLD = {
    "event": ("event/{kind}", "Each step of each alarm, once.", "Event", False),
    "alarm": ("alarm/{rule}", "Whether any alarm of a rule burns, and the last event of it.", "Alarm", True),
    "status": ("status", "Whether the camera can be relied on; offline is also its last will.", "Status", True),
    "head": ("head", "Which events can be asked for.", "Head", True),
    "settings_state": (
        "settings/state",
        "Which settings from afar are in force, and what became of those that were sent last.",
        "SettingsState",
        True,
    ),
}
"""What a camera tells: where, what it is, its payload, whether it is retained."""
_HEARD = {
    "ack": ("command/ack", "Somebody has taken an alarm upon them; or, without its id, all that burn.", "Ack", False),
    "replay": ("command/replay", "Somebody lacks events; they are told again as historical.", "Replay", False),
    "mute": ("command/mute", "Somebody wants quiet; 0 minutes end it.", "Mute", False),
    "settings": ("settings", "Whoever has the key changes how the camera judges.", "SignedSettings", True),
}
"""What it obeys, in the same way."""
_PARAMETERS = {
    "site": "The site's id in the configuration.",
    "camera": "The camera's id.",
    "kind": "What happened, in one word: a kind of rule, a label that was sighted, camera_fault, rule_fault, "
    "view_lost or view_restored.",
    "rule": "The rule's id, or camera_fault, rule_fault or view_lost.",
}


def asyncapi() -> dict[str, Any]:
    """The document; JSON can be made of it as it is."""
    both = _TOLD | _HEARD
    channels = {name: _channel(name, path, text, payload) for name, (path, text, payload, _) in both.items()}
    operations = {f"tell_{name}": _operation("send", name, retained) for name, (*_, retained) in _TOLD.items()}
    operations |= {f"obey_{name}": _operation("receive", name, retained) for name, (*_, retained) in _HEARD.items()}
    payloads = [payload for _, _, payload, _ in both.values()]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "semcam",
            "version": __version__,
            "description": "What a semantic camera tells over MQTT, and what may be said to it. Payloads of schema 1 "
            "only ever gain members, and values of those that may be absent: ignore what you do not know.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": {payload: _message(payload) for payload in payloads}, "schemas": _schemas()},
    }


def _channel(name: str, path: str, text: str, payload: str) -> dict[str, Any]:
    address = f"{_ADDRESS}/{path}"
    return {
        "address": address,
        "description": text,
        "parameters": {key: {"description": of} for key, of in _PARAMETERS.items() if f"{{{key}}}" in address},
        "messages": {name: {"$ref": f"#/components/messages/{payload}"}},
    }


def _operation(action: str, name: str, retained: bool) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "bindings": {"mqtt": {"qos": 1, "retain": retained, "bindingVersion": "0.2.0"}},
    }


def _message(payload: str) -> dict[str, Any]:
    return {"name": payload, "contentType": "application/json", "payload": {"$ref": f"#/components/schemas/{payload}"}}


def _schemas() -> Schema:
    """JSON Schemas of all payloads, and of what they are made of."""
    schemas: Schema = {}
    for model in (Event, Status, Head, SettingsState):
        _add(schemas, sent_schema(_of(model, "serialization")), model.__name__)
    for command in (Ack, Replay, Mute, SignedSettings):
        _add(schemas, heard_schema(_of(command, "validation")), command.__name__)
    schemas["Alarm"] = _alarm(schemas["Event"])
    return dict(sorted(schemas.items()))


def _of(model: type[BaseModel], mode: Literal["serialization", "validation"]) -> Schema:
    return model.model_json_schema(mode=mode, ref_template="#/components/schemas/{model}")


def _add(schemas: Schema, schema: Schema, name: str) -> None:
    schemas |= schema.pop("$defs", {})
    schemas[name] = schema


def _alarm(event: Schema) -> Schema:
    """A state, and behind it an event; but a rule that has told nothing since the camera came is OFF without one."""
    states = {"type": "string", "enum": [state.value for state in AlarmState]}
    told = {key: value for key, value in event.items() if key in ("properties", "required")}
    return {
        "description": "The retained word on a rule: whether any of its alarms burns, and the last event of it.",
        "type": "object",
        "properties": {"state": states},
        "required": ["state"],
        "if": {"required": ["data"]},
        "then": told,
    }
