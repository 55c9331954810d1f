"""What Home Assistant is told of a camera, so that its entities appear by themselves: MQTT device discovery.

One retained message per camera names all of its entities. Home Assistant forgets a part of a device when the message
comes once with nothing but the part's platform; so parts that a new configuration no longer has are taken leave of.
See home-assistant.io/integrations/mqtt, "MQTT discovery".
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from semcam import __version__
from semcam.contract.config import Camera, Config
from semcam.contract.event import FAULTS, VIEW_RESTORED
from semcam.contract.labels import BIG, LARGE_ANIMAL
from semcam.contract.rule_base import Severity
from semcam.contract.rules import AnyRule, LineCrossedRule
from semcam.contract.signal import View
from semcam.contract.text import in_language
from semcam.courier.facts import in_words
from semcam.courier.languages import SPEAKERS, Speaker
from semcam.courier.report import kinds_of

STATUS_TOPIC = "homeassistant/status"
"""Home Assistant says "online" there when it starts."""
MUTE_MINUTES = 60
"""What the switch asks for; `mute_at_most` may give less."""
BY = "Home Assistant"
"""Who acknowledges and mutes, as events tell it."""

Discovery = dict[str, Any]
_Parts = dict[str, dict[str, Any]]

_UNSAFE = frozenset({"fall", "lying", "gesture", "no_motion", "crossed_closed_hours"})
_NEUTRAL = frozenset({"left_bed", "sighting", "when"})
"""Out of bed, a cat, or whatever somebody's own rule says, is no problem in itself."""

# what is said again on demand, or late, must not start an automation: an empty result is no event
_EVENT = (
    "{% if not value_json.data.historical %}{{ dict("
    "value_json.data | items | rejectattr(0, 'in', ['schema', 'evidence', 'seq', 'historical', 'clock', 'made_by']),"
    " event_type=value_json.type[7:], id=value_json.id) | tojson }}{% endif %}"
)
_STATE = "{{ value_json.state }}"
# a rule that never spoke is OFF without an event
_ATTRIBUTES = "{{ value_json.data | default({}) | tojson }}"


class Announcement:
    """One camera as Home Assistant's device: what is published, and when again."""

    def __init__(self, config: Config, name: str) -> None:
        self._name = name
        self._message = discovery(config, name)
        self.topic = discovery_topic(config, name)
        """Where it is published, retained."""
        self.payload = to_json(self._message)

    def followed_by(self, config: Config) -> "Announcement":
        """The same camera with another configuration."""
        return Announcement(config, self._name)

    @property
    def topics(self) -> tuple[str, ...]:
        """What must be subscribed to, for `answer`."""
        return STATUS_TOPIC, self.topic

    def answer(self, topic: str, payload: bytes, retained: bool) -> tuple[str, ...]:
        """What is to be published in answer to a message on one of `topics`, in this order.

        `retained` tells what the broker had kept from what is said now: the camera's own messages come back to it, and
        Home Assistant's word of an earlier day is no news.
        """
        if topic == STATUS_TOPIC and payload == b"online" and not retained:
            return (self.payload,)
        if topic != self.topic or not retained:
            return ()
        try:
            old = json.loads(payload)
        except (ValueError, RecursionError):  # anybody may have written it; ours takes its place in any case
            return ()
        farewell = leave_taking(old, self._message)
        return () if farewell is None else (to_json(farewell), self.payload)


def discovery_topic(config: Config, name: str) -> str:
    """Where the camera's device is announced, retained."""
    # a _ in the site is doubled, so that site a_b with camera c is not site a with camera b_c
    return f"homeassistant/device/semcam_{config.site.replace('_', '__')}_{name}/config"


def discovery(config: Config, name: str) -> Discovery:
    """The camera as Home Assistant's device."""
    camera = config.cameras[name]
    prefix = f"semcam/{config.site}/{name}"
    speaker = SPEAKERS[config.language]
    parts = _of_the_camera(camera, prefix, speaker)
    for rule in camera.rules.values():
        parts |= _of_a_rule(rule, prefix, speaker)
    for key, part in parts.items():
        part["unique_id"] = f"{prefix}/{key}"
        # the same in every language, for automations; by the name it would be a transcription of Japanese
        part["default_entity_id"] = f"{part['platform']}.{_slug(f'{name}_{key}')}"
    place = in_language(camera.place, config.language) if camera.place else in_words(name)
    return {
        "device": {
            "identifiers": [prefix],
            "name": place[:1].upper() + place[1:],
            "manufacturer": "semcam",
            "model": "semantic camera",
            "serial_number": f"{config.site}/{name}",
            "sw_version": __version__,
        },
        "origin": {"name": "semcam", "sw_version": __version__},
        "availability": [{"topic": f"{prefix}/status", "value_template": _STATE}],
        "qos": 1,
        "components": parts,
    }


def leave_taking(old: object, new: Discovery) -> Discovery | None:
    """The message to send first where `old`, what the broker still has, names parts that `new` lacks; else None."""
    parts = old.get("components") if isinstance(old, dict) else None
    if not isinstance(parts, dict):
        return None
    gone = {
        key: {"platform": part["platform"]}
        for key, part in parts.items()
        if key not in new["components"] and isinstance(part, dict) and isinstance(part.get("platform"), str)
    }
    return {**new, "components": {**new["components"], **gone}} if gone else None


