"""The broker that deploy/mosquitto sets up: its README is followed, then everybody tries what they may not do."""

import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from semcam.contract.broker import Broker, Tls
from semcam.contract.load import load_config
from semcam.courier.homeassistant import discovery_topic
from semcam.courier.mqtt import Acknowledged, Connected, Lost, MqttLink, Received
from tests.conftest import ROOT, TOOLS, free_port, program, tool_environment

HERE = ROOT / "deploy" / "mosquitto"
README = (HERE / "README.md").read_text(encoding="utf-8")
BATH = "semcam/sakura-home/bath-101"
HALL = "semcam/sakura-home/hall"
SOON_S = 10.0


def keys(made: Path, *arguments: str) -> str:
    """Run the script as the README does."""
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", f"{TOOLS}/usr/bin"])
    done = subprocess.run(
        [HERE / "keys", *arguments],
        env={**tool_environment(), "SEMCAM_KEYS": str(made), "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise ValueError(done.stderr)
    return done.stdout


@dataclass
class House:
    """A broker with its keys."""

    folder: Path
    ports: dict[int, int] = field(default_factory=lambda: {port: free_port() for port in (8883, 8884, 8443)})
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def made(self) -> Path:
        return self.folder / "made"

    def start(self, change: Callable[[str], str] = lambda text: text) -> None:
        """Mosquitto with the example's own configuration; only ports, folders and the user are a test's."""
        text = change((HERE / "mosquitto.conf").read_text(encoding="utf-8"))
        for port, free in self.ports.items():
            text, found = re.subn(rf"^listener {port}$", f"listener {free} 127.0.0.1", text, flags=re.MULTILINE)
            assert found == 1
        assert text.count("/etc/mosquitto/semcam/") == 14
        text = text.replace("/etc/mosquitto/semcam/", f"{self.made}/broker/")
        text = text.replace("persistence_location /var/lib/mosquitto/", f"persistence_location {self.folder}/")
        config = self.folder / "mosquitto.conf"
        config.write_text(f"user {getuser()}\nlog_type information\n{text}", encoding="utf-8")
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [program("mosquitto"), "-c", config], stderr=log, stdout=log, env=tool_environment()
        )
        log.close()
        until_s = time.monotonic() + SOON_S
        while b" running" not in self.log.rpartition(b" starting")[2]:
            assert self.process.poll() is None and time.monotonic() < until_s, self.log.decode()
            time.sleep(0.02)

    @property
    def log(self) -> bytes:
        return (self.folder / "log").read_bytes()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(5)

    @contextmanager
    def running(self, change: Callable[[str], str] = lambda text: text) -> Iterator[None]:
        """Until it is killed."""
        try:
            self.start(change)
            yield
        finally:
            self.kill()

    def reload(self) -> None:
        """As `systemctl reload` does."""
        assert self.process is not None
        before = self.log.count(b"Reloading config")
        self.process.send_signal(signal.SIGHUP)
        until_s = time.monotonic() + SOON_S
        while self.log.count(b"Reloading config") == before:
            assert time.monotonic() < until_s
            time.sleep(0.02)

    def camera(self, name: str, ca: Path | None = None, certificate: Path | None = None) -> Broker:
        """How a camera connects: by default as it should."""
        folder = certificate or self.made / "cameras" / name
        tls = Tls(
            ca=str(ca or folder / "ca.crt"), certificate=str(folder / "camera.crt"), key=str(folder / "camera.key")
        )
        return Broker(host="localhost", port=self.ports[8883], tls=tls)

    def person(self, name: str | None, password: str | None = None) -> Broker:
        """How a person connects."""
        file = self.made / "people" / str(name)
        if password is not None:
            file = self.folder / "typed"
            file.write_text(password)
        tls = Tls(ca=str(self.made / "broker" / "ca.crt"))
        return Broker(
            host="localhost",
            port=self.ports[8884],
            user=name,
            password_file=None if name is None else str(file),
            tls=tls,
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    for command in re.findall(r"^\./keys (?!remove)(.*)$", README, re.MULTILINE):
        keys(house.made, *shlex.split(command))
    keys(house.made, "camera", "kita_home", "gate", "yard")
    keys(house.made, "carer", "kita_home", "neighbour")
    with house.running():
        yield house


@pytest.fixture
def second(house: House, tmp_path: Path) -> House:
    """A broker of one's own with the same keys, not yet started."""
    (tmp_path / "made").symlink_to(house.made)
    return House(tmp_path)


class Client5:
    """A client of the courier's own kind, and everything that it noted."""

    def __init__(self, broker: Broker, *topics: str, name: str = "", keep: bool = False) -> None:
        self._link = MqttLink(broker, name or f"test-{id(self)}", None, topics, keep_session=keep)
        self.heard: list[Received] = []
        self._answers: dict[int, str | None] = {}
        self.first: Connected | Lost | None = None
        self.lost: list[str] = []

    def __enter__(self) -> "Client5":
        self._link.start()
        self.wait(lambda: self.first is not None)
        if isinstance(self.first, Connected):
            self.publish("may-be-refused")  # it is answered only after the subscriptions stand
        return self

    def __exit__(self, *_: object) -> None:
        self._link.stop()

    def wait(self, enough: Callable[[], bool]) -> None:
        until_s = time.monotonic() + SOON_S
        while not enough():
            assert time.monotonic() < until_s, (self.first, self.heard, self._answers)
            for note in self._link.notes(0.05):
                match note:
                    case Connected() | Lost():
                        self.first = self.first or note
                        self.lost += [note.sentence] if isinstance(note, Lost) else []
                    case Received():
                        self.heard.append(note)
                    case Acknowledged(token, refused):
                        self._answers[token] = refused

    def publish(self, topic: str, payload: str = "{}", *, retain: bool = False) -> str | None:
        """None where the broker has taken it, else why not."""
        token = self._link.publish(topic, payload, retain=retain)
        self.wait(lambda: token in self._answers)
        return self._answers[token]

    def hears(self, topic: str, payload: str = "{}") -> None:
        """Wait until it came."""
        self.wait(lambda: any(heard.topic == topic and heard.payload == payload.encode() for heard in self.heard))

    @property
    def topics(self) -> list[str]:
        return [heard.topic for heard in self.heard]


def refusal(broker: Broker) -> str:
    """Why somebody is not let in."""
    with Client5(broker) as client:
        assert isinstance(client.first, Lost), "was let in"
        return client.first.sentence


# -- who may do what


def test_a_camera_tells_and_a_nurse_answers(house: House) -> None:
    with (
        Client5(house.camera("sakura-home.bath-101"), f"{BATH}/command/#", "homeassistant/status") as bath,
        Client5(house.person("nurse"), "semcam/sakura-home/#") as nurse,
        Client5(house.person("homeassistant"), "semcam/#", "homeassistant/#") as home,
    ):
        device = "homeassistant/device/semcam_sakura-home_bath-101/config"
        told = [f"{BATH}/{part}" for part in ("event/fall", "alarm/fall", "status", "head", "settings/state")]
        for topic in told:
            assert bath.publish(topic, "fallen") is None
            nurse.hears(topic, "fallen")
            home.hears(topic, "fallen")
        assert bath.publish(device) is None
        home.hears(device)
        assert nurse.publish(f"{BATH}/command/ack", "coming") is None
        bath.hears(f"{BATH}/command/ack", "coming")
        assert home.publish("homeassistant/status", "online") is None
        bath.hears("homeassistant/status", "online")
        assert home.publish(f"{BATH}/command/mute") is None
        bath.hears(f"{BATH}/command/mute")


@pytest.mark.parametrize(
    "topic",
    [
        f"{HALL}/event/fall",
        f"{HALL}/alarm/fall",
        f"{HALL}/status",
        f"{HALL}/head",
        f"{HALL}/command/ack",
        f"{BATH}/command/ack",
        f"{BATH}/settings",
        f"{HALL}/settings/state",
        f"{BATH}/anything",
        "semcam/sakura-home/bath-1012/event/fall",
        "homeassistant/device/semcam_sakura-home_hall/config",
        "homeassistant/status",
        "$SYS/x",
        "elsewhere",
    ],
)
def test_a_camera_cannot_write_what_is_not_its_own(house: House, topic: str) -> None:
    with (
        Client5(house.camera("sakura-home.bath-101")) as bath,
        Client5(house.person("homeassistant"), "semcam/#", "homeassistant/#") as home,
    ):
        refused = bath.publish(topic, "forged")
        assert refused is not None
        assert f"refuses what is sent to {topic} (Not authorized)" in refused
        assert bath.publish(f"{BATH}/status", "after") is None
        home.hears(f"{BATH}/status", "after")
        assert b"forged" not in [heard.payload for heard in home.heard]


def test_a_camera_hears_nothing_of_another(house: House) -> None:
    with (
        Client5(house.camera("sakura-home.bath-101"), "#", "semcam/#", f"{HALL}/#", "homeassistant/#") as bath,
        Client5(house.camera("sakura-home.hall"), f"{HALL}/command/#") as hall,
        Client5(house.person("nurse"), "semcam/#") as nurse,
    ):
        for topic in (f"{HALL}/event/fall", f"{HALL}/status", "homeassistant/device/semcam_sakura-home_hall/config"):
            assert hall.publish(topic, "private") is None
        assert nurse.publish(f"{HALL}/command/ack", "private") is None
        hall.hears(f"{HALL}/command/ack", "private")
        assert bath.publish(f"{BATH}/event/fall", "own") is None
        nurse.hears(f"{BATH}/event/fall", "own")
        assert nurse.publish(f"{BATH}/command/ack", "last") is None
        bath.hears(f"{BATH}/command/ack", "last")  # whatever it may hear of before this has come
        mine = (f"{BATH}/command/", "homeassistant/status", "homeassistant/device/semcam_sakura-home_bath-101/")
        assert [topic for topic in bath.topics if not topic.startswith(mine)] == []


def test_only_an_owner_leaves_settings_for_the_cameras_of_a_site(house: House) -> None:
    with (
        Client5(house.camera("sakura-home.bath-101"), f"{BATH}/settings") as bath,
        Client5(house.person("aiko")) as owner,
        Client5(house.person("nurse")) as nurse,
    ):
        assert nurse.publish(f"{BATH}/settings", "by the nurse", retain=True) is not None
        assert owner.publish("semcam/kita_home/gate/settings") is not None
        assert owner.publish(f"{BATH}/settings", "by the owner") is None
        bath.hears(f"{BATH}/settings", "by the owner")
        assert [heard.payload for heard in bath.heard] == [b"by the owner"]


def test_a_carer_hears_and_commands_one_site_only(house: House) -> None:
    with (
        Client5(house.camera("sakura-home.bath-101"), f"{BATH}/command/#") as bath,
        Client5(house.camera("kita_home.gate")) as gate,
        Client5(house.person("neighbour"), "semcam/#") as neighbour,
    ):
        assert bath.publish(f"{BATH}/event/fall") is None
        assert gate.publish("semcam/kita_home/gate/event/bear") is None
        neighbour.hears("semcam/kita_home/gate/event/bear")
        assert {topic.split("/")[1] for topic in neighbour.topics} == {"kita_home"}
        for topic in (f"{BATH}/command/ack", "semcam/kita_home/gate/event/bear", "semcam/kita_home/gate/status"):
            assert neighbour.publish(topic) is not None
        assert neighbour.publish("semcam/kita_home/yard/command/ack") is None


def test_a_machine_with_two_cameras_speaks_for_both(house: House) -> None:
    with Client5(house.camera("kita_home.gate")) as machine:
        for camera in ("gate", "yard"):
            assert machine.publish(f"semcam/kita_home/{camera}/event/bear") is None
            assert machine.publish(f"homeassistant/device/semcam_kita__home_{camera}/config") is None
        assert machine.publish("semcam/kita_home/shed/event/bear") is not None


def test_the_device_of_the_rules_is_the_one_that_is_announced(house: House, tmp_path: Path) -> None:
    rules = (house.made / "broker" / "acl").read_text()
    for site, camera in (("sakura-home", "bath-101"), ("kita_home", "yard")):
        file = tmp_path / "semcam.yaml"
        file.write_text(f"site: {site}\ncameras: {{{camera}: {{rules: {{fall: {{}}}}}}}}\n")
        assert f"topic readwrite {discovery_topic(load_config(file), camera)}\n" in rules


# -- who is not let in, and what they are told


def test_a_wrong_password_is_called_that(house: House) -> None:
    for broker in (house.person("nurse", "wrong"), house.person("nurse", ""), house.person("stranger", "wrong")):
        assert "refuses user or password" in refusal(broker)
    assert "does not let just anybody in" in refusal(house.person(None))


def test_a_camera_without_certificate_is_told_so(house: House) -> None:
    ca = str(house.made / "broker" / "ca.crt")
    bare = Broker(host="localhost", port=house.ports[8883], tls=Tls(ca=ca))
    assert "missing or refused client certificate" in refusal(bare)


def test_a_password_does_not_open_the_cameras_door(house: House) -> None:
    nurse = house.person("nurse").model_copy(update={"port": house.ports[8883]})
    assert "missing or refused client certificate" in refusal(nurse)


def test_another_authority_is_trusted_by_nobody(house: House, tmp_path: Path) -> None:
    keys(tmp_path, "broker", "localhost")
    keys(tmp_path, "camera", "sakura-home", "bath-101")
    stranger = tmp_path / "cameras" / "sakura-home.bath-101"
    own_ca = house.made / "broker" / "ca.crt"
    forged = house.camera("sakura-home.bath-101", ca=own_ca, certificate=stranger)
    assert "missing or refused client certificate" in refusal(forged)
    deceived = house.camera("sakura-home.bath-101", ca=stranger / "ca.crt")
    assert "is not trusted" in refusal(deceived)
    assert "mqtt.tls.ca" in refusal(deceived)


def test_a_broker_under_another_name_is_not_trusted(tmp_path: Path) -> None:
    own = House(tmp_path)
    keys(own.made, "broker", "broker.local")
    keys(own.made, "camera", "sakura-home", "bath-101")
    with own.running():
        refused = refusal(own.camera("sakura-home.bath-101"))
        assert "is not trusted (Hostname mismatch" in refused
        assert "its own name as host" in refused


def test_plain_mqtt_is_not_spoken(house: House) -> None:
    for port in house.ports.values():
        assert refusal(Broker(host="localhost", port=port))


def test_certificates_bear_the_strictest_look(house: House) -> None:
    context = ssl.create_default_context(cafile=str(house.made / "broker" / "ca.crt"))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    camera = house.made / "cameras" / "sakura-home.bath-101"
    context.load_cert_chain(camera / "camera.crt", camera / "camera.key")
    for host in ("localhost", "127.0.0.1"):
        raw = socket.create_connection(("127.0.0.1", house.ports[8883]), 5)
        with context.wrap_socket(raw, server_hostname=host) as secure:
            assert secure.version() == "TLSv1.3"


# -- people come and go


def test_who_was_removed_may_do_nothing_and_who_came_may_without_a_restart(house: House) -> None:
    keys(house.made, "camera", "sakura-home", "attic")
    keys(house.made, "carer", "sakura-home", "night-nurse")
    house.reload()
    attic, nurse = house.camera("sakura-home.attic"), house.person("night-nurse")
    stolen = house.folder / "stolen"
    (house.made / "cameras" / "sakura-home.attic").rename(stolen)
    attic = house.camera("sakura-home.attic", certificate=stolen)
    password = Path(str(nurse.password_file)).read_text().strip()
    topic = "semcam/sakura-home/attic/event/fall"
    with Client5(nurse, "semcam/#") as listening, Client5(attic) as camera:
        assert camera.publish(topic) is None
        listening.hears(topic)
    keys(house.made, "remove", "sakura-home.attic")
    keys(house.made, "remove", "night-nurse")
    house.reload()
    with Client5(attic) as camera:
        assert camera.publish(topic) is not None
    assert "refuses user or password" in refusal(house.person("night-nurse", password))


def test_mistakes_at_the_keys_are_explained(tmp_path: Path) -> None:
    for arguments, says in (
        ((), "./keys broker HOST"),
        (("carer", "a", "b"), "run: "),
        (("broker", "a b"), "no name or address"),
        (("camera", "A", "b"), "is not an id"),
        (("camera", "a", "b\nuser x"), "is not an id"),
        (("camera", "a", "+"), "is not an id"),
        (("remove", "../../x"), "nobody called"),
    ):
        if arguments[:1] in (("camera",), ("remove",)) and not (tmp_path / "authority").exists():
            keys(tmp_path, "broker", "localhost")
        with pytest.raises(ValueError, match=re.escape(says)):
            keys(tmp_path, *arguments)
    with pytest.raises(ValueError, match="rules of its own"):
        keys(tmp_path, "carer", "a", "homeassistant")


def test_a_new_name_of_the_broker_keeps_cameras_and_people(tmp_path: Path) -> None:
    keys(tmp_path, "broker", "localhost")
    keys(tmp_path, "camera", "a", "b")
    keys(tmp_path, "carer", "a", "nurse")
    before = {name: (tmp_path / "broker" / name).read_text() for name in ("acl", "passwords", "ca.crt", "broker.crt")}
    keys(tmp_path, "broker", "broker.local", "192.0.2.7", "2001:db8::7")
    after = {name: (tmp_path / "broker" / name).read_text() for name in before}
    assert {name for name in before if before[name] != after[name]} == {"broker.crt"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*"))
    password = (tmp_path / "people" / "nurse").read_text().strip()
    assert len(password) == 24
    assert password not in after["passwords"]


# -- what stays


def test_what_is_retained_and_what_waits_survives_a_kill(second: House) -> None:
    nurse, wanted = second.person("nurse"), (f"{BATH}/alarm/+", f"{BATH}/event/+")
    with second.running():
        with Client5(nurse, *wanted, name="tablet", keep=True):
            pass
        with Client5(second.camera("sakura-home.bath-101")) as bath:
            assert bath.publish(f"{BATH}/alarm/fall", "ON", retain=True) is None
            assert bath.publish(f"{BATH}/event/fall", "waiting") is None
        _soon(lambda: b"waiting" in (second.folder / "mosquitto.db").read_bytes())
    with second.running(), Client5(nurse, *wanted, name="tablet", keep=True) as tablet:
        tablet.hears(f"{BATH}/alarm/fall", "ON")
        tablet.hears(f"{BATH}/event/fall", "waiting")


def test_who_stays_away_cannot_fill_the_memory(second: House) -> None:
    def lower(text: str) -> str:
        for limit, few in (("max_queued_messages 1000", 20), ("max_inflight_messages 100", 5)):
            assert text.count(limit) == 1
            text = text.replace(limit, f"{limit.partition(' ')[0]} {few}")
        return text

    nurse, wanted = second.person("nurse"), f"{BATH}/event/+"
    with second.running(lower), Client5(second.camera("sakura-home.bath-101")) as bath:
        with Client5(nurse, wanted, name="tablet", keep=True):
            pass
        for number in range(60):
            assert bath.publish(f"{BATH}/event/fall", str(number)) is None
        with Client5(nurse, wanted, name="tablet", keep=True) as tablet:
            assert bath.publish(f"{BATH}/event/fall", "now") is None
            tablet.hears(f"{BATH}/event/fall", "now")
            came = [heard.payload.decode() for heard in tablet.heard]
        assert came == [*map(str, range(len(came) - 1)), "now"]  # the oldest wait, in order
        assert 20 <= len(came) <= 30


def test_with_a_certificate_each_no_camera_pushes_another_out(second: House) -> None:
    with (
        second.running(lambda text: text.replace("#use_username_as_clientid", "use_username_as_clientid")),
        Client5(second.camera("sakura-home.bath-101"), name="bath") as bath,
        Client5(second.camera("sakura-home.hall"), name="bath") as hall,
    ):
        assert hall.publish(f"{HALL}/status") is None
        assert bath.publish(f"{BATH}/status") is None
        assert bath.lost == []


# -- browsers


def test_a_browser_hears_over_websocket(house: House) -> None:
    heard: list[str] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, transport="websockets")
    client.tls_set(ca_certs=str(house.made / "broker" / "ca.crt"))
    client.username_pw_set("nurse", (house.made / "people" / "nurse").read_text().strip())
    subscribed: list[object] = []
    client.on_subscribe = lambda *_: subscribed.append(1)

    def on_connect(*_: object) -> None:
        client.subscribe("semcam/#", 1)

    def on_message(_: Client, __: object, message: MQTTMessage) -> None:
        heard.append(f"{message.topic} {message.payload.decode()}")

    client.on_connect, client.on_message = on_connect, on_message
    client.connect("localhost", house.ports[8443])
    client.loop_start()
    try:
        _soon(lambda: bool(subscribed))
        with Client5(house.camera("sakura-home.bath-101")) as bath:
            assert bath.publish(f"{BATH}/event/fall", "seen in a browser") is None
        _soon(lambda: f"{BATH}/event/fall seen in a browser" in heard)
    finally:
        client.disconnect()
        client.loop_stop()


def test_a_browser_without_password_hears_nothing(house: House) -> None:
    reasons: list[str] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5, transport="websockets")
    client.tls_set(ca_certs=str(house.made / "broker" / "ca.crt"))
    client.on_connect = lambda _, __, ___, reason, ____: reasons.append(str(reason))
    client.connect("localhost", house.ports[8443])
    client.loop_start()
    try:
        _soon(lambda: bool(reasons))
        assert reasons[0] == "Not authorized"
    finally:
        client.disconnect()
        client.loop_stop()


def _soon(enough: Callable[[], bool]) -> None:
    until_s = time.monotonic() + SOON_S
    while not enough():
        assert time.monotonic() < until_s
        time.sleep(0.02)


# -- the page


def test_the_camera_of_the_readme_is_configured_right(tmp_path: Path) -> None:
    [text] = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    file = tmp_path / "semcam.yaml"
    file.write_text(text)
    broker = load_config(file).mqtt
    assert broker is not None and isinstance(broker.tls, Tls)
    assert {Path(str(path)).name for path in (broker.tls.ca, broker.tls.certificate, broker.tls.key)} == {
        "ca.crt",
        "camera.crt",
        "camera.key",
    }


def test_what_the_readme_says_that_semcam_says_is_what_it_says() -> None:
    code = re.sub(r'"\s+f?"', "", (ROOT / "semcam" / "courier" / "mqtt.py").read_text(encoding="utf-8"))
    rows = re.findall(
        r"^\| (?:… )?(the certificate .*?|.*?)(?: …)? \| .* \|$", README.split("semcam says")[1], re.MULTILINE
    )
    assert len(rows) == 5
    for said in rows:
        for part in said.split(" … "):
            assert part in code, part
