"""Clips are looked at once and judged from memory: the same judgement, or the memory is worthless."""

import csv
import json
import shutil
import zlib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from semcam.contract.config import Job, job_for
from semcam.contract.errors import FaultCode, SourceError, VisionError, VisionFault
from semcam.contract.load import DEMO, load_config
from semcam.contract.signal import RuleSignal, Stage
from semcam.tracking.observation import Objects, People
from semcam.workbench import cache as caches
from semcam.workbench.cache import Cache, code_digest, default_folder, key_of
from semcam.workbench.judged import Judged, Looking, Shown, judge_clips
from semcam.workbench.looker import through_the_gate
from semcam.workbench.lookers import Looker
from semcam.workbench.observations import Moment, Observations, from_bytes, to_bytes
from semcam.workbench.observe import observe
from semcam.workbench.task import Task
from tests.conftest import ROOT, SAMPLE, semcam
from tests.test_replay import png

CONFIG = load_config(DEMO)
HOLD_S = 2.0


def job(clip: Path = SAMPLE, hold_last_s: float = HOLD_S) -> Job:
    return job_for(CONFIG.cameras["camera"], str(clip), hold_last_s=hold_last_s, threads=1)


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    """An empty cache."""
    return Cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module", autouse=True)
def seen(memory: Cache) -> Observations:
    """What the eyes saw in the sample clip; the cache knows it from now on."""
    return observe(job(), memory)