def to_json(message: Mapping[str, Any]) -> str:
    """As it is sent."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def _of_the_camera(camera: Camera, prefix: str, speaker: Speaker) -> _Parts:
    status = f"{prefix}/status"
    return {
        "event": {
            "platform": "event",
            "name": speaker.title("event"),
            "state_topic": f"{prefix}/event/+",
            "event_types": _event_types(camera),
            "value_template": _EVENT,
            "icon": "mdi:message-alert",
        },
        "connectivity": {
            "platform": "binary_sensor",
            "name": speaker.title("connectivity"),
            "device_class": "connectivity",
            "entity_category": "diagnostic",
            "state_topic": status,
            "value_template": "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
            # the very thing it tells must not make it unavailable
            "availability": [],
        },
        "view": {
            "platform": "sensor",
            "name": speaker.title("view"),
            "device_class": "enum",
            "options": [view.value for view in View],
            "entity_category": "diagnostic",
            "state_topic": status,
            "value_template": "{{ value_json.view | default(none) }}",
        },
        "lost_today": {
            "platform": "sensor",
            "name": speaker.title("lost_today"),
            "device_class": "duration",
            "state_class": "total_increasing",
            "unit_of_measurement": "s",
            "entity_category": "diagnostic",
            "state_topic": status,
            "value_template": "{{ (value_json.lost_by_day | default([{}]))[0].seconds | default(none) }}",
        },
        "fps": {
            "platform": "sensor",
            "name": speaker.title("fps"),
            "state_class": "measurement",
            "unit_of_measurement": "fps",
            "entity_category": "diagnostic",
            "state_topic": status,
            "value_template": "{{ value_json.fps | default(none) }}",
        },
        "ack": {
            "platform": "button",
            "name": speaker.title("ack"),
            "command_topic": f"{prefix}/command/ack",
            "payload_press": to_json({"by": BY}),
            "icon": "mdi:check-all",
        },
        "mute": {
            "platform": "switch",
            "name": speaker.title("mute"),
            "command_topic": f"{prefix}/command/mute",
            "payload_on": to_json({"minutes": MUTE_MINUTES, "by": BY}),
            "payload_off": to_json({"minutes": 0, "by": BY}),
            "state_topic": status,
            "value_template": "{{ 'OFF' if value_json.muted_until is undefined else 'ON' }}",
            "state_on": "ON",
            "state_off": "OFF",
            "icon": "mdi:bell-off",
        },
        **{
            f"alarm_{fault}": {
                **_burning(speaker.title(fault), f"{prefix}/alarm/{fault}"),
                "device_class": "problem",
                "entity_category": "diagnostic",
            }
            for fault in FAULTS
        },
    }


def _of_a_rule(rule: AnyRule, prefix: str, speaker: Speaker) -> _Parts:
    title, topic = speaker.title(rule.kind, rule.id), f"{prefix}/alarm/{rule.id}"
    if isinstance(rule, LineCrossedRule):
        return _counts(rule, title, topic, speaker)
    if rule.momentary:
        return {}  # a moment has no state; it is told as an event
    device_class = _device_class(rule)
    return {f"alarm_{rule.id}": _burning(title, topic) | ({"device_class": device_class} if device_class else {})}


def _burning(title: str, topic: str) -> dict[str, Any]:
    """Whether any alarm of a rule burns, and what is known of it."""
    return {
        "platform": "binary_sensor",
        "name": title,
        "state_topic": topic,
        "value_template": _STATE,
        "json_attributes_topic": topic,
        "json_attributes_template": _ATTRIBUTES,
    }


def _counts(rule: LineCrossedRule, title: str, topic: str, speaker: Speaker) -> _Parts:
    """How many crossed a line today, for each way that is told."""
    ways = ("in", "out") if rule.direction == "both" else (rule.direction,)
    return {
        f"count_{rule.id}_{way}": {
            "platform": "sensor",
            "name": f"{title}: {speaker.title(way)}",
            "state_class": "total_increasing",
            "state_topic": topic,
            # where nothing is known, nothing is said: after a zero, all would be counted a second time
            "value_template": "{% if value_json.data is defined %}"
            f"{{{{ value_json.data.evidence.{way}s | int }}}}{{% endif %}}",
        }
        for way in ways
    }


def _device_class(rule: AnyRule) -> str | None:
    """What being on means: unsafe, a problem, somebody there; None where that is not known."""
    match rule.kind:
        case "occupancy" if rule.more_than == 0:
            return "occupancy"
        case _ if rule.severity is Severity.INFO:
            return None
        case "sighting" if not (BIG | {LARGE_ANIMAL}).isdisjoint(rule.labels):
            return "safety"
        case kind if kind in _UNSAFE:
            return "safety"
        case kind:
            return None if kind in _NEUTRAL else "problem"


def _event_types(camera: Camera) -> list[str]:
    return sorted({*FAULTS, VIEW_RESTORED}.union(*map(kinds_of, camera.rules.values())))


def _slug(id: str) -> str:
    """As entities are called: small letters, digits and single _."""
    return re.sub("[-_]+", "_", id).strip("_")
