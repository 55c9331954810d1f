"""The models rest while nobody is there and nothing changes; and wake up for whatever does, however slowly."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.config import job_for
from semcam.contract.labels import BEAR
from semcam.contract.load import DEMO, load_config
from semcam.tracking.observation import Objects, People
from semcam.vision.capture.file import Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.perceive.eyes import AWAKE_S, LOOK_EVERY_S, STARTLED_S, Eyes
from semcam.vision.perceive.load import load_models
from semcam.vision.perceive.motion import Glance
from semcam.vision.perceive.pose import PoseModel
from tests.conftest import ROOT, SAMPLE

MODELS = ROOT / "models"
EMPTY = ROOT / "sample_videos" / "empty_room_light.mp4"
QUIET = ROOT / "sample_videos" / "quiet_night.mp4"
GATE = ROOT / "sample_videos" / "bear_gate.mp4"
FPS = 10.0

Picture = npt.NDArray[np.float32]


def pictures(clip: Path) -> list[Frame]:
    return [frame for frame in open_file(clip, Playback(FPS)).frames() if isinstance(frame, Frame)]


@pytest.fixture(scope="module")
def room() -> Picture:
    """An empty room, as it comes from a real decoder."""
    return pictures(EMPTY)[0].pixels.astype(np.float32)


def shown(picture: Picture, t_s: float = 0.0) -> Frame:
    return Frame(np.clip(picture, 0, 255).astype(np.uint8), t_s, round(t_s * FPS))


def with_a_figure(room: Picture, x: float, y: float, height: int, contrast: float) -> Picture:
    """Somebody, as a soft-edged blot of the size and shape of a person, `contrast` grey levels from what is behind."""
    rows, columns = np.mgrid[: room.shape[0], : room.shape[1]].astype(np.float32)
    blot = np.exp(-(((columns - x) / (0.15 * height)) ** 4) - ((rows - y) / (0.5 * height)) ** 4)
    return np.asarray(room + contrast * blot[:, :, None], np.float32)


def changes(pictures: Iterable[Picture]) -> list[int]:
    """At which pictures the glance says that something has changed; each of these is then looked at."""
    glance, at, looked_at = Glance(), list[int](), None
    for number, frame in enumerate(map(shown, pictures)):
        if looked_at is None or glance.has_changed(looked_at, frame):
            looked_at = frame
            at.append(number)
    return at


# -- the glance


def test_the_first_picture_is_news_and_the_same_one_is_not(room: Picture) -> None:
    assert changes([room] * 5) == [0]


@pytest.mark.parametrize("height", [35, 70, 200])
def test_somebody_who_comes_in_is_noticed_even_far_away(room: Picture, height: int) -> None:
    assert changes([room, with_a_figure(room, 320, 240, height, -30)]) == [0, 1]


@pytest.mark.parametrize("pixels_a_minute", [30, 120])
def test_whoever_slides_down_a_wall_ever_so_slowly_is_looked_at_again_and_again(
    room: Picture, pixels_a_minute: int
) -> None:
    way = [with_a_figure(room, 320, 150 + second * pixels_a_minute / 60, 160, -40) for second in range(60)]
    looked = changes(way)
    assert len(looked) >= pixels_a_minute / 15
    assert np.diff(looked).max() * pixels_a_minute / 60 < 15  # nobody gets further than 15 pixels unseen


def test_a_cloud_before_the_sun_and_a_camera_that_adapts_are_no_movement(room: Picture) -> None:
    light = [room * gain + offset for gain, offset in zip(np.linspace(1, 0.6, 20), np.linspace(0, 30, 20), strict=True)]
    assert changes(light) == [0]


def test_a_lamp_that_lights_one_corner_is_looked_at(room: Picture) -> None:
    assert changes([room, with_a_figure(room, 100, 100, 200, 40)]) == [0, 1]


@given(st.integers(0, 2**32 - 1), st.floats(0, 12))
@settings(max_examples=12, deadline=None, derandomize=True)
def test_noise_of_a_dark_night_is_no_movement(seed: int, sigma: float) -> None:
    chance = np.random.default_rng(seed)
    dark = np.tile(np.linspace(20, 60, 640, dtype=np.float32)[None, :, None], (480, 1, 3))
    noisy = [dark + chance.normal(0, sigma, dark.shape).astype(np.float32) for _ in range(4)]
    assert changes(noisy) == [0]


def test_somebody_in_a_noisy_night_is_noticed_all_the_same() -> None:
    chance = np.random.default_rng(1)
    dark = np.tile(np.linspace(20, 60, 640, dtype=np.float32)[None, :, None], (480, 1, 3))
    noisy = [dark + chance.normal(0, 12, dark.shape).astype(np.float32) for _ in range(2)]
    assert changes([noisy[0], with_a_figure(noisy[1], 320, 240, 150, 30)]) == [0, 1]


@pytest.mark.parametrize("size", [(480, 640), (1080, 1920), (240, 320), (640, 480), (48, 64), (30, 20)])
def test_any_size_of_picture_will_do(size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), 90, np.float32)
    other = picture.copy()
    other[: size[0] // 2, : size[1] // 2] += 60
    assert changes([picture, picture, other]) == [0, 2]


def test_a_picture_of_one_colour_compares_without_a_division_by_zero() -> None:
    flat = np.full((480, 640, 3), 90, np.float32)
    assert changes([flat, flat + 40, flat * 0]) == [0]


# -- the models behind it


class Looks:
    """Real eyes, and when each model worked."""

    def __init__(self) -> None:
        self.at: dict[str, list[float]] = {"pose": [], "detector": []}
        config = load_config(DEMO)
        loaded = load_models(MODELS, job_for(config.cameras["camera"], "", config, threads=1))
        assert isinstance(loaded.pose, PoseModel)
        self.pose, self.detector = loaded.pose, loaded.detector

    def eyes(self) -> Eyes:
        for times in self.at.values():
            times.clear()
        looks = self

        class Pose(PoseModel):
            def look(self, frame: Frame, long_side: int | None = None) -> People:
                looks.at["pose"].append(frame.t_s)
                return super().look(frame, long_side)

        class Detector:
            def look(self, frame: Frame) -> Objects:
                looks.at["detector"].append(frame.t_s)
                return looks.detector.look(frame)

        return Eyes(Pose(self.pose.session), Detector())


@pytest.fixture(scope="module")
def looks() -> Looks:
    return Looks()


def seconds_of(picture: Picture, from_s: float, to_s: float) -> list[Frame]:
    """The same picture again and again, but not the same array: as a camera gives it."""
    return [shown(picture, round(number / FPS, 1)) for number in range(round(from_s * FPS), round(to_s * FPS))]


def test_grain_of_a_whole_night_minute_wakes_nobody(looks: Looks) -> None:
    eyes = looks.eyes()
    for frame in pictures(QUIET)[:400]:
        eyes.look(frame)
    assert [t_s for t_s in looks.at["pose"] if t_s > STARTLED_S] == pytest.approx([1.9 + LOOK_EVERY_S], abs=0.3)


def test_in_an_empty_room_the_models_rest_but_for_a_look_now_and_then(room: Picture, looks: Looks) -> None:
    eyes = looks.eyes()
    for frame in seconds_of(room, 0, 95):
        eyes.look(frame)
    rested = [t_s for t_s in looks.at["pose"] if t_s > STARTLED_S]
    assert len(rested) == 3
    assert np.diff(rested) == pytest.approx(LOOK_EVERY_S, abs=0.2)
    assert len(looks.at["detector"]) <= 10


def test_when_somebody_comes_in_they_are_looked_at_at_once_and_as_long_as_they_stay(
    room: Picture, looks: Looks
) -> None:
    clip = pictures(SAMPLE)
    someone = next(frame for frame in reversed(clip) if looks.pose.look(frame).scores.max() > 0.3)
    size = (room.shape[1], room.shape[0])
    lying = cv2.resize(someone.pixels, size).astype(np.float32)
    eyes = looks.eyes()
    for frame in (*seconds_of(room, 0, 5), *seconds_of(lying, 5, 9)):
        sight = eyes.look(frame)
        assert frame.t_s < 5 or sight.people.scores.max() > 0.15
    # who lies still changes nothing in the picture, and is watched all the same, in every single one
    watched = [t_s for t_s in looks.at["pose"] if t_s >= 5]
    assert len(watched) == 40


def test_after_somebody_has_gone_the_models_stay_awake_for_a_while(room: Picture, looks: Looks) -> None:
    clip = pictures(SAMPLE)[-1]
    there = cv2.resize(clip.pixels, (room.shape[1], room.shape[0])).astype(np.float32)
    eyes = looks.eyes()
    for frame in (*seconds_of(there, 0, 1), *seconds_of(room, 1, 20)):
        eyes.look(frame)
    last = max(t_s for t_s in looks.at["pose"] if np.isclose(np.diff(looks.at["pose"]).min(), 0.1) and t_s < 13)
    assert AWAKE_S <= last < AWAKE_S + 3
    assert len(looks.at["pose"]) < 135


def test_a_bear_that_stands_is_watched(looks: Looks) -> None:
    clip = pictures(GATE)[::5]
    best = max(clip, key=lambda frame: max(_scores(looks.detector.look(frame)), default=0.0))
    bear = best.pixels.astype(np.float32)
    eyes = looks.eyes()
    for frame in seconds_of(bear, 0, 5):
        sight = eyes.look(frame)
        assert sight.objects is None or BEAR in sight.objects.labels
    assert len(looks.at["detector"]) == 10


def _scores(objects: Objects) -> list[float]:
    return [float(score) for label, score in zip(objects.labels, objects.scores, strict=True) if label == BEAR]


def test_what_is_said_while_resting_is_what_was_seen_last(room: Picture, looks: Looks) -> None:
    eyes = looks.eyes()
    sights = [eyes.look(frame) for frame in seconds_of(room, 0, 8)]
    resting = [sight for sight in sights if sight.people.t_s > 5]
    assert [sight.people.t_s for sight in resting] == sorted({sight.people.t_s for sight in resting})
    labels = {sight.objects.labels for sight in resting if sight.objects}
    assert len(labels) == 1
    assert all(sight.objects is None or sight.objects.t_s == sight.people.t_s for sight in resting)
