"""float32 model → the same model with most of its convolutions in 8-bit integers.

Activations become 0..255 and weights -127..127 per output channel, with scales from what flows through the float
model while it looks at the sample clips (calibration by smallest and largest value). What lies close to the picture
or to the answer stays float: there one step of 255 is a step one can see. Sums stay float as well: in 8 bits they
shifted every score of the pose model by 0.02.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: the library reads it while loading

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from onnxruntime.quantization import (  # type: ignore[import-untyped, unused-ignore]
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import (  # type: ignore[import-untyped, unused-ignore]
    quant_pre_process,
)

from making.errors import BuildError
from making.facts import Facts, Quantised

PICTURES_PER_CLIP = 4
LONG_SIDE, MULTIPLE = 320, 32
"""Of a picture for a model that leaves its size open."""


def quantise(facts: Facts, how: Quantised, model: Path, clips: Path, target: Path) -> None:
    """Writes the 8-bit form of `model` to `target`, calibrated on all clips in the folder `clips`."""
    with tempfile.TemporaryDirectory(prefix="semcam-int8-") as name:
        folded, raw = Path(name, "folded.onnx"), Path(name, "raw.onnx")
        # turns weights stored as float16 into plain float32 ones, which is what can be quantised
        quant_pre_process(str(model), str(folded), skip_symbolic_shape=True)
        quantize_static(
            str(folded),
            str(raw),
            _Calibration(facts, clips),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(how.operators),
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=list(how.kept_float),
            calibrate_method=CalibrationMethod.MinMax,
        )
        finished = onnx.load(raw)
    _describe(finished, model)
    onnx.checker.check_model(finished, full_check=True)
    target.write_bytes(finished.SerializeToString(deterministic=True))


class _Calibration(CalibrationDataReader):  # type: ignore[misc, unused-ignore]
    """Pictures of the clips, as the model wants them."""

    def __init__(self, facts: Facts, clips: Path) -> None:
        self._name = facts.input.name
        self._tensors = (as_input(facts, picture) for picture in pictures(clips))

    def get_next(self) -> dict[str, NDArray[Any]] | None:
        tensor = next(self._tensors, None)
        return None if tensor is None else {self._name: tensor}


def pictures(clips: Path) -> Iterator[NDArray[Any]]:
    """Some pictures of each clip, evenly spread; (H, W, 3) uint8 BGR."""
    found = sorted(clips.glob("*.mp4"))
    if not found:
        raise BuildError(f"{clips} holds no clips to calibrate with: run this in a checkout of semcam.")
    for clip in found:
        capture = cv2.VideoCapture(str(clip))
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        for part in range(PICTURES_PER_CLIP):
            capture.set(cv2.CAP_PROP_POS_FRAMES, count * (2 * part + 1) // (2 * PICTURES_PER_CLIP))
            there, picture = capture.read()
            if not there:
                raise BuildError(f"{clip.name} cannot be decoded: restore it from git.")
            yield picture


def as_input(facts: Facts, picture: NDArray[Any]) -> NDArray[Any]:
    """The picture scaled to fit without bending it, filled up with black, in the model's layout and dtype."""
    height, width = picture.shape[:2]
    rows, columns = facts.input.shape[2:] if facts.input.layout == "NCHW" else facts.input.shape[1:3]
    wanted = (rows, columns) if isinstance(rows, int) and isinstance(columns, int) else (LONG_SIDE, LONG_SIDE)
    scale = min(wanted[0] / height, wanted[1] / width)
    size = round(height * scale), round(width * scale)
    whole = wanted if isinstance(rows, int) else tuple(side + -side % MULTIPLE for side in size)
    small = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
    if facts.input.colour == "RGB":
        small = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
    filled = np.zeros((*whole, 3), np.float32)
    filled[: size[0], : size[1]] = small
    scaled = (filled - np.array(facts.input.mean, np.float32)) / np.array(facts.input.std, np.float32)
    if facts.input.layout == "NCHW":
        scaled = scaled.transpose(2, 0, 1)
    return np.ascontiguousarray(scaled[None].astype(facts.input.dtype))


def best_score(facts: Facts, outputs: list[NDArray[Any]]) -> float:
    """The highest score in a model's answer, of a person or of anything."""
    if facts.task == "pose":
        return float(outputs[0][0, :, 55].max())
    scores = zip(facts.outputs, outputs, strict=True)
    return max(float(values.max()) for output, values in scores if output.name.startswith("scores"))


def _describe(model: onnx.ModelProto, source: Path) -> None:
    """What the float model says of itself, and what was done to it."""
    told = {each.key: each.value for each in onnx.load(source, load_external_data=False).metadata_props}
    told["changes"] += "; most convolutions quantised to 8-bit integers"
    model.graph.doc_string = ""
    helper.set_model_props(model, told)
