"""The real vision process on a real clip, confined: what it says, what can be seen of it, and how it dies."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from semcam.contract.config import Config, Job, job_for
from semcam.contract.errors import FaultCode, SemcamError
from semcam.contract.event import CAMERA_FAULT, RULE_FAULT, MadeBy
from semcam.contract.load import DEMO, load_config
from semcam.contract.privacy import REQUIRED, Layers, LayerState, PrivacyMode
from semcam.contract.signal import Beat, Fault, Privacy, Ready, RuleFault, RuleFaultCode, RuleSignal, Signal, from_line
from semcam.courier import vision_process
from semcam.courier.clock import WallClock
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.faults import explain, explain_end
from semcam.courier.outbox import Outbox
from semcam.courier.supervisor import Supervisor
from semcam.courier.vision_process import VisionProcess
from semcam.vision.confine import landlock
from semcam.vision.confine.attacks import ATTACKS
from tests.conftest import ROOT, SAMPLE, Mosquitto
from tests.memory_groups import a_memory_group
from tests.ordinary import again
from tests.vision_as import WANTED

IS_ROOT = os.getuid() == 0
CAP_SYS_RESOURCE, CAP_IPC_LOCK = 1 << 24, 1 << 14
HOLDS, ABSENT, FAILED = LayerState.HOLDS, LayerState.ABSENT, LayerState.FAILED

CAMERA = load_config(DEMO).cameras["camera"]
STEADY = {"realtime": True, "loop": True, "fps": 5.0}

A = TypeVar("A")


def a_job(**how: Any) -> Job:
    """The sample clip, strictly, and once a second unless told otherwise."""
    return job_for(CAMERA, str(SAMPLE)).model_copy(update={"privacy": PrivacyMode.STRICT, "fps": 1.0, **how})


@dataclass(frozen=True)
class Done:
    """A vision process that has come to its end."""

    signals: list[Signal]
    words: str
    code: int

    def of(self, kind: type[A]) -> list[A]:
        return [signal for signal in self.signals if isinstance(signal, kind)]

    @property
    def layers(self) -> Layers:
        (privacy,) = self.of(Privacy)
        return privacy.layers

    def without_privacy(self) -> list[Signal]:
        return [signal for signal in self.signals if not isinstance(signal, Privacy)]


def start(job: Job, wanted: dict[str, Any] | None = None, **how: Any) -> "subprocess.Popen[bytes]":
    """A vision process; with something `wanted`, the one that tests can hold by fewer layers."""
    environment = {**os.environ, **vision_process._ENVIRONMENT, "PYTHONPATH": str(ROOT), **how.pop("env", {})}
    if wanted is not None:
        environment[WANTED] = json.dumps(wanted)
    process = subprocess.Popen(
        [sys.executable, "-m", "semcam.vision" if wanted is None else "tests.vision_as"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={name: value for name, value in environment.items() if value is not None},
        **{"cwd": ROOT, "stderr": subprocess.PIPE, **how},
    )
    assert process.stdin
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    process.stdin.close()
    process.stdin = None
    return process


def run(job: Job, wanted: dict[str, Any] | None = None, **how: Any) -> Done:
    """One from start to end."""
    process = start(job, wanted, **how)
    out, words = process.communicate(timeout=120)
    return Done([from_line(line) for line in out.splitlines(keepends=True)], words.decode(), process.returncode)


@contextmanager
def watching(wanted: dict[str, Any] | None = None, **how: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """One that watches a clip over and over, from its first heartbeat on."""
    mode = PrivacyMode.BEST_EFFORT if wanted == {"free": True} else PrivacyMode.STRICT
    job = a_job(privacy=mode, realtime=True, loop=True, fps=5.0)
    process = start(job, wanted, **{"stderr": subprocess.DEVNULL, **how})
    assert process.stdout
    try:
        said = [from_line(line) for line in until_it_beats(process)]
        assert any(isinstance(each, Ready) for each in said), said
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def until_it_beats(process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    assert process.stdout
    for line in process.stdout:
        yield line
        if isinstance(from_line(line), Beat):
            return


@cache
def strict_is_possible() -> bool:
    """Some systems give namespaces to root alone; there, `strict` refuses to start, which is tested as well."""
    return not run(a_job(privacy=PrivacyMode.BEST_EFFORT)).layers.missing()


@pytest.fixture
def strict() -> None:
    if not strict_is_possible():
        pytest.skip("this user gets no network of its own here (see docs/privacy.md)")


def memory_can_be_locked() -> bool:
    hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
    return hard == resource.RLIM_INFINITY or bool(status_of(os.getpid())["CapEff"] & (CAP_SYS_RESOURCE | CAP_IPC_LOCK))


def status_of(pid: int | str) -> dict[str, int]:
    """/proc/PID/status: the numbers in it; of several in a row the first."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        key, _, value = line.partition(":")
        word = (value.split() or ["x"])[0]
        if key.startswith("Cap"):
            found[key] = int(word, 16)
        elif word.isdigit():
            found[key] = int(word)
    return found


