"""What all live sources have in common: the newest picture whenever one is asked for, and a word while none comes."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator

from semcam.contract.errors import FaultCode, VisionFault
from semcam.vision.capture.frame import Frame, Gap, Pace
from semcam.vision.capture.newest import Arrival, Grid, Newest


class LiveSource(ABC):
    """Pictures of now. Frames carry seconds since the source was opened, by the monotonic clock."""

    length_s = 0.0

    def __init__(self, fps: float, pace: Pace | None) -> None:
        """Its time begins."""
        self._grid = Grid(fps, pace)
        self._began_s = time.monotonic()

    def frames(self) -> Iterator[Frame | Gap]:
        """Frames at the wanted rate, or less often where they are not asked for in time; gaps where none come.

        Raises:
            VisionFault: nothing will come any more, or what comes cannot be decoded.
        """
        yield from Newest(self._arrivals()).frames_and_gaps(lambda: time.monotonic() - self._began_s)
        raise VisionFault(FaultCode.SOURCE_LOST)

    @abstractmethod
    def close(self) -> None:
        """Let it go."""

    @abstractmethod
    def _arrivals(self) -> Iterator[Arrival]:
        """What the grid wants of all that comes, as it comes. Runs in a thread beside the loop."""
