"""When a rule takes more time than it may have: what is left must do for the models and for all other rules."""

from collections import deque

STEPS = 20
"""Two seconds at 10 fps."""
MOST_S = 1.0
"""Seconds of work within STEPS steps: on average half the time of a frame at 10 fps. No rule of ours comes near, even
on a Raspberry Pi 4 with six people in view: to switch off a good one would be worse than a slow picture."""


class Watchdog:
    """Watches the working time of one rule."""

    def __init__(self) -> None:
        self._spent_s: deque[float] = deque(maxlen=STEPS)

    def is_too_much(self, spent_s: float) -> bool:
        """Whether one more step, which took `spent_s` seconds of work, is too much."""
        self._spent_s.append(spent_s)
        return sum(self._spent_s) > MOST_S