def has_landlock() -> bool:
    try:
        return landlock.version() > 0
    except OSError:
        return False


SAME_FOR_ALL = (
    *("same_signals", "looped", "household", "status_says", "within_limits", "silent"),
    *("that_tries", "starts_a_process", "best_effort_starts"),
)
"""Words in the names of tests that need not be run again for an ordinary user."""


# -- it works all the same


RULES = """
site: home
timezone: Asia/Tokyo
cameras:
  bedroom:
    zones: {floor: {shape: [[0, 0.3], [1, 0.3], [1, 1], [0, 1]]}}
    rules:
      fall:
      long_stay: {after: 3s, between: ["09:00", "17:00"]}
      someone: {when: count.person > 0 && time.hour == 9, for: 1s}
"""
"""Hours need a time zone, and an expression needs its library: both are loaded before nothing can be any more."""


def test_a_clip_gives_the_same_signals_confined_or_not(tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(RULES)
    camera = load_config(config).cameras["bedroom"]
    job = job_for(camera, str(SAMPLE), hold_last_s=2.0, start_unix_s=3600.0 * 24, timezone="Asia/Tokyo")
    free, held = run(job, {"free": True}), run(job)
    assert free.layers == Layers()
    assert held.layers != free.layers
    assert held.without_privacy() == free.without_privacy()
    told = {each.rule for each in held.of(RuleSignal)}
    assert told == {"fall", "long_stay", "someone"}
    assert (held.code, held.words) == (0, "")


@pytest.mark.usefixtures("strict")
def test_every_layer_says_that_it_holds() -> None:
    layers = run(a_job(), {}).layers
    assert {name: getattr(layers, name) for name in REQUIRED} == dict.fromkeys(REQUIRED, HOLDS)
    assert layers.landlock is (HOLDS if has_landlock() else ABSENT)
    assert layers.memory is (HOLDS if memory_can_be_locked() else ABSENT)


@pytest.mark.usefixtures("strict")
def test_without_landlock_it_starts_and_says_so() -> None:
    """As on a Raspberry Pi."""
    done = run(a_job(), {"without": ["landlock"]})
    assert done.code == 0
    assert done.layers.landlock is ABSENT
    assert not done.layers.missing()


@pytest.mark.parametrize("layer", ["limits", "namespace", "seccomp"])
def test_strict_does_not_start_without_what_it_insists_on(layer: str) -> None:
    done = run(a_job(), {"without": [layer]})
    assert done.of(Fault) == [Fault(code=FaultCode.CONFINEMENT_FAILED)]
    assert done.of(Ready) == []
    assert layer in done.layers.missing()
    error = str(explain(FaultCode.CONFINEMENT_FAILED, "/dev/video0", done.layers))
    assert error.startswith("/dev/video0: privacy: strict cannot be kept on this machine: ")
    assert error.endswith("or write privacy: best_effort")
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("layer", ["limits", "namespace", "seccomp"])
def test_best_effort_starts_without_it_and_says_so(layer: str) -> None:
    done = run(a_job(privacy=PrivacyMode.BEST_EFFORT), {"without": [layer]})
    assert done.code == 0
    assert layer in done.layers.missing()
    assert getattr(done.layers, layer) is ABSENT
    # without its filters, an attack on itself goes through, whatever else holds
    assert done.layers.attacks is (FAILED if layer == "seccomp" else HOLDS)


@pytest.mark.usefixtures("strict")
def test_a_clip_that_is_looped_can_be_read_again() -> None:
    """Nothing can be opened any more by then."""
    process = start(a_job(loop=True, fps=4.0))
    falls: list[float] = []
    try:
        assert process.stdout
        for line in process.stdout:
            said = from_line(line)
            assert not isinstance(said, Fault)
            if isinstance(said, RuleSignal) and said.stage == "confirmed":
                falls.append(said.t_s)
            if len(falls) == 2:
                break
    finally:
        process.kill()
        process.communicate()
    first, second = falls
    assert second - first == pytest.approx(15.0, abs=0.3)


def test_without_the_word_that_keeps_onnx_runtime_silent_nothing_starts() -> None:
    for value in (None, "0"):
        done = run(a_job(), env={"ORT_DISABLE_TELEMETRY": value})
        assert done.signals == [Fault(code=FaultCode.TELEMETRY_ON)]
        assert done.code != 0


def test_nothing_that_starts_threads_is_loaded_before_the_confinement() -> None:
    program = """
import sys, semcam.vision.start
loaded = {"cv2", "numpy", "onnxruntime", "cel_expr_python"} & sys.modules.keys()
threads = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("Threads"))
assert (loaded, threads) == (set(), "1"), (loaded, threads)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


# -- what a stranger sees


@pytest.mark.usefixtures("strict")
def test_what_anybody_can_see_of_it() -> None:
    with watching() as process:
        status = status_of(process.pid)
        assert status["NoNewPrivs"] == 1
        assert status["CapEff"] & ~CAP_IPC_LOCK == 0
        if memory_can_be_locked():
            assert status["VmLck"] > 0
        threads = [status_of(f"{process.pid}/task/{each.name}") for each in Path(f"/proc/{process.pid}/task").iterdir()]
        assert len(threads) > 3
        assert {thread["Seccomp"] for thread in threads} == {2}
        assert {thread["NoNewPrivs"] for thread in threads} == {1}
        assert {thread["CapEff"] & ~CAP_IPC_LOCK for thread in threads} == {0}
        limits = {
            line[:26].strip(): line[26:].split()[:2]
            for line in Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        }
        assert limits["Max core file size"] == limits["Max file size"] == ["0", "0"]
        assert int(limits["Max open files"][1]) < 16


@pytest.mark.skipif(not IS_ROOT, reason="only root may read what is not its own")
@pytest.mark.usefixtures("strict")
def test_root_reads_a_clip_in_somebody_elses_closed_folder(tmp_path: Path) -> None:
    """Then threads that libraries start keep the right to read; the process itself gives it up."""
    clip = tmp_path / "theirs" / "clip.mp4"
    clip.parent.mkdir()
    shutil.copy(SAMPLE, clip)
    os.chown(clip, 1, 1)
    os.chown(clip.parent, 1, 1)
    clip.chmod(0o600)
    clip.parent.chmod(0o700)
    done = run(a_job(source=str(clip)))
    assert done.code == 0
    assert not done.layers.missing()


@pytest.mark.skipif(not IS_ROOT, reason="only root may look at these")
@pytest.mark.usefixtures("strict")
def test_what_root_can_see_of_it() -> None:
    with watching() as process:
        place = Path("/proc", str(process.pid))
        assert (place / "ns" / "net").readlink() != Path("/proc/self/ns/net").readlink()
        interfaces = [line.split(":")[0].strip() for line in (place / "net" / "dev").read_text().splitlines()[2:]]
        assert interfaces == ["lo"]
        leads_to = {each.name: str(each.readlink()) for each in (place / "fd").iterdir()}
        read_only = {name for name in leads_to if not _flags(place, name) & (os.O_WRONLY | os.O_RDWR)}
        for name, path in leads_to.items():
            assert path.startswith("pipe:") or path == "/dev/null" or name in read_only, (name, path)
        assert str(SAMPLE) in leads_to.values()


def _flags(place: Path, name: str) -> int:
    (line,) = [each for each in (place / "fdinfo" / name).read_text().splitlines() if each.startswith("flags:")]
    return int(line.split()[1], 8)


@pytest.mark.skipif(IS_ROOT, reason="root may read every process")
@pytest.mark.usefixtures("strict")
def test_another_process_of_the_same_user_cannot_read_it() -> None:
    with watching({"free": True}) as process:
        Path(f"/proc/{process.pid}/maps").read_text()  # where nothing holds, it can
        (Path(f"/proc/{process.pid}/mem")).open("rb").close()
    with watching() as process:
        place = Path("/proc", str(process.pid))
        for name in ("mem", "maps", "environ", "auxv"):
            with pytest.raises(PermissionError):
                (place / name).read_bytes()
        with pytest.raises(PermissionError):
            list((place / "fd").iterdir())


# -- attacks

OUTCOMES = {
    "write_a_file": FaultCode.TRIED_FILE,
    "quietly": FaultCode.TRIED_FILE,
    "write_in_a_thread_of_python": FaultCode.TRIED_FILE,
    "remove_a_file_in_a_thread_of_c": FaultCode.TRIED_FILE,
    "call_home": FaultCode.TRIED_NETWORK,
    "read_the_courier": FaultCode.TRIED_PROCESS,
    "filter_nothing": FaultCode.TRIED_KERNEL,
}


@pytest.mark.usefixtures("strict")
def test_in_the_whole_process_every_attack_is_refused_and_told_by_its_name(tmp_path: Path) -> None:
    done = run(a_job(), {"attacked": str(tmp_path)})
    assert done.words.splitlines() == [f"{attack.name} refused" for attack in ATTACKS]
    assert done.layers.attacks is HOLDS
    assert done.code == 0


@pytest.mark.parametrize("trick", OUTCOMES)
@pytest.mark.usefixtures("strict")
def test_a_rule_that_tries_is_stopped_and_both_are_named(trick: str) -> None:
    done = run(a_job(), {"rule": trick})
    assert done.signals[-2:] == [
        RuleFault(rule="fall", code=RuleFaultCode.FORBIDDEN),
        Fault(code=OUTCOMES[trick]),
    ]
    assert done.code > 0
    assert not Path("/tmp/semcam-hostile").exists()


@pytest.mark.parametrize("trick", OUTCOMES)
@pytest.mark.usefixtures("strict")
def test_a_model_that_tries_is_stopped_and_what_it_tried_is_named(trick: str) -> None:
    done = run(a_job(), {"model": trick})
    assert done.signals[-1] == Fault(code=OUTCOMES[trick])
    assert done.of(RuleFault) == []


@pytest.mark.parametrize("trick", ["fork", "run_a_shell", "fork_in_a_thread_of_c"])
@pytest.mark.usefixtures("strict")
def test_who_starts_a_process_is_ended_by_the_kernel(trick: str) -> None:
    done = run(a_job(), {"rule": trick})
    assert done.code == -signal.SIGSYS
    assert str(explain_end(done.code, "clip.mp4")) == str(explain(FaultCode.TRIED_PROGRAM, "clip.mp4"))


@pytest.mark.usefixtures("strict")
def test_a_library_that_only_looks_around_is_refused_and_lives() -> None:
    done = run(a_job(), {"rule": "look_around"})
    assert done.code == 0
    assert done.of(RuleFault) == []


class House:
    """A supervisor with one camera, and what it is told."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.said: list[str] = []

    def deliver(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)

    def live_until(self, done: Callable[[], bool], job: Job, within_s: float = 60) -> Desk:
        config = Config(cameras={"bath": CAMERA})
        made_by = MadeBy(semcam="0", models="sha256:0", config="sha256:0")
        desk = Desk(config, "bath", WallClock(), Outbox.in_memory("bath", "abcdef"), made_by, [self])
        stop, deadline = threading.Event(), time.monotonic() + within_s

        def look() -> None:
            assert time.monotonic() < deadline, self.said
            if done():
                stop.set()

        Supervisor({"bath": job}, {"bath": desk}, self.said.append).run(stop, look)
        return desk

    def kinds(self) -> list[str]:
        return [each.event.kind for each in self.deliveries]


@pytest.mark.usefixtures("strict")
def test_a_household_is_told_of_a_rule_that_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision_process, "MODULE", "tests.vision_as")
    monkeypatch.setenv(WANTED, '{"rule": "call_home"}')
    monkeypatch.chdir(ROOT)
    house = House()
    house.live_until(lambda: bool(house.said), a_job())
    assert {RULE_FAULT, CAMERA_FAULT} <= set(house.kinds())
    assert {each.event.data.rule for each in house.deliveries if each.event.kind == RULE_FAULT} == {"fall"}
    assert "something in the vision process tried to use a network; the kernel refused" in house.said[0]


