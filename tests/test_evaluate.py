"""The score: what counts as a hit, what as a false alarm, and what the tables say."""

import json
import math
from pathlib import Path

import pytest

from semcam.contract.errors import ConfigError
from semcam.contract.signal import Stage
from semcam.workbench.evaluate import Label, Raised, read_manifest, score, wilson
from tests.conftest import ROOT, semcam


def confirmed(t_s: float, kind: str = "fall") -> Raised:
    return Raised(kind, Stage.CONFIRMED, t_s)


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
        ((fall(5),), [Raised("fall", Stage.SUSPECTED, 6)], "miss", 0),  # a suspicion alone helps nobody
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


def test_the_sample_labels_as_a_table_and_as_json() -> None:
    table = semcam("evaluate", ROOT / "sample_videos" / "labels.csv")
    assert table.returncode == 0, table.stderr
    assert "sample" in table.stdout
    assert "1/1" in table.stdout
    machine = semcam("evaluate", ROOT / "sample_videos" / "labels.csv", "--json")
    document = json.loads(machine.stdout)
    assert document["rows"] == [
        {"kind": "fall", "group": "sample", "clips": 1, "expected": 1, "hits": 1, "misses": 0, "false_alarms": 0}
    ]
    assert [clip["verdict"] for clip in document["clips"]] == ["hit"]
    assert document["footage_s"] > 20
