"""What one camera's pictures normally are, as numbers: medians over minutes, and which parts stay where they are."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from semcam.tracking.observation import Floats
from semcam.vision.perceive.impression import Impression

ENOUGH = 30
"""Impressions that make a normal, and as many as are kept."""
EVERY_S = 10.0
"""From then on, one in so long: a normal spans the last five minutes of good sight, and follows the daylight."""
_STRUCTURED = 0.02
"""Mean contrast of neighbours, relative to brightness, from which a block shows anything."""
_STEADY = 0.7
"""Correlation with the normal that a block usually keeps: leaves, water, screens and noise do not."""
_KNOWN = 0.5
"""Correlation from which a block is known again."""
_LOST = 0.4
"""Share of its usual contrast below which a block shows nothing any more."""
_FEWEST = 6
"""Blocks to go by; with fewer, nothing is said."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Likeness:
    """A picture beside the normal; shares are those of the blocks that usually stay as they are."""

    known: float
    """Share that is known again."""
    lost: float
    """Share that shows nothing any more."""
    kept: float
    """Share known again of those that show something: 0 where none does."""
    lost_light: float
    """How bright the lost ones are, 0 to 255."""
    sharpness: float
    """In times of the normal."""
    cast: float
    """How far colours have gone toward magenta (above 0) or green (below)."""
    swapped: bool
    """Whether it looks more like the normal with blue and red exchanged."""


class Normal:
    """The median of up to `ENOUGH` impressions."""

    def __init__(self) -> None:
        self._kept: deque[Impression] = deque(maxlen=ENOUGH)
        self._edges = np.zeros(0, np.float32)
        self._hues = np.zeros(0, np.float32)
        self._anchors: Flags = np.zeros(0, np.bool_)
        self._sharpness = 0.0

    @property
    def is_known(self) -> bool:
        """Whether there is anything to compare with."""
        return len(self._kept) == ENOUGH and int(self._anchors.sum()) >= _FEWEST

    def learn(self, seen: Impression) -> None:
        """The camera saw well."""
        if len(self._kept) == ENOUGH and seen.t_s < self._kept[-1].t_s + EVERY_S:
            return
        self._kept.append(seen)
        if len(self._kept) == ENOUGH:
            self._edges = _median([each.edges for each in self._kept])
            self._hues = _median([each.hues for each in self._kept])
            self._sharpness = float(np.median([each.sharpness for each in self._kept]))
            usual = np.median(_correlation(np.stack([each.edges for each in self._kept]), self._edges), axis=0)
            self._anchors = (usual >= _STEADY) & (_contrast(self._edges) >= _STRUCTURED)

    def likeness(self, seen: Impression) -> Likeness:
        """How a picture compares; ask only where the normal is known."""
        anchors = self._anchors
        known = _correlation(seen.edges, self._edges)[anchors] >= _KNOWN
        lost = _contrast(seen.edges)[anchors] < _LOST * _contrast(self._edges)[anchors]
        showing = ~lost
        shift = np.median(seen.hues - self._hues, axis=(0, 1))
        return Likeness(
            known=float(known.mean()),
            lost=float(lost.mean()),
            kept=float(known[showing].mean()) if showing.any() else 0.0,
            lost_light=float(np.median(seen.block_light[anchors][lost])) if lost.any() else 0.0,
            sharpness=seen.sharpness / self._sharpness if self._sharpness else 1.0,
            # lamps and the time of day shift blue against red, which is left out
            cast=float(shift.sum()),
            swapped=_is_swapped(seen.hues, self._hues),
        )


def _median(parts: Sequence[Floats]) -> Floats:
    return np.asarray(np.median(np.stack(parts), axis=0), np.float32)


def _contrast(edges: Floats) -> Floats:
    return np.asarray(edges.mean(axis=(-2, -1)), np.float32)


def _correlation(some: Floats, others: Floats) -> Floats:
    """Of the cells of each block, both directions of edges together."""
    one, other = some - some.mean(axis=-1, keepdims=True), others - others.mean(axis=-1, keepdims=True)
    power = np.sqrt((one * one).sum(axis=(-2, -1)) * (other * other).sum(axis=(-2, -1)))
    return np.asarray((one * other).sum(axis=(-2, -1)) / (power + 1e-9), np.float32)


def _is_swapped(seen: Floats, normal: Floats) -> bool:
    """Compared without the average, which any lamp changes."""
    one, other = (hues - hues.mean(axis=(0, 1)) for hues in (seen, normal))
    power = float(np.sqrt((one * one).sum() * (other * other).sum()))
    as_it_is, exchanged = (float((part * other).sum()) for part in (one, one[:, :, ::-1]))
    variety = float(np.sqrt((other * other).mean()))
    return variety > 0.03 and exchanged - as_it_is > 0.5 * power
