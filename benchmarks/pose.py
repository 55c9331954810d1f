"""semcam's pose model beside BlazePose (mediapipe 0.10.14, its full model): time for a picture, and people found.

    python -m venv /tmp/mediapipe && /tmp/mediapipe/bin/pip install mediapipe==0.10.14
    python benchmarks/pose.py clips/falls.csv --mediapipe /tmp/mediapipe/bin/python [--json]

The manifest is the one that `semcam evaluate` reads. Of each clip with a fall, 10 pictures a second are shown to all
estimators at 640×480, ten to one, then the same ten to the next, so that other work on the machine slows all alike.
`fallen` are the pictures from 2 s after the label of a fall: somebody lies there. `nobody` are empty rooms of the
samples: what is found there is not there. Times are medians over the clips with falls; those of empty rooms, where
BlazePose stops after its first model and semcam's motion gate would run none, stand apart. The exit code is 1 where
semcam takes more than 0.7 of the time of BlazePose, or finds somebody in fewer of the fallen pictures.
"""

import argparse
import csv
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import cv2
from rich.console import Console
from rich.progress import track

HERE = Path(__file__).parent
NOBODY = "nobody"
EMPTY = ("quiet_night.mp4", "empty_room_light.mp4")
DOWN_AFTER_S = 2.0
FPS = 10.0
IN_A_ROW = 10
MOST = 0.7
UNTIMED = 3
"""Pictures at the beginning of a clip: who follows somebody has to find that somebody first."""


@dataclass
class Tally:
    """What one estimator did."""

    ms: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    shown: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    found: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    most_people: int = 0

    def median_ms(self, *, empty: bool) -> float:
        """Of the pictures of falls, or of empty rooms."""
        return statistics.median(ms for group, all_ms in self.ms.items() if (group == NOBODY) == empty for ms in all_ms)


class Estimator:
    """A process in an environment of its own."""

    def __init__(self, name: str, python: str) -> None:
        self.name, self.tally = name, Tally()
        self._process = subprocess.Popen(
            [python, str(HERE / "look.py"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def look(self, clip: Path, pictures: list[int], groups: list[str], *, anew: bool) -> None:
        """Show it some pictures of a clip; `groups` says what each of them shows."""
        stdin, stdout = _ends(self._process)
        stdin.write(json.dumps({"clip": str(clip), "pictures": pictures, "anew": anew}) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: ended at {clip}; run `look.py {self.name}` by hand to see why")
        answer = json.loads(line)
        for number, (group, people, ms) in enumerate(zip(groups, answer["people"], answer["ms"], strict=False)):
            if number >= UNTIMED or not anew:
                self.tally.ms[group].append(ms)
            self.tally.shown[group] += 1
            self.tally.found[group] += people > 0
            self.tally.most_people = max(self.tally.most_people, people)


def _ends(process: "subprocess.Popen[str]") -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def pictures_of(clip: Path, start_s: float | None, group: str) -> list[tuple[int, str]]:
    """Which pictures of a clip are shown, and what each of them shows."""
    capture = cv2.VideoCapture(str(clip))
    count, fps = int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), capture.get(cv2.CAP_PROP_FPS) or 25.0
    step = max(1.0, fps / FPS)
    chosen = [round(number * step) for number in range(int(count / step))]
    down_from = count if start_s is None else (start_s + DOWN_AFTER_S) * fps
    return [(index, "fallen" if index >= down_from else group) for index in chosen if index < count]


def clips_of(manifest: Path) -> dict[Path, tuple[float | None, str]]:
    """Each clip with the label of its fall, if it shows one."""
    with manifest.open(encoding="utf-8", newline="") as file:
        falls = [row for row in csv.DictReader(file) if row["kind"]]
    clips: dict[Path, tuple[float | None, str]] = {
        manifest.parent / row["clip"]: (float(row["start_s"]), "up") for row in falls
    }
    samples = HERE.parent / "sample_videos"
    return clips | {samples / name: (None, NOBODY) for name in EMPTY}


def main() -> int:
    """Show all clips to all estimators."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--mediapipe", required=True, help="the Python of an environment with mediapipe 0.10.14")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    pythons = dict.fromkeys(("semcam", "semcam-whole"), sys.executable)
    pythons |= dict.fromkeys(("mediapipe", "mediapipe-still"), options.mediapipe)
    estimators = [Estimator(name, python) for name, python in pythons.items()]
    progress = Console(stderr=True)
    for clip, (start_s, group) in track(clips_of(options.manifest).items(), console=progress):
        pictures = pictures_of(clip, start_s, group)
        for begin in range(0, len(pictures), IN_A_ROW):
            indices, groups = zip(*pictures[begin : begin + IN_A_ROW], strict=True)
            for estimator in estimators:
                estimator.look(clip, list(indices), list(groups), anew=begin == 0)
    tallies = {each.name: each.tally for each in estimators}
    medians = {name: tally.median_ms(empty=False) for name, tally in tallies.items()}
    empty = {name: tally.median_ms(empty=True) for name, tally in tallies.items()}
    shares = {name: {g: t.found[g] / t.shown[g] for g in sorted(t.shown)} for name, t in tallies.items()}
    ratio = medians["semcam"] / medians["mediapipe"]
    if options.json:
        found = {name: {k: round(v, 4) for k, v in each.items()} for name, each in shares.items()}
        ms, empty_ms = ({name: round(each, 2) for name, each in all_ms.items()} for all_ms in (medians, empty))
        shown = dict(tallies["semcam"].shown)
        print(json.dumps({"ms": ms, "empty_ms": empty_ms, "ratio": round(ratio, 3), "found": found, "shown": shown}))
    else:
        for name, tally in tallies.items():
            found_in = ", ".join(f"{group} {shares[name][group]:.1%} of {tally.shown[group]}" for group in shares[name])
            ms = f"{medians[name]:6.1f} ms a picture, {empty[name]:.1f} ms of an empty room"
            print(f"{name:16}{ms}; somebody in: {found_in}; at most {tally.most_people} people")
        print(f"semcam takes {ratio:.2f} of the time of mediapipe")
    return 0 if ratio <= MOST and shares["semcam"]["fallen"] >= shares["mediapipe"]["fallen"] else 1


if __name__ == "__main__":
    sys.exit(main())
