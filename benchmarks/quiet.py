"""What watching an empty room costs: the real, confined vision process with the motion gate and without it.

    python benchmarks/quiet.py [CLIP] [--seconds 120] [--rounds 5] [--json]

A clip in which nobody is, played over and over; by default a minute of an empty bedroom at night, with the grain of
infrared light. Counted is the time of the processor, all threads, for so many seconds of video, the first 20 s left
out in which the gate has just woken up. With and without take turns, a new process each time, on as many threads as
there are cores: a machine that others share changes its speed by a tenth within minutes. The exit code is 1 where the
gate leaves more than 5 % of all rounds together.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import mean

from semcam.contract.config import job_for
from semcam.contract.load import DEMO, load_config
from semcam.contract.signal import Beat, Wall
from semcam.courier.vision_process import VisionProcess
from semcam.workbench.bench.bench import cpu_s_of

EMPTY = Path(__file__).parent.parent / "sample_videos" / "quiet_night.mp4"
AWAKE_S = 20.0
MOST = 0.05


def watch(clip: Path, seconds: float, *, motion_gate: bool) -> float:
    """Seconds of the processor for an hour of such video."""
    config = load_config(DEMO)
    camera = config.cameras["camera"].model_copy(update={"motion_gate": motion_gate})
    job = job_for(camera, str(clip), config, loop=True)
    wall = Wall(job.rules, job.zones)
    from_s = from_cpu_s = 0.0
    with VisionProcess(job, show_stderr=True) as process:
        for line in process.lines():
            signal = wall.admit(line)
            if not isinstance(signal, Beat):
                continue
            if not from_s and signal.t_s >= AWAKE_S:
                from_s, from_cpu_s = signal.t_s, cpu_s_of(process.pid)
            if from_s and signal.t_s >= from_s + seconds:
                return (cpu_s_of(process.pid) - from_cpu_s) / (signal.t_s - from_s) * 3600
    raise SystemExit(f"{clip}: the clip ended; give one that can be decoded")


def main() -> int:
    """Measure both ways, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clip", nargs="?", type=Path, default=EMPTY)
    parser.add_argument("--seconds", type=float, default=120.0, help="of video, each way in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    gated, free = [], []
    for number in range(1, options.rounds + 1):
        gated.append(watch(options.clip, options.seconds, motion_gate=True))
        free.append(watch(options.clip, options.seconds, motion_gate=False))
        of = f"round {number} of {options.rounds}"
        print(f"{of}: {gated[-1]:.0f} and {free[-1]:.0f} s, {gated[-1] / free[-1]:.1%}", file=sys.stderr)
    share = sum(gated) / sum(free)
    if options.json:
        rounds = [{"gated_s": round(a, 1), "free_s": round(b, 1)} for a, b in zip(gated, free, strict=True)]
        print(json.dumps({"share": round(share, 4), "rounds": rounds}))
    else:
        print(f"an hour of {options.clip.name} takes {mean(gated):.0f} s of the processor with the motion gate,")
        print(f"{mean(free):.0f} s without it: {share:.1%}")
    return 0 if share <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
