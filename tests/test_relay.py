"""Relays and what they feed: pictures of network cameras come through a pipe, whatever the camera does."""

import io
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.address import is_network, read_address, without_secrets
from semcam.contract.config import Camera as Described
from semcam.contract.config import Config, job_for
from semcam.contract.errors import FaultCode, SourceError, VisionFault
from semcam.contract.event import MadeBy
from semcam.contract.relay import Codec, RelayCode, Trouble, from_word, to_word
from semcam.contract.rules import FallRule
from semcam.courier import feed as feeding
from semcam.courier.clock import WallClock
from semcam.courier.desk import Desk
from semcam.courier.feed import Dial, Feed
from semcam.courier.outbox import Outbox
from semcam.courier.supervisor import Supervisor
from semcam.relay import outlet
from semcam.relay.http import Mjpeg
from semcam.relay.jpeg import MAX_PICTURE_BYTES, Pictures
from semcam.relay.login import Challenge, Login, answer, read_challenges
from semcam.relay.message import MAX_BODY_BYTES, MAX_HEAD_BYTES, Answer, Inbox, Packet, Request
from semcam.relay.outlet import Outlet
from semcam.relay.rtp import MAX_NAL_BYTES, Units, in_stream, is_slice
from semcam.relay.rtsp import Rtsp
from semcam.relay.sdp import read_sdp
from semcam.relay.wire import Wire
from semcam.vision.capture import newest
from semcam.vision.capture.frame import Frame, Gap
from semcam.vision.capture.stream import StreamSource
from semcam.vision.confine.bpf import ALLOW
from semcam.vision.confine.calls import Loop, while_looking
from semcam.vision.confine.numbers import Machine
from tests.cameras import (
    PASSWORD,
    USER,
    Camera,
    Clip,
    as_it_is,
    decoded,
    in_pieces,
    packed_anew,
    packets,
    parameter_sets,
    stranger,
)
from tests.conftest import ROOT, free_port
from tests.ordinary import again
from tests.test_filters import answer as call

calm = settings(derandomize=True, deadline=None, max_examples=100)
IS_ROOT = os.getuid() == 0


@pytest.fixture(autouse=True)
def nothing_left_in_the_environment() -> Iterator[None]:
    """A decoder that still waits for its first picture would tell all who open a clip after it what to expect."""
    yield
    os.environ.pop("OPENCV_FFMPEG_CAPTURE_OPTIONS", None)


class Fed:
    """A feed at work in a thread, as the courier tends it, and what the log hears."""

    def __init__(self, source: str, user: str | None = None, password_file: Path | None = None, **how: Any) -> None:
        self.feed = Feed(Dial(source, user, str(password_file) if password_file else None, **how))
        self.said: list[str] = []
        self.shows_nothing = threading.Event()
        """As the vision process says it."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tend, daemon=True)
        self._thread.start()

    def _tend(self) -> None:
        while not self._stop.wait(0.03):
            self.said += self.feed.tend(time.monotonic())
            if self.shows_nothing.is_set():
                self.said += self.feed.no_frames(time.monotonic())
        self.feed.close()  # here: the kernel ends a relay with the thread that started it

    def wait_for(self, what: Callable[[], bool], within_s: float = 10) -> None:
        deadline = time.monotonic() + within_s
        while not what():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    def relay(self) -> psutil.Process:
        self.wait_for(lambda: self.feed.pid is not None)
        return psutil.Process(self.feed.pid)

    def close(self) -> None:
        self._stop.set()
        self._thread.join()


@contextmanager
def fed(*arguments: Any, **how: Any) -> Iterator[Fed]:
    one = Fed(*arguments, **how)
    try:
        yield one
    finally:
        one.close()


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "gate.password"
    path.write_text(PASSWORD + "\n")
    return path


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses and patience of the courier, short enough for a test."""
    monkeypatch.setattr(feeding, "FIRST_PAUSE_S", 0.1)
    monkeypatch.setattr(feeding, "STABLE_AFTER_S", 0.5)
    monkeypatch.setattr(feeding, "SHOWS_WITHIN_S", 0.5)


def frames_of(source: StreamSource, number: int, within_s: float = 15) -> list[Frame]:
    """So many pictures, no matter how many gaps."""
    found: list[Frame] = []
    deadline = time.monotonic() + within_s
    for frame in source.frames():
        assert time.monotonic() < deadline, f"{len(found)} pictures within {within_s} s"
        if isinstance(frame, Frame):
            found.append(frame)
        if len(found) == number:
            break
    return found


def difference(one: Any, other: Any) -> float:
    return float(np.abs(one[::8, ::8].astype(int) - other[::8, ::8].astype(int)).mean())


# -- pictures arrive

CLIPS: dict[str, Callable[[], Clip]] = {
    "h264": lambda: packed_anew("libx264", 20),
    "h265": lambda: packed_anew("libx265", 20),
    "jpeg": lambda: packed_anew("mjpeg", 20),
}


@pytest.mark.parametrize("codec", CLIPS)
def test_pictures_arrive_as_the_camera_packed_them(codec: str) -> None:
    clip = CLIPS[codec]()
    with Camera(clip, fps=12) as camera, fed(camera.address) as one:
        frames = frames_of(StreamSource(one.feed.pipe, fps=30), 12)
    sent = decoded(clip)
    # whichever was the first to come; those of two decoders differ by how colours are rounded
    nearest = [min(range(len(sent)), key=lambda at: difference(sent[at], frame.pixels)) for frame in frames]
    assert max(difference(sent[at], frame.pixels) for at, frame in zip(nearest, frames, strict=True)) < 3
    assert len(set(nearest)) > 9
    times = [frame.t_s for frame in frames]
    assert times == sorted(times)
    assert [frame.index for frame in frames] == list(range(12))


