"""Whether anything grows that must not: hours of a real household, and more than a year of its events.

    python benchmarks/soak.py [--minutes 120] [--days 500] [--fps 2] [--clip CLIP] [--quiet] [--json]

The live half runs `semcam run` with a real Mosquitto and a clip that plays the camera, and by default does harm to it
every ten minutes, in turn: the vision process is killed, then stopped (SIGSTOP), then the broker is away for a minute.
Memory (private), descriptors and threads of courier and vision, and the size of the outbox, are written down once a
minute. The other half is the courier alone on a clock that runs ahead: 500 days from November 2027, through a leap day
and three changes of the clock in Berlin, a person falling now and then. The exit code is 1 where anything grows: memory
by more than 10 % and 5 MB from the second quarter of the time to the last one, descriptors or threads by more than one,
the outbox past its bounds, or where numbers of events have gaps. Needs Mosquitto (tests/get-mosquitto brings it).
"""

import argparse
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semcam.contract.config import Camera, Config
from semcam.contract.delivery import OutboxSettings
from semcam.contract.event import Clock, MadeBy, timestamp
from semcam.contract.local_time import read_zone
from semcam.contract.rules import FallRule
from semcam.contract.signal import Beat, RuleSignal, Stage
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.moment import Moment
from semcam.courier.outbox import Outbox
from semcam.courier.post import Post
from tests.conftest import ROOT, free_port, start_mosquitto
from tests.listening import Heard, listening

HARM_EVERY_S = 600.0
NOTE_EVERY_S = 60.0
WARM_S = 120.0
"""Libraries take their memory with the first events."""
MORE_SHARE, MORE_MB = 0.10, 5.0
BYTES_AN_EVENT = 4000
DAY_S = 86_400.0


@dataclass(frozen=True)
class Note:
    """One process group at one moment."""

    at_s: float
    courier_mb: float
    vision_mb: float
    descriptors: int
    threads: int
    vision_descriptors: int
    vision_threads: int
    outbox_mb: float
    events: int


def uss_mb(pid: int) -> float:
    """What one process has written to, in MB: its part of what is shared would grow when others end."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_Dirty")) / 1024


def folder_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


# -- the live half


CONFIG = """\
site: soak
language: ja
mqtt: {{host: 127.0.0.1, port: {port}}}
subjects:
  tanaka: {{name: {{ja: 田中さん, en: Ms Tanaka}}}}
cameras:
  bath-101:
    source: {clip}
    place: {{ja: 浴室, en: bathroom}}
    belongs_to: tanaka
    fps: {fps}
    rules: {{fall: }}
