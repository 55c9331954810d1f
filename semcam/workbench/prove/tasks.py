"""What the process with the pixels is asked to do, and what it answers: words and numbers only."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from semcam.contract.base import Frozen
from semcam.contract.errors import FaultCode


class MarkTask(Frozen):
    """Write the clip anew, with the watermark in every frame."""

    do: Literal["mark"] = "mark"
    word: tuple[int, ...]
    clip: Path
    fps: float
    out: Path


class LookTask(Frozen):
    """See which pictures show the watermark of clips of this size."""

    do: Literal["look"] = "look"
    word: tuple[int, ...]
    pictures: tuple[Path, ...]
    width: int
    height: int


Task = MarkTask | LookTask
TASK: TypeAdapter[Task] = TypeAdapter(Annotated[Task, Field(discriminator="do")])


class Answer(Frozen):
    """What became of it."""

    fault: FaultCode | None = None
    frames: int = 0
    """None where the clip is too small for a watermark."""
    width: int = 0
    height: int = 0
    is_cut: bool = False
    """The marked clip ends before the clip does."""
    shown: tuple[bool, ...] = ()
    """Of each picture; one that cannot be decoded shows nothing."""