def test_of_fast_cameras_only_what_is_wanted_is_looked_at() -> None:
    with Camera(packed_anew("libx264", 20), fps=50) as camera, fed(camera.address) as one:
        frames = frames_of(StreamSource(one.feed.pipe, fps=10), 12)
    assert frames[-1].t_s - frames[1].t_s == pytest.approx(1.0, abs=0.35)


def test_servers_by_others_are_understood(tmp_path: Path) -> None:
    """aio-rtsp-toolkit: written by somebody else, from the same standards."""
    for codec in ("h264", "h265"):
        _write_mp4(tmp_path / f"{codec}.mp4", CLIPS[codec]())
    port = free_port()
    program = (
        "import asyncio, sys\nfrom aio_rtsp_toolkit.server import RtspServer\n"
        "async def serve():\n    server = RtspServer(sys.argv[1], '127.0.0.1', int(sys.argv[2]))\n"
        "    await server.start()\n    print('ready', flush=True)\n    await server.serve_forever()\n"
        "asyncio.run(serve())"
    )
    command = [sys.executable, "-c", program, str(tmp_path), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        try:
            assert any("ready" in line for line in server.stdout)
            for codec in ("h264", "h265"):
                with fed(f"rtsp://127.0.0.1:{port}/{codec}.mp4") as one:
                    frames = frames_of(StreamSource(one.feed.pipe, fps=30), 5)
                sent = decoded(CLIPS[codec]())
                assert all(min(difference(each, frame.pixels) for each in sent) < 3 for frame in frames)
        finally:
            server.kill()


def _write_mp4(path: Path, clip: Clip) -> None:
    packed = b"".join(in_stream(nal) for picture in clip.pictures for nal in picture)
    raw: Any = av.open(io.BytesIO(packed), format="h264" if clip.codec == "H264" else "hevc")
    with raw, av.open(str(path), "w") as container:
        out = container.add_stream_from_template(raw.streams.video[0])
        for position, packet in enumerate(raw.demux(video=0)):
            if packet.size:
                packet.stream = out
                packet.pts = packet.dts = position * 512
                packet.time_base = out.time_base
                container.mux(packet)


# -- logins


@pytest.mark.parametrize("login", ["Basic", "Digest", "Digest SHA-256"])
@pytest.mark.parametrize("codec", ["h264", "jpeg"])
def test_a_login_is_answered_as_it_is_asked_for(login: str, codec: str, password_file: Path) -> None:
    with Camera(CLIPS[codec](), login=login) as camera, fed(camera.address, USER, password_file) as one:
        frames_of(StreamSource(one.feed.pipe, fps=30), 3)
    assert not any("Authorization" in each for each in camera.heard[:1])
    assert all(f"Authorization: {login.split()[0]} " in each for each in camera.heard[1:])
    if login != "Basic":  # even where the camera would have taken it in clear
        assert not any("Basic" in each for each in camera.heard)


def test_answers_are_those_of_the_standards() -> None:
    rfc_2617 = read_challenges(
        ['Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", '
         'opaque="5ccc069c403ebaf9f0171e9517f40e41"']
    )  # fmt: skip
    assert rfc_2617
    said = answer(rfc_2617, Login("Mufasa", "Circle Of Life"), "GET", "/dir/index.html", 1, "0a4f113b")
    assert 'response="6629fae49393a05397450978507c4ef1"' in said
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in said
    both = [
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        for algorithm in ("MD5", "SHA-256")
    ]
    rfc_7616 = read_challenges(both)
    assert rfc_7616
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    said = answer(rfc_7616, Login("Mufasa", "Circle of Life"), "GET", "/dir/index.html", 1, cnonce)
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in said
    assert "algorithm=SHA-256" in said


def test_of_several_offers_the_safest_is_taken() -> None:
    offers = ['Basic realm="a, Digest b", Digest realm="x", nonce="1", Digest realm="x", nonce="2", algorithm=SHA-256']
    assert read_challenges(offers) == Challenge("digest", "x", "2", None, "SHA-256")
    assert read_challenges(['Basic realm="x"']) == Challenge("basic")
    assert read_challenges(['Negotiate, Digest realm="x", nonce="1", algorithm=SHA-512-256']) is None


def test_the_password_is_in_no_argument_environment_or_log(password_file: Path) -> None:
    with Camera(packed_anew("libx264", 20), login="Digest") as camera, fed(camera.address, USER, password_file) as one:
        source = StreamSource(one.feed.pipe, fps=30)
        frames_of(source, 1)
        relay = one.relay()
        seen = " ".join([*relay.cmdline(), *relay.environ().values(), *relay.environ()] if IS_ROOT else relay.cmdline())
        camera.login = "Digest SHA-256"  # the password is not accepted any more
        camera.wrong = "close"
        one.wait_for(lambda: len(one.said) > 0)
        camera.wrong, camera.login = None, "nobody is welcome"
        one.wait_for(lambda: any("login" in each for each in one.said))
    everything = seen + " ".join(one.said)
    for secret in (USER, PASSWORD, "geheim", "in-the-path", b64encode(f"{USER}:{PASSWORD}".encode()).decode()):
        assert secret not in everything
    assert f"rtsp://127.0.0.1:{camera.port}: the camera does not accept the login" in everything
    assert any("in-the-path" in each for each in camera.heard)  # it was told to the camera all the same


# -- troubles are told apart

NAMED = {
    "refused": "the connection is refused, trying again; check the port",
    "no name": "nobody knows an address for this name, trying again; check it",
    "stranger": "does not speak as a camera does, trying again; check the address",
    "silent": "sends nothing, trying again; start it again",
    "mute": "sends nothing, trying again; start it again",
    "udp": "does not send its stream over TCP, trying again; allow that",
    "busy": "too many viewers, trying again; close others",
    "unknown": "no such stream, trying again; correct what stands behind the host",
    "unpackable": "no stream that can be decoded, trying again; choose H.264 or H.265",
    "http unpackable": "no stream that can be decoded, trying again; choose H.264 or H.265",
    "http unknown": "no such stream, trying again",
    "close": "has ended the stream, trying again",
    "reset": "the connection broke off, trying again; check the cable",
    "login needed": "wants a login, trying again; add source_user: and source_password_file:",
    "login wrong": "does not accept the login, trying again; correct source_user:",
    "http login wrong": "does not accept the login, trying again; correct source_user:",
    "no password": "cannot be read (No such file or directory), trying again; correct its name or rights",
    "certificate": "certificate is not trusted, trying again; name the CA",
}


def test_every_trouble_is_told_in_a_sentence_with_its_remedy(tmp_path: Path) -> None:
    """All at once: each camera does one thing wrong, and the log says once what it is."""
    wrong_password = tmp_path / "wrong"
    wrong_password.write_text("wrong")
    certificate = make_certificate(tmp_path)
    clip, pictures = packed_anew("libx264", 20), packed_anew("mjpeg", 20)
    with ExitStack() as opened:

        def dial(of: Clip = clip, **how: Any) -> str:
            return opened.enter_context(Camera(of, **how)).address

        dials: dict[str, tuple[Any, ...]] = {
            each: (dial(wrong=each),)
            for each in ("silent", "mute", "busy", "udp", "unknown", "unpackable", "close", "reset")
        }  # fmt: skip
        dials |= {
            "refused": (f"rtsp://127.0.0.1:{free_port()}/",),
            "no name": ("rtsp://camera.invalid/",),
            "stranger": (opened.enter_context(stranger()),),
            "http unpackable": (dial(pictures, wrong="unpackable"),),
            "http unknown": (dial(pictures, wrong="unknown"),),
            "login needed": (dial(login="Digest"),),
            "login wrong": (dial(login="Digest"), USER, wrong_password),
            "http login wrong": (dial(pictures, login="Basic"), USER, wrong_password),
            "no password": (dial(), USER, tmp_path / "nowhere"),
            "certificate": (dial(tls=certificate),),
        }
        assert set(dials) == set(NAMED)
        feeds = {name: opened.enter_context(fed(*arguments)) for name, arguments in dials.items()}
        for one in feeds.values():
            one.wait_for(lambda one=one: len(one.said) > 0, 25)  # type: ignore[misc]
        said = {name: list(one.said) for name, one in feeds.items()}
    for name, sentences in said.items():
        assert len(sentences) == 1, sentences
        assert NAMED[name] in sentences[0]
        assert sentences[0].startswith(dials[name][0].split("/live")[0].rstrip("/")), sentences
        assert "wrong" not in sentences[0].replace(str(tmp_path), "")


def make_certificate(folder: Path) -> ssl.SSLContext:
    """A camera's own: nobody signed it but the camera."""
    names = ["-subj", "/CN=gate", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "gate.key"), "-out", str(folder / "gate.crt")]
    subprocess.run(["openssl", "req", "-x509", *key, *names, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "gate.crt", folder / "gate.key")
    return context


@pytest.mark.parametrize("codec", ["h264", "jpeg"])
def test_pictures_travel_in_private_where_the_camera_can(codec: str, tmp_path: Path, password_file: Path) -> None:
    camera, ca = Camera(CLIPS[codec](), tls=make_certificate(tmp_path), login="Basic"), str(tmp_path / "gate.crt")
    with camera, fed(camera.address, USER, password_file, ca=ca) as one:
        frames_of(StreamSource(one.feed.pipe, fps=30), 3)
    assert not one.said


@pytest.mark.usefixtures("hurried")
def test_whatever_the_camera_does_the_pipe_stays_and_pictures_come_again() -> None:
    """The source, as the vision process has it, is opened once."""
    clip = packed_anew("libx264", 20, key_every=5)
    sent = decoded(clip)
    with Camera(clip, fps=25) as camera, fed(camera.address) as one:
        source = StreamSource(one.feed.pipe, fps=30)
        frames = source.frames()

        def sees(number: int = 8) -> None:
            """A picture is seen as it was sent, without a trace of what was lost."""
            deadline = time.monotonic() + 12
            while number:
                frame = next(frames)
                assert time.monotonic() < deadline, one.said
                if isinstance(frame, Frame):
                    seen_well = min(difference(each, frame.pixels) for each in sent) < 3
                    number -= seen_well

        sees()
        first = one.relay().pid
        for wrong in ("lose", "corrupt"):
            camera.wrong = wrong
            time.sleep(0.4)
            camera.wrong = None
            sees()
        assert one.relay().pid == first  # what is damaged is no reason to dial again
        for wrong in ("stall", "reset", "close"):
            camera.wrong = wrong
            one.wait_for(lambda: len(one.said) > 0)
            camera.wrong = None
            sees()
            one.wait_for(lambda: "sends pictures again" in one.said[-1])
            assert len(one.said) == 2
            one.said.clear()
        one.relay().kill()
        one.wait_for(lambda: len(one.said) > 0)
        sees()
        hung = one.relay()
        hung.suspend()
        one.shows_nothing.set()
        one.wait_for(lambda: not hung.is_running())
        one.shows_nothing.clear()
        sees()
        camera.close()
        one.wait_for(lambda: "refused" in one.said[-1])
        camera.wrong = None
        camera.open()
        sees()


@pytest.mark.usefixtures("hurried")
def test_a_camera_that_packs_its_pictures_differently_needs_a_new_vision_process() -> None:
    with Camera(CLIPS["h264"]()) as camera, fed(camera.address) as one:
        frames_of(StreamSource(one.feed.pipe, fps=30), 1)
        camera.clip, camera.wrong = CLIPS["h265"](), "close"
        one.wait_for(lambda: len(one.said) > 0)
        assert not one.feed.is_spent
        camera.wrong = None
        one.wait_for(lambda: one.feed.is_spent)
    with Camera(CLIPS["h265"]()) as camera, fed(camera.address) as one:
        frames_of(StreamSource(one.feed.pipe, fps=30), 1)


def without_key_pictures() -> Clip:
    """A camera that plays, and nobody can begin to decode what it sends."""
    clip = packed_anew("libx264", 20)
    return Clip("H264", tuple(picture for picture in clip.pictures if not any(nal[0] & 0x1F == 5 for nal in picture)))


@pytest.mark.usefixtures("hurried")
def test_after_three_relays_in_a_row_without_a_picture_it_is_the_decoder_that_hangs() -> None:
    with Camera(without_key_pictures()) as camera, fed(camera.address) as one:

        def relays_in_vain(number: int) -> None:
            for _ in range(number):
                in_vain = one.relay()
                one.wait_for(lambda: not in_vain.is_running())  # noqa: B023 -- called at once

        one.shows_nothing.set()
        relays_in_vain(2)
        assert not one.feed.is_blind
        one.shows_nothing.clear()
        one.feed.shows()  # one picture, and all is forgiven
        one.shows_nothing.set()
        relays_in_vain(2)
        assert not one.feed.is_blind
        relays_in_vain(1)
        one.wait_for(lambda: one.feed.is_blind, 1)
        one.feed.shows()
        assert not one.feed.is_blind


@pytest.mark.usefixtures("hurried")
def test_a_vision_process_that_makes_nothing_of_what_comes_is_started_anew_until_it_sees() -> None:
    described = Described(rules={"fall": FallRule(id="fall")}, fps=2)
    said: list[str] = []
    stop = threading.Event()
    with Camera(without_key_pictures()) as camera:
        job = job_for(described, camera.address)
        made_by = MadeBy(semcam="0", models="sha256:0", config="sha256:0")
        house = Config(cameras={"gate": described})
        desk = Desk(house, "gate", WallClock(), Outbox.in_memory("gate", "abcdef"), made_by, [])
        watcher = Supervisor({"gate": job}, {"gate": desk}, said.append, {"gate": Dial(camera.address, strict=False)})
        deadline = time.monotonic() + 60

        def look() -> None:
            assert time.monotonic() < deadline, said
            if any("nothing can be made of it" in sentence for sentence in said):
                camera.clip = packed_anew("libx264", 20)
            if desk.tally.frames >= 3:
                stop.set()

        watcher.run(stop, look)
    assert said[-1] == "camera gate: the camera plays and nothing can be made of it; starting it again"
    assert desk.tally.losses == 1
    assert watcher.troubles == {}


def test_lost_packets_leave_no_trace_in_any_picture() -> None:
    """From a lost packet on nothing is shown until the next key picture."""
    clip = packed_anew("libx264", 20, key_every=10)
    units = Units(Codec.H264, 96)
    chance = random.Random(5)
    kept: list[bytes] = []
    for _, picture in zip(range(120), packets(clip, first=65_400), strict=False):
        for packet in picture:
            if chance.random() > 0.01:
                kept += units.take(packet)
    sent, seen = decoded(clip), decoded(Clip("H264", tuple((nal,) for nal in kept)))
    assert 20 < len(seen) < 110
    # a picture of two slices may have lost its second; all others are as they were sent
    whole = [frame for frame in seen if min(difference(each, frame) for each in sent) < 1e-9]
    assert len(whole) > 0.8 * len(seen)


# -- a pipe that nobody empties, and one that is empty


def test_a_slow_reader_gets_the_newest_and_nothing_is_hoarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "MOST_BYTES", 200_000)
    reader, writer = os.pipe()
    one = Outlet(writer)
    fits = [one.put(bytes([number]) * 10_000) for number in range(100)]
    assert not all(fits)
    held = sum(len(some) for _, some in one._waiting)
    assert held <= 200_000
    assert fits[:20] == [True] * 20
    os.close(reader)
    deadline = time.monotonic() + 5
    while not one.is_broken:  # the reader has gone
        one.put(b"x")
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.close(writer)


