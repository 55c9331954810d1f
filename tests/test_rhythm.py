"""When the detector looks: often where things matter, and where an animal may be, later when it is late."""

import numpy as np
import pytest

from semcam.contract.config import Job
from semcam.contract.load import load_config
from semcam.tracking.observation import Objects
from semcam.vision.perceive.rhythm import LATE_S, Rhythm
from tests.conftest import ROOT


def seen(t_s: float, *labels: str, score: float = 0.5) -> Objects:
    return Objects(t_s, np.zeros((len(labels), 4), np.float32), labels, np.full(len(labels), score, np.float32))


def looks(rhythm: Rhythm, seconds: float, *labels: str, late_s: float = 0.0, score: float = 0.5) -> int:
    """How often it looks at 10 pictures a second that all show the same."""
    times = [tenth / 10 for tenth in range(int(seconds * 10))]
    count = 0
    for t_s in times:
        if rhythm.is_due(t_s, late_s):
            rhythm.looked(seen(t_s, *labels, score=score))
            count += 1
    return count


def test_where_things_matter_it_looks_twice_a_second() -> None:
    assert looks(Rhythm(wants_things=True), 10, "chair") == 20


def test_where_only_people_matter_it_guards_against_animals_taken_for_people() -> None:
    assert looks(Rhythm(wants_things=False), 10, "chair") == 5


def test_while_there_may_be_an_animal_it_looks_more_often() -> None:
    assert looks(Rhythm(wants_things=False), 12, "dog", score=0.25) == 24
    assert looks(Rhythm(wants_things=False), 12, "dog", score=0.1) == 6


def test_when_it_is_late_it_waits_once_and_no_longer() -> None:
    assert looks(Rhythm(wants_things=True), 10, late_s=LATE_S + 0.1) == 10
    assert looks(Rhythm(wants_things=True), 10, late_s=LATE_S) == 20


@pytest.mark.parametrize(
    ("rules", "wants"),
    [
        ("fall: {}", False),
        ("fall: {}\n      help: {kind: gesture}", False),
        ("bear: {kind: sighting}", True),
        ("crowd: {kind: occupancy, more_than: 3}", False),
        ("cars: {kind: occupancy, more_than: 3, labels: [car]}", True),
        ("two: {when: people.size() >= 2}", True),
        ("bag: {kind: left_behind}", True),
    ],
)
def test_rules_say_what_they_want(tmp_path: object, rules: str, wants: bool) -> None:
    page = ROOT / str(tmp_path) / "semcam.yaml"
    page.write_text(f"cameras:\n  gate:\n    rules:\n      {rules}\n")
    camera = load_config(page).cameras["gate"]
    assert Job(source="x", rules=camera.rules).wants_things is wants
