"""When the detector looks. People, who fall in half a second, are looked at in every picture; things change slowly."""

import math

from semcam.contract.labels import ANIMALS
from semcam.tracking.observation import Objects
from semcam.vision.perceive.second_look import CURIOUS

EVERY_S = 0.5
"""Where rules ask for animals or things, and wherever there may be an animal.

Twice as often while there may be one changed nothing on 24 bears and 106 others, and confirmed the sample's bear later.
"""
GUARD_EVERY_S = 2.0
"""Where they ask for people alone: often enough to tell a dog on the floor from somebody who fell."""
LATE_S = 0.25
"""A picture that is older than this when the detector's turn comes is late: the pose model goes first."""


class Rhythm:
    """Counts by the source's own time; only lateness is by the clock, and clips are never late."""

    def __init__(self, *, wants_things: bool) -> None:
        """`wants_things`: whether a rule asks for anything but people."""
        self._calm_s = EVERY_S if wants_things else GUARD_EVERY_S
        self._every_s = self._calm_s
        self._looked_s = -math.inf

    def is_due(self, t_s: float, late_s: float, *, is_hot: bool = False) -> bool:
        """Whether the detector is to look at the picture of this moment; late or on a hot board it can wait once."""
        every_s = 2 * self._every_s if is_hot or late_s > LATE_S else self._every_s
        return t_s >= self._looked_s + every_s - 1e-3

    def looked(self, objects: Objects) -> None:
        """It has looked, and seen this."""
        self._looked_s = objects.t_s
        scores = zip(objects.labels, objects.scores, strict=True)
        is_curious = any(label in ANIMALS and score >= CURIOUS for label, score in scores)
        self._every_s = EVERY_S if is_curious else self._calm_s