def test_what_waits_too_long_is_not_sent_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet, "MOST_AGE_S", 0.2)
    reader, writer = os.pipe()
    one = Outlet(writer)
    assert one.put(bytes(500_000))  # fills the pipe
    assert one.put(b"old")
    time.sleep(0.5)
    assert not one.put(b"newer")
    assert one.put(b"newest")
    got = b""
    while not got.endswith(b"newest"):
        got += os.read(reader, 65_536)
    assert b"old" not in got
    os.close(reader)


def test_while_nothing_comes_it_is_said_and_pictures_go_on_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "GAP_S", 0.4)
    monkeypatch.setattr(newest, "GAP_EVERY_S", 0.1)
    reader, writer = os.pipe()
    frames = StreamSource(reader, fps=30).frames()
    gaps = [next(frames), next(frames)]
    assert all(isinstance(gap, Gap) for gap in gaps)
    assert gaps[1].t_s - gaps[0].t_s == pytest.approx(0.1, abs=0.08)
    clip = packed_anew("libx264", 20)
    os.write(writer, b"4" + b"".join(in_stream(nal) for picture in clip.pictures[:3] for nal in picture))
    assert any(isinstance(next(frames), Frame) for _ in range(20))
    while isinstance(next(frames), Frame):
        pass
    os.write(writer, b"".join(in_stream(nal) for picture in clip.pictures[10:13] for nal in picture))
    assert any(isinstance(next(frames), Frame) for _ in range(20))
    os.close(writer)
    with pytest.raises(VisionFault) as ended:
        list(frames)
    assert ended.value.code is FaultCode.SOURCE_LOST


