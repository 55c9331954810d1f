"""Writes and reads MANIFEST.yaml. The file is generated as a whole: facts are edited in making/facts.py."""

import hashlib
import os
import platform
from pathlib import Path
from typing import Any

import yaml

from making import fetch, trial
from making.errors import BuildError
from making.facts import Facts

NAME = "MANIFEST.yaml"

_HEADER = """\
# The models semcam uses. Written by models/build.py: change making/facts.py and build again, not this file.
#
#   file, sha256, bytes  the ONNX file beside this page; weights are stored as float16, computed in float32
#   source               the package it was converted from, and who trained it
#   licence              SPDX expression of the weights; NOASSERTION where their author stated none
#   input                one picture: shape, channel order, and the scaling of 0..255: (value - mean) / std
#   outputs, decode      the tensors that come back and how to read them
#   labels               coco-80: the 80 COCO classes in their usual order from 0 (person 0, dog 16, bear 21)
#                        coco-17-keypoints: nose, eyes, ears, shoulders, elbows, wrists, hips, knees,
#                        ankles; of each pair the left one first
#   speed                measured by `build.py --measure` on the machine named there; kept by a new build
#                        load_before: how many programs wanted a core in the minute before (not this one);
#                        near or above the number of cores, expect shorter times on a quiet machine
"""


class _Dumper(yaml.SafeDumper):
    """Indents lists under their key and writes short lists on one line."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


class _Row(dict[str, Any]):
    """A mapping written on one line."""


class _Line(list[Any]):
    """A list written on one line."""


_Dumper.add_representer(_Row, lambda d, v: d.represent_mapping("tag:yaml.org,2002:map", v, flow_style=True))
_Dumper.add_representer(_Line, lambda d, v: d.represent_sequence("tag:yaml.org,2002:seq", v, flow_style=True))


def read(folder: Path) -> dict[str, Any]:
    """The entries under `models:`; empty if there is no manifest yet."""
    file = folder / NAME
    if not file.is_file():
        return {}
    try:
        models = yaml.safe_load(file.read_text("utf-8"))["models"]
    except (yaml.YAMLError, KeyError, TypeError):
        raise BuildError(f"{NAME} cannot be read: delete it and build again with --measure.") from None
    if not isinstance(models, dict):
        raise BuildError(f"{NAME} has no entries under `models:`: delete it and build again with --measure.")
    return models


def write(folder: Path, every: tuple[Facts, ...], speeds: dict[str, Any]) -> None:
    """Writes the manifest of the models in `folder`; `speeds` maps a model's name to its speed section."""
    parts = [_HEADER, "models:\n"]
    for facts in every:
        text = yaml.dump(
            {facts.name: _entry(facts, folder, speeds.get(facts.name))},
            Dumper=_Dumper,
            sort_keys=False,
            width=110,
            allow_unicode=True,
        )
        parts.append(f"\n  # {facts.title}\n" + "".join(f"  {line}\n" for line in text.splitlines()))
    (folder / NAME).write_text("".join(parts), "utf-8")


def sha256(file: Path) -> str:
    """Hex digest; a missing file is a BuildError."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        raise BuildError(f"{file.name} is missing: run `python models/build.py`.") from None


def measure(folder: Path, every: tuple[Facts, ...]) -> dict[str, Any]:
    """Times each model on this machine; a speed section per model name."""
    return {facts.name: _speed(facts, folder / f"{facts.name}.onnx") for facts in every}


def _speed(facts: Facts, file: Path) -> dict[str, Any]:
    return {
        "machine": f"{platform.machine().replace('_', '-')}, {os.cpu_count()} cores",
        "load_before": round(os.getloadavg()[0], 1),
        "onnxruntime": trial.ORT_VERSION,
        "method": trial.METHOD,
        "results": [_result(facts, file, size, threads) for size in facts.measured for threads in (1, 2)],
    }


def _result(facts: Facts, file: Path, size: tuple[int, int], threads: int) -> dict[str, Any]:
    median, best = trial.milliseconds(facts, file, size, threads)
    return {"height": size[0], "width": size[1], "threads": threads, "ms": median, "best_ms": best}


def _entry(facts: Facts, folder: Path, speed: dict[str, Any] | None) -> dict[str, Any]:
    file = folder / f"{facts.name}.onnx"
    entry: dict[str, Any] = {
        "file": file.name,
        "sha256": sha256(file),
        "bytes": file.stat().st_size,
        "task": facts.task,
        "source": {
            "package": f"npm:{fetch.PACKAGE}",
            "version": fetch.VERSION,
            "path": f"models/{facts.stem}.json",
            "package_licence": "MIT",
            "author": facts.author,
            "upstream": facts.upstream,
        },
        "licence": facts.licence,
        "licence_note": facts.licence_note,
        "copyright": facts.copyright,
        "input": {
            "name": facts.input.name,
            "dtype": facts.input.dtype,
            "layout": facts.input.layout,
            "shape": _Line(facts.input.shape),
            "colour": facts.input.colour,
            "range": facts.input.range,
            "mean": _Line(facts.input.mean),
            "std": _Line(facts.input.std),
        },
        "outputs": [
            {"name": output.name, "shape": _Line(output.shape), "meaning": output.meaning} for output in facts.outputs
        ],
        "decode": facts.decode,
        "labels": facts.labels,
    }
    if speed is not None:
        rows = [_Row(row) for row in speed["results"]]
        entry["speed"] = {**speed, "results": rows}
    return entry
