"""A camera's way to a nurse under attack: a real courier and a real Mosquitto, killed again and again.

One thread plays the vision process and says signals at a steady rate, one is the nurse's tablet (semcam.client) and is
away for a while, and the main one kills: the broker, the courier, the disk. At the end each event that the courier has
taken in must be there, once and in order.
"""

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from semcam.client.subscriber import Position, Subscriber, Told
from semcam.contract.broker import Broker
from semcam.contract.delivery import OutboxSettings
from semcam.contract.event import Event
from semcam.contract.labels import PERSON
from semcam.contract.signal import Beat, Reason, RuleSignal, Stage, to_line
from semcam.courier.mqtt import Received
from semcam.courier.outbox import Outbox
from tests.chatty_courier import CAMERA, SITE
from tests.conftest import ROOT, free_port, start_mosquitto
from tests.listening import listening

PEOPLE = 5
"""So many fall at the same time, each under a number of their own."""
AHEAD = 40
"""Signals go on for so many events after one at which something is to be killed, and then wait until it is."""
MISSED_WITHIN = 400
"""Events until a full disk must have been missed; fewer than the reserve has room for."""
SETTLES_WITHIN_S = 90.0


@dataclass(frozen=True)
class Plan:
    """How hard it is made."""

    events: int
    per_second: float
    broker_kills: int
    courier_kills: int
    disk: Literal["sound", "full", "broken"] = "sound"
    """`full`: a small file system is filled and freed, where one can be mounted; otherwise as `broken`: the kernel
    refuses to write, then no longer."""
    set_back: bool = False
    """Whether the courier's clock is set back an hour in each of its lives."""
    remembers: bool = True
    """Whether the broker has on its disk what it had when it was killed."""
    seed: int = 5


@dataclass
class Outcome:
    """What came of it."""

    plan: Plan
    events: int = 0
    broker_kills: int = 0
    courier_kills: int = 0
    disk: str = "sound"
    """How it failed, really."""
    disk_failures: int = 0
    disk_felt: int = 0
    """How often the courier said that it could not write."""
    lives_away: int = 0
    """How often the subscriber was away."""
    epochs: int = 0
    lost: list[str] = field(default_factory=list)
    lost_in_memory: list[str] = field(default_factory=list)
    """Taken in while the disk did not work, and gone with the killed courier: as it had said they would."""
    came_twice: int = 0
    """Copies that came, and were removed by their number."""
    told_twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    after_its_end: list[str] = field(default_factory=list)
    given_up: int = 0
    historical: int = 0
    stages: Counter[str] = field(default_factory=Counter)
    wrong_state: bool = False
    seconds: float = 0.0
    news: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        broken = (self.lost, self.told_twice, self.out_of_order, self.after_its_end, self.given_up, self.wrong_state)
        has_been_attacked = self.plan.disk == "sound" or self.disk_felt > 0
        return has_been_attacked and not any(broken)

    def __str__(self) -> str:
        how = {"sound": "", "full": "filled and freed", "broken": "refused to be written"}[self.disk]
        failures = f", disk {how} {self.disk_failures} × (noticed {self.disk_felt} ×)" if how else ""
        set_back = ", clock set back an hour" if self.plan.set_back else ""
        return (
            f"{self.events} events in {self.seconds:.0f} s, broker killed {self.broker_kills} ×, courier "
            f"{self.courier_kills} ×{failures}{set_back}, subscriber away {self.lives_away} ×: {len(self.lost)} lost, "
            f"{self.came_twice} copies removed, {len(self.told_twice)} told twice, {len(self.out_of_order)} out of "
            f"order, {len(self.after_its_end)} after the end of their alarm; {self.historical} came late, on demand; "
            f"{self.epochs} epochs, {len(self.lost_in_memory)} lost with a killed courier while its disk did not work"
        )