@pytest.mark.parametrize("junk", [b"", b"x", b"\xff" * 10_000, b"4" + bytes(50_000), b"5" + b"\x00\x00\x01" * 9_999])
def test_what_cannot_be_decoded_ends_the_source(junk: bytes) -> None:
    reader, writer = os.pipe()
    os.write(writer, junk)
    os.close(writer)
    with pytest.raises(VisionFault):
        list(StreamSource(reader, fps=30).frames())


# -- what holds a relay


def test_what_anybody_can_see_of_a_relay_at_work() -> None:
    with Camera(packed_anew("libx264", 20)) as camera, fed(camera.address) as one:
        frames_of(StreamSource(one.feed.pipe, fps=30), 1)
        place = Path("/proc", str(one.relay().pid))
        status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines())
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"
        assert int(status["CapEff"], 16) & ~(1 << 14) == 0  # but to keep its memory out of swap
        limits = {line[:26].strip(): line[26:].split()[0] for line in (place / "limits").read_text().splitlines()}
        assert (limits["Max core file size"], limits["Max file size"]) == ("0", "0")
        assert {(place / "task" / each.name / "status").read_text().count("Seccomp:\t2") for each in
                (place / "task").iterdir()} == {1}  # fmt: skip
        if IS_ROOT:
            leads_to = sorted(str(each.readlink()).split(":")[0] for each in (place / "fd").iterdir())
            assert leads_to == ["/dev/null", "pipe", "pipe", "pipe", "socket"]
        else:
            with pytest.raises(PermissionError):
                (place / "mem").open("rb")


