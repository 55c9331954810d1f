"""Somebody has been down for long, however they got there: a fall that nobody saw, a collapse, a bed of cardboard."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from semcam.contract.rules import LyingRule
from semcam.contract.signal import Reason, RuleSignal
from semcam.rules.bodies import GONE_AFTER_S, Bodies, Body
from semcam.rules.condition import Asked, Condition
from semcam.rules.holding import Case, Holding
from semcam.rules.places import is_inside, zone_of
from semcam.rules.room import Room
from semcam.tracking.observation import PostureKind, Track

STEADY_S = 2.0
"""Postures are judged over this window, so that one odd frame decides nothing, at one frame a second neither."""
STEADY_SHARE = 0.6
SITS_UP_AFTER_S = 30.0
"""Who is seen for so long and neither lies nor stands has sat up. Not sooner: a body that lies toward the camera looks
now and then like one that sits."""
SURE_S = 3.0
"""Who was never seen to stand must lie in sight for so long to be believed in when lost: cushions look like people."""


@dataclass(slots=True)
class Spell:
    """How one body has been lying."""

    glimpses: deque[tuple[float, PostureKind]] = field(default_factory=deque)
    since_s: float = math.nan
    """`nan` while it is up."""
    lay_at_s: float = math.nan
    """When it was last seen to lie."""
    zones: tuple[str, ...] = ()
    """Where that was. Where somebody is whose posture is not clear in this frame is not clear either."""

    @property
    def in_sight_s(self) -> float:
        """From when it was first seen to lie until it was last; `nan` while it is up."""
        return self.lay_at_s - self.since_s

    def see(self, track: Track) -> None:
        """Take in what this frame shows, if it shows enough."""
        t_s, kind = track.t_s, track.posture.kind
        if kind is PostureKind.UNKNOWN:
            return
        self.glimpses.append((t_s, kind))
        while self.glimpses[0][0] <= t_s - STEADY_S:
            self.glimpses.popleft()
        if kind is PostureKind.LYING:
            self.zones = track.zones
        if self._mostly(PostureKind.LYING):
            first_s = next(seen_s for seen_s, seen in self.glimpses if seen is PostureKind.LYING)
            self.since_s = first_s if math.isnan(self.since_s) else self.since_s
            self.lay_at_s = t_s
        elif self._mostly(PostureKind.UPRIGHT) or t_s - self.lay_at_s > SITS_UP_AFTER_S:
            self.since_s = math.nan

    def _mostly(self, kind: PostureKind) -> bool:
        return sum(seen is kind for _, seen in self.glimpses) >= STEADY_SHARE * len(self.glimpses)


class Lying:
    """Told once somebody has been down for `hold`; cleared once they are seen up again for `clear_after`.

    Everybody is judged alone. Who lies and is lost from view lies there still, until somebody comes into sight near
    there and is up, or until nobody has for an hour (see bodies.py). Who lay at the edge of the picture, and may have
    got out of it, is waited for only as long as they were seen to lie. A zone where lying is normal counts only where
    `zones` names it.
    """

    def __init__(self, rule: LyingRule, room: Room) -> None:
        self._rule = rule
        self._normal = room.lying_is_normal.difference(rule.zones)
        self._bodies = Bodies(room.aspect, lambda _: Spell())
        self._holding = Holding(rule, room)

    @property
    def asked(self) -> Sequence[Asked]:
        """What it asked in the last step."""
        return self._holding.asked

    def step(self, t_s: float, tracks: tuple[Track, ...]) -> Iterable[RuleSignal]:
        """Judge everybody at `t_s`."""
        bodies = self._bodies.step(t_s, tracks, self._patience_s)
        for body in bodies:
            if body.is_shown(t_s):
                body.memory.see(body.track)
        return list(self._holding.step(t_s, [self._case(t_s, body) for body in bodies]))

    def _patience_s(self, body: Body[Spell]) -> float:
        """For how long somebody who is lost is taken to lie there still."""
        spell = body.memory
        if math.isnan(spell.since_s):
            return 0.0
        is_sure = body.track.stood or spell.in_sight_s >= SURE_S
        if self._holding.is_told(body.id) or (is_sure and self._bodies.is_within(body)):
            return GONE_AFTER_S
        return spell.in_sight_s

    def _case(self, t_s: float, body: Body[Spell]) -> Case:
        spell = body.memory
        track = replace(body.track, zones=body.track.zones if math.isnan(spell.since_s) else spell.zones)
        return Case(
            track,
            self._conditions(t_s, track, spell),
            zone_of(self._rule, track),
            since_s=max(spell.since_s, t_s - STEADY_S),
            why={
                Reason.TORSO_DEG: track.posture.torso_deg,
                Reason.DOWN_S: t_s - spell.since_s,
                Reason.SCORE: track.score,
            },
        )

    def _conditions(self, t_s: float, track: Track, spell: Spell) -> Iterator[Condition]:
        posture = track.posture
        if math.isnan(spell.since_s):
            torso_deg = 0.0 if math.isnan(posture.torso_deg) else posture.torso_deg
            # always further from lying than any time on the floor
            yield Condition(False, f"{posture.kind}, torso {torso_deg:.0f}° from vertical", nearness=torso_deg / 1000)
        unseen_s = t_s - track.t_s
        yield Condition(True, "lies" if unseen_s == 0 else f"lay when last seen {unseen_s:.0f} s ago")
        if beds := self._normal.intersection(track.zones):
            yield Condition(False, f"where lying is normal ({', '.join(sorted(beds))})")
        if not is_inside(self._rule, track):
            yield Condition(False, "outside its zones")
