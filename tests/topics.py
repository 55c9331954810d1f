"""The AsyncAPI document as a judge of live traffic: which channel a message is on, and what is wrong with it."""

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from semcam.contract.asyncapi import asyncapi


@cache
def document() -> dict[str, Any]:
    """As `semcam schema --asyncapi` prints it."""
    found: dict[str, Any] = json.loads(json.dumps(asyncapi()))
    return found


@cache
def channels() -> dict[str, tuple[re.Pattern[str], Draft202012Validator]]:
    """Each channel's name with the topics that are meant and what their payloads are."""
    found = {}
    for name, channel in document()["channels"].items():
        topic = re.sub(r"\\\{\w+\\\}", "[a-z0-9_-]+", re.escape(channel["address"]))
        (message,) = channel["messages"].values()
        payload = _at(message["$ref"])["payload"]
        schema = {**payload, "components": document()["components"]}
        Draft202012Validator.check_schema(schema)
        found[name] = re.compile(topic), Draft202012Validator(schema)
    return found


def channel_of(topic: str) -> str | None:
    """The one channel that a topic belongs to."""
    names = [name for name, (pattern, _) in channels().items() if pattern.fullmatch(topic)]
    assert len(names) <= 1, names
    return names[0] if names else None


def faults(topic: str, payload: str) -> list[str]:
    """What the document has against a message; nothing, where it is as it should be."""
    name = channel_of(topic)
    if name is None:
        return [f"{topic} is no channel"]
    _, validator = channels()[name]
    return [f"{topic}: {error.json_path} {error.message}" for error in validator.iter_errors(json.loads(payload))]


def _at(reference: str) -> Any:
    node = document()
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node
