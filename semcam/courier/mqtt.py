"""MQTT: the only file that knows paho.

paho's callbacks run in its own thread; they do nothing but put a note into a queue, which `tend` reads. Publishing
under a lock of ours that a callback also wants would deadlock.
"""

import json
import queue
import time
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from semcam.contract.config import Broker
from semcam.contract.errors import BrokerError
from semcam.contract.event import MAX_EVENT_BYTES, AlarmState, Status
from semcam.courier.delivery import Delivery

QOS = 1
CONNECT_WITHIN_S = 10.0
DELIVER_WITHIN_S = 10.0
SESSION_S = 24 * 3600
NO_SUBSCRIBER = 16
"""MQTT 5 reason code: taken, but nobody listens. That is no failure."""


@dataclass(frozen=True, slots=True)
class _Connected:
    reason: ReasonCode


@dataclass(frozen=True, slots=True)
class _Lost:
    reason: ReasonCode


@dataclass(frozen=True, slots=True)
class _Acknowledged:
    mid: int
    reason: ReasonCode


class MqttSink:
    """One camera's connection: events, retained alarm states, status with last will."""

    def __init__(self, broker: Broker, site: str, camera: str) -> None:
        self._broker = broker
        self._prefix = f"semcam/{site}/{camera}"
        self._notes: queue.SimpleQueue[_Connected | _Lost | _Acknowledged] = queue.SimpleQueue()
        self._unacknowledged: dict[int, str] = {}
        self._refused: list[str] = []
        self._status = Status(state="online")
        self._client = self._make_client(f"semcam-{site}-{camera}")

    @property
    def where(self) -> str:
        """The broker as a person would write it."""
        return f"{self._broker.host}:{self._broker.port}"

    def open(self) -> None:
        """Connect, and say that the camera is online.

        Raises:
            BrokerError: nobody answers there, or the broker refuses.
        """
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        session.SessionExpiryInterval = SESSION_S
        try:
            self._client.connect(self._broker.host, self._broker.port, keepalive=30, properties=session)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise BrokerError(
                f"no MQTT broker answers at {self.where} ({reason}); start one there or correct host and port"
            ) from None
        self._client.loop_start()
        note = self._wait_for_connection()
        if note is None or note.reason.is_failure:
            self._client.loop_stop()
            reason = "no answer to CONNECT" if note is None else str(note.reason)
            raise BrokerError(
                f"the MQTT broker at {self.where} refuses the connection ({reason}); check its access rules"
            )
        self._publish_status()

    def deliver(self, delivery: Delivery) -> None:
        """Publish the event and, where it changes, the retained state of its alarm."""
        event = delivery.event
        self._publish(f"event/{event.kind}", event.to_json(), retain=False)
        if delivery.state is not None:
            self._publish(f"alarm/{event.data.rule}", _alarm_json(delivery.state, event.to_json()), retain=True)

    def tell_status(self, status: Status) -> None:
        """Publish the retained status."""
        self._status = status
        self._publish_status()

    def tend(self) -> list[str]:
        """Read what paho has noted. Returns what a person should know, in sentences; call it every second or so."""
        news: list[str] = []
        while (note := self._next_note(0)) is not None:
            match note:
                case _Connected(reason) if not reason.is_failure:
                    news.append(f"connected to the MQTT broker at {self.where} again")
                    self._publish_status()  # the last will has put "offline" in its place
                case _Connected(reason):
                    news.append(f"the MQTT broker at {self.where} refuses the connection ({reason})")
                case _Lost(reason):
                    news.append(f"the MQTT broker at {self.where} is gone ({reason}); events wait until it is back")
                case _Acknowledged():
                    self._acknowledge(note)
        news += self._refused
        self._refused = []
        return news

    def close(self) -> None:
        """Deliver what is left, say goodbye, disconnect.

        Raises:
            BrokerError: some messages were not acknowledged in time, or were refused.
        """
        news = self.tend()
        deadline = time.monotonic() + DELIVER_WITHIN_S
        while self._unacknowledged and time.monotonic() < deadline:
            self._acknowledge_next(deadline)
        undelivered = len(self._unacknowledged)
        self.tell_status(Status(state="offline"))  # a proper goodbye takes the last will back
        self._acknowledge_next(time.monotonic() + 1)
        self._client.disconnect()
        self._client.loop_stop()
        refused = [*(sentence for sentence in news if "refused" in sentence), *self._refused]
        if undelivered:
            raise BrokerError(
                f"{undelivered} messages were not taken by the MQTT broker at {self.where} within "
                f"{DELIVER_WITHIN_S:.0f} s; check it and run again"
            )
        if refused:
            raise BrokerError(refused[0])

    def _make_client(self, client_id: str) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.reconnect_delay_set(min_delay=1, max_delay=30)
        client.max_queued_messages_set(0)  # no limit: nothing raised is dropped while the broker is away
        client.will_set(f"{self._prefix}/status", _status_json(Status(state="offline")), QOS, retain=True)
        return client

    # -- called by paho's thread: enqueue, nothing else

    def _on_connect(
        self, client: Client, userdata: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._notes.put(_Connected(reason))

    def _on_disconnect(
        self, client: Client, userdata: Any, flags: DisconnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._notes.put(_Lost(reason))

    def _on_publish(
        self, client: Client, userdata: Any, mid: int, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._notes.put(_Acknowledged(mid, reason))

    # -- called by ours

    def _publish(self, topic: str, payload: str, *, retain: bool) -> None:
        # paho resends an oversized MQTT 5 message for ever, so the size is settled here
        if len(payload.encode()) > MAX_EVENT_BYTES:
            self._refused.append(f"a message for {topic} was refused: larger than {MAX_EVENT_BYTES} bytes")
            return
        info = self._client.publish(f"{self._prefix}/{topic}", payload, QOS, retain)
        self._unacknowledged[info.mid] = topic

    def _publish_status(self) -> None:
        self._publish("status", _status_json(self._status), retain=True)

    def _acknowledge(self, note: _Acknowledged) -> None:
        topic = self._unacknowledged.pop(note.mid, None)
        if topic is not None and note.reason.is_failure and note.reason.value != NO_SUBSCRIBER:
            self._refused.append(
                f"a message for {self._prefix}/{topic} was refused by the MQTT broker ({note.reason}); "
                "let this camera write there in the broker's access rules"
            )

    def _acknowledge_next(self, deadline: float) -> None:
        note = self._next_note(max(0.0, deadline - time.monotonic()))
        if isinstance(note, _Acknowledged):
            self._acknowledge(note)

    def _wait_for_connection(self) -> _Connected | None:
        deadline = time.monotonic() + CONNECT_WITHIN_S
        while (note := self._next_note(max(0.0, deadline - time.monotonic()))) is not None:
            if isinstance(note, _Connected):
                return note
        return None

    def _next_note(self, timeout_s: float) -> _Connected | _Lost | _Acknowledged | None:
        try:
            return self._notes.get(block=timeout_s > 0, timeout=timeout_s or None)
        except queue.Empty:
            return None


def _alarm_json(state: AlarmState, event_json: str) -> str:
    """The retained state of a rule: ON or OFF, with the event that made it so."""
    return json.dumps({"state": state, **json.loads(event_json)}, ensure_ascii=False, separators=(",", ":"))


def _status_json(status: Status) -> str:
    return status.model_dump_json(exclude_none=True)
