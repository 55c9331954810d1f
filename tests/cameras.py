"""Network cameras on loopback: real pictures over RTSP and HTTP, logins, and what cameras do wrong.

What a camera sends is a real clip, taken apart or packed anew by FFmpeg (PyAV). The camera itself is ours, because one
that misbehaves on demand cannot be bought; servers by others judge the relay as well.
"""

import hashlib
import re
import select
import socket
import socketserver
import ssl
import struct
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import av.bitstream
import av.error

from tests.conftest import SAMPLE

MOST_PAYLOAD = 1400
USER, PASSWORD = "carer", 'geheim "tanaka" \\ 73zq91'


@dataclass(frozen=True)
class Clip:
    """Pictures as a camera packs them: NAL units of H.264 or H.265, or JPEG files."""

    codec: str
    pictures: tuple[tuple[bytes, ...], ...]


@cache
def as_it_is(path: Path = SAMPLE) -> Clip:
    """H.264, as it stands in the file: one key picture, at the beginning."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        unpack = av.bitstream.BitStreamFilterContext("h264_mp4toannexb", stream)
        packets = [bytes(part) for packet in container.demux(stream) for part in unpack.filter(packet)]
    return Clip("H264", tuple(nals for packet in packets if (nals := tuple(apart(packet)))))


@cache
def packed_anew(encoder: str, number: int, key_every: int = 10, path: Path = SAMPLE) -> Clip:
    """The first pictures of a clip, as another camera would pack them."""
    with av.open(str(path)) as container:
        frames = [frame for frame, _ in zip(container.decode(video=0), range(number), strict=False)]
    context: Any = av.CodecContext.create(encoder, "w")
    context.width, context.height = frames[0].width, frames[0].height
    context.pix_fmt = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
    context.time_base, context.framerate, context.gop_size = Fraction(1, 10), 10, key_every
    if encoder != "mjpeg":
        context.options = {"preset": "ultrafast", "tune": "zerolatency", "forced-idr": "1"}
        context.options |= {"x265-params": "log-level=none"} if encoder == "libx265" else {}
    packets: list[bytes] = []
    for position, frame in enumerate(frames):
        packed = frame.reformat(format=context.pix_fmt)
        packed.pts, packed.time_base = position, Fraction(1, 10)
        packets += map(bytes, context.encode(packed))
    packets += map(bytes, context.encode(None))
    if encoder == "mjpeg":
        return Clip("JPEG", tuple((packet,) for packet in packets))
    return Clip("H265" if encoder == "libx265" else "H264", tuple(tuple(apart(packet)) for packet in packets))


def apart(stream: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream."""
    yield from filter(None, re.split(b"\x00{2,3}\x01", stream))


def decoded(clip: Clip) -> list[Any]:
    """What somebody else's decoder makes of it: pictures (H, W, 3) uint8 BGR."""
    context: Any = av.CodecContext.create({"H264": "h264", "H265": "hevc", "JPEG": "mjpeg"}[clip.codec], "r")
    start = b"" if clip.codec == "JPEG" else b"\0\0\0\1"
    stream = b"".join(start + nal for picture in clip.pictures for nal in picture)
    packets = [*context.parse(stream), *context.parse(None)]
    pictures: list[Any] = []
    for packet in [*packets, None]:
        with suppress(av.error.InvalidDataError):  # words about a picture that was lost
            pictures += [frame.to_ndarray(format="bgr24") for frame in context.decode(packet)]
    return pictures


def packets(clip: Clip, first: int = 0) -> Iterator[list[bytes]]:
    """RTP, endlessly: of each picture all packets. Without parameter sets where they are told beforehand."""
    sequence, stamp = first, 0x1234_5678
    while True:
        for picture in clip.pictures:
            payloads = [payload for nal in picture for payload in in_pieces(nal, clip.codec)]
            made = []
            for position, payload in enumerate(payloads):
                marker = 0x80 if position == len(payloads) - 1 else 0
                made.append(
                    struct.pack("!BBHII", 0x80, marker | 96, sequence & 0xFFFF, stamp & 0xFFFF_FFFF, 7) + payload
                )
                sequence += 1
            stamp += 9000
            yield made


def in_pieces(nal: bytes, codec: str) -> Iterator[bytes]:
    """FU-A and FU, where it is too long for one packet."""
    if len(nal) <= MOST_PAYLOAD:
        yield nal
        return
    head = 1 if codec == "H264" else 2
    body = nal[head:]
    for begin in range(0, len(body), MOST_PAYLOAD):
        mark = (0x80 if begin == 0 else 0) | (0x40 if begin + MOST_PAYLOAD >= len(body) else 0)
        piece = body[begin : begin + MOST_PAYLOAD]
        if codec == "H264":
            yield bytes([nal[0] & 0xE0 | 28, mark | nal[0] & 0x1F]) + piece
        else:
            yield bytes([nal[0] & 0x81 | 49 << 1, nal[1], mark | nal[0] >> 1 & 0x3F]) + piece


