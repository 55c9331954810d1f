"""Graph model (tfjs JSON + float16 weights) → ONNX with float16 storage."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from making import fetch
from making.canonical import canonicalise
from making.errors import BuildError
from making.facts import Facts
from making.lean import make_lean

OPSET = 17
# Scalars and short vectors stay float32: a Cast node would cost more bytes than it saves.
_SMALLEST_HALVED = 64
_RUNNER = Path(__file__).with_name("run_tf2onnx.py")


def convert(facts: Facts, source: Path, target: Path) -> None:
    """Converts `<stem>.json/.bin` in `source` and writes the finished model to `target`."""
    repaired = source / f"{facts.stem}.repaired.json"
    graph = json.loads((source / f"{facts.stem}.json").read_text("utf-8"))
    repair_nodes(graph["modelTopology"]["node"])
    _set_signature(graph, facts)
    repaired.write_text(json.dumps(graph), "utf-8")

    raw = source / f"{facts.name}.raw.onnx"
    _run_tf2onnx(repaired, raw)
    model = onnx.load(raw)
    _set_shapes(model, facts)
    canonicalise(model.graph)
    if facts.lean:
        make_lean(model.graph)
    _store_half(model.graph)
    _describe(model, facts)
    onnx.checker.check_model(model, full_check=True)
    target.write_bytes(model.SerializeToString(deterministic=True))


def repair_nodes(nodes: list[dict[str, Any]]) -> None:
    """Adds, in place, the attributes TensorFlow's op definitions require and the tfjs converter left out."""
    for node in nodes:
        attributes = node.get("attr", {})
        if node["op"] == "_FusedConv2D":
            extra = int(attributes["num_args"]["i"])
            attributes.setdefault("TArgs", {"list": {"type": ["DT_FLOAT"] * extra}})
            attributes.setdefault("num_host_args", {"i": "0"})
        elif node["op"] == "TopKV2":
            attributes.setdefault("index_type", {"type": "DT_INT32"})
            attributes.setdefault("Tk", {"type": "DT_INT32"})


def _set_signature(graph: dict[str, Any], facts: Facts) -> None:
    """Names inputs and outputs: tf2onnx takes the names, and which outputs to keep, from the signature."""
    graph["signature"] = {
        "inputs": {facts.input.name: {"name": facts.input.tensor}},
        "outputs": {output.name: {"name": output.tensor} for output in facts.outputs},
    }


def _run_tf2onnx(repaired: Path, raw: Path) -> None:
    """Converts in a fresh process: TensorFlow's settings are read once, and its chatter stays out of ours."""
    command = [
        sys.executable,
        str(_RUNNER),
        "--tfjs",
        str(repaired),
        "--output",
        str(raw),
        "--opset",
        str(OPSET),
    ]
    environment = os.environ | {
        "PYTHONHASHSEED": "0",  # sets of names keep one order too
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode or not raw.is_file():
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "no message")
        raise BuildError(
            f"tf2onnx could not convert {repaired.name} ({last.strip()}): install exactly the versions in "
            "models/requirements-build.txt."
        )


def _set_shapes(model: onnx.ModelProto, facts: Facts) -> None:
    """Writes the known shapes over the placeholders ("unk__181") that tf2onnx leaves."""
    ports = {facts.input.name: facts.input.shape} | {output.name: output.shape for output in facts.outputs}
    for value in [*model.graph.input, *model.graph.output]:
        kind = value.type.tensor_type.elem_type
        value.CopyFrom(helper.make_tensor_value_info(value.name, kind, ports[value.name]))


def _store_half(graph: onnx.GraphProto) -> None:
    """Stores float32 initializers as float16 followed by a Cast, in place.

    The source's weights are float16 values; casting back must give the same bits or the build stops. ONNX
    Runtime folds the casts when it loads the model, so the speed is that of float32.
    """
    kept: list[TensorProto] = []
    casts: list[onnx.NodeProto] = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _SMALLEST_HALVED:
            kept.append(tensor)
            continue
        half_name = f"{tensor.name}_half"
        kept.append(numpy_helper.from_array(_halved(values, tensor.name), half_name))
        casts.append(
            helper.make_node("Cast", [half_name], [tensor.name], name=f"{tensor.name}_cast", to=TensorProto.FLOAT)
        )
    nodes = [*casts, *graph.node]
    _replace(graph.initializer, kept)
    _replace(graph.node, nodes)


def _halved(values: np.ndarray[Any, np.dtype[np.float32]], name: str) -> np.ndarray[Any, np.dtype[np.float16]]:
    """The same values as float16; raises BuildError if one of them changes."""
    with np.errstate(over="ignore"):
        half = values.astype(np.float16)
    if not np.array_equal(half.astype(np.float32), values):
        raise BuildError(
            f"weight {name} would change when stored as float16: the converter altered it; install exactly "
            "the versions in models/requirements-build.txt."
        )
    return half


def _replace(field: Any, items: Iterable[Any]) -> None:
    """Replaces the content of a repeated protobuf field."""
    copies = list(items)
    del field[:]
    field.extend(copies)


def _describe(model: onnx.ModelProto, facts: Facts) -> None:
    """Writes origin and licence into the file itself: it may travel without the manifest."""
    model.graph.name = facts.name
    model.graph.doc_string = ""  # tf2onnx writes the path of a temporary folder here
    model.doc_string = facts.title
    helper.set_model_props(
        model,
        {
            "source": f"npm:{fetch.PACKAGE}@{fetch.VERSION}/models/{facts.stem}.json",
            "source_version": fetch.VERSION,
            "upstream": facts.upstream,
            "author": facts.author,
            "copyright": facts.copyright,
            "licence": facts.licence,
            "changes": "converted from a TensorFlow.js graph model to ONNX; weights unchanged"
            + ("; nodes around the convolutions rewritten for speed" if facts.lean else ""),
        },
    )