"""


class Household:
    """`semcam run`, its broker, and what is done to them."""

    def __init__(self, folder: Path, clip: Path, fps: float) -> None:
        self.folder, self.port = folder, free_port()
        self.broker = start_mosquitto(folder, self.port)
        config = folder / "semcam.yaml"
        config.write_text(CONFIG.format(port=self.port, clip=clip, fps=fps), encoding="utf-8")
        self.state = folder / "state"
        command = [sys.executable, "-m", "semcam", "run", "-c", str(config), "--state", str(self.state)]
        self.log = (folder / "log").open("w")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.log, cwd=ROOT)
        self.courier = psutil.Process(self.process.pid)

    def vision(self) -> psutil.Process | None:
        with suppress(psutil.Error):
            return next((each for each in self.courier.children() if "semcam.vision" in each.cmdline()), None)
        return None

    def kill_vision(self) -> None:
        if vision := self.vision():
            vision.kill()

    def stop_vision(self) -> None:
        if vision := self.vision():
            vision.suspend()

    def broker_away(self) -> None:
        self.broker.terminate()
        self.broker.wait(10)
        time.sleep(60)
        self.broker = start_mosquitto(self.folder, self.port)

    def note(self, at_s: float, events: int) -> Note | None:
        vision = self.vision()
        with suppress(psutil.Error, OSError):
            return Note(
                round(at_s),
                round(uss_mb(self.process.pid), 1),
                round(uss_mb(vision.pid), 1) if vision else 0.0,
                self.courier.num_fds(),
                self.courier.num_threads(),
                vision.num_fds() if vision else 0,
                vision.num_threads() if vision else 0,
                round(folder_mb(self.state), 2),
                events,
            )
        return None

    def last_words(self) -> str:
        return " ".join((self.folder / "log").read_text().splitlines()[-2:])

    def close(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.broker.terminate()
        self.broker.wait(10)
        self.log.close()


def live(folder: Path, options: argparse.Namespace) -> tuple[list[Note], list[str]]:
    """Notes of a household that lives for so long, and what was wrong with it."""
    house = Household(folder, options.clip, options.fps)
    harms: Iterator[Callable[[], None]] = itertools.cycle([house.kill_vision, house.stop_vision, house.broker_away])
    began_s = time.monotonic()
    notes: list[Note] = []
    harm_at_s, note_at_s = WARM_S if options.quiet else WARM_S + HARM_EVERY_S / 2, WARM_S
    try:
        with listening(house.port, "semcam/soak/#") as family:
            while (now_s := time.monotonic() - began_s) < options.minutes * 60:
                time.sleep(1)
                if house.process.poll() is not None:
                    return notes, [f"semcam run ended with exit code {house.process.returncode}: {house.last_words()}"]
                if not options.quiet and now_s >= harm_at_s:
                    harm_at_s += HARM_EVERY_S
                    next(harms)()
                if now_s >= note_at_s and (note := house.note(now_s, heads(family.on("semcam/soak/bath-101/head")))):
                    note_at_s = now_s + NOTE_EVERY_S
                    notes.append(note)
                    show(json.dumps(asdict(note)))
            faults = len(family.on("semcam/soak/bath-101/event/camera_fault"))
            show(f"{faults} words on camera faults")
        return notes, growth(notes)
    finally:
        house.close()


def heads(heard: list[Heard]) -> int:
    """How many events there have been, by the retained word on them."""
    return max((int(each.json["last"]) for each in heard), default=0)


def growth(notes: list[Note]) -> list[str]:
    """What has grown from the second quarter of the time to the last, in sentences."""
    quarter = len(notes) // 4
    if quarter < 3:
        return ["the time was too short to tell; give --minutes 20 or more"]
    early, late = notes[quarter : 2 * quarter], notes[-quarter:]
    found = []
    for name in ("courier_mb", "vision_mb"):
        before, after = (statistics.median(getattr(each, name) for each in some) for some in (early, late))
        if after - before > max(MORE_MB, MORE_SHARE * before):
            found.append(f"{name} has grown from {before:.1f} to {after:.1f}")
    for name in ("descriptors", "threads", "vision_descriptors", "vision_threads"):
        before, after = (statistics.median(getattr(each, name) for each in some) for some in (early, late))
        if after > before + 1:
            found.append(f"{name} have grown from {before:.0f} to {after:.0f}")
    more = 1e6 * (late[-1].outbox_mb - early[0].outbox_mb)
    if more > max(200_000, BYTES_AN_EVENT * (late[-1].events - early[0].events)):
        found.append(f"the outbox has grown by {more:.0f} bytes for {late[-1].events - early[0].events} events")
    return found


# -- the courier alone, for more than a year


class Ahead:
    """A clock that is set from outside: both hands run on together."""

    def __init__(self, begin: datetime, zone: str) -> None:
        self.begin, self.second, self._zone = begin, 0.0, read_zone(zone)

    def moment(self, t_s: float = 0.0) -> Moment:  # noqa: ARG002
        return Moment(self.begin.timestamp() + self.second, synced=True, boot="soak", mono_s=self.second)

    def stamp(self, moment: Moment) -> tuple[str, Clock]:
        clock = Clock(synced=True, boot="soak", mono_s=round(moment.mono_s, 3))
        return timestamp(datetime.fromtimestamp(moment.unix_s, UTC)), clock

    @property
    def zone(self) -> tzinfo:
        return self._zone


class Counter:
    """Reads every event as it is told."""

    def __init__(self) -> None:
        self.last, self.gaps, self.times_back, self.days = 0, 0, 0, set[str]()
        self._time = ""

    def deliver(self, delivery: Delivery) -> None:
        event = delivery.event
        self.gaps += event.data.seq != self.last + 1
        self.times_back += event.time < self._time
        self.last, self._time = event.data.seq, event.time
        self.days.add(event.time[:10])


@dataclass(frozen=True)
class Year:
    """What became of all those days."""

    days: int
    events: int
    gaps: int
    times_back: int
    days_with_events: int
    outbox_mb: list[float]
    memory_mb: list[float]
    took_s: float


def years(folder: Path, days: int) -> tuple[Year, list[str]]:
    """A camera whose vision process tells a fall every few hours, and a beat every ten minutes."""
    began_s = time.monotonic()
    camera = Camera(place="bathroom", rules={"fall": FallRule(id="fall")})
    config = Config(site="soak", timezone="Europe/Berlin", cameras={"bath": camera}, outbox=OutboxSettings(days=30))
    clock, counter = Ahead(datetime(2027, 11, 1, tzinfo=UTC), "Europe/Berlin"), Counter()
    outbox = Outbox.open(folder, "bath", config.outbox)
    desk = Desk(config, "bath", clock, outbox, MadeBy(semcam="0", models="sha256:0", config="sha256:0"), [counter])
    post = Post(desk, outbox, clock)
    me, outbox_mb, memory_mb, track = psutil.Process(), [], [], 0
    descriptors = me.num_fds()
    for day in range(days):
        for tenth in range(144):
            clock.second = day * DAY_S + tenth * 600.0
            desk.beat(Beat(t_s=clock.second, frames=round(5 * clock.second), age_ms=50))
            if tenth % 18 == 7:  # eight times a day
                track += 1
                desk.take(a_fall(Stage.CONFIRMED, clock.second, track))
            if tenth % 18 == 8:
                desk.take(a_fall(Stage.CLEARED, clock.second, track))
            post.tend()
        if day % 30 == 29:
            outbox_mb.append(round(folder_mb(folder), 2))
            memory_mb.append(round(me.memory_info().rss / 1e6, 1))
    more = me.num_fds() - descriptors
    post.close()
    outbox.close()
    year = Year(
        days, counter.last, counter.gaps, counter.times_back, len(counter.days), outbox_mb, memory_mb,
        round(time.monotonic() - began_s, 1),
    )  # fmt: skip
    return year, wrong_with(year, more)


def a_fall(stage: Stage, t_s: float, track: int) -> RuleSignal:
    return RuleSignal(rule="fall", stage=stage, t_s=t_s, track=track, label="person")


def wrong_with(year: Year, descriptors: int) -> list[str]:
    found = []
    if year.gaps or year.times_back:
        found.append(f"{year.gaps} gaps in the numbers of events, {year.times_back} steps back in their times")
    if year.days_with_events < year.days:
        found.append(f"of {year.days} days only {year.days_with_events} had events")
    if len(year.outbox_mb) > 4 and year.outbox_mb[-1] > 1.2 * max(year.outbox_mb[1:3]):
        found.append(f"the outbox has grown: {year.outbox_mb} MB, month by month")
    if len(year.memory_mb) > 4 and year.memory_mb[-1] > year.memory_mb[1] + MORE_MB:
        found.append(f"memory has grown: {year.memory_mb} MB, month by month")
    if descriptors > 0:
        found.append(f"{descriptors} descriptors more than at the beginning")
    return found


def show(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120.0, help="of the live half; 0: leave it out")
    parser.add_argument("--days", type=int, default=500, help="of the other half; 0: leave it out")
    parser.add_argument("--fps", type=float, default=2.0)
    parser.add_argument("--clip", type=Path, default=ROOT / "sample_videos" / "bedroom_fall.mp4")
    parser.add_argument("--quiet", action="store_true", help="do no harm")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    outcome: dict[str, object] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        if options.days:
            (Path(folder) / "year").mkdir()
            year, found = years(Path(folder) / "year", options.days)
            outcome["year"], wrong = asdict(year), wrong + found
            show(json.dumps(asdict(year)))
        if options.minutes:
            (Path(folder) / "live").mkdir()
            notes, found = live(Path(folder) / "live", options)
            outcome["live"], wrong = [asdict(note) for note in notes], wrong + found
    if options.json:
        print(json.dumps(outcome | {"wrong": wrong}))
    else:
        print("\n".join(wrong) or "nothing has grown")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
