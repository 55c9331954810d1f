"""Ready-made sets of rules, and how a camera's own rules are laid over those of its scene."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from semcam.contract.base import nearest
from semcam.contract.document import Document, read_document
from semcam.contract.errors import Problem
from semcam.contract.kinds import KINDS, written_names

SCENES = Path(__file__).parent.parent / "rules" / "scenes"
DEMO = SCENES / "demo.yaml"


@dataclass(frozen=True, slots=True)
class Laid:
    """A document as if each camera had written out the rules of its scene, each rule with its id and kind."""

    content: Any
    problems: tuple[Problem, ...]
    hints: tuple[Problem, ...]
    """Rules of scenes that wait for a zone or a line."""


def scene_names() -> list[str]:
    """The ready-made scenes."""
    return sorted(path.stem for path in SCENES.glob("*.yaml"))


@cache
def scene_camera(name: str) -> Mapping[str, Any]:
    """The one camera of a scene's file."""
    (camera,) = read_document(SCENES / f"{name}.yaml").plain()["cameras"].values()
    return {**camera, "rules": {id: with_kind(id, rule or {}) for id, rule in camera["rules"].items()}}


def with_kind(key: Any, rule: dict[Any, Any]) -> dict[Any, Any]:
    """A rule that says its kind: its own word for it, or `when` where it holds an expression, or else its key."""
    return {"kind": "when" if "when" in rule else key, **rule}


def lay_rule(key: Any, base: Mapping[str, Any] | None, rule: dict[Any, Any]) -> dict[Any, Any]:
    """A rule over another of its name, key by key; one of another kind takes its place."""
    if base is None or ("when" if "when" in rule else rule.get("kind", base["kind"])) != base["kind"]:
        return with_kind(key, rule)
    said = [names for names in written_names(KINDS[base["kind"]]).values() if any(name in rule for name in names)]
    return {key: value for key, value in base.items() if not any(key in names for names in said)} | rule


def lay_scenes(document: Document) -> Laid:
    """Lay each camera's scene under its own rules."""
    content = document.plain()
    problems: list[Problem] = []
    hints: list[Problem] = []
    cameras = content.get("cameras")
    for name, camera in cameras.items() if isinstance(cameras, dict) else ():
        if isinstance(camera, dict):
            rules = _Layer(document, name, camera, problems, hints).rules()
            if rules is not None:
                camera["rules"] = rules
    return Laid(content, tuple(problems), tuple(hints))


@dataclass(frozen=True, slots=True)
class _Layer:
    document: Document
    name: Any
    camera: dict[Any, Any]
    problems: list[Problem]
    hints: list[Problem]

    def rules(self) -> Any:
        """The camera's rules, those of the scene first."""
        scene = self._scene()
        base: Mapping[str, Any] = scene_camera(scene)["rules"] if scene else {}
        own = self.camera.get("rules")
        if scene and own is None:
            own = {}
        if not isinstance(own, dict):
            return own
        rules = {id: rule for id, rule in base.items() if id in own or self._can_work(id, rule)}
        for key, rule in own.items():
            if rule is False:
                self._turned_off(key, base)
                rules.pop(key, None)
            else:
                rules[key] = self._laid(key, base.get(key), rule)
        return {key: {**rule, "id": key} if isinstance(rule, dict) else rule for key, rule in rules.items()}

    def _scene(self) -> str | None:
        scene = self.camera.get("scene")
        if not isinstance(scene, str):
            return None
        if scene in scene_names():
            return scene
        what = f"unknown scene; {nearest(scene, scene_names())}allowed: {', '.join(scene_names())}"
        self.problems.append(self.document.problem(("cameras", self.name, "scene"), what))
        # what follows is judged as if the name were right
        return next(iter(difflib.get_close_matches(scene, scene_names(), n=1)), DEMO.stem)

    def _laid(self, key: Any, base: dict[str, Any] | None, rule: Any) -> Any:
        """A rule of the camera over the scene's rule of that name, key by key; another kind replaces it."""
        rule = {} if rule is None else rule  # `fall:` alone means the rule with all its defaults
        if not isinstance(rule, dict):
            return rule
        if "id" in rule:
            steps = ("cameras", self.name, "rules", key, "id")
            self.problems.append(self.document.problem(steps, "unknown key; a rule's id is its own key"))
        return lay_rule(key, base, rule)

    def _can_work(self, id: str, rule: dict[str, Any]) -> bool:
        """Whether the camera has the places that a rule of its scene names."""
        lacking = [f"the {what} {place!r}" for what, place in _places(rule) if place not in _names(self.camera, what)]
        if lacking:
            steps = ("cameras", self.name, "scene")
            what = f"{id} is not watched yet: it waits for {' and '.join(lacking)}"
            remedy = f"draw it on this camera (`semcam init {self.camera['scene']}` shows how), or write `{id}: false`"
            self.hints.append(self.document.problem(steps, f"{what}; {remedy}"))
        return not lacking

    def _turned_off(self, key: Any, base: Mapping[str, Any]) -> None:
        if key not in base:
            near = nearest(str(key), base)
            there = f"the scene has: {', '.join(base)}" if base else "this camera has no scene"
            what = f"turns off a rule that no scene brings; {near}{there}"
            self.problems.append(self.document.problem(("cameras", self.name, "rules", key), what))


def _places(rule: dict[str, Any]) -> list[tuple[str, str]]:
    """The zones and the line that a scene's rule names."""
    zones = rule.get("zones", [])
    places = [("zone", zone) for zone in ([zones] if isinstance(zones, str) else zones)]
    return [*places, ("line", rule["line"])] if "line" in rule else places


def _names(camera: dict[Any, Any], what: str) -> list[str]:
    drawn = camera.get(f"{what}s")
    return list(drawn) if isinstance(drawn, dict) else []
