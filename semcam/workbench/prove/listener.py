"""A broker on this machine that writes down every byte that is sent to it: enough of MQTT to be told everything.

MQTT 3.1.1 and 5, what a publisher needs of it: it takes connections, subscriptions and messages, and acknowledges each.
"""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

_CONNECT, _PUBLISH = 1, 3
_CONNACK, _PUBACK, _SUBACK, _PONG = 0x20, 0x40, 0x90, 0xD0
MOST_BYTES = 64 << 20


class Listener:
    """Listens on a free port of the loopback device while it is entered."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.messages = 0
        self._streams: list[bytearray] = []
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def streams(self) -> list[bytes]:
        """Everything that was sent, for each connection."""
        return [bytes(stream) for stream in self._streams]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._server, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._server.accept()
                self._open.append(connection)
                self._streams.append(stream := bytearray())
                threading.Thread(target=self._converse, args=(connection, stream), daemon=True).start()

    def _converse(self, connection: socket.socket, stream: bytearray) -> None:
        unread, version = b"", 4
        with suppress(OSError):
            while len(stream) < MOST_BYTES and (part := connection.recv(1 << 16)):
                stream += part
                unread += part
                while packet := _split(unread):
                    kind, body, unread = packet
                    version = _version(body) if kind >> 4 == _CONNECT else version
                    self.messages += kind >> 4 == _PUBLISH
                    connection.sendall(_answer(kind, body, version))


def _split(unread: bytes) -> tuple[int, bytes, bytes] | None:
    """The first packet, as its first byte and what follows its length, and the rest (MQTT 5, 2.1)."""
    length, at = 0, 1
    while True:
        if at >= len(unread) or at > 4:
            return None
        length |= (unread[at] & 0x7F) << 7 * (at - 1)
        at += 1
        if not unread[at - 1] & 0x80:
            break
    if len(unread) < at + length:
        return None
    return unread[0], unread[at : at + length], unread[at + length :]


def _version(connect: bytes) -> int:
    """The byte behind the name of the protocol."""
    return connect[6] if len(connect) > 6 else 4


def _answer(kind: int, body: bytes, version: int) -> bytes:
    no_properties = b"\0" if version == 5 else b""
    match kind >> 4:
        case 1:
            return _packet(_CONNACK, b"\0\0" + no_properties)
        case 3 if kind & 0x06:
            name_ends = 2 + struct.unpack_from(">H", body)[0]
            return _packet(_PUBACK, body[name_ends : name_ends + 2])
        case 8:
            topics = _topics(body, 2 + len(no_properties))
            return _packet(_SUBACK, body[:2] + no_properties + b"\1" * topics)
        case 12:
            return _packet(_PONG, b"")
    return b""


def _topics(body: bytes, at: int) -> int:
    count = 0
    while at + 2 < len(body):
        at += 3 + int(struct.unpack_from(">H", body, at)[0])
        count += 1
    return count


def _packet(kind: int, body: bytes) -> bytes:
    return bytes((kind, len(body))) + body
