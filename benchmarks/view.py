"""How often each mishap of a camera's picture is told as what it is, and what is told of clips in which there is none.

    python benchmarks/view.py [CLIP...] [--seconds 60] [--json]

Each clip, by default all of `sample_videos`, is first played as it is, over and over for `--seconds`, and judged once a
second. Then it plays the camera: 40 s as it is, 15 s with a mishap, 8 s as it is; each time with the grain of a sensor,
and back and forth, so that its pictures never leap. Clips shorter than five seconds are not played over and over: their
few pictures come again so often that they are a frozen camera's. Exit code 1 where anything is told of a clip as it is.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from semcam.contract.signal import View
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.view import ViewHealth
from tests.conftest import ROOT
from tests.views import (
    Change,
    Picture,
    Sensor,
    black,
    blue_for_red,
    infrared,
    knocked,
    lamp,
    lens_cap,
    magenta,
    out_of_focus,
    somebody_in_front,
    sun,
    towel,
)

LEAST_S = 5.0
MOST_PICTURES = 60
MISHAPS: tuple[Change, ...] = (black, lens_cap, towel, sun, out_of_focus, knocked, blue_for_red, magenta)
NONE: tuple[Change, ...] = (lamp, infrared, somebody_in_front)


def pictures_of(clip: Path) -> list[Picture]:
    """One a second, and at least a few of a short clip; small, as they are judged."""
    frames = [frame for frame in open_file(clip, Playback(fps=10)).frames() if isinstance(frame, Frame)]
    each = max(1, min(10, len(frames) // 10))
    return [np.asarray(cv2.resize(frame.pixels, (640, 480)), np.uint8) for frame in frames[::each]][:MOST_PICTURES]


def to_and_fro(pictures: list[Picture]) -> Iterator[Picture]:
    """Endlessly."""
    while True:
        yield from pictures
        yield from pictures[::-1]


def as_it_is(clip: Path, seconds: int) -> View:
    """What is told of a clip that plays the camera; the first thing, where it is anything."""
    health, told, due_s = ViewHealth(), View.OK, 0.0
    for frame in open_file(clip, Playback(fps=10, loop=True)).frames():
        if not isinstance(frame, Frame) or frame.t_s < due_s:
            continue
        if frame.t_s > seconds:
            break
        due_s = frame.t_s + 1.0
        told = told if told is not View.OK else health.judge(frame)
    return told


def befallen(pictures: list[Picture], change: Change) -> tuple[View, bool]:
    """What is told of a mishap, and whether it is known that it is over."""
    health, sensor, stream = ViewHealth(), Sensor(), to_and_fro(pictures)
    told = View.OK
    for second in range(63):
        picture = next(stream)
        picture = sensor.see(change(picture) if 40 <= second < 55 else picture)
        view = health.judge(Frame(picture, float(second), second))
        told = view if told is View.OK else told
    return told, view is View.OK


def main() -> int:
    """Play all, print what was told."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("clips", type=Path, nargs="*", default=sorted((ROOT / "sample_videos").glob("*.mp4")))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told: dict[str, Counter[str]] = {}
    healed = 0
    for number, clip in enumerate(given.clips, 1):
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number} of {len(given.clips)} clips")
        source = open_file(clip, Playback(fps=10))
        if source.length_s >= LEAST_S:
            told.setdefault("as it is", Counter())[as_it_is(clip, given.seconds).value] += 1
        pictures = pictures_of(clip)
        for change in (*MISHAPS, *NONE):
            view, over = befallen(pictures, change)
            told.setdefault(change.__name__, Counter())[view.value] += 1
            healed += over
    if given.json:
        sys.stdout.write(json.dumps({"clips": len(given.clips), "told": told, "healed": healed}) + "\n")
    else:
        for what, counts in told.items():
            sys.stdout.write(f"{what:18} {', '.join(f'{view} {count}' for view, count in counts.most_common())}\n")
        sys.stdout.write(f"{'known to be over':18} {healed} of {len(given.clips) * len(MISHAPS + NONE)}\n")
    return int(told.get("as it is", Counter()).total() != told.get("as it is", Counter())["ok"])


if __name__ == "__main__":
    sys.exit(main())
