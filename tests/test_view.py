"""Whether the camera sees: real pictures of a sample clip, and what befalls them, before the real vision process."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from semcam.contract.signal import FROZEN_AFTER_S, NOTICED_AFTER_S, View
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.normal import ENOUGH
from semcam.vision.perceive.view import ADOPT_AFTER_S, RESTORED_AFTER_S, ViewHealth
from tests.conftest import ROOT, SAMPLE, semcam
from tests.views import (
    Change,
    Picture,
    Sensor,
    black,
    blue_for_red,
    darker,
    infrared,
    knocked,
    lamp,
    lens_cap,
    magenta,
    out_of_focus,
    pictures_of,
    room,
    somebody_close,
    somebody_in_front,
    sun,
    towel,
    write_clip,
)

LEARNT_S = ENOUGH + 5
SEEN_WITHIN_S = 15
"""What was asked for."""
MISHAPS: dict[Change, View] = {
    black: View.DARK,
    lens_cap: View.DARK,
    towel: View.COVERED,
    sun: View.BRIGHT,
    out_of_focus: View.BLURRED,
    knocked: View.MOVED,
    blue_for_red: View.COLOURS,
    magenta: View.COLOURS,
}


def as_it_is(picture: Picture) -> Picture:
    return picture


class Camera:
    """A camera in a room, judged once a second."""

    def __init__(self, picture: Picture | None = None) -> None:
        self.picture = room() if picture is None else picture
        self.sensor = Sensor()
        self.health = ViewHealth()
        self.second = 0

    def show(self, seconds: int, change: Change = as_it_is) -> list[View]:
        changed = change(self.picture)
        return self.show_each(self.sensor.see(changed) for _ in range(seconds))

    def show_each(self, pictures: Iterable[Picture], *, is_still: bool = False) -> list[View]:
        views = []
        for picture in pictures:
            views.append(self.health.judge(Frame(picture, float(self.second), self.second), is_still=is_still))
            self.second += 1
        return views


@pytest.fixture
def camera() -> Camera:
    """One that knows its room."""
    camera = Camera()
    assert set(camera.show(LEARNT_S)) == {View.OK}
    return camera


# -- the whole way: a clip, the real vision process, events


def test_each_mishap_is_told_as_what_it_is_and_heals_without_a_hand(tmp_path: Path) -> None:
    fps, sensor, picture = 5, Sensor(), room()
    still = sensor.see(picture)
    story: list[tuple[str | None, Change]] = [
        ("dark", black), ("covered", towel), ("bright", sun), ("blurred", out_of_focus), ("moved", knocked),
        ("colours", magenta), ("frozen", lambda _: still),
    ]  # fmt: skip

    def pictures() -> Iterator[Picture]:
        for _ in range(LEARNT_S * fps):
            yield sensor.see(picture)
        for _, change in story:
            for _ in range(17 * fps):
                yield change(picture) if change in (black, story[-1][1]) else sensor.see(change(picture))
            for _ in range(6 * fps):
                yield sensor.see(picture)

    clip = write_clip(tmp_path / "mishaps.mp4", pictures(), fps)
    config = tmp_path / "semcam.yaml"
    config.write_text("alarms: {often: 0}\ncameras:\n  bath:\n    place: bathroom\n    fps: 1\n    rules: {fall: }\n")
    done = semcam("replay", clip, "--config", config, "--json")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    begin_s = float(LEARNT_S)
    assert [event["type"] for event in events] == ["semcam.view_lost", "semcam.view_restored"] * len(story)
    for (reason, _), lost, restored in zip(story, events[::2], events[1::2], strict=True):
        assert lost["data"]["reason"] == restored["data"]["reason"] == reason
        assert begin_s < lost["data"]["clock"]["mono_s"] <= begin_s + SEEN_WITHIN_S
        assert begin_s + 17 < restored["data"]["clock"]["mono_s"] <= begin_s + 17 + RESTORED_AFTER_S + 2
        # a new picture is sure to be none of a frozen camera, whatever else must prove to last
        lasted_s = 17 if reason == "frozen" else 17 + RESTORED_AFTER_S
        assert restored["data"]["lasted_s"] == pytest.approx(lasted_s, abs=2)
        assert restored["data"]["alarm"] == lost["data"]["alarm"]
        assert lost["data"]["severity"] == ("info" if reason == "dark" else "warning")
        begin_s += 23


# -- mishaps, once the room is known


@pytest.mark.parametrize("change", MISHAPS, ids=lambda change: change.__name__)
def test_a_mishap_is_named_within_seconds_and_its_end_as_well(camera: Camera, change: Change) -> None:
    views = camera.show(20, change)
    assert set(views[: int(NOTICED_AFTER_S) - 2]) == {View.OK}
    assert set(views[int(NOTICED_AFTER_S) + 1 :]) == {MISHAPS[change]}
    assert set(camera.show(10)[int(RESTORED_AFTER_S) + 1 :]) == {View.OK}


def test_what_needs_no_comparison_is_told_of_a_camera_that_has_just_started() -> None:
    for change, view in ((black, View.DARK), (lens_cap, View.DARK), (sun, View.BRIGHT), (out_of_focus, View.BLURRED)):
        picture = np.full_like(room(), 255) if change is sun else change(room())
        assert Camera(picture).show(SEEN_WITHIN_S)[-1] is view
    plain = np.full_like(room(), 120)
    assert Camera(plain).show(SEEN_WITHIN_S)[-1] is View.COVERED


def test_a_camera_that_is_moved_in_the_dark_is_found_moved_in_the_morning(camera: Camera) -> None:
    assert camera.show(60, darker(0.03))[-1] is View.DARK
    assert camera.show(SEEN_WITHIN_S, knocked)[-1] is View.MOVED


def test_a_camera_that_hangs_elsewhere_from_now_on_finds_its_normal_anew(camera: Camera) -> None:
    views = camera.show(int(NOTICED_AFTER_S + ADOPT_AFTER_S) + 60, knocked)
    adopted = max(second for second, view in enumerate(views) if view is View.MOVED)
    assert adopted == pytest.approx(NOTICED_AFTER_S + ADOPT_AFTER_S, abs=2)
    assert set(camera.show(SEEN_WITHIN_S, towel)[-3:]) == {View.COVERED}


# -- frozen


def test_one_and_the_same_picture_is_frozen_after_twelve_seconds_and_not_before(camera: Camera) -> None:
    still = camera.sensor.see(camera.picture)
    views = camera.show_each(still.copy() for _ in range(20))
    assert views.index(View.FROZEN) == FROZEN_AFTER_S
    assert camera.show(1) == [View.OK]


def test_where_nothing_changes_a_frozen_picture_is_found_as_soon(camera: Camera) -> None:
    still = camera.sensor.see(camera.picture)
    views = camera.show_each((still.copy() for _ in range(20)), is_still=True)
    assert views.index(View.FROZEN) == FROZEN_AFTER_S


def test_what_comes_so_slowly_that_nothing_seems_to_change_is_noticed_in_time(camera: Camera) -> None:
    """The motion gate compares with its last look, in another light perhaps: fog or dusk can come below its notice."""
    fogged = (camera.sensor.see(out_of_focus(camera.picture)) for _ in range(SEEN_WITHIN_S))
    assert camera.show_each(fogged, is_still=True)[-1] is View.BLURRED


def test_a_still_room_in_a_stream_that_repeats_itself_is_not_frozen(camera: Camera) -> None:
    for _ in range(10):
        still = camera.sensor.see(camera.picture)
        assert set(camera.show_each(still.copy() for _ in range(10))) == {View.OK}


def test_a_stream_with_very_long_repeats_of_its_own_is_believed_after_a_while(camera: Camera) -> None:
    def repeat_once(seconds: int) -> list[View]:
        still = camera.sensor.see(camera.picture)
        return camera.show_each(still.copy() for _ in range(seconds))

    assert all(View.FROZEN in repeat_once(20) for _ in range(5))
    assert all(set(repeat_once(20)) == {View.OK} for _ in range(5))
    assert repeat_once(40)[-1] is View.FROZEN


@pytest.mark.parametrize("source", [SAMPLE, ROOT / "sample_videos" / "bear_gate.mp4"])
def test_a_clip_that_is_held_at_its_end_is_not_frozen(source: Path) -> None:
    health = ViewHealth()
    frames = open_file(source, Playback(fps=1, hold_last_s=60)).frames()
    assert {health.judge(frame) for frame in frames if isinstance(frame, Frame)} == {View.OK}


# -- nothing of the kind


@pytest.mark.parametrize(
    "change", [lamp, infrared, somebody_in_front, darker(0.4), darker(0.15)],
    ids=["a lamp", "infrared", "somebody in front", "a cloud", "dusk"],
)  # fmt: skip
def test_what_changes_every_day_is_no_mishap(camera: Camera, change: Change) -> None:
    assert set(camera.show(60, change)) == {View.OK}
    assert set(camera.show(30)) == {View.OK}


def test_somebody_who_walks_close_past_the_lens_is_no_mishap(camera: Camera) -> None:
    for _ in range(5):
        assert set(camera.show(3, somebody_close)) == {View.OK}
        assert set(camera.show(6)) == {View.OK}
    assert camera.show(SEEN_WITHIN_S, somebody_close)[-1] is View.COVERED  # who stays there is


def test_slow_daylight_and_a_camera_that_adapts_are_no_mishap(camera: Camera) -> None:
    day = [darker(float(share)) for share in np.linspace(1.0, 0.15, 300)]
    hunting = [darker(1.0 + 0.5 * float(np.sin(second))) for second in range(60)]
    for changes in (day, day[::-1], hunting):
        views = camera.show_each(camera.sensor.see(change(camera.picture)) for change in changes)
        assert set(views) == {View.OK}


def test_infrared_at_dusk_and_colour_at_dawn_night_after_night(camera: Camera) -> None:
    for _ in range(3):
        dusk = [darker(float(share)) for share in np.linspace(1.0, 0.15, 60)]
        assert set(camera.show_each(camera.sensor.see(change(camera.picture)) for change in dusk)) == {View.OK}
        assert set(camera.show(90, infrared)) == {View.OK}
        assert set(camera.show(60)) == {View.OK}
    camera.show(60, infrared)
    assert camera.show(SEEN_WITHIN_S, lambda picture: towel(infrared(picture)))[-1] is View.COVERED


def test_a_camera_shaken_by_the_wind_is_not_moved(camera: Camera) -> None:
    views = camera.show_each(
        camera.sensor.see(np.roll(camera.picture, second % 5 - 2, axis=1)) for second in range(120)
    )
    assert set(views) == {View.OK}


@pytest.mark.parametrize("clip", sorted((ROOT / "sample_videos").glob("*.mp4")), ids=lambda clip: clip.stem)
def test_no_sample_clip_is_a_mishap_and_none_when_it_plays_the_camera_over_and_over(clip: Path) -> None:
    health, each = ViewHealth(), pictures_of(clip)[::10]
    views = [
        health.judge(Frame(picture, float(second), second))
        for second, picture in zip(range(60), _endlessly(each), strict=False)
    ]
    assert set(views) == {View.OK}


def _endlessly(pictures: list[Picture]) -> Iterator[Picture]:
    for each in repeat(pictures):
        yield from (picture.copy() for picture in each)


# -- whatever comes


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 700), st.integers(1, 700), st.just(3)),
        elements=st.integers(0, 255),
        fill=st.integers(0, 255),
    ),
    st.lists(st.floats(0, 20), max_size=12),
)
def test_any_picture_at_any_time_gets_a_word(picture: Picture, pauses: list[float]) -> None:
    health, t_s = ViewHealth(), 0.0
    for number, pause_s in enumerate((0.0, *pauses)):
        t_s += pause_s
        assert health.judge(Frame(picture.copy(), t_s, number)) in View


@pytest.mark.parametrize("size", [(48, 64), (480, 640), (1080, 1920), (640, 360)])
def test_size_and_shape_of_the_picture_do_not_matter(size: tuple[int, int]) -> None:
    import cv2

    picture = np.asarray(cv2.resize(room(), size[::-1]), np.uint8)
    health = ViewHealth()
    grain = np.random.default_rng(3).integers(0, 4, (3, size[0] + 20, size[1]), dtype=np.uint8)

    def last(change: Callable[[Picture], Picture], first: int, seconds: int) -> View:
        view, changed = View.OK, change(picture)
        for second in range(first, first + seconds):
            grainy = cv2.add(changed, cv2.merge([each[second % 20 :][: size[0]] for each in grain]))
            view = health.judge(Frame(np.asarray(grainy, np.uint8), float(second), second))
        return view

    assert last(as_it_is, 0, LEARNT_S) is View.OK
    assert last(towel, LEARNT_S, 10) is View.COVERED
    assert last(as_it_is, LEARNT_S + 10, 6) is View.OK
