"""Every family that semcam knows, on real ONNX files whose right answer is known."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.families import Family, Role
from semcam.contract.models import ModelFile
from semcam.tracking.observation import Floats
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.detect import Finder, each_once
from semcam.vision.perceive.families import Kind, families_like, kind_of
from semcam.vision.perceive.families.kinds import Answer, Array, Bodies, DetectorKind, PoseKind, Tensor, Things
from semcam.vision.perceive.families.yolov8 import YOLOV8
from semcam.vision.perceive.load import load_own
from semcam.vision.perceive.pose import PoseModel
from tests.tiny_models import BOX, CLASSES, HEIGHT, KEYPOINTS, TINY, WIDTH, Tiny

RED, GREEN, BLUE = 204, 102, 51
LABELS = ("dog", "bear", None)
SAME = [{Family.YOLOV8, Family.YOLO11}, {Family.YOLOV8_POSE, Family.YOLO11_POSE}, {Family.RT_DETR, Family.D_FINE}]
"""Families that write their answers alike."""
DETECTORS = [name for name, tiny in TINY.items() if not tiny.people]
POSES = [name for name, tiny in TINY.items() if tiny.people]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tiny")
    return {name: tiny.write(folder / f"{number}.onnx") for number, (name, tiny) in enumerate(TINY.items())}


def model(file: Path, family: Family, labels: tuple[str | None, ...] | None = LABELS) -> ModelFile:
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    return ModelFile(
        file=str(file), family=family, labels=labels if family.role is Role.DETECTOR else None, sha256=sha256
    )


def detector(file: Path, family: Family) -> Finder:
    session, kind, labels = load_own(model(file, family), Role.DETECTOR, 1)
    assert isinstance(kind, DetectorKind)
    return Finder(session, kind, labels)


def pose(file: Path, family: Family) -> PoseModel:
    session, kind, _ = load_own(model(file, family), Role.POSE, 1)
    assert isinstance(kind, PoseKind)
    return PoseModel(session, 320, kind)


def one_colour(height: int = 2 * HEIGHT, width: int = 2 * WIDTH) -> Frame:
    """A picture of one colour; by default it fills the input without an edge."""
    return Frame(np.broadcast_to(np.array([BLUE, GREEN, RED], np.uint8), (height, width, 3)).copy(), 1.5, 0)


def brightness(tiny: Tiny) -> float:
    """How sure the model is of what it sees in that picture: as its first channel is bright."""
    return (RED if tiny.first_channel == "R" else BLUE) / 255


# what is seen


@pytest.mark.parametrize("name", DETECTORS)
def test_a_thing_is_found_where_it_is_and_called_what_it_is(name: str, files: dict[str, Path]) -> None:
    """The score shows that colours and scaling are those of the family, the box that places are read right."""
    objects = detector(files[name], TINY[name].family).look(one_colour())
    assert objects.labels == ("bear",)
    assert objects.scores[0] == pytest.approx(brightness(TINY[name]), abs=2e-3)
    assert objects.boxes[0] == pytest.approx(np.array(BOX) / HEIGHT, abs=1e-4)  # in heights of the picture


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("size", [(128, 128), (480, 640), (90, 320)])
def test_a_picture_of_another_shape_is_not_bent(name: str, size: tuple[int, int], files: dict[str, Path]) -> None:
    """It goes in as large as it can be, upper left; where the input is filled up, scores change, places do not."""
    height, width = size
    scale = min(HEIGHT / height, WIDTH / width)
    objects = detector(files[name], TINY[name].family).look(one_colour(height, width))
    for box in objects.boxes:
        assert box == pytest.approx(np.array(BOX) / round(height * scale), abs=1e-4)


@pytest.mark.parametrize("name", [name for name in POSES if TINY[name].family is not Family.RTMPOSE])
def test_a_person_is_found_with_all_keypoints(name: str, files: dict[str, Path]) -> None:
    people = pose(files[name], TINY[name].family).look(one_colour())
    assert people.scores == pytest.approx([brightness(TINY[name])], abs=2e-3)
    assert people.keypoints[0, :, :2] == pytest.approx(KEYPOINTS / HEIGHT, abs=1e-4)
    around_the_keypoints = np.concatenate([KEYPOINTS.min(0), KEYPOINTS.max(0)])
    box = around_the_keypoints if name == "movenet, for one" else np.array(BOX)
    assert people.boxes[0] == pytest.approx(box / HEIGHT, abs=1e-4)


def test_keypoints_of_rtmpose_are_where_columns_and_rows_peak(files: dict[str, Path]) -> None:
    _, kind, _ = load_own(model(files["rtmpose"], Family.RTMPOSE), Role.POSE, 1)
    assert isinstance(kind, PoseKind)
    across, down = np.zeros((1, 17, 2 * WIDTH), np.float32), np.zeros((1, 17, 2 * HEIGHT), np.float32)
    across[0, :, 51], down[0, :, 20] = 0.9, 0.6
    bodies = kind.decode([across, down], (HEIGHT, WIDTH))
    assert bodies.keypoints[0] == pytest.approx(np.tile([25.5, 10.0, 0.6], (17, 1)))


def test_what_labels_leave_out_is_not_seen(files: dict[str, Path]) -> None:
    without = model(files["yolov8"], Family.YOLOV8, ("dog", None, "cat"))
    session, kind, labels = load_own(without, Role.DETECTOR, 1)
    assert isinstance(kind, DetectorKind)
    assert Finder(session, kind, labels).look(one_colour()).labels == ()


def test_two_classes_with_one_label_are_one_thing() -> None:
    """A boar and a deer may both be a large animal; the same one found as both is told once."""
    boxes = np.array([[10, 10, 50, 50], [11, 10, 50, 50]], np.float32)
    rows = np.concatenate([boxes.T, [[0.6, 0.0], [0.0, 0.5]]]).astype(np.float32)[None]
    things = YOLOV8.decode([rows], (HEIGHT, WIDTH), 2)
    assert each_once(0.0, *things, ("large_animal", "large_animal")).labels == ("large_animal",)
    assert each_once(0.0, *things, ("cow", "horse")).labels == ("cow", "horse")


# who is who


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("name", TINY)
def test_a_file_is_taken_for_what_it_is(name: str, family: Family, files: dict[str, Path]) -> None:
    its_own = next((same for same in SAME if TINY[name].family in same), {TINY[name].family})
    if family in its_own:
        load_own(model(files[name], family), family.role, 1)
        return
    with pytest.raises(VisionFault) as refused:
        load_own(model(files[name], family), family.role, 1)
    assert refused.value.code is FaultCode.MODEL_FAMILY
    assert refused.value.role is family.role
    assert refused.value.looks_like in its_own


@pytest.mark.parametrize("name", ["yolox", "yolov8", "rt-detr, raw", "rf-detr", "nanodet", "centernet, maps"])
def test_as_many_labels_as_classes(name: str, files: dict[str, Path]) -> None:
    for labels in (("dog",), None):  # None: those of COCO
        with pytest.raises(VisionFault) as refused:
            load_own(model(files[name], TINY[name].family, labels), Role.DETECTOR, 1)
        assert (refused.value.code, refused.value.classes) == (FaultCode.MODEL_LABELS, CLASSES)


def test_a_file_that_leaves_its_size_open_sees_at_the_size_of_its_family(tmp_path: Path) -> None:
    tiny = TINY["centernet"]
    file = Tiny(**{**vars(tiny), "sides": ("height", "width")}).write(tmp_path / "open.onnx")
    objects = detector(file, Family.CENTERNET).look(one_colour(512, 512))
    assert objects.boxes[0] == pytest.approx(np.array(BOX) / 512, abs=1e-4)


def test_a_file_that_is_no_model_and_one_that_has_changed(tmp_path: Path, files: dict[str, Path]) -> None:
    no_model = tmp_path / "text.onnx"
    no_model.write_text("not a network")
    of_before = model(files["yolox"], Family.YOLOX)
    changed = tmp_path / "changed.onnx"
    changed.write_bytes(files["yolov8"].read_bytes())
    for wrong, code in (
        (model(no_model, Family.YOLOX), FaultCode.MODEL_UNUSABLE),
        (of_before.model_copy(update={"file": str(changed)}), FaultCode.MODEL_ALTERED),
        (of_before.model_copy(update={"file": str(tmp_path / "gone.onnx")}), FaultCode.MODEL_MISSING),
    ):
        with pytest.raises(VisionFault) as refused:
            load_own(wrong, Role.DETECTOR, 1)
        assert (refused.value.code, refused.value.role) == (code, Role.DETECTOR)


# whatever a model says

ANY_FLOAT = st.floats(width=32)
SHAPES = st.sampled_from([
    *({values.shape for tiny in TINY.values() for values in tiny.outputs.values()}),
    (1, 0, 8), (1, CLASSES + 4, 0), (1, 3, 3), (1,), (),
])  # fmt: skip


def decoded(kind: Kind, outputs: Sequence[Array], classes: int | None) -> None:
    """It is decoded, and as many boxes as scores come out."""
    if isinstance(kind, DetectorKind):
        found: Things | Bodies = kind.decode(outputs, (HEIGHT, WIDTH), classes or CLASSES)
    else:
        found = kind.decode(outputs, (HEIGHT, WIDTH))
    assert len({len(part) for part in found}) == 1


@given(
    st.lists(
        SHAPES.flatmap(lambda shape: arrays.arrays(np.float32, shape, elements=ANY_FLOAT)), min_size=1, max_size=3
    ),
    st.booleans(),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_answer_breaks_the_question_who_it_is_from(outputs: list[Floats], channels_last: bool) -> None:
    shape = (1, HEIGHT, WIDTH, 3) if channels_last else (1, 3, HEIGHT, WIDTH)
    inputs = (Tensor("picture", shape, "float32"),)
    answer = Answer(inputs, tuple(map(str, range(len(outputs)))), outputs, (HEIGHT, WIDTH))
    for family in families_like(answer):
        kind = kind_of(family, answer)
        assert kind is not None
        decoded(kind, outputs, kind.classes(answer) if isinstance(kind, DetectorKind) else None)


@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("value", [0.0, 0.1, 1e30, float("nan"), float("inf")])
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_nothing_is_seen_in_an_answer_without_sense(name: str, value: float, files: dict[str, Path]) -> None:
    """Also a scene in which there is nothing at all."""
    tiny = TINY[name]
    kind: Kind = load_own(model(files[name], tiny.family), tiny.family.role, 1)[1]
    outputs = [np.full_like(values, value) for values in tiny.outputs.values()]
    if tiny.in_pixels_asked_for:
        outputs[0] = outputs[0].astype(np.int64)
    decoded(kind, outputs, CLASSES)
