"""semcam.yaml as frozen models. Loading finds every mistake in one go and says where it stands."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationError, model_validator
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from semcam.contract.base import Frozen, Id, nearest
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.rules import RULE_KINDS, Rule

SCENES = Path(__file__).parent.parent / "rules" / "scenes"
DEMO = SCENES / "demo.yaml"

Language = Literal["ja", "en"]


def _speakable(text: str) -> str:
    """What goes into a sentence stays on one line, and seven times into an event of 2 kB."""
    if not text.isprintable():
        raise ValueError("holds a line break or another control character; write it on one line")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise ValueError(f"is longer than {MAX_TEXT_BYTES} bytes of UTF-8; shorten it")
    return text


MAX_TEXT_BYTES = 128
Words = Annotated[str, Field(min_length=1), AfterValidator(_speakable)]
Text = Annotated[
    Annotated[Words, Tag("text")] | Annotated[dict[Language, Words], Field(min_length=1), Tag("languages")],
    # told apart by what was written, so that a mistake is complained of once
    Discriminator(lambda value: "languages" if isinstance(value, dict) else "text"),
]
"""A plain string for all languages, or one for each."""

DetectorName = Literal["nanodet", "centernet"]

Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]


def in_language(text: Text, language: Language) -> str:
    """The text in `language`, or in whichever language there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()))


class Broker(Frozen):
    """Where events go."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 1883


class Subject(Frozen):
    """Somebody whom a place belongs to. Names come from places, never from faces."""

    name: Text


class Zone(Frozen):
    """A polygon in fractions of the picture: x to the right, y down."""

    shape: Annotated[tuple[Point, ...], Field(min_length=3, max_length=32)]
    lying_is_normal: bool = False
    belongs_to: Id | None = None


class Camera(Frozen):
    """One camera: what it sees, where it hangs, what it shall tell."""

    source: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    place: Text | None = None
    belongs_to: Id | None = None
    view: Literal["room", "ceiling"] = "room"
    fps: Annotated[float, Field(ge=1, le=30)] = 10.0
    detector: DetectorName = "nanodet"
    scene: Id | None = None
    zones: dict[Id, Zone] = {}
    rules: Annotated[dict[Id, Rule], Field(min_length=1)]


class Config(Frozen):
    """The whole of semcam.yaml, scenes already laid in."""

    site: Id = "site"
    language: Language = "en"
    mqtt: Broker | None = None
    subjects: dict[Id, Subject] = {}
    cameras: Annotated[dict[Id, Camera], Field(min_length=1)]

    @model_validator(mode="after")
    def _subjects_exist(self) -> "Config":
        for name, camera in self.cameras.items():
            owners = [camera.belongs_to, *(zone.belongs_to for zone in camera.zones.values())]
            for owner in owners:
                if owner is not None and owner not in self.subjects:
                    known = ", ".join(self.subjects) or "none yet"
                    raise ValueError(f"camera {name} belongs to {owner!r}, who is not under subjects ({known})")
        return self

    def digest(self) -> str:
        """A short hash of everything configured, carried by each event."""
        return "sha256:" + hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


class Job(Frozen):
    """What the vision process is told on stdin: no names, no broker, nothing it need not know."""

    source: str
    view: Literal["room", "ceiling"] = "room"
    fps: float = 10.0
    zones: dict[Id, Zone] = {}
    rules: dict[Id, Rule]
    realtime: bool = False
    loop: bool = False
    hold_last_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    threads: Annotated[int, Field(ge=0, le=64)] = 0
    detector: DetectorName = "nanodet"


def job_for(camera: Camera, source: str, **how: Any) -> Job:
    """The part of a camera's configuration that the vision process needs."""
    shared = {key: getattr(camera, key) for key in ("view", "fps", "detector", "zones", "rules")}
    return Job(source=source, **shared, **how)


