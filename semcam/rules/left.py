"""Somebody or something leaves a place, or the view."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from semcam.contract.rules import LeftRule
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.rules.condition import Asked, Condition, ask
from semcam.rules.holding import Case, signal_of
from semcam.rules.pace import Paced
from semcam.rules.places import is_inside, labelled, zone_of
from semcam.rules.room import Room
from semcam.rules.schedule import Schedule
from semcam.tracking.observation import Track
from semcam.tracking.reunion import Reunion

STAYED_S = 0.5
"""Whoever was seen inside for less, with breaks no longer than that, has hardly been there and does not leave."""


@dataclass(slots=True)
class _Stay:
    """How long somebody has been inside."""

    track: Track
    """As last seen inside."""
    since_s: float
    in_force: bool
    """Whether the rule was, when it was last seen inside."""
    told: bool = False
    """Whether it was told that this one left, and it has not come in again for good."""

    @property
    def inside_s(self) -> float:
        """The time for which it was seen inside."""
        return self.track.last_seen_s - self.since_s


class Left:
    """Told once somebody who was inside has been outside, or out of view, for `hold`.

    Being seen inside at any moment counts for more than not being seen: the time begins anew. Who is lost within the
    picture is believed to be there for some seconds more (see tracking/reunion.py). Who leaves again is told anew only
    after `clear_after` outside or inside: feet at the edge tremble.
    """

    def __init__(self, rule: LeftRule, room: Room) -> None:
        self._rule = rule
        self._room = room
        self._schedule = Schedule.of(rule)
        self._reunion = Reunion(room.aspect)
        self._paced = Paced(room)
        self._stays: dict[int, _Stay] = {}
        self.asked: list[Asked] = []

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        self.asked = []
        in_force = self._schedule.is_open(self._room.local(t_s))
        known = {track.id: track for track in labelled(self._rule.labels, self._reunion.step(t_s, tracks))}
        for track in known.values():
            if track.visible and is_inside(self._rule, track):
                self._see(track, in_force)
        return list(self._paced.step(t_s, self._leaving(t_s, known)))

    def _see(self, track: Track, in_force: bool) -> None:
        stay = self._stays.get(track.id)
        # a thing is looked at twice a second
        away_s = track.t_s - stay.track.last_seen_s if stay else 0.0
        if stay is None or away_s > max(STAYED_S, self._rule.hold):
            told = stay is not None and stay.told and away_s < self._rule.clear_after
            self._stays[track.id] = stay = _Stay(track, track.t_s, in_force, told)
        stay.track, stay.in_force = track, in_force
        stay.told = stay.told and stay.inside_s < self._rule.clear_after

    def _leaving(self, t_s: float, known: dict[int, Track]) -> Iterator[RuleSignal]:
        for id, stay in list(self._stays.items()):
            if stay.told:
                if id not in known:
                    del self._stays[id]
                continue
            self.asked.append(Asked(stay.track, Stage.CONFIRMED, ask(self._conditions(t_s, stay, known.get(id)))))
            if self.asked[-1].met:
                stay.told = True
                case = Case(stay.track, zone=zone_of(self._rule, stay.track))
                why = {Reason.SEEN_S: stay.inside_s}
                yield signal_of(self._rule.id, self._room, t_s, case, Stage.CONFIRMED, why)
            elif id not in known and t_s - stay.track.last_seen_s >= self._rule.hold:
                del self._stays[id]  # gone, and not worth telling

    def _conditions(self, t_s: float, stay: _Stay, now: Track | None) -> Iterator[Condition]:
        yield Condition(stay.in_force, "within its hours" if stay.in_force else "out of its hours")
        yield Condition(stay.inside_s >= STAYED_S, "was inside for", stay.inside_s, STAYED_S, " s")
        if now is not None and is_inside(self._rule, now):
            yield Condition(False, "is inside" if now.visible else "was lost inside, and may be found again")
        where = "out of view" if now is None else "outside"
        out_s = t_s - stay.track.last_seen_s
        yield Condition(out_s >= self._rule.hold, f"{where} for", out_s, self._rule.hold, " s")
