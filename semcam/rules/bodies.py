"""Who stays where they are is not forgotten when the model loses them.

A body under a blanket, curled up or long motionless is often not seen for minutes; the tracker gives up after seconds
and begins anew when it sees something again. For rules about somebody who lies or does not move, whoever comes into
sight where somebody was lost from sight is therefore taken for the same, however much later. (What reunites tracks for
rules about coming and going, tracking/reunion.py, waits for seconds and lets people walk on in between.)
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from semcam.contract.labels import PERSON
from semcam.tracking.geometry import diagonal
from semcam.tracking.observation import Track

BLINKS_S = 3.0
"""For so long everybody is taken to be there still, as the tracker does."""
REMEMBERED_S = 10.0
"""For so long nobody is forgotten: a carer who is lost and found beside somebody on the floor is then not taken for the
one on the floor, because the nearest of the lost is taken."""
GONE_AFTER_S = 3600.0
"""Nobody is waited for any longer, not even somebody whose alarm burns: they left and were not seen to."""
REACH = 1.0
"""How far from where it was lost a body may come into sight again, in its own sizes: whoever gets up is one half of
a length from the middle of where they lay, and may take a step."""
EDGE = 0.02
"""Frame heights from the edge of the picture within which a body reaches out of it."""
HALF_OUT = 0.05
"""The same for its middle: from there it may be gone with the next movement. Only reaching out is no sign of that: in
small rooms most who lie on the floor do."""

M = TypeVar("M")
"""What a rule remembers of each body."""


@dataclass(slots=True)
class Body(Generic[M]):
    """Somebody, as last seen."""

    track: Track
    """Under the id it was first known by."""
    known_as: int
    """Its id with the tracker now."""
    memory: M
    came: Track | None
    """As it came into sight, while it is not clear whether it was lost there before."""

    @property
    def id(self) -> int:
        """Stays the same, through losses too."""
        return self.track.id

    @property
    def size(self) -> float:
        """A length that does not shrink when the body folds: frame heights."""
        height = self.track.standing_height
        return max(diagonal(self.track.box), 0.0 if math.isnan(height) else height, EDGE)

    def is_shown(self, t_s: float) -> bool:
        """Whether this very frame shows it."""
        return self.track.t_s == t_s


class Bodies(Generic[M]):
    """Everybody in sight, and whoever was lost from sight and is waited for."""

    def __init__(self, aspect: float, first: Callable[[Track], M]) -> None:
        """`aspect` is the picture's width over its height; `first` makes the memory of somebody new."""
        self._aspect = aspect
        self._first = first
        self._bodies: dict[int, Body[M]] = {}

    def step(self, t_s: float, tracks: Sequence[Track], patience_s: Callable[[Body[M]], float]) -> list[Body[M]]:
        """Everybody at `t_s`; `patience_s` says for how long somebody who is lost is taken to be there still."""
        for track in tracks:
            if track.label == PERSON and track.visible:
                body = self._body_of(track)
                body.track = replace(track, id=body.id)
                self._bodies[body.id] = body
        self._reunite({track.id for track in tracks})
        there: list[Body[M]] = []
        for body in list(self._bodies.values()):
            unseen_s = t_s - body.track.t_s
            if unseen_s <= BLINKS_S or unseen_s <= min(patience_s(body), GONE_AFTER_S):
                there.append(body)
            elif unseen_s > REMEMBERED_S:
                del self._bodies[body.id]
        return there

    def is_within(self, body: Body[M]) -> bool:
        """Whether it was so far within the picture that it cannot have left without being seen to."""
        x, y = _middle(body.track)
        return min(x, y, self._aspect - x, 1 - y) > HALF_OUT

    def _reaches_out(self, track: Track) -> bool:
        x1, y1, x2, y2 = map(float, track.box)
        return min(x1, y1, self._aspect - x2, 1 - y2) < EDGE

    def _body_of(self, track: Track) -> Body[M]:
        for body in self._bodies.values():
            if body.known_as == track.id:
                return body
        return Body(track, track.id, self._first(track), came=track)

    def _reunite(self, followed: Collection[int]) -> None:
        """Take whoever came into sight where somebody was lost for the same, once the tracker has given that one up."""
        for new in list(self._bodies.values()):
            lost = self._nearest_lost(new.came) if new.came else None
            if lost is None:
                new.came = None
            elif lost.known_as not in followed:
                lost.track, lost.known_as = replace(new.track, id=lost.id), new.known_as
                del self._bodies[new.id]

    def _nearest_lost(self, came: Track) -> Body[M] | None:
        lost = [body for body in self._bodies.values() if self._may_be(body, came)]
        return min(lost, key=lambda body: _distance(body.track, came), default=None)

    def _may_be(self, lost: Body[M], came: Track) -> bool:
        """Whether a body may be one that was lost. Whoever comes in at the edge of the picture is somebody else."""
        comes_later = lost.track.t_s < came.first_seen_s
        near = _distance(lost.track, came) <= REACH * lost.size
        comes_in = self._reaches_out(came) and not self._reaches_out(lost.track)
        return comes_later and near and not comes_in


def _distance(a: Track, b: Track) -> float:
    """Between the middles of the boxes, frame heights."""
    return math.dist(_middle(a), _middle(b))


def _middle(track: Track) -> tuple[float, float]:
    x1, y1, x2, y2 = map(float, track.box)
    return (x1 + x2) / 2, (y1 + y2) / 2