def close_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants to look at a clip from now on fails."""
    monkeypatch.setattr("semcam.workbench.eyesight.open_source", None)


def judged(cache: Cache, *shown: Shown) -> list[Judged]:
    return judge_clips(shown, CONFIG, "camera", Looking(cache=cache.folder), lambda *_: None)


def random_observations(moments: int = 5) -> Observations:
    chance = np.random.default_rng(3)

    def floats(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return chance.normal(size=shape).astype(np.float32)

    def moment(number: int) -> Moment:
        t_s, labels = round(number / 7, 3), ("dog", "teddy bear")[: number % 3]
        objects = Objects(t_s, floats(len(labels), 4), labels, floats(len(labels))) if number % 2 else None
        people = number % 4
        return Moment(People(t_s, floats(people, 4), floats(people, 17, 3), floats(people)), objects)

    return Observations(16 / 9, 10.0, 0.2, tuple(map(moment, range(moments))))


def same(a: Observations, b: Observations) -> bool:
    """To the bit: that is what bytes are for."""
    return to_bytes(a) == to_bytes(b)


def test_an_evaluation_raises_the_very_events_of_a_replay(memory: Cache) -> None:
    replayed = semcam("replay", SAMPLE, "--json", "--hold-last", str(HOLD_S))
    real = [json.loads(line) for line in replayed.stdout.splitlines()]
    assert len(real) >= 2
    (evaluated,) = judged(memory, Shown(SAMPLE, HOLD_S))
    ours = [json.loads(event.to_json()) for event in evaluated.events]
    for event in (*real, *ours):  # ids name the run
        del event["id"], event["data"]["alarm"]
    assert ours == real


def test_what_is_remembered_is_what_was_seen_to_the_last_bit(
    memory: Cache, seen: Observations, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_eyes(monkeypatch)
    remembered = observe(job(), memory)
    assert remembered is not seen
    assert same(remembered, seen)


def test_a_shorter_hold_is_answered_from_memory_as_if_looked_at_for_so_long(
    memory: Cache, seen: Observations, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = observe(job(hold_last_s=0.5), None)
    close_eyes(monkeypatch)
    remembered = observe(job(hold_last_s=0.5), memory)
    assert same(remembered, looked_at)
    assert len(seen.moments) - len(remembered.moments) == 15


def test_a_longer_hold_is_looked_at_anew_and_then_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    still = tmp_path / "still.png"
    still.write_bytes(png(64, 48))
    assert len(observe(job(still, 0.0), cache).moments) == 1
    assert len(observe(job(still, 1.0), cache).moments) == 11
    close_eyes(monkeypatch)
    assert len(observe(job(still, 1.0), cache).moments) == 11


def test_bytes_and_back() -> None:
    seen = random_observations()
    again = from_bytes(to_bytes(seen))
    assert same(again, seen)
    assert (again.aspect, again.fps, again.hold_last_s) == (seen.aspect, seen.fps, seen.hold_last_s)
    for before, after in zip(seen.moments, again.moments, strict=True):
        np.testing.assert_array_equal(before.people.keypoints, after.people.keypoints)
        assert (before.objects is None) == (after.objects is None)
        assert before.objects is None or after.objects is None or before.objects.labels == after.objects.labels


def test_every_field_that_perception_gives_is_remembered() -> None:
    """A new one needs a place in observations.py, and FORMAT one more."""
    from semcam.vision.perceive.eyes import Sight

    assert [field.name for field in fields(Sight)] == [field.name for field in fields(Moment)]
    assert [field.name for field in fields(People)] == ["t_s", "boxes", "keypoints", "scores"]
    assert [field.name for field in fields(Objects)] == ["t_s", "boxes", "labels", "scores"]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda good: good[:0],
    "cut short": lambda good: good[:-9],
    "one bit": lambda good: good[:40] + bytes([good[40] ^ 1]) + good[41:],
    "numbers missing": lambda good: zlib.compress(zlib.decompress(good)[:-4]),
    "another format": lambda good: zlib.compress(zlib.decompress(good).replace(b'"format":1', b'"format":0')),
    "not ours": lambda good: zlib.compress(good),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_not_believed_and_can_be_written_again(damage: str, tmp_path: Path) -> None:
    cache, key = Cache(tmp_path), "ab12"
    cache.put(key, random_observations())
    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    good = path.read_bytes()
    path.write_bytes(DAMAGES[damage](good))
    assert cache.get(key) is None
    cache.put(key, random_observations())
    assert path.read_bytes() == good


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = Cache(blocked)
    cache.put("ab12", random_observations())
    assert cache.get("ab12") is None


def test_nothing_half_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Observations) -> bytes:
        raise OSError("no space left on device")

    monkeypatch.setattr(caches, "to_bytes", full)
    Cache(tmp_path).put("ab12", random_observations())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_name_of_an_entry_says_all_that_matters_and_nothing_else(tmp_path: Path) -> None:
    code = code_digest()
    key = key_of(job(), code)
    bears_alone = {id: rule for id, rule in job().rules.items() if rule.wants_things}
    assert key_of(job(hold_last_s=9), code) == key
    assert key_of(job().model_copy(update={"threads": 4, "rules": bears_alone, "view": "ceiling"}), code) == key
    assert key_of(job(Path(shutil.copy(SAMPLE, tmp_path / "same.mp4"))), code) == key
    others = [
        key_of(job().model_copy(update={"fps": 5.0}), code),
        key_of(job().model_copy(update={"pose_pixels": 512}), code),
        key_of(job().model_copy(update={"motion_gate": False}), code),
        key_of(job().model_copy(update={"detector": "centernet"}), code),
        key_of(job().model_copy(update={"rules": {}}), code),  # nobody asks for things: the detector looks less often
        key_of(job(Path(shutil.copy(SAMPLE, tmp_path / "clip.png"))), code),
        key_of(job(), "other code"),
    ]
    assert len({key, *others}) == 8


def test_code_that_looks_otherwise_sees_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(caches.__file__).parent.parent
    copy = Path(shutil.copytree(package, tmp_path / "semcam", ignore=shutil.ignore_patterns("__pycache__")))
    monkeypatch.setattr(caches, "_PACKAGE", copy)
    assert code_digest() == (before := code_digest())
    (copy / "rules" / "fall.py").write_text("other rules")
    assert code_digest() == before
    (copy / "vision" / "perceive" / "pose.py").write_text("other eyes")
    assert code_digest() != before


def test_the_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/semcam")
    for unusable in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        assert default_folder() == Path.home() / ".cache" / "semcam"


def test_entries_are_nobody_elses_business(memory: Cache) -> None:
    (entry,) = [path for path in memory.folder.rglob("*") if path.is_file()]
    assert entry.stat().st_mode & 0o077 == 0


def test_no_pixel_is_remembered(memory: Cache, seen: Observations) -> None:
    """Each person is 56 numbers a frame, each thing 5; nothing else is in the bytes."""
    (entry,) = [path for path in memory.folder.rglob("*") if path.is_file()]
    assert same(from_bytes(entry.read_bytes()), seen)
    people = sum(len(moment.people.scores) for moment in seen.moments)
    assert entry.stat().st_size < 4 * 56 * people + 100 * len(seen.moments)


def test_clips_come_back_in_their_order(memory: Cache, tmp_path: Path) -> None:
    clips = [Shown(Path(shutil.copy(SAMPLE, tmp_path / f"{n}.mp4")), hold) for n, hold in enumerate((2.0, 0.5, 1.0))]
    results = judged(memory, *clips)
    assert [result.clip.name for result in results] == ["0.mp4", "1.mp4", "2.mp4"]
    assert [round(result.length_s, 1) for result in results] == [16.9, 15.4, 15.9]


def test_a_clip_that_cannot_be_read_is_one_sentence(memory: Cache, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_text("this is no clip")
    with pytest.raises(SourceError, match=r"broken\.mp4: cannot be read as a video or picture"):
        judged(memory, Shown(SAMPLE), Shown(broken), Shown(SAMPLE))
    with pytest.raises(VisionFault) as caught:
        observe(job(tmp_path / "none.mp4"), memory)
    assert caught.value.code is FaultCode.SOURCE_MISSING


def test_a_looker_that_dies_is_one_sentence() -> None:
    with Looker() as looker:
        looker._process.kill()
        looker._process.wait()
        with pytest.raises(VisionError, match=r"bedroom_fall\.mp4: the process that looks ended with exit code -9"):
            looker.find(Task(job=job()))


def test_a_second_evaluation_looks_at_nothing(tmp_path: Path) -> None:
    manifest = tmp_path / "labels.csv"
    with manifest.open("w", newline="") as file:
        csv.writer(file).writerows([["clip", "kind", "start_s"], [SAMPLE.name, "fall", 5.3]])
    shutil.copy(SAMPLE, tmp_path)
    first = semcam("evaluate", manifest, "--json", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert first.returncode == 0, first.stderr
    models = tmp_path / "models"  # none of the models themselves: looking would fail
    models.mkdir()
    shutil.copy(ROOT / "models" / "MANIFEST.yaml", models)
    again = semcam("evaluate", manifest, "--json", SEMCAM_MODELS=str(models), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert again.stdout == first.stdout
    anew = semcam("evaluate", manifest, "--json", "--no-cache", SEMCAM_MODELS=str(models))
    assert "a model or MANIFEST.yaml is missing" in anew.stderr
    assert "Traceback" not in anew.stderr


def test_a_storm_of_signals_comes_as_slowly_as_through_the_wall() -> None:
    def said(t_s: float, stage: Stage) -> list[RuleSignal]:
        return [RuleSignal(rule="fall", stage=stage, t_s=t_s, track=n, label="person") for n in range(30)]

    told = list(through_the_gate([(1.0, said(1.0, Stage.SUSPECTED)), (2.0, said(2.0, Stage.CONFIRMED)), (3.0, [])]))
    assert (
        sum(isinstance(signal, RuleSignal) and signal.stage is Stage.CONFIRMED for signal in told) == 30
    )  # late, but none is lost
    assert sum(isinstance(signal, RuleSignal) and signal.stage is Stage.SUSPECTED for signal in told) < 30
