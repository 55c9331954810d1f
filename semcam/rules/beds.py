"""Who is in which bed and who has got up, through hours under blankets in which the pose model sees nobody.

Whoever has once gone to bed is remembered as its sleeper. A sleeper who is lost from view in bed is there still, and
whoever comes into sight at that bed later is that sleeper, who gets up. Whoever only passes, or sits down for a moment,
is a visitor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from semcam.contract.labels import PERSON
from semcam.rules.distance import gap
from semcam.rules.room import Room
from semcam.tracking.geometry import distance_to_edge, inside, overlap
from semcam.tracking.observation import Joint, PostureKind, Track

LIES_S = 5.0
"""Whoever lies in a bed for so long has gone to bed: a carer who bends deep over it is taken for lying now and then."""
SITS_S = 30.0
"""Whoever stays there for so long without lying or standing has, too: the head of a bed may be raised."""
WAKES_S = 2.0
"""Whoever comes into sight in a bed and stays for so long was in it all along."""
SHARES_S = 60.0
"""How long somebody must lie in a bed that another one is in: a couple does, a carer does not."""
RESTED_S = 1.0
"""Whoever is lost from view in a bed, after so long there without standing, has pulled up the blanket."""
SURE_S = 0.5
"""Time seen outside from which a sleeper has left the bed, and inside from which one is back: beds have edges."""
LOOKED_FOR_S = 10.0
"""A visitor who is lost is taken for the same when found near by within this time: not for a sleeper who gets up."""
BESIDE = 0.35
"""How far from a bed its sleeper may come into sight, in own heights: the feet are on the floor before it by then."""
SAME_BODY = 0.5
"""Overlap from which two people in a bed are one who was seen twice."""
SEEN = 0.2
LONGEST_STEP_S = 1.0
"""More than this between two looks says nothing about the time between."""


@dataclass(slots=True)
class Sleeper:
    """Somebody who has gone to bed; up or not."""

    bed: str
    track: Track
    """As last seen."""
    home: int | None
    """Whose bed it is, as signals name it."""
    is_lost: bool = False
    """Not followed any more: out of view, or under the blanket."""
    is_out: bool = False
    _outside_s: float = 0.0

    def see(self, track: Track, is_in: bool) -> None:
        """Take in one look."""
        over_s = _time_between(self.track, track)
        self.track, self.is_lost = track, False
        self._outside_s = min(_credit(self._outside_s, over_s, not is_in), SURE_S)
        if self._outside_s in (0.0, SURE_S):
            self.is_out = self._outside_s > 0


@dataclass(slots=True)
class Stay:
    """How a visitor has been at one bed so far: seconds that speak for it, less those that speak against it."""

    woke_here: bool
    """Whether this is where the visitor first came into sight, and has been since."""
    is_there: bool = False
    there_s: float = 0.0
    resting_s: float = 0.0
    """Not standing."""
    lying_s: float = 0.0

    def see(self, over_s: float, is_there: bool, posture: PostureKind) -> None:
        """Take in one look, which speaks for the last `over_s` seconds."""
        self.is_there = is_there
        self.there_s = _credit(self.there_s, over_s, is_there)
        self.woke_here = self.woke_here and (is_there or self.there_s > 0)
        self.resting_s = _credit(self.resting_s, over_s, is_there and posture is not PostureKind.UPRIGHT)
        self.lying_s = _credit(self.lying_s, over_s, is_there and posture is PostureKind.LYING)


@dataclass(slots=True)
class Visitor:
    """Somebody who has not gone to bed."""

    track: Track
    """As last seen."""
    stays: dict[str, Stay]
    is_lost: bool = False


@dataclass(slots=True)
class Beds:
    """All that is remembered of some beds, which are zones."""

    names: Sequence[str]
    room: Room
    sleepers: list[Sleeper] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)

    def step(self, t_s: float, tracks: Sequence[Track]) -> None:
        """Take in who is there at `t_s`."""
        people = {track.id: track for track in tracks if track.label == PERSON}
        seen = {track.id: track for track in people.values() if track.visible}
        for sleeper in self.sleepers:
            sleeper.is_lost = sleeper.track.id not in people
            if track := seen.pop(sleeper.track.id, None):
                sleeper.see(track, self._is_in(track, sleeper.bed))
        for visitor in list(self.visitors):
            if visitor.track.id not in people:
                self._miss(t_s, visitor)
            elif track := seen.pop(visitor.track.id, None):
                self._see(visitor, track)
        for track in seen.values():
            self._meet(track)

    def of(self, bed: str) -> tuple[list[Sleeper], list[Sleeper]]:
        """A bed's sleepers: those who are in it, seen or not, and those who are out of it."""
        own = [sleeper for sleeper in self.sleepers if sleeper.bed == bed]
        return [sleeper for sleeper in own if not sleeper.is_out], [sleeper for sleeper in own if sleeper.is_out]

    def let_go(self) -> None:
        """Forget who is out of bed: they are up for the day."""
        self.sleepers = [sleeper for sleeper in self.sleepers if not sleeper.is_out]

    def _see(self, visitor: Visitor, track: Track) -> None:
        over_s = _time_between(visitor.track, track)
        visitor.track, visitor.is_lost = track, False
        for bed, stay in visitor.stays.items():
            stay.see(over_s, self._is_in(track, bed), track.posture.kind)
            if self._has_gone_to(bed, visitor):
                self._put_to(bed, visitor)
                return

    def _miss(self, t_s: float, visitor: Visitor) -> None:
        is_news, visitor.is_lost = not visitor.is_lost, True
        if is_news:
            for bed, stay in visitor.stays.items():
                if stay.is_there and stay.resting_s >= RESTED_S and not self._is_full(bed):
                    self._put_to(bed, visitor)
                    return
        if t_s - visitor.track.t_s > LOOKED_FOR_S:
            self._drop(visitor)

    def _meet(self, track: Track) -> None:
        """Somebody comes into sight."""
        if visitor := self._visitor_found_by(track):
            self._see(visitor, track)
        elif sleeper := self._sleeper_found_by(track):
            sleeper.see(track, self._is_in(track, sleeper.bed))
        else:
            visitor = Visitor(track, {bed: Stay(woke_here=self._is_in(track, bed)) for bed in self.names})
            self.visitors.append(visitor)
            self._see(visitor, track)

    def _visitor_found_by(self, track: Track) -> Visitor | None:
        """The visitor who was lost here a moment ago."""
        unseen = [visitor for visitor in self.visitors if visitor.track.t_s < track.t_s]
        near = [visitor for visitor in unseen if gap(visitor.track.box, track.box) <= BESIDE * _size(track)]
        return min(near, key=lambda visitor: gap(visitor.track.box, track.box), default=None)

    def _sleeper_found_by(self, track: Track) -> Sleeper | None:
        """The sleeper under the blanket of the bed at which this track comes into sight."""
        unseen = [sleeper for sleeper in self.sleepers if sleeper.track.t_s < track.t_s and not sleeper.is_out]
        near = [sleeper for sleeper in unseen if self._distance(track, sleeper.bed) <= BESIDE * _size(track)]
        return min(near, key=lambda sleeper: self._distance(track, sleeper.bed), default=None)

    def _has_gone_to(self, bed: str, visitor: Visitor) -> bool:
        stay = visitor.stays[bed]
        if not self._is_full(bed):
            woke = stay.woke_here and stay.there_s >= WAKES_S
            return woke or stay.lying_s >= LIES_S or stay.resting_s >= SITS_S
        others = [sleeper.track for sleeper in self.of(bed)[0] if sleeper.track.t_s == visitor.track.t_s]
        is_another = all(overlap(other.box, visitor.track.box) < SAME_BODY for other in others)
        return stay.lying_s >= SHARES_S and is_another

    def _is_full(self, bed: str) -> bool:
        """Whether all who sleep there are in it."""
        is_in, is_out = self.of(bed)
        return bool(is_in) and not is_out

    def _put_to(self, bed: str, visitor: Visitor) -> None:
        """The visitor has gone to bed: as the sleeper who was out of it, or in it and unseen, where there is one."""
        is_in, is_out = self.of(bed)
        same = sorted(is_out, key=lambda sleeper: not sleeper.is_lost) or [one for one in is_in if one.is_lost]
        own = [self.room.home_of(name) for name in self.names]
        home = visitor.track.home if visitor.track.home in own else self.room.home_of(bed)
        if same:
            home = same[0].home
            self.sleepers = [sleeper for sleeper in self.sleepers if sleeper is not same[0]]
        self.sleepers.append(Sleeper(bed, visitor.track, home, visitor.is_lost))
        self._drop(visitor)

    def _drop(self, visitor: Visitor) -> None:
        self.visitors = [other for other in self.visitors if other is not visitor]

    def _is_in(self, track: Track, bed: str) -> bool:
        """Whether somebody is in the bed: in its zone, or sitting on its edge with the feet on the floor before it."""
        if bed in track.zones or track.posture.kind is not PostureKind.SITTING or track.keypoints is None:
            return bed in track.zones
        hips = track.keypoints[[Joint.LEFT_HIP, Joint.RIGHT_HIP]]
        return any(inside(float(x), float(y), self.room.shapes[bed]) for x, y, score in hips if score >= SEEN)

    def _distance(self, track: Track, bed: str) -> float:
        """From somebody's feet, or from the middle of who lies or is seen from above; frame heights, 0 in bed."""
        if self._is_in(track, bed):
            return 0.0
        x1, y1, x2, y2 = map(float, track.box)
        by_middle = self.room.view == "ceiling" or track.posture.kind is PostureKind.LYING
        y = (y1 + y2) / 2 if by_middle else y2
        return distance_to_edge((x1 + x2) / 2, y, self.room.shapes[bed])


def _credit(so_far_s: float, over_s: float, speaks_for: bool) -> float:
    return max(0.0, so_far_s + (over_s if speaks_for else -over_s))


def _time_between(before: Track, now: Track) -> float:
    """Seconds from one look at somebody to the next; 0 where they were lost in between."""
    return min(now.t_s - before.t_s, LONGEST_STEP_S) if now.id == before.id else 0.0


def _size(track: Track) -> float:
    """A body's own height as far as it is known, frame heights."""
    width, height = track.box[2:] - track.box[:2]
    return track.standing_height if track.standing_height > 0 else float(max(width, height))