def load_config(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: with every problem found, each with its line, key and remedy.
    """
    document = _read_yaml(path)
    merged, problems = _with_scenes(document)
    config: Config | None = None
    try:
        config = Config.model_validate_json(json.dumps(merged))
    except ValidationError as error:
        problems += [_problem(document, details) for details in _causes(error.errors())]
    except TypeError as error:
        problems.append(
            Problem(None, "", f"holds a value that is not text, number or list ({error}); put it in quotes")
        )
    if problems or config is None:
        raise ConfigError(str(path), tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.key))))
    return config


def _read_yaml(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(str(path), (Problem(None, "", "no such file; check the name"),)) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(str(path), (Problem(None, "", f"cannot be read ({reason}); give a YAML file"),)) from None
    try:
        # YAML 1.2: 22:00 stays text and "no" is not false; keys keep their line numbers
        document = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        what = (error.problem or "not YAML").split("\n")[0]
        raise ConfigError(str(path), (Problem(line, "", f"{what}; check indentation, colons and quotes"),)) from None
    except (YAMLError, ValueError, RecursionError) as error:
        first = str(error).split("\n")[0]
        raise ConfigError(str(path), (Problem(None, "", f"is not YAML ({first})"),)) from None
    if not isinstance(document, dict):
        raise ConfigError(str(path), (Problem(1, "", "must hold keys such as site: and cameras:"),))
    return document


def _with_scenes(document: Any) -> tuple[Any, list[Problem]]:
    """Lay each camera's scene under its own rules, and give each rule its id and kind."""
    merged = _plain(document)
    problems: list[Problem] = []
    cameras = merged.get("cameras")
    for name, camera in cameras.items() if isinstance(cameras, dict) else ():
        if not isinstance(camera, dict):
            continue
        base: dict[str, Any] = {}
        scene = camera.get("scene")
        if isinstance(scene, str):
            if (known := _scene_names()) and scene not in known:
                line = _line(document, ("cameras", name, "scene"))
                what = f"unknown scene; {_did_you_mean(scene, known)}"
                problems.append(Problem(line, f"cameras.{name}.scene", what))
                base = {"fall": {}}  # the scene is the mistake here, not that there are no rules
            else:
                base = _plain(_read_yaml(SCENES / f"{scene}.yaml"))["cameras"]["camera"]["rules"]
        own = camera.get("rules")
        if base and own is None:
            own = {}
        if isinstance(own, dict):
            camera["rules"] = {key: _named(key, rule) for key, rule in (base | own).items()}
    return merged, problems


def _named(key: Any, rule: Any) -> Any:
    rule = {} if rule is None else rule  # `fall:` alone means the rule with all its defaults
    return {"kind": key, **rule, "id": key} if isinstance(rule, dict) else rule


def _scene_names() -> list[str]:
    return sorted(path.stem for path in SCENES.glob("*.yaml"))


def _plain(value: Any) -> Any:
    """Ruamel's commented containers as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _line(document: Any, path: tuple[Any, ...]) -> int | None:
    """The line of the deepest part of `path` that is in the document, counted from 1."""
    line, node = None, document
    for step in path:
        if isinstance(node, CommentedMap) and step in node:
            line = node.lc.key(step)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line = node.lc.item(step)[0] + 1
        else:
            continue  # a step of pydantic's own, such as the kind of a rule or the tag of a union
        node = node[step]
    return line


def _causes(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Without the complaints that a list is short of the very items that are complained of."""
    for details in errors:
        inner = any(other["loc"][: len(details["loc"])] == details["loc"] for other in errors if other is not details)
        if not (inner and details["type"] == "too_short"):
            yield details


def _problem(document: Any, details: ErrorDetails) -> Problem:
    steps = tuple(_real_steps(document, details["loc"], missing=details["type"] in ("missing", "extra_forbidden")))
    message = details["msg"].removeprefix("Value error, ")
    if details["type"] == "extra_forbidden":
        message = f"unknown key; {_did_you_mean(str(steps[-1]), _allowed(details['loc']))}"
    elif details["type"] == "missing":
        message = "is missing; add it"
        if steps[-1:] == ("rules",):
            message = "is missing; add rules such as `fall:`, or a scene: " + ", ".join(_scene_names())
    elif details["type"] in ("union_tag_invalid", "union_tag_not_found"):
        given = str(details.get("ctx", {}).get("tag", ""))
        message = f"unknown kind of rule; {_did_you_mean(given, RULE_KINDS)}"
    return Problem(_line(document, steps), ".".join(map(str, steps)), message)


def _real_steps(document: Any, loc: tuple[int | str, ...], *, missing: bool) -> Iterator[int | str]:
    """The steps of pydantic's location that a person would find in the file."""
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
