"""An RTSP conversation (RFC 2326) over one TCP connection: the pictures come between the answers."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urljoin

from semcam.contract.address import Address
from semcam.contract.relay import RelayCode, Trouble
from semcam.relay.login import Challenge, Login, answer, read_challenges
from semcam.relay.message import Answer, Inbox, Packet
from semcam.relay.sdp import Track, read_sdp
from semcam.relay.wire import Wire

ANSWER_WITHIN_S = 5.0
STALL_S = 5.0
"""Connected, and for so long not one packet of the stream: the camera is taken for hung."""
GOODBYE_WITHIN_S = 0.2
SESSION_S = 60.0
"""How long a session lasts without a word from us, where the camera does not say."""
_AGENT = "semcam"
_TIMEOUT = re.compile(r";\s*timeout\s*=\s*([0-9]{1,5})")
_CHANNEL = re.compile(r"interleaved\s*=\s*([0-9]{1,3})")

_STATUSES = {
    403: RelayCode.LOGIN_WRONG,
    404: RelayCode.NOT_FOUND,
    415: RelayCode.CODEC,
    453: RelayCode.BUSY,
    454: RelayCode.CLOSED,
    461: RelayCode.TRANSPORT,
    503: RelayCode.BUSY,
}


class Rtsp:
    """Asks for the camera's video stream, and gives its packets."""

    def __init__(self, wire: Wire, address: Address, login: Login | None) -> None:
        self._wire = wire
        self._address = address
        self._login = login
        self._inbox = Inbox()
        self._number = 0
        self._challenge: Challenge | None = None
        self._answers = 0
        """How often the present challenge has been answered."""
        self._session = ""
        self._alive_every_s = SESSION_S / 2
        self._keeps_alive_by = "OPTIONS"
        self._base = address.url
        self._channel = 0

    def begin(self) -> Track:
        """OPTIONS, DESCRIBE, SETUP, PLAY: packets come from now on.

        Raises:
            Trouble: why they do not.
            HungUp: the courier has.
        """
        options = self._ask("OPTIONS", self._base)
        if "GET_PARAMETER" in options.header("public").upper():
            self._keeps_alive_by = "GET_PARAMETER"
        described = self._ask("DESCRIBE", self._base, ("Accept: application/sdp",))
        track = read_sdp(described.body)
        self._base = described.header("content-base") or described.header("content-location") or self._base
        _refuse_what_ends_a_line(self._base + track.control)
        wanted = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
        ready = self._ask("SETUP", _resolve(self._base, track.control), (wanted,))
        if channel := _CHANNEL.search(ready.header("transport")):
            self._channel = int(channel[1])
        self._session, _, rest = ready.header("session").partition(";")
        if timeout := _TIMEOUT.search(";" + rest):
            self._alive_every_s = max(1.0, min(int(timeout[1]), 3600) / 2)
        _refuse_what_ends_a_line(self._session)
        self._ask("PLAY", self._base, ("Range: npt=0.000-",))
        return track

    def packets(self) -> Iterator[bytes]:
        """RTP packets as they come; also those that came before the answer to PLAY are not missing.

        Raises:
            Trouble: they do not come any more.
            HungUp: the courier has.
        """
        now_s = time.monotonic()
        stall_at_s, alive_at_s = now_s + STALL_S, now_s + self._alive_every_s
        while True:
            while message := self._inbox.take():
                match message:
                    case Packet(channel, payload) if channel == self._channel:
                        yield payload
                        stall_at_s = time.monotonic() + STALL_S
                    case Answer(status=401):
                        self._take_challenge(message)
                        alive_at_s = time.monotonic() + 1.0
                    case Answer(status=454):
                        raise Trouble(RelayCode.CLOSED)
            now_s = time.monotonic()
            if now_s >= stall_at_s:
                raise Trouble(RelayCode.STALLED)
            if now_s >= alive_at_s:
                self._say(self._keeps_alive_by, self._base)
                alive_at_s = now_s + self._alive_every_s
            self._inbox.put(self._wire.read(min(stall_at_s, alive_at_s)))

    def end(self) -> None:
        """Tell the camera that nobody watches any more; whether it hears that does not matter."""
        if self._session:
            with suppress(Trouble):
                self._say("TEARDOWN", self._base)
                self._wire.drain(GOODBYE_WITHIN_S)

    def _ask(self, method: str, url: str, headers: tuple[str, ...] = ()) -> Answer:
        """Ask and wait, with a login where one is wanted."""
        self._say(method, url, headers)
        said = self._answer()
        if said.status == 401:
            self._take_challenge(said)
            self._say(method, url, headers)
            said = self._answer()
        if said.status == 401:  # cameras lock out who tries too often
            raise Trouble(RelayCode.LOGIN_WRONG)
        if said.status != 200 and method != "OPTIONS":  # there are cameras that do not know this one
            raise Trouble(_STATUSES.get(said.status, RelayCode.GARBLED))
        return said

    def _take_challenge(self, said: Answer) -> None:
        if self._login is None:
            raise Trouble(RelayCode.LOGIN_NEEDED)
        self._challenge, self._answers = read_challenges(said.all("www-authenticate")), 0
        if self._challenge is None:
            raise Trouble(RelayCode.LOGIN_WRONG)

    def _say(self, method: str, url: str, headers: tuple[str, ...] = ()) -> None:
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", f"User-Agent: {_AGENT}", *headers]
        if self._session:
            lines.append(f"Session: {self._session}")
        if self._login and self._challenge:
            self._answers += 1
            lines.append(f"Authorization: {answer(self._challenge, self._login, method, url, self._answers)}")
        self._wire.write("\r\n".join([*lines, "", ""]).encode())

    def _answer(self) -> Answer:
        """The answer to the last request; whatever else comes before it is of no use yet."""
        until_s = time.monotonic() + ANSWER_WITHIN_S
        while True:
            match self._inbox.take():
                case Answer() as said if said.header("cseq") in ("", str(self._number)):
                    return said
                case None:
                    some = self._wire.read(until_s)
                    if not some:
                        raise Trouble(RelayCode.STALLED)
                    self._inbox.put(some)
                case _ if time.monotonic() > until_s:
                    raise Trouble(RelayCode.STALLED)


def _resolve(base: str, control: str) -> str:
    """A stream's own address. Cameras mean "behind the base" by a relative one, whether or not that ends in a slash."""
    if not control or control == "*":
        return base
    if "://" in control:
        return control
    return urljoin(base, control) if control.startswith("/") else f"{base.rstrip('/')}/{control}"


def _refuse_what_ends_a_line(text: str) -> None:
    """What the camera says is said back to it, in requests of ours."""
    if any(not "!" <= letter <= "~" for letter in text):
        raise Trouble(RelayCode.GARBLED)
