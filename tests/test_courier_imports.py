"""Proved in fresh interpreters: text never loads pixels, and pixels never load a network client."""

import json
import pkgutil
import subprocess
import sys

import click
import pytest

import semcam.client
import semcam.contract
import semcam.courier
from semcam.cli import COMMANDS, main
from tests.conftest import EYES, ROOT

LIST_MODULES = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""
NETWORK_CLIENTS = {"paho", "paho.mqtt", "ssl", "http.client", "urllib.request", "ftplib", "smtplib", "requests"}


def loaded_by(*names: str) -> set[str]:
    """All modules that a fresh interpreter has loaded after importing `names`."""
    done = subprocess.run(
        [sys.executable, "-c", LIST_MODULES, *names], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    return set(json.loads(done.stdout))


def text_side() -> list[str]:
    """Every module of the courier, the contract, and of what clients are built with."""
    packages = (semcam.courier, semcam.contract, semcam.client)
    found = [module.name for room in packages for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.")]
    assert {"semcam.courier.mqtt", "semcam.courier.languages.ja", "semcam.contract.event"} <= set(found)
    return found


def test_the_courier_loads_nothing_that_could_hold_a_picture() -> None:
    loaded = loaded_by(*text_side())
    assert loaded.isdisjoint(EYES | {"PIL"})


def test_the_courier_loads_nothing_of_the_vision_side() -> None:
    rooms = {name.split(".")[1] for name in loaded_by(*text_side()) if name.startswith("semcam.")}
    assert rooms == {"courier", "contract", "client"}


def test_whoever_builds_on_events_loads_no_more_than_the_contract_and_a_connection() -> None:
    loaded = {name for name in loaded_by("semcam.client") if name.startswith("semcam.courier.")}
    assert loaded == {"semcam.courier.backoff", "semcam.courier.mqtt", "semcam.courier.secret"}


def test_the_vision_process_loads_no_network_client() -> None:
    loaded = loaded_by("semcam.vision.worker")
    assert "cv2" in loaded  # it is the vision side that was looked at
    assert loaded.isdisjoint(
        {"paho", "paho.mqtt", "ssl", "http.client", "urllib.request", "ftplib", "smtplib", "requests"}
    )


def test_the_vision_process_loads_nothing_of_the_courier() -> None:
    rooms = {name.split(".")[1] for name in loaded_by("semcam.vision.worker") if name.startswith("semcam.")}
    assert rooms == {"vision", "rules", "tracking", "contract"}


@pytest.mark.parametrize("command", ["run", "replay", "watch", "fleet", "settings"])
def test_a_command_that_needs_no_picture_loads_nothing_that_could_hold_one(command: str) -> None:
    assert loaded_by(f"semcam.cli.{command}").isdisjoint(EYES)


def test_the_list_of_commands_is_made_without_loading_them_and_says_what_they_say() -> None:
    rooms = {name for name in loaded_by("semcam.cli") if name.startswith("semcam.cli.")}
    assert rooms == set()
    context = click.Context(main)
    for name, sentence in COMMANDS.items():
        command = main.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200) == sentence
