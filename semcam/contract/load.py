"""Reads semcam.yaml. Every mistake is found in one go and told with its line, its key and the remedy."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from semcam.contract.base import nearest
from semcam.contract.config import Config
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.rules import RULE_KINDS
from semcam.contract.sentences import in_words, yaml_in_words

SCENES = Path(__file__).parent.parent / "rules" / "scenes"
DEMO = SCENES / "demo.yaml"

Steps = tuple[Any, ...]


def load_config(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: with every problem found.
    """
    document = _read_yaml(path)
    problems = list(_odd_values(document))
    config: Config | None = None
    if not problems:
        merged, problems = _with_scenes(document)
        try:
            config = Config.model_validate_json(json.dumps(merged))
            problems += _strangers(document, config)
        except ValidationError as error:
            problems += _told_once(_problem(document, details) for details in _causes(error.errors()))
    if problems or config is None:
        raise ConfigError(str(path), tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.key))))
    return config


def scene_names() -> list[str]:
    """The ready-made scenes."""
    return sorted(path.stem for path in SCENES.glob("*.yaml"))


def _read_yaml(path: Path) -> Any:
    def fail(message: str, line: int | None = None) -> ConfigError:
        return ConfigError(str(path), (Problem(line, "", message),))

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise fail("no such file; check the name") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise fail(f"cannot be read ({reason}); give a YAML file") from None
    try:
        # YAML 1.2: 22:00 stays text and "no" is not false; keys keep their line numbers
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        raise fail(yaml_in_words(error), error.problem_mark.line + 1 if error.problem_mark else None) from None
    except Exception as error:
        # what odd tags and escapes make ruamel raise has no common root
        raise fail(f"is not YAML that a configuration needs ({str(error).splitlines()[0]}); write it plainly") from None
    if not isinstance(document, dict):
        raise fail("must hold keys such as site: and cameras:", 1)
    return document


# -- scenes


def _with_scenes(document: Any) -> tuple[Any, list[Problem]]:
    """Lay each camera's scene under its own rules, and give each rule its id and kind."""
    merged = _plain(document)
    problems: list[Problem] = []
    cameras = merged.get("cameras")
    for name, camera in cameras.items() if isinstance(cameras, dict) else ():
        if isinstance(camera, dict):
            base = _scene_rules(document, name, camera.get("scene"), problems)
            own = camera.get("rules")
            own = {} if base and own is None else own
            if isinstance(own, dict):
                problems += _own_ids(document, name, own)
                camera["rules"] = {key: _named(key, rule) for key, rule in (base | own).items()}
    return merged, problems


def _scene_rules(document: Any, name: Any, scene: Any, problems: list[Problem]) -> dict[str, Any]:
    if not isinstance(scene, str):
        return {}
    if scene not in scene_names():
        what = f"unknown scene; {_did_you_mean(scene, scene_names())}"
        problems.append(_problem_at(document, ("cameras", name, "scene"), what))
        return {"fall": {}}  # the scene is the mistake here, not that there are no rules
    rules: dict[str, Any] = _plain(_read_yaml(SCENES / f"{scene}.yaml"))["cameras"]["camera"]["rules"]
    return rules


def _own_ids(document: Any, name: Any, rules: dict[Any, Any]) -> Iterator[Problem]:
    for key, rule in rules.items():
        if isinstance(rule, dict) and "id" in rule:
            steps = ("cameras", name, "rules", key, "id")
            yield _problem_at(document, steps, "unknown key; a rule's id is its own key")


def _named(key: Any, rule: Any) -> Any:
    rule = {} if rule is None else rule  # `fall:` alone means the rule with all its defaults
    if not isinstance(rule, dict):
        return rule
    return {"kind": "when" if "when" in rule else key, **rule, "id": key}


