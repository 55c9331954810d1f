"""How old pictures are when their judgement is said, with one camera and with several on this machine.

    python benchmarks/age.py [--cameras 1 4] [--fps 5] [--seconds 60] [--threads 0] [--json]

Clips play the cameras at their own pace, over and over, through the real supervisor and its vision processes, each
confined and with all models. The age is what heartbeats say: of each second the oldest picture, from when it was due
to when its signals were written. Pictures that came due while a camera was busy are dropped, so the pictures per second
show what did not fit. Memory is PSS: what processes share is counted once.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from semcam.contract.config import Config, job_for
from semcam.contract.event import MadeBy
from semcam.contract.load import DEMO, load_config
from semcam.contract.privacy import PrivacyMode
from semcam.contract.signal import Beat
from semcam.courier.clock import WallClock
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.outbox import Outbox
from semcam.courier.supervisor import Supervisor

SAMPLES = Path(__file__).resolve().parent.parent / "sample_videos"
CLIPS = ("bedroom_fall.mp4", "two_people_fall.mp4", "bear_gate.mp4", "walking_out.mp4")
WARM_S = 10.0
START_WITHIN_S = 120.0


class Nobody:
    """Takes events, and leaves it at that."""

    def deliver(self, delivery: Delivery) -> None: ...


class Stopwatch(Desk):
    """A desk that writes down each heartbeat."""

    beats: list[Beat]

    def beat(self, beat: Beat) -> None:
        self.beats.append(beat)
        super().beat(beat)


@dataclass(frozen=True)
class Outcome:
    """What so many cameras took."""

    cameras: int
    age_ms_median: float
    age_ms_p99: float
    age_ms_worst: float
    fps: dict[str, float]
    pss_mb: float
    """Of all vision processes together."""
    cpu: float
    """Of all vision processes, in cores."""


def measure(number: int, options: argparse.Namespace) -> Outcome:
    """Live with so many cameras for so long."""
    camera = load_config(DEMO).cameras["camera"].model_copy(update={"fps": options.fps})
    config = Config(cameras={f"camera-{n}": camera for n in range(number)})
    how = {"realtime": True, "loop": True, "threads": options.threads, "privacy": PrivacyMode.BEST_EFFORT}
    clips = dict(zip(config.cameras, islice(cycle(CLIPS), number), strict=True))
    jobs = {name: job_for(camera, str(SAMPLES / clip), config, **how) for name, clip in clips.items()}
    made_by = MadeBy(semcam="0", models="sha256:0", config="sha256:0")
    desks = {}
    for name in jobs:
        desks[name] = Stopwatch(config, name, WallClock(), Outbox.in_memory(name, "abcdef"), made_by, [Nobody()])
        desks[name].beats = []
    stop = threading.Event()
    began_s = time.monotonic()
    from_s = 0.0
    seen_from: dict[str, int] = {}
    cpu_s, pss_mb = 0.0, 0.0

    def tick() -> None:
        nonlocal from_s, cpu_s, pss_mb
        now_s = time.monotonic()
        if not from_s and all(desk.beats and desk.beats[-1].t_s > WARM_S for desk in desks.values()):
            from_s = now_s
            seen_from.update({name: len(desk.beats) for name, desk in desks.items()})
            cpu_s = sum(map(cpu_of, vision_processes()))
        if from_s and now_s >= from_s + options.seconds:
            cpu_s = (sum(map(cpu_of, vision_processes())) - cpu_s) / (now_s - from_s)
            pss_mb = sum(map(pss_of, vision_processes()))
            stop.set()
        if not from_s and now_s > began_s + START_WITHIN_S + WARM_S:
            raise SystemExit("the cameras did not start; give fewer of them")

    Supervisor(jobs, desks, lambda line: print(line, file=sys.stderr)).run(stop, tick)
    ages: list[int] = []
    rates: dict[str, float] = defaultdict(float)
    for name, desk in desks.items():
        beats = desk.beats[seen_from[name] :]
        ages += [beat.age_ms for beat in beats if beat.age_ms is not None]
        rates[name] = round((beats[-1].frames - beats[0].frames) / (beats[-1].t_s - beats[0].t_s), 2)
    median, p99 = (float(np.quantile(ages, share)) for share in (0.5, 0.99))
    return Outcome(number, median, p99, float(max(ages)), dict(rates), round(pss_mb, 1), round(cpu_s, 2))


def vision_processes() -> list[int]:
    """Children of this process: nothing else is started here."""
    me = os.getpid()
    return [int(pid) for task in Path(f"/proc/{me}/task").iterdir() for pid in (task / "children").read_text().split()]


def cpu_of(pid: int) -> float:
    """Seconds of the processor so far; 0 of one that has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_of(pid: int) -> float:
    """Memory of one process in MB, what it shares counted by its part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=0, help="of ONNX Runtime in each process; 0: as many as cores")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    outcomes = []
    for number in options.cameras:
        outcome = measure(number, options)
        outcomes.append(asdict(outcome))
        if not options.json:
            rates = ", ".join(f"{rate:g}" for rate in outcome.fps.values())
            print(
                f"{number} camera{'s' * (number > 1)} at {options.fps:g} pictures a second: the oldest of each second "
                f"{outcome.age_ms_median:.0f} ms old (median), {outcome.age_ms_p99:.0f} ms (99 %); {rates} pictures a "
                f"second; {outcome.pss_mb:.0f} MB; {outcome.cpu:.2f} cores",
                flush=True,
            )
    if options.json:
        print(json.dumps(outcomes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
