"""How old pictures are when they are judged, as the retained status says it: the worst of a minute, coarsely."""

from collections import deque

WINDOW_S = 60.0
STEPS_MS = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""Rounded up to one of these: a status that is retained must not change with every wobble."""


class Freshness:
    """Told of each beat. It gets worse at once, and better only after a minute."""

    def __init__(self) -> None:
        # the ages that no later one has surpassed, the oldest and worst first
        self._worst: deque[tuple[float, int]] = deque()

    def take(self, now_s: float, age_ms: int) -> int:
        """The worst of the last minute in milliseconds, with this one, rounded up."""
        if self._worst and now_s < self._worst[-1][0]:
            self._worst.clear()  # a vision process that was started anew counts from 0
        while self._worst and self._worst[-1][1] <= age_ms:
            self._worst.pop()
        self._worst.append((now_s, age_ms))
        while self._worst[0][0] <= now_s - WINDOW_S:
            self._worst.popleft()
        return next(step for step in STEPS_MS if self._worst[0][1] <= step)
