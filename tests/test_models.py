"""The models as they are shipped: verified, loadable, and seeing what is there."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.labels import PERSON
from semcam.contract.manifest import read_manifest
from semcam.contract.models import SHIPPED
from semcam.contract.rules import SightingRule
from semcam.tracking.observation import PostureKind
from semcam.tracking.posture import judge
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.detect import Finder
from semcam.vision.perceive.eyes import Eyes
from semcam.vision.perceive.families.centernet import CENTERNET
from semcam.vision.perceive.families.kinds import DetectorKind
from semcam.vision.perceive.families.nanodet import NANODET
from semcam.vision.perceive.pose import PoseModel
from semcam.vision.perceive.session import Session
from tests.conftest import ROOT, SAMPLE

MODELS = ROOT / "models"


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """The sample clip, two pictures a second."""
    return list(open_file(SAMPLE, Playback(fps=2)).frames())


@pytest.fixture(scope="module")
def pose() -> Iterator[PoseModel]:
    yield PoseModel(Session(MODELS, "movenet-multipose", 1))


@pytest.mark.parametrize("name", SHIPPED)
def test_each_file_is_the_one_in_the_manifest(name: str) -> None:
    entry = read_manifest(MODELS)[name]
    assert hashlib.sha256((MODELS / entry.file).read_bytes()).hexdigest() == entry.sha256
    Session(MODELS, name, 1)


def test_a_file_that_differs_in_one_bit_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "MANIFEST.yaml").write_bytes((MODELS / "MANIFEST.yaml").read_bytes())
    content = bytearray((MODELS / "nanodet.onnx").read_bytes())
    content[1000] ^= 1
    (tmp_path / "nanodet.onnx").write_bytes(content)
    with pytest.raises(VisionFault) as caught:
        Session(tmp_path, "nanodet", 1)
    assert caught.value.code is FaultCode.MODEL_ALTERED


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VisionFault) as caught:
        Session(tmp_path, "nanodet", 1)
    assert caught.value.code is FaultCode.MODEL_MISSING


def test_a_file_that_is_no_model_although_its_sum_is_right(tmp_path: Path) -> None:
    (tmp_path / "nanodet.onnx").write_bytes(b"not a network")
    sha256 = hashlib.sha256(b"not a network").hexdigest()
    (tmp_path / "MANIFEST.yaml").write_text(f"models: {{nanodet: {{file: nanodet.onnx, sha256: {sha256}}}}}")
    with pytest.raises(VisionFault) as caught:
        Session(tmp_path, "nanodet", 1)
    assert caught.value.code is FaultCode.MODEL_UNUSABLE


def test_pose_sees_one_person_stand_and_then_lie(pose: PoseModel, frames: list[Frame]) -> None:
    def best_posture(frame: Frame) -> PostureKind:
        people = pose.look(frame)
        assert people.scores.max() > 0.3
        return judge(people.keypoints[people.scores.argmax()], float("nan")).kind

    assert {best_posture(frame) for frame in frames if 1 < frame.t_s < 4} == {PostureKind.UPRIGHT}
    assert {best_posture(frame) for frame in frames if frame.t_s > 8} == {PostureKind.LYING}


@pytest.mark.parametrize("size", [(480, 640), (360, 640), (640, 360), (123, 457), (40, 30)])
def test_pose_takes_pictures_of_any_shape(pose: PoseModel, frames: list[Frame], size: tuple[int, int]) -> None:
    """The same person at the same place, whatever the shape: coordinates are in frame heights."""
    import cv2

    height, width = size
    frame = frames[6]
    people = pose.look(Frame(np.asarray(cv2.resize(frame.pixels, (width, height)), np.uint8), frame.t_s, 0))
    if min(size) > 100:  # a person of a few pixels may be missed, but nothing breaks
        assert people.scores.max() > 0.25
        box = people.boxes[people.scores.argmax()]
        assert 0.2 < box[1] < box[3] < 0.9


@pytest.mark.parametrize(("name", "kind"), [("nanodet", NANODET), ("centernet", CENTERNET)])
def test_detectors_see_the_person_and_the_bed(name: str, kind: DetectorKind, frames: list[Frame]) -> None:
    objects = Finder(Session(MODELS, name, 1), kind).look(frames[2])
    best = {
        label: float(score)
        for label, score in sorted(zip(objects.labels, objects.scores, strict=True), key=lambda x: x[1])
    }
    assert best[PERSON] > 0.3
    assert best["bed"] > 0.3
    person = objects.boxes[[label == PERSON for label in objects.labels]][0]
    assert 0.2 < person[1] < person[3] < 0.9  # where the pose model sees it, in frame heights


def test_a_frame_that_is_shown_again_is_not_looked_at_again(frames: list[Frame]) -> None:
    eyes = Eyes.load(MODELS, Job(source="", rules={"bear": SightingRule(id="bear")}, threads=1))
    frame = frames[6]
    first = eyes.look(frame)
    again = eyes.look(Frame(frame.pixels, frame.t_s + 0.5, frame.index + 1))
    assert again.people.t_s == frame.t_s + 0.5
    assert again.people.keypoints is first.people.keypoints
    assert first.objects is not None
    assert again.objects is not None
    assert again.objects.boxes is first.objects.boxes


def test_an_installed_wheel_carries_the_models(tmp_path: Path) -> None:
    """Built as `pip install .` builds it."""
    import subprocess
    import sys

    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("semcam-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for entry in read_manifest(MODELS).values():
        assert f"semcam/models/{entry.file}" in names
    assert {"semcam/models/MANIFEST.yaml", "semcam/rules/scenes/demo.yaml", "semcam/py.typed"} <= names
