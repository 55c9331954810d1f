"""The page that shows what was seen: whole, harmless, and drawn by a real browser where there is one."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from semcam.contract.load import DEMO, load_config
from semcam.workbench.evaluate import evaluate_manifest
from semcam.workbench.judged import Judged, Looking
from semcam.workbench.report import evaluation_report
from semcam.workbench.score import Result
from tests.conftest import SAMPLE, semcam

CONFIG = load_config(DEMO)
HOSTILE = "</script><script>console.error(1)</script><img src=x onerror=alert(1)>&\"'"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OFFLINE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--enable-logging=stderr",
    "--virtual-time-budget=3000",
)
MANIFEST = (
    "clip,kind,start_s,hold_last_s,view,group\n"
    f"fall.mp4,fall,5.3,1,,{HOSTILE.replace(chr(34), chr(34) * 2).join((chr(34), chr(34)))}\n"
    "miss.mp4,bear,1,0,,outdoors\n"
    "alarm.mp4,,,0,,quiet\n"
)


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, list[Judged]]:
    """The sample clip thrice: as it should be, as a bear that was missed, and as a false alarm."""
    folder = tmp_path_factory.mktemp("report")
    for name in ("fall", "miss", "alarm"):
        shutil.copy(SAMPLE, folder / f"{name}.mp4")
    manifest = folder / "labels.csv"
    manifest.write_text(MANIFEST, encoding="utf-8")
    looking = Looking(jobs=1, cache=folder / "cache", trail=True)
    return evaluate_manifest(manifest, CONFIG, "camera", looking, lambda *_: None)


@pytest.fixture(scope="module")
def page(evaluation: tuple[Result, list[Judged]]) -> str:
    return evaluation_report(f"{HOSTILE}.csv", *evaluation, CONFIG)


@pytest.fixture(scope="module")
def data(page: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    document: dict[str, Any] = json.loads(match[1])
    return document


def test_each_clip_with_its_verdict_and_what_was_expected_and_said(data: dict[str, Any]) -> None:
    fall, miss, alarm = data["clips"]
    assert [clip["verdict"] for clip in data["clips"]] == ["hit", "miss", "false_alarm"]
    assert (fall["group"], fall["labels"]) == (HOSTILE, [{"kind": "fall", "start_s": 5.3}])
    assert [event["stage"] for event in fall["events"]] == ["suspected", "confirmed"]
    assert fall["events"][1]["messages"]["ja"] == "どなたかが倒れました。"
    assert [event["false_alarm"] for event in alarm["events"]] == [False, True]
    assert alarm["labels"] == []
    assert any("nothing came near to bear" in line for line in miss["why"])
    assert [row["kind"] for row in data["rows"]] == ["fall", "bear", "(nothing)"]


def test_the_trail_is_what_the_tracker_saw(data: dict[str, Any]) -> None:
    trail = data["clips"][0]["trail"]
    assert len(trail["times"]) == 160
    person = max((track for track in trail["tracks"] if track["labels"][0] == "person"), key=lambda t: len(t["frames"]))
    assert re.match(r"^[u?]+.*l{30,}$", person["postures"])
    assert {len(person[key]) for key in ("frames", "labels", "postures", "torso", "scores", "boxes", "points")} == {
        len(person["frames"])
    }
    assert all(len(points) == 51 for points in person["points"] if points)
    held = person["points"][-9:]
    assert held == [None] * 9  # what stays the same is not repeated


def test_the_page_asks_for_nothing_but_itself(page: str) -> None:
    # all but the texts of the clips
    markup = re.sub(r'<title>.*?</title>|<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert "://" not in markup
    for way in (" src=", " href=", "url(", "@import", "fetch(", "XMLHttpRequest", "import(", "WebSocket", "sendBeacon"):
        assert way not in markup, way
    assert "default-src 'none'" in markup
    for way in ("innerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in markup, way


def test_no_text_can_become_markup(page: str) -> None:
    assert page.count("<script") == 2
    assert "<img" not in page
    assert "<title>semcam evaluation of &lt;/script&gt;" in page


def test_no_pixel_is_on_the_page(page: str) -> None:
    assert "base64" not in page
    assert "data:" not in page
    assert not re.search(r"[A-Za-z0-9+/]{200}", page)


def test_the_page_is_small_enough_to_send(page: str) -> None:
    """92 clips as long as this one stay below 15 MB."""
    assert len(page.encode()) < 3 * 150_000


@pytest.mark.parametrize("command", [("evaluate", "no.csv"), ("replay", SAMPLE)])
def test_a_place_that_cannot_be_is_told_before_the_work(command: tuple[str, str | Path], tmp_path: Path) -> None:
    place = tmp_path / "nowhere" / "out.html"
    result = semcam(*command, "--report", place)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"{place}: cannot be written (no such folder); give another place\n"


def browse(page: str, folder: Path, address: str = "") -> tuple[str, list[str]]:
    """The page as the browser built it, and what it complained about."""
    if BROWSER is None:
        pytest.skip("no Chromium is installed; apt install chromium")
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    command = [BROWSER, *OFFLINE, f"--user-data-dir={folder / 'profile'}", "--dump-dom", f"file://{file}{address}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_a_browser_draws_it_without_complaint(page: str, tmp_path: Path) -> None:
    built, complaints = browse(page, tmp_path)
    assert complaints == []
    worst = built.index('class="badge miss"')
    assert worst < built.index('class="badge false_alarm"') < built.index('class="badge hit"')
    assert "&lt;/script&gt;&lt;script&gt;" in built  # shown as it was written
    assert "bear expected" in built
    assert "どなたかが倒れました。" in built
    assert re.search(r'<canvas role="img"[^>]*aria-label="[^"]*person \d+: upright', built)
    assert built.count("<svg") == 2  # one clip is open, and the empty one


def test_an_address_points_to_a_moment_of_a_clip(page: str, tmp_path: Path) -> None:
    built, complaints = browse(page, tmp_path, "#1@9.5")
    assert complaints == []
    assert re.search(r'aria-label="[^"]*person \d+: lying, torso \d+°, score 0\.\d\d', built)
    assert 'aria-valuetext="9.5 s"' in built


def test_a_replay_explains_itself_after_the_sentences_and_has_a_page_too(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    result = semcam("replay", SAMPLE, "--explain", "--report", out, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert result.returncode == 0, result.stderr
    sentences, why = result.stdout.split(f"{SAMPLE}: why\n")
    assert "CONFIRMED  Someone has fallen." in sentences
    assert re.search(r"^  0:0\d\.\d  fall confirmed, person \d+: down for \d\.\d\d s \(needs \d", why, re.MULTILINE)
    assert "nothing came near to bear" in why
    page = out.read_text(encoding="utf-8")
    assert f'"clip":"{SAMPLE}"' in page
    assert '"verdict":"raised"' in page
    built, complaints = browse(page, tmp_path)
    assert complaints == []
    assert "fall confirmed, person" in built
    assert "expected" not in re.sub(r"<script.*?</script>", "", built, flags=re.DOTALL)
