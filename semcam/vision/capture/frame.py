"""Frame: pixels and their time. It can be looked at and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, Protocol

import numpy as np
import numpy.typing as npt

from semcam.contract.config import IN_CALM_S

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Frame:
    """One picture: pixels (H, W, 3) uint8 BGR, read-only; `t_s` seconds of the source's own time.

    `taken_s` is when it was taken or arrived, by the monotonic clock; None where that was not now.
    """

    pixels: Pixels
    t_s: float
    index: int
    taken_s: float | None = None

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.uint8:
            raise ValueError(f"pixels must be (H, W, 3) uint8, got {self.pixels.shape} {self.pixels.dtype}")
        self.pixels.flags.writeable = False

    @property
    def aspect(self) -> float:
        """Width over height."""
        return float(self.pixels.shape[1] / self.pixels.shape[0])

    def __repr__(self) -> str:
        return f"Frame(index={self.index}, t_s={self.t_s:.3f})"  # never the pixels

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Frame does not leave its process")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Frame does not leave its process")


@dataclass(frozen=True, slots=True)
class Gap:
    """There has been no frame for a while, and the source goes on waiting; it is `t_s` now."""

    t_s: float


IN_HEAT_S = 0.2
"""From one picture to the next while the board is too hot; falls are caught at that, if fewer (docs/accuracy.md)."""


@dataclass(slots=True)
class Pace:
    """Said by who looks, heard by the source: when fewer pictures are enough, and when they must be."""

    is_calm: bool = False
    """Nothing happens."""
    is_hot: bool = False
    """The board is too hot."""

    def period_s(self, usual_s: float) -> float:
        """From one wanted picture to the next."""
        return max(usual_s, IN_CALM_S if self.is_calm else 0.0, IN_HEAT_S if self.is_hot else 0.0)


class Source(Protocol):
    """Something that gives frames in the order of their time, at the rate it was opened for; fewer in calm."""

    @property
    def length_s(self) -> float:
        """How long it will last, 0 where nobody knows."""

    def frames(self) -> Iterator[Frame | Gap]:
        """The frames; ends where the source ends."""

    def close(self) -> None:
        """Let the device or file go."""
