"""What an attack is, and what is attacked."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semcam.contract.errors import FaultCode

AT_FDCWD = -100
PAGE = 4096
NAME = "semcam-attack"
MESSAGE = b"a picture, in other words"


@dataclass(frozen=True, slots=True)
class Target:
    """What is attacked. What is not there is not found, which is a refusal as well."""

    parent: int
    """The process that started this one."""
    folder: Path = Path("/nonexistent")
    """A folder that this user may write to."""
    kept: Path = Path("/nonexistent/kept")
    """A file of this user in it, to be overwritten."""
    reading: int = -1
    """That file, open for reading since before the confinement."""

    @classmethod
    def prepare(cls, folder: Path) -> "Target":
        """Lay out a file in `folder`. To be called before anything is given up."""
        kept = folder / "kept"
        kept.write_bytes(MESSAGE)
        return cls(os.getppid(), folder, kept, os.open(kept, os.O_RDONLY | os.O_CLOEXEC))


Attempt = Callable[[Target], None]
"""Tries one way out, and undoes what it did. Returns where it went through, raises OSError where it was refused."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One way out."""

    name: str
    what: str
    """What is tried, in words."""
    family: FaultCode
    attempt: Attempt
    quick: bool
    """Tried at every start: decisive, done in no time, and without a trace if it should go through."""

    def goes_through(self, target: Target) -> bool:
        """Try it."""
        try:
            self.attempt(target)
        except OSError:
            return False
        return True


enlisted: list[Attack] = []


def attack(family: FaultCode, *, quick: bool = False) -> Callable[[Attempt], Attempt]:
    """Enlist a function as an attack: its name and its words are the attack's."""

    def enlist(attempt: Attempt) -> Attempt:
        enlisted.append(Attack(attempt.__name__, attempt.__doc__ or "", family, attempt, quick))
        return attempt

    return enlist
