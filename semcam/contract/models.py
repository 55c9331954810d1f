"""Which models look: those that come with semcam, and those that a person brings along as a file."""

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from semcam.contract.base import Frozen, Id, Label
from semcam.contract.broker import FilePath
from semcam.contract.errors import ModelError
from semcam.contract.families import Family, Role

SHIPPED = {
    "nanodet": Role.DETECTOR,
    "nanodet-int8": Role.DETECTOR,
    "centernet": Role.DETECTOR,
    "movenet-multipose-int8": Role.POSE,
    "movenet-multipose": Role.POSE,
}
"""The models that come with semcam."""
DETECTOR, POSE = "nanodet", "movenet-multipose-int8"
"""Those that look where nothing else is said. In 8-bit numbers the detector is less sure of bears."""
FLOAT_OF = {"nanodet-int8": "nanodet", "movenet-multipose-int8": "movenet-multipose"}
"""What takes the place of a model in 8-bit numbers where these are of no use."""
POSE_PIXELS = 320
"""The longer side of what the pose model sees where nothing else is said."""


def _listed(value: Any) -> Any:
    """One name stands for a list of one."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


ClassLabels = Annotated[
    tuple[Label | None, ...],
    BeforeValidator(_listed, json_schema_input_type=Label | tuple[Label | None, ...]),
    Field(min_length=1, max_length=1000),
]


class OwnModel(Frozen):
    """A model that comes with the configuration and not with semcam."""

    file: FilePath = Field(description="an ONNX file")
    family: Family = Field(description="how it wants its picture and spells its answer; see docs/models.md")
    labels: ClassLabels | None = Field(
        default=None,
        description="of a detector: what each of its classes is called here, in their order; null: not of interest",
    )

    @model_validator(mode="after")
    def _people_need_no_labels(self) -> Self:
        if self.labels is not None and self.family.role is Role.POSE:
            raise ValueError("has labels, which only detectors have; take them out")
        return self


class ModelFile(OwnModel):
    """The same as the vision process is told it: where it lies, and what it held when that was looked up."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ComputeChoice(StrEnum):
    """What shall compute."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"
    OPENVINO = "openvino"
    XNNPACK = "xnnpack"


def look_up(name: Id, model: OwnModel) -> ModelFile:
    """The model as it lies on the disk now.

    Raises:
        ModelError: the file cannot be read.
    """
    path = Path(model.file).absolute()
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelError(f"models.{name}.file: {model.file}: no such file; check the name") from None
    except OSError as error:
        what = f"models.{name}.file: {model.file}: cannot be read ({error.strerror})"
        raise ModelError(f"{what}; give an ONNX file that semcam may read") from None
    return ModelFile(file=str(path), family=model.family, labels=model.labels, sha256=sha256)
