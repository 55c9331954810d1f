"""A thousand cameras on one Mosquitto: connecting, telling, and coming back after the broker was killed. docs/fleet.md

python benchmarks/fleet.py [--cameras 1000] [--every 20] [--seconds 60]

Couriers without vision processes: desk, outbox on the disk, publisher and connection are those of `semcam run`, fed
with heartbeats and with somebody who comes in now and then. A process has a hundred of them, the broker is one of our
own on loopback, and everything ends by itself. Needs Mosquitto (tests/get-mosquitto brings it) and what
`pip install -e .[dev]` installs.
"""

import argparse
import json
import os
import queue
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semcam.client.subscriber import Subscriber
from semcam.contract.broker import Broker
from semcam.contract.config import Camera, Config
from semcam.contract.event import MadeBy
from semcam.contract.rules import EnteredRule, FallRule, GestureRule, LongStayRule
from semcam.contract.signal import Beat, RuleSignal, Stage
from semcam.courier.clock import WallClock
from semcam.courier.connection import Connection
from semcam.courier.desk import Desk
from semcam.courier.homeassistant import Announcement
from semcam.courier.mqtt import MqttLink, Received
from semcam.courier.outbox import Outbox
from semcam.courier.post import Post
from tests.conftest import free_port, program, tool_environment

PER_PROCESS, PER_SITE = 100, 20
TEND_EVERY_S = 0.25
WORKER_LIVES_S = 900.0
SETTLE_WITHIN_S = 120.0


# -- a hundred couriers


@dataclass(slots=True)
class Simulated:
    """One courier without a vision process."""

    name: str
    desk: Desk
    outbox: Outbox
    post: Post
    speaks_at_s: float = 0.0
    beats: int = 0
    spoken: int = 0

    def live(self, now_s: float, every_s: float, began_s: float) -> None:
        """A heartbeat each second; with `every_s`, somebody comes in so often."""
        if now_s - began_s >= self.beats + 1:
            self.beats += 1
            self.desk.beat(Beat(t_s=self.beats, frames=10 * self.beats))
        if every_s and self.speaks_at_s == 0:
            self.speaks_at_s = now_s + random.uniform(0, every_s)
        if every_s and now_s >= self.speaks_at_s:
            self.speaks_at_s += every_s
            self.spoken += 1
            self.desk.take(
                RuleSignal(rule="visitor", stage=Stage.CONFIRMED, t_s=self.beats, track=self.spoken, label="person")
            )


def couriers(first: int, count: int, port: int, folder: Path) -> list[Simulated]:
    """Made as `semcam run` makes them, but for the vision process."""
    rules = {rule.id: rule for rule in _rules()}
    camera = Camera(place={"en": "hall", "ja": "廊下"}, rules=rules)
    broker = Broker(host="127.0.0.1", port=port)
    clock = WallClock()
    made: list[Simulated] = []
    for number in range(first, first + count):
        site, name = f"home-{number // PER_SITE}", f"camera-{number % PER_SITE}"
        config = Config(site=site, mqtt=broker, cameras={name: camera})
        made_by = MadeBy(semcam="0.1.0", models="sha256:" + 12 * "0", config=config.digest())
        outbox = Outbox.open(folder / site, name, config.outbox)
        desk = Desk(config, name, clock, outbox, made_by, [])
        announcement = Announcement(config, name)
        connection = Connection(broker, site, name, announcement.topics, made_by)
        post = Post(desk, outbox, clock, connection, announcement)
        made.append(Simulated(f"{site}/{name}", desk, outbox, post))
    return made


def _rules() -> Iterator[FallRule | LongStayRule | GestureRule | EnteredRule]:
    yield FallRule(id="fall")
    yield LongStayRule(id="long_stay")
    yield GestureRule(id="help")
    yield EnteredRule(id="visitor")