def start_relay(source: str, pipe: int, *, strict: bool, program: tuple[str, ...] = ("-m", "semcam.relay")) -> str:
    """One relay without a courier: its first word."""
    job = {"source": source, "user": None, "password": None, "ca": None, "pipe": pipe, "codec": None, "strict": strict}
    with subprocess.Popen(
        [sys.executable, *program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[pipe], cwd=ROOT
    ) as relay:
        assert relay.stdin
        assert relay.stdout
        relay.stdin.write(json.dumps(job).encode() + b"\n")
        relay.stdin.flush()
        return relay.stdout.readline().decode().strip()


WITHOUT_FILTERS = """
import errno, sys
from semcam.relay.start import main
from semcam.vision.confine import limits, seccomp
from semcam.vision.confine.bpf import ALLOW, Filter, Rule, refuse
limits.gain_nothing()
seccomp.install(Filter((Rule("seccomp", refuse(errno.EINVAL)),), ALLOW, ALLOW))
sys.exit(main())
"""


def test_where_the_kernel_has_no_filters_strict_hands_on_nothing() -> None:
    reader, writer = os.pipe()
    with Camera(packed_anew("libx264", 20)) as camera:
        program = ("-c", WITHOUT_FILTERS)
        assert start_relay(camera.address, writer, strict=True, program=program) == "unconfined"
        assert not camera.heard  # not a word was exchanged
        assert start_relay(camera.address, writer, strict=False, program=program) == "playing 4"
        assert start_relay(camera.address, writer, strict=True) == "playing 4"
    os.close(reader)
    os.close(writer)


ATTEMPTS = """
import ctypes, os, socket, sys
from pathlib import Path
from semcam.relay.confine import Cell
camera, there = socket.create_server(("127.0.0.1", 0)), None
connection = socket.create_connection(camera.getsockname())
there, _ = camera.accept()
pipe = os.pipe()
elsewhere = os.open(sys.argv[1], os.O_RDONLY)
attempts = {
    "connect": lambda: socket.create_connection(camera.getsockname()),
    "bind": lambda: there.listen(),
    "accept": lambda: camera.accept(),
    "another_connection": lambda: there.send(b"x"),
    "to_an_address": lambda: connection.sendto(b"x", ("127.0.0.1", 9)),
    "send_a_descriptor": lambda: socket.send_fds(connection, [b"x"], [elsewhere]),
    "open": lambda: os.open(sys.argv[1], os.O_RDONLY),
    "create": lambda: os.open(sys.argv[1] + ".new", os.O_WRONLY | os.O_CREAT),
    "dev_shm": lambda: os.open("/dev/shm/semcam-attempt", os.O_WRONLY | os.O_CREAT),
    "memfd": lambda: os.memfd_create("x"),
    "rename": lambda: os.rename(sys.argv[1], sys.argv[1] + ".new"),
    "stderr": lambda: os.write(2, b"x"),
    "dup": lambda: os.dup(0),
    "pipe": lambda: os.pipe(),
    "fork": lambda: os.fork(),
    "exec": lambda: os.execv("/bin/true", ["true"]),
    "kill": lambda: os.kill(os.getppid(), 0),
    "ptrace": lambda: check(ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0)),
    "dumpable": lambda: check(ctypes.CDLL(None, use_errno=True).prctl(4, 1, 0, 0, 0)),
    "setuid": lambda: os.setuid(0),
    "unlink": lambda: os.unlink(sys.argv[1]),
    "list": lambda: os.listdir("/"),
    "splice": lambda: os.splice(elsewhere, pipe[1], 10),
}
def check(result):
    if result:
        raise OSError(ctypes.get_errno(), "refused")
if sys.argv[2] == "held":
    cell = Cell()
    cell.before_dialling()
    assert cell.before_reading([connection], [pipe[1], 1])
through = []
only = sys.argv[3:]
for name, attempt in attempts.items():
    if only and name not in only:
        continue
    try:
        attempt()
        through.append(name)
    except OSError:
        pass
connection.sendall(b"still there")
os.write(pipe[1], b"still there")
assert there.recv(100).endswith(b"still there") if sys.argv[2] == "free" else True
print(*through)
"""


def test_a_relay_can_reach_nothing_but_its_camera_and_its_pipes(tmp_path: Path) -> None:
    victim = tmp_path / "file"
    victim.write_text("content")

    def through(*arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", ATTEMPTS, str(victim), *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    harmless = ("connect", "open", "memfd", "dup", "pipe", "list", "stderr", "another_connection", "create", "splice")
    assert set(through("free", *harmless)) == set(harmless)  # so that a refusal is never hollow
    (tmp_path / "file.new").unlink()
    assert through("held") == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]


@pytest.mark.timeout(900)
def test_the_relay_of_an_ordinary_user_is_held_as_well() -> None:
    done = again("tests/test_relay.py", "-k", "anybody_can_see or reach_nothing")
    assert done.passed, done.printed


@pytest.mark.parametrize("machine", Machine)
def test_the_vision_process_may_copy_its_pipe_and_nothing_else(machine: Machine) -> None:
    copy, set_flags, pipe = 1030, 4, 5
    looking = while_looking(Loop(voice=7, pipe=pipe))
    assert call(looking, machine, "fcntl", pipe, copy) == call(looking, machine, "dup", pipe) == ALLOW
    assert call(looking, machine, "fcntl", 7, copy) != ALLOW
    assert call(looking, machine, "fcntl", pipe, set_flags) != ALLOW
    assert call(looking, machine, "dup", 7) != ALLOW
    assert call(looking, machine, "write", pipe) != ALLOW
    without = while_looking(Loop(voice=7))
    assert call(without, machine, "fcntl", pipe, copy) != ALLOW
    assert call(without, machine, "dup", pipe) != ALLOW


def test_a_relay_ends_with_its_courier() -> None:
    reader, writer = os.pipe()
    with Camera(packed_anew("libx264", 20)) as camera:
        one = Fed(camera.address)
        frames_of(StreamSource(one.feed.pipe, fps=30), 1)
        relay = one.relay()
        one.close()
        assert not relay.is_running()
        deadline = time.monotonic() + 5
        while not any(each.startswith("TEARDOWN") for each in camera.heard):  # it said goodbye
            assert time.monotonic() < deadline
            time.sleep(0.02)
    os.close(reader)
    os.close(writer)


def test_a_relay_loads_nothing_that_decodes() -> None:
    program = "import sys, semcam.relay.start\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert not {"cv2", "numpy", "onnxruntime", "pydantic"} & loaded
    assert "semcam.relay.start" in loaded


# -- whatever comes over the wire

anything = st.binary(max_size=400)
likely = st.lists(
    st.one_of(
        anything,
        st.sampled_from([b"RTSP/1.0 200 OK\r\n", b"CSeq: 1\r\n", b"Content-Length: 5\r\n", b"\r\n", b"$\x00\x00\x05"]),
        st.sampled_from([b"Content-Length: 99999999999\r\n", b"ANNOUNCE rtsp://x RTSP/1.0\r\n", b"RTSP/1.0 4", b"$"]),
    ),
    max_size=12,
).map(b"".join)


@calm
@given(st.lists(likely, max_size=6))
def test_whatever_comes_is_a_message_or_garbled_and_is_never_hoarded(pieces: list[bytes]) -> None:
    inbox = Inbox()
    try:
        for piece in pieces:
            inbox.put(piece)
            while message := inbox.take():
                assert isinstance(message, Answer | Request | Packet)
            assert len(inbox._bytes) <= MAX_HEAD_BYTES + MAX_BODY_BYTES + len(piece)
    except Trouble as trouble:
        assert trouble.code is RelayCode.GARBLED


@calm
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=300)), max_size=6), st.integers(1, 7))
def test_messages_are_the_same_however_they_are_cut(sent: list[tuple[int, bytes]], size: int) -> None:
    wire = b"".join(
        b"$" + bytes([channel]) + len(payload).to_bytes(2) + payload
        + b"RTSP/1.0 200 OK\r\nCSeq: %d\r\nContent-Length: %d\r\n\r\n" % (channel, len(payload)) + payload + b"\r\n"
        for channel, payload in sent
    )  # fmt: skip
    inbox, heard = Inbox(), []
    for at in range(0, len(wire), size):
        inbox.put(wire[at : at + size])
        while message := inbox.take():
            heard.append(message)
    expected: list[Any] = []
    for channel, payload in sent:
        headers = (("cseq", str(channel)), ("content-length", str(len(payload))))
        expected += [Packet(channel, payload), Answer(200, headers, payload)]
    assert heard == expected


