"""Feeds one vision process with the pictures of a network camera: keeps a relay alive that dials and hands them on.

A relay lives for one connection. When that breaks, the next one is started, at first at once, then ever later; the
pipe to the vision process stays, and so does that process.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from semcam.contract.address import read_address
from semcam.contract.errors import SourceError
from semcam.contract.relay import MAX_WORD_BYTES, Codec, RelayCode, from_word
from semcam.courier.backoff import backoff_s
from semcam.courier.faults import refused
from semcam.courier.secret import read_secret

MODULE = "semcam.relay"

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LOGIN_PAUSE_S = 300.0
"""After a wrong password: cameras lock out who tries one too often."""
STABLE_AFTER_S = 10.0
PLAYS_WITHIN_S = 60.0
"""Names may be looked up slowly."""
SHOWS_WITHIN_S = 30.0
"""From when a relay plays until there is a picture: key pictures are rare in some streams."""
BLIND_AT_MOST = 3
"""So many relays in a row play, and no picture comes of it: then it is the decoder that hangs."""
GOODBYE_WITHIN_S = 0.5

_PATIENT = {RelayCode.LOGIN_NEEDED, RelayCode.LOGIN_WRONG}

_SENTENCES = {
    RelayCode.NAME_UNKNOWN: "nobody knows an address for this name; check it, or write the camera's IP address",
    RelayCode.UNREACHABLE: "nobody answers there; check that the camera is on and in this network",
    RelayCode.REFUSED: "the connection is refused; check the port, and that the camera has its stream switched on",
    RelayCode.CERTIFICATE: "the camera's certificate is not trusted; name the CA that signed it by source_ca:",
    RelayCode.LOGIN_NEEDED: "the camera wants a login; add source_user: and source_password_file:",
    RelayCode.LOGIN_WRONG: "the camera does not accept the login; correct source_user: or the password in its file",
    RelayCode.NOT_FOUND: "the camera has no such stream; correct what stands behind the host, as its manual gives it",
    RelayCode.BUSY: "the camera has too many viewers; close others, or allow more in the camera",
    RelayCode.TRANSPORT: "the camera does not send its stream over TCP; allow that in the camera (RTP over RTSP)",
    RelayCode.CODEC: "the camera has no stream that can be decoded; choose H.264 or H.265 in it (Motion JPEG: http://)",
    RelayCode.GARBLED: "what answers there does not speak as a camera does; check the address",
    RelayCode.STALLED: "the camera is connected and sends nothing; start it again if that lasts",
    RelayCode.CLOSED: "the camera has ended the stream; start it again if that lasts",
    RelayCode.RESET: "the connection broke off; check the cable or the Wi-Fi if that lasts",
    RelayCode.UNCONFINED: (
        "privacy: strict cannot be kept for the process that dials; see docs/privacy.md, or write privacy: best_effort"
    ),
    RelayCode.INTERNAL: "the process that dials met an error of its own; reinstall semcam if that lasts",
}


@dataclass(frozen=True, slots=True)
class Dial:
    """What is dialled, and how."""

    source: str
    user: str | None = None
    password_file: str | None = None
    ca: str | None = None
    strict: bool = True

    @property
    def where(self) -> str:
        """As logs may have it."""
        return read_address(self.source).where

    def password(self) -> str | None:
        """What the camera wants to hear. Read anew for each relay: a corrected file helps with the next attempt.

        Raises:
            SourceError: it cannot be read.
        """
        try:
            return None if self.password_file is None else read_secret(self.password_file)
        except ValueError as error:
            raise SourceError(f"{self.where}: source_password_file {error}") from None


class Feed:
    """One vision process's pipe, and the relays that fill it one after another. Belongs to one thread."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._reader, self._writer = os.pipe()
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = bytearray()
        self._codec: Codec | None = None
        self._failures = 0
        self._start_at_s = 0.0
        self._started_s = 0.0
        self._playing_s: float | None = None
        """Since when the relay plays."""
        self._trouble: RelayCode | None = None
        """What the relay has said."""
        self._blind = 0
        """How many relays in a row have played without a picture."""
        self._told: str | None = None
        """The trouble that the log knows of, and that is not over."""

    @property
    def pipe(self) -> int:
        """What the vision process has to inherit."""
        return self._reader

    @property
    def pid(self) -> int | None:
        """The relay that is at work, if any."""
        return self._process.pid if self._process else None

    @property
    def is_spent(self) -> bool:
        """Whether the vision process has to be started anew: it was told of another codec."""
        return self._trouble is RelayCode.CODEC_CHANGED

    @property
    def is_blind(self) -> bool:
        """Whether the vision process has to be started anew, because it makes nothing of what comes."""
        return self._blind >= BLIND_AT_MOST

    def shows(self) -> None:
        """The vision process says that there are pictures."""
        self._blind = 0

    def inherited(self) -> None:
        """The vision process has its end; from now on only it has."""
        os.close(self._reader)
        self._reader = -1

    def tend(self, now_s: float) -> Iterator[str]:
        """Keep a relay alive; call it several times a second. Gives sentences for the log."""
        if self._process is None:
            if now_s >= self._start_at_s:
                yield from self._start(now_s)
            return
        has_ended = self._process.poll() is not None
        self._listen(now_s)
        if has_ended:
            yield from self._fail(self._trouble or RelayCode.INTERNAL, now_s)
        elif self._playing_s is None and now_s - self._started_s > PLAYS_WITHIN_S:
            yield from self._fail(RelayCode.UNREACHABLE, now_s)
        elif self._playing_s is not None and now_s - self._playing_s > STABLE_AFTER_S:
            self._failures = 0
            if self._told is not None:
                self._told = None
                yield f"{self._dial.where}: the camera sends pictures again"

    def no_frames(self, now_s: float) -> Iterator[str]:
        """The vision process says that there are no pictures; whoever should hand them on may hang."""
        if self._playing_s is not None and now_s - self._playing_s > SHOWS_WITHIN_S:
            self._blind += 1
            yield from self._fail(RelayCode.STALLED, now_s)

    def close(self) -> None:
        """End it all."""
        self._end_relay()
        os.close(self._writer)
        if self._reader >= 0:
            self.inherited()

    def _start(self, now_s: float) -> Iterator[str]:
        try:
            password = self._dial.password()
        except SourceError as error:
            yield from self._put_off(str(error), LONGEST_PAUSE_S, now_s)
            return
        self._started_s, self._playing_s, self._trouble = now_s, None, None
        self._heard.clear()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=[self._writer],
                start_new_session=True,
            )
        except OSError as error:
            pause_s = backoff_s(self._failures, FIRST_PAUSE_S, LONGEST_PAUSE_S)
            self._failures += 1
            yield from self._put_off(str(refused(error, self._dial.where)), pause_s, now_s)
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        job = {
            "source": self._dial.source,
            "user": self._dial.user,
            "password": password,
            "ca": self._dial.ca,
            "pipe": self._writer,
            "codec": self._codec,
            "strict": self._dial.strict,
        }
        with suppress(BrokenPipeError):  # it has ended already, which is found out soon
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()  # and left open: its end is the word to stop

    def _listen(self, now_s: float) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._heard += self._process.stdout.read(4 * MAX_WORD_BYTES) or b""
        while (end := self._heard.find(b"\n")) >= 0 or len(self._heard) > MAX_WORD_BYTES:
            word = bytes(self._heard[: end + 1])
            del self._heard[: end + 1 if end >= 0 else None]
            try:
                code, codec = from_word(word)
            except ValueError:
                code, codec = RelayCode.INTERNAL, None
            if code is RelayCode.PLAYING:
                self._playing_s, self._codec = now_s, codec
            else:
                self._trouble = code

    def _fail(self, code: RelayCode, now_s: float) -> Iterator[str]:
        """End what is left of the relay, say why, once for each reason, and plan the next."""
        self._end_relay()
        self._trouble = code
        if self.is_spent:
            return
        pause_s = LOGIN_PAUSE_S if code in _PATIENT else backoff_s(self._failures, FIRST_PAUSE_S, LONGEST_PAUSE_S)
        self._failures += 1
        # many cameras that lost their network together shall not come back all at once
        pause_s *= random.uniform(0.75, 1.0)
        yield from self._put_off(f"{self._dial.where}: {_SENTENCES[code]}", pause_s, now_s)

    def _put_off(self, sentence: str, pause_s: float, now_s: float) -> Iterator[str]:
        self._start_at_s = now_s + pause_s
        if sentence != self._told:
            self._told = sentence
            what, _, remedy = sentence.rpartition("; ")
            yield f"{what}, trying again; {remedy}"

    def _end_relay(self) -> None:
        process, self._process, self._playing_s = self._process, None, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(GOODBYE_WITHIN_S)  # it says goodbye to the camera
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
