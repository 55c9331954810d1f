"""What cameras have left with a broker, and what they say while one listens: for whoever asks how they are."""

import secrets
import time
from collections.abc import Sequence

from semcam.contract.broker import Broker
from semcam.contract.errors import BrokerError
from semcam.courier.mqtt import Acknowledged, Deaf, Linked, Lost, MqttLink, Received

QUIET_S, LOOK_AROUND_S = 1.0, 20.0
"""What is retained comes at once, of a large house for some seconds: it is over once nothing has come for a while."""


class Retained(Linked):
    """Listens to topics; any trouble with the broker ends it."""

    def __init__(self, broker: Broker, topics: Sequence[str]) -> None:
        """Nothing is dialled yet.

        Raises:
            BrokerError: the password or a certificate cannot be read.
        """
        name = f"semcam-ask-{secrets.token_hex(6)}"
        self._link = MqttLink(broker, name, None, topics, keep_session=False, at_most_once=topics)
        self._on_the_way: set[int] = set()

    @property
    def is_idle(self) -> bool:
        """Whether the broker has all that was published, as far as was heard."""
        return not self._on_the_way

    def publish(self, topic: str, payload: str) -> None:
        """Leave something with the broker."""
        self._on_the_way.add(self._link.publish(topic, payload, retain=True))

    def hear(self, timeout_s: float) -> list[Received]:
        """What has come; waits so long for the first of it.

        Raises:
            BrokerError: the connection is gone, or the broker refuses something.
        """
        heard: list[Received] = []
        for note in self._link.notes(timeout_s):
            match note:
                case Received():
                    heard.append(note)
                case Lost(sentence) | Deaf(sentence) | Acknowledged(refused=str(sentence)):
                    raise BrokerError(sentence)
                case Acknowledged(token):
                    self._on_the_way.discard(token)
        return heard

    def hear_all(self) -> list[Received]:
        """All that is retained, and what was said meanwhile.

        Raises:
            BrokerError: as `hear`.
        """
        heard: list[Received] = []
        until_s = time.monotonic() + LOOK_AROUND_S
        quiet_at_s = time.monotonic() + QUIET_S
        while (now_s := time.monotonic()) < min(quiet_at_s, until_s):
            more = self.hear(quiet_at_s - now_s)
            if any(note.retained for note in more):  # in a large house somebody always says something
                quiet_at_s = time.monotonic() + QUIET_S
            heard += more
        return heard
