"""Models in 8-bit numbers: who may use them, and that they see what the others see."""

from pathlib import Path

import numpy as np
import pytest

from semcam.contract.families import Compute
from semcam.contract.models import FLOAT_OF, ComputeChoice
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive import load
from semcam.vision.perceive.int8 import is_exact
from semcam.vision.perceive.pose import PoseModel
from semcam.vision.perceive.session import Session, will_compute
from tests.conftest import ROOT, SAMPLE

OLD = "processor : 0\nflags\t\t: fpu sse2 avx2 avx512f\n"
NEW = "processor : 0\nflags\t\t: fpu sse2 avx2 avx_vnni\n"


@pytest.mark.parametrize(
    ("machine", "cpuinfo", "is_one"),
    [("x86_64", OLD, False), ("x86_64", NEW, True), ("x86_64", "", False), ("aarch64", "", True)],
)
def test_only_processors_that_add_up_in_32_bits_take_them(
    tmp_path: Path, machine: str, cpuinfo: str, is_one: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert is_exact(machine, tmp_path / "cpuinfo") is is_one


def test_where_nothing_is_known_of_the_processor_the_float_models_look(tmp_path: Path) -> None:
    assert is_exact("x86_64", tmp_path / "none") is False


def test_they_are_for_the_cpu_and_whatever_else_is_asked_for_is_what_looks() -> None:
    assert will_compute(ComputeChoice.CPU) is Compute.CPU
    for name, float_name in FLOAT_OF.items():
        assert load.chosen(name, ComputeChoice.CPU) == (name if is_exact() else float_name)
        assert load.chosen(float_name, ComputeChoice.CPU) == float_name
    assert load.chosen("mine", ComputeChoice.CPU) == "mine"


@pytest.mark.skipif(not is_exact(), reason="this processor is not good at 8-bit numbers")
def test_the_pose_model_draws_the_same_people() -> None:
    exact, short = (PoseModel(Session(ROOT / "models", name, 1)) for name in reversed([*FLOAT_OF.items()][1]))
    frames = [frame for frame in open_file(SAMPLE, Playback(fps=1)).frames() if isinstance(frame, Frame)]
    seen = [(exact.look(frame), short.look(frame)) for frame in frames]
    assert len(seen) > 10
    for truth, people in seen:
        (best, other) = (int(each.scores.argmax()) for each in (truth, people))
        assert people.scores[other] == pytest.approx(truth.scores[best], abs=0.1)
        sure = truth.keypoints[best, :, 2] > 0.3
        apart = np.hypot(*(truth.keypoints[best, sure, :2] - people.keypoints[other, sure, :2]).T)
        assert np.median(apart) < 0.02  # of the picture's height
