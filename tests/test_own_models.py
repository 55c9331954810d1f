"""Models that a person brings along: from a line of semcam.yaml to what is told, or to one clear sentence."""

import hashlib
import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from semcam.contract.config import Config, Job, job_for
from semcam.contract.errors import ConfigError, FaultCode, ModelError, VisionFault
from semcam.contract.event import MadeBy
from semcam.contract.families import Compute, Family, Role
from semcam.contract.load import DEMO, load_config, read_config
from semcam.contract.manifest import models_digest, models_dir
from semcam.contract.models import ComputeChoice, ModelFile
from semcam.contract.signal import Fault, Ready, Wall, from_line, to_line
from semcam.courier.clock import WallClock
from semcam.courier.desk import Desk
from semcam.courier.faults import explain_fault
from semcam.courier.outbox import Outbox
from semcam.courier.supervisor import Supervisor
from semcam.courier.vision_process import VisionProcess
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.perceive.load import load_models
from semcam.vision.perceive.pose import OneByOne
from semcam.vision.perceive.session import PROVIDERS, Session
from semcam.workbench.cache import key_of
from semcam.workbench.own_models import check_models
from tests.conftest import ROOT, SAMPLE, semcam
from tests.tiny_models import HEIGHT, TINY, WIDTH, Tiny

YOLOX_NANO = ROOT.parent / "shared" / "byo" / "yolox_nano.onnx"
a_real_one = pytest.mark.skipif(
    not YOLOX_NANO.exists(),
    reason="needs the YOLOX nano of its makers, which is no part of this project, as ../shared/byo/yolox_nano.onnx",
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "semcam.yaml"


def written(page: Path, models: str, camera: str = "detector: mine", top: str = "") -> Path:
    page.write_text(f"{top}models:\n  {models}\ncameras:\n  gate:\n    scene: demo\n    {camera}\n", encoding="utf-8")
    return page


def tiny(folder: Path, name: str) -> Path:
    return TINY[name].write(folder / f"{name}.onnx")


# a real one


@a_real_one
def test_a_fall_is_told_with_a_detector_of_ones_own(page: Path) -> None:
    written(page, f"mine: {{file: {YOLOX_NANO}, family: yolox}}", "fps: 5\n    detector: mine")
    assert semcam("check", page).stdout.endswith("good\n")
    done = semcam("replay", SAMPLE, "--config", page, "--json")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["type"] for event in told] == ["semcam.fall"] * 2
    config = load_config(page)
    assert {event["data"]["made_by"]["models"] for event in told} == {models_digest(models_dir(), config.model_files)}
    assert models_digest(models_dir()) != models_digest(models_dir(), config.model_files)


@a_real_one
def test_it_sees_the_person_and_the_bed() -> None:
    files = {"mine": ModelFile(file=str(YOLOX_NANO), family=Family.YOLOX, sha256=digest(YOLOX_NANO))}
    loaded = load_models(models_dir(), Job(source="", rules={}, threads=1, detector="mine", models=files))
    frame = list(open_file(SAMPLE, Playback(fps=1)).frames())[1]
    things = loaded.detector.look(frame)
    scores = dict(zip(things.labels, things.scores, strict=True))
    assert scores["person"] > 0.6
    assert scores["bed"] > 0.6
    (person,) = (box for label, box in zip(things.labels, things.boxes, strict=True) if label == "person")
    body = loaded.pose.look(frame).boxes[0]  # where the pose model sees the same person
    assert person == pytest.approx(body, abs=0.08)


@a_real_one
@pytest.mark.parametrize("said", ["nanodet", "yolov8", "rt-detr", "centernet", "movenet"])
def test_it_is_not_taken_for_anything_else(page: Path, said: str) -> None:
    role = Family(said).role
    config = load_config(written(page, f"mine: {{file: {YOLOX_NANO}, family: {said}}}", f"{role}: mine"))
    with pytest.raises(ConfigError) as refused:
        check_models(page, config)
    remedy = "write `family: yolox`"
    if role is Role.POSE:
        remedy += ", and name it as a camera's detector, not as its pose"
    sentence = f"line 2: models.mine.family: this file looks like YOLOX, you said {said}; {remedy}"
    assert list(map(str, refused.value.problems)) == [sentence]


