"""Whether alarms reach a nurse while everything on their way is killed, and how fast. See docs/delivery.md.

python benchmarks/delivery.py [--only ordeals | --only seconds] [--events 2000] [--rate 200] [--kills 20]

Needs Mosquitto (tests/get-mosquitto brings it) and what `pip install -e .[dev]` installs. A disk is really filled where
a small file system can be mounted, which takes root; elsewhere the kernel refuses to write.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.ordeal import Ordeal, Plan, seconds_to_arrive

ORDEALS = {
    "killed": {},
    "killed, the broker forgets all": {"remembers": False},
    "killed, and a disk that is filled and freed": {"disk": "full"},
    "killed, and a disk that does not work for a while": {"disk": "broken"},
    "killed, and a clock that is set back": {"set_back": True},
}


def suffer(options: argparse.Namespace) -> bool:
    """Every ordeal; says whether all promises were kept."""
    good = True
    for name, how in ORDEALS.items():
        plan = Plan(options.events, options.rate, options.kills, options.kills, seed=options.seed, **how)
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            outcome = Ordeal(Path(folder), plan).run()
        good &= outcome.is_good
        print(f"{name}: {'good' if outcome.is_good else 'NOT GOOD'}\n  {outcome}", flush=True)
    return good


def measure(options: argparse.Namespace) -> None:
    """From signal to subscriber: now and then, and as fast as they come in an ordeal."""
    for number, rate in ((200, 10.0), (options.events, options.rate)):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            seconds = seconds_to_arrive(Path(folder), number, rate)
        p99 = statistics.quantiles(seconds, n=100)[98]
        print(
            f"from signal to subscriber, {number} at {rate:g}/s: median {1000 * statistics.median(seconds):.1f} ms, "
            f"99th percentile {1000 * p99:.1f} ms, slowest {1000 * seconds[-1]:.1f} ms",
            flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["ordeals", "seconds"], help="one of the two halves")
    parser.add_argument("--events", type=int, default=2000, help="so many at least, in each ordeal")
    parser.add_argument("--rate", type=float, default=200.0, help="signals a second")
    parser.add_argument("--kills", type=int, default=20, help="kill -9 of the broker, and as many of the courier")
    parser.add_argument("--seed", type=int, default=5, help="of everything that is left to chance")
    parser.add_argument("--folder", type=Path, help="where broker and courier write; default: the temporary folder")
    options = parser.parse_args()
    began_s = time.monotonic()
    good = options.only == "seconds" or suffer(options)
    if options.only != "ordeals":
        measure(options)
    print(f"{time.monotonic() - began_s:.0f} s in all")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
