"""One camera's connection to the MQTT broker. The only file that knows paho.

A thread of its own does everything that touches paho, as an external event loop (paho's documented `loop_read`,
`loop_write`, `loop_misc`): no lock of ours can meet one of paho's. Others hand it messages and read its notes. It
remembers nothing over a lost connection: what was not acknowledged is the outbox's to send again.
"""

import queue
import random
import select
import socket
import ssl
import threading
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from semcam.contract.broker import Broker, Tls
from semcam.contract.errors import BrokerError
from semcam.courier.backoff import backoff_s
from semcam.courier.secret import read_secret

QOS = 1
KEEPALIVE_S = 20
CONNECT_WITHIN_S = 10.0
OPEN_WITHIN_S = 15.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
SESSION_S = 120
"""For so long the broker keeps commands for a camera that is away: over a restart, but no word of yesterday."""
MAX_MESSAGE_BYTES = 256 * 1024
"""Larger than any discovery."""
MOST_UNSENDABLE = 1000
SHORT_S, MOST_SHORT = 5.0, 3
"""So many connections in a row that lasted no longer look as if two quarrel over one name."""
_NAMESAKE = "stop the other one, or give it another site or camera name"
_TICK_S = 1.0


class _Reason(IntEnum):
    """MQTT 5 reason codes that have a remedy of their own."""

    MALFORMED = 129
    PROTOCOL_ERROR = 130
    BAD_PROTOCOL = 132
    BAD_LOGIN = 134
    NOT_AUTHORIZED = 135
    TAKEN_OVER = 142
    TOO_LARGE = 149


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker has taken us in; nothing that was handed over before is on its way any more."""


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no connection, or no longer; `sentence` says why and what to do."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker has taken a message; or refused it, and `refused` says why and what to do."""

    token: int
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Deaf:
    """The broker does not let us listen; `sentence` says where and what to do."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message on one of the subscribed topics."""

    topic: str
    payload: bytes
    retained: bool


Note = Connected | Lost | Acknowledged | Deaf | Received


@dataclass(frozen=True, slots=True)
class _Message:
    token: int
    topic: str
    payload: bytes
    retain: bool

    @property
    def name(self) -> tuple[str, bytes]:
        """What makes it the same message when it is sent again."""
        return self.topic, self.payload

    @property
    def size(self) -> int:
        """About as many bytes as its packet has."""
        return len(self.topic.encode()) + len(self.payload) + 16


@dataclass(slots=True)
class _Session:
    """One connection from its first attempt to its end. Only the thread touches it."""

    client: Client
    connected: bool = False
    ended: str | None = None
    spoiled: bool = False
    """Whether it ended because of what was sent."""
    most_on_the_way: int = 65_535
    most_bytes: int = MAX_MESSAGE_BYTES
    messages: dict[int, _Message] = field(default_factory=dict)
    """By their id, those that are not yet acknowledged."""