@a_real_one
def test_replay_and_evaluate_say_the_same_in_one_sentence(page: Path) -> None:
    """Here it is the confined process that finds it out, and the courier that says it."""
    written(page, f"mine: {{file: {YOLOX_NANO}, family: nanodet}}")
    sentence = f"models.mine: {YOLOX_NANO}: this file looks like YOLOX, you said nanodet; write `family: yolox`\n"
    for command in (("replay", SAMPLE), ("evaluate", ROOT / "sample_videos" / "labels.csv", "--jobs", "1")):
        done = semcam(*command, "--config", page)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.endswith(sentence)


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


# what the configuration says


def test_a_bear_is_told_by_a_detector_with_names_of_its_own(page: Path, tmp_path: Path) -> None:
    """It has three classes; one is a bear, and it sees it everywhere."""
    file = tiny(tmp_path, "yolov8")
    written(page, f"mine: {{file: {file}, family: yolo11, labels: [dog, bear, ~]}}", "fps: 2\n    detector: mine")
    done = semcam("replay", SAMPLE, "--config", page, "--json")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "semcam.bear" in {json.loads(line)["type"] for line in done.stdout.splitlines()}


def test_everything_that_is_wrong_is_said_at_once(page: Path, tmp_path: Path) -> None:
    yolox, pose = tiny(tmp_path, "yolox"), tiny(tmp_path, "yolov8-pose")
    (text := tmp_path / "text.onnx").write_text("not a network")
    page.write_text(
        f"""\
models:
  right: {{file: {yolox}, family: yolox, labels: [dog, bear, ~]}}
  unnamed: {{file: {yolox}, family: yolox}}
  misnamed: {{file: {yolox}, family: yolox, labels: bear}}
  mistaken: {{file: {pose}, family: yolov8}}
  gone: {{file: {tmp_path}/gone.onnx, family: rtmpose}}
  text: {{file: {text}, family: rf-detr}}
cameras:
  gate: {{scene: demo, detector: right}}
""",
        encoding="utf-8",
    )
    done = semcam("check", page)
    assert (done.returncode, done.stdout) == (1, "")
    assert [line.removeprefix(f"{page}: ") for line in done.stderr.splitlines()] == [
        "line 3: models.unnamed.labels: this file knows 3 classes, and COCO has 80; give labels: one for each class",
        "line 4: models.misnamed.labels: this file knows 3 classes, and labels: has 1; give labels: one for each class",
        "line 5: models.mistaken.family: this file looks like YOLOv8 pose, you said yolov8; write "
        "`family: yolov8-pose`, and name it as a camera's pose, not as its detector",
        f"line 6: models.gone.file: {tmp_path}/gone.onnx: no such file; check the name",
        "line 7: models.text.file: ONNX Runtime cannot run it on one picture; export it again, as docs/models.md says",
    ]


