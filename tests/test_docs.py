"""Docs are checked like code: what they show runs, and what runs is shown."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest
from pydantic.fields import FieldInfo

from semcam.cli import COMMANDS, main
from semcam.contract.base import Frozen
from semcam.contract.broker import Broker, Tls
from semcam.contract.capture import Capture
from semcam.contract.config import Camera, Config, Line, Metrics, RemoteSettings, Subject, Zone
from semcam.contract.delivery import AlarmSettings, OutboxSettings
from semcam.contract.kinds import KINDS, written_duration, written_names
from semcam.contract.load import load_config, scene_names
from semcam.contract.models import OwnModel
from semcam.contract.rule_base import RuleBase
from semcam.workbench.init import summaries
from tests.conftest import ROOT, semcam

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands() -> dict[str, click.Command]:
    found = {name: main.get_command(click.Context(main), name) for name in COMMANDS}
    return {name: command for name, command in found.items() if command}


@pytest.mark.parametrize("name", commands())
def test_every_command_is_in_the_readme_and_has_help(name: str) -> None:
    assert f"semcam {name}" in README
    assert commands()[name].help


@pytest.mark.parametrize("name", commands())
def test_every_option_has_help(name: str) -> None:
    for option in commands()[name].params:
        assert not isinstance(option, click.Option) or option.help, option.name


def test_every_semcam_command_in_the_docs_is_one() -> None:
    for text in (README, CONFIGURATION):
        for name in re.findall(r"(?:\.venv/bin/semcam|`semcam) ([a-z]+)", text):
            assert name in commands()


def tables(text: str) -> dict[str, dict[str, str]]:
    """For each section that has a table of keys: each key and what its default is said to be."""
    found: dict[str, dict[str, str]] = {}
    for title, section in re.findall(r"^#+ `?(\w+)`?[^\n]*$(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL):
        rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*?) \|", section, re.MULTILINE)
        for keys, default in rows:
            found.setdefault(title, {}).update(dict.fromkeys(re.findall(r"`(\w+)`", keys), default))
    return found


SECTIONS = tables(CONFIGURATION)
EVERY_RULE = SECTIONS["Rules"]
PARTS: dict[str, type[Frozen]] = {
    "Top": Config,
    "mqtt": Broker,
    "tls": Tls,
    "settings": RemoteSettings,
    "metrics": Metrics,
    "alarms": AlarmSettings,
    "outbox": OutboxSettings,
    "models": OwnModel,
    "subjects": Subject,
    "cameras": Camera,
    "capture": Capture,
    "zones": Zone,
    "lines": Line,
}


NUMBERS = {"fps", "min_drop", "min_speed", "near", "days"}
"""Keys that hold a number which is no duration."""


def shown(field: FieldInfo, key: str) -> str | None:
    """A default as the docs show it; None where they say it in words."""
    value = field.default
    if field.is_required():
        return "needed"
    if value is None or value in ((), {}) or isinstance(value, Frozen):
        return None
    if isinstance(value, tuple):
        return f"`[{', '.join(_shown(each, key) for each in value)}]`"
    return f"`{_shown(value, key)}`"


def _shown(value: object, key: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if key in NUMBERS else written_duration(value)
    return str(value)


def parts_of(model: type[Frozen]) -> set[type[Frozen]]:
    """All models that a model holds, itself included."""
    found = {model}
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            found |= parts_of(inner)
    return found


def _models_in(annotation: object) -> Iterator[type[Frozen]]:
    if isinstance(annotation, type) and issubclass(annotation, Frozen):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each)


def test_every_part_of_the_configuration_has_a_section() -> None:
    assert parts_of(Config) == {*PARTS.values(), *KINDS.values()}
    assert set(KINDS) <= set(SECTIONS)


@pytest.mark.parametrize("section", PARTS)
def test_every_key_is_documented_with_its_default_and_no_other_is(section: str) -> None:
    fields = PARTS[section].model_fields
    assert set(SECTIONS[section]) == set(fields)
    for key, default in SECTIONS[section].items():
        expected = shown(fields[key], key)
        assert (default == expected) if expected else "`" not in default, key


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_rule_is_documented_with_its_default_and_no_other_is(kind: str) -> None:
    """In the section of the kind, or where it is as for every rule, in the section on all of them."""
    model = KINDS[kind]
    names = {name: field for field, names in written_names(model).items() for name in names}
    assert set(SECTIONS[kind]) <= set(names)
    assert set(names) - set(SECTIONS[kind]) <= set(EVERY_RULE)
    for name, field in names.items():
        expected = shown(model.model_fields[field], field)
        default = SECTIONS[kind].get(name, EVERY_RULE.get(name, ""))
        if field != "kind":
            assert (default == expected) if expected else "`" not in default, name


def test_the_section_on_all_rules_lists_what_all_have() -> None:
    assert set(EVERY_RULE) == set(RuleBase.model_fields) - {"id"} | {"kind"}


def test_every_scene_is_documented_by_what_it_says_of_itself() -> None:
    told = dict(
        re.findall(r"^\| `(\w+)` \| (.*) \|$", CONFIGURATION.split("## Scenes")[1].split("##")[0], re.MULTILINE)
    )
    assert set(told) == set(scene_names())
    for scene in set(told) - {"demo"}:
        assert summaries()[scene].endswith(f"{told[scene]}."), scene


@pytest.mark.parametrize(
    "block", [b for b in blocks(README, "yaml") + blocks(CONFIGURATION, "yaml") if "cameras:" in b]
)
def test_every_configuration_in_the_docs_is_good(block: str, tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(block, encoding="utf-8")
    assert load_config(config).cameras
    result = semcam("check", config)
    assert result.returncode == 0
    assert result.stdout.endswith("good\n")


def test_links_in_the_docs_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "models" / "README.md"):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_ci_runs_the_readmes_test_command() -> None:
    section = README.split("## Test it")[1]
    assert blocks(section, "sh")[0].strip() == "tests/run"
