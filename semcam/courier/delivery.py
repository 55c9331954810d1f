"""What is handed on once it is worded: one event, and what it means for whoever only looks at what burns."""

from dataclasses import dataclass
from typing import Protocol

from semcam.contract.event import AlarmState, Event


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event and what it means for the retained state of its rule."""

    event: Event
    state: AlarmState | None
    """None where the step does not touch the state: a suspicion is told but does not burn."""


class Sink(Protocol):
    """Is shown events as they happen: a terminal, a counter, a list. What must arrive is the outbox's to deliver."""

    def deliver(self, delivery: Delivery) -> None:
        """Take one event."""