@pytest.mark.parametrize(
    ("models", "camera", "sentence"),
    [
        ("nanodet: {file: a, family: yolox}", "detector: nanodet",
         "line 2: models.nanodet: is a model that comes with semcam; give yours another name"),
        ("mine: {file: a, family: yolo8}", "detector: mine",
         "line 2: models.mine.family: is none of the choices; did you mean 'yolov8'? use 'yolox', "),
        ("mine: {file: a, family: movenet, labels: [bear]}", "pose: mine",
         "line 2: models.mine: has labels, which only detectors have; take them out"),
        ("mine: {file: a, family: yolox, labels: [beer]}", "detector: mine",
         "line 2: models.mine.labels.0: 'beer' is not a label; did you mean 'bear'?"),
        ("mine: {file: a, family: yolox}", "detector: mein",
         "line 6: cameras.gate.detector: no model 'mein'; add it under models (did you mean 'mine'? "
         "there are: nanodet, nanodet-int8, centernet, mine)"),
        ("mine: {file: a, family: yolox}", "pose: mine",
         "line 6: cameras.gate.pose: 'mine' is a model for detector, not for pose "
         "(there are: movenet-multipose-int8, movenet-multipose)"),
    ],
)  # fmt: skip
def test_names_that_do_not_fit(page: Path, models: str, camera: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config(written(page, models, camera))
    (problem,) = refused.value.problems
    assert str(problem).startswith(sentence)


def test_a_model_that_no_camera_uses_is_a_hint(page: Path) -> None:
    hints = read_config(written(page, "mine: {file: a, family: rtmpose}", "detector: centernet")).hints
    assert "line 2: models.mine: no camera uses this model; add `pose: mine` to one" in map(str, hints)


def test_how_many_people_another_model_sees_is_not_known(page: Path) -> None:
    crowd = "rules: {crowd: {kind: occupancy, more_than: 8}}"
    for pose, is_hinted in (("movenet-multipose-int8", True), ("movenet-multipose", True), ("mine", False)):
        written(page, "mine: {file: a, family: yolov8-pose}", f"pose: {pose}\n    {crowd}")
        assert any("no more than 6 people" in str(hint) for hint in read_config(page).hints) is is_hinted


def test_a_file_that_is_not_there_is_said_before_a_camera_starts(page: Path) -> None:
    done = semcam("replay", SAMPLE, "--config", written(page, "mine: {file: none.onnx, family: yolox}"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "models.mine.file: none.onnx: no such file; check the name\n"


def test_what_is_remembered_belongs_to_the_model_that_saw_it() -> None:
    """Not to its name: the file may be another one tomorrow."""

    def key(sha256: str, labels: tuple[str, ...] | None = None, detector: str = "mine", name: str = "a") -> str:
        own = ModelFile(file=name, family=Family.YOLOX, labels=labels, sha256=sha256 * 64)
        return key_of(Job(source=str(SAMPLE), rules={}, detector=detector, models={"mine": own}), "code")

    assert key("0") == key("0", name="b")
    assert len({key("0"), key("1"), key("0", ("bear",)), key("0", detector="nanodet")}) == 4


def test_the_page_has_a_row_for_every_family_and_everything_that_computes() -> None:
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall("`([^`]+)`", row)}
    assert {*Family, *Compute} <= named


# people


def test_who_is_found_is_looked_at_one_by_one(tmp_path: Path) -> None:
    """RTMPose sees one person: MoveNet finds them, and the middle of its picture is the middle of their box."""
    joints = {"simcc_x": np.zeros((1, 17, 2 * WIDTH), np.float32), "simcc_y": np.zeros((1, 17, 2 * HEIGHT), np.float32)}
    joints["simcc_x"][..., WIDTH] = joints["simcc_y"][..., HEIGHT] = 0.8
    file = Tiny(**{**vars(TINY["rtmpose"]), "outputs": joints, "marks": {}}).write(tmp_path / "rtmpose.onnx")
    own = {"mine": ModelFile(file=str(file), family=Family.RTMPOSE, sha256=digest(file))}
    loaded = load_models(models_dir(), Job(source="", rules={}, threads=1, pose="mine", models=own))
    assert isinstance(loaded.pose, OneByOne)
    frame = list(open_file(SAMPLE, Playback(fps=1)).frames())[1]
    found, people = loaded.pose.finder.look(frame), loaded.pose.look(frame)
    assert people.boxes == pytest.approx(found.boxes)
    assert people.scores == pytest.approx(found.scores)
    middles = (people.boxes[:, :2] + people.boxes[:, 2:]) / 2
    assert people.keypoints[:, :, :2] == pytest.approx(np.repeat(middles[:, None], 17, axis=1), abs=2e-3)
    assert people.keypoints[:, :, 2] == pytest.approx(0.8)


# what computes


def lines(job: Job) -> Iterator[bytes]:
    with VisionProcess(job, show_stderr=False) as process:
        yield from process.lines()


def a_job(config: Config) -> Job:
    return job_for(config.cameras["gate"], str(SAMPLE), config).model_copy(update={"fps": 1.0})


def test_the_vision_process_opens_the_models_of_its_job_and_says_what_computes(page: Path, tmp_path: Path) -> None:
    """Wherever they lie: nothing else of that folder is opened, which tests of the attacks show."""
    file = tiny(tmp_path, "yolox")
    own = f"mine: {{file: {file}, family: yolox, labels: [dog, bear, cat]}}"
    config = load_config(written(page, own, top="compute: auto\n"))
    job = a_job(config)
    wall = Wall(job.rules, job.zones)
    (ready,) = (signal for line in lines(job) if isinstance(signal := wall.admit(line), Ready))
    assert PROVIDERS[ready.compute] in ort.get_available_providers()


def test_what_computes_stands_in_the_status_of_a_running_camera() -> None:
    config = load_config(DEMO)
    made_by = MadeBy(semcam="0", models="sha256:0", config="sha256:0")
    desk = Desk(config, "camera", WallClock(), Outbox.in_memory("camera", "abcdef"), made_by, [])
    job = job_for(config.cameras["camera"], str(SAMPLE), config, loop=True, realtime=True, threads=1)
    stop, deadline = threading.Event(), time.monotonic() + 60

    def look() -> None:
        if desk.status.compute or time.monotonic() > deadline:
            stop.set()

    Supervisor({"camera": job}, {"camera": desk}, print).run(stop, look)
    assert desk.status.compute is Compute.CPU
    assert '"compute":"cpu"' in desk.status.model_dump_json()


def test_what_is_not_there_to_compute_on_is_said_with_the_remedy(page: Path) -> None:
    absent = next(each for each in Compute if PROVIDERS[each] not in ort.get_available_providers())
    page.write_text(f"compute: {absent}\ncameras: {{gate: {{scene: demo}}}}\n")
    done = semcam("replay", SAMPLE, "--config", page)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"compute: {absent} does not work here; install ")
    assert done.stderr.endswith(", or write compute: auto\n")


@pytest.mark.parametrize("wanted", Compute)
def test_every_name_is_known_to_onnx_runtime(wanted: Compute) -> None:
    """By which it is asked for, whether it is there or not."""
    assert PROVIDERS[wanted] in ort.get_all_providers()
    model = models_dir() / "nanodet.onnx"
    own = ModelFile(file=str(model), family=Family.NANODET, sha256=digest(model))
    try:
        assert Session.own(own, 1, ComputeChoice(wanted.value)).compute is wanted
    except VisionFault as fault:
        assert fault.code is FaultCode.COMPUTE_ABSENT
        assert PROVIDERS[wanted] not in ort.get_available_providers()


# what crosses the wall


@pytest.mark.parametrize("code", [code for code in FaultCode if code.startswith(("model_", "compute_"))])
@pytest.mark.parametrize("role", [None, *Role])
def test_whatever_is_said_of_a_model_is_explained(code: FaultCode, role: Role | None) -> None:
    own = ModelFile(file="my.onnx", family=Family.NANODET, sha256="0" * 64)
    job = Job(source="clip.mp4", rules={}, detector="mine", models={"mine": own}, compute=ComputeChoice.CUDA)
    for looks_like in (None, *Family):
        fault = Fault(code=code, role=role, looks_like=looks_like, classes=3)
        assert from_line(to_line(fault)) == fault
        error = explain_fault(fault, job)
        assert isinstance(error, ModelError)
        assert ";" in str(error)  # what is wrong; what to do
        assert "\n" not in str(error)


def test_the_file_is_looked_up_once_and_stays_what_it_was(page: Path, tmp_path: Path) -> None:
    """What is loaded is what was checked: a file that is exchanged under a running semcam is not."""
    file = tiny(tmp_path, "yolox")
    config = load_config(written(page, f"mine: {{file: {file}, family: yolox, labels: [dog, bear, cat]}}"))
    job = a_job(config)
    shutil.copy(tiny(tmp_path, "yolov8"), file)
    assert a_job(config).models == job.models
    (fault,) = (signal for line in lines(job) if isinstance(signal := from_line(line), Fault))
    told = str(explain_fault(fault, job))
    assert told == f"models.mine: {file}: has changed since semcam started; start semcam again"


def test_rf_detr_counts_as_coco_does() -> None:
    """Category 0 is nothing, and there are gaps; the last column, which would be the last category, is no object."""
    labels = Family.RF_DETR.labels
    assert (labels[0], labels[1], labels[12], labels[18], labels[23]) == (None, "person", None, "dog", "bear")
    assert len(labels) == 90


def test_a_camera_is_not_started_without_the_model_that_it_names() -> None:
    camera = load_config(DEMO).cameras["camera"].model_copy(update={"detector": "mine"})
    with pytest.raises(KeyError):
        job_for(camera, "clip.mp4")
