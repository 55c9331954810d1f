"""From what is seen to what is said: one camera's tracker and rules, frame by frame."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from semcam.contract.config import Job
from semcam.contract.local_time import LocalTimes
from semcam.contract.signal import RuleFault, RuleSignal
from semcam.rules.build import build_rules
from semcam.rules.condition import Asked
from semcam.tracking.observation import Objects, People, Track
from semcam.tracking.tracker import Tracker
from semcam.tracking.zones import ZoneMap


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one frame came to."""

    tracks: tuple[Track, ...]
    signals: tuple[RuleSignal | RuleFault, ...]


class Judge:
    """Everything between perception and the wall. The same observations give the same judgements."""

    def __init__(
        self, job: Job, aspect: float, local: LocalTimes, stopwatch: Callable[[], float] = lambda: 0.0
    ) -> None:
        """`aspect` is the picture's width over its height, `stopwatch` counts the seconds that rules work."""
        self._tracker = Tracker(ZoneMap(job.zones, aspect, job.view), job.view)
        self._rules = build_rules(job, aspect, local)
        self._stopwatch = stopwatch

    def step(self, people: People, objects: Objects | None) -> Judgement:
        """Judge one frame; `objects` is None where the detector did not look."""
        tracks = self._tracker.step(people, objects)
        signals = (signal for rule in self._rules.values() for signal in rule.step(people.t_s, tracks))
        return Judgement(tracks, tuple(signals))

    def asked(self) -> Iterator[tuple[str, Asked]]:
        """What each rule, named by its id, asked about the last frame."""
        for id, rule in self._rules.items():
            yield from ((id, asked) for asked in rule.asked)
