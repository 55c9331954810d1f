"""From what is seen to what is said: one camera's tracker and rules, frame by frame."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from semcam.contract.config import Job
from semcam.contract.local_time import LocalTimes
from semcam.contract.signal import RuleFault, RuleFaultCode, RuleSignal
from semcam.rules.build import build_rules
from semcam.rules.condition import Asked
from semcam.rules.rule import Rule
from semcam.rules.watchdog import Watchdog
from semcam.tracking.observation import Objects, People, Track
from semcam.tracking.tracker import Tracker
from semcam.tracking.zones import ZoneMap


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one frame came to."""

    tracks: tuple[Track, ...]
    signals: tuple[RuleSignal | RuleFault, ...]
    errors: tuple[Exception, ...] = ()
    """What went wrong in rules that are switched off for it. Stays on this side of the wall."""


class Judge:
    """Everything between perception and the wall. The same observations give the same judgements.

    A rule that fails or takes too long is switched off, and that is said; the others go on.
    """

    def __init__(
        self, job: Job, aspect: float, local: LocalTimes, stopwatch: Callable[[], float] = lambda: 0.0
    ) -> None:
        """`aspect` is the picture's width over its height, `stopwatch` counts the seconds that rules work."""
        self._tracker = Tracker(ZoneMap(job.zones, aspect, job.view), job.view)
        rules = build_rules(job, aspect, local)
        self._running = {id: _Running(id, rule, stopwatch) for id, rule in rules.items()}

    def step(self, people: People, objects: Objects | None) -> Judgement:
        """Judge one frame; `objects` is None where the detector did not look."""
        tracks = self._tracker.step(people, objects)
        signals = [signal for running in self._running.values() for signal in running.step(people.t_s, tracks)]
        errors = tuple(running.error for running in self._running.values() if running.error)
        self._running = {id: running for id, running in self._running.items() if not running.is_off}
        return Judgement(tracks, tuple(signals), errors)

    @property
    def at_work(self) -> str | None:
        """The rule that is being judged at this moment, if any."""
        return next((id for id, running in self._running.items() if running.at_work), None)

    def asked(self) -> Iterator[tuple[str, Asked]]:
        """What each rule, named by its id, asked about the last frame."""
        for id, running in self._running.items():
            yield from ((id, asked) for asked in running.rule.asked)


class _Running:
    """A rule under watch, and whether it is switched off."""

    def __init__(self, id: str, rule: Rule, stopwatch: Callable[[], float]) -> None:
        self.rule = rule
        self.is_off = False
        self.at_work = False
        self.error: Exception | None = None
        self._id = id
        self._stopwatch = stopwatch
        self._watchdog = Watchdog()

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterator[RuleSignal | RuleFault]:
        """What the rule says, and last that it will say no more."""
        began_s = self._stopwatch()
        self.at_work = True
        try:
            # a rule that fails half-way has been right up to there
            yield from self.rule.step(t_s, tracks)
        except Exception as error:
            self.error = error
            yield self._switch_off(RuleFaultCode.FAILED)
        else:
            if self._watchdog.is_too_much(self._stopwatch() - began_s):
                yield self._switch_off(RuleFaultCode.SLOW)
        finally:
            self.at_work = False

    def _switch_off(self, code: RuleFaultCode) -> RuleFault:
        self.is_off = True
        return RuleFault(rule=self._id, code=code)
