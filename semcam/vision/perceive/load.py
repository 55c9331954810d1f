"""The models that a job names, loaded; those that a person brought along are first asked who they are."""

import ctypes
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.families import Compute, Family, Role
from semcam.contract.models import FLOAT_OF, POSE, ComputeChoice, ModelFile
from semcam.vision import memory
from semcam.vision.perceive.detect import Finder
from semcam.vision.perceive.families import KINDS, Kind, families_like, kind_of
from semcam.vision.perceive.families.centernet import CENTERNET
from semcam.vision.perceive.families.kinds import Answer, DetectorKind, PoseKind
from semcam.vision.perceive.families.nanodet import NANODET
from semcam.vision.perceive.int8 import is_exact
from semcam.vision.perceive.pose import OneByOne, PoseModel
from semcam.vision.perceive.session import Session, will_compute
from semcam.vision.perceive.tensor import SIZES, beside, size_of, tensor_of

_SHIPPED = {"nanodet-int8": NANODET, "nanodet": NANODET, "centernet": CENTERNET}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What looks."""

    pose: PoseModel | OneByOne
    detector: Finder
    compute: Compute
    """What the pose model, which does most of the work, is computed on."""


def load_models(models: Path, job: Job) -> Loaded:
    """Load the two models of a job; `models` is the folder of those that come with semcam.

    Raises:
        VisionFault: one is missing, altered, unusable, or not what it is said to be.
    """
    pose = _pose(models, job)
    loaded = Loaded(pose, _detector(models, job), pose.session.compute)
    return_memory()
    return loaded


def return_memory() -> None:
    """Hand what loading needed back to the system: some 45 MB that glibc would keep (malloc_trim(3))."""
    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def _pose(models: Path, job: Job) -> PoseModel | OneByOne:
    own = job.models.get(job.pose)
    if own is None:
        return PoseModel(_shipped(models, job.pose, job), job.pose_pixels)
    session, kind, _ = load_own(own, Role.POSE, job.threads, job.compute)
    assert isinstance(kind, PoseKind)
    if kind.one_by_one:
        finder = PoseModel(_shipped(models, POSE, job), job.pose_pixels)
        return OneByOne(finder, session, kind)
    return PoseModel(session, job.pose_pixels, kind)


def chosen(name: str, compute: ComputeChoice) -> str:
    """Which model looks where `name` is asked for.

    8-bit numbers are for processors that are good at them; GPUs and others have their own ways to be fast.
    """
    return name if will_compute(compute) is Compute.CPU and is_exact() else FLOAT_OF.get(name, name)


def _shipped(models: Path, name: str, job: Job) -> Session:
    return Session(models, chosen(name, job.compute), job.threads, job.compute)


def _detector(models: Path, job: Job) -> Finder:
    own = job.models.get(job.detector)
    if own is None:
        return Finder(_shipped(models, job.detector, job), _SHIPPED[job.detector])
    session, kind, labels = load_own(own, Role.DETECTOR, job.threads, job.compute)
    assert isinstance(kind, DetectorKind)
    return Finder(session, kind, labels)


def load_own(
    model: ModelFile, role: Role, threads: int, compute: ComputeChoice = ComputeChoice.CPU
) -> tuple[Session, Kind, tuple[str | None, ...]]:
    """Load a model that a person brought along, for a role, and have it look at some picture.

    Its answer has to be what its family says; what it is, no matter what it is called, is in the answer. With it come
    the way in which the answer is written, and the labels of its classes.

    Raises:
        VisionFault: it cannot be loaded or run, answers in another way, or knows another number of classes.
    """
    try:
        session = Session.own(model, threads, compute)
    except VisionFault as fault:
        raise VisionFault(fault.code, role) from None
    answer = _answer(session, model.family)
    if answer is None:
        raise VisionFault(FaultCode.MODEL_UNUSABLE, role)
    kind = kind_of(model.family, answer)
    if kind is None:
        raise VisionFault(FaultCode.MODEL_FAMILY, role, looks_like=next(families_like(answer), None))
    labels = model.labels or model.family.labels
    classes = kind.classes(answer) if isinstance(kind, DetectorKind) else None
    if classes is not None and classes != len(labels):
        raise VisionFault(FaultCode.MODEL_LABELS, role, classes=min(classes, 9999))
    return session, kind, labels


def _answer(session: Session, family: Family) -> Answer | None:
    """What it says to a picture of noise; None where it takes no picture, or more than we know of."""
    picture, *others = session.inputs
    if len(picture.shape) != 4 or not picture.dtype or any(each.name != SIZES for each in others):
        return None
    wanted = KINDS[family][0].input
    channels_last = picture.shape[3] == 3
    if 3 not in (picture.shape[1], picture.shape[3]) or picture.shape[0] not in (None, 1):
        return None
    size = size_of(picture, wanted.open_size)
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    as_declared = replace(wanted, channels_last=channels_last)
    tensor = tensor_of(noise, as_declared, picture.dtype)
    try:
        outputs = session.run(tensor, beside(session.inputs, size))
    except Exception as error:  # ONNX Runtime has no common root for its errors
        if memory.says_so(error):
            raise
        return None
    is_of_one_picture = all(isinstance(each, np.ndarray) and each.shape[:1] == (1,) for each in outputs)
    return Answer(session.inputs, session.outputs, outputs, size) if is_of_one_picture else None
