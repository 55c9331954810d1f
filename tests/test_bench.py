"""Where the time goes: `semcam bench` on a real clip. How fast it is, is for benchmarks; here it has to add up."""

import json

import pytest

from tests.conftest import DETECTOR_USED, POSE_USED, ROOT, semcam

BUSY = ROOT / "sample_videos" / "chair_fall.mp4"
EMPTY = ROOT / "sample_videos" / "empty_room_light.mp4"
STAGES = [
    *("decode", "motion gate", "pre-processing", POSE_USED, DETECTOR_USED, "post-processing"),
    *("track", "rules", "tell"),
]


def test_each_stage_of_a_busy_clip_is_timed_and_all_of_them_make_the_whole() -> None:
    done = semcam("bench", BUSY, "--json")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    measured = json.loads(line)
    stages = measured["ms_per_picture"]["stages"]
    assert list(stages) == STAGES
    assert all(each >= 0 for each in stages.values())
    assert sum(stages.values()) == pytest.approx(measured["ms_per_picture"]["path"], abs=0.01)
    # somebody is in the picture all the time: pose in each one, the detector twice a second, and a second look or two
    assert measured["looks"][POSE_USED] == measured["pictures"] == 80
    assert 16 <= measured["looks"][DETECTOR_USED] <= 40
    assert min(stages[POSE_USED], stages[DETECTOR_USED]) > stages["tell"]
    assert measured["ratio"] == pytest.approx(
        measured["ms_per_picture"]["path"] / measured["ms_per_picture"]["models_alone"], abs=0.002
    )
    assert measured["ready_s"] > 0
    assert 100 < measured["memory_mb"] < 1000
    assert measured["cpu_s_per_hour"] > 0


def test_in_an_empty_room_the_models_rest_and_people_read_that_in_a_table() -> None:
    done = semcam("bench", EMPTY)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    seen = int(lines[0].partition(": ")[2].split()[0])
    assert 30 <= seen < 80  # at rest, fewer are looked at
    rows = [line.split("  ")[0].strip() for line in lines]
    begins = rows.index("stage") + 1
    assert rows[begins : begins + len(STAGES)] == STAGES
    (pose,) = [line.split() for line in lines if POSE_USED in line]
    assert int(pose[-1]) < 30
    assert any("× real time" in line and "an hour of video" in line for line in lines)
    assert any("MB at most" in line for line in lines)


def test_what_cannot_be_played_cannot_be_measured() -> None:
    done = semcam("bench", "nowhere.mp4")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip() == "nowhere.mp4: no such file; check the name"