def _plain(value: Any) -> Any:
    """Ruamel's commented containers as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


# -- problems


def _odd_values(node: Any, steps: Steps = (), document: Any = None) -> Iterator[Problem]:
    """Dates, tagged things and keys that are no text: what YAML knows and a configuration does not."""
    document = node if document is None else document
    odd = "is neither text nor a number nor a list; put it in quotes"
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(key, str | int | float | None):
                yield from _odd_values(value, (*steps, key), document)
            else:
                yield _problem_at(document, (*steps, key), odd)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _odd_values(value, (*steps, index), document)
    elif not isinstance(node, str | int | float | None):
        yield _problem_at(document, steps, odd)


def _strangers(document: Any, config: Config) -> Iterator[Problem]:
    """Places that belong to somebody who is not under subjects."""
    known = ", ".join(config.subjects) or "nobody yet"
    for name, camera in config.cameras.items():
        owners: dict[Steps, str | None] = {("cameras", name, "belongs_to"): camera.belongs_to}
        owners |= {("cameras", name, "zones", zone, "belongs_to"): z.belongs_to for zone, z in camera.zones.items()}
        for steps, owner in owners.items():
            if owner is not None and owner not in config.subjects:
                remedy = f"{owner!r} is not under subjects; add a name there ({nearest(owner, config.subjects)}"
                yield _problem_at(document, steps, f"{remedy}known: {known})")


def _causes(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Without the complaints that a list is short of the very items that are complained of."""
    for details in errors:
        inner = any(other["loc"][: len(details["loc"])] == details["loc"] for other in errors if other is not details)
        if not (inner and details["type"] == "too_short"):
            yield details


def _told_once(problems: Iterator[Problem]) -> list[Problem]:
    """One key, one complaint: the first."""
    first: dict[tuple[int | None, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.line, problem.key), problem)
    return list(first.values())


def _problem(document: Any, details: ErrorDetails) -> Problem:
    kind = details["type"]
    steps = tuple(_real_steps(document, details["loc"], missing=kind in ("missing", "extra_forbidden")))
    if steps[-1:] == ("rules",) and kind in ("missing", "dict_type", "too_short"):
        message = f"is missing; add rules such as `fall:`, or a scene: {', '.join(scene_names())}"
    elif kind == "extra_forbidden":
        message = f"unknown key; {_did_you_mean(str(steps[-1]), _allowed(details['loc']))}"
    elif kind in ("union_tag_invalid", "union_tag_not_found"):
        given = str(details.get("ctx", {}).get("tag", ""))
        message = f"unknown kind of rule; {_did_you_mean(given, RULE_KINDS)}"
    else:
        message = in_words(details)
    return _problem_at(document, steps, message)


def _problem_at(document: Any, steps: Steps, message: str) -> Problem:
    return Problem(_line(document, steps), ".".join(map(str, steps)), message)


def _line(document: Any, steps: Steps) -> int | None:
    """The line of the deepest of `steps` that is in the document, counted from 1."""
    line, node = None, document
    for step in steps:
        if isinstance(node, CommentedMap) and step in node:
            line = _marked(node.lc.key, step) or line
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = _marked(node.lc.item, step) or line
        else:
            break
        node = node[step]
    return line


def _marked(find: Any, step: Any) -> int | None:
    """The line that ruamel noted; none for what came in by a merge (<<) or in an ordered map."""
    try:
        return int(find(step)[0]) + 1
    except (KeyError, TypeError, IndexError):
        return None


def _real_steps(document: Any, loc: tuple[int | str, ...], *, missing: bool) -> Iterator[int | str]:
    """The steps of pydantic's location that a person would find in the file: no tags of its own."""
    node = document
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        in_mapping = isinstance(node, dict) and step in node
        in_list = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if in_mapping or in_list:
            node = node[step]
        if in_mapping or in_list or (last and missing):
            yield step


def _allowed(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that stand in the model which `loc` ends in."""
    schema = Config.model_json_schema()
    node: dict[str, Any] = schema
    for step in loc[:-1]:
        node = _resolve(schema, node)
        options = node.get("properties", {})
        if step in options:
            node = options[step]
        elif isinstance(node.get("discriminator"), dict) and step in node["discriminator"]["mapping"]:
            node = {"$ref": node["discriminator"]["mapping"][step]}
        elif by_name := node.get("patternProperties"):
            node = next(iter(by_name.values()))
    return sorted(set(_resolve(schema, node).get("properties", {})) - {"id"})


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for option in node.get("anyOf", ()):
        if "$ref" in option:
            node = option
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    return node


def _did_you_mean(given: str, allowed: Sequence[str]) -> str:
    return f"{nearest(given, allowed)}allowed: {', '.join(allowed)}"
