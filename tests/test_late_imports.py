"""Confined, a module that is not loaded yet can never be: what the loop needs is there before it begins."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = ("rules", "tracking", "vision")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / "semcam" / room).rglob("*.py"))
BEFORE_THE_CONFINEMENT = {"start.py", "gstreamer.py", "picamera.py"}
"""The last two load the library of a camera, where there is such a camera, while it is opened."""


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_imported_inside_a_function(source: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    inside = [
        f"{source.name}:{node.lineno}"
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == [] or source.name in BEFORE_THE_CONFINEMENT


def test_no_library_imports_anything_late_while_rules_are_judged() -> None:
    """NumPy does, for one. The rules' own stories are told once more, and whoever still imports is noted."""
    stories = ["tests/test_rules_places.py", "tests/test_gesture.py::test_who_waves_while_walking_asks_for_help"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.late", *stories],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    late = [line for line in done.stdout.splitlines() if line.startswith("LATE")]
    assert late == []
    assert done.returncode == 0, done.stdout