class Tablet:
    """A nurse's tablet: follows the camera, remembers where it was, and is away now and then."""

    def __init__(self, broker: Broker) -> None:
        self.events: list[Event] = []
        self.copies = 0
        self.given_up = 0
        self.has_seen_the_camera = threading.Event()
        self.failure: Exception | None = None
        self._broker = broker
        self._positions: dict[str, Position] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def come(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._listen, name="tablet")
        self._thread.start()

    def go_away(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    @property
    def ids(self) -> list[str]:
        return [event.id for event in list(self.events)]

    def _listen(self) -> None:
        try:
            while not self._stop.is_set():
                with suppress(ConnectionError), _Counting(self._broker, SITE, CAMERA, self._positions) as subscriber:
                    while not self._stop.is_set():
                        for told in subscriber.news(0.05):
                            self._hear(told)
                        self._positions = subscriber.positions
                        if self._positions:
                            self.has_seen_the_camera.set()
                    self.copies += subscriber.came
        except Exception as error:  # a thread must not fail in silence
            self.failure = error

    def _hear(self, told: Told) -> None:
        self.given_up += told.kind == "missing"
        if told.kind == "event" and told.event:
            self.events.append(told.event)


class _Counting(Subscriber):
    """Knows how many events came, copies included."""

    came = 0

    def _receive(self, note: Received, now_s: float) -> list[Told]:
        self.came += "/event/" in note.topic
        return super()._receive(note, now_s)


class CourierProcess:
    """A chatty courier that can be killed and started again; collects which events it has taken in."""

    def __init__(self, broker: Path, folder: Path) -> None:
        self.taken: dict[str, bool] = {}
        """By id: whether it was on the disk when that was said."""
        self.news: list[str] = []
        self._command = [sys.executable, "-m", "tests.chatty_courier", str(broker), str(folder)]
        self.process: subprocess.Popen[bytes] | None = None
        self._is_ready = threading.Event()
        self._readers: list[threading.Thread] = []

    @property
    def complaints(self) -> int:
        """How often it has said that it could not write."""
        return sum("cannot be written" in sentence for sentence in list(self.news))

    @property
    def is_ready(self) -> bool:
        """Whether it has said that it listens."""
        return self._is_ready.is_set()

    @property
    def is_on_the_disk(self) -> bool:
        """Whether the last event that it took in is, or there was none."""
        return not self.taken or list(self.taken.values())[-1]

    def start(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT)
        self._readers = [threading.Thread(target=read, args=(self.process,)) for read in (self._read, self._read_news)]
        for reader in self._readers:
            reader.start()

    def say(self, line: bytes) -> bool:
        """One line through the pipe; whether anybody is there."""
        process = self.process
        if process is None or process.stdin is None or not self._is_ready.is_set():
            return False
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def signal(self, number: int) -> None:
        if self.process:
            self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        if self.process:
            self.process.kill()
            self._clean_up()

    def finish(self) -> int:
        """No more signals: it sends what is left and ends."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(30)
        self._clean_up()
        return code

    def _clean_up(self) -> None:
        assert self.process is not None
        self._is_ready.clear()
        self.process.wait(10)
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(OSError):
                if stream:
                    stream.close()
        self.process = None

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if line == b"ready\n":
                self._is_ready.set()
            elif line.endswith(b"\n"):  # what it said half of, it has not said
                id, place = line.decode().split()
                self.taken[id] = place == "disk"

    def _read_news(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.news.append(line.decode().rstrip())


def seconds_to_arrive(folder: Path, number: int, per_second: float) -> list[float]:
    """How long it takes from a signal's line in the pipe to its event with a subscriber, in seconds; sorted."""
    port = free_port()
    broker = Broker(host="127.0.0.1", port=port)
    address = folder / "broker.json"
    address.write_text(broker.model_dump_json())
    said: list[float] = []
    heard: list[float] = []
    with ExitStack() as stack:
        process = start_mosquitto(folder, port)
        stack.callback(process.wait, 5)
        stack.callback(process.kill)
        courier = CourierProcess(address, folder / "outbox")
        stack.callback(courier.kill)
        courier.start()
        subscriber = stack.enter_context(Subscriber(broker))
        until_s = time.monotonic() + 60
        while not (subscriber.positions and courier.is_ready):
            assert time.monotonic() < until_s, "the courier did not come"
            subscriber.news(0.1)

        def speak() -> None:
            due_s = time.monotonic()
            for track in range(1, number + 1):
                entered = RuleSignal(rule="entered", stage=Stage.CONFIRMED, t_s=0.0, track=track, label=PERSON)
                time.sleep(max(0.0, due_s - time.monotonic()))
                said.append(time.monotonic())
                assert courier.say(to_line(entered))
                due_s += 1 / per_second

        vision = threading.Thread(target=speak)
        vision.start()
        stack.callback(vision.join)
        while len(heard) < number and time.monotonic() < until_s + number / per_second:
            events = [told for told in subscriber.news(0.5) if told.kind == "event"]
            heard += [time.monotonic()] * len(events)
    assert len(heard) == number, f"{len(heard)} of {number} came"
    # each signal makes one event, and they come in order
    return sorted(came_s - said_s for said_s, came_s in zip(said, heard, strict=True))


def signals(chance: random.Random) -> Iterator[RuleSignal]:
    """Falls without end: of several people at a time, each suspected, confirmed and over, in their turn."""
    falls = [list(_fall(track)) for track in range(1, PEOPLE + 1)]
    for track in itertools.count(PEOPLE + 1):
        while all(falls):
            yield chance.choice(falls).pop(0)
        falls = [fall for fall in falls if fall] + [list(_fall(track))]


def _fall(track: int) -> Iterator[RuleSignal]:
    for stage in (Stage.SUSPECTED, Stage.CONFIRMED, Stage.CLEARED):
        why = {Reason.TORSO_DEG: 84.0, Reason.DOWN_S: 5.0}
        yield RuleSignal(rule="fall", stage=stage, t_s=float(track), track=track, label=PERSON, why=why)


class Vision:
    """Says signals to whichever courier is there, at a steady rate, until it has taken in enough for now."""

    def __init__(self, courier: CourierProcess, plan: Plan, chance: random.Random) -> None:
        self.enough = 0
        """So many events."""
        self._courier = courier
        self._plan = plan
        self._signals = signals(chance)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._speak, name="vision")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _speak(self) -> None:
        due_s, beat_s, frames = time.monotonic(), 0.0, 0
        while not self._stop.is_set():
            now_s = time.monotonic()
            if now_s - beat_s >= 1.0:
                beat_s, frames = now_s, frames + 10
                self._courier.say(to_line(Beat(t_s=now_s, frames=frames)))
            heard = len(self._courier.taken) < self.enough and self._courier.say(to_line(next(self._signals)))
            due_s = max(due_s + 1 / self._plan.per_second, now_s - 0.1) if heard else now_s + 0.02
            self._stop.wait(max(0.0, due_s - time.monotonic()))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """A file system of its own, which can be filled; tells whether there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Disk:
    """What the courier writes to, and how it fails."""

    def __init__(self, folder: Path, courier: CourierProcess, how: str) -> None:
        self._folder = folder
        self._courier = courier
        self._how = how
        self.fails = False
        self.complaints = 0
        """Of the courier, before it failed."""

    def fail(self) -> None:
        self.fails, self.complaints = True, self._courier.complaints
        if self._how == "broken":
            self._courier.signal(signal.SIGUSR2)
            return
        with (self._folder / "filler").open("ab") as filler:
            room = os.statvfs(self._folder)
            for size in (room.f_bavail * room.f_frsize, 4096):
                with suppress(OSError):
                    while True:
                        filler.seek(0, os.SEEK_END)
                        os.posix_fallocate(filler.fileno(), filler.tell(), size)

    def mend(self) -> None:
        self.fails = False
        if self._how == "broken":
            self._courier.signal(signal.SIGHUP)
        else:
            (self._folder / "filler").unlink(missing_ok=True)


class Ordeal:
    """One run of a plan."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._chance = random.Random(plan.seed)
        self._port = free_port()
        self._broker = Broker(host="127.0.0.1", port=self._port)
        self.outcome = Outcome(plan)

    def run(self) -> Outcome:
        """Suffer it, and look at what is left."""
        began_s = time.monotonic()
        state = self._folder / "state"
        with ExitStack() as stack:
            self.outcome.disk = self._plan.disk
            if self._plan.disk == "full" and not stack.enter_context(small_disk(state, 12)):
                self.outcome.disk = "broken"
            address = self._folder / "broker.json"
            address.write_text(self._broker.model_dump_json())
            courier = CourierProcess(address, state / "outbox")
            stack.callback(courier.kill)
            self._start_broker()
            stack.callback(self._kill_broker)
            courier.start()
            tablet = Tablet(self._broker)
            tablet.come()
            stack.callback(tablet.go_away)
            wait_for(tablet.has_seen_the_camera.is_set, 60, "the courier did not come")
            vision = Vision(courier, self._plan, self._chance)
            vision.start()
            stack.callback(vision.stop)
            self._suffer(courier, tablet, vision, Disk(state, courier, self.outcome.disk))
            vision.stop()
            self._settle(courier, tablet)
            self._judge(courier, tablet, state / "outbox")
        self.outcome.seconds = time.monotonic() - began_s
        return self.outcome

    # -- attacks

    def _suffer(self, courier: CourierProcess, tablet: Tablet, vision: Vision, disk: Disk) -> None:
        """Each attack at a moment of its own, spread over the events."""
        due: list[tuple[float, Callable[[], None]]] = []

        def spread(times: int, attack: Callable[[], None], first: float = 0.02, last: float = 0.97) -> None:
            step = (last - first) / max(times, 1)
            due.extend((first + step * (number + self._chance.random()), attack) for number in range(times))

        spread(self._plan.broker_kills, self._renew_broker)
        spread(self._plan.courier_kills, lambda: self._renew_courier(courier, vision, disk))
        away = self._chance.uniform(0.2, 0.4)
        due += [(away, tablet.go_away), (away + 0.2, tablet.come)]
        self.outcome.lives_away = 1
        if self._plan.disk != "sound":
            self.outcome.disk_failures = 2
            mend = partial(self._mend, courier, vision, disk)
            due += [(0.08, disk.fail), (0.18, mend), (0.68, disk.fail), (0.82, mend)]
        for share, attack in sorted(due, key=lambda each: each[0]):
            enough = int(share * self._plan.events)
            vision.enough = enough + AHEAD
            wait_for(lambda enough=enough: len(courier.taken) >= enough, 120, "the courier takes in nothing")  # type: ignore[misc]
            self._perhaps_wait_for_news(tablet)
            attack()
        vision.enough = self._plan.events
        wait_for(lambda: len(courier.taken) >= self._plan.events, 120, "the courier takes in nothing")

    def _mend(self, courier: CourierProcess, vision: Vision, disk: Disk) -> None:
        """Not before it was missed: a full disk is, once the database needs another block."""
        known, at_most = len(courier.taken), len(courier.taken) + MISSED_WITHIN

        def is_missed() -> bool:
            vision.enough = len(courier.taken) + AHEAD
            return not disk.fails or courier.complaints > disk.complaints or len(courier.taken) > at_most

        wait_for(is_missed, 60, "the disk is not missed")
        vision.enough = known + AHEAD
        disk.mend()

    def _perhaps_wait_for_news(self, tablet: Tablet) -> None:
        """Some attacks hit in the middle of a sentence, others once the line works again."""
        until_s, heard = time.monotonic() + self._chance.choice([0.0, 0.0, 0.5, 3.0]), len(tablet.events)
        while len(tablet.events) == heard and time.monotonic() < until_s:
            time.sleep(0.05)

    def _start_broker(self) -> None:
        rules = ["allow_anonymous true", "max_queued_messages 5000"]
        if self._plan.remembers:
            rules += ["persistence true", f"persistence_location {self._folder}/", "autosave_on_changes true"]
            rules += ["autosave_interval 1", *(["user root"] if os.geteuid() == 0 else [])]
        self._process = start_mosquitto(self._folder, self._port, *rules)

    def _kill_broker(self) -> None:
        self._process.kill()
        self._process.wait(5)

    def _renew_broker(self) -> None:
        self._kill_broker()
        self.outcome.broker_kills += 1
        time.sleep(self._chance.uniform(0.0, 0.3))
        self._start_broker()

    def _renew_courier(self, courier: CourierProcess, vision: Vision, disk: Disk) -> None:
        # what is in memory would be lost with it, as it says
        if disk.fails and (self.outcome.disk == "broken" or not courier.is_on_the_disk):
            disk.mend()

        def is_on_the_disk() -> bool:
            if not courier.is_on_the_disk:
                vision.enough = len(courier.taken) + 1  # each event says where it went
            return courier.is_on_the_disk

        wait_for(is_on_the_disk, 30, "the disk is not used again")
        courier.kill()
        self.outcome.courier_kills += 1
        time.sleep(self._chance.uniform(0.0, 0.1))
        known = len(courier.taken)
        vision.enough = known + AHEAD
        courier.start()
        wait_for(lambda: len(courier.taken) > known, 60, "the courier does not come back")
        if self._plan.set_back:
            courier.signal(signal.SIGUSR1)

    # -- afterwards

    def _settle(self, courier: CourierProcess, tablet: Tablet) -> None:
        """Time to ask for what is missing."""
        wanted = len(courier.taken)
        until_s = time.monotonic() + SETTLES_WITHIN_S
        heard_s, heard = time.monotonic(), 0
        while time.monotonic() < until_s and (len(tablet.events) < wanted or time.monotonic() < heard_s + 3.0):
            if len(tablet.events) != heard:
                heard_s, heard = time.monotonic(), len(tablet.events)
            wanted = len(courier.taken)
            time.sleep(0.1)
        with listening(self._port, f"semcam/{SITE}/{CAMERA}/alarm/fall") as anybody:
            retained = anybody.wait_for(lambda message: message.retained, 10).json["state"]
        self.outcome.wrong_state = retained != ("ON" if _burning(tablet.events) else "OFF")

    def _judge(self, courier: CourierProcess, tablet: Tablet, folder: Path) -> None:
        result = self.outcome
        assert courier.finish() == 0, courier.news[-5:]
        tablet.go_away()
        if tablet.failure:
            raise tablet.failure
        outbox = Outbox.open(folder, CAMERA, OutboxSettings())
        heads = (*outbox.before, outbox.head)
        kept = [row.id for head in heads for row in outbox.range(head.first, head.last, head.epoch, most=1_000_000)]
        outbox.close()
        heard = tablet.ids
        result.epochs = len({id.partition("-")[0] for id in [*kept, *courier.taken]})
        # what is in the outbox was taken in, whether the courier lived to say so or not
        result.events = len({*kept, *courier.taken})
        missing = {*kept, *courier.taken} - set(heard)
        result.lost_in_memory = sorted(id for id in missing if not courier.taken.get(id, True))
        result.lost = sorted(missing - set(result.lost_in_memory))
        result.came_twice = tablet.copies - len(heard)
        result.told_twice = [id for id, times in Counter(heard).items() if times > 1]
        result.out_of_order = _out_of_order(heard)
        result.after_its_end = _after_its_end(tablet.events)
        result.given_up = tablet.given_up
        result.historical = sum(event.data.historical for event in tablet.events)
        result.stages = Counter(event.data.stage.value for event in tablet.events)
        result.news = courier.news
        result.disk_felt = courier.complaints


def _out_of_order(ids: list[str]) -> list[str]:
    last: dict[str, int] = {}
    wrong = []
    for id in ids:
        epoch, _, seq = id.rpartition("-")
        if int(seq) <= last.get(epoch, 0):
            wrong.append(id)
        last[epoch] = int(seq)
    return wrong


def _after_its_end(events: list[Event]) -> list[str]:
    ended: set[str] = set()
    wrong = []
    for event in events:
        if event.data.alarm in ended:
            wrong.append(event.id)
        if event.data.stage == "cleared":
            ended.add(event.data.alarm)
    return wrong


def _burning(events: list[Event]) -> set[str]:
    """The alarms that were told as confirmed and are not over."""
    burning: set[str] = set()
    for event in events:
        if event.data.stage == "confirmed":
            burning.add(event.data.alarm)
        if event.data.stage == "cleared":
            burning.discard(event.data.alarm)
    return burning


def wait_for(what: Callable[[], bool], within_s: float, otherwise: str) -> None:
    until_s = time.monotonic() + within_s
    while not what():
        if time.monotonic() > until_s:
            raise TimeoutError(f"{otherwise} within {within_s:.0f} s")
        time.sleep(0.01)
