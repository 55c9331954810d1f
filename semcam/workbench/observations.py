"""What was seen in a clip, as numbers; and their one spelling as bytes, exact to the last bit."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from semcam.tracking.observation import KEYPOINTS, Floats, Objects, People

FORMAT = 1
"""Raised when the bytes mean something else than before."""

_FLOAT = np.dtype("<f4")  # as perception gives them: rounding would judge other numbers than a replay does
_PER_PERSON = 4 + KEYPOINTS * 3 + 1
_PER_OBJECT = 4 + 1


@dataclass(frozen=True, slots=True)
class Moment:
    """What one frame showed; `objects` is None where the detector did not look."""

    people: People
    objects: Objects | None


@dataclass(frozen=True, slots=True)
class Observations:
    """A whole clip, its last frame held for `hold_last_s`."""

    aspect: float
    """The picture's width over its height."""
    fps: float
    hold_last_s: float
    moments: tuple[Moment, ...]

    def held(self, hold_last_s: float) -> "Observations | None":
        """The same clip held for less; None where it was not watched for so long."""
        surplus = round(self.hold_last_s * self.fps) - round(hold_last_s * self.fps)
        if surplus < 0 or surplus >= len(self.moments):
            return None
        return Observations(self.aspect, self.fps, hold_last_s, self.moments[: len(self.moments) - surplus])


class _Count(BaseModel):
    """How many numbers belong to one moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    t_s: float
    people: int
    labels: tuple[str, ...] | None


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    aspect: float
    fps: float
    hold_last_s: float
    counts: tuple[_Count, ...]


def to_bytes(seen: Observations) -> bytes:
    """One line of JSON that counts, then all numbers as little-endian float32, packed together."""
    counts = tuple(
        _Count(t_s=m.people.t_s, people=len(m.people.scores), labels=None if m.objects is None else m.objects.labels)
        for m in seen.moments
    )
    header = _Header(aspect=seen.aspect, fps=seen.fps, hold_last_s=seen.hold_last_s, counts=counts)
    numbers = b"".join(array.astype(_FLOAT).tobytes() for moment in seen.moments for array in _arrays(moment))
    return zlib.compress(header.model_dump_json().encode() + b"\n" + numbers, 6)


def from_bytes(content: bytes) -> Observations:
    """What `to_bytes` has written.

    Raises:
        ValueError: it was not, or not by this version.
    """
    try:
        first, mark, rest = zlib.decompress(content).partition(b"\n")
    except zlib.error as error:
        raise ValueError(f"not packed observations: {error}") from None
    header = _Header.model_validate_json(first)
    wanted = sum(count.people * _PER_PERSON + len(count.labels or ()) * _PER_OBJECT for count in header.counts)
    if header.format != FORMAT or not mark or not header.counts or len(rest) != wanted * _FLOAT.itemsize:
        raise ValueError("observations of another format, or cut short")
    numbers = np.frombuffer(rest, _FLOAT).astype(np.float32)
    return Observations(header.aspect, header.fps, header.hold_last_s, tuple(_moments(header.counts, numbers)))


def _arrays(moment: Moment) -> Iterator[Floats]:
    yield from (moment.people.boxes, moment.people.keypoints, moment.people.scores)
    if moment.objects is not None:
        yield from (moment.objects.boxes, moment.objects.scores)


def _moments(counts: tuple[_Count, ...], numbers: Floats) -> Iterator[Moment]:
    place = 0

    def take(*shape: int) -> Floats:
        nonlocal place
        size = int(np.prod(shape))
        place += size
        return numbers[place - size : place].reshape(shape)

    for count in counts:
        people = People(count.t_s, take(count.people, 4), take(count.people, KEYPOINTS, 3), take(count.people))
        objects = None
        if count.labels is not None:
            things = len(count.labels)
            objects = Objects(count.t_s, take(things, 4), count.labels, take(things))
        yield Moment(people, objects)
