"""A folder of clips and pictures as a source: one after another in the order of their names, like one long clip."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from semcam.contract.errors import FaultCode, VisionFault
from semcam.vision.capture.file import STILL, ClipSource, Part, Playback, held, in_rounds, played
from semcam.vision.capture.frame import Frame, Pixels

CLIPS = frozenset({".mp4", ".m4v", ".mkv", ".avi", ".mov", ".webm", ".mpg", ".mpeg", ".ts"})
MOST_PICTURES, MOST_CLIPS = 1000, 100
"""Everything is opened beforehand: once there are frames, nothing can be opened any more."""


def open_folder(folder: Path, playback: Playback) -> "FolderSource":
    """Open all clips and pictures of a folder; other files are left out.

    Raises:
        VisionFault: there are none, too many, or one that cannot be read.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in STILL | CLIPS and path.is_file())
    pictures = sum(path.suffix.lower() in STILL for path in files)
    if not files:
        raise VisionFault(FaultCode.SOURCE_UNREADABLE)
    if pictures > MOST_PICTURES or len(files) - pictures > MOST_CLIPS:
        raise VisionFault(FaultCode.FOLDER_TOO_LARGE)
    return FolderSource([_open(path, playback) for path in files], playback)


class FolderSource:
    """Plays its parts; looped, all of them again and again."""

    def __init__(self, parts: list[Part], playback: Playback) -> None:
        self._parts = parts
        self._playback = playback
        gaps_s = (len(parts) - 1) / playback.fps
        self.length_s = 0.0 if playback.loop else sum(part.length_s for part in parts) + gaps_s

    def frames(self) -> Iterator[Frame]:
        """The frames of all parts, each beginning where the last one ended."""
        return played(in_rounds(self._parts, self._playback), self._playback)

    def close(self) -> None:
        """Close all files."""
        for part in self._parts:
            part.close()


class _Picture:
    """A picture that is decoded when its turn comes: a thousand of them would not fit into the memory of a board."""

    def __init__(self, path: Path, playback: Playback) -> None:
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            raise VisionFault(FaultCode.SOURCE_UNREADABLE) from None
        self._playback = playback
        self.length_s = playback.hold_last_s

    def once(self) -> Iterator[Frame]:
        content = os.pread(self._fd, os.fstat(self._fd).st_size, 0)
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
        if pixels is None:
            raise VisionFault(FaultCode.SOURCE_UNREADABLE)
        yield from held(Frame(cast(Pixels, pixels), 0.0, 0), self._playback)

    def close(self) -> None:
        os.close(self._fd)


def _open(path: Path, playback: Playback) -> Part:
    return _Picture(path, playback) if path.suffix.lower() in STILL else ClipSource(path, playback)
