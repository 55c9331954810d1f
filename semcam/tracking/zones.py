"""Where in the picture somebody is, by the zones of the configuration."""

from collections.abc import Collection, Mapping

import numpy as np

from semcam.contract.config import ViewName, Zone
from semcam.tracking.geometry import distance_to_edge, inside
from semcam.tracking.lines import Point
from semcam.tracking.observation import Floats, PostureKind

EDGE = 0.02
"""Frame heights by which somebody must be outside to have left: feet at the edge tremble."""
WITHIN = 1e-3
"""Frame heights by which whoever reaches out of the picture counts as in it: a zone ends where the picture ends."""


def whereabouts(box: Floats, posture: PostureKind, aspect: float, view: ViewName = "room") -> Point:
    """The point of the floor that a body or thing is on: below it, or its middle where it lies or is seen from above.

    Boxes reach beyond the picture where a body does; the point stays within.
    """
    by_middle = view == "ceiling" or posture is PostureKind.LYING
    x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2 if by_middle else float(box[3])
    return min(max(x, WITHIN), aspect - WITHIN), min(max(y, WITHIN), 1 - WITHIN)


class ZoneMap:
    """The zones of one camera, in frame heights, and who is in which."""

    def __init__(self, zones: Mapping[str, Zone], aspect: float, view: ViewName = "room") -> None:
        """`aspect` is the picture's width over its height: zones are given in fractions of the picture."""
        self.aspect = aspect
        self._view: ViewName = view
        to_heights = np.array([aspect, 1.0], np.float32)
        self._shapes = {name: np.array(zone.shape, np.float32) * to_heights for name, zone in zones.items()}
        self._places = {name: place for place, name in enumerate(zones)}
        self._held: dict[int, tuple[str, ...]] = {}
        self._homes: dict[int, int | None] = {}

    def holding(self, id: int, box: Floats, posture: PostureKind) -> tuple[str, ...]:
        """The zones that hold the track `id`: by the feet of who stands, by the middle of who lies."""
        x, y = whereabouts(box, posture, self.aspect, self._view)
        before = self._held.get(id, ())
        now = tuple(name for name, shape in self._shapes.items() if _holds(shape, x, y, was_in=name in before))
        self._held[id] = now
        self._homes.setdefault(id, self._places[now[0]] if now else None)
        return now

    def home(self, id: int) -> int | None:
        """In which zone the track `id` began, by the zone's place in the configuration."""
        return self._homes.get(id)

    def forget(self, known: Collection[int]) -> None:
        """Only these tracks are still followed."""
        self._held = {id: zones for id, zones in self._held.items() if id in known}
        self._homes = {id: home for id, home in self._homes.items() if id in known}


def _holds(shape: Floats, x: float, y: float, *, was_in: bool) -> bool:
    return inside(x, y, shape) or (was_in and distance_to_edge(x, y, shape) <= EDGE)