SDP = b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track=v\r\n"
TALK = (
    b"RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Digest realm=a, nonce=b\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\n\r\n"
    b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Base: rtsp://c/\r\nContent-Length: %d\r\n\r\n%s"
    b"RTSP/1.0 200 OK\r\nCSeq: 4\r\nSession: 1;timeout=60\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n"
    b"RTSP/1.0 200 OK\r\nCSeq: 5\r\n\r\n$\x00\x00\x0e\x80\x60\x00\x01" % (len(SDP), SDP)
) + bytes(8) + b"\x65\x88"  # fmt: skip
HTTP = (
    b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"b\r\n\xff\xd8\xff\xda\x00\x02\x01\xff\xd9\r\n\r\n5\r\nabcde\r\n"
)


def hear_out(camera_says: bytes, talk: Callable[[Wire], Iterator[bytes]]) -> tuple[list[bytes], RelayCode]:
    """A conversation with a camera that has said its piece and hangs up; what came of it, and how it ended."""
    courier = os.pipe()
    camera, ours = socket.socketpair()
    heard: list[bytes] = []
    with camera, ours:
        camera.sendall(camera_says)
        camera.shutdown(socket.SHUT_WR)
        try:
            heard += talk(Wire(ours, courier[0]))
        except Trouble as trouble:
            return heard, trouble.code
        finally:
            for end in courier:
                os.close(end)
    raise AssertionError("it went on without a camera")


