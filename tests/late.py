"""A plugin for pytest that notes what rules and tracker import while they work: pytest -p tests.late

A confined vision process can open no file any more by then. Nothing is imported here but what that process has.
"""

import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType

import pytest

import semcam.vision.worker

PACKAGE = Path(semcam.vision.worker.__file__).parents[1]
ROOMS = tuple(f"{PACKAGE / room}/" for room in ("rules", "tracking", "vision"))

late: dict[str, str] = {}


class Listener:
    """Asked before anything else whenever a module is not there yet."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        for frame in callers(sys._getframe(1)):
            code = frame.f_code
            if code.co_filename.startswith(ROOMS) and code.co_name != "<module>":
                late.setdefault(name, f"{code.co_filename}:{frame.f_lineno}")
        return None


def callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


sys.meta_path.insert(0, Listener())


def pytest_sessionfinish(session: pytest.Session) -> None:
    for name, place in late.items():
        print(f"LATE {name} {place}")
    if late:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
