"""Where events go once they are worded: numbered without gaps, then handed to every sink."""

from dataclasses import dataclass
from typing import Protocol

from semcam.contract.event import AlarmState, Event, Status


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event and what it means for the retained state of its rule."""

    event: Event
    state: AlarmState | None
    """None where the step does not touch the state: a suspicion is told but does not burn."""


class Sink(Protocol):
    """Takes events: a terminal, a broker, a list."""

    def deliver(self, delivery: Delivery) -> None:
        """Take one event. It must not be lost from here on."""

    def tell_status(self, status: Status) -> None:
        """Take the word on how the camera itself is."""


@dataclass(slots=True)
class Numbering:
    """Gapless sequence numbers within an epoch; the pair names an event for ever."""

    epoch: str
    last: int = 0

    def next(self) -> tuple[int, str]:
        """The next number and the id that is made of it."""
        self.last += 1
        return self.last, f"{self.epoch}-{self.last:06d}"
