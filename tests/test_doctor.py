"""`semcam doctor`: what it finds on boards that are well and on boards that are not, and what it says to do."""

import errno
import getpass
import io
import json
import shutil
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from semcam.contract.broker import Broker, Tls
from semcam.contract.delivery import OutboxSettings
from semcam.contract.families import Compute
from semcam.contract.load import load_config
from semcam.contract.privacy import Layers, LayerState
from semcam.courier.outbox import Outbox
from semcam.workbench.doctor import board, broker, cameras, installation
from semcam.workbench.doctor.broker import certificates
from semcam.workbench.doctor.certificate import in_file, valid_until
from semcam.workbench.doctor.doctor import Report
from semcam.workbench.doctor.doctor import print_finding as print_on
from semcam.workbench.doctor.finding import Finding, Verdict, explained, fail, good, warn
from semcam.workbench.doctor.running import running_on
from semcam.workbench.doctor.trial import Trial
from semcam.workbench.doctor.v4l2 import read_device
from tests.conftest import ROOT, SAMPLE, Mosquitto, free_port, program, semcam, start_mosquitto, tool_environment

HOUSE = """\
site: sakura-home
mqtt: {{host: 127.0.0.1, port: {port}{login}}}
cameras:
  bath-101:
    source: {source}
    fps: 1
    rules: {{fall: }}
"""


def write_house(folder: Path, port: int, source: str | Path = SAMPLE, login: str = "") -> Path:
    file = folder / "semcam.yaml"
    file.write_text(HOUSE.format(port=port, source=source, login=login))
    return file


def examined(file: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """The findings by their names, and the exit code."""
    done = semcam("doctor", "-c", file, "--state", file.parent / "state", "--json")
    assert done.stderr == ""
    report = json.loads(done.stdout)
    return {each["check"]: each for each in report["checks"]}, done.returncode


# -- a whole machine


def test_a_house_that_is_well(tmp_path: Path, mosquitto: Mosquitto) -> None:
    told = mosquitto.subscribe("semcam/#")
    checks, code = examined(write_house(tmp_path, mosquitto.port))
    assert code == 0
    assert set(checks) >= {"system", "configuration", "models", "confinement", "speed", "memory", "disk", "temperature",
                           "throttling", "clock", "broker", "rights", "camera bath-101"}  # fmt: skip
    assert [name for name, each in checks.items() if each["verdict"] == "fail"] == []
    for name in ("configuration", "models", "confinement", "disk", "broker", "rights", "camera bath-101"):
        assert checks[name]["verdict"] == "ok", checks[name]
    assert all((each["to_do"] is None) == (each["verdict"] == "ok") or each["verdict"] == "unknown"
               for each in checks.values())  # fmt: skip
    assert "the cameras want 1 in all" in checks["speed"]["seen"]
    assert "holds: limits, namespace, seccomp" in checks["confinement"]["seen"]
    told.terminate()
    heard = [line for line in told.communicate()[0].splitlines() if line.startswith("semcam/")]
    # those who listen heard one empty message, under a name that no rule can have
    assert heard == ["semcam/sakura-home/bath-101/alarm/_doctor (null)"]


def test_one_mistake_after_the_other(tmp_path: Path) -> None:
    file = write_house(tmp_path, free_port(), "/dev/video-of-nobody")
    done = semcam("doctor", "-c", file, "--state", tmp_path / "state")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if "broker" in line)
    assert lines[at].startswith("✘ FAIL broker           no MQTT broker answers at 127.0.0.1:")
    assert lines[at + 1] == "       → start one there or correct host and port"
    camera = next(line for line in lines if line.startswith("✘ FAIL camera bath-101"))
    assert "/dev/video-of-nobody: no such device" in camera
    assert lines[-1].startswith("Next (")
    assert "broker: start one there" in lines[-1]


