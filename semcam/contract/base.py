"""The building blocks of every border type: frozen models, bounded numbers, identifiers."""

import base64
import difflib
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from semcam.contract.labels import COCO_80, LABELS, LARGE_ANIMAL


class Frozen(BaseModel):
    """A border value: never changes, knows no key beyond its own, takes no near-miss types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def nearest(given: str, allowed: Iterable[str]) -> str:
    """ "did you mean …? " with the nearest right spelling, or nothing where none is near."""
    near = difflib.get_close_matches(given, list(allowed), n=1)
    return f"did you mean {near[0]!r}? " if near else ""


def is_base64(text: str, size: int) -> bool:
    """Whether it is the one spelling of so many bytes."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return len(content) == size and base64.b64encode(content).decode() == text


def _known_label(label: str) -> str:
    if label not in LABELS:
        hint = nearest(label, sorted(LABELS)) or "labels are those of COCO, and large_animal"
        raise ValueError(f"{label!r} is not a label; {hint.strip()}")
    return label


def _round(digits: int) -> AfterValidator:
    # `+ 0.0` turns -0.0 into 0.0, so that each value has one spelling
    return AfterValidator(lambda value: round(value, digits) + 0.0)


Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,23}$")]
"""Names chosen in the configuration; safe in MQTT topics and in Home Assistant."""

Label = Annotated[str, AfterValidator(_known_label), Field(json_schema_extra={"enum": [*COCO_80, LARGE_ANIMAL]})]
# rounded before it is bounded: what rounds up to the limit is refused on both sides of the wall
Seconds = Annotated[float, _round(3), Field(ge=0, lt=1e9)]
Measure = Annotated[float, _round(2), Field(gt=-1e6, lt=1e6)]
"""A number that says why: rounded and bounded, too coarse to carry a picture."""
