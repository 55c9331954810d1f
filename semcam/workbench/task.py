"""What a looker is told and what it answers: text and numbers, one line of JSON each way."""

from typing import Annotated

from pydantic import Field

from semcam.contract.base import Frozen
from semcam.contract.config import Job
from semcam.contract.signal import Fault, RuleFault, RuleSignal
from semcam.workbench.trail import Trail


class Task(Frozen):
    """One clip to be judged."""

    job: Job
    cache: str | None = None
    """The cache's folder; None looks anew and remembers nothing."""
    trail: bool = False
    """Whether the whole course of the clip is wanted, or only what was said."""


class Finding(Frozen):
    """What became of one clip."""

    fault: Fault | None = None
    length_s: Annotated[float, Field(ge=0)] = 0.0
    signals: tuple[RuleSignal | RuleFault, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why each alarm was raised, or what came closest, in words."""
    trail: Trail | None = None
