"""How much falls are missed, or invented, when the picture is worse than it should be.

    python benchmarks/robustness.py clips/falls.csv

Every clip of a manifest is judged as it is and in each variant below, with the default scene and one set of
parameters. One line of progress for each clip goes to stderr; the table, and behind it the clips that each variant got
wrong, to stdout. What was seen is remembered as `semcam evaluate` remembers it, so that a changed rule is judged again
in seconds.
"""

import argparse
import hashlib
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import worse
from worse import VARIANTS, Variant

from semcam.contract.config import Job, job_for
from semcam.contract.load import DEMO, load_config
from semcam.contract.local_time import source_times
from semcam.contract.manifest import models_dir
from semcam.contract.models import DETECTOR, POSE
from semcam.contract.signal import RuleSignal, Stage
from semcam.rules.judge import Judge
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame, Pixels
from semcam.vision.perceive.detect import Detector, Finder
from semcam.vision.perceive.eyes import Eyes
from semcam.vision.perceive.families.nanodet import NANODET
from semcam.vision.perceive.pose import PoseModel
from semcam.vision.perceive.second_look import SecondLook
from semcam.vision.perceive.session import Session
from semcam.workbench.cache import Cache, code_digest, default_folder, key_of
from semcam.workbench.labels import Label, read_manifest
from semcam.workbench.observations import Moment, Observations
from semcam.workbench.score import HIT_WITHIN_S, wilson


@cache
def models() -> tuple[PoseModel, Detector]:
    """The models, loaded once in each process."""
    cv2.setNumThreads(1)
    pose, detector = (Session(models_dir(), name, threads=1) for name in (POSE, DETECTOR))
    return PoseModel(pose), SecondLook(Finder(detector, NANODET))


def observe(job: Job, variant: Variant) -> Observations:
    """What the models see in a clip that was made worse."""
    eyes = Eyes(*models())
    aspect, moments = 1.0, []
    known: tuple[Pixels, Pixels] | None = None
    for frame in open_file(Path(job.source), Playback(job.fps, job.hold_last_s)).frames():
        # a held frame stays the same array, so that it is looked at once
        known = known if known and known[0] is frame.pixels else (frame.pixels, variant.change(frame.pixels))
        sight = eyes.look(Frame(known[1], frame.t_s, frame.index))
        aspect = frame.aspect
        moments.append(Moment(sight.people, sight.objects))
    return Observations(aspect, job.fps, job.hold_last_s, tuple(moments))


def remembered(job: Job, name: str) -> Observations:
    """The same, looked at once for each state of the code that looks and of what makes pictures worse."""
    state = "\n".join((code_digest(), name, Path(worse.__file__).read_text(encoding="utf-8")))
    key, cache = key_of(job, hashlib.sha256(state.encode()).hexdigest()), Cache(default_folder())
    seen = cache.get(key)
    if seen is None or seen.held(job.hold_last_s) is None:
        seen = observe(job, VARIANTS[name])
        cache.put(key, seen)
    return seen.held(job.hold_last_s) or seen


@dataclass(frozen=True)
class Verdict:
    """What was made of one clip in one variant."""

    variant: str
    label: Label
    is_hit: bool
    false_alarms: int

    @property
    def wrong(self) -> str:
        """In one or two words; empty where all is as labelled."""
        if self.label.kind and not self.is_hit:
            return "missed"
        return "false alarm" if self.false_alarms else ""


def confirmed_at(clip: Path, label: Label, name: str) -> list[float]:
    """When falls are confirmed in one clip, seconds."""
    fps = VARIANTS[name].fps
    camera = load_config(DEMO).cameras["camera"].model_copy(update={"view": label.view, "fps": fps})
    job = job_for(camera, str(clip), hold_last_s=label.hold_last_s)
    seen = remembered(job, name)
    judge = Judge(job, seen.aspect, source_times(0.0, UTC))
    said = [signal for moment in seen.moments for signal in judge.step(moment.people, moment.objects).signals]
    falls = [signal for signal in said if isinstance(signal, RuleSignal) and signal.rule == "fall"]
    return [signal.t_s for signal in falls if signal.stage is Stage.CONFIRMED]


def judge_clip(task: tuple[str, Path, Label]) -> Verdict:
    """Whether the expected fall was hit, and how many false alarms there were."""
    name, clip, label = task
    times = confirmed_at(clip, label, name)
    hits = [t_s for t_s in times if label.kind and label.start_s <= t_s <= label.start_s + HIT_WITHIN_S]
    return Verdict(name, label, bool(hits), len(times) - bool(hits))


def main() -> None:
    """Run all variants over a manifest and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--only", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    options = parser.parse_args()
    labels = read_manifest(options.manifest)
    tasks = [(name, options.manifest.parent / label.clip, label) for name in options.only for label in labels]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        verdicts: list[Verdict] = []
        for verdict in pool.map(judge_clip, tasks):
            verdicts.append(verdict)
            progress = f"{len(verdicts)}/{len(tasks)} {verdict.variant}: {verdict.label.clip} {verdict.wrong}"
            print(progress, file=sys.stderr, flush=True)
    print("| variant | sensitivity | specificity |\n|---|--:|--:|")
    for name in options.only:
        print(row(name, [verdict for verdict in verdicts if verdict.variant == name]))
    changed = [verdict for verdict in verdicts if verdict.variant != "as it is"]
    print(row("**all changed together**", changed), end="\n\n")
    for verdict in verdicts:
        if verdict.wrong:
            print(f"{verdict.variant}: {verdict.wrong}: {verdict.label.clip}")


def row(name: str, verdicts: list[Verdict]) -> str:
    """One line of the table, with 95 % intervals."""
    expected = [verdict.is_hit for verdict in verdicts if verdict.label.kind]
    quiet = [not verdict.false_alarms for verdict in verdicts if not verdict.label.kind]
    cells = [f"{sum(of)}/{len(of)} = {sum(of) / max(1, len(of)):.3f} ({interval(of)})" for of in (expected, quiet)]
    return f"| {name} | {cells[0]} | {cells[1]} |"


def interval(outcomes: list[bool]) -> str:
    """95 % interval of a proportion."""
    low, high = wilson(sum(outcomes), len(outcomes))
    return f"{low:.2f}–{high:.2f}"


if __name__ == "__main__":
    main()
