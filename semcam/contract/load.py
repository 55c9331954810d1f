"""Reads semcam.yaml. Every mistake is found in one go and told with its line, its key and the remedy."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from semcam.contract.config import Config
from semcam.contract.cross_check import cross_check
from semcam.contract.document import read_document
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.findings import problem_of, unsaid
from semcam.contract.hints import hints_for
from semcam.contract.scenes import DEMO, SCENES, lay_scenes, scene_names

__all__ = ["DEMO", "SCENES", "Loaded", "load_config", "read_config", "scene_names"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used, and what its author may want to know all the same."""

    config: Config
    hints: tuple[Problem, ...]


def load_config(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: with every problem found.
    """
    return read_config(path).config


def read_config(path: Path) -> Loaded:
    """The same, with hints.

    Raises:
        ConfigError: with every problem found.
    """
    document = read_document(path)
    laid = lay_scenes(document)
    problems = [*document.twice, *document.odd_values(), *laid.problems, *cross_check(document, laid.content)]
    config: Config | None = None
    try:
        config = Config.model_validate_json(json.dumps(laid.content))
    except ValidationError as error:
        found = list(_causes(error.errors()))
        problems += (problem_of(document, laid.content, each) for each in (*found, *unsaid(laid.content, found)))
    if problems or config is None:
        raise ConfigError(str(path), _in_order(_told_once(problems)))
    return Loaded(config, _in_order((*laid.hints, *hints_for(document, config))))


def _causes(errors: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Without the complaints that a list is short of the very items that are complained of."""
    for details in errors:
        inner = any(other["loc"][: len(details["loc"])] == details["loc"] for other in errors if other is not details)
        if not (inner and details["type"] == "too_short"):
            yield details


def _told_once(problems: Iterable[Problem]) -> list[Problem]:
    """One key, one complaint: the first."""
    first: dict[tuple[int | None, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.line, problem.key), problem)
    return list(first.values())


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.key)))
