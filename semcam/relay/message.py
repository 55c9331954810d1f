"""RTSP on the wire (RFC 2326): answers, requests of the camera, and packets in between, each behind a `$`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from semcam.contract.relay import RelayCode, Trouble

MAX_HEAD_BYTES = 16 * 1024
MAX_BODY_BYTES = 64 * 1024
_STATUS_LINE = re.compile(rb"RTSP/1\.\d (\d{3})(?: .*)?")
_REQUEST_LINE = re.compile(rb"[A-Z_]{1,32} \S+ RTSP/1\.\d")
_LENGTH = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the camera says to a request."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    """Names in small letters."""
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first of this name; empty where there is none."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """All of this name."""
        return [value for its_name, value in self.headers if its_name == name]


@dataclass(frozen=True, slots=True)
class Request:
    """Something the camera wants of us; nothing comes of it."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet of one of the agreed channels."""

    channel: int
    payload: bytes


@dataclass(slots=True)
class Inbox:
    """Bytes in, messages out. It never holds more than one message and what came with its end."""

    _bytes: bytearray = field(default_factory=bytearray)

    def put(self, some: bytes) -> None:
        """What has come."""
        self._bytes += some

    def take(self) -> Answer | Request | Packet | None:
        """The next message; None until it is complete.

        Raises:
            Trouble: this is no RTSP (GARBLED). Nothing that comes after it can be understood.
        """
        # cameras that end a message with one line too many
        while self._bytes and self._bytes[0] in b"\r\n":
            del self._bytes[0]
        if not self._bytes:
            return None
        return self._packet() if self._bytes[0] == ord("$") else self._message()

    def _packet(self) -> Packet | None:
        end = 4 + int.from_bytes(self._bytes[2:4])
        if len(self._bytes) < 4 or len(self._bytes) < end:
            return None
        packet = Packet(self._bytes[1], bytes(self._bytes[4:end]))
        del self._bytes[:end]
        return packet

    def _message(self) -> Answer | Request | None:
        head_end = self._bytes.find(b"\r\n\r\n", 0, MAX_HEAD_BYTES)
        if head_end < 0:
            if len(self._bytes) >= MAX_HEAD_BYTES or not _may_begin(self._bytes):
                raise Trouble(RelayCode.GARBLED)
            return None
        first, *lines = bytes(self._bytes[:head_end]).split(b"\r\n")
        status = _STATUS_LINE.fullmatch(first)
        if status is None and not _REQUEST_LINE.fullmatch(first):
            raise Trouble(RelayCode.GARBLED)
        headers = tuple(_headers(lines))
        end = head_end + 4 + _body_bytes(headers)
        if len(self._bytes) < end:
            return None
        body = bytes(self._bytes[head_end + 4 : end])
        del self._bytes[:end]
        return Answer(int(status[1]), headers, body) if status else Request()


def _may_begin(some: bytearray) -> bool:
    """Whether a message can begin so: noticed early, and not only after all the bytes that a head may have."""
    return some[:1].isupper()


def _headers(lines: Iterable[bytes]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, mark, value = line.decode("utf-8", "replace").partition(":")
        if mark:
            yield name.strip().lower(), value.strip()


def _body_bytes(headers: Iterable[tuple[str, str]]) -> int:
    length = next((value for name, value in headers if name == "content-length"), "0")
    if not _LENGTH.fullmatch(length) or int(length) > MAX_BODY_BYTES:
        raise Trouble(RelayCode.GARBLED)
    return int(length)
