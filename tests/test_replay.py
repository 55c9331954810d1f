"""A clip becomes sentences: the whole path on real models."""

import csv
import json
import shutil
import struct
import zlib
from pathlib import Path

import pytest

from semcam.contract.delivery import AlarmStage
from semcam.contract.event import Event
from semcam.contract.signal import Reason
from tests.conftest import POSE_USED, ROOT, SAMPLE, semcam


@pytest.fixture(scope="module")
def events_json() -> str:
    """What `semcam replay --json` prints of the sample clip."""
    result = semcam("replay", SAMPLE, "--json", "--hold-last", "2")
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def label() -> dict[str, str]:
    with (SAMPLE.parent / "labels.csv").open() as file:
        return next(row for row in csv.DictReader(file) if row["clip"] == SAMPLE.name)


def parse(text: str) -> list[Event]:
    return [Event.model_validate_json(line) for line in text.splitlines()]


def test_somebody_at_a_terminal_reads_that_someone_fell() -> None:
    result = semcam("replay", SAMPLE)
    assert result.returncode == 0
    suspected, confirmed, summary = result.stdout.splitlines()
    assert "Someone may have fallen." in suspected
    assert "CONFIRMED  Someone has fallen." in confirmed
    assert "150 frames, 14.9 s, 2 events" in summary
    assert "× real time" in summary
    assert result.stderr == ""


def test_the_fall_is_told_in_time(events_json: str, label: dict[str, str]) -> None:
    at = {event.data.stage: event.data.clock.mono_s - float(label["start_s"]) for event in parse(events_json)}
    assert 0 <= at[AlarmStage.SUSPECTED] <= 1.5
    assert 0 <= at[AlarmStage.CONFIRMED] <= 8


def test_the_event_says_why(events_json: str) -> None:
    confirmed = next(event for event in parse(events_json) if event.data.stage is AlarmStage.CONFIRMED)
    assert confirmed.data.evidence[Reason.TORSO_DEG] > 60
    assert confirmed.data.evidence[Reason.DOWN_S] >= 3
    assert confirmed.data.evidence[Reason.SPEED] > 0.8
    assert confirmed.data.alarm == parse(events_json)[0].id
    assert confirmed.data.messages["ja"] == "どなたかが倒れました。"


def test_two_replays_are_the_same_to_the_byte(events_json: str) -> None:
    assert semcam("replay", SAMPLE, "--json", "--hold-last", "2").stdout == events_json


def test_start_moves_all_times_and_nothing_else(events_json: str) -> None:
    moved = semcam("replay", SAMPLE, "--json", "--hold-last", "2", "--start", "2026-11-21T16:00:00+09:00")
    before, after = parse(events_json), parse(moved.stdout)
    assert [event.time[:13] for event in after] == ["2026-11-21T07"] * len(before)
    assert [event.time[14:] for event in after] == [event.time[14:] for event in before]
    assert [event.data.message for event in after] == [event.data.message for event in before]


def test_names_and_places_come_from_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(
        """
language: ja
subjects:
  tanaka: {name: {ja: 田中さん, en: Ms Tanaka}}
cameras:
  bath-101:
    place: {ja: 浴室, en: bathroom}
    belongs_to: tanaka
    rules:
      fall: {confirm_after: 5s}
""",
        encoding="utf-8",
    )
    events = parse(semcam("replay", SAMPLE, "--json", "--config", config).stdout)
    assert events[-1].data.message == "田中さんが浴室で倒れました。"
    assert events[-1].data.messages["en"] == "Ms Tanaka has fallen in the bathroom."
    assert (events[-1].subject, events[-1].source) == ("tanaka", "semcam/site/bath-101")
    assert events[-1].data.evidence[Reason.DOWN_S] >= 5


def test_a_bed_is_a_place_to_lie(tmp_path: Path) -> None:
    config = tmp_path / "semcam.yaml"
    config.write_text(
        """
cameras:
  room:
    zones: {everywhere: {shape: [[0, 0], [1, 0], [1, 1], [0, 1]], lying_is_normal: true}}
    rules: {fall: }
""",
        encoding="utf-8",
    )
    assert semcam("replay", SAMPLE, "--json", "--config", config).stdout == ""


def test_several_clips_one_after_the_other(tmp_path: Path) -> None:
    other = shutil.copy(SAMPLE, tmp_path / "again.mp4")
    result = semcam("replay", SAMPLE, other, "--json", "--hold-last", "2")
    first, second = parse(result.stdout)[:2], parse(result.stdout)[2:]
    assert [event.id for event in first] == [event.id for event in second]  # same content, same ids
    assert result.stderr.count("× real time") == 2


MISTAKES = {
    "missing clip": (("replay", "nowhere.mp4"), "nowhere.mp4: no such file; check the name"),
    "not a clip": (("replay", "pyproject.toml"), "cannot be read as a video or picture; give a file"),
    "a folder": (("replay", "tests"), "tests: cannot be read (Is a directory); give a video"),
    "missing configuration": (("replay", str(SAMPLE), "--config", "no.yaml"), "no.yaml: no such file; check the name"),
    "unknown camera": (("replay", str(SAMPLE), "--camera", "attic"), "no 'attic'; there are: camera"),
    "no manifest": (("evaluate", "no.csv"), "no.csv: no such file; check the name"),
    "broken start": (("replay", str(SAMPLE), "--start", "noon"), "give a time like"),
    "broken broker": (("replay", str(SAMPLE), "--mqtt", "a:b:c"), "give HOST or HOST:PORT"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_sentence_and_a_remedy(mistake: str) -> None:
    arguments, sentence = MISTAKES[mistake]
    result = semcam(*arguments)
    assert result.returncode != 0
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_clip_that_is_cut_off_in_the_middle_keeps_what_was_raised(tmp_path: Path) -> None:
    """The index of an MP4 file stands at its end or its start; Matroska can be cut anywhere."""
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(SAMPLE.read_bytes()[: SAMPLE.stat().st_size // 2])
    result = semcam("replay", SAMPLE, cut)
    assert "CONFIRMED  Someone has fallen." in result.stdout  # of the whole clip before it
    if result.returncode != 0:
        assert "cut.mp4: cannot be read as a video" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_model_file_is_refused(tmp_path: Path) -> None:
    models = Path(shutil.copytree(ROOT / "models", tmp_path / "models"))
    victim = models / f"{POSE_USED}.onnx"
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    result = semcam("replay", SAMPLE, SEMCAM_MODELS=str(models))
    assert result.returncode == 1
    assert "a model file is not the one in MANIFEST.yaml (its sha256 differs); reinstall semcam" in result.stderr
    assert "Traceback" not in result.stderr


def png(width: int, height: int) -> bytes:
    """A grey ramp, written by the PNG specification (ISO/IEC 15948): no call that stores frames, not even in tests."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + bytes(255 * x // width for x in range(width)) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_still_picture_is_a_clip_as_long_as_it_is_held(tmp_path: Path) -> None:
    picture = tmp_path / "room.png"
    picture.write_bytes(png(640, 480))
    result = semcam("replay", picture, "--hold-last", "3")
    assert result.returncode == 0, result.stderr
    assert "31 frames, 3.0 s, 0 events" in result.stdout


def test_json_on_stdout_is_json_and_nothing_else(events_json: str) -> None:
    assert [json.loads(line)["specversion"] for line in events_json.splitlines()] == ["1.0", "1.0"]
