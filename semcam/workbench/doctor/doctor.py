"""`semcam doctor`: everything that has to work, looked at in order, each line as soon as it is known."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from semcam import __version__
from semcam.contract.base import Frozen
from semcam.contract.config import Config
from semcam.contract.event import timestamp
from semcam.courier.service import default_state
from semcam.workbench.doctor import board, broker, cameras, installation
from semcam.workbench.doctor.finding import Check, Finding, Verdict, one
from semcam.workbench.doctor.running import running_on

INSTALLED = Path("/etc/semcam/semcam.yaml")
INSTALLED_STATE = Path("/var/lib/semcam")
"""Where deploy/install.sh puts them."""
ROOT = Path("/")
WIDTH = 16
_MARKS = {
    Verdict.OK: ("✔ ok  ", "green"),
    Verdict.WARN: ("▲ warn", "yellow"),
    Verdict.FAIL: ("✘ FAIL", "bold red"),
    Verdict.UNKNOWN: ("–     ", "dim"),
}


class Report(Frozen):
    """All findings."""

    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Finding | None:
        """What to see to first; None where all is well."""
        for verdict in (Verdict.FAIL, Verdict.WARN):
            for finding in self.findings:
                if finding.verdict is verdict:
                    return finding
        return None

    @property
    def verdict(self) -> Verdict:
        """Of all of them together."""
        return self.worst.verdict if self.worst else Verdict.OK

    def to_json(self) -> str:
        """One object."""
        return json.dumps(
            {
                "semcam": __version__,
                "made": timestamp(datetime.now(UTC)),
                "verdict": self.verdict.value,
                "next": self.worst.to_do if self.worst else None,
                "checks": [
                    {
                        "check": each.check,
                        "verdict": each.verdict.value,
                        "seen": each.seen,
                        "to_do": each.to_do,
                    }
                    for each in self.findings
                ],
            },
            ensure_ascii=False,
        )

    def summary(self) -> str:
        """For people: how it stands, and the one thing to do next."""
        if self.worst is None:
            return "All is well."
        count = sum(each.verdict in (Verdict.WARN, Verdict.FAIL) for each in self.findings)
        others = f" ({count} in all)" if count > 1 else ""
        return f"Next{others}: {self.worst.check}: {self.worst.to_do}"


def configuration_of(given: Path | None) -> Path | None:
    """The file that was named; otherwise the one in this folder, or that of the installed service."""
    here = Path("semcam.yaml")
    if given is not None:
        return given
    return next((file for file in (here, INSTALLED) if _is_there(file)), None)


def state_of(file: Path | None) -> Path:
    """Where the service that this configuration belongs to keeps its events."""
    return INSTALLED_STATE if file == INSTALLED and INSTALLED_STATE.is_dir() else default_state()


def checks(file: Path | None, state: Path, root: Path = ROOT) -> Iterator[Check]:
    """All checks in their order; each is made when the one before it is done, and may rest on it.

    `state` is where the service keeps its events; `root` is where /proc and /sys of this machine lie.
    """
    yield one("system", lambda: board.system(root))
    known: list[Config | None] = [None]

    def configuration() -> Finding:
        known[0], finding = installation.configuration(file)
        return finding

    yield one("configuration", configuration)
    config = known[0]
    running = running_on(state / config.site / f"{name}.sqlite" for name in config.cameras) if config else None
    yield one("models", lambda: installation.models(config))
    measured: list[installation.Measured] = []

    def confinement() -> Finding:
        measured.extend(installation.measured_or_error(config, at_length=running is None))
        return installation.confinement(config, measured)

    yield one("confinement", confinement)
    if running is None:
        yield one("speed", lambda: installation.speed(config, measured))
    yield one("memory", lambda: board.memory(root, config))
    yield one("disk", lambda: board.disk(state, config))
    yield one("temperature", lambda: board.temperature(root))
    yield one("throttling", lambda: board.throttling(root))
    yield one("clock", board.clock)
    if config is None:
        return
    heard: broker.Statuses = {}
    yield Check("broker", lambda: broker.look_at(config, heard))
    if running is not None:
        yield one("speed", lambda: installation.speed_while_running(config, heard))
    yield Check("cameras", lambda: cameras.look_at(config, file or INSTALLED, running, heard))


def examine(console: Console, file: Path | None, state: Path, *, quiet: bool) -> Report:
    """Make all checks; each line is printed on `console` as it is known, unless `quiet`."""
    findings: list[Finding] = []
    waiting = Console(stderr=True)
    for check in checks(file, state):
        with waiting.status(check.name) if not quiet and waiting.is_terminal else waiting:
            for finding in check.look():
                findings.append(finding)
                if not quiet:
                    print_finding(console, finding)
    report = Report(findings=tuple(findings))
    if not quiet:
        console.print(f"\n{report.summary()}", soft_wrap=True)
    return report


def print_finding(console: Console, finding: Finding) -> None:
    """For people: a mark that can be told without its colour, and beneath it what to do."""
    mark, style = _MARKS[finding.verdict]
    console.print(Text.assemble((mark, style), f" {finding.check:{WIDTH}} {finding.seen}"), soft_wrap=True)
    if finding.to_do:
        console.print(Text(f"       → {finding.to_do}", style), soft_wrap=True)


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except PermissionError:  # its folder is not ours to see: that it cannot be read is said when it is
        return True
