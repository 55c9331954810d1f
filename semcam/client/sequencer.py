"""One camera's events put in order: duplicates dropped, gaps noticed, asked for and, at last, passed over.

A QoS 1 acknowledgement is not delivery: a broker that is killed forgets what it had taken. But every event carries
a number without gaps within an epoch, and the camera keeps what it said for a while and says it again on demand.
Pure: what comes in and what time it is are arguments, what is to be done is the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from semcam.contract.event import Event, Head

GRACE_S = 0.5
"""A gap this young may close by itself: the broker has the rest on its way."""
ASK_AGAIN_S, ASK_AT_LEAST_EVERY_S = 2.0, 60.0
HOLD_S, HOLD_AT_MOST_S = 30.0, 120.0
"""Newer events are held back for so long while an older one is asked for, anew with each new connection; then they are
told before it. What burns is retained, and is known without them."""
ASK_AT_MOST = 500
"""Numbers in one request."""
MOST_HELD = 5000
MOST_EPOCHS = 16


@dataclass(frozen=True, slots=True)
class Deliver:
    """The next event in order; or one that was missing and has come after all."""

    event: Event


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the camera for these numbers again."""

    epoch: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Missing:
    """These are not waited for any longer: the camera does not answer, or no longer has them."""

    epoch: str
    first: int
    last: int
    is_final: bool = True
    """Whether the camera no longer has them; otherwise they are still asked for, and may be told late."""


Step = Deliver | Ask | Missing


@dataclass(slots=True)
class _Run:
    """One epoch: numbers without gaps."""

    epoch: str
    next: int = 1
    """The number that comes next."""
    last: int = 0
    """The highest number that is known to exist."""
    held: dict[int, Event] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    """Numbers that are asked for, and no longer waited for."""
    gap_since_s: float | None = None
    hold_until_s: float = 0.0
    asked_to: int = 0
    """The highest number that was asked for."""
    ask_at_s: float = 0.0
    pause_s: float = ASK_AGAIN_S

    @property
    def has_gap(self) -> bool:
        """Whether something that is known to exist is still waited for."""
        return self.next <= self.last

    def take(self, event: Event) -> list[Step]:
        """Hold it until it is its turn; what was told before is dropped."""
        number = event.data.seq
        if number in self.skipped:
            self.skipped.remove(number)
            self.pause_s = ASK_AGAIN_S
            return [Deliver(event)]
        if number >= self.next:
            self.held[number] = event
            self.last = max(self.last, number)
        return []

    def forget(self, before: int) -> list[Step]:
        """The camera has nothing before that number any more."""
        self.skipped = {number for number in self.skipped if number >= before}
        return self._pass_over(before - 1, is_final=True)

    def go_on(self, now_s: float, *, is_waited_for: bool) -> list[Step]:
        """Deliver what is next, and ask for what is missing.

        With `is_waited_for`, there are events that must wait for the end of a gap.
        """
        steps: list[Step] = []
        while self.next in self.held:
            steps.append(Deliver(self.held.pop(self.next)))
            self.next += 1
            self.gap_since_s = None  # whatever comes is a sign that the camera answers
        if not self.has_gap:
            return steps + self._ask_for_skipped(now_s)
        if self.gap_since_s is None:
            self.gap_since_s, self.hold_until_s, self.pause_s = now_s, now_s + HOLD_S, ASK_AGAIN_S
            # the rest of what was asked for is on its way behind what has just come
            self.ask_at_s = now_s + (ASK_AGAIN_S if self.next <= self.asked_to else GRACE_S)
        # where nothing waits there is no hurry: a camera that is away can answer once it is back
        is_overdue = is_waited_for and now_s >= self.hold_until_s
        if is_overdue or len(self.held) > MOST_HELD:
            self.gap_since_s = None
            steps += self._pass_over(self._end_of_gap, is_final=False)
            return steps + self.go_on(now_s, is_waited_for=is_waited_for)
        if is_waited_for:
            self.pause_s = ASK_AGAIN_S
        return steps + self._ask(self.next, self._end_of_gap, now_s)

    def ask_anew(self, now_s: float) -> None:
        """What was asked for, or was on its way, may be lost."""
        self.ask_at_s, self.pause_s = now_s + GRACE_S, ASK_AGAIN_S
        if self.gap_since_s is not None:
            self.hold_until_s = min(now_s + HOLD_S, self.gap_since_s + HOLD_AT_MOST_S)

    @property
    def _end_of_gap(self) -> int:
        return min(self.held, default=self.last + 1) - 1

    def _pass_over(self, last: int, *, is_final: bool) -> list[Step]:
        """Everything up to `last`: deliver what is held, name what is missing."""
        steps: list[Step] = []
        while self.next <= last:
            if self.next in self.held:
                steps.append(Deliver(self.held.pop(self.next)))
                self.next += 1
                continue
            end = min([number for number in self.held if number <= last], default=last + 1) - 1
            steps.append(Missing(self.epoch, self.next, end, is_final))
            if not is_final:
                self.skipped |= set(range(max(self.next, end - MOST_HELD), end + 1))
            self.next = end + 1
        return steps

    def _ask_for_skipped(self, now_s: float) -> list[Step]:
        if not self.skipped:
            return []
        first = last = min(self.skipped)
        while last + 1 in self.skipped:
            last += 1
        return self._ask(first, last, now_s)

    def _ask(self, first: int, last: int, now_s: float) -> list[Step]:
        if now_s < self.ask_at_s:
            return []
        self.ask_at_s, self.pause_s = now_s + self.pause_s, min(2 * self.pause_s, ASK_AT_LEAST_EVERY_S)
        self.asked_to = min(last, first + ASK_AT_MOST - 1)
        return [Ask(self.epoch, first, self.asked_to)]


