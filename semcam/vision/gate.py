"""The last door before the wall: signals leave in order of urgency and within the byte budget."""

from typing import BinaryIO

from semcam.contract.signal import BUDGET_WINDOW_S, Beat, ByteBudget, RuleFault, RuleSignal, Signal, Stage, to_line

RESERVE_BYTES = {Stage.CONFIRMED: 0, Stage.CLEARED: 512, Stage.SUSPECTED: 1024, Stage.UPDATED: 1024}
"""How much of the minute's budget each stage must leave for more urgent ones."""
LAST_WORD_BYTES = 128
"""Kept back for `ended` or `fault`."""
MOST_WAITING = 64
SLACK_S = 5.0
"""The courier counts by the time of arrival; this side counts a longer minute, so that both agree."""


class Gate:
    """Writes lines. What the budget does not allow now waits, and the urgent goes first."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._budget = ByteBudget(window_s=BUDGET_WINDOW_S + SLACK_S)
        self._waiting: list[RuleSignal | RuleFault] = []

    @property
    def waiting(self) -> int:
        """How many signals the budget has kept back so far."""
        return len(self._waiting)

    def say(self, now_s: float, signal: Signal) -> None:
        """Send a signal now, or queue it where it belongs to a rule and the minute is spent."""
        if not isinstance(signal, RuleSignal | RuleFault):
            self._write(now_s, signal)
            return
        # a suspicion that was still waiting is overtaken by what became of it
        self._waiting = [old for old in self._waiting if not (_same_alarm(old, signal) and _is_early(old))]
        self._waiting.append(signal)
        self._shed()
        self.flush(now_s)

    def flush(self, now_s: float) -> None:
        """Send what waits and fits, the urgent first; within one alarm the order of stages stays."""
        for signal in sorted(self._waiting, key=_reserve):
            earlier = self._waiting[: self._waiting.index(signal)]
            needed = len(to_line(signal)) + _reserve(signal) + LAST_WORD_BYTES
            if needed <= self._budget.left(now_s) and not any(_same_alarm(signal, other) for other in earlier):
                self._write(now_s, signal)
                self._waiting.remove(signal)

    def _shed(self) -> None:
        """A storm of suspicions must not grow without bound; what was confirmed or cleared is kept."""
        early = [signal for signal in self._waiting if _is_early(signal)]
        for signal in early[: max(0, len(self._waiting) - MOST_WAITING)]:
            self._waiting.remove(signal)

    def _write(self, now_s: float, signal: Signal) -> None:
        line = to_line(signal)
        if not isinstance(signal, Beat):
            self._budget.spend(now_s, len(line))
        self._out.write(line)
        self._out.flush()


def _same_alarm(a: RuleSignal | RuleFault, b: RuleSignal | RuleFault) -> bool:
    return isinstance(a, RuleSignal) and isinstance(b, RuleSignal) and a.about == b.about


def _reserve(signal: RuleSignal | RuleFault) -> int:
    return RESERVE_BYTES[signal.stage] if isinstance(signal, RuleSignal) else 0


def _is_early(signal: RuleSignal | RuleFault) -> bool:
    return isinstance(signal, RuleSignal) and signal.stage in (Stage.SUSPECTED, Stage.UPDATED)