def test_what_is_wrong_in_the_configuration_is_named(tmp_path: Path) -> None:
    file = tmp_path / "semcam.yaml"
    file.write_text("cameras: {bath: {rules: {fall: {confirm_after: soon}}, fps: 99}}\n")
    config, finding = installation.configuration(file)
    assert config is None
    assert finding.verdict is Verdict.FAIL
    assert finding.to_do == f"correct it: semcam check {file}"
    assert "line 1: cameras.bath" in finding.seen
    assert "(and 1 more)" in finding.seen
    assert installation.configuration(None)[1].verdict is Verdict.WARN
    config, finding = installation.configuration(write_house(tmp_path, 1883))
    assert (config is not None, finding.verdict) == (True, Verdict.OK)


def test_an_altered_model_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert installation.models(None).verdict is Verdict.OK
    shutil.copytree(ROOT / "models", tmp_path / "models", ignore=shutil.ignore_patterns("making"))
    with (tmp_path / "models" / "nanodet.onnx").open("ab") as altered:
        altered.write(b"\0")
    monkeypatch.setenv("SEMCAM_MODELS", str(tmp_path / "models"))
    finding = installation.models(None)
    assert finding.seen == "nanodet is not the one in MANIFEST.yaml: its sha256 differs"
    assert (finding.verdict, finding.to_do) == (Verdict.FAIL, "reinstall semcam")
    (tmp_path / "models" / "MANIFEST.yaml").unlink()
    assert "MANIFEST.yaml is missing" in installation.models(None).seen


def test_a_broker_that_refuses_what_the_camera_says(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "acl").write_text("user bath\ntopic read semcam/#\n")
    (tmp_path / "password").write_text("secret\n")
    passwords = tmp_path / "passwords"
    passwords.write_text("bath:secret\n")
    passwords.chmod(0o600)
    subprocess.run([program("mosquitto_passwd"), "-U", str(passwords)], check=True, env=tool_environment())
    lines = (f"password_file {passwords}", f"acl_file {tmp_path / 'acl'}", f"user {getpass.getuser()}")
    process = start_mosquitto(tmp_path, port, *lines)
    try:
        login = f", user: bath, password_file: {tmp_path / 'password'}"
        config = load_config(write_house(tmp_path, port, login=login))
        reached, rights = broker.look_at(config, {})
        assert reached.verdict is Verdict.OK
        assert "as bath" in reached.seen
        assert "(Not authorized)" in rights.seen
        assert (rights.verdict, rights.to_do) == (Verdict.FAIL, "let this user write there in its access rules")
        (tmp_path / "password").write_text("wrong\n")
        (refused,) = broker.look_at(config, {})
        assert "refuses user or password" in refused.seen
        assert refused.to_do == "check mqtt.user and mqtt.password_file"
    finally:
        process.terminate()
        process.wait(5)


def test_what_cameras_say_of_themselves_is_taken_where_they_are_in_use(tmp_path: Path, mosquitto: Mosquitto) -> None:
    config = load_config(write_house(tmp_path, mosquitto.port))
    told = [program("mosquitto_pub"), "-p", str(mosquitto.port), "-r", "-t", "semcam/sakura-home/bath-101/status", "-m"]
    for status, verdict, seen in (
        ('{"state":"online","view":"ok","fps":1.0}', Verdict.OK, "and it sees well"),
        ('{"state":"online","view":"dark","fps":1.0}', Verdict.WARN, "but the view is dark"),
        ('{"state":"online","view":"ok","fps":0.2}', Verdict.WARN, "0.2 pictures a second, of 1"),
        ('{"state":"offline"}', Verdict.UNKNOWN, "which says nothing of it"),
        ("forged", Verdict.UNKNOWN, "which says nothing of it"),
    ):
        subprocess.run([*told, status], check=True, env=tool_environment())
        heard: broker.Statuses = {}
        assert [each.verdict for each in broker.look_at(config, heard)] == [Verdict.OK, Verdict.OK]
        (finding,) = cameras.look_at(config, tmp_path, 1, heard)
        assert (finding.verdict, seen in finding.seen) == (verdict, True), finding
        speed = installation.speed_while_running(config, heard)
        assert (speed.verdict is Verdict.OK) == ('"fps":1.0' in status)


