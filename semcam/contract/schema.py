"""JSON Schemas: of semcam.yaml as a person writes it, for editors; of the event, for whoever receives it.

The schema of semcam.yaml knows what each key may hold. Whether names and shapes fit together (zones, lines, subjects,
hours, expressions) is known to `semcam check` alone; what that accepts, the schema accepts.
"""

from collections.abc import Callable
from typing import Any

from semcam.contract.config import Config
from semcam.contract.event import Event
from semcam.contract.kinds import KINDS, description, written_duration, written_names
from semcam.contract.scenes import scene_camera, scene_names

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ONE_LIMIT: Schema = {
    "oneOf": [
        {"required": [one], "properties": {one: {"type": "integer"}, other: {"type": "null"}}}
        for one, other in (("more_than", "fewer_than"), ("fewer_than", "more_than"))
    ]
}
_BOUNDS = {
    "ge": ("number", "minimum"),
    "le": ("number", "maximum"),
    "gt": ("number", "exclusiveMinimum"),
    "lt": ("number", "exclusiveMaximum"),
    "minLength": ("array", "minItems"),
}
"""Bounds that pydantic writes beside a choice of two spellings, or by names of its own: of what they are bounds."""


def config_schema() -> Schema:
    """semcam.yaml: each rule under its id, `kind` left out where the id is one, scenes not yet laid in."""
    schema: Schema = _tidied(Config.model_json_schema(), _as_written)
    definitions = schema["$defs"]
    for kind, model in KINDS.items():
        body = definitions.pop(model.__name__)
        _name_as_written(body, kind)
        definitions[kind] = body
        definitions[f"{kind}_by_name"] = _rule_named(kind)
    definitions["any_rule"] = _any_rule()
    definitions["own_rules"] = _rules({})
    for scene in scene_names():
        kinds = {id: rule["kind"] for id, rule in scene_camera(scene)["rules"].items()}
        definitions |= {f"{kind}_over": _over(kind, definitions[kind]) for kind in kinds.values()}
        definitions[f"{scene}_rules"] = _rules(kinds)
    _let_scenes_choose(definitions["Camera"])
    return {"$schema": _DIALECT, "title": "semcam.yaml"} | schema


def event_schema() -> Schema:
    """The payload of `event/…`, as `Event.to_json` writes it: without what is not known, and open for new keys."""
    schema = sent_schema(Event.model_json_schema(mode="serialization"))
    return {"$schema": _DIALECT, "title": "semcam event"} | schema


def sent_schema(schema: Schema) -> Schema:
    """The schema of a payload as it is sent: each member is there if it has a value, and later versions add some."""
    tidied: Schema = _tidied(schema, _as_sent)
    return tidied


def heard_schema(schema: Schema) -> Schema:
    """The schema of a payload as it is obeyed: no member but these."""
    tidied: Schema = _tidied(schema, _with_bounds)
    return tidied


def _let_scenes_choose(camera: Schema) -> None:
    """What a camera's rules may be: its own, or something laid over those of its scene."""
    properties = camera["properties"]
    properties["rules"] = {"description": properties["rules"]["description"]}
    properties["scene"]["anyOf"] = [{"enum": scene_names()}, {"type": "null"}]
    camera["required"] = []
    has_scene = {"required": ["scene"], "properties": {"scene": {"type": "string"}}}
    own = {"required": ["rules"], "properties": {"rules": {"$ref": "#/$defs/own_rules"}}}
    camera["allOf"] = [{"if": has_scene, "else": own}]
    for scene in scene_names():
        chosen = {"required": ["scene"], "properties": {"scene": {"const": scene}}}
        rules = {"anyOf": [{"$ref": f"#/$defs/{scene}_rules"}, {"type": "null"}]}
        camera["allOf"].append({"if": chosen, "then": {"properties": {"rules": rules}}})


# -- rules


def _rules(of_scene: dict[str, str]) -> Schema:
    """The `rules:` of a camera whose scene has rules of these kinds."""
    named = {kind: {"$ref": f"#/$defs/{kind}_by_name"} for kind in KINDS}
    over = {id: {"$ref": f"#/$defs/{kind}_over"} for id, kind in of_scene.items()}
    return {
        "type": "object",
        "minProperties": 0 if of_scene else 1,
        "propertyNames": {"pattern": "^[a-z0-9][a-z0-9_-]{0,23}$"},
        "properties": named | over,
        "additionalProperties": {"$ref": "#/$defs/any_rule"},
    }