def work(options: argparse.Namespace) -> None:
    """One process of them. Each line on stdin is the next step: connect, speak, be silent, go."""
    made = couriers(options.worker, options.cameras, options.port, options.folder)
    steps = Steps()
    news: Counter[str] = Counter()
    connected = [False] * len(made)
    say(made=len(made))
    steps.wait_for(1)
    began_s = time.monotonic()
    for each in made:
        each.post.start()
    while time.monotonic() - began_s < WORKER_LIVES_S:
        round_s = time.monotonic()
        for number, each in enumerate(made):
            each.live(time.monotonic(), options.every if steps.count == 2 else 0.0, began_s)
            news.update(each.post.tend())
            if connected[number] is not each.post.is_connected:
                connected[number] = each.post.is_connected
                say(at_s=time.monotonic(), connected=connected[number])
        if steps.count >= 3 and not any(each.outbox.waiting for each in made):
            break
        time.sleep(max(0.0, round_s + TEND_EVERY_S - time.monotonic()))
    say(spoken={each.name: each.spoken for each in made}, news=news)
    steps.wait_for(4)  # cameras do not go before everything was heard
    for each in made:
        each.post.close()
        each.outbox.close()


def say(**what: object) -> None:
    """One line to whoever started us."""
    print(json.dumps(what), flush=True)


class Steps:
    """How many lines have come on stdin; its end is the last step."""

    def __init__(self) -> None:
        self.count = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for _ in sys.stdin:
            self.count += 1
        self.count = 4

    def wait_for(self, count: int) -> None:
        """Until so many have come."""
        while self.count < count:
            time.sleep(0.01)


# -- the broker


