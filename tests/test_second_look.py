"""What may be an animal is looked at twice; the rest of the picture costs nothing more."""

import numpy as np
import pytest

from semcam.contract.labels import ANIMALS, BEAR
from semcam.tracking.observation import Objects
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.detect import Finder
from semcam.vision.perceive.families.nanodet import NANODET
from semcam.vision.perceive.second_look import CURIOUS, SecondLook
from semcam.vision.perceive.session import Session
from tests.conftest import ROOT, SAMPLE

BEAR_CLIP = ROOT / "sample_videos" / "bear_gate.mp4"


class Counted:
    """NanoDet, and how often it has looked."""

    def __init__(self) -> None:
        self._detector = Finder(Session(ROOT / "models", "nanodet", 1), NANODET)
        self.looks = 0

    def look(self, frame: Frame) -> Objects:
        self.looks += 1
        return self._detector.look(frame)


@pytest.fixture(scope="module")
def detector() -> Counted:
    return Counted()


def best(objects: Objects, label: str) -> float:
    return max(
        (float(score) for kind, score in zip(objects.labels, objects.scores, strict=True) if kind == label), default=0
    )


def test_a_room_without_animals_is_looked_at_once(detector: Counted) -> None:
    frame = next(iter(open_file(SAMPLE, Playback(1)).frames()))
    once = detector.look(frame)
    assert all(label not in ANIMALS or score < CURIOUS for label, score in zip(once.labels, once.scores, strict=True))
    before = detector.looks
    twice = SecondLook(detector).look(frame)
    assert detector.looks == before + 1
    assert twice.labels == once.labels
    assert np.array_equal(twice.scores, once.scores)


def test_a_bear_is_looked_at_twice_and_both_looks_count(detector: Counted) -> None:
    frames = list(open_file(BEAR_CLIP, Playback(2)).frames())
    frame = max(frames, key=lambda frame: best(detector.look(frame), BEAR))
    before = detector.looks
    twice = SecondLook(detector).look(frame)
    assert detector.looks > before + 1
    assert best(twice, BEAR) > 0.4
    assert best(twice, BEAR) != pytest.approx(best(detector.look(frame), BEAR))
    assert np.all(twice.scores <= 1)


def test_the_same_picture_gets_the_same_answer(detector: Counted) -> None:
    frame = list(open_file(BEAR_CLIP, Playback(1)).frames())[4]
    first, again = SecondLook(detector).look(frame), SecondLook(detector).look(frame)
    assert first.labels == again.labels
    assert np.array_equal(first.scores, again.scores)
    assert np.array_equal(first.boxes, again.boxes)
