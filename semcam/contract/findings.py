"""From what pydantic finds wrong to what a person is told: where in the file, what is allowed, what was meant."""

import difflib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from semcam.contract.base import nearest
from semcam.contract.config import Config
from semcam.contract.document import Document, Steps
from semcam.contract.errors import Problem
from semcam.contract.kinds import KINDS
from semcam.contract.rules import AnyRule, Rule
from semcam.contract.scenes import scene_names
from semcam.contract.sentences import in_words

Location = tuple[int | str, ...]

_KIND = 4
"""Where pydantic puts the kind of a rule, behind: cameras, the camera's name, rules, the rule's id."""
_RULE: TypeAdapter[AnyRule] = TypeAdapter(Rule)


def problem_of(document: Document, content: Any, details: ErrorDetails) -> Problem:
    """One finding as a problem; `content` is what pydantic was given."""
    kind, location = details["type"], details["loc"]
    steps = tuple(_real_steps(content, location, missing=kind in ("missing", "extra_forbidden")))
    if steps[-1:] == ("rules",) and kind in ("missing", "dict_type", "too_short"):
        message = f"is missing; add rules such as `fall:`, or a scene: {', '.join(scene_names())}"
    elif kind == "extra_forbidden":
        message = f"unknown key; {_did_you_mean(str(steps[-1]), _allowed(location))}"
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        return _unknown_kind(document, steps, _at(content, steps))
    elif kind in ("less_than_equal", "greater_than_equal") and (place := _point(steps)):
        what = f"the point {_at(content, place)} lies outside the picture"
        return document.problem(place, f"{what}; give fractions of it, from 0 (left, top) to 1 (right, bottom)")
    else:
        message = in_words(details)
    return document.problem(steps, message)


def unsaid(content: Any, found: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """What pydantic asks of a rule as a whole, which it does only of one whose keys are all right by themselves.

    It is asked again without the wrong ones; not where a key is unknown or lacking, which may be all that is wrong.
    """
    wrong: dict[Location, set[Any]] = {}
    hidden: set[Location] = set()
    for details in found:
        rule, rest = details["loc"][:_KIND], details["loc"][_KIND + 1 :]
        if rule[2:3] == ("rules",):
            wrong.setdefault(rule, set()).update(rest[:1])
            if not rest or details["type"] in ("missing", "extra_forbidden"):
                hidden.add(rule)
    for rule in wrong.keys() - hidden:
        right = {key: value for key, value in _at(content, rule).items() if key not in wrong[rule]}
        try:
            _RULE.validate_json(json.dumps(right))
        except ValidationError as error:
            for each in error.errors():
                if len(each["loc"]) == 1:
                    each["loc"] = (*rule, *each["loc"])
                    yield each


def _point(steps: Steps) -> Steps | None:
    """The way to the point of a zone or a line that `steps` lead into, if they do."""
    for name, length in (("shape", 2), ("inside", 1)):
        if name in steps[4:]:
            return steps[: steps.index(name) + length]
    return None


def _unknown_kind(document: Document, steps: Steps, rule: Any) -> Problem:
    """A rule whose kind is not known: by its `kind:`, or by its own key where it has none."""
    key, given = steps[-1], rule.get("kind")
    if given != key:
        return document.problem((*steps, "kind"), f"unknown kind of rule; {_did_you_mean(str(given), list(KINDS))}")
    for meant in ("kind", "when"):
        if near := difflib.get_close_matches(meant, rule.keys() - {"id", "kind"}, n=1):
            return document.problem((*steps, near[0]), f"unknown key; did you mean {meant!r}?")
    message = f"unknown kind of rule; {nearest(str(key), KINDS)}allowed: {', '.join(KINDS)}"
    return document.problem(steps, f"{message}; or say it with `kind:`, or with `when:` and an expression")


def _real_steps(content: Any, location: Location, *, missing: bool) -> Iterator[int | str]:
    """The steps of pydantic's location that a person would find in the file: no tags of its own."""
    node = content
    for position, step in enumerate(location):
        if position == _KIND and location[2] == "rules":
            continue  # a rule may have a key that is called like its kind
        last = position == len(location) - 1
        in_mapping = isinstance(node, dict) and step in node
        in_list = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if in_mapping or in_list:
            node = node[step]
        if in_mapping or in_list or (last and missing):
            yield step


def _at(content: Any, steps: Steps) -> Any:
    for step in steps:
        content = content[step]
    return content


def _allowed(location: Location) -> list[str]:
    """The keys that stand in the model which `location` ends in."""
    schema = _schema()
    node: dict[str, Any] = schema
    for step in location[:-1]:
        node = _resolve(schema, node)
        options = node.get("properties", {})
        if step in options:
            node = options[step]
        elif isinstance(node.get("discriminator"), dict) and step in node["discriminator"]["mapping"]:
            node = {"$ref": node["discriminator"]["mapping"][step]}
        elif by_name := node.get("patternProperties"):
            node = next(iter(by_name.values()))
    return sorted(set(_resolve(schema, node).get("properties", {})) - {"id"})


@cache
def _schema() -> dict[str, Any]:
    return Config.model_json_schema()


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for option in node.get("anyOf", ()):
        if "$ref" in option:
            node = option
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def _did_you_mean(given: str, allowed: Sequence[str]) -> str:
    return f"{nearest(given, allowed)}allowed: {', '.join(allowed)}"
