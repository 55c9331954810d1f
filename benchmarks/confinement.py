"""What the confinement costs: the same clip through the real vision process, confined and free, in turns.

    python benchmarks/confinement.py [CLIP] [--rounds 5] [--json]

Free and confined runs take turns, so that a busy machine disturbs both alike. Told are frames per second of the loop,
by the clock on the wall and by the processor's time, seconds from the start to the first frame, and the most memory.
The exit code is 1 where confinement costs more than 3 % of the frames or 10 % of the memory.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from semcam.contract.config import job_for
from semcam.contract.load import DEMO, load_config
from semcam.contract.privacy import Layers
from semcam.contract.signal import Ended, Privacy, Ready, from_line
from semcam.courier.vision_process import SILENT
from semcam.vision.confine.confinement import Plan
from semcam.vision.start import CONFINED, main

SAMPLE = Path(__file__).parent.parent / "sample_videos" / "bedroom_fall.mp4"
FREE = Plan(layers=frozenset(), attacks=())
LEAST_SPEED, MOST_MEMORY = 0.97, 1.10
MB = 1e6


@dataclass(frozen=True)
class Run:
    """How one clip went."""

    layers: Layers
    frames: int
    start_s: float
    wall_s: float
    cpu_s: float
    memory_mb: float

    @property
    def per_wall_s(self) -> float:
        """Frames per second by the clock on the wall."""
        return self.frames / self.wall_s

    @property
    def per_cpu_s(self) -> float:
        """Frames per second of the processor's time."""
        return self.frames / self.cpu_s


def play(clip: Path, plan: str, threads: int) -> Run:
    """One run in a process of its own."""
    job = job_for(load_config(DEMO).cameras["camera"], str(clip), threads=threads)
    began_s = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, __file__, "--plan", plan],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **SILENT, "MALLOC_ARENA_MAX": "1"},
    )
    assert process.stdin and process.stdout
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    process.stdin.close()
    watched = psutil.Process(process.pid)
    layers, ready_s, ready_cpu_s = Layers(), began_s, 0.0
    try:
        for line in process.stdout:
            match from_line(line):
                case Privacy(layers=layers):
                    pass
                case Ready():
                    ready_s, ready_cpu_s = time.monotonic(), _cpu_s(watched)
                case Ended(frames=frames):
                    wall_s, cpu_s = time.monotonic() - ready_s, _cpu_s(watched) - ready_cpu_s
                    return Run(layers, frames, ready_s - began_s, wall_s, cpu_s, _most_memory_mb(process.pid))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    raise SystemExit(f"{clip}: the vision process ended early")


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _most_memory_mb(pid: int) -> float:
    """VmHWM: the most that was resident at any time."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(peak) * 1024 / MB


def compare(clip: Path, rounds: int, threads: int) -> dict[str, object]:
    """Medians of both, and their ratios round by round: what disturbs one round disturbs both of its runs."""
    plans: tuple[str, str] = ("free", "confined")
    runs: dict[str, list[Run]] = {plan: [] for plan in plans}
    for number in range(rounds):
        for plan in plans if number % 2 == 0 else reversed(plans):
            runs[plan].append(play(clip, plan, threads))
    medians = {
        plan: {
            name: round(statistics.median(getattr(run, name) for run in runs[plan]), 2)
            for name in ("per_wall_s", "per_cpu_s", "start_s", "memory_mb")
        }
        for plan in plans
    }
    ratios = {
        name: round(
            statistics.median(
                getattr(held, name) / getattr(free, name)
                for free, held in zip(runs["free"], runs["confined"], strict=True)
            ),
            3,
        )
        for name in ("per_wall_s", "per_cpu_s", "start_s", "memory_mb")
    }
    layers = runs["confined"][0].layers.model_dump(mode="json")
    return {"clip": clip.name, "rounds": rounds, "layers": layers, **medians, "ratios": ratios}


def report() -> int:
    """Measure and print; 1 where it costs too much."""
    parser = argparse.ArgumentParser(description="What the confinement costs.")
    parser.add_argument("clip", nargs="?", type=Path, default=SAMPLE)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of ONNX Runtime; one disturbs a busy machine least")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plan", choices=["free", "confined"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.plan:
        return main(FREE if asked.plan == "free" else CONFINED)
    result = compare(asked.clip.resolve(), asked.rounds, asked.threads)
    ratios = result["ratios"]
    assert isinstance(ratios, dict)
    if asked.json:
        print(json.dumps(result))
    else:
        print(f"{'':22}{'free':>10}{'confined':>10}{'ratio':>8}")
        words = {"per_wall_s": "frames/s, wall", "per_cpu_s": "frames/s, processor", "start_s": "s to the start"}
        for name, ratio in ratios.items():
            free, held = result["free"], result["confined"]
            assert isinstance(free, dict) and isinstance(held, dict)
            print(f"{words.get(name, 'MB at most'):22}{free[name]:>10}{held[name]:>10}{ratio:>8}")
    return 0 if ratios["per_cpu_s"] >= LEAST_SPEED and ratios["memory_mb"] <= MOST_MEMORY else 1


if __name__ == "__main__":
    sys.exit(report())