@pytest.mark.usefixtures("strict")
def test_a_household_is_told_of_a_rule_that_tried_to_start_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision_process, "MODULE", "tests.vision_as")
    monkeypatch.setenv(WANTED, '{"rule": "run_a_shell"}')
    monkeypatch.chdir(ROOT)
    house = House()
    house.live_until(lambda: bool(house.said), a_job())
    assert CAMERA_FAULT in house.kinds()
    assert "tried to start a program; the kernel refused" in house.said[0]


def test_a_service_that_cannot_keep_its_promise_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vision_process, "MODULE", "tests.vision_as")
    monkeypatch.setenv(WANTED, '{"without": ["seccomp"]}')
    monkeypatch.chdir(ROOT)
    with pytest.raises(SemcamError, match="system calls are not filtered"):
        House().live_until(lambda: False, a_job())


@pytest.mark.usefixtures("strict")
def test_the_status_says_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    house = House()
    beats = iter(range(10_000))
    desk = house.live_until(lambda: next(beats) > 40, a_job(realtime=True, loop=True))
    assert desk.status.privacy
    assert desk.status.privacy.mode is PrivacyMode.STRICT
    assert not desk.status.privacy.layers.missing()


@pytest.mark.usefixtures("strict")
def test_the_status_says_it_over_mqtt(mosquitto: Mosquitto, tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(
        f"site: home\nmqtt: {{host: 127.0.0.1, port: {mosquitto.port}}}\n"
        f"cameras: {{bath: {{source: {SAMPLE}, fps: 2, rules: {{fall: }}}}}}\n"
    )
    subscriber = mosquitto.subscribe("semcam/home/bath/status")
    assert subscriber.stdout
    service = subprocess.Popen(
        [sys.executable, "-m", "semcam", "run", "-c", str(config)],
        cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    try:
        texts = (line.partition(" ")[2] for line in subscriber.stdout if line.startswith("semcam/"))
        status = next(told for told in map(json.loads, texts) if "privacy" in told)
    finally:
        service.terminate()
        service.wait(20)
        subscriber.terminate()
        subscriber.wait(5)
        subscriber.stdout.close()
    assert status["state"] == "online"
    assert status["privacy"]["mode"] == "strict"
    assert {status["privacy"]["layers"][name] for name in REQUIRED} == {"holds"}


# -- sudden ends


@dataclass(frozen=True)
class Place:
    """All folders that a process may take for its own."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> "Place":
        for name in ("work", "home", "tmp"):
            (root / name).mkdir()
        return cls(root)

    @property
    def how(self) -> dict[str, Any]:
        folders = {"HOME": str(self.root / "home"), "TMPDIR": str(self.root / "tmp")}
        caches = {"XDG_CACHE_HOME": str(self.root / "home"), "XDG_CONFIG_HOME": str(self.root / "home")}
        return {"cwd": self.root / "work", "env": {**folders, **caches}, "preexec_fn": allow_core_files}

    def left_behind(self) -> list[Path]:
        return [path for path in self.root.rglob("*") if not path.is_dir()]


def allow_core_files() -> None:
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def core_files_are_left_where_a_process_works() -> bool:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    return pattern[:1] not in ("|", "/") and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


ENDS = (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGTERM)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.name)
@pytest.mark.usefixtures("strict")
def test_a_sudden_end_leaves_nothing_behind(tmp_path: Path, end: signal.Signals) -> None:
    place = Place.make(tmp_path)
    shared = set(Path("/dev/shm").iterdir())
    with watching(**place.how) as process:
        process.send_signal(end)
        assert process.wait(20) == -end
    assert place.left_behind() == []
    assert {path for path in set(Path("/dev/shm").iterdir()) - shared if _is_of(path, process.pid)} == set()


def _is_of(path: Path, pid: int) -> bool:
    return str(pid) in path.name or path.name.startswith("sem.")  # a semaphore


@pytest.mark.skipif(not core_files_are_left_where_a_process_works(), reason="core files go elsewhere on this machine")
def test_where_nothing_holds_the_same_end_leaves_a_core_file_with_pictures_in_it(tmp_path: Path) -> None:
    place = Place.make(tmp_path)
    with watching({"free": True}, **place.how) as process:
        process.send_signal(signal.SIGSEGV)
        process.wait(20)
    (core,) = place.left_behind()
    assert core.name.startswith("core")
    assert core.stat().st_size > 10e6


@pytest.mark.usefixtures("strict")
def test_the_kernel_out_of_memory_leaves_nothing_behind(tmp_path: Path) -> None:
    place = Place.make(tmp_path)
    with a_memory_group() as squeeze, watching({"rule": "hunger"}, **place.how) as process:
        squeeze(process.pid, 30_000_000)
        assert process.wait(60) == -signal.SIGKILL
    assert place.left_behind() == []


@pytest.mark.usefixtures("strict")
def test_it_ends_with_its_courier_however_that_ends() -> None:
    program = """
import time
from tests.test_confine import a_job
from semcam.courier.vision_process import VisionProcess
process = VisionProcess(a_job(realtime=True, loop=True), show_stderr=False)
lines = process.lines()
next(lines)
next(lines)
print(process.pid, flush=True)
time.sleep(60)
"""
    courier = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert courier.stdout
    vision = psutil.Process(int(courier.stdout.readline()))
    courier.kill()
    courier.wait()
    courier.stdout.close()
    vision.wait(10)


def test_what_it_says_of_its_errors_is_shown_within_limits(capsys: pytest.CaptureFixture[str]) -> None:
    """And it has no descriptor of the terminal or file that it is shown in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vision_process, "MODULE", "tests.vision_as")
        patch.setenv(WANTED, '{"rule": "chatter"}')
        patch.chdir(ROOT)
        with VisionProcess(a_job(), show_stderr=True) as process:
            for _ in process.lines():
                pass
            assert process.wait() == 0
    lines = capsys.readouterr().err.splitlines()
    assert 0 < len(lines) <= vision_process.MOST_SHOWN_LINES
    assert max(map(len, lines)) <= vision_process.MOST_SHOWN_CHARACTERS
    assert all(line.isascii() and line.isprintable() for line in lines)


@pytest.mark.timeout(900)
def test_all_of_this_holds_for_an_ordinary_user() -> None:
    """But for what is the same whoever the user is."""
    second = again("tests/test_confine.py", "-k", f"not {' and not '.join(SAME_FOR_ALL)}", timeout_s=800)
    assert second.passed, second.printed
    assert second.left_behind == []