class Sequencer:
    """Where one subscriber stands with one camera.

    A camera that lost its memory, or whose disk failed, goes on in a new epoch; once the disk works again it may come
    back to the old one. So each epoch has its own place, and none is ever taken for dead. What is told in a later
    epoch waits for what is missing of an earlier one.
    """

    def __init__(self, places: Mapping[str, int] | None = None) -> None:
        """`places` are those of an earlier subscriber: the next number of each epoch, the present one last."""
        self._runs = {epoch: _Run(epoch, next, next - 1) for epoch, next in (places or {}).items()}

    @property
    def places(self) -> dict[str, int]:
        """The next number of each epoch, the present one last."""
        return {epoch: run.next for epoch, run in self._runs.items()}

    def head(self, head: Head, now_s: float) -> list[Step]:
        """The camera's retained word on which numbers there are."""
        steps: list[Step] = []
        spans = (*head.before, head)
        known = [place for place, span in enumerate(spans) if span.epoch in self._runs]
        # a newcomer wants what happens from now on; what burns is in the retained alarms
        history = known[0] if known else 0 if self._runs else len(spans)
        for place, span in enumerate(spans):
            run = self._at_the_end(span.epoch, begins_at=span.last + 1 if place < history else 1)
            run.last = max(run.last, span.last)
            steps += run.forget(span.first)
        return steps + self.tick(now_s)

    def event(self, event: Event, now_s: float) -> list[Step]:
        """One event as it came in, in whatever order and however often."""
        epoch = event.id.rpartition("-")[0]
        if epoch not in self._runs:
            self._at_the_end(epoch, begins_at=1 if self._runs else event.data.seq)
        steps = self._runs[epoch].take(event)
        return steps + self.tick(now_s)

    def reconnected(self, now_s: float) -> None:
        """There is a new connection, to the broker or between it and the camera."""
        for run in self._runs.values():
            run.ask_anew(now_s)

    def tick(self, now_s: float) -> list[Step]:
        """Call it every second or so."""
        steps: list[Step] = []
        runs = list(self._runs.values())
        for place, run in enumerate(runs):
            steps += run.go_on(now_s, is_waited_for=any(later.held for later in runs[place:]))
            if run.has_gap:
                break
        return steps

    def _at_the_end(self, epoch: str, begins_at: int) -> _Run:
        """A known epoch, or a new one, as the latest."""
        run = self._runs.pop(epoch, None) or _Run(epoch, begins_at, begins_at - 1)
        self._runs[epoch] = run
        while len(self._runs) > MOST_EPOCHS:
            del self._runs[next(iter(self._runs))]
        return run
