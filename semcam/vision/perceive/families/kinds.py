"""What each family declares: how it wants its picture, which answers are of its kind, and how to read them.

Every family is a file of pure functions over arrays: no picture, no file, no ONNX Runtime.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from semcam.tracking.observation import Floats

Array = npt.NDArray[np.generic]
Classes = npt.NDArray[np.intp]
Size = tuple[int, int]
"""Height and width of a model's input, in pixels."""

FLOOR = 0.15
"""Things with lower scores are noise for every detector."""
BODY_FLOOR = 0.05
"""Below this score not even a track that is looking for its person believes it."""


@dataclass(frozen=True, slots=True)
class Input:
    """How a picture becomes a tensor: (value - mean) / std for each channel, in the order of `colour`."""

    colour: Literal["RGB", "BGR"]
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    channels_last: bool = False
    """(1, H, W, 3) in place of (1, 3, H, W)."""
    fill: int = 0
    """The grey beside a picture of another shape."""
    open_size: Size = (640, 640)
    """Where the file leaves its size open."""


class Tensor(NamedTuple):
    """An input as the file declares it; None stands for a side that it leaves open."""

    name: str
    shape: tuple[int | None, ...]
    dtype: str


class Answer(NamedTuple):
    """What a model says to some picture, and what it was asked with: enough to tell its family."""

    inputs: tuple[Tensor, ...]
    names: tuple[str, ...]
    """Of the outputs."""
    outputs: Sequence[Array]
    size: Size

    @property
    def channels_last(self) -> bool:
        """Whether the picture goes in as (1, H, W, 3)."""
        shape = self.inputs[0].shape
        return len(shape) == 4 and shape[3] == 3

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the outputs, without the first 1, which counts the pictures."""
        return [output.shape[1:] for output in self.outputs]


class Things(NamedTuple):
    """Boxes (N, 4) as x1, y1, x2, y2 in pixels of the input, scores (N,) 0 to 1, classes (N,)."""

    boxes: Floats
    scores: Floats
    classes: Classes


class Bodies(NamedTuple):
    """Boxes (N, 4), keypoints (N, 17, 3) as x, y, score, in pixels of the input, scores (N,) 0 to 1."""

    boxes: Floats
    keypoints: Floats
    scores: Floats


@dataclass(frozen=True, slots=True)
class DetectorKind:
    """A way to find things."""

    input: Input
    fits: Callable[[Answer], bool]
    """Whether an answer is of this kind."""
    decode: Callable[[Sequence[Array], Size, int], Things]
    """The things above FLOOR, of so many classes; one thing may still be found several times."""
    classes: Callable[[Answer], int | None]
    """How many classes a model knows whose answer fits; None where that cannot be seen."""


@dataclass(frozen=True, slots=True)
class PoseKind:
    """A way to find people: in the whole picture, or (`one_by_one`) each in a picture of their own."""

    input: Input
    fits: Callable[[Answer], bool]
    decode: Callable[[Sequence[Array], Size], Bodies]
    """The people above BODY_FLOOR."""
    one_by_one: bool = False
    overlapping: bool = False
    """Whether it may find one person several times."""


def floats(array: Array) -> Floats:
    """An output without the 1 in front, as float32: some files are float16 throughout."""
    return np.asarray(array[0], np.float32)


def corners(boxes: Floats) -> Floats:
    """(N, 4) of middle x, middle y, width, height to corners."""
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def best_class(scores: Floats) -> tuple[Classes, Floats, Classes]:
    """Of scores (N, C): the rows whose best one is above FLOOR, that score, and its class."""
    classes = scores.argmax(1)
    best = scores[np.arange(len(scores)), classes]
    keep = np.flatnonzero(best > FLOOR)
    return keep, best[keep], classes[keep]


def sigmoid(logits: Floats) -> Floats:
    """The logistic function, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), np.float32)


def are_shares(values: Floats) -> bool:
    """Whether all lie between 0 and 1, as scores do; nothing at all does not."""
    return bool(values.size and values.min() >= 0 and values.max() <= 1)


def cells(size: Size, strides: Sequence[int]) -> list[Size]:
    """Rows and columns of the grid at each stride; sides that are no multiple are rounded up."""
    return [(-(-size[0] // stride), -(-size[1] // stride)) for stride in strides]


@cache
def grid(size: Size, strides: tuple[int, ...]) -> tuple[Floats, Floats]:
    """All cells of all strides, row by row: column and row (N, 2), and the stride of each (N, 1)."""
    places, each = [], []
    for stride, (rows, columns) in zip(strides, cells(size, strides), strict=True):
        y, x = np.mgrid[:rows, :columns]
        places.append(np.stack([x.ravel(), y.ravel()], axis=1))
        each.append(np.full((rows * columns, 1), stride))
    return np.concatenate(places).astype(np.float32), np.concatenate(each).astype(np.float32)


def strides_of(count: int, size: Size) -> tuple[int, ...] | None:
    """Which strides give so many cells: 8, 16, 32, and with large models 64."""
    for strides in ((8, 16, 32), (8, 16, 32, 64)):
        if sum(rows * columns for rows, columns in cells(size, strides)) == count:
            return strides
    return None