def parameter_sets(clip: Clip) -> dict[str, str]:
    """As SDP tells them."""
    kinds = {7: "", 8: ""} if clip.codec == "H264" else {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
    found: dict[int, str] = {}
    for nal in clip.pictures[0]:
        kind = nal[0] & 0x1F if clip.codec == "H264" else nal[0] >> 1 & 0x3F
        if kind in kinds:
            found[kind] = b64encode(nal).decode()
    if clip.codec == "H264":
        return {"sprop-parameter-sets": ",".join(found.values())}
    return {kinds[kind]: text for kind, text in found.items()}


@dataclass
class Camera:
    """One camera. What it does can be changed while it runs."""

    clip: Clip
    fps: float = 25.0
    login: str | None = None
    """`Basic`, `Digest` or `Digest SHA-256`."""
    wrong: str | None = None
    """What it does wrong: busy, udp, unknown, silent, unpackable, mute, close, reset, stall, corrupt, lose."""
    port: int = 0
    tls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    """What it was asked, each with its headers."""
    _server: Any = None

    @property
    def address(self) -> str:
        kind = "http" if self.clip.codec == "JPEG" else "rtsp"
        return f"{kind}{'s' if self.tls else ''}://127.0.0.1:{self.port}/live?channel=1&pwd=in-the-path"

    def open(self) -> None:
        camera = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError, EOFError):
                    wrap = camera.tls.wrap_socket if camera.tls else None
                    with wrap(self.request, server_side=True) if wrap else self.request as connection:
                        (_Http if camera.clip.codec == "JPEG" else _Rtsp)(camera, connection).serve()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def wait_while(self, wrong: str) -> None:
        while self.wrong == wrong:
            time.sleep(0.05)

    def close(self) -> None:
        self.wrong = "reset"
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> "Camera":
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Conversation:
    """One connection to a camera."""

    protocol = ""

    def __init__(self, camera: Camera, connection: socket.socket) -> None:
        self.camera = camera
        self.connection = connection
        self.bytes = b""
        self.nonce = hashlib.sha256(str(camera.port).encode()).hexdigest()[:16]

    def request(self) -> tuple[str, str, dict[str, str]]:
        while b"\r\n\r\n" not in self.bytes:
            some = self.connection.recv(4096)
            if not some:
                raise EOFError
            self.bytes += some
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        self.camera.heard.append(head.decode())
        first, *lines = head.decode().split("\r\n")
        method, url, _ = first.split(" ")
        return method, url, {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}

    def answer(self, status: str, headers: dict[str, str], *more: str, body: bytes = b"") -> None:
        lines = [f"{self.protocol} {status}", *(f"{name}: {value}" for name, value in headers.items()), *more]
        self.connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def is_welcome(self, method: str, url: str, headers: dict[str, str]) -> bool:
        said, login = headers.get("authorization", ""), self.camera.login
        if login is None:
            return True
        if login == "Basic":
            return said == "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if not said.startswith("Digest "):
            return False
        given = {
            name: re.sub(r"\\(.)", r"\1", value) for name, value in re.findall(r'(\w+)="?((?:[^",\\]|\\.)*)', said)
        }
        hashed = hashlib.sha256 if login.endswith("256") else hashlib.md5

        def of(text: str) -> str:
            return hashed(text.encode()).hexdigest()

        middle = f"{given['nc']}:{given['cnonce']}:auth:" if "nc" in given else ""
        expected = of(f"{of(f'{USER}:gate:{PASSWORD}')}:{self.nonce}:{middle}{of(f'{method}:{url}')}")
        return (given["username"], given["uri"], given["response"]) == (USER, url, expected)

    def challenges(self) -> list[str]:
        match self.camera.login:
            case "Basic":
                return ['WWW-Authenticate: Basic realm="gate"']
            case "Digest":
                return [
                    f'WWW-Authenticate: Digest realm="gate", nonce="{self.nonce}"',
                    "WWW-Authenticate: Basic realm=x",
                ]
            case _:
                return [f'WWW-Authenticate: Digest realm="gate",nonce="{self.nonce}",qop="auth",algorithm=SHA-256']