@pytest.mark.parametrize(
    ("rate", "verdict", "seen"),
    [
        (35.0, Verdict.OK, "35.0 pictures a second (cpu) with somebody in view: enough for 3 at 10 a second"),
        (15.0, Verdict.WARN, "enough for 1 at 10 a second; the cameras want 20 in all"),
        (8.0, Verdict.FAIL, "not enough for one at 10"),
        (None, Verdict.FAIL, "fewer than two pictures a second"),
    ],
)
def test_how_many_cameras_a_board_manages(tmp_path: Path, rate: float | None, verdict: Verdict, seen: str) -> None:
    trial = Trial(compute=Compute.CPU, rate=rate)
    finding = installation.speed(load_config(write_house(tmp_path, 1883)), [installation.Measured(20.0, trial)])
    assert (finding.verdict, seen in finding.seen) == (verdict, True), finding


def test_a_kernel_that_enforces_too_little() -> None:
    holds = dict.fromkeys(("limits", "seccomp", "attacks"), LayerState.HOLDS)
    finding = installation.confinement(None, [installation.Measured(10.0, Trial(layers=Layers(**holds)))])
    assert finding.verdict is Verdict.FAIL
    assert "not here: namespace, landlock, memory; privacy: strict starts no camera" in finding.seen
    layers = Layers(**holds, namespace=LayerState.HOLDS)
    finding = installation.confinement(None, [installation.Measured(10.0, Trial(layers=layers))])
    assert finding == good("confinement", "holds: limits, namespace, seccomp, attacks; not here: landlock, memory")


# -- whether semcam runs here already