class MqttLink:
    """Connects, stays connected, publishes, listens."""

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        will: tuple[str, str] | None,
        topics: Sequence[str] = (),
        *,
        keep_session: bool = True,
        at_most_once: Collection[str] = (),
    ) -> None:
        """`will` is a retained topic and payload that the broker publishes when we are gone; `topics` are subscribed.

        With `keep_session` the broker keeps what comes in on them while we are away for a moment. With MQTT 3.1.1 it
        does not: there a session has no end.

        `at_most_once` are those topics whose newest word is enough, for whoever listens to many cameras: of what waits
        for a subscriber with QoS 1, retained messages too, Mosquitto drops what is over a thousand.

        Raises:
            BrokerError: the password or a certificate cannot be read.
        """
        self._broker = broker
        self._client_id = client_id
        self._will = will
        self._topics = tuple(topics)
        self._keep_session = keep_session
        self._at_most_once = frozenset(at_most_once)
        self._password = _read_password(broker)
        self._tls = _tls_context(broker)
        self._notes: queue.SimpleQueue[Note] = queue.SimpleQueue()
        self._outgoing: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._stopping = threading.Event()
        self._connected = threading.Event()
        self._last_token = 0
        self._suspect: tuple[str, bytes] | None = None
        self._unsendable: set[tuple[str, bytes]] = set()
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{client_id}", daemon=True)

    def start(self) -> None:
        """Begin to connect. `Connected` or `Lost` will be noted."""
        self._thread.start()

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> int:
        """Hand over one message, QoS 1; its token comes back in `Acknowledged`, unless `Lost` comes first."""
        self._last_token += 1
        self._outgoing.put(_Message(self._last_token, topic, payload.encode(), retain))
        self._wake()
        return self._last_token

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection, as far as is known by now."""
        return self._connected.is_set()

    def open(self) -> None:
        """Connect, and wait until it is done; to be called instead of `start`.

        Raises:
            BrokerError: nobody answers there, or the broker refuses.
        """
        self.start()
        try:
            first = self._notes.get(timeout=OPEN_WITHIN_S)
        except queue.Empty:
            first = Lost(f"no answer from the MQTT broker at {self._broker.where}; check that it runs")
        if isinstance(first, Lost):
            self.stop()
            raise BrokerError(first.sentence)

    def notes(self, timeout_s: float = 0.0) -> list[Note]:
        """What has happened since the last call; waits for the first note where there is none yet."""
        found: list[Note] = []
        try:
            found.append(self._notes.get(block=timeout_s > 0, timeout=timeout_s or None))
            while True:
                found.append(self._notes.get_nowait())
        except queue.Empty:
            return found

    def stop(self) -> None:
        """Say goodbye and end the thread; the will is not published."""
        self._stopping.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(CONNECT_WITHIN_S)
        self._wake_reader.close()
        self._wake_writer.close()

    # -- in the thread

    def _run(self) -> None:
        failures = short = 0
        while not self._stopping.is_set():
            began_s = time.monotonic()
            session = self._make_session()
            try:
                self._converse(session)
            except Exception as error:  # whatever a broker may say, this thread must go on
                session.ended = session.ended or self._explain(error)
            finally:
                self._connected.clear()
                _hang_up(session.client)
            if self._stopping.is_set():
                return
            self._look_for_the_culprit(session)
            is_short = session.connected and time.monotonic() - began_s < SHORT_S
            short = short + 1 if is_short else 0
            failures = min(1 + short, MOST_SHORT) if session.connected else failures + 1
            self._notes.put(Lost(self._explain_end_of(session, is_flapping=short >= MOST_SHORT)))
            # jitter: a hundred cameras must not come back to a restarted broker in the same moment
            longest_s = backoff_s(failures, FIRST_PAUSE_S, LONGEST_PAUSE_S)
            self._stopping.wait(random.uniform(FIRST_PAUSE_S / 2, longest_s))

    def _converse(self, session: _Session) -> None:
        client = session.client
        client.connect(self._broker.host, self._broker.port_number, KEEPALIVE_S, **self._session_options())
        give_up_at_s = time.monotonic() + CONNECT_WITHIN_S
        while session.ended is None and _is_up(client):
            if self._stopping.is_set():
                self._say_goodbye(session)
                return
            if not session.connected and time.monotonic() > give_up_at_s:
                session.ended = (
                    f"no answer to CONNECT from {self._broker.where}; check that an MQTT broker listens there"
                )
                return
            self._wait(client)
            if session.connected:
                self._send_waiting(session)

    def _wait(self, client: Client) -> None:
        """Until something comes in, can go out, or is handed over."""
        connection: Any = client.socket()
        buffered = isinstance(connection, ssl.SSLSocket) and connection.pending() > 0
        writing = [connection] if client.want_write() else []
        readable, writable, _ = select.select([connection, self._wake_reader], writing, [], 0 if buffered else _TICK_S)
        if self._wake_reader in readable:
            while True:
                try:
                    if len(self._wake_reader.recv(4096)) < 4096:
                        break
                except BlockingIOError:
                    break
        if connection in readable or buffered:
            client.loop_read()
        if connection in writable:
            client.loop_write()
        client.loop_misc()

    def _send_waiting(self, session: _Session) -> None:
        while _is_up(session.client) and len(session.messages) < session.most_on_the_way:
            try:
                message = self._outgoing.get_nowait()
            except queue.Empty:
                return
            # settled here: paho would send what is too large again and again, and be disconnected each time
            if message.size > session.most_bytes or message.name in self._unsendable:
                self._notes.put(Acknowledged(message.token, self._explain_too_large(message)))
                continue
            info = session.client.publish(message.topic, message.payload, QOS, message.retain)
            if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return  # the connection is going; `Lost` follows
            session.messages[info.mid] = message

    def _look_for_the_culprit(self, session: _Session) -> None:
        """A broker that hangs up twice at the same message must not keep all others from being sent.

        Mosquitto refuses what is over its message_size_limit with a reason code that paho does not take.
        """
        oldest = next(iter(session.messages.values()), None)
        suspect = oldest.name if session.spoiled and oldest else None
        if suspect is not None and suspect == self._suspect and len(self._unsendable) < MOST_UNSENDABLE:
            self._unsendable.add(suspect)
        self._suspect = suspect

    def _say_goodbye(self, session: _Session) -> None:
        if session.connected:
            session.client.disconnect()
            until_s = time.monotonic() + 1.0
            while session.client.want_write() and _is_up(session.client) and time.monotonic() < until_s:
                session.client.loop_write()

    def _make_session(self) -> _Session:
        five = self._broker.protocol == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=MQTTProtocolVersion.MQTTv5 if five else MQTTProtocolVersion.MQTTv311,
            clean_session=None if five else True,
            reconnect_on_failure=False,
        )
        session = _Session(client)
        client.connect_timeout = CONNECT_WITHIN_S
        client.max_inflight_messages_set(0)  # without a limit of paho's own: ours is what the broker can take
        client.username_pw_set(self._broker.user, self._password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        if self._will is not None:
            client.will_set(*self._will, QOS, retain=True)

        def on_connect(_: Client, __: Any, _flags: ConnectFlags, reason: ReasonCode, limits: Properties | None) -> None:
            if reason.is_failure:
                session.ended = self._explain_refusal(reason)
                return
            # what was handed over for an earlier connection is the outbox's to hand over again
            self._forget_outgoing()
            session.connected = True
            self._connected.set()
            session.most_on_the_way = getattr(limits, "ReceiveMaximum", session.most_on_the_way)
            session.most_bytes = min(getattr(limits, "MaximumPacketSize", MAX_MESSAGE_BYTES), MAX_MESSAGE_BYTES)
            if self._topics:
                client.subscribe([(topic, 0 if topic in self._at_most_once else QOS) for topic in self._topics])
            self._notes.put(Connected())

        def on_subscribe(_: Client, __: Any, _mid: int, reasons: list[ReasonCode], *___: Any) -> None:
            for topic, reason in zip(self._topics, reasons, strict=False):
                if reason.is_failure:
                    self._notes.put(Deaf(self._explain_deaf(topic, reason)))

        def on_disconnect(_: Client, __: Any, _flags: DisconnectFlags, reason: ReasonCode, *___: Any) -> None:
            session.spoiled = reason.value in (_Reason.TOO_LARGE, _Reason.PROTOCOL_ERROR, _Reason.MALFORMED)
            session.ended = session.ended or self._explain_end(session, reason)

        def on_publish(_: Client, __: Any, mid: int, reason: ReasonCode, *___: Any) -> None:
            message = session.messages.pop(mid, None)
            if message is not None:
                refused = self._explain_refused(message, reason) if reason.is_failure else None
                self._notes.put(Acknowledged(message.token, refused))

        def on_message(_: Client, __: Any, message: MQTTMessage) -> None:
            self._notes.put(Received(message.topic, bytes(message.payload), message.retain))

        client.on_connect, client.on_disconnect = on_connect, on_disconnect
        client.on_publish, client.on_message = on_publish, on_message
        client.on_subscribe = on_subscribe
        return session

    def _session_options(self) -> dict[str, Any]:
        if self._broker.protocol != "5":
            return {}
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S if self._keep_session else 0
        properties.MaximumPacketSize = MAX_MESSAGE_BYTES  # nobody can fill our memory with one message
        return {"clean_start": not self._keep_session, "properties": properties}

    def _forget_outgoing(self) -> None:
        while True:
            try:
                self._outgoing.get_nowait()
            except queue.Empty:
                return

    def _wake(self) -> None:
        with suppress(OSError):  # it is awake already, or has ended
            self._wake_writer.send(b"x")

    # -- what went wrong, in sentences

    def _explain(self, error: Exception) -> str:
        where = self._broker.where
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"the certificate of the MQTT broker at {where} is not trusted ({error.verify_message}); "
                "give the CA that signed it as mqtt.tls.ca, and its own name as host"
            )
        if isinstance(error, ssl.SSLError):
            return f"no TLS connection to {where} ({error.reason or 'handshake failed'}); check port and mqtt.tls"
        if isinstance(error, ConnectionResetError) and self._tls is not None:
            return f"no TLS connection to {where} (it hangs up at the first word of it); check port and mqtt.tls"
        if isinstance(error, OSError | UnicodeError):
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            return f"no MQTT broker answers at {where} ({reason}); start one there or correct host and port"
        # what exactly is not repeated: it comes from whoever answers there
        return f"what answers at {where} does not speak MQTT ({type(error).__name__}); correct host and port"

    def _explain_refusal(self, reason: ReasonCode) -> str:
        where = self._broker.where
        match reason.value:
            case _Reason.BAD_LOGIN | _Reason.NOT_AUTHORIZED if self._broker.user is None:
                remedy = "give mqtt.user and mqtt.password_file, or check its access rules"
                return f"the MQTT broker at {where} does not let just anybody in ({reason}); {remedy}"
            case _Reason.BAD_LOGIN | _Reason.NOT_AUTHORIZED:
                remedy = "check mqtt.user and mqtt.password_file"
                return f"the MQTT broker at {where} refuses user or password ({reason}); {remedy}"
            case _Reason.BAD_PROTOCOL:
                spoken, other = ("5", "3.1.1") if self._broker.protocol == "5" else ("3.1.1", "5")
                return f'the MQTT broker at {where} does not speak MQTT {spoken}; set mqtt.protocol: "{other}"'
            case _:
                return f"the MQTT broker at {where} refuses the connection ({reason}); see its log"

    def _explain_end(self, session: _Session, reason: ReasonCode) -> str:
        where = self._broker.where
        if reason.value == _Reason.TAKEN_OVER:
            return f"somebody else has connected to {where} as {self._client_id}; {_NAMESAKE}"
        if session.connected:
            return f"the MQTT broker at {where} is gone ({reason}); events wait until it is back"
        if self._tls is not None:
            return (
                f"the MQTT broker at {where} closed the connection at once; "
                "with TLS that is how a missing or refused client certificate looks: check mqtt.tls.certificate"
            )
        return f"the MQTT broker at {where} closed the connection at once; check port, protocol and mqtt.tls"

    def _explain_end_of(self, session: _Session, *, is_flapping: bool) -> str:
        why = session.ended or f"the MQTT broker at {self._broker.where} closed the connection"
        # some brokers do not say that it is this; and there is nobody else to say it
        return f"{why}; if that goes on, look for a second semcam of the same name: {_NAMESAKE}" if is_flapping else why

    def _explain_refused(self, message: _Message, reason: ReasonCode) -> str:
        if reason.value == _Reason.TOO_LARGE:
            return self._explain_too_large(message)
        remedy = "let this user write there in its access rules"
        if reason.value != _Reason.NOT_AUTHORIZED:
            remedy = "see its log"
        return f"the MQTT broker at {self._broker.where} refuses what is sent to {message.topic} ({reason}); {remedy}"

    def _explain_too_large(self, message: _Message) -> str:
        return (
            f"a message of {len(message.payload)} bytes for {message.topic} is too large for the MQTT broker at "
            f"{self._broker.where}; allow larger ones in its max_packet_size and message_size_limit"
        )

    def _explain_deaf(self, topic: str, reason: ReasonCode) -> str:
        return (
            f"the MQTT broker at {self._broker.where} does not let us listen to {topic} ({reason}); "
            "let this user read there in its access rules"
        )


class _TlsSocket(ssl.SSLSocket):
    """Closed at once where the handshake fails: paho lets go of such a socket, and leaves it open."""

    def do_handshake(self, block: bool = False) -> None:
        """As ever."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _is_up(client: Client) -> bool:
    """Whether there is still a socket to write to."""
    return client.socket() is not None


def _hang_up(client: Client) -> None:
    """Close what a failed conversation has left open."""
    connection: Any = client.socket()
    if connection is not None:
        with suppress(OSError):
            connection.close()


def _read_password(broker: Broker) -> str | None:
    if broker.password_file is None:
        return None
    try:
        return read_secret(broker.password_file)
    except ValueError as error:
        raise BrokerError(f"mqtt.password_file {error}") from None


def _tls_context(broker: Broker) -> ssl.SSLContext | None:
    if not broker.tls:
        return None
    files = broker.tls if isinstance(broker.tls, Tls) else Tls()
    try:
        context = ssl.create_default_context(cafile=files.ca)
        context.sslsocket_class = _TlsSocket
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if files.certificate is not None:
            context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or "not a certificate"
        raise BrokerError(
            f"mqtt.tls: a file cannot be used ({reason}); give PEM files that this user may read"
        ) from None
    return context


class Linked:
    """Whoever works over one link, which is open within its `with` block."""

    _link: MqttLink

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            BrokerError: the broker cannot be reached or refuses.
        """
        self._link.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.stop()
