"""Runs the source graph itself, in TensorFlow: what a converted model has to agree with."""

import base64
import importlib
import json
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import numpy as np
from google.protobuf import json_format  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from making.convert import repair_nodes
from making.facts import Facts


class Reference:
    """The source graph of one model, ready to run."""

    def __init__(self, facts: Facts, source: Path) -> None:
        # Loaded here, by name: TensorFlow takes seconds to import, ships no types, and only --check wants it.
        self._tf: Any = importlib.import_module("tensorflow")
        self._facts = facts
        graph = self._tf.Graph()
        with graph.as_default():
            self._tf.compat.v1.import_graph_def(self._graph_def(source), name="")
        self._session = self._tf.compat.v1.Session(graph=graph, config=self._as_written())

    def run(self, image: NDArray[Any]) -> list[NDArray[Any]]:
        """The outputs for one picture, in the order of the facts."""
        names = [output.tensor for output in self._facts.outputs]
        result: list[NDArray[Any]] = self._session.run(names, {self._facts.input.tensor: image})
        return result

    def _as_written(self) -> Any:
        """Turns TensorFlow's optimiser off: its own hard-swish has another constant than the graph."""
        config = self._tf.compat.v1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        return config

    def _graph_def(self, source: Path) -> Any:
        nodes, weights = _read(self._facts, source)
        graph = self._tf.compat.v1.GraphDef()
        for node in nodes:
            if node["op"] == "Const":
                graph.node.append(self._constant(node, weights[node["name"]]))
            elif node["op"] == "FusedDepthwiseConv2dNative":
                graph.node.extend(self._node(part) for part in _unfused(node))
            else:
                graph.node.append(self._node(node))
        return graph

    def _node(self, node: dict[str, Any]) -> Any:
        return json_format.ParseDict(node, self._tf.compat.v1.NodeDef())

    def _constant(self, node: dict[str, Any], values: NDArray[Any]) -> Any:
        made = self._node({key: node[key] for key in ("name", "op")} | {"attr": {"dtype": node["attr"]["dtype"]}})
        made.attr["value"].tensor.CopyFrom(
            self._tf.make_tensor_proto(values, dtype=made.attr["dtype"].type, shape=values.shape)
        )
        return made


def _read(facts: Facts, source: Path) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """The nodes, and the weights by name; one after the other in a single file, mostly as float16."""
    model = json.loads((source / f"{facts.stem}.json").read_text("utf-8"))
    nodes: list[dict[str, Any]] = model["modelTopology"]["node"]
    repair_nodes(nodes)
    data = (source / f"{facts.stem}.bin").read_bytes()
    weights: dict[str, NDArray[Any]] = {}
    offset = 0
    for entry in model["weightsManifest"][0]["weights"]:
        stored = np.dtype(entry.get("quantization", entry)["dtype"])
        values = np.frombuffer(data, stored, int(np.prod(entry["shape"])), offset)
        offset += values.nbytes
        weights[entry["name"]] = values.astype(entry["dtype"]).reshape(entry["shape"])
    return nodes, weights


def _unfused(node: dict[str, Any]) -> list[dict[str, Any]]:
    """TensorFlow has no fused depthwise convolution: convolution, bias and activation, one by one."""
    name, attributes = node["name"], node["attr"]
    kept = {key: attributes[key] for key in ("strides", "padding", "dilations", "data_format") if key in attributes}
    kind = {"T": {"type": "DT_FLOAT"}}
    image, kernel, bias = node["input"]
    steps = [{"name": f"{name}/conv", "op": "DepthwiseConv2dNative", "input": [image, kernel], "attr": kept | kind}]
    steps.append({"name": f"{name}/bias", "op": "BiasAdd", "input": [f"{name}/conv", bias], "attr": kind})
    for activation in _fused_operations(attributes)[1:]:
        before = steps[-1]["name"]
        steps.append({"name": f"{name}/{activation}", "op": activation, "input": [before], "attr": kind})
    steps[-1]["name"] = name
    return steps


def _fused_operations(attributes: dict[str, Any]) -> list[str]:
    """Names of what is fused, in order; the file holds them as base64."""
    return [base64.b64decode(name).decode("ascii") for name in attributes["fused_ops"]["list"]["s"]]
