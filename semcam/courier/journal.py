"""The log of the service under systemd: one line for each thing that matters, its severity in front (sd-daemon(3)).

The journal knows the time, keeps lines for long and shows them to whoever keeps the machine. So there are no times of
our own in it, and nobody's name: events stand there as what they are, with the ids of the configuration.
"""

import os
from collections.abc import Callable, Mapping

from semcam.contract.delivery import AlarmStage
from semcam.contract.rule_base import Severity
from semcam.courier.delivery import Delivery

ERROR, WARNING, NOTICE, INFO = 3, 4, 5, 6
_LEVELS = {Severity.CRITICAL: WARNING, Severity.WARNING: NOTICE, Severity.INFO: INFO}
"""A fall is no error of the machine's, whatever it is to people."""
_LOUD = {AlarmStage.CONFIRMED, AlarmStage.REPEATED, AlarmStage.ESCALATED}
_STDERR = 2


def is_journal(environment: Mapping[str, str]) -> bool:
    """Whether what is said on stderr goes to systemd's journal (see systemd.exec(5), JOURNAL_STREAM)."""
    state = os.fstat(_STDERR)
    return environment.get("JOURNAL_STREAM") == f"{state.st_dev}:{state.st_ino}"


def marked(text: str, level: int) -> str:
    """Each of its lines with a severity, for the journal takes each by itself."""
    return "\n".join(f"<{level}>{line}" for line in text.splitlines())


def for_stderr(text: str, level: int) -> str:
    """With its severity where the journal reads it, as it is where people do."""
    return marked(text, level) if is_journal(os.environ) else text


class Journal:
    """One line for each event: which camera, what, which rule and step, and by which id it is found again."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def deliver(self, delivery: Delivery) -> None:
        """Write it."""
        event, data = delivery.event, delivery.event.data
        camera = event.source.rpartition("/")[2]
        level = _LEVELS[data.severity] if data.stage in _LOUD else INFO
        kind = event.type.removeprefix("semcam.")
        about = kind if kind == data.rule else f"{kind} ({data.rule})"
        self._write(marked(f"camera {camera}: {about} {data.stage}, {event.id}", level))
