"""One camera's line to the broker, from the first word to the last."""

import time
from collections.abc import Mapping, Sequence

from semcam.contract.broker import Broker
from semcam.contract.event import MadeBy, Status
from semcam.courier.moment import Moment
from semcam.courier.mqtt import Acknowledged, MqttLink
from semcam.courier.outbox import Outbox
from semcam.courier.publisher import Publisher, Standing, status_json

GOODBYE_WITHIN_S = 2.0


class Connection:
    """The topics of one camera at one broker."""

    def __init__(
        self, broker: Broker, site: str, camera: str, topics: Sequence[str] = (), made_by: MadeBy | None = None
    ) -> None:
        """`topics` are listened to besides the camera's commands; `made_by` is said even of a camera that is gone.

        Raises:
            BrokerError: the password or a certificate cannot be read.
        """
        self._prefix = f"semcam/{site}/{camera}"
        self._broker = broker
        self._will = (f"{self._prefix}/status", status_json(Status(state="offline", made_by=made_by)))
        self._link = MqttLink(broker, f"semcam-{site}-{camera}", self._will, (f"{self._prefix}/command/+", *topics))
        self._is_open = False

    def start(self) -> None:
        """Begin to connect, and go on doing so."""
        self._link.start()

    def open(self) -> None:
        """Connect, and wait until it is done.

        Raises:
            BrokerError: nobody answers there, or the broker refuses.
        """
        self._link.open()
        self._is_open = True

    def attach(
        self, outbox: Outbox, standing: Standing, now: Moment, announcements: Mapping[str, str] | None = None
    ) -> Publisher:
        """What sends the outbox's events over this line, and what is retained beside them."""
        publisher = Publisher(self._link, self._prefix, outbox, standing, announcements)
        if self._is_open:
            publisher.begin(now)
        return publisher

    def close(self) -> None:
        """Say that the camera goes offline by its own will, and disconnect."""
        token = self._link.publish(*self._will, retain=True)
        until_s = time.monotonic() + GOODBYE_WITHIN_S
        while self._link.is_connected and time.monotonic() < until_s:
            if any(isinstance(note, Acknowledged) and note.token == token for note in self._link.notes(0.1)):
                break
        self._link.stop()
