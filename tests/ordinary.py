"""Runs a command as an ordinary user, for tests that were started by root: python -m tests.ordinary COMMAND...

An interpreter in root's home, which others may not enter, is laid open to this command and its children alone.
"""

import ctypes
import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

USER = 64_999
"""Nobody else's number, so that whatever it leaves behind is found."""

CLONE_NEWNS, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x2000, 0x4000, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def main(*command: str) -> None:
    done(libc.unshare(CLONE_NEWNS))
    mount("none", Path("/"), "", MS_REC | MS_PRIVATE)
    for needed in (sys.base_prefix, sys.prefix, ROOT):
        lay_open(Path(needed))
    os.setgroups([])
    os.setgid(USER)
    os.setuid(USER)
    os.execvp(command[0], command)


def lay_open(needed: Path) -> None:
    """Put an empty folder in place of the one that is closed, and only what is needed into it."""
    closed = next((place for place in reversed(needed.parents) if not place.stat().st_mode & 0o001), None)
    if closed is None:
        return
    with tempfile.TemporaryDirectory() as aside:
        mount(str(needed), Path(aside), "", MS_BIND | MS_REC)
        mount("none", closed, "tmpfs", 0, b"mode=755")
        needed.mkdir(parents=True)
        mount(aside, needed, "", MS_MOVE)


def mount(what: str, where: Path, kind: str, flags: int, options: bytes | None = None) -> None:
    done(libc.mount(what.encode(), bytes(where), kind.encode(), ctypes.c_ulong(flags), options))


def done(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


@dataclass(frozen=True)
class Again:
    """What became of tests that were run once more."""

    passed: bool
    printed: str
    left_behind: list[Path]
    """Files of the ordinary user that were not there before, anywhere where everybody may write."""


def again(*tests: str, timeout_s: float = 280) -> Again:
    """Run tests as an ordinary user, by words for pytest; skips where this one is an ordinary user already."""
    if os.getuid() != 0:
        pytest.skip("that is who runs this")
    with _alone(), tempfile.TemporaryDirectory() as home:
        before = _its_own()
        os.chown(home, USER, USER)
        pytest_again = ["pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={home}/tests", *tests]
        done = subprocess.run(
            [sys.executable, "-m", "tests.ordinary", sys.executable, "-m", *pytest_again],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            timeout=timeout_s,
            env={**os.environ, "HOME": home, "HYPOTHESIS_STORAGE_DIRECTORY": home, "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
        left = sorted(_its_own() - before - {Path(home)})
    return Again(done.returncode == 0, done.stdout, left)


@contextmanager
def _alone() -> Iterator[None]:
    """Tests on other cores may want to be the same user: one after the other, or each would find the other's files."""
    with Path(__file__).open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _its_own() -> set[Path]:
    places = map(Path, ("/tmp", "/var/tmp", "/dev/shm"))
    return {path for place in places for path in place.iterdir() if _is_its_own(path)}


def _is_its_own(path: Path) -> bool:
    try:
        return path.lstat().st_uid == USER
    except FileNotFoundError:  # somebody else's, gone since
        return False


if __name__ == "__main__":
    main(*sys.argv[1:])