def _any_rule() -> Schema:
    """A rule that says its kind, or says `when:`, which is one."""
    by_kind = [{"if": {"properties": {"kind": {"const": kind}}}, "then": {"$ref": f"#/$defs/{kind}"}} for kind in KINDS]
    says_kind = {"properties": {"kind": {"enum": list(KINDS)}}, "allOf": by_kind}
    says_when = {"$ref": "#/$defs/when", "required": ["when"]}
    return {"type": "object", "if": {"required": ["kind"]}, "then": says_kind, "else": says_when}


def _rule_named(kind: str) -> Schema:
    """A rule whose own id is a kind: nothing behind it means all defaults, unless there is something it must say."""
    own = {"if": _OTHERWISE, "then": {"$ref": "#/$defs/any_rule"}, "else": {"$ref": f"#/$defs/{kind}"}}
    needs = any(field.is_required() for name, field in KINDS[kind].model_fields.items() if name != "id")
    plain = {"type": "object", **own}
    return plain if needs or kind == "occupancy" else {"anyOf": [{"type": "null"}, plain]}


_OTHERWISE: Schema = {"anyOf": [{"required": ["kind"]}, {"required": ["when"]}]}
"""The rule says itself what it is, whatever its name is."""


def _over(kind: str, body: Schema) -> Schema:
    """A rule laid over one of the scene: any part of that one, another rule in its place, or none (false)."""
    part = {key: value for key, value in body.items() if key not in ("required", "oneOf")}
    other_kind = {"required": ["kind"], "not": {"properties": {"kind": {"const": kind}}}}
    another: Schema = {"anyOf": [other_kind, *([] if kind == "when" else [{"required": ["when"]}])]}
    choice = {"type": "object", "if": another, "then": {"$ref": "#/$defs/any_rule"}, "else": part}
    return {"description": body["description"], "anyOf": [{"type": "null"}, {"const": False}, choice]}


def _name_as_written(body: Schema, kind: str) -> None:
    """Keys by all names they may have, of which only one may be given; no `id`, which is the key above."""
    properties = body["properties"]
    del properties["id"]
    required = [name for name in body.pop("required") if name != "id"]
    if required:
        body["required"] = required
    for field, names in written_names(KINDS[kind]).items():
        if words := description(KINDS[kind], field):
            properties[names[0]]["description"] = words
        properties |= dict.fromkeys(names[1:], properties[names[0]])
        pairs = [[one, other] for place, one in enumerate(names) for other in names[place + 1 :]]
        body.setdefault("allOf", []).extend({"not": {"required": pair}} for pair in pairs)
    if not body["allOf"]:
        del body["allOf"]
    if kind == "occupancy":
        body |= _ONE_LIMIT


# -- the tree


def _tidied(node: Any, tidy: Callable[[Schema], Schema]) -> Any:
    """The schema, each of its parts changed by `tidy`, innermost first."""
    if isinstance(node, list):
        return [_tidied(each, tidy) for each in node]
    if not isinstance(node, dict):
        return node
    names = ("properties", "$defs")  # below these, keys are names and not words of the schema
    return tidy(
        {
            key: {name: _tidied(each, tidy) for name, each in value.items()} if key in names else _tidied(value, tidy)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    )


def _as_written(node: Schema) -> Schema:
    node = _with_bounds(node)
    if isinstance(node.get("default"), float) and any(each.get("type") == "string" for each in node.get("anyOf", [])):
        node["default"] = written_duration(node["default"])
    if "patternProperties" in node:
        node["additionalProperties"] = False
    node.pop("discriminator", None)
    return node


def _with_bounds(node: Schema) -> Schema:
    """Each bound at what it is a bound of."""
    for bound in node.keys() & _BOUNDS.keys():
        kind, right = _BOUNDS[bound]
        for each in node.get("anyOf", [node]):
            if each.get("type") == kind:
                each[right] = node[bound]
        if bound != "minLength" or "anyOf" in node:
            del node[bound]
    return node


def _as_sent(node: Schema) -> Schema:
    """Open for keys to come, and absent where there is no value."""
    node = _with_bounds(node)
    if "properties" in node:
        node.pop("additionalProperties", None)
        node["required"] = [name for name, each in node["properties"].items() if each.get("default", "") is not None]
        node["properties"] = {name: _never_null(each) for name, each in node["properties"].items()}
    return node


def _never_null(node: Schema) -> Schema:
    if node.get("default", "") is not None:
        return node
    options = [option for option in node["anyOf"] if option != {"type": "null"}]
    rest = {key: value for key, value in node.items() if key not in ("anyOf", "default")}
    return {**rest, **(options[0] if len(options) == 1 else {"anyOf": options})}
