"""Connections that are kept private, and those that fail: each is reported as what it is. With a CA of our own."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from semcam.contract.broker import Broker, Tls
from semcam.contract.errors import BrokerError
from semcam.courier.connection import Connection
from tests.conftest import free_port, program, tool_environment
from tests.listening import listening
from tests.posting import told
from tests.test_mqtt import CAMERA, Line, _as_root, broker, sequence


@dataclass(frozen=True)
class Keys:
    """Certificates of two authorities, of which a house trusts one."""

    folder: Path

    def tls(self, *, authority: str = "ours", certificate: str | None = None) -> Tls:
        own = str(self.folder / certificate) if certificate else None
        return Tls(
            ca=str(self.folder / f"{authority}.crt"),
            certificate=own and f"{own}.crt",
            key=own and f"{own}.key",
        )


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    folder.chmod(0o755)

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for authority in ("ours", "theirs"):
        names = ("-subj", f"/CN={authority}", "-keyout", f"{authority}.key", "-out", f"{authority}.crt")
        openssl("req", "-x509", *new_key, "-days", "2", *names)
    for name, authority in (("broker", "ours"), ("camera", "ours"), ("stranger", "theirs")):
        openssl("req", *new_key, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        (folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\n")
        signed = ("-CA", f"{authority}.crt", "-CAkey", f"{authority}.key", "-CAcreateserial", "-extfile", "extensions")
        openssl("x509", "-req", "-in", f"{name}.csr", *signed, "-days", "2", "-out", f"{name}.crt")
        (folder / f"{name}.key").chmod(0o644)
    return Keys(folder)


@contextmanager
def private_broker(folder: Path, keys: Keys, *more: str) -> Iterator[int]:
    files = [f"{key} {keys.folder / name}" for key, name in (("certfile", "broker.crt"), ("keyfile", "broker.key"))]
    with broker(folder, *files, "allow_anonymous true", *_as_root(), *more) as port:
        yield port


def failure(settings: Broker) -> str:
    """What somebody is told whose connection does not come about."""
    with pytest.raises(BrokerError) as told:
        Connection(settings, "demo", "camera").open()
    return str(told.value)


# -- certificates


def test_events_travel_in_private(tmp_path: Path, keys: Keys) -> None:
    with private_broker(tmp_path, keys) as port:
        trusted = ("--cafile", str(keys.folder / "ours.crt"))
        camera = Line(Broker(host="127.0.0.1", port=port, tls=keys.tls()))
        with listening(port, more=trusted) as listener:
            camera.tell(*told(50))
            camera.tend_until(lambda: len(sequence(listener.heard)) >= 50)
            assert sequence(listener.heard) == list(range(1, 51))
        camera.close()


def test_a_broker_of_another_authority_is_not_trusted(tmp_path: Path, keys: Keys) -> None:
    with private_broker(tmp_path, keys) as port:
        said = failure(Broker(host="127.0.0.1", port=port, tls=keys.tls(authority="theirs")))
        assert "is not trusted" in said
        assert "mqtt.tls.ca" in said
        assert "is not trusted" in failure(Broker(host="127.0.0.1", port=port, tls=True))


def test_a_broker_of_another_name_is_not_trusted(tmp_path: Path, keys: Keys) -> None:
    with private_broker(tmp_path, keys) as port:
        said = failure(Broker(host="localhost", port=port, tls=keys.tls()))
    assert "is not trusted" in said
    assert "localhost" in said
    assert "its own name as host" in said


def test_tls_where_there_is_none_and_none_where_there_is(tmp_path: Path, keys: Keys) -> None:
    with private_broker(tmp_path, keys) as port:
        assert "check port, protocol and mqtt.tls" in failure(Broker(host="127.0.0.1", port=port))
    with broker(tmp_path) as port:
        assert "no TLS connection" in failure(Broker(host="127.0.0.1", port=port, tls=keys.tls()))


def test_who_needs_a_certificate_and_has_none_is_told_so(tmp_path: Path, keys: Keys) -> None:
    needs = (f"cafile {keys.folder / 'ours.crt'}", "require_certificate true")
    with private_broker(tmp_path, keys, *needs) as port:
        for tls in (keys.tls(), keys.tls(certificate="stranger")):
            assert "mqtt.tls.certificate" in failure(Broker(host="127.0.0.1", port=port, tls=tls))
        camera = Line(Broker(host="127.0.0.1", port=port, tls=keys.tls(certificate="camera")))
        camera.close()


@pytest.mark.parametrize("missing", ["ca", "certificate"])
def test_a_file_that_is_missing_is_named_before_anything_is_tried(tmp_path: Path, keys: Keys, missing: str) -> None:
    files = keys.tls(certificate="camera").model_copy(update={missing: str(tmp_path / "nowhere.crt")})
    assert "No such file" in failure(Broker(host="127.0.0.1", port=free_port(), tls=files))


# -- passwords


@contextmanager
def broker_with_passwords(folder: Path) -> Iterator[int]:
    passwords = folder / "passwords"
    passwords.touch(mode=0o600)
    subprocess.run(
        [program("mosquitto_passwd"), "-b", str(passwords), "camera", "right"], env=tool_environment(), check=True
    )
    with broker(folder, f"password_file {passwords}", "allow_anonymous false", *_as_root()) as port:
        yield port


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_wrong_password_is_told_from_a_missing_one(tmp_path: Path, protocol: Literal["5", "3.1.1"]) -> None:
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    with broker_with_passwords(tmp_path) as port:
        known = Broker(host="127.0.0.1", port=port, protocol=protocol, user="camera", password_file=str(secret))
        said = failure(known)
        assert "refuses user or password" in said
        assert "wrong" not in said
        assert "give mqtt.user" in failure(Broker(host="127.0.0.1", port=port, protocol=protocol))
        secret.write_text("right\n")
        Line(known).close()


def test_a_password_can_be_handed_over_by_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mqtt-password").write_text("right")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with broker_with_passwords(tmp_path) as port:
        Line(Broker(host="127.0.0.1", port=port, user="camera", password_file="mqtt-password")).close()


def test_a_password_that_cannot_be_read_is_named_by_its_file(tmp_path: Path) -> None:
    said = failure(Broker(host="127.0.0.1", user="camera", password_file=str(tmp_path / "secret")))
    assert str(tmp_path / "secret") in said
    assert "correct its name or rights" in said


# -- what a broker refuses


def test_a_topic_that_is_refused_is_said_once_and_holds_up_nothing(tmp_path: Path) -> None:
    rules = tmp_path / "acl"
    rules.write_text(f"topic write {CAMERA}/alarm/#\ntopic write {CAMERA}/head\ntopic write {CAMERA}/status\n")
    rules.chmod(0o700)
    with broker(tmp_path, f"acl_file {rules}", "allow_anonymous true", *_as_root()) as port:
        camera = Line(Broker(host="127.0.0.1", port=port))
        camera.tell(*told(100))
        camera.tend_until(camera.everything_is_taken)
        (news,) = camera.news
        assert f"refuses what is sent to {CAMERA}/event/fall (Not authorized)" in news
        assert "access rules" in news
        # they are not lost: somebody who asks later, once that is mended, gets them
        assert len(camera.outbox.range(1, 100)) == 100
        camera.close()


@pytest.mark.parametrize("limit", ["max_packet_size 400", "message_size_limit 400"])
def test_a_message_too_large_for_the_broker_is_said_so_and_does_not_loop(tmp_path: Path, limit: str) -> None:
    with broker(tmp_path, limit, "allow_anonymous true") as port:
        camera = Line(Broker(host="127.0.0.1", port=port))
        camera.tell(*told(3))
        camera.tend_until(camera.everything_is_taken)
        said = camera.hears("too large for the MQTT broker")
        assert "max_packet_size" in said
        assert "/fall" in said
        assert camera.publisher.is_connected
        camera.close()


def test_a_broker_that_does_not_let_us_listen_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        camera = Line(Broker(host="127.0.0.1", port=server.getsockname()[1]), wait=False)
        peer, _ = server.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(bytes.fromhex("2003000000"))  # CONNACK: welcome
            subscribe = peer.recv(4096)
            peer.sendall(bytes([0x90, 4]) + subscribe[2:4] + bytes([0, 135]))  # SUBACK: not authorized
            assert f"does not let us listen to {CAMERA}/command/+ (Not authorized)" in camera.hears("listen")
        camera.close()


def test_a_broker_that_cannot_do_5_is_answered_with_what_to_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        camera = Line(Broker(host="127.0.0.1", port=server.getsockname()[1]), wait=False)
        peer, _ = server.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(bytes.fromhex("2003008400"))  # CONNACK: unsupported protocol version
            assert 'set mqtt.protocol: "3.1.1"' in camera.hears("does not speak MQTT 5")
        camera.close()


def test_who_is_sent_away_comes_back_ever_later_and_not_all_at_once() -> None:
    """A hundred cameras must not come back to a restarted broker in the same moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        cameras = [Line(Broker(host="127.0.0.1", port=port), wait=False) for _ in range(4)]
        arrivals: list[float] = []
        server.settimeout(0.1)
        until_s = time.monotonic() + 6
        while time.monotonic() < until_s:
            try:
                peer, _ = server.accept()
            except TimeoutError:
                continue
            arrivals.append(time.monotonic())
            peer.close()
        for camera in cameras:
            camera.close()
    began_s = arrivals[0]
    early = [each - began_s for each in arrivals if each - began_s < 2]
    late = [each - began_s for each in arrivals if each - began_s >= 4]
    assert len(early) > len(late), "the pauses grow"
    later = [each for each in early if each > 0.05]
    assert len({round(each, 2) for each in later}) >= len(later) - 2, "and differ"
    assert len(arrivals) < 40
