"""The score: what counts as a hit, what as a false alarm, and what the tables say."""

import json
import math
import re
import shutil
from pathlib import Path

import pytest

from semcam.contract.delivery import AlarmStage
from semcam.contract.errors import ConfigError
from semcam.workbench.labels import Label, read_manifest
from semcam.workbench.score import Raised, score, wilson
from tests.conftest import SAMPLE, semcam


def confirmed(t_s: float, kind: str = "fall") -> Raised:
    return Raised(kind, AlarmStage.CONFIRMED, t_s)


def fall(start_s: float) -> Label:
    return Label(clip="a.mp4", kind="fall", start_s=start_s, group="g")


NOTHING = Label(clip="a.mp4", group="g")


@pytest.mark.parametrize(
    ("labels", "raised", "verdict", "false_alarms"),
    [
        ((fall(5),), [confirmed(9)], "hit", 0),
        ((fall(5),), [confirmed(20)], "hit", 0),  # the last moment of the window
        ((fall(5),), [confirmed(20.1)], "miss", 1),
        ((fall(5),), [confirmed(4.9)], "miss", 1),  # before it happened: luck, not a hit
        ((fall(5),), [confirmed(9), confirmed(12)], "false_alarm", 1),  # the second one is one too many
        ((fall(5), fall(8)), [confirmed(9), confirmed(12)], "hit", 0),
        ((fall(5),), [], "miss", 0),
        ((NOTHING,), [], "quiet", 0),
        ((NOTHING,), [confirmed(3)], "false_alarm", 1),
        ((NOTHING,), [confirmed(3, "bear")], "quiet", 0),  # not a rated kind
        ((fall(5),), [Raised("fall", AlarmStage.SUSPECTED, 6)], "miss", 0),  # a suspicion alone helps nobody
    ],
)
def test_what_counts(labels: tuple[Label, ...], raised: list[Raised], verdict: str, false_alarms: int) -> None:
    result = score(labels, tuple(raised), 20.0, {"fall"})
    assert (result.verdict, len(result.false_alarms)) == (verdict, false_alarms)


def test_intervals_are_wilsons() -> None:
    """23 of 24; values as in Newcombe 1998, method 3, computed by hand from the formula."""
    low, high = wilson(23, 24)
    assert math.isclose(low, 0.7976, abs_tol=1e-3)
    assert math.isclose(high, 0.9926, abs_tol=1e-3)
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_manifest_with_mistakes_lists_them_all(tmp_path: Path) -> None:
    manifest = tmp_path / "labels.csv"
    manifest.write_text("clip,kind,start_s,colour\na.mp4,fall,soon,red\n,fall,1,\n")
    with pytest.raises(ConfigError) as caught:
        read_manifest(manifest)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [
        (1, "colour"),
        (2, "start_s"),
        (3, "clip"),
    ]


def test_a_manifest_as_a_table_and_as_json(tmp_path: Path) -> None:
    """One clip twice: once as it is, once with a label that says nothing may happen."""
    for name in ("fall.mp4", "alarm.mp4"):
        shutil.copy(SAMPLE, tmp_path / name)
    manifest = tmp_path / "labels.csv"
    manifest.write_text(
        "clip,kind,start_s,hold_last_s,view,group\nfall.mp4,fall,5.30,8,,sample\nalarm.mp4,,,8,,quiet\n"
    )
    cache = str(tmp_path / "cache")
    table = semcam("evaluate", manifest, XDG_CACHE_HOME=cache)
    assert table.returncode == 0, table.stderr
    assert re.search(r"^ *sample +fall +1 +1/1 +0 +0 +1\.00 \(0\.21–1\.00\)", table.stdout, re.MULTILINE)
    assert re.search(r"^ *quiet +\(nothing\) +1 +– +– +1 ", table.stdout, re.MULTILINE)
    assert "false alarm: alarm.mp4 (suspected fall at 6." in table.stdout
    assert "…" not in table.stdout
    machine = semcam("evaluate", manifest, "--json", XDG_CACHE_HOME=cache)
    document = json.loads(machine.stdout)
    assert document["rows"] == [
        {"kind": "fall", "group": "sample", "clips": 1, "expected": 1, "hits": 1, "misses": 0, "false_alarms": 0},
        {"kind": None, "group": "quiet", "clips": 1, "expected": 0, "hits": 0, "misses": 0, "false_alarms": 1},
    ]
    confirmed = {"kind": "fall", "t_s": pytest.approx(9.1, abs=1)}
    assert document["clips"] == [
        {"clip": "fall.mp4", "group": "sample", "verdict": "hit", "confirmed": [confirmed]},
        {"clip": "alarm.mp4", "group": "quiet", "verdict": "false_alarm", "confirmed": [confirmed]},
    ]
    assert document["footage_s"] == pytest.approx(2 * 22.9, abs=0.2)