def talk_rtsp(wire: Wire) -> Iterator[bytes]:
    camera = Rtsp(wire, read_address("rtsp://c/"), Login(USER, PASSWORD))
    camera.begin()
    yield from camera.packets()


def talk_http(wire: Wire) -> Iterator[bytes]:
    camera = Mjpeg((wire,), read_address("http://c/"), None)
    camera.begin()
    yield from camera.pictures()


def test_a_camera_that_does_all_well_is_heard_out() -> None:
    assert hear_out(TALK, talk_rtsp) == ([TALK[-14:]], RelayCode.CLOSED)
    assert hear_out(HTTP, talk_http) == ([b"\xff\xd8\xff\xda\x00\x02\x01\xff\xd9"], RelayCode.CLOSED)


@calm
@given(st.data())
def test_whatever_a_camera_says_in_between_ends_in_a_word(data: st.DataObject) -> None:
    said, talk = data.draw(st.sampled_from([(TALK, talk_rtsp), (HTTP, talk_http)]))
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(said)))
        end = begin + data.draw(st.integers(0, 40))
        said = said[:begin] + data.draw(st.one_of(anything, likely, st.just(b""))) + said[end:]
    _, ended = hear_out(said, talk)
    assert ended is not RelayCode.INTERNAL


sdp_lines = st.lists(
    st.one_of(
        st.sampled_from(
            ["m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 0", "a=rtpmap:96 H264/90000", "a=rtpmap:96 H265/90000", "m=",
             "a=fmtp:96 sprop-parameter-sets=Z0IAKeKQ,aM48gA==", "a=fmtp:96 sprop-vps=!;sprop-sps=Z0I", "a=control:x"]
        ),
        st.text(max_size=60),
    ),
    max_size=12,
)  # fmt: skip


@calm
@given(st.one_of(anything, sdp_lines.map(lambda lines: "\r\n".join(lines).encode("utf-8", "surrogatepass"))))
def test_whatever_a_camera_says_of_its_streams_is_a_stream_or_none(body: bytes) -> None:
    try:
        track = read_sdp(body)
    except Trouble as trouble:
        assert trouble.code is RelayCode.CODEC
        return
    assert 0 <= track.payload_type < 1000
    assert all(track.parameter_sets)


@calm
@given(st.data())
def test_whatever_stands_in_packets_units_stay_bounded(data: st.DataObject) -> None:
    codec = data.draw(st.sampled_from([Codec.H264, Codec.H265]))
    units, number = Units(codec, 96), data.draw(st.integers(0, 65_535))
    heads = st.sampled_from([b"\x1c\x85", b"\x1c\x05", b"\x1c\x45", b"\x18\x00\x03", b"\x62\x01\x93", b"\x62\x01\x13",
                             b"\x60\x01\x00\x02", b"\x65\x88", b"\x41\x9a", b""])  # fmt: skip
    for _ in range(data.draw(st.integers(1, 12))):
        number += data.draw(st.sampled_from([1, 1, 1, 0, 2, 40_000]))
        first = data.draw(st.sampled_from([0x80, 0x80, 0xB0, 0x9F, 0xA0, 0x00]))
        packet = bytes([first, 96]) + (number & 0xFFFF).to_bytes(2) + bytes(8) + data.draw(heads) + data.draw(anything)
        packet = packet[: data.draw(st.sampled_from([len(packet), len(packet), 13, 5]))]
        for nal in units.take(packet):
            assert nal
        assert units._piece is None or len(units._piece) <= MAX_NAL_BYTES


@calm
@given(st.integers(0, 65_535), st.sampled_from(["h264", "h265"]))
def test_units_come_out_as_they_were_packed(first: int, codec: str) -> None:
    clip = CLIPS[codec]()
    units = Units(Codec.H264 if codec == "h264" else Codec.H265, 96)
    seen = [tuple(nal for packet in picture for nal in units.take(packet))
            for picture, _ in zip(packets(clip, first), clip.pictures, strict=False)]  # fmt: skip
    assert seen == list(clip.pictures)


def test_units_that_came_together_are_taken_apart() -> None:
    sets = [nal for nal in as_it_is().pictures[0] if nal[0] & 0x1F in (7, 8)]
    together = b"\x18" + b"".join(len(nal).to_bytes(2) + nal for nal in sets)
    packet = b"\x80\x60\x00\x01" + bytes(8) + together
    assert list(Units(Codec.H264, 96).take(packet)) == sets
    assert list(Units(Codec.H264, 97).take(packet)) == []
    padded = b"\xb0" + packet[1:12] + b"\xab\xcd\x00\x01" + bytes(4) + together + b"\x00\x00\x03"
    assert list(Units(Codec.H264, 96).take(padded)) == sets


