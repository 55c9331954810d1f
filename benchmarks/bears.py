"""How many bears are found at how many false alarms, picture by picture, for each way of looking.

    python benchmarks/bears.py clips/bears.csv

The first frame of each clip counts. Progress goes to stderr, the tables to stdout.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from semcam.contract.labels import BEAR, BIG
from semcam.contract.manifest import models_dir
from semcam.tracking.observation import Objects
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.perceive.detect import Finder
from semcam.vision.perceive.families.centernet import CENTERNET
from semcam.vision.perceive.families.nanodet import NANODET
from semcam.vision.perceive.second_look import SecondLook
from semcam.vision.perceive.session import Session
from semcam.workbench.labels import read_manifest

FALSE_ALARMS = (0.01, 0.02, 0.05, 0.10)
THRESHOLDS = (0.20, 0.25, 0.30, 0.40)

Scores = dict[str, float]


def best(objects: Objects, labels: frozenset[str]) -> float:
    """The best score of any of the labels, 0 where there is none."""
    rows = zip(objects.labels, objects.scores, strict=True)
    return max((float(score) for label, score in rows if label in labels), default=0.0)


def look_at_all(manifest: Path) -> tuple[list[bool], list[dict[str, Objects]]]:
    """Whether each clip shows a bear, and what each way of looking finds in it."""
    nanodet, centernet = (Session(models_dir(), name, threads=0) for name in ("nanodet", "centernet"))
    ways = {
        "NanoDet": Finder(nanodet, NANODET),
        "NanoDet, two looks": SecondLook(Finder(nanodet, NANODET)),
        "CenterNet": Finder(centernet, CENTERNET),
        "CenterNet, two looks": SecondLook(Finder(centernet, CENTERNET)),
    }
    labels = read_manifest(manifest)
    seen = []
    for number, label in enumerate(labels, 1):
        frame = next(iter(open_file(manifest.parent / label.clip, Playback(10)).frames()))
        seen.append({name: way.look(frame) for name, way in ways.items()})
        print(f"{number}/{len(labels)} {label.clip}", file=sys.stderr, flush=True)
    return [label.kind is not None for label in labels], seen


def curve(is_bear: list[bool], scores: list[float]) -> list[str]:
    """Recall at each share of false alarms; between two false alarms the threshold is the better of them."""
    bears = np.array([score for score, bear in zip(scores, is_bear, strict=True) if bear])
    others = np.sort([score for score, bear in zip(scores, is_bear, strict=True) if not bear])[::-1]
    thresholds = [others[int(share * len(others))] for share in FALSE_ALARMS]
    return [f"{np.mean(bears > threshold):.2f}" for threshold in thresholds]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    is_bear, seen = look_at_all(parser.parse_args().manifest)
    single = {name: [best(looks[name], frozenset({BEAR})) for looks in seen] for name in seen[0]}

    def both(a: str, b: str) -> list[float]:
        return [(one + other) / 2 for one, other in zip(single[a], single[b], strict=True)]

    single["mean of both, one look"] = both("NanoDet", "CenterNet")
    single["mean of both, two looks"] = both("NanoDet, two looks", "CenterNet, two looks")
    print("| bears found, at false alarms of | " + " | ".join(f"{share:.0%}" for share in FALSE_ALARMS) + " |")
    print("|---|" + "--:|" * len(FALSE_ALARMS))
    for name, scores in single.items():
        print(f"| {name} | " + " | ".join(curve(is_bear, scores)) + " |")
    print("\n| any big animal from a score of | " + " | ".join(f"{t:.2f}" for t in THRESHOLDS) + " |")
    print("|---|" + "--:|" * len(THRESHOLDS))
    for name in seen[0]:
        found = np.array([best(looks[name], BIG) for looks in seen])
        for what, rows in (("bears", np.array(is_bear)), ("look-alikes", ~np.array(is_bear))):
            cells = [f"{np.mean(found[rows] >= threshold):.2f}" for threshold in THRESHOLDS]
            print(f"| {name}: {what} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
