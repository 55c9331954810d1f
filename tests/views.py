"""What happens to a camera's picture: mishaps, and what only looks like one. And clips in which it does.

Pictures are (H, W, 3) uint8, as OpenCV has them. Each change is made to a sample clip's own pictures.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from tests.conftest import ROOT

Picture = npt.NDArray[np.uint8]
Change = Callable[[Picture], Picture]

ROOM = ROOT / "sample_videos" / "empty_room_light.mp4"


def room() -> Picture:
    """An empty room by day, small: what is judged is smaller still."""
    return np.asarray(cv2.resize(pictures_of(ROOM)[0], (320, 240), interpolation=cv2.INTER_AREA), np.uint8)


def pictures_of(clip: Path) -> list[Picture]:
    with av.open(str(clip)) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


class Sensor:
    """Grain, another one in each picture: what every real camera has and no rendered clip."""

    def __init__(self, sigma: float = 1.5) -> None:
        self._chance = np.random.default_rng(7)
        self._grain = self._chance.normal(0, sigma, (600, 800, 3)).astype(np.int16)

    def see(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        top, left = self._chance.integers(0, 600 - height), self._chance.integers(0, 800 - width)
        return clipped(picture.astype(np.int16) + self._grain[top : top + height, left : left + width])


def clipped(picture: npt.NDArray[Any]) -> Picture:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _spot(picture: Picture, x: float, y: float, radius: float) -> npt.NDArray[np.float32]:
    """1 at a point, less and less around it; in fractions of the picture."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    distance = (columns / picture.shape[1] - x) ** 2 + (rows / picture.shape[0] - y) ** 2
    return np.asarray(np.exp(-distance / (2 * radius**2))[:, :, None], np.float32)


# -- mishaps


def black(picture: Picture) -> Picture:
    return np.zeros_like(picture)


def lens_cap(picture: Picture) -> Picture:
    """Black, as an amplifier at its limit shows it."""
    return clipped(14 + np.random.default_rng(0).normal(0, 8, picture.shape))


def towel(picture: Picture) -> Picture:
    """Thrown over the camera: some light comes through, and nothing else."""
    glow = cv2.resize(cv2.resize(picture, (4, 3), interpolation=cv2.INTER_AREA), picture.shape[1::-1])
    return clipped(glow * 0.3 + np.array([70, 80, 95]))


def sun(picture: Picture) -> Picture:
    """Straight into the lens."""
    return clipped(picture + 420 * _spot(picture, 0.5, 0.4, 0.4))


def out_of_focus(picture: Picture) -> Picture:
    return clipped(cv2.GaussianBlur(picture, (0, 0), 4))


def knocked(picture: Picture) -> Picture:
    """Turned a little, and askew."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 8, 1.0)
    turn[:, 2] += 0.1 * width, 0.06 * height
    return clipped(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REFLECT))


def blue_for_red(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[:, :, ::-1])


def magenta(picture: Picture) -> Picture:
    return clipped(picture * np.array([1.2, 0.6, 1.3]))


# -- nothing of the kind


def lamp(picture: Picture) -> Picture:
    """In a corner of a room that was lit from the window."""
    return clipped(picture * (0.45 + 1.5 * _spot(picture, 0.85, 0.2, 0.35)) * np.array([0.8, 0.97, 1.15]))


def infrared(picture: Picture) -> Picture:
    """Without colour, lit from beside the lens, grainy."""
    red = picture @ np.array([0.1, 0.2, 0.7])
    lit = red[:, :, None] * (0.35 + 0.9 * _spot(picture, 0.5, 0.5, 0.35))
    grain = np.random.default_rng(int(red.sum()) % 1000).normal(0, 6, lit.shape)
    return np.repeat(clipped(lit + grain), 3, axis=2)


def somebody_close(picture: Picture) -> Picture:
    """A back that fills nearly all of it."""
    close = picture.copy()
    close[:, : round(0.9 * picture.shape[1])] = (70, 60, 85)
    return close


def somebody_in_front(picture: Picture) -> Picture:
    """Who stays, and hides a third."""
    close = picture.copy()
    centre = round(0.5 * picture.shape[1]), round(0.7 * picture.shape[0])
    cv2.ellipse(close, centre, (round(0.2 * picture.shape[1]), picture.shape[0]), 0, 0, 360, (70, 60, 90), -1)
    return close


def darker(share: float) -> Change:
    return lambda picture: clipped(picture * share)


# -- clips


def write_clip(path: Path, pictures: Iterable[Picture], fps: int) -> Path:
    """As a camera packs it: H.264."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps)
        stream.pix_fmt, stream.time_base = "yuv420p", Fraction(1, fps)
        stream.options = {"preset": "ultrafast", "crf": "20"}
        for number, picture in enumerate(pictures):
            frame: Any = av.VideoFrame.from_ndarray(picture, format="bgr24")
            if number == 0:
                stream.width, stream.height = frame.width, frame.height
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
