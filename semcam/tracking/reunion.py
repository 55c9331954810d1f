"""Bodies and things that are lost and found again: a track that ends in the middle of the picture has not gone.

A model loses a body behind a pillar or another body for longer than the tracker waits, and the tracker then gives it a
new id. For a rule that asks who came and who went, that is nobody leaving and nobody coming.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from semcam.tracking.associate import match
from semcam.tracking.geometry import diagonal
from semcam.tracking.lines import Point, distance_to_piece
from semcam.tracking.observation import Track

LOST_FOR_S = 6.0
"""Whoever is lost within the picture is taken to be there still for so long. Who appears near by within this time is
the same; who goes out by a door that stands in the middle of the picture is told to have left this much later."""
GOES_OUT_S = 1.0
"""The same for whoever was last seen on the way out of the picture."""
BORDER = 0.02
"""Frame heights from the border of the picture within which a body begins to leave it."""
SOON_S = 0.5
"""Whoever reaches the border within this time goes out: a slow camera does not see them there."""
OUTWARD = 0.1
"""Speed toward the border from which a body there is on its way out, in its own sizes per second."""
REACH = 0.5
"""How far from where it was lost, or from its way on, a body may be found again, in its own sizes."""
REACH_PER_S = 0.1
"""How much further for each second in between. Far less than one can walk: in a room with several people, whoever
appears that far away is more likely somebody else."""
VELOCITY_OVER_S = 1.0
UNLIKE = 2.0
"""Somebody who is so many times as large, or as small, is somebody else."""


@dataclass(slots=True)
class _Known:
    """Somebody or something that was seen."""

    track: Track
    """As last seen, under the name it goes by."""
    way: list[tuple[float, float, float]] = field(default_factory=list)
    """(t_s, x, y) of the middle of its box over the last second in which it was seen."""

    def see(self, track: Track) -> None:
        """Take in how it looks now; who it is stays as it was."""
        before = self.track
        self.track = replace(track, id=before.id, first_seen_s=before.first_seen_s, home=before.home)
        self.way.append((track.t_s, *_middle(track)))
        while track.t_s - self.way[0][0] > VELOCITY_OVER_S:
            self.way.pop(0)

    @property
    def velocity(self) -> tuple[float, float]:
        """Frame heights per second."""
        (t0_s, x0, y0), (t1_s, x1, y1) = self.way[0], self.way[-1]
        over_s = t1_s - t0_s
        return ((x1 - x0) / over_s, (y1 - y0) / over_s) if over_s > 0 else (0.0, 0.0)

    def distance(self, point: Point, away_s: float) -> float:
        """How far a point is from where it was last seen, or from its way on since then: it may have stopped."""
        (_, x, y), (dx, dy) = self.way[-1], self.velocity
        return distance_to_piece(point, (x, y), (x + away_s * dx, y + away_s * dy))


class Reunion:
    """Gives whoever is found again the id it had, and keeps whoever is lost for a while.

    No two ever go by one id: a lost track that is seen again after another has taken over its id goes by the other's.
    """

    def __init__(self, aspect: float) -> None:
        """`aspect` is the picture's width over its height."""
        self._aspect = aspect
        self._known: dict[int, _Known] = {}
        """By the tracker's own ids."""
        self._passed_over: set[int] = set()
        """Tracks that have gone, or go on as another one: they count again once they are seen."""

    def step(self, t_s: float, tracks: Sequence[Track]) -> tuple[Track, ...]:
        """Everybody who is there as far as one can know; whoever is lost is there as last seen."""
        seen = {track.id for track in tracks if track.visible}
        self._passed_over -= seen
        strangers = [t for t in tracks if t.id not in self._known and t.id not in self._passed_over]
        self._reunite(seen, strangers)
        for track in tracks:
            if track.id in self._passed_over:
                continue
            known = self._known.get(track.id)
            if known is None:
                known = self._known[track.id] = _Known(replace(track, id=self._free_id(track.id)))
            if track.visible or not known.way:
                known.see(track)
        self._forget(t_s, {track.id for track in tracks})
        return tuple(replace(known.track, t_s=t_s) for known in self._known.values())

    def _free_id(self, id: int) -> int:
        """The track's own id, or where another goes by it, that one's own."""
        users = {known.track.id: own for own, known in self._known.items()}
        while id in users:
            id = users[id]
        return id

    def _reunite(self, seen: set[int], new: list[Track]) -> None:
        lost = [id for id in self._known if id not in seen]

        def similarity(row: int, column: int) -> float:
            return _similarity(self._known[lost[row]], new[column])

        for row, column in match(range(len(lost)), range(len(new)), similarity) if new and lost else ():
            self._known[new[column].id] = self._known.pop(lost[row])
            self._passed_over.add(lost[row])

    def _forget(self, t_s: float, followed: set[int]) -> None:
        for id, known in list(self._known.items()):
            patience_s = GOES_OUT_S if self._goes_out(known) else LOST_FOR_S
            if t_s - known.track.last_seen_s > patience_s:
                del self._known[id]
                self._passed_over.add(id)  # the tracker may wait longer
        self._passed_over &= followed

    def _goes_out(self, known: _Known) -> bool:
        x1, _, x2, y2 = map(float, known.track.box)
        fast = OUTWARD * diagonal(known.track.box)
        dx, dy = known.velocity
        return any(
            speed > fast and left - speed * SOON_S < BORDER
            for left, speed in ((x1, -dx), (self._aspect - x2, dx), (1 - y2, dy))
        )


def _similarity(known: _Known, track: Track) -> float:
    """Above 0 where a new track may be a lost one, the more the nearer."""
    lost = known.track
    away_s = track.first_seen_s - lost.last_seen_s
    size, other = diagonal(lost.box), diagonal(track.box)
    if lost.label != track.label or away_s <= 0 or not 1 / UNLIKE < other / max(size, 1e-6) < UNLIKE:
        return 0.0
    return 1 - known.distance(_middle(track), away_s) / (max(size, other) * (REACH + REACH_PER_S * away_s))


def _middle(track: Track) -> Point:
    box = track.box
    return float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