def test_a_unit_without_end_is_not_hoarded() -> None:
    units = Units(Codec.H264, 96)
    for number in range(MAX_NAL_BYTES // 60_000 + 10):
        packet = b"\x80\x60" + number.to_bytes(2) + bytes(8) + b"\x7c" + (b"\x85" if number == 0 else b"\x05")
        assert list(units.take(packet + bytes(60_000))) == []
    assert units._piece is None


def test_nothing_is_shown_before_the_first_key_picture() -> None:
    clip = packed_anew("libx264", 20)
    units = Units(Codec.H264, 96)
    late = [nal for number, picture in zip(range(12), packets(clip), strict=False) if number >= 3
            for packet in picture for nal in units.take(packet)]  # fmt: skip
    shown = [nal for nal in late if is_slice(nal, Codec.H264)]
    assert shown == [nal for picture in clip.pictures[10:12] for nal in picture if is_slice(nal, Codec.H264)]
    assert len(list(in_pieces(shown[0], "H264"))) > 1
    assert parameter_sets(clip)


@calm
@given(
    st.lists(
        st.one_of(anything, st.sampled_from([b"\xff\xd8\xff", b"\xff\xd9", b"\xff\xda\x00\x02", b"\xff"])), max_size=8
    )
)
def test_whatever_a_camera_sends_over_http_is_a_picture_or_nothing(pieces: list[bytes]) -> None:
    pictures = Pictures()
    for piece in pieces:
        for picture in pictures.put(piece):
            assert picture.startswith(b"\xff\xd8\xff")
            assert picture.endswith(b"\xff\xd9")


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 10**6])
def test_pictures_are_found_in_whatever_stands_around_them(size: int) -> None:
    sent = [picture for (picture,) in packed_anew("mjpeg", 20).pictures[:2]]
    # a thumbnail stands inside, with an end of its own
    sent.append(
        sent[0][:2] + b"\xff\xe1" + (len(b"\xff\xd8\xff\xd9") + 2).to_bytes(2) + b"\xff\xd8\xff\xd9" + sent[0][2:]
    )
    wire = b"--b\r\nContent-Length: 1\r\n\r\n".join([b"\xff\xff\xd8", *sent, b""])
    pictures = Pictures()
    assert [each for at in range(0, len(wire), size) for each in pictures.put(wire[at : at + size])] == sent


def test_a_picture_without_end_is_not_hoarded() -> None:
    pictures = Pictures()
    for _ in range(MAX_PICTURE_BYTES // 1_000_000 + 3):
        assert list(pictures.put(b"\xff\xd8\xff\xda\x00\x02" + bytes(1_000_000))) == []
        assert len(pictures._bytes) <= MAX_PICTURE_BYTES + 1_000_100


@calm
@given(st.lists(st.text(max_size=80), max_size=3))
def test_whatever_a_camera_asks_for_is_answered_in_one_line(headers: list[str]) -> None:
    challenge = read_challenges([f"Digest {header}" for header in headers])
    if challenge:
        assert "response=" in answer(challenge, Login(USER, PASSWORD), "GET", "/")


@calm
@given(anything)
def test_no_word_but_those_of_relays_is_understood(line: bytes) -> None:
    with pytest.raises(ValueError, match="what no relay says"):
        from_word(line)


def test_words_come_back_as_they_were_said() -> None:
    for code in RelayCode:
        codec = Codec.H265 if code is RelayCode.PLAYING else None
        assert from_word(to_word(code, codec)) == (code, codec)
    for line in (b"playing\n", b"busy 4\n", b"playing 4", b"playing  4\n", b"PLAYING 4\n"):
        with pytest.raises(ValueError, match="what no relay says"):
            from_word(line)


# -- addresses


@calm
@given(st.one_of(st.text(max_size=60), st.text(max_size=40).map("rtsp://".__add__)))
def test_any_text_is_an_address_or_refused_in_a_sentence(source: str) -> None:
    try:
        address = read_address(source)
    except ValueError as error:
        assert "write" in str(error)
        return
    assert is_network(source)
    assert 0 < address.port < 65_536
    assert not any(letter.isspace() for letter in address.url)
    assert "@" not in address.authority


@pytest.mark.parametrize(
    ("source", "url", "where"),
    [
        ("rtsp://camera.local/stream", "rtsp://camera.local/stream", "rtsp://camera.local"),
        ("RTSP://camera.local", "rtsp://camera.local/", "rtsp://camera.local"),
        ("rtsp://[fe80::1]:8554/a?b=c", "rtsp://[fe80::1]:8554/a?b=c", "rtsp://[fe80::1]:8554"),
        ("http://10.0.0.9/cgi?user=a&pwd=b", "http://10.0.0.9/cgi?user=a&pwd=b", "http://10.0.0.9"),
    ],
)
def test_an_address_is_dialled_whole_and_told_without_its_path(source: str, url: str, where: str) -> None:
    assert (read_address(source).url, without_secrets(source)) == (url, where)


@pytest.mark.parametrize("source", ["rtsp://u:geheim@camera/x", "rtsp://geheim@camera/", "http://u:geheim@[::1/"])
def test_a_password_in_an_address_is_refused_and_not_repeated(source: str) -> None:
    with pytest.raises(ValueError, match="write") as refused:
        read_address(source)
    assert "geheim" not in str(refused.value)
    assert "geheim" not in without_secrets(source)


def test_a_password_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    dial = Dial("rtsp://camera.local/x", "carer", str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match=r"source_password_file .*nowhere cannot be read"):
        dial.password()


def test_pauses_grow_and_a_wrong_password_is_not_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "MODULE", "semcam.no_such_relay")  # ends at once, without a word
    feed, now_s = Feed(Dial("rtsp://camera.local/x")), 0.0
    starts: list[float] = []
    try:
        said: list[str] = []
        while len(starts) < 9:
            said += feed.tend(now_s)
            if feed.pid is not None:
                starts.append(now_s)
                psutil.Process(feed.pid).wait(20)
                said += feed.tend(now_s)
            now_s += 0.05
        pauses = [later - earlier for earlier, later in pairwise(starts)]
        expected = [0.5, 1, 2, 4, 8, 16, 30, 30]
        assert all(0.7 * want <= pause <= want + 0.1 for pause, want in zip(pauses, expected, strict=True)), pauses
        assert len(said) == 1
        list(feed._fail(RelayCode.LOGIN_WRONG, now_s))
        assert feed._start_at_s - now_s > 200
    finally:
        feed.close()
