"""Clips and still images as sources. A clip is also the test camera: paced and looped it behaves like one."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, cast

import cv2

from semcam.contract.errors import FaultCode, VisionFault
from semcam.vision.capture.frame import Frame, Pace, Pixels
from semcam.vision.capture.newest import Arrival, Newest

STILL = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp"})


@dataclass(frozen=True, slots=True)
class Playback:
    """How a file is played."""

    fps: float
    hold_last_s: float = 0.0
    realtime: bool = False
    loop: bool = False
    pace: Pace = field(default_factory=Pace)


class Part(Protocol):
    """A file that can be played from its beginning again and again."""

    length_s: float

    def once(self) -> Iterator[Frame]:
        """Its frames from t = 0 on, its last one held."""

    def close(self) -> None:
        """Close it."""


def open_file(path: Path, playback: Playback) -> "ClipSource | StillSource":
    """Open a clip or a picture.

    Raises:
        VisionFault: there is no such file, or it cannot be decoded.
    """
    if not path.is_file():
        raise VisionFault(FaultCode.SOURCE_MISSING)
    return StillSource(path, playback) if path.suffix.lower() in STILL else ClipSource(path, playback)


class StillSource:
    """One picture, shown for `hold_last_s`."""

    def __init__(self, path: Path, playback: Playback) -> None:
        pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if pixels is None:
            raise VisionFault(FaultCode.SOURCE_UNREADABLE)
        self._pixels = cast(Pixels, pixels)
        self._playback = playback
        self.length_s = playback.hold_last_s

    def frames(self) -> Iterator[Frame]:
        """The picture at t = 0, then again and again."""
        first = Frame(self._pixels, 0.0, 0)
        return played(held(first, self._playback), self._playback)

    def close(self) -> None:
        """Nothing is open."""


class ClipSource:
    """A video file, thinned to the wanted rate by the time stamps of its own frames."""

    def __init__(self, path: Path, playback: Playback) -> None:
        self._playback = playback
        self._is_played = False
        # a clip that plays the camera is decoded as it comes; others as fast as the cores can
        threads = [cv2.CAP_PROP_N_THREADS, 1] if playback.loop or playback.realtime else []
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, threads)
        if not self._capture.isOpened():
            raise VisionFault(FaultCode.SOURCE_UNREADABLE)
        self._fps = self._capture.get(cv2.CAP_PROP_FPS) or playback.fps
        count = max(self._capture.get(cv2.CAP_PROP_FRAME_COUNT), 0.0)  # negative where the container does not say
        self.length_s = 0.0 if playback.loop else count / self._fps + playback.hold_last_s

    def frames(self) -> Iterator[Frame]:
        """The clip's frames, its last one held, over and over where it is looped."""
        return played(in_rounds([self], self._playback), self._playback)

    def close(self) -> None:
        """Close the file."""
        self._capture.release()

    def once(self) -> Iterator[Frame]:
        """The whole clip from its beginning, its last frame held; can be asked for again and again.

        Raises:
            VisionFault: not one frame of it can be decoded.
        """
        if self._is_played:
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)  # not opened anew: by then nothing can be any more
        self._is_played = True
        last: Frame | None = None
        for last in self._decoded():
            yield last
        if last is None:
            raise VisionFault(FaultCode.SOURCE_UNREADABLE)
        rest = held(last, self._playback)
        next(rest)  # the last frame itself has been shown already
        yield from rest

    def _decoded(self) -> Iterator[Frame]:
        period_s, due_s, number, at_s, index = 1 / self._playback.fps, 0.0, 0, -1.0, 0
        while self._capture.grab():
            stamp_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            # some containers carry no time stamps, or ones that run backwards
            at_s = stamp_s if stamp_s > at_s else max(number / self._fps, at_s + 1e-3)
            number += 1
            if at_s < due_s - period_s / 4:
                continue  # between two wanted moments: not even decoded to BGR
            ok, pixels = self._capture.retrieve()
            if not ok:
                continue  # one damaged frame does not end a clip
            yield Frame(cast(Pixels, pixels), round(at_s, 3), index)
            index += 1
            # catch up from a gap in the clip without a burst; otherwise keep the even grid
            step_s = self._playback.pace.period_s(period_s)
            due_s = due_s + step_s if at_s < due_s + step_s else at_s + step_s


def in_rounds(parts: Sequence[Part], playback: Playback) -> Iterator[Frame]:
    """The frames of all parts, each beginning where the last one ended; looped, all of them again and again."""
    begin_s, index = 0.0, 0
    while True:
        for part in parts:
            last_s = begin_s
            for frame in part.once():
                last_s = round(begin_s + frame.t_s, 3)
                yield Frame(frame.pixels, last_s, index)
                index += 1
            begin_s = last_s + 1 / playback.fps
        if not playback.loop:
            return


def held(frame: Frame, playback: Playback) -> Iterator[Frame]:
    """The frame, then the same pixels for `hold_last_s` more."""
    yield frame
    for step in range(1, round(playback.hold_last_s * playback.fps) + 1):
        yield Frame(frame.pixels, round(frame.t_s + step / playback.fps, 3), frame.index + step)


def played(frames: Iterator[Frame], playback: Playback) -> Iterator[Frame]:
    """Each frame, as soon as it is asked for; or, in real time, as a camera gives them: whoever is slow misses some."""
    return Newest(_in_real_time(frames, 1 / playback.fps)).frames() if playback.realtime else frames


def _in_real_time(frames: Iterator[Frame], period_s: float) -> Iterator[Arrival]:
    began_s = time.monotonic()
    for frame in frames:
        late_s = time.monotonic() - (began_s + frame.t_s)
        if late_s > period_s:
            began_s += late_s  # it cannot be decoded as fast as that; no camera is ever behind
        time.sleep(max(0.0, -late_s))
        yield Arrival(frame.pixels, frame.t_s, began_s + frame.t_s)
