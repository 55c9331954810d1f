"""How many pictures a second are looked at, over some seconds: a retained status must not change with every wobble."""

from collections import deque

from semcam.contract.signal import Beat

WINDOW_S = 10.0


class Pace:
    """Told of each beat of one vision process."""

    def __init__(self) -> None:
        self._beats: deque[Beat] = deque()

    def take(self, beat: Beat) -> float | None:
        """Pictures a second up to this beat; None where it is the first."""
        self._beats.append(beat)
        while beat.t_s - self._beats[0].t_s > WINDOW_S and len(self._beats) > 2:
            self._beats.popleft()
        first = self._beats[0]
        return round((beat.frames - first.frames) / (beat.t_s - first.t_s), 1) if beat.t_s > first.t_s else None

    def begin_anew(self) -> None:
        """There is another vision process, which counts from 0."""
        self._beats.clear()
