"""How a relay starts: it learns its job, dials, shuts itself in, and only then reads what the camera says.

    python -m semcam.relay < job.json > words

One job comes in on stdin as one line of JSON; when stdin ends, so does the relay. Words of a closed list leave on
stdout, bytes of pictures on the pipe that the job names.
"""

import ctypes
import json
import os
import signal
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from semcam.contract.address import Address, read_address
from semcam.contract.relay import Codec, RelayCode, Trouble, to_word
from semcam.relay.confine import Cell
from semcam.relay.http import Mjpeg
from semcam.relay.login import Challenge, Login, answer
from semcam.relay.outlet import Outlet
from semcam.relay.rtp import Units, in_stream
from semcam.relay.rtsp import Rtsp
from semcam.relay.sdp import Track
from semcam.relay.wire import HungUp, Wire, dial

EXIT_TROUBLE, EXIT_NO_JOB = 3, 2
_COURIER, _VOICE = 0, 1
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, repr=False)
class RelayJob:
    """What a relay is told."""

    address: Address
    login: Login | None
    ca: str | None
    """File with the CA that signed the camera's certificate; public CAs where there is none."""
    pipe: int
    """The descriptor that pictures leave on."""
    codec: Codec | None
    """What the vision process at its other end has been told to decode, where it has been told."""
    strict: bool
    """Whether nothing may be read where the kernel does not shut the relay in."""

    @classmethod
    def from_json(cls, line: bytes) -> "RelayJob":
        """Read one.

        Raises:
            ValueError, TypeError, KeyError: this is none.
        """
        said = json.loads(line)
        login = Login(said["user"], said["password"] or "") if said["user"] else None
        codec = Codec(said["codec"]) if said["codec"] else None
        return cls(read_address(said["source"]), login, said["ca"], int(said["pipe"]), codec, bool(said["strict"]))


def main() -> int:
    """Do the job on stdin; 0 when the courier or the vision process wants no more, 3 after trouble, 2 without a job."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the courier
    try:
        job = RelayJob.from_json(_read_line(_COURIER))
    except (ValueError, TypeError, KeyError):
        return EXIT_NO_JOB
    try:
        _relay(job)
    except HungUp:
        return 0
    except Trouble as trouble:
        return _end(trouble.code)
    except Exception:  # its words could hold anything that the camera said
        return _end(RelayCode.INTERNAL)
    return 0


def _end(code: RelayCode) -> int:
    with suppress(OSError):
        os.write(_VOICE, to_word(code))
    return EXIT_TROUBLE


def _read_line(descriptor: int) -> bytes:
    """Byte by byte: what is behind it belongs to nobody, and the end of the descriptor is waited for later."""
    line = bytearray()
    while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)


def _relay(job: RelayJob) -> None:
    context = _tls(job) if job.address.is_secure else None
    cell = Cell()
    cell.before_dialling()
    connections = [dial(job.address, context)]
    if job.login and not job.address.is_rtsp:
        connections.append(dial(job.address, context))
    _warm_up()
    is_shut_in = cell.before_reading(connections, (job.pipe, _VOICE))
    if job.strict and not is_shut_in:
        raise Trouble(RelayCode.UNCONFINED)
    wires = tuple(Wire(connection, _COURIER) for connection in connections)
    if job.address.is_rtsp:
        _hand_on_units(job, Rtsp(wires[0], job.address, job.login))
    else:
        camera = Mjpeg(wires, job.address, job.login)
        camera.begin()
        outlet = _open(job, Codec.JPEG)
        for picture in camera.pictures():
            if outlet.is_broken:
                return
            outlet.put(picture)


def _hand_on_units(job: RelayJob, camera: Rtsp) -> None:
    try:
        track = camera.begin()
        outlet = _open(job, track.codec)
        units = Units(track.codec, track.payload_type)
        for nal in _units(camera, units, track):
            if outlet.is_broken:
                return
            if not outlet.put(in_stream(nal)):
                units.lose()
    finally:
        camera.end()


def _units(camera: Rtsp, units: Units, track: Track) -> Iterator[bytes]:
    yield from track.parameter_sets
    for packet in camera.packets():
        yield from units.take(packet)


def _open(job: RelayJob, codec: Codec) -> Outlet:
    if job.codec not in (None, codec):
        raise Trouble(RelayCode.CODEC_CHANGED)
    if job.codec is None:  # before the courier hears of it, and so exactly once
        os.write(job.pipe, codec.encode("ascii"))
    outlet = Outlet(job.pipe)
    os.write(_VOICE, to_word(RelayCode.PLAYING, codec))
    return outlet


def _tls(job: RelayJob) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=job.ca)
    except (OSError, ssl.SSLError):
        raise Trouble(RelayCode.CERTIFICATE) from None


def _warm_up() -> None:
    """What is loaded with the first use is loaded now; later, nothing can be."""
    for algorithm in ("MD5", "SHA-256"):
        answer(Challenge("digest", algorithm=algorithm, qop=True), Login("", ""), "GET", "/")
    "".encode("idna")
