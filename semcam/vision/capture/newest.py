"""Always the newest picture: a thread takes everything that comes, the loop gets the newest, and gaps are told.

The thread starts with the first frame that is asked for: by then the process is confined, and so is the thread.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from semcam.vision.capture.frame import Frame, Gap, Pace, Pixels

GAP_S = 6.0
"""Without a picture for so long, it is said that there is none: sooner than the courier loses patience."""
GAP_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Arrival:
    """A picture that has come: `t_s` by the source's own time, `taken_s` by the monotonic clock."""

    pixels: Pixels
    t_s: float
    taken_s: float


class Newest:
    """What arrives while the loop is busy is dropped: a queue would make every event late."""

    def __init__(self, arrivals: Iterator[Arrival]) -> None:
        """`arrivals` is read in a thread of its own, as fast as it gives."""
        self._arrivals = arrivals
        self._changed = threading.Condition()
        self._newest: Arrival | None = None
        self._has_ended = False
        self._error: Exception | None = None
        self._is_wanted = True
        self._index = 0

    def frames(self) -> Iterator[Frame]:
        """The newest picture, as often as one is asked for and there is one; ends with the arrivals.

        Raises:
            Exception: whatever the arrivals raised.
        """
        for each in self._told(None):
            if isinstance(each, Frame):
                yield each

    def frames_and_gaps(self, now_s: Callable[[], float]) -> Iterator[Frame | Gap]:
        """The same, and a gap where there has been none for a while; `now_s` is the source's own time."""
        return self._told(now_s)

    def _told(self, now_s: Callable[[], float] | None) -> Iterator[Frame | Gap]:
        threading.Thread(target=self._take_all, name="capture", daemon=True).start()
        patience_s = GAP_S
        try:
            while True:
                arrival = self._wait(patience_s if now_s else None)
                if arrival is not None:
                    patience_s = GAP_S
                    yield Frame(arrival.pixels, arrival.t_s, self._index, arrival.taken_s)
                    self._index += 1
                elif self._error is not None:
                    raise self._error
                elif self._has_ended:
                    return
                elif now_s:
                    patience_s = GAP_EVERY_S
                    yield Gap(round(now_s(), 3))
        finally:
            self._is_wanted = False

    def _wait(self, patience_s: float | None) -> Arrival | None:
        """The newest that has not been handed out, waiting for it; None where there is none in time, or ever."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._has_ended, patience_s)
            newest, self._newest = self._newest, None
            return newest

    def _take_all(self) -> None:
        try:
            for arrival in self._arrivals:
                if not self._is_wanted:
                    return
                with self._changed:
                    self._newest = arrival
                    self._changed.notify()
        except Exception as error:
            self._error = error  # raised where somebody can act on it
        finally:
            with self._changed:
                self._has_ended = True
                self._changed.notify()


class Grid:
    """Which of the pictures that come are wanted, at a rate."""

    def __init__(self, fps: float, pace: Pace | None = None) -> None:
        self._period_s = 1 / fps
        self._pace = pace or Pace()
        self._due_s = 0.0

    def wants(self, t_s: float) -> bool:
        """Whether the picture of this moment is one; call it once for each, in their order."""
        if t_s < self._due_s - self._period_s / 4:
            return False
        self._due_s = max(self._due_s + self._pace.period_s(self._period_s), t_s)
        return True


STALE_S = 10.0
"""What a driver's stamp may lie back; beyond that it counts by another clock."""


def when_taken(stamp_s: float, now_s: float) -> float:
    """The driver's stamp where it counts by the monotonic clock, as nearly all do; otherwise the time of arrival."""
    return stamp_s if now_s - STALE_S < stamp_s <= now_s else now_s
