"""Somebody or something stays in a place: loitering."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from semcam.contract.rules import DwellRule
from semcam.contract.signal import RuleSignal
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import BRIDGE_S, Case, Holding
from semcam.rules.places import is_inside, labelled, zone_of
from semcam.rules.room import Room
from semcam.tracking.observation import Track
from semcam.tracking.reunion import Reunion


@dataclass(slots=True)
class _Stay:
    """How long somebody has been inside."""

    since_s: float
    last_s: float


class Dwell:
    """Each by itself. Who is lost inside and found near by within seconds has been there all the time.

    Told only about somebody who is seen at that moment: whoever is lost may have gone.
    """

    def __init__(self, rule: DwellRule, room: Room) -> None:
        self._rule = rule
        self._holding = Holding(rule, room)
        self._reunion = Reunion(room.aspect)
        self._stays: dict[int, _Stay] = {}

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        known = list(labelled(self._rule.labels, self._reunion.step(t_s, tracks)))
        for track in known:
            if is_inside(self._rule, track):
                stay = self._stays.setdefault(track.id, _Stay(t_s, t_s))
                stay.since_s = stay.since_s if t_s - stay.last_s <= BRIDGE_S else t_s
                stay.last_s = t_s
        here = {track.id for track in known}
        self._stays = {id: stay for id, stay in self._stays.items() if id in here}
        return list(self._holding.step(t_s, map(self._case, known)))

    def _case(self, track: Track) -> Case:
        stay = self._stays.get(track.id)
        since_s = stay.since_s if stay else math.nan
        return Case(track, self._conditions(track), zone=zone_of(self._rule, track), since_s=since_s)

    def _conditions(self, track: Track) -> Iterator[Condition]:
        inside = is_inside(self._rule, track)
        yield Condition(inside, "inside" if inside else "outside its zones")
        if not self._holding.is_told(track.id):
            yield Condition(track.visible, "in sight" if track.visible else "lost from sight")
