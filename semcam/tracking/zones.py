"""Where in the picture somebody is, by the zones of the configuration."""

from collections.abc import Collection, Mapping

import numpy as np

from semcam.contract.config import ViewName, Zone
from semcam.tracking.geometry import distance_to_edge, inside
from semcam.tracking.observation import Floats, PostureKind

EDGE = 0.02
"""Frame heights by which somebody must be outside to have left: feet at the edge tremble."""


class ZoneMap:
    """The zones of one camera, in frame heights, and who is in which."""

    def __init__(self, zones: Mapping[str, Zone], aspect: float, view: ViewName = "room") -> None:
        """`aspect` is the picture's width over its height: zones are given in fractions of the picture."""
        self.aspect = aspect
        self._from_above = view == "ceiling"
        to_heights = np.array([aspect, 1.0], np.float32)
        self._shapes = {name: np.array(zone.shape, np.float32) * to_heights for name, zone in zones.items()}
        self._places = {name: place for place, name in enumerate(zones)}
        self._held: dict[int, tuple[str, ...]] = {}
        self._homes: dict[int, int | None] = {}

    def holding(self, id: int, box: Floats, posture: PostureKind) -> tuple[str, ...]:
        """The zones that hold the track `id`: by the feet of who stands, by the middle of who lies."""
        x = float(box[0] + box[2]) / 2
        by_middle = self._from_above or posture is PostureKind.LYING
        y = float(box[1] + box[3]) / 2 if by_middle else float(box[3])
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
