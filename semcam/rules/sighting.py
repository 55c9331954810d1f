"""Something with one of the wanted labels is in view for a time: a bear at the gate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from semcam.contract.labels import LARGE_ANIMAL
from semcam.contract.rules import SightingRule
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.condition import Asked, Condition, ask
from semcam.rules.holding import numbers_of
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import Track

UNSURE_FACTOR = 2.0
"""A vague word is held back this much longer: the next look may bring the right one."""


@dataclass(slots=True)
class Case:
    """One animal or thing that was, or may be, reported."""

    track: Track
    said_as: str
    """The label it was told under last: what it is taken for by now may be none of the rule's business."""
    label: str | None = None
    """The label it was reported under; none yet while it is only suspected."""


class Sighting:
    """suspected at the first sight, confirmed after a time in view, cleared when gone; each track alone.

    When more looks turn a large animal into a bear, the bear is confirmed anew: that is worth another message.
    """

    def __init__(self, rule: SightingRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._schedule = Schedule.of(rule)
        self._cases: dict[int, Case] = {}
        self.asked: list[Asked] = []

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everything in view at `t_s`."""
        signals: list[RuleSignal] = []
        self.asked = []
        in_force = self._schedule.is_open(self._room.local(t_s))
        for track in tracks:
            case = self._cases.get(track.id)
            if case is not None:
                case.track = track
                signals.extend(self._confirm(t_s, case))
            elif in_force and track.label in self._rule.labels and self._is_there(track):
                self._cases[track.id] = Case(track, said_as=track.label)
                taken_for = Condition(True, f"taken for {track.label}, score {track.score:.2f}")
                self.asked.append(Asked(track, Stage.SUSPECTED, (taken_for,)))
                signals.append(self._say(t_s, track, track.label, Stage.SUSPECTED))
        signals.extend(self._clear(t_s))
        return signals

    def _confirm(self, t_s: float, case: Case) -> Iterator[RuleSignal]:
        if case.label not in (None, LARGE_ANIMAL) or case.label == case.track.label:
            return  # it has been told already, and nothing more exact is known
        self.asked.append(Asked(case.track, Stage.CONFIRMED, ask(self._is_worth_telling(case.track))))
        if self.asked[-1].met:
            case.label = case.said_as = case.track.label
            yield self._say(t_s, case.track, case.track.label, Stage.CONFIRMED)

    def _is_worth_telling(self, track: Track) -> Iterator[Condition]:
        yield Condition(track.label in self._rule.labels, f"taken for {track.label}, score {track.score:.2f}")
        seen_s = track.last_seen_s - track.first_seen_s
        wanted_s = self._rule.hold * (UNSURE_FACTOR if track.label == LARGE_ANIMAL else 1.0)
        yield Condition(seen_s >= wanted_s, "in view for", seen_s, wanted_s, " s")

    def _is_there(self, track: Track) -> bool:
        return not self._rule.zones or bool(set(self._rule.zones).intersection(track.zones))

    def _clear(self, t_s: float) -> Iterator[RuleSignal]:
        for id, case in list(self._cases.items()):
            if t_s - case.track.last_seen_s >= self._rule.clear_after:
                yield self._say(t_s, case.track, case.said_as, Stage.CLEARED)
                del self._cases[id]

    def _say(self, t_s: float, track: Track, label: str, stage: Stage) -> RuleSignal:
        return RuleSignal(
            rule=self._rule.id,
            stage=stage,
            t_s=t_s,
            track=track.id,
            zone=track.zones[0] if track.zones else None,
            home=track.home,
            label=label,
            why=numbers_of({Reason.SEEN_S: track.last_seen_s - track.first_seen_s, Reason.SCORE: track.score}),
        )
