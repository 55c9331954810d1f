"""Runs models on seeded pictures: to compare two builds, and to time one."""

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before the import: the library reads it while loading

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from making.errors import BuildError
from making.facts import Facts

ORT_VERSION: str = ort.__version__
SEEDS = (1, 2, 3)
Run = Callable[[NDArray[Any]], list[NDArray[Any]]]
"""From a picture to the outputs of a model."""
TOLERANCE = 2e-3
"""Largest difference allowed, in the units of the outputs: pixels (centernet), logits, fractions, scores.

Rounding alone gives up to 4e-4 pixels against TensorFlow, and 0 between two builds.
"""
_WARM_UP, _RUNS = 5, 40


def session(file: Path, threads: int = 2) -> ort.InferenceSession:
    """Opens `file` on the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base class
        raise BuildError(
            f"{file.name} cannot be opened ({type(error).__name__}): restore it from git or run `build.py`."
        ) from None


def picture(facts: Facts, height: int, width: int, seed: int) -> NDArray[Any]:
    """A seeded picture in the layout and dtype of the model: smooth blobs with noise over them.

    Pure noise would leave every score near zero, and two models that see nothing always agree.
    """
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    image = np.full((height, width, 3), 110.0)
    for _ in range(12):
        y, x = random.uniform(0, height), random.uniform(0, width)
        spread_y, spread_x = random.uniform(6, height / 3), random.uniform(6, width / 4)
        blob = np.exp(-(((rows - y) / spread_y) ** 4) - ((columns - x) / spread_x) ** 4)
        image += blob[..., None] * random.uniform(-140, 140, size=3)
    image = np.clip(image + random.normal(0, 6, size=image.shape), 0, 255).round()
    image = (image - np.array(facts.input.mean)) / np.array(facts.input.std)
    if facts.input.layout == "NCHW":
        image = image.transpose(2, 0, 1)
    return np.ascontiguousarray(image[None].astype(facts.input.dtype))


def runner(facts: Facts, file: Path) -> Run:
    """How to run `file`; a BuildError if its inputs and outputs are not those of the facts."""
    model = session(file)
    ports = [port.name for port in [*model.get_inputs(), *model.get_outputs()]]
    if ports != [facts.input.name, *(output.name for output in facts.outputs)]:
        raise BuildError(f"{file.name} has other inputs or outputs than {facts.name}: restore it from git.")

    def run(image: NDArray[Any]) -> list[NDArray[Any]]:
        outputs: list[NDArray[Any]] = model.run(None, {facts.input.name: image})
        return outputs

    return run


def largest_difference(facts: Facts, one: Run, other: Run) -> float:
    """Largest absolute difference of any output over all sizes and seeds; infinity if they cannot agree."""
    worst = 0.0
    for height, width in facts.sizes:
        for seed in SEEDS:
            image = picture(facts, height, width, seed)
            worst = max(worst, _difference(facts, one(image), other(image)))
    return worst


def _difference(facts: Facts, one: list[NDArray[Any]], other: list[NDArray[Any]]) -> float:
    """Largest absolute difference; infinity where a shape is wrong or a value is not a number."""
    worst = 0.0
    for output, a, b in zip(facts.outputs, one, other, strict=True):
        if a.shape != output.shape or b.shape != output.shape or not np.isfinite([a, b]).all():
            return float("inf")
        worst = max(worst, float(np.abs(a - b).max()))
    return worst


def milliseconds(facts: Facts, file: Path, size: tuple[int, int], threads: int) -> tuple[float, float]:
    """Median and shortest time of one run in ms, at `size` = (height, width) in pixels."""
    model = session(file, threads)
    feed = {facts.input.name: picture(facts, *size, seed=SEEDS[0])}
    times = []
    for run in range(_WARM_UP + _RUNS):
        start = time.perf_counter()
        model.run(None, feed)
        if run >= _WARM_UP:
            times.append(time.perf_counter() - start)
    return round(statistics.median(times) * 1000, 1), round(min(times) * 1000, 1)


METHOD = (
    f"ms: median of {_RUNS} runs after {_WARM_UP}, best_ms: the shortest of them (other work on the machine "
    "lengthens the median first); one picture at a time, CPU provider, without reading or scaling the picture"
)
