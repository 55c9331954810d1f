"""Motion JPEG over HTTP: one request, and an answer that never ends. The standard library reads the answer's head."""

import io
import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any, cast

from semcam.contract.address import Address
from semcam.contract.relay import RelayCode, Trouble
from semcam.relay.jpeg import Pictures
from semcam.relay.login import Login, answer, read_challenges
from semcam.relay.wire import MOST_BYTES, Wire

STALL_S = 5.0
_STATUSES = {403: RelayCode.LOGIN_WRONG, 404: RelayCode.NOT_FOUND, 410: RelayCode.NOT_FOUND, 503: RelayCode.BUSY}


class Mjpeg:
    """Asks for the camera's pictures."""

    def __init__(self, wires: tuple[Wire, ...], address: Address, login: Login | None) -> None:
        """`wires` lead to the same address: one for each attempt, because cameras hang up when they want a login."""
        self._wires = wires
        self._address = address
        self._login = login
        self._said: HTTPResponse | None = None

    def begin(self) -> None:
        """Log in where the camera wants it: pictures come from now on.

        Raises:
            Trouble: why they do not.
            HungUp: the courier has.
        """
        said = self._ask(self._wires[0], None)
        if said.status == 401:
            challenge = read_challenges(said.headers.get_all("WWW-Authenticate", []))
            if self._login is None:
                raise Trouble(RelayCode.LOGIN_NEEDED)
            if challenge is None:
                raise Trouble(RelayCode.LOGIN_WRONG)
            said = self._ask(self._wires[-1], answer(challenge, self._login, "GET", self._address.path))
        if said.status == 401:
            raise Trouble(RelayCode.LOGIN_WRONG)
        if said.status != 200:
            raise Trouble(_STATUSES.get(said.status, RelayCode.GARBLED))
        if not said.headers.get_content_type().startswith("multipart/"):
            raise Trouble(RelayCode.CODEC)
        self._said = said

    def pictures(self) -> Iterator[bytes]:
        """JPEG pictures as they come.

        Raises:
            Trouble: they do not come any more.
            HungUp: the courier has.
        """
        assert self._said is not None
        pictures, stall_at_s = Pictures(), time.monotonic() + STALL_S
        while True:
            try:
                some = self._said.read1(MOST_BYTES)
            except IncompleteRead:
                raise Trouble(RelayCode.CLOSED) from None
            except (HTTPException, ValueError):
                raise Trouble(RelayCode.GARBLED) from None
            if not some:
                raise Trouble(RelayCode.CLOSED)
            for picture in pictures.put(some):
                stall_at_s = time.monotonic() + STALL_S
                yield picture
            if time.monotonic() >= stall_at_s:
                raise Trouble(RelayCode.STALLED)

    def _ask(self, wire: Wire, authorization: str | None) -> HTTPResponse:
        headers = [f"GET {self._address.path} HTTP/1.1", f"Host: {self._address.authority}", "User-Agent: semcam"]
        headers += [f"Authorization: {authorization}"] if authorization else []
        wire.write("\r\n".join([*headers, "Accept: multipart/x-mixed-replace", "", ""]).encode())
        said = HTTPResponse(cast(Any, _Source(wire)))
        try:
            said.begin()
        except (HTTPException, ValueError):
            raise Trouble(RelayCode.GARBLED) from None
        return said


class _Source:
    """As much of a socket as HTTPResponse asks for: something to read from."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What the answer is read from."""
        return io.BufferedReader(_Stream(self._wire), MOST_BYTES)


class _Stream(io.RawIOBase):
    """The wire as a file of the standard library."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._rest = b""

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """What has come, as far as it fits."""
        some = self._rest or self._wire.read(time.monotonic() + STALL_S)
        if not some:
            raise Trouble(RelayCode.STALLED)
        size = min(len(buffer), len(some))
        buffer[:size], self._rest = some[:size], some[size:]
        return size
