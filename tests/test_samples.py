"""Every sample clip through real models and rules: all as labelled, and exactly the events that are expected.

To accept a change of the golden list that is meant:

    SEMCAM_UPDATE_GOLDEN=1 tests/run -k golden
"""

import difflib
import os
from pathlib import Path

import pytest

from semcam.contract.load import DEMO, load_config
from semcam.vision.perceive.int8 import is_exact
from semcam.workbench.evaluate import evaluate_manifest
from semcam.workbench.judged import Judged, Looking
from semcam.workbench.score import Result
from tests.conftest import ROOT

SAMPLES = ROOT / "sample_videos"
GOLDEN = ROOT / "tests" / "golden" / ("samples.txt" if is_exact() else "samples_float.txt")
"""The models in 8-bit numbers tell some events a picture earlier or later than those in float."""
MOST_BYTES = 25_000_000


@pytest.fixture(scope="module")
def evaluated() -> tuple[Result, list[Judged]]:
    """All samples, looked at anew: a remembered look would hide a change in perception."""
    config = load_config(DEMO)
    return evaluate_manifest(SAMPLES / "labels.csv", config, "camera", Looking(cache=None), lambda *_: None)


def told(clip: Judged) -> list[str]:
    """What a clip raises, one line an event."""
    lines = [
        f"  {event.data.clock.mono_s:5.1f} s  {event.data.stage:9}  {event.kind}  {event.data.message}"
        for event in clip.events
    ]
    return [f"{clip.clip.name}:", *(lines or ["  nothing"])]


def test_golden_events_of_all_samples(evaluated: tuple[Result, list[Judged]]) -> None:
    lines = [line for clip in evaluated[1] for line in told(clip)]
    if os.environ.get("SEMCAM_UPDATE_GOLDEN"):
        GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    difference = "\n".join(difflib.unified_diff(golden, lines, "golden", "now", lineterm=""))
    assert not difference, f"\n{difference}\n{__doc__}"


def test_every_sample_is_told_as_labelled(evaluated: tuple[Result, list[Judged]]) -> None:
    wrong = [(clip.clip, clip.verdict) for clip in evaluated[0].clips if clip.verdict not in ("hit", "quiet")]
    assert wrong == []


def test_every_fall_is_suspected_in_time(evaluated: tuple[Result, list[Judged]]) -> None:
    (falls,) = [row for row in evaluated[0].rows if row.kind == "fall"]
    assert max(falls.suspected_after_s) <= 2.5
    assert max(falls.confirmed_after_s) <= 8


def test_every_sample_has_a_label_and_they_stay_small() -> None:
    labelled = {line.split(",")[0] for line in (SAMPLES / "labels.csv").read_text().splitlines()[1:]}
    clips = [Path(path) for path in SAMPLES.glob("*.mp4")]
    assert {path.name for path in clips} == labelled
    assert sum(path.stat().st_size for path in clips) <= MOST_BYTES
