"""What is handed to who installs semcam: the script, the units, the wheel and the source archive."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from semcam.contract.event import Event, EventData
from semcam.contract.manifest import read_manifest
from semcam.courier.delivery import Delivery
from semcam.courier.journal import Journal, is_journal, marked
from tests.conftest import ROOT, SAMPLE, free_port, start_mosquitto

DEPLOY = ROOT / "deploy"
INSTALL = DEPLOY / "install.sh"
MOST_EXPOSED = 20
"""In tenths, as systemd-analyze takes it."""


def run_script(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(INSTALL), *map(str, arguments)], capture_output=True, text=True, check=False, cwd="/", timeout=60
    )


@pytest.fixture
def debian() -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-query")):
        pytest.skip("this is no Debian: the script says so, and nothing else")


# -- the script


@pytest.mark.usefixtures("debian")
def test_a_dry_run_says_everything_and_touches_nothing(tmp_path: Path) -> None:
    config = tmp_path / "my.yaml"
    config.write_text("cameras: {gate: {rules: {bear: }}}\n")
    before = [(each.name, each.stat().st_mtime_ns) for each in DEPLOY.iterdir()]
    done = run_script("--dry-run", "--mosquitto", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "nothing was touched"
    for wanted in (
        "Mosquitto: for programs on this machine only; deploy/mosquitto/README.md says how to open it to others",
        "program: of-this-tree into /opt/semcam/of-this-tree",
        f"configuration: /etc/semcam/semcam.yaml, from {config}",
        "    would write: /etc/systemd/system/semcam.service",
        "    would run: systemctl enable semcam",
    ):
        assert wanted in lines
    assert not Path("/opt/semcam").exists()
    assert before == [(each.name, each.stat().st_mtime_ns) for each in DEPLOY.iterdir()]


@pytest.mark.usefixtures("debian")
def test_a_dry_uninstall_names_all_that_goes() -> None:
    done = run_script("--uninstall", "--dry-run")
    assert done.returncode == 0
    for place in ("/etc/semcam /var/lib/semcam", "/opt/semcam", "/usr/local/bin/semcam", "semcam.service"):
        assert place in done.stdout
    kept = run_script("--uninstall", "--keep-data", "--dry-run")
    assert "kept: /etc/semcam and /var/lib/semcam" in kept.stdout
    assert "rm -rf /etc/semcam" not in kept.stdout


def test_mistakes_are_told_in_one_sentence() -> None:
    for arguments, said in (
        (["--mosqitto"], "'--mosqitto' is unknown; run: "),
        (["--wheel"], "--wheel wants a value; run: "),
        (["--config", "/no/such.yaml"], "/no/such.yaml: no such file or folder"),
    ):
        done = run_script(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(said)
        assert done.stderr.count("\n") == 1
    assert "--uninstall" in run_script("--help").stdout


def test_scripts_are_clean() -> None:
    scripts = [INSTALL, DEPLOY / "try-in-debian-root", DEPLOY / "mosquitto" / "keys"]
    for script in scripts:
        assert os.access(script, os.X_OK)
        subprocess.run(["bash", "-n", str(script)], check=True)
    if checker := shutil.which("shellcheck"):
        done = subprocess.run([checker, *map(str, scripts)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


# -- the units


def directives(file: Path) -> dict[str, str]:
    lines = (line.partition("=") for line in file.read_text().splitlines() if "=" in line and line[0] != "#")
    return {key: value for key, _, value in lines}


def test_the_service_has_what_vision_needs_to_shut_itself_in() -> None:
    unit = directives(DEPLOY / "semcam.service")
    assert unit["RestrictNamespaces"] == "user net"
    assert unit["LimitMEMLOCK"] == "infinity"
    # the last of several lines: calls that are allowed by name
    assert {"capset", "seccomp", "landlock_restrict_self", "adjtimex"} <= set(unit["SystemCallFilter"].split())
    assert (unit["Type"], unit["User"], unit["KillMode"]) == ("notify", "semcam", "mixed")
    # a process that is told nothing else finds them by these
    assert unit["StateDirectory"] == "semcam"
    assert "ProcSubset" not in unit, "the boot id and the number of cores stand in /proc"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze, which rates units, is not here")
def test_the_units_are_held_tightly(tmp_path: Path) -> None:
    # a drop-in goes after what Debian's own unit says of the same section
    broker = tmp_path / "mosquitto.service"
    start = "ExecStart=/usr/sbin/mosquitto -c /etc/mosquitto/mosquitto.conf"
    broker.write_text(f"[Service]\nType=notify\n{start}\n{(DEPLOY / 'mosquitto' / 'hardened.conf').read_text()}")
    for unit in (DEPLOY / "semcam.service", broker):
        rating = [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={MOST_EXPOSED}",
            "--no-pager",
            str(unit),
        ]
        done = subprocess.run(rating, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-400:] + done.stderr


# -- brokers and containers


def test_mosquitto_takes_the_settings_of_the_installed_broker(tmp_path: Path) -> None:
    lines = (DEPLOY / "mosquitto" / "local.conf").read_text().replace("listener 1883 127.0.0.1", "").splitlines()
    process = start_mosquitto(tmp_path, free_port(), *lines)
    process.terminate()
    process.wait(5)
    # the one in a container differs in who can reach it, where it writes, and that it speaks to the engine
    own = {line for line in lines if line and line[0] != "#"}
    assert own <= set((DEPLOY / "mosquitto" / "container.conf").read_text().splitlines())


def test_compose_names_files_that_are_there() -> None:
    compose = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text())
    semcam, mosquitto = compose["services"]["semcam"], compose["services"]["mosquitto"]
    assert (DEPLOY / semcam["build"]["context"] / semcam["build"]["dockerfile"]).is_file()
    assert (DEPLOY / mosquitto["volumes"][0].split(":")[0]).is_file()
    assert mosquitto["ports"] == ["127.0.0.1:1883:1883"], "nobody outside this machine reaches an open broker"
    for line in (DEPLOY / "Containerfile").read_text().splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--"):
            assert all((ROOT / word).exists() for word in words[1:-1]), line


# -- what is released


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source archive, as pip and hatchling make them."""
    folder = tmp_path_factory.mktemp("dist")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(ROOT)], check=True)
    code = f"import hatchling.build as b; print(b.build_sdist({str(folder)!r}))"
    tools = folder / "tools"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(tools)]
    subprocess.run([*install, "hatchling>=1.26"], check=True)
    environment = {**os.environ, "PYTHONPATH": str(tools)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True)
    (wheel,), (archive,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, archive


def test_the_wheel_has_everything_and_works_outside_the_checkout(released: tuple[Path, Path], tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    with zipfile.ZipFile(released[0]) as wheel:
        wheel.extractall(inside)
    for entry in read_manifest(ROOT / "models").values():
        assert (inside / "semcam" / "models" / entry.file).read_bytes() == (ROOT / "models" / entry.file).read_bytes()
    for folder in ("rules/scenes", "workbench/page"):
        names = {each.name for each in (ROOT / "semcam" / folder).iterdir() if each.is_file()}
        assert names == {each.name for each in (inside / "semcam" / folder).iterdir() if each.is_file()}
    clip = inside / "semcam" / "sample_videos" / SAMPLE.name
    environment = {**os.environ, "PYTHONPATH": str(inside)}
    command = [sys.executable, "-P", "-c", "import semcam.cli, sys; sys.exit(semcam.cli.main())", "replay", clip.name]
    done = subprocess.run(
        command, cwd=clip.parent, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "CONFIRMED  Someone has fallen." in done.stdout
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import semcam.workbench.sample as s; print(s.sample_clip())"],
        cwd="/", env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()) == clip


def test_the_source_archive_can_be_installed_from(released: tuple[Path, Path]) -> None:
    with tarfile.open(released[1]) as archive:
        names = {name.partition("/")[2]: archive.getmember(name) for name in archive.getnames()}
    assert names["deploy/install.sh"].mode & 0o100, "it can be run as it is"
    wanted = [file.relative_to(ROOT) for file in DEPLOY.rglob("*") if file.is_file() and "made" not in file.parts]
    wanted += [Path("models") / entry.file for entry in read_manifest(ROOT / "models").values()]
    wanted += [Path("sample_videos/bedroom_fall.mp4"), Path("docs/install.md"), Path("pyproject.toml")]
    assert [str(file) for file in wanted if str(file) not in names] == []


# -- the log under systemd


def event(stage: str, severity: str) -> Event:
    data = EventData.model_validate_json(
        f"""{{"schema": 1, "alarm": "k3v9qa-000001", "stage": "{stage}", "severity": "{severity}", "rule": "night-fall",
             "who": "tanaka", "place": "Ms Tanaka's room", "message": "Ms Tanaka has fallen.", "by": "Nurse Sato",
             "messages": {{"en": "Ms Tanaka has fallen."}}, "seq": 2,
             "clock": {{"synced": true, "boot": "9f2c", "mono_s": 1.0}},
             "made_by": {{"semcam": "0.1.0", "models": "sha256:0", "config": "sha256:0"}}}}"""
    )
    return Event(
        id="k3v9qa-000002",
        source="semcam/sakura-home/bath-101",
        type="semcam.fall",
        time="2026-11-21T16:00:00.123Z",
        subject="tanaka",
        data=data,
    )


@pytest.mark.parametrize(
    ("stage", "severity", "level"),
    [
        ("confirmed", "critical", 4),
        ("confirmed", "warning", 5),
        ("suspected", "critical", 6),
        ("cleared", "critical", 6),
    ],
)
def test_the_journal_learns_what_happened_and_no_name(stage: str, severity: str, level: int) -> None:
    lines: list[str] = []
    Journal(lines.append).deliver(Delivery(event(stage, severity), None))
    assert lines == [f"<{level}>camera bath-101: fall (night-fall) {stage}, k3v9qa-000002"]


def test_a_journal_is_known_by_the_descriptor_that_leads_to_it() -> None:
    code = "import os; from semcam.courier.journal import is_journal; print(is_journal(os.environ))"
    for stream in ("right", "wrong"):
        with subprocess.Popen(
            [sys.executable, "-c", f"import os, sys; s = os.fstat(2); os.environ['JOURNAL_STREAM'] = "
             f"f'{{s.st_dev}}:{{s.st_ino}}' if {stream!r} == 'right' else '1:2'; {code}"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.communicate()[0].strip() == str(stream == "right")
    assert not is_journal({})
    assert marked("two\nlines", 3) == "<3>two\n<3>lines"
