"""Docs are checked like code: what they show runs, and what runs is shown."""

import re
from pathlib import Path
from typing import Any

import click
import pytest

from semcam.cli import main
from semcam.contract.config import Camera, Config, Subject, Zone
from semcam.contract.load import load_config
from semcam.contract.rules import FallRule, SightingRule
from tests.conftest import ROOT, semcam

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands() -> dict[str, click.Command]:
    assert isinstance(main, click.Group)
    return dict(main.commands)


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


MODELS: list[type[Any]] = [Config, Camera, Zone, Subject, FallRule, SightingRule]


@pytest.mark.parametrize("model", MODELS)
def test_every_key_of_the_configuration_is_described(model: type[Any]) -> None:
    for key in set(model.model_fields) - {"id"}:
        assert re.search(rf"(^ *{key}:|`{key}`|\b{key}:)", CONFIGURATION, re.MULTILINE), key


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


def test_the_documented_defaults_are_the_real_ones() -> None:
    for rule in (FallRule(id="fall"), SightingRule(id="bear")):
        section = CONFIGURATION.split(f"### `{rule.kind}`")[1].split("###")[0]
        for key, shown in re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section, re.MULTILINE):
            value = getattr(rule, key)
            expected = (
                f"{value:g}s" if isinstance(value, float) and shown.endswith("s")
                else f"[{', '.join(value)}]" if isinstance(value, tuple)
                else f"{value:g}" if isinstance(value, float)
                else str(value)
            )  # fmt: skip
            assert shown == expected, key


def test_links_in_the_docs_lead_somewhere() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "models" / "README.md"):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_ci_runs_the_readmes_test_command() -> None:
    section = README.split("## Test it")[1]
    assert blocks(section, "sh")[0].strip() == "tests/run"
