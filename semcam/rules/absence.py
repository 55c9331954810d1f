"""Nobody has been seen: for a time, or by a time of day. Somebody did not get up, or did not come home."""

import math
from collections.abc import Iterable, Iterator, Sequence

from semcam.contract.labels import PERSON
from semcam.contract.local_time import LocalTime
from semcam.contract.rule_base import minutes
from semcam.contract.rules import AbsenceRule
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import BRIDGE_S, Case, Holding
from semcam.rules.places import IN_VIEW, is_inside
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import Track


class Absence:
    """Told once nobody was seen for `hold`, or with `by`, at that time if nobody was seen since `since`.

    Any sight of a person counts, however short; with `zones`, in any of them. Cleared when somebody is seen. It knows
    what it watched: time is counted from when the camera started, or where that was later than `since`, it is told at
    `by` all the same.
    """

    def __init__(self, rule: AbsenceRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._morning = None if rule.by is None else Morning(rule, rule.by)
        self._holding = Holding(rule if rule.by is None else _told_at_once(rule), room, bridge_s=0.0)
        self._seen_s = math.nan
        """When somebody was seen last; before that, since when it is watched."""
        self._place = ", ".join(rule.zones) or IN_VIEW

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge the place at `t_s`."""
        in_sight = any(track.label == PERSON and track.visible and is_inside(self._rule, track) for track in tracks)
        if in_sight or math.isnan(self._seen_s):
            self._seen_s = t_s
        if self._morning:
            self._morning.step(self._room.local(t_s), in_sight)
        zone = self._rule.zones[0] if len(self._rule.zones) == 1 else None
        case = Case(self._place, self._conditions(t_s), zone, since_s=self._seen_s)
        signals = list(self._holding.step(t_s, [case]))
        if self._morning and (in_sight or signals) and not self._holding.is_told(self._place):
            self._morning.is_missed = False
        return signals

    def _conditions(self, t_s: float) -> Iterator[Condition]:
        if self._morning:
            yield self._morning.condition
        # while an alarm burns, who blinks is still there
        is_empty = t_s - self._seen_s > (BRIDGE_S if self._holding.is_told(self._place) else 0.0)
        yield Condition(is_empty, "nobody in sight" if is_empty else "somebody in sight")


def _told_at_once(rule: AbsenceRule) -> AbsenceRule:
    """The hours of such a rule are `since` and `by`; what it told goes on until somebody is seen."""
    return rule.model_copy(update={"hold": 0.0, "between": None, "weekdays": ()})


class Morning:
    """Watches from `since` until `by`, day by day, whether anybody is seen.

    Days are counted by the wall clock. When it is put back, an hour that was judged is not judged again; when it is put
    forward over `by`, it is judged then.
    """

    def __init__(self, rule: AbsenceRule, by: str) -> None:
        self._names = rule.since, by
        self._since, self._by = minutes(rule.since), minutes(by)
        self._schedule = Schedule.of(rule)
        self._watched: int | None = None
        """The day on which the time that is being watched will be over."""
        self._judged = -1
        """The last day that was judged."""
        self._was_seen = False
        self.is_missed = False
        """Nobody was seen in time, nor since."""

    def step(self, now: LocalTime, in_sight: bool) -> None:
        """Take in one frame."""
        if self._watched is not None and (now.day, now.minute) >= (self._watched, self._by):
            self.is_missed |= not self._was_seen and self._schedule.is_open(self._moment(now, self._watched))
            self._judged, self._watched = self._watched, None
        ends = now.day if now.minute < self._by else now.day + 1
        begins = ends if self._since < self._by else ends - 1
        if self._watched is None and ends > self._judged and (now.day, now.minute) >= (begins, self._since):
            self._watched, self._was_seen = ends, False
        self._was_seen |= in_sight

    @property
    def condition(self) -> Condition:
        """Whether it was missed, in words."""
        since, by = self._names
        if self.is_missed:
            return Condition(True, f"nobody between {since} and {by}")
        return Condition(False, f"somebody since {since}" if self._was_seen else f"it is not {by} yet")

    def _moment(self, now: LocalTime, day: int) -> LocalTime:
        """`by` on that day; 24:00 is its last minute."""
        return LocalTime(day, (now.weekday - (now.day - day)) % 7, min(self._by, 24 * 60 - 1))
