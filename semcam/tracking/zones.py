"""Where in the picture somebody is, by the zones of the configuration."""

from collections.abc import Mapping

import numpy as np

from semcam.contract.config import Zone
from semcam.tracking.geometry import inside
from semcam.tracking.observation import Floats, PostureKind


class ZoneMap:
    """The zones of one camera, in frame heights."""

    def __init__(self, zones: Mapping[str, Zone], aspect: float) -> None:
        """`aspect` is the picture's width over its height: zones are given in fractions of the picture."""
        self.aspect = aspect
        to_heights = np.array([aspect, 1.0], np.float32)
        self._shapes = {name: np.array(zone.shape, np.float32) * to_heights for name, zone in zones.items()}

    def holding(self, box: Floats, posture: PostureKind) -> tuple[str, ...]:
        """The zones that hold somebody: by the feet of who stands, by the middle of who lies."""
        x = float(box[0] + box[2]) / 2
        y = float(box[1] + box[3]) / 2 if posture is PostureKind.LYING else float(box[3])
        return tuple(name for name, shape in self._shapes.items() if inside(x, y, shape))