def test_the_one_who_holds_an_outbox_is_found_and_does_not_notice(tmp_path: Path) -> None:
    file = tmp_path / "bath.sqlite"
    assert running_on([file]) is None
    holder = subprocess.Popen(
        [sys.executable, "-c", f"""
from pathlib import Path
from semcam.contract.delivery import OutboxSettings
from semcam.courier.outbox import Outbox
outbox = Outbox.open(Path({str(tmp_path)!r}), "bath", OutboxSettings())
print("open", flush=True)
input()
outbox.close()
"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    assert running_on([tmp_path / "other.sqlite", file]) == holder.pid
    holder.communicate("\n")
    assert holder.returncode == 0
    assert running_on([file]) is None
    Outbox.open(tmp_path, "bath", OutboxSettings()).close()


# -- boards, by the trees that they have


def plant(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


PI = "sys/devices/platform/soc/soc:firmware/get_throttled"


@pytest.mark.parametrize(
    ("bits", "verdict", "seen"),
    [
        ("0", Verdict.OK, "none since the last start"),
        ("1", Verdict.FAIL, "the voltage is too low now"),
        ("50005", Verdict.FAIL, "the voltage is too low now"),
        ("50000", Verdict.WARN, "the voltage was too low since"),
        ("80008", Verdict.FAIL, "slowed down for heat now"),
        ("e0000", Verdict.WARN, "slowed down for heat since"),
        ("?", Verdict.UNKNOWN, "does not tell"),
    ],
)
def test_a_raspberry_pi_says_whether_it_is_throttled(tmp_path: Path, bits: str, verdict: Verdict, seen: str) -> None:
    finding = board.throttling(plant(tmp_path, {PI: f"{bits}\n"}))
    assert (finding.verdict, seen in finding.seen) == (verdict, True), finding


def test_a_jetson_that_lacked_power_and_one_that_is_slowed_down(tmp_path: Path) -> None:
    fan = {
        "sys/class/thermal/cooling_device0/type": "pwm-fan\n",
        "sys/class/thermal/cooling_device0/cur_state": "2\n",
        "sys/class/thermal/cooling_device1/type": "cpufreq-cpu0\n",
        "sys/class/thermal/cooling_device1/cur_state": "0\n",
    }
    root = plant(tmp_path, {**fan, "sys/class/hwmon/hwmon3/oc1_event_cnt": "0\n"})
    assert board.throttling(root) == good("throttling", "none"), "a fan that turns is no throttling"
    plant(root, {"sys/class/hwmon/hwmon3/oc1_event_cnt": "7\n"})
    assert "7 times since its start for want of power" in board.throttling(root).seen
    plant(root, {"sys/class/thermal/cooling_device1/cur_state": "3\n"})
    finding = board.throttling(root)
    assert (finding.verdict, finding.seen) == (Verdict.FAIL, "slowed down for heat now: cpufreq-cpu0")


def test_heat_memory_and_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    assert board.temperature(tmp_path).verdict is Verdict.UNKNOWN
    assert board.throttling(tmp_path).verdict is Verdict.UNKNOWN
    assert board.memory(tmp_path, None).verdict is Verdict.UNKNOWN
    assert board.system(tmp_path).verdict is Verdict.OK
    zone = "sys/class/thermal/thermal_zone0"
    for celsius, verdict in ((45, Verdict.OK), (76, Verdict.WARN), (86, Verdict.FAIL)):
        root = plant(tmp_path, {f"{zone}/type": "cpu-thermal\n", f"{zone}/temp": f"{celsius}000\n"})
        finding = board.temperature(root)
        assert (finding.verdict, f"{celsius} °C" in finding.seen) == (verdict, True)
    plant(tmp_path, {"proc/meminfo": "MemTotal: 489000 kB\nMemAvailable: 300000 kB\n"})
    assert board.memory(tmp_path, None).verdict is Verdict.FAIL
    plant(tmp_path, {"proc/meminfo": "MemTotal: 1989000 kB\nMemAvailable: 30000 kB\n"})
    assert board.memory(tmp_path, None).to_do == "end other programs on this board"
    plant(tmp_path, {"proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0"})
    assert board.system(tmp_path).seen.startswith("Raspberry Pi 5 Model B Rev 1.0, ")


def test_clock_and_disk(tmp_path: Path) -> None:
    assert board.clock(synced=True).verdict is Verdict.OK
    assert board.clock(synced=False).verdict is Verdict.WARN
    assert board.disk(tmp_path / "not" / "there" / "yet", None).verdict is Verdict.OK
    assert not (tmp_path / "not").exists(), "looking leaves nothing behind"
    assert board.disk(Path("/proc/self"), None).verdict is Verdict.FAIL


# -- camera devices: the answers are laid out as the kernel's manual has them


class Webcam:
    """A driver's side of the three questions."""

    FORMATS = ((b"YUYV", ((640, 480), (1280, 720))), (b"MJPG", ((640, 480), (1920, 1080), (320, 240))))

    def __init__(self, capabilities: int = 0x84A0_0001, own: int = 0x0420_0001) -> None:
        self._capabilities = capabilities, own

    def __call__(self, request: int, content: bytearray) -> None:
        if request == 0x8068_5600:
            assert len(content) == 104
            names = b"uvcvideo", b"USB Cam: \x1b[31mUSB\0junk", b"usb-1.2"
            struct.pack_into("<16s32s32s3I", content, 0, *names, 0x60600, *self._capabilities)
        elif request == 0xC040_5602:
            assert len(content) == 64
            index, kind = struct.unpack_from("<II", content)
            assert kind == 1
            if index >= len(self.FORMATS):
                raise OSError(errno.EINVAL, "no more")
            struct.pack_into("<4s", content, 44, self.FORMATS[index][0])
        elif request == 0xC02C_564A:
            assert len(content) == 44
            index, code = struct.unpack_from("<I4s", content)
            sizes = dict(self.FORMATS)[code]
            if index >= len(sizes):
                raise OSError(errno.EINVAL, "no more")
            struct.pack_into("<3I", content, 8, 1, *sizes[index])
        else:
            raise OSError(errno.ENOTTY, "another question")


def test_a_webcam_tells_its_formats() -> None:
    device = read_device(Webcam())
    assert device.captures
    assert device.card == "USB Cam: ?[31mUSB", "nothing that a terminal would obey"
    assert [(each.name, each.sizes[-1]) for each in device.formats] == [("YUYV", "1280x720"), ("MJPG", "320x240")]
    assert not read_device(Webcam(own=0x04A0_0000)).captures, "the second device of a webcam gives no pictures"


# -- certificates


def make_certificate(folder: Path, days: int) -> Path:
    file = folder / f"{days}.crt"
    new = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=x",
    ]
    named = ["-addext", "subjectAltName=DNS:localhost", "-days", str(days)]
    out = ["-keyout", str(file.with_suffix(".key")), "-out", str(file)]
    subprocess.run([*new, *named, *out], check=True, capture_output=True)
    return file


def test_until_when_certificates_are_valid(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for days in (10, 400, 20_000):  # the last one ends after 2049, which is written in another way
        (end,) = in_file(make_certificate(tmp_path, days))
        assert abs(end - now - timedelta(days=days)) < timedelta(minutes=5)


def test_a_certificate_that_ends_soon_is_told_before_it_silences_the_camera(tmp_path: Path) -> None:
    shown, own, port = make_certificate(tmp_path, 400), make_certificate(tmp_path, 10), free_port()
    lines = (f"cafile {shown}", f"certfile {shown}", f"keyfile {shown.with_suffix('.key')}", "allow_anonymous true")
    process = start_mosquitto(tmp_path, port, *lines, f"user {getpass.getuser()}")
    try:
        tls = Tls(ca=str(shown), certificate=str(own), key=str(own.with_suffix(".key")))
        here = Broker(host="localhost", port=port, tls=tls)
        finding = certificates(here, datetime.now(UTC))
        assert (finding.verdict, finding.seen) == (Verdict.WARN, f"{own} is valid for 9 more days")
        assert certificates(here, datetime.now(UTC) + timedelta(days=11)).verdict is Verdict.FAIL
        without = Broker(host="localhost", port=port, tls=Tls(ca=str(shown)))
        assert certificates(without, datetime.now(UTC)).verdict is Verdict.OK
    finally:
        process.terminate()
        process.wait(5)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.binary(max_size=80))
def test_what_is_no_certificate_is_refused_in_one_way(content: bytes) -> None:
    with pytest.raises(ValueError):
        valid_until(content)


# -- the report


def test_the_one_thing_to_do_next_is_the_worst() -> None:
    findings = [good("a", "well"), warn("b", "not for long", "mend it"), fail("c", "broken", "replace it")]
    report = Report(findings=tuple(findings))
    assert (report.verdict, report.summary()) == (Verdict.FAIL, "Next (2 in all): c: replace it")
    assert Report(findings=tuple(findings[:2])).summary() == "Next: b: mend it"
    assert Report(findings=tuple(findings[:1])).summary() == "All is well."
    assert json.loads(report.to_json())["next"] == "replace it"


def test_no_finding_is_told_by_its_colour_alone() -> None:
    marks = set()
    for verdict in Verdict:
        console = Console(file=io.StringIO(), no_color=True, width=200)
        print_on(console, Finding(check="x", verdict=verdict, seen="seen [bold]as it is[/bold]"))
        assert isinstance(console.file, io.StringIO)
        line = console.file.getvalue()
        assert "seen [bold]as it is[/bold]" in line
        marks.add(line[:6])
    assert len(marks) == len(Verdict)


def test_what_was_explained_already_is_not_explained_again() -> None:
    finding = explained("x", "the door is shut; knock, or ring; open it")
    assert (finding.seen, finding.to_do) == ("the door is shut; knock, or ring", "open it")
