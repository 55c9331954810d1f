"""How often a rule that counts may speak: at once while it is quiet, one signal for several when it is busy.

Signals share 2 kB a minute (see contract/signal.py), and a crowd must not delay somebody's fall.
"""

from collections.abc import Iterable, Iterator

from semcam.contract.signal import RuleSignal
from semcam.rules.room import Room

AT_ONCE = 3
"""Signals that need not wait after a quiet time."""
EVERY_S = 10.0
"""Time after which one more may be given, by one of the camera's rules or another: of about 150 bytes each, which is
half of what may pass."""
MOST = 999
"""The largest number that a signal can count."""


class Pace:
    """A few signals at once, then one every EVERY_S, or less often where several rules share it (a token bucket)."""

    def __init__(self, room: Room) -> None:
        self._every_s = EVERY_S * max(room.momentary, 1)
        self._left = float(AT_ONCE)
        self._counted_s: float | None = None

    def left(self, t_s: float) -> int:
        """How many signals may be given at `t_s`."""
        if self._counted_s is not None:
            self._left = min(self._left + (t_s - self._counted_s) / self._every_s, AT_ONCE)
        self._counted_s = t_s
        return int(self._left + 1e-9)

    def spend(self) -> None:
        """One is given."""
        self._left -= 1


class Paced:
    """Signals of a rule at its pace: what must wait is told together, with how many there were."""

    def __init__(self, room: Room) -> None:
        self._pace = Pace(room)
        self._waiting: list[RuleSignal] = []

    def step(self, t_s: float, signals: Iterable[RuleSignal]) -> Iterator[RuleSignal]:
        """What may be said at `t_s` of `signals` and of those that wait."""
        self._waiting += signals
        while self._waiting and (left := self._pace.left(t_s)):
            several = len(self._waiting) if left == 1 else 1
            self._pace.spend()
            yield _together(self._waiting[:several])
            self._waiting = self._waiting[several:]


def _together(signals: list[RuleSignal]) -> RuleSignal:
    """The last of them, for all of them."""
    return signals[-1] if len(signals) == 1 else signals[-1].model_copy(update={"count": min(len(signals), MOST)})
