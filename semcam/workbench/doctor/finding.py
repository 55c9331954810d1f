"""What one check came to."""

import os
import pwd
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from semcam.contract.base import Frozen


class Verdict(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"  # it works, and will not for ever
    FAIL = "fail"  # it does not work
    UNKNOWN = "unknown"  # this machine does not have it or does not tell; nothing to worry about


class Finding(Frozen):
    """One line of the report."""

    check: str
    verdict: Verdict
    seen: str
    to_do: str | None = None
    """The one thing to do next, where there is something."""


def good(check: str, seen: str) -> Finding:
    """All is well."""
    return Finding(check=check, verdict=Verdict.OK, seen=seen)


def unknown(check: str, seen: str, to_do: str | None = None) -> Finding:
    """It was not looked at, and why not."""
    return Finding(check=check, verdict=Verdict.UNKNOWN, seen=seen, to_do=to_do)


def warn(check: str, seen: str, to_do: str) -> Finding:
    """It works for now."""
    return Finding(check=check, verdict=Verdict.WARN, seen=seen, to_do=to_do)


def fail(check: str, seen: str, to_do: str) -> Finding:
    """It does not work."""
    return Finding(check=check, verdict=Verdict.FAIL, seen=seen, to_do=to_do)


def explained(check: str, sentence: object) -> Finding:
    """A failure that was explained already, in one sentence that ends in its remedy."""
    what, mark, remedy = str(sentence).rpartition("; ")
    return fail(check, what, remedy) if mark else fail(check, remedy, "run it again")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; most come to one finding, cameras and broker to one for each part."""

    name: str
    look: Callable[[], Iterator[Finding]]


def one(name: str, look: Callable[[], Finding]) -> Check:
    """A check that comes to one finding."""
    return Check(name, lambda: iter([look()]))


def who() -> str:
    """The user that semcam runs as here, by name where there is one."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