class _Rtsp(_Conversation):
    protocol = "RTSP/1.0"

    def serve(self) -> None:
        while True:
            method, url, headers = self.request()
            wrong = self.camera.wrong
            told = {"CSeq": headers["cseq"], "Session": "4711;timeout=2"}
            if wrong == "silent":
                time.sleep(30)
            elif not self.is_welcome(method, url, headers):
                self.answer("401 Unauthorized", told, *self.challenges())
            elif wrong == "busy" and method == "SETUP":
                self.answer("453 Not Enough Bandwidth", told)
            elif wrong == "udp" and method == "SETUP":
                self.answer("461 Unsupported Transport", told)
            elif wrong == "unknown" and method == "DESCRIBE":
                self.answer("404 Stream Not Found", told)
            elif method == "OPTIONS":
                self.answer("200 OK", told | {"Public": "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"})
            elif method == "DESCRIBE":
                body = self.description()
                told |= {"Content-Type": "application/sdp", "Content-Length": str(len(body)), "Content-Base": url + "/"}
                self.answer("200 OK", told, body=body)
            elif method == "SETUP":
                assert url.endswith("/track=v"), url
                assert "interleaved=0-1" in headers["transport"]
                self.answer("200 OK", told | {"Transport": "RTP/AVP/TCP;unicast;interleaved=2-3"})
            elif method == "PLAY":
                assert headers["session"] == "4711"
                self.answer("200 OK", told)
                self.play()
                return

    def description(self) -> bytes:
        clip, codec = self.camera.clip, "JPEG" if self.camera.wrong == "unpackable" else self.camera.clip.codec
        parameters = "".join(f";{name}={value}" for name, value in parameter_sets(clip).items())
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=gate", "t=0 0"]
        lines += ["m=audio 0 RTP/AVP 0", "a=control:track=a"]
        lines += [
            "m=video 0 RTP/AVP 96",
            f"a=rtpmap:96 {codec}/90000",
            f"a=fmtp:96 x=y{parameters}",
            "a=control:track=v",
        ]
        return "\r\n".join([*lines, ""]).encode()

    def play(self) -> None:
        camera, due_s = self.camera, time.monotonic()
        for number, picture in enumerate(packets(camera.clip, first=65_500)):
            match camera.wrong:
                case "close":
                    return
                case "reset":
                    self.connection.sendall(b"$\x02\x10\x00half of a packet")
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                case "mute":
                    time.sleep(30)
                case "stall":
                    camera.wait_while("stall")
                    return
                case "corrupt":
                    picture = [
                        packet[:20] + bytes(255 - byte for byte in packet[20:60]) + packet[60:] for packet in picture
                    ]
                case "lose":
                    picture = picture[::2]
            for packet in picture:
                self.connection.sendall(b"$\x00\x00\x02??" if number % 7 == 0 else b"")  # another stream's
                self.connection.sendall(b"$\x02" + len(packet).to_bytes(2) + packet)
            due_s += 1 / camera.fps
            while select.select([self.connection], [], [], max(0.0, due_s - time.monotonic()))[0]:
                method, _, headers = self.request()
                self.answer("200 OK", {"CSeq": headers["cseq"]})
                if method == "TEARDOWN":
                    return


class _Http(_Conversation):
    protocol = "HTTP/1.1"

    def serve(self) -> None:
        method, url, headers = self.request()
        wrong = self.camera.wrong
        if wrong == "silent":
            time.sleep(30)
        elif not self.is_welcome(method, url, headers):
            self.answer("401 Unauthorized", {"Content-Length": "0", "Connection": "close"}, *self.challenges())
        elif wrong == "unknown":
            self.answer("404 Not Found", {"Content-Length": "0"})
        elif wrong == "unpackable":
            self.answer("200 OK", {"Content-Type": "text/html"}, body=b"<html>")
        else:
            self.answer(
                "200 OK", {"Content-Type": "multipart/x-mixed-replace; boundary=b", "Transfer-Encoding": "chunked"}
            )
            self.play()

    def play(self) -> None:
        while True:
            for (picture,) in self.camera.clip.pictures:
                if self.camera.wrong in ("close", "reset"):
                    return
                self.camera.wait_while("stall")
                part = b"\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n" + picture
                for piece in (part[:777], part[777:]):
                    self.connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                time.sleep(1 / self.camera.fps)


@contextmanager
def stranger() -> Iterator[str]:
    """Something else that answers there."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            with suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"220 mail.example ESMTP\r\n")
                    connection.recv(100)
                    time.sleep(1)

        threading.Thread(target=greet, daemon=True).start()
        yield f"rtsp://127.0.0.1:{server.getsockname()[1]}/"


def holds_password(text: str) -> bool:
    """Whether the password, or anything from which it could be made, stands there."""
    basic = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert b64decode(basic)
    return any(secret in text for secret in (PASSWORD, basic, "geheim", "73zq91", "in-the-path"))