class Mosquitto:
    """A broker that can be killed and started again."""

    def __init__(self, folder: Path, autosave: str) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        lines = (
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous true",
            *(["user root"] if os.geteuid() == 0 else []),
            "persistence true",
            f"persistence_location {folder}/",
            *autosave.split(","),
            "max_queued_messages 20000",
            "max_queued_bytes 33554432",
            "max_inflight_messages 100",
            "set_tcp_nodelay true",
        )
        self._config.write_text("\n".join([*lines, ""]))
        self.start()

    def start(self) -> None:
        """Until it answers."""
        self.process = psutil.Popen(
            [program("mosquitto"), "-c", str(self._config)],
            stderr=subprocess.DEVNULL,
            env=tool_environment(),
        )
        wait_for(self._answers, 20, "Mosquitto does not start")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """As a power cut does."""
        self.process.kill()
        self.process.wait(10)

    @property
    def megabytes(self) -> float:
        """Resident."""
        return float(self.process.memory_info().rss / 1e6)

    @property
    def cpu_s(self) -> float:
        """Seconds of a processor so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


# -- who listens


@dataclass
class Ear:
    """The subscriber that comes with semcam, and how late it hears."""

    subscriber: Subscriber
    seconds: list[float] = field(default_factory=list)
    heard: dict[str, list[str]] = field(default_factory=dict)
    asked: int = 0
    """Events that came only when they were asked for."""

    def listen(self, timeout_s: float) -> None:
        for told in self.subscriber.news(timeout_s):
            if told.kind == "event" and told.event:
                data = told.event.data
                self.heard.setdefault(told.camera, []).append(told.event.id)
                if data.historical:
                    self.asked += 1
                else:
                    self.seconds.append(time.monotonic() - data.clock.mono_s)


def wait_for(what: Callable[[], bool], within_s: float, otherwise: str) -> None:
    until_s = time.monotonic() + within_s
    while not what():
        if time.monotonic() > until_s:
            raise SystemExit(otherwise)
        time.sleep(0.02)


class Workers:
    """All couriers, in processes that are gone at the end; and what they say."""

    def __init__(self, options: argparse.Namespace, port: int, folder: Path) -> None:
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.connected = 0
        self.seconds: list[float] = []
        """When each camera was connected since it was asked anew, on the clock that all processes share."""
        self.reports: list[dict[str, Any]] = []
        self.processes: list[psutil.Popen] = []
        for first in range(0, options.cameras, PER_PROCESS):
            count = min(PER_PROCESS, options.cameras - first)
            command = [sys.executable, __file__, "--worker", str(first), "--cameras", str(count), "--port", str(port)]
            more = ["--folder", str(folder), "--every", str(options.every)]
            worker = psutil.Popen(command + more, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.processes.append(worker)
            threading.Thread(target=self._read, args=(worker,), daemon=True).start()
        self.made = 0
        wait_for(self._are_all_made(options.cameras), SETTLE_WITHIN_S, "couriers do not start")

    def _are_all_made(self, cameras: int) -> Callable[[], bool]:
        def are() -> bool:
            self.listen()
            return self.made == cameras

        return are

    def _read(self, worker: psutil.Popen) -> None:
        for line in worker.stdout:
            self._said.put(json.loads(line))

    def listen(self) -> None:
        """Take in what was said."""
        while not self._said.empty():
            said = self._said.get()
            if "connected" in said:
                self.connected += 1 if said["connected"] else -1
                self.seconds += [said["at_s"]] if said["connected"] else []
            elif "made" in said:
                self.made += said["made"]
            else:
                self.reports.append(said)

    def next_step(self) -> None:
        """Tell them to go on."""
        for worker in self.processes:
            worker.stdin.write("\n")
            worker.stdin.flush()

    @property
    def cpu_s(self) -> float:
        """Seconds of a processor so far."""
        return float(sum(sum(worker.cpu_times()[:2]) for worker in self.processes))

    def end(self) -> None:
        """Whatever they do."""
        for worker in self.processes:
            worker.kill()
            worker.wait()


# -- the whole of it


@dataclass
class Play:
    """Connect, tell, kill the broker, tell again."""

    options: argparse.Namespace
    broker: Mosquitto
    workers: Workers
    ear: Ear

    def listen(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s and not until():
            self.ear.listen(0.02)
            self.workers.listen()

    def wait_for_all(self, since_s: float) -> str:
        """Until every camera is connected; tells how long that took."""
        self.listen(SETTLE_WITHIN_S, lambda: self.workers.connected >= self.options.cameras)
        seconds = sorted(at_s - since_s for at_s in self.workers.seconds)
        half, most = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99) - 1]
        busiest = max(Counter(int(second) for second in seconds).values())
        return (
            f"{self.workers.connected} of {self.options.cameras}; half after {half:.1f} s, 99 % after {most:.1f} s, "
            f"all after {seconds[-1]:.1f} s, at most {busiest} within a second"
        )

    def run(self, empty_mb: float) -> bool:
        """Says whether nothing was lost."""
        began_s = time.monotonic()
        self.workers.next_step()
        print("connected:", self.wait_for_all(began_s), flush=True)
        self.listen(5)
        self.workers.next_step()
        self.listen(5)
        self._steady(empty_mb)
        self._ask()
        self.broker.kill()
        self.listen(self.options.away)
        self.workers.seconds.clear()
        began_s = time.monotonic()
        self.broker.start()
        print(f"broker dead for {self.options.away:g} s, then back:", self.wait_for_all(began_s), flush=True)
        self.listen(self.options.seconds / 2)
        return self._settle()

    def _steady(self, empty_mb: float) -> None:
        self.ear.seconds.clear()
        began_s, broker_s, couriers_s = time.monotonic(), self.broker.cpu_s, self.workers.cpu_s
        self.listen(self.options.seconds)
        for_s, seconds = time.monotonic() - began_s, sorted(self.ear.seconds)
        cuts = statistics.quantiles(seconds, n=100)
        each_kb = (self.broker.megabytes - empty_mb) * 1000 / self.options.cameras
        print(
            f"{len(seconds) / for_s:.1f} events a second for {for_s:.0f} s; from desk to subscriber: median "
            f"{1000 * cuts[49]:.0f} ms, 99 % {1000 * cuts[98]:.0f} ms, slowest {1000 * seconds[-1]:.0f} ms\n"
            f"broker: {100 * (self.broker.cpu_s - broker_s) / for_s:.1f} % of a core, {self.broker.megabytes:.1f} MB, "
            f"{each_kb:.0f} kB for each camera; couriers: {100 * (self.workers.cpu_s - couriers_s) / for_s:.0f} %",
            flush=True,
        )

    def _ask(self) -> None:
        """As `semcam fleet` does; and the same by somebody who wants all of it, each message once (QoS 1)."""
        for qos in (0, 1):
            link = MqttLink(
                Broker(host="127.0.0.1", port=self.broker.port),
                f"asks-{qos}",
                None,
                ["semcam/#", "homeassistant/#"],
                keep_session=False,
                at_most_once=("semcam/#", "homeassistant/#")[: 2 - 2 * qos],
            )
            asked_s = last_s = time.monotonic()
            link.open()
            topics: set[str] = set()
            size = 0
            while time.monotonic() < last_s + 2:
                for note in link.notes(0.02):
                    if isinstance(note, Received) and note.retained:
                        last_s = time.monotonic()
                        topics.add(note.topic)
                        size += len(note.payload) + len(note.topic)
                self.workers.listen()
            link.stop()
            cameras = sum(topic.endswith("/status") for topic in topics)
            print(
                f"asked with QoS {qos}: {len(topics)} retained messages of {cameras} cameras, {size / 1e6:.1f} MB, "
                f"in {last_s - asked_s:.1f} s",
                flush=True,
            )

    def _settle(self) -> bool:
        """Wait until everything that was told was heard, and compare."""
        self.workers.next_step()
        processes = len(self.workers.processes)
        self.listen(SETTLE_WITHIN_S, lambda: len(self.workers.reports) == processes)
        spoken = {name: count for report in self.workers.reports for name, count in report["spoken"].items()}
        heard = self.ear.heard
        self.listen(SETTLE_WITHIN_S, lambda: sum(map(len, heard.values())) >= sum(spoken.values()))
        lost = sum(max(0, count - len(set(heard.get(name, ())))) for name, count in spoken.items())
        twice = sum(len(ids) - len(set(ids)) for ids in heard.values())
        disordered = sum(ids != sorted(ids) for ids in heard.values())
        print(
            f"in all: {sum(spoken.values())} events told by {len(spoken)} cameras, {lost} lost, {twice} told twice, "
            f"{disordered} cameras out of order; {self.ear.asked} told only when asked again"
        )
        news: Counter[str] = Counter()
        for report in self.workers.reports:
            news.update(report["news"])
        print(f"logs: {news.total()} lines of {len(spoken)} couriers")
        self.workers.next_step()
        return not lost and not twice and not disordered and len(spoken) == self.options.cameras


def play(options: argparse.Namespace, folder: Path) -> bool:
    """With everything that it takes."""
    broker = Mosquitto(folder, options.autosave)
    try:
        empty_mb = broker.megabytes
        workers = Workers(options, broker.port, folder / "state")
        try:
            with Subscriber(Broker(host="127.0.0.1", port=broker.port)) as subscriber:
                return Play(options, broker, workers, Ear(subscriber)).run(empty_mb)
        finally:
            workers.end()
    finally:
        broker.kill()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=1000, help="couriers in all")
    parser.add_argument("--every", type=float, default=20.0, help="seconds from one event of a camera to its next")
    parser.add_argument("--seconds", type=float, default=60.0, help="of steady life")
    parser.add_argument("--away", type=float, default=10.0, help="seconds for which the broker is dead")
    parser.add_argument(
        "--autosave", default="autosave_interval 60", help="Mosquitto's lines about saving, with commas"
    )
    parser.add_argument("--folder", type=Path, help="where broker and couriers write; default: the temporary folder")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(20_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    if options.worker is not None:
        work(options)
        return 0
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        good = play(options, Path(folder))
    print(f"{time.monotonic() - began_s:.0f} s in all")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
