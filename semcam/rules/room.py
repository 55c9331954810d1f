"""What all rules of one camera share: where it looks, and what time it is there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from semcam.contract.config import Job, Line, ViewName
from semcam.contract.local_time import LocalTimes
from semcam.tracking.observation import Floats


@dataclass(frozen=True, slots=True)
class Room:
    """The camera's surroundings, as the configuration gives them."""

    local: LocalTimes
    aspect: float
    """The picture's width over its height: lines are given in fractions of the picture, tracks in heights."""
    view: ViewName = "room"
    zones: tuple[str, ...] = ()
    """Their ids, in the order of the configuration."""
    lying_is_normal: frozenset[str] = frozenset()
    lines: Mapping[str, Line] = field(default_factory=dict)
    momentary: int = 1
    """How many rules tell of moments: in a crowd they share what may be said."""
    shapes: Mapping[str, Floats] = field(default_factory=dict)
    """The zones as polygons (N, 2), in heights of the picture."""

    @classmethod
    def of(cls, job: Job, aspect: float, local: LocalTimes) -> "Room":
        """The room of a job."""
        beds = frozenset(name for name, zone in job.zones.items() if zone.lying_is_normal)
        to_heights = np.array([aspect, 1.0], np.float32)
        shapes = {name: np.array(zone.shape, np.float32) * to_heights for name, zone in job.zones.items()}
        momentary = sum(rule.momentary for rule in job.rules.values())
        return cls(local, aspect, job.view, tuple(job.zones), beds, job.lines, momentary, shapes)

    def home_of(self, zone: str | None) -> int | None:
        """The zone's place in the configuration, as signals name whose place it is."""
        return self.zones.index(zone) if zone in self.zones else None
