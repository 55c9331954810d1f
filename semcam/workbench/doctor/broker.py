"""The broker: whether it can be reached, lets us in, lets each camera speak, and for how long its certificates last."""

import secrets
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from semcam.client.reading import read_payload
from semcam.contract.broker import Broker, Tls
from semcam.contract.config import Config
from semcam.contract.errors import BrokerError
from semcam.contract.event import Status
from semcam.courier.mqtt import Acknowledged, Lost, MqttLink, Received
from semcam.workbench.doctor.certificate import in_file, valid_until
from semcam.workbench.doctor.finding import Finding, explained, fail, good, unknown, warn

ANSWER_WITHIN_S = 5.0
LISTEN_S = 1.0
"""For so long after the last answer: what is retained has come by then."""
SOON_DAYS = 30
_CONNECT_WITHIN_S = 10.0
NO_RULE = "_doctor"
"""No rule can have this name, so nothing retained is lost by the empty message under it."""

Statuses = dict[str, Status]
"""What cameras say of themselves; without those that say nothing, or not to us."""


def look_at(config: Config, heard: Statuses) -> Iterator[Finding]:
    """Everything about the broker. What cameras say of themselves is laid into `heard`."""
    broker = config.mqtt
    if broker is None:
        yield unknown("broker", "none is configured; events are only printed")
        return
    topics = [f"semcam/{config.site}/{name}/status" for name in config.cameras]
    began_s = time.monotonic()
    try:
        # no will, and a name of its own: the cameras of a running semcam do not notice
        link = MqttLink(broker, f"semcam-doctor-{secrets.token_hex(6)}", None, topics, keep_session=False)
        link.open()
    except BrokerError as error:
        yield explained("broker", error)
        return
    try:
        took_s = time.monotonic() - began_s
        login = f"as {broker.user}" if broker.user else "without a password"
        yield good("broker", f"{broker.where} answers in {took_s * 1000:.0f} ms {login}, MQTT {broker.protocol}")
        yield _rights(broker, link, [topic.rpartition("/")[0] for topic in topics], heard)
    finally:
        link.stop()
    if broker.tls:
        yield certificates(broker, datetime.now(UTC))


def _rights(broker: Broker, link: MqttLink, prefixes: Sequence[str], heard: Statuses) -> Finding:
    """Whether each camera may speak: an empty retained message changes nothing at the broker, and is answered."""
    waiting = {link.publish(f"{prefix}/alarm/{NO_RULE}", "", retain=True): prefix for prefix in prefixes}
    count = len(waiting)
    until_s = time.monotonic() + ANSWER_WITHIN_S
    listen_until_s = time.monotonic() + LISTEN_S
    refused: list[str] = []
    while (waiting and time.monotonic() < until_s) or time.monotonic() < listen_until_s:
        for note in link.notes(0.1):
            match note:
                case Acknowledged(token, reason):
                    waiting.pop(token, None)
                    refused += [reason] if reason else []
                case Received(topic, payload):
                    _hear(topic, payload, heard)
                case Lost(sentence):
                    return explained("rights", sentence)
    if refused:
        return explained("rights", refused[0])
    if waiting:
        prefix = next(iter(waiting.values()))
        return fail("rights", f"{broker.where} does not answer to what is sent to {prefix}", "see the broker's log")
    if broker.protocol != "5":
        return unknown("rights", "with MQTT 3.1.1, no broker says whether it refuses what is sent")
    return good("rights", "the camera may speak" if count == 1 else f"all {count} cameras may speak")


def _hear(topic: str, payload: bytes, heard: Statuses) -> None:
    try:
        heard[topic.split("/")[2]] = read_payload(Status, payload)
    except ValueError:
        return  # of another version: as if nothing had been said


def certificates(broker: Broker, now: datetime) -> Finding:
    """For how long all of them are valid: the broker's, its authority's, and our own."""
    files = broker.tls if isinstance(broker.tls, Tls) else Tls()
    ends: list[tuple[datetime, str]] = []
    try:
        ends.append((valid_until(_shown_by(broker, files)), f"that of {broker.where}"))
        for file in filter(None, (files.ca, files.certificate)):
            ends += [(end, file) for end in in_file(Path(file))]
    except (OSError, ValueError):
        return unknown("certificates", "cannot be read")
    end, which = min(ends)
    days = (end - now).days
    seen = f"{which} is valid for {days:,} more days" if days >= 0 else f"{which} has ended {-days} days ago"
    remedy = "make a new one before that, or events stop on that day (deploy/mosquitto/README.md)"
    if days < 0:
        return fail("certificates", seen, "make a new one (deploy/mosquitto/README.md)")
    return warn("certificates", seen, remedy) if days < SOON_DAYS else good("certificates", seen)


def _shown_by(broker: Broker, files: Tls) -> bytes:
    context = ssl.create_default_context(cafile=files.ca)
    if files.certificate is not None:
        context.load_cert_chain(files.certificate, files.key)
    with (
        socket.create_connection((broker.host, broker.port_number), _CONNECT_WITHIN_S) as raw,
        context.wrap_socket(raw, server_hostname=broker.host) as secure,
    ):
        return secure.getpeercert(binary_form=True) or b""
