"""How much falls are missed, or invented, when the picture is worse than it should be.

    python benchmarks/robustness.py clips/falls.csv

Every clip of a manifest is judged as it is and in each variant below, with the default scene and one set of
parameters. One line of progress for each clip goes to stderr, the table to stdout.
"""

import argparse
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from semcam.contract.config import Job, job_for
from semcam.contract.load import DEMO, load_config
from semcam.contract.manifest import models_dir
from semcam.contract.signal import Stage
from semcam.rules.judge import Judge
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame, Pixels
from semcam.vision.perceive.detect import Detector, NanoDet
from semcam.vision.perceive.eyes import Eyes
from semcam.vision.perceive.pose import MODEL as POSE_MODEL
from semcam.vision.perceive.pose import PoseModel
from semcam.vision.perceive.second_look import SecondLook
from semcam.vision.perceive.session import Session
from semcam.workbench.labels import Label, read_manifest
from semcam.workbench.score import HIT_WITHIN_S, wilson

ROLL_DEG = 10.0
JPEG_QUALITY = 25

# Luminance quantisation table of the JPEG standard (ITU-T T.81, table K.1), for quality 50
QUANTA = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ],
    np.float32,
)


def brighter(share: float) -> Callable[[Pixels], Pixels]:
    """Multiply the brightness."""
    return lambda pixels: np.clip(pixels.astype(np.float32) * share, 0, 255).astype(np.uint8)


def rolled(degrees: float) -> Callable[[Pixels], Pixels]:
    """Turn the camera about its axis; the edge is repeated where the room is not known."""

    def roll(pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return np.asarray(cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)

    return roll


def halved(pixels: Pixels) -> Pixels:
    """Half the width and height."""
    return np.asarray(cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def blocky(pixels: Pixels) -> Pixels:
    """What strong JPEG leaves: each channel of YCrCb in blocks of 8 × 8, rounded in the cosine domain (T.81, A.3.3)."""
    k = np.arange(8)
    basis = np.cos((2 * k[None] + 1) * k[:, None] * np.pi / 16) * np.where(k == 0, np.sqrt(1 / 8), 0.5)[:, None]
    quanta = np.maximum(QUANTA * 50 / JPEG_QUALITY, 1)
    height, width = (side // 8 * 8 for side in pixels.shape[:2])
    colours = cv2.cvtColor(pixels[:height, :width], cv2.COLOR_BGR2YCrCb).astype(np.float32) - 128
    blocks = colours.reshape(height // 8, 8, width // 8, 8, 3).transpose(0, 2, 4, 1, 3)
    rounded = np.round(basis @ blocks @ basis.T / quanta) * quanta
    restored = (basis.T @ rounded @ basis).transpose(0, 3, 1, 4, 2).reshape(height, width, 3) + 128
    return np.asarray(cv2.cvtColor(np.clip(restored, 0, 255).astype(np.uint8), cv2.COLOR_YCrCb2BGR), np.uint8)


def mirrored(pixels: Pixels) -> Pixels:
    """Left and right exchanged."""
    return np.ascontiguousarray(pixels[:, ::-1])


def same(pixels: Pixels) -> Pixels:
    """As it is."""
    return pixels


@dataclass(frozen=True)
class Variant:
    """One way in which a picture can be worse."""

    change: Callable[[Pixels], Pixels]
    fps: float = 10.0


VARIANTS = {
    "as it is": Variant(same),
    "mirrored": Variant(mirrored),
    "70 % brightness": Variant(brighter(0.7)),
    "140 % brightness": Variant(brighter(1.4)),
    "half resolution": Variant(halved),
    "5 frames a second": Variant(same, fps=5.0),
    f"JPEG quality {JPEG_QUALITY}": Variant(blocky),
    f"rolled +{ROLL_DEG:g}°": Variant(rolled(ROLL_DEG)),
    f"rolled −{ROLL_DEG:g}°": Variant(rolled(-ROLL_DEG)),
}


@cache
def models() -> tuple[PoseModel, Detector]:
    """The models, loaded once in each process."""
    cv2.setNumThreads(1)
    pose, detector = (Session(models_dir(), name, threads=1) for name in (POSE_MODEL, "nanodet"))
    return PoseModel(pose), SecondLook(NanoDet(detector))


def confirmed_at(clip: Path, label: Label, variant: Variant) -> list[float]:
    """When falls are confirmed in one clip, seconds."""
    camera = load_config(DEMO).cameras["camera"].model_copy(update={"view": label.view, "fps": variant.fps})
    job: Job = job_for(camera, str(clip))
    eyes = Eyes(*models())
    judge: Judge | None = None
    times: list[float] = []
    known: tuple[Pixels, Pixels] | None = None
    for frame in open_file(clip, Playback(variant.fps, label.hold_last_s)).frames():
        judge = judge or Judge(job, frame.aspect)
        # a held frame stays the same array, so that it is looked at once
        known = known if known and known[0] is frame.pixels else (frame.pixels, variant.change(frame.pixels))
        sight = eyes.look(Frame(known[1], frame.t_s, frame.index))
        said = judge.step(sight.people, sight.objects).signals
        times += [signal.t_s for signal in said if signal.rule == "fall" and signal.stage is Stage.CONFIRMED]
    return times


def judge_clip(task: tuple[str, Path, Label]) -> tuple[str, Label, bool, int]:
    """Whether the expected fall was hit, and how many false alarms there were."""
    name, clip, label = task
    times = confirmed_at(clip, label, VARIANTS[name])
    hits = [t_s for t_s in times if label.kind and label.start_s <= t_s <= label.start_s + HIT_WITHIN_S]
    return name, label, bool(hits), len(times) - bool(hits)


def main() -> None:
    """Run all variants over a manifest and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--only", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    options = parser.parse_args()
    labels = read_manifest(options.manifest)
    tasks = [(name, options.manifest.parent / label.clip, label) for name in options.only for label in labels]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        results = []
        for result in pool.map(judge_clip, tasks):
            results.append(result)
            name, label, hit, false_alarms = result
            wrong = "miss" if label.kind and not hit else "false alarm" if false_alarms else ""
            print(f"{len(results)}/{len(tasks)} {name}: {label.clip} {wrong}", file=sys.stderr, flush=True)
    print("| variant | sensitivity | specificity |\n|---|--:|--:|")
    for name in options.only:
        print(row(name, [result for result in results if result[0] == name]))
    changed = [result for result in results if result[0] != "as it is"]
    print(row("**all changed together**", changed))


def row(name: str, results: list[tuple[str, Label, bool, int]]) -> str:
    """One line of the table, with 95 % intervals."""
    expected = [hit for _, label, hit, _ in results if label.kind]
    quiet = [not false_alarms for _, label, _, false_alarms in results if not label.kind]
    cells = [f"{sum(of)}/{len(of)} = {sum(of) / max(1, len(of)):.3f} ({interval(of)})" for of in (expected, quiet)]
    return f"| {name} | {cells[0]} | {cells[1]} |"


def interval(outcomes: list[bool]) -> str:
    """95 % interval of a proportion."""
    low, high = wilson(sum(outcomes), len(outcomes))
    return f"{low:.2f}–{high:.2f}"


if __name__ == "__main__":
    main()
