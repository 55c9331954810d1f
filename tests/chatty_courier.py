"""A small courier: the real desk, outbox and connection of one camera, fed with signals from a pipe, without a camera.

    python -m tests.chatty_courier BROKER.json FOLDER < signals

takes one signal a line, in the one spelling of the wall, and prints a line for each event that it has taken in: its id,
and whether it is on the disk. SIGUSR1 sets its clock back by an hour; SIGUSR2 breaks its disk, and SIGHUP mends it.
"""

import queue
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from semcam.contract.broker import Broker
from semcam.contract.config import Camera, Config, Subject
from semcam.contract.delivery import AlarmSettings
from semcam.contract.event import MadeBy
from semcam.contract.rule_base import Severity
from semcam.contract.rules import EnteredRule, FallRule, Rule
from semcam.contract.signal import Beat, RuleSignal, from_line
from semcam.courier.clock import Clocks, WallClock
from semcam.courier.connection import Connection
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.homeassistant import Announcement
from semcam.courier.moment import Moment
from semcam.courier.outbox import Outbox
from semcam.courier.post import Post

SITE, CAMERA = "sakura-home", "bath-101"
TEND_EVERY_S = 0.02


def house(broker: Broker, alarms: AlarmSettings) -> Config:
    """A bathroom that belongs to Ms Tanaka. Its rules know no cool-down."""
    rules: dict[str, Rule] = {"fall": FallRule(id="fall"), "entered": EnteredRule(id="entered", severity=Severity.INFO)}
    return Config(
        site=SITE,
        mqtt=broker,
        alarms=alarms,
        subjects={"tanaka": Subject(name={"ja": "田中さん", "en": "Ms Tanaka"})},
        cameras={CAMERA: Camera(place="bathroom", belongs_to="tanaka", rules=rules)},
    )


class SetClock(WallClock):
    """The clock of this board, after somebody has set it."""

    offset_s = 0.0

    def moment(self, t_s: float = 0.0) -> Moment:
        now = super().moment(t_s)
        return Moment(now.unix_s + self.offset_s, now.synced, now.boot, now.mono_s)


class Courier:
    """Everything between the wall and the broker, for one camera. Not for several threads."""

    def __init__(
        self,
        broker: Broker,
        folder: Path | None = None,
        alarms: AlarmSettings | None = None,
        clock: Clocks | None = None,
    ) -> None:
        """Without a `folder`, what is told is kept in memory. By default nothing is held back as coming too often."""
        self.config = house(broker, alarms or AlarmSettings(often=0))
        self.clock = clock or SetClock()
        if folder:
            self.outbox = Outbox.open(folder, CAMERA, self.config.outbox)
        else:
            self.outbox = Outbox.in_memory(CAMERA, "abcdef")
        made_by = MadeBy(semcam="0", models="sha256:0", config=self.config.digest())
        self.desk = Desk(self.config, CAMERA, self.clock, self.outbox, made_by, [self])
        announcement = Announcement(self.config, CAMERA)
        self.connection = Connection(broker, SITE, CAMERA, announcement.topics)
        self.post = Post(self.desk, self.outbox, self.clock, self.connection, announcement)
        self.news: list[str] = []

    def deliver(self, delivery: Delivery) -> None:
        """What the desk has told: it is in the outbox by now."""

    def take(self, line: bytes) -> None:
        """One line through the wall."""
        match from_line(line):
            case RuleSignal() as rule_signal:
                self.desk.take(rule_signal)
            case Beat() as beat:
                self.desk.beat(beat)

    def tend(self) -> None:
        self.news += self.post.tend()

    def tend_until(self, enough: Callable[[], bool], within_s: float = 15) -> None:
        deadline = time.monotonic() + within_s
        while not enough():
            assert time.monotonic() < deadline, f"not within {within_s} s; news: {self.news}"
            self.tend()
            time.sleep(0.01)

    def close(self) -> None:
        self.news += [*self.post.close(), *self.outbox.close()]


class Telling(Courier):
    """Says which events are safe."""

    def deliver(self, delivery: Delivery) -> None:
        print(delivery.event.id, "memory" if self.outbox.is_in_memory else "disk", flush=True)


def set_disk(*, works: bool) -> None:
    """While it does not work, the kernel refuses every write of this process to a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if works else 0, hard))


def main(broker: Path, folder: Path) -> None:
    clock = SetClock()
    courier = Telling(Broker.model_validate_json(broker.read_bytes()), folder, clock=clock)

    def set_back(*_: object) -> None:
        clock.offset_s = -3600.0

    signal.signal(signal.SIGUSR1, set_back)
    signal.signal(signal.SIGUSR2, lambda *_: set_disk(works=False))
    signal.signal(signal.SIGHUP, lambda *_: set_disk(works=True))
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    courier.post.start()
    print("ready", flush=True)
    while True:
        is_over = hear(courier, lines)
        courier.tend()
        for news in courier.news:
            print(news, file=sys.stderr, flush=True)
        courier.news.clear()
        if is_over:
            courier.close()
            return


def hear(courier: Courier, lines: "queue.SimpleQueue[bytes | None]") -> bool:
    """Take what has come in, waiting for the first, but not for long: it must go out, too. Says whether it was all."""
    try:
        line = lines.get(timeout=TEND_EVERY_S)
        until_s = time.monotonic() + TEND_EVERY_S
        while line is not None:
            courier.take(line)
            if time.monotonic() > until_s:
                return False
            line = lines.get_nowait()
    except queue.Empty:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
