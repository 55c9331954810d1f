"""What Home Assistant asks of a device discovery message, and what it makes of the messages that follow.

Facts read from Home Assistant 2026.11.0: homeassistant/components/mqtt/ (schemas, config, abbreviations, discovery,
models, entity, event, binary_sensor, sensor, switch, button), homeassistant/components/{binary_sensor,sensor}/const
and homeassistant/const. No code of it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from jinja2 import TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

Part = dict[str, Any]

AVAILABILITY = {
    "availability": list, "availability_mode": str, "availability_template": str, "availability_topic": str,
    "payload_available": str, "payload_not_available": str,
}  # fmt: skip
BASE = {"qos": int, "encoding": str, "group": list}
COMMON = AVAILABILITY | BASE | {
    "platform": str, "name": (str, type(None)), "unique_id": str, "default_entity_id": str, "icon": str,
    "device": dict, "origin": dict, "entity_category": str, "entity_picture": str, "enabled_by_default": bool,
    "visible_by_default": bool, "json_attributes_topic": str, "json_attributes_template": str,
    "message_expiry_interval": (int, dict),
}  # fmt: skip
READS = {"state_topic": str, "value_template": str}
ALLOWED = {
    "event": COMMON | READS | {"device_class": str, "event_types": list},
    "binary_sensor": COMMON | READS | {
        "device_class": str, "expire_after": int, "force_update": bool, "off_delay": int, "payload_on": str,
        "payload_off": str,
    },
    "sensor": COMMON | READS | {
        "device_class": str, "expire_after": int, "force_update": bool, "last_reset_value_template": str,
        "options": list, "state_class": str, "suggested_display_precision": int, "unit_of_measurement": str,
    },
    "switch": COMMON | READS | {
        "command_topic": str, "command_template": str, "optimistic": bool, "retain": bool, "payload_on": str,
        "payload_off": str, "state_on": str, "state_off": str, "device_class": str,
    },
    "button": COMMON | {
        "command_topic": str, "command_template": str, "payload_press": str, "retain": bool, "device_class": str,
    },
}  # fmt: skip
REQUIRED = {
    "event": {"state_topic", "event_types"},
    "binary_sensor": {"state_topic"},
    "sensor": {"state_topic"},
    "switch": {"command_topic"},
    "button": {"command_topic"},
}
DEVICE = {
    "identifiers": list, "connections": list, "manufacturer": str, "model": str, "model_id": str, "name": str,
    "hw_version": str, "sw_version": str, "serial_number": str, "suggested_area": str, "via_device": str,
    "configuration_url": str,
}  # fmt: skip
ORIGIN = {"name": str, "sw_version": str, "support_url": str}
TOP = AVAILABILITY | {
    "device": dict, "origin": dict, "components": dict, "state_topic": str, "command_topic": str, "qos": int,
    "encoding": str, "message_expiry_interval": (int, dict), "child_devices": list,
}  # fmt: skip
DEVICE_CLASSES = {
    "binary_sensor": {
        "battery", "battery_charging", "carbon_monoxide", "cold", "connectivity", "door", "garage_door", "gas",
        "glass_break", "heat", "light", "lock", "moisture", "motion", "moving", "occupancy", "opening", "plug",
        "power", "presence", "problem", "running", "safety", "smoke", "sound", "tamper", "update", "vibration",
        "window",
    },
    "event": {"doorbell", "button", "motion"},
    "switch": {"outlet", "switch"},
    "button": {"identify", "restart", "update"},
}  # fmt: skip
SENSOR_CLASSES_USED = {"enum", "duration"}
STATE_CLASSES = {"measurement", "measurement_angle", "total", "total_increasing"}
DISCOVERY_TOPIC = re.compile(r"homeassistant/device/(?:[a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config")
NO_STATE = "None"
"""What a template says where nothing is known."""


def complaints(message: Any) -> Iterator[str]:
    """What Home Assistant would not take."""
    yield from _keys("message", message, TOP, {"device", "origin", "components"})
    device = message.get("device", {})
    yield from _keys("device", device, DEVICE, set())
    if not device.get("identifiers") and not device.get("connections"):
        yield "device: neither identifiers nor connections"
    yield from _keys("origin", message.get("origin", {}), ORIGIN, {"name"})
    yield from _availability("message", message)
    for key, part in message.get("components", {}).items():
        yield from (f"{key}: {complaint}" for complaint in _of_a_part(part))


def _of_a_part(part: Part) -> Iterator[str]:
    platform = part.get("platform")
    if platform not in ALLOWED:
        yield f"platform {platform}"
        return
    if set(part) == {"platform"}:
        return  # a part that goes
    yield from _keys(platform, part, ALLOWED[platform], REQUIRED[platform] | {"unique_id"})
    yield from _availability(platform, part)
    for name, value in part.items():
        if name.endswith("topic"):
            yield from _topic(value, wildcards="command" not in name)
        if name.endswith("template"):
            yield from _template(value)
    device_class = part.get("device_class")
    if device_class and device_class not in DEVICE_CLASSES.get(platform, SENSOR_CLASSES_USED):
        yield f"device class {device_class}"
    categories = {"diagnostic"} if platform in ("sensor", "binary_sensor") else {"diagnostic", "config"}
    if part.get("entity_category", "diagnostic") not in categories:
        yield f"entity category {part['entity_category']}"
    if not re.fullmatch(r"[\w-]+:[\w-]+", part.get("icon", "mdi:x")):
        yield f"icon {part['icon']}"
    if platform == "sensor":
        yield from _of_a_sensor(part)


def _of_a_sensor(part: Part) -> Iterator[str]:
    if part.get("state_class", "total") not in STATE_CLASSES:
        yield f"state class {part['state_class']}"
    if "options" in part:
        if not part["options"]:
            yield "empty options"
        if "state_class" in part or "unit_of_measurement" in part:
            yield "options with a state class or a unit"
        if part.get("device_class") != "enum":
            yield "options without the device class enum"


def _keys(what: str, value: dict[str, Any], allowed: dict[str, Any], required: set[str]) -> Iterator[str]:
    yield from (f"{what}: unknown key {key}" for key in value.keys() - allowed.keys())
    yield from (f"{what}: missing {key}" for key in required - value.keys())
    yield from (
        f"{what}: {key} is of type {type(value[key]).__name__}"
        for key in value.keys() & allowed.keys()
        if not isinstance(value[key], allowed[key])
    )


def _availability(what: str, value: Part) -> Iterator[str]:
    if "availability" in value and "availability_topic" in value:
        yield f"{what}: availability and availability_topic"
    for topic in value.get("availability", []):
        allowed = {"topic": str, "payload_available": str, "payload_not_available": str, "value_template": str}
        yield from _keys(f"{what}: availability", topic, allowed, {"topic"})
        yield from _topic(topic.get("topic", ""), wildcards=True)


def _topic(topic: str, *, wildcards: bool) -> Iterator[str]:
    if not 0 < len(topic.encode()) <= 65535 or "\0" in topic:
        yield f"topic {topic!r}"
    levels = topic.split("/")
    if any(len(level) > 1 and set(level) & set("+#") for level in levels) or "#" in levels[:-1]:
        yield f"topic with a wildcard in the wrong place: {topic}"
    if not wildcards and set(topic) & set("+#"):
        yield f"topic with a wildcard to publish to: {topic}"


def _template(text: str) -> Iterator[str]:
    try:
        _JINJA.from_string(text)
    except TemplateError as error:
        yield f"template {text}: {error}"


_JINJA = ImmutableSandboxedEnvironment(undefined=Undefined)


def render(template: str, payload: str) -> str:
    """As Home Assistant renders a value template: the payload parsed, the result without spaces around it."""
    return _JINJA.from_string(template).render(value=payload, value_json=json.loads(payload)).strip()


def state(part: Part, payload: str) -> str | None:
    """What a message on its state topic makes of an entity: the new state, "None" for unknown, None for no change."""
    said = render(part["value_template"], payload)
    match part["platform"]:
        case "binary_sensor":
            meant = {part.get("payload_on", "ON"), part.get("payload_off", "OFF"), NO_STATE}
            assert said in meant or not said, f"Home Assistant would complain of {said!r}"
        case "switch":
            assert said in {part["state_on"], part["state_off"], NO_STATE}
        case "sensor" if "options" in part:
            assert said in {*part["options"], NO_STATE}
        case "sensor":
            assert said in ("", NO_STATE) or float(said) >= 0
    return said or None


def attributes(part: Part, payload: str) -> dict[str, Any]:
    """The entity's attributes, from the same message."""
    value = json.loads(render(part["json_attributes_template"], payload))
    assert isinstance(value, dict)
    return value


def event(part: Part, payload: str) -> dict[str, Any] | None:
    """What the event entity tells; None where it keeps silent."""
    said = render(part["value_template"], payload)
    if said in ("", NO_STATE, "{}"):
        return None
    value = json.loads(said)
    assert isinstance(value, dict)
    assert value["event_type"] in part["event_types"]
    return value
