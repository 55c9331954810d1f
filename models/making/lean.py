"""MoveNet MultiPose's graph, giving the same answer for less work: what surrounds its convolutions is written anew.

The picture is scaled by numbers, not by one vector per pixel. Heads that are asked at a few points only (where the
middles and the keypoints of people are) are computed at those points, not everywhere. The bell around each expected
keypoint is the product of a column and a row, so that the whole map needs two multiplications in place of a dozen
operations. Weights and formulas stay as they are: answers differ by rounding (`build.py --check` compares them with
TensorFlow).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import onnx
from onnx import helper, numpy_helper

from making.canonical import in_order
from making.errors import BuildError

PEOPLE, KEYPOINTS = 6, 17
_AROUND = [[y, x] for y in range(3) for x in range(3)]
"""Cells around a point, in a map with an edge of one cell: y before x, as everywhere here."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the new nodes read or replace, as `canonicalise` names it; a cell is 4×4 pixels, h×w of them a picture."""

    picture: str = "image"  # (1, 4h, 4w, 3)
    scaled: str = "Sub_3_0"  # the same from -1 to 1
    scale: str = "weight_1"  # what it is multiplied with for that
    features: str = "Relu_144_0"  # what all heads see, (1, 24, h, w)
    middles: str = "Sigmoid_191_0"  # how likely each cell is the middle of a person, (1, 1, h, w)
    keypoints: str = "Sigmoid_154_0"  # how likely each cell is each keypoint, (1, 17, h, w)
    middle_head: str = "Conv_265"  # where in its cell a middle is; of each head the last convolution
    size_head: str = "Conv_281"  # how large the person is
    guess_head: str = "Conv_220"  # where their keypoints are, from the middle
    exact_head: str = "Conv_148"  # where in its cell a keypoint is
    no_difference: str = "weight_158"  # to the largest of the cells around, for a peak
    spread: str = "weight_171"  # of the bell, in shorter sides
    seen: str = "weight_204"  # score from which a keypoint counts for its person
    answer: str = "poses"  # (1, 6, 56)


def make_lean(graph: onnx.GraphProto) -> None:
    """Replaces the nodes of a canonical graph, in place, and drops what is no longer needed."""
    names = Names()
    made = _Nodes(graph)
    made.nodes.append(helper.make_node("Identity", [_scaled(made, names)], [names.scaled], name="Lean_scaled"))
    made.nodes.append(helper.make_node("Identity", [_answer(made, names)], [names.answer], name="Lean_answer"))
    kept = [node for node in graph.node if node.output[0] not in (names.scaled, names.answer)]
    del graph.node[:]
    graph.node.extend([*kept, *made.nodes])
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in in_order(graph)]
    used = {name for node in nodes for name in node.input}
    weights = [onnx.TensorProto.FromString(each.SerializeToString()) for each in graph.initializer if each.name in used]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights)


class Head(NamedTuple):
    """Weights of a head: 3×3 of each channel, then two convolutions 1×1, each with its bias."""

    around: str
    hidden: tuple[str, str]
    out: tuple[str, str]


class _Nodes:
    """Nodes being made: each call adds one and gives the name of its output. Numbers and lists become constants."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self._makers = {name: node for node in graph.node for name in node.output}
        self._weights = {tensor.name: tensor for tensor in graph.initializer}

    def __call__(self, operator: str, *inputs: object, **attributes: object) -> str:
        return self.several(1, operator, *inputs, **attributes)[0]

    def several(self, count: int, operator: str, *inputs: object, **attributes: object) -> list[str]:
        """A node with several outputs."""
        sources = [each if isinstance(each, str) else self._constant(each) for each in inputs]
        name = f"Lean_{len(self.nodes)}"
        outputs = [f"{name}_{place}" for place in range(count)]
        self.nodes.append(helper.make_node(operator, sources, outputs, name=name, **attributes))
        return outputs

    def _constant(self, value: object) -> str:
        numbers = np.asarray(value)
        kind = np.float32 if numbers.dtype.kind == "f" else np.int64
        return self("Constant", value=numpy_helper.from_array(numbers.astype(kind)))

    def number(self, weight: str) -> float:
        """The number that a weight repeats."""
        values = np.unique(numpy_helper.to_array(self._weights[weight]))
        if len(values) != 1:
            raise BuildError(f"{weight} holds several numbers: it is not the graph that making/lean.py was made for.")
        return float(values[0])

    def head(self, last: str) -> Head:
        """The weights of the head that ends with this convolution."""
        out = self._makers[f"{last}_0"]
        hidden = self._makers[self._makers[out.input[0]].input[0]]
        around = self._makers[hidden.input[0]]
        return Head(around.input[1], (hidden.input[1], hidden.input[2]), (out.input[1], out.input[2]))


def _scaled(made: _Nodes, names: Names) -> str:
    floats = made("Cast", names.picture, to=onnx.TensorProto.FLOAT)
    return made("Sub", made("Mul", floats, made.number(names.scale)), 1.0)


def _answer(made: _Nodes, names: Names) -> str:
    """People as (1, p, 56); p people, k keypoints."""
    sides = made("Shape", names.keypoints, start=2)
    lengths = made("Cast", sides, to=onnx.TensorProto.FLOAT)  # (h, w)
    height, width = made.several(2, "Split", lengths, axis=0)
    columns = made("Slice", sides, [1], [2])

    # the likeliest middles that no cell around exceeds
    largest = made("MaxPool", names.middles, kernel_shape=[5, 5], pads=[2, 2, 2, 2])
    is_peak = made("Less", made("Abs", made("Sub", names.middles, largest)), names.no_difference)
    peaks = made("Mul", names.middles, made("Cast", is_peak, to=onnx.TensorProto.FLOAT))
    scores, places = made.several(2, "TopK", made("Reshape", peaks, [-1]), [PEOPLE])
    points = _points(made, places, columns)  # (p, 2)
    middle = made("Cast", points, to=onnx.TensorProto.FLOAT)

    # each of them with a box, and a guess where the keypoints are
    edge = made("Pad", names.features, [0, 0, 1, 1, 0, 0, 1, 1])
    cells = made("Transpose", made("Squeeze", edge, [0]), perm=[1, 2, 0])  # (h + 2, w + 2, 24)
    around = _around(made, cells, points)
    exact_middle = made("Add", middle, _ask(made, around, made.head(names.middle_head)))
    half = made("Mul", made("Relu", _ask(made, around, made.head(names.size_head))), 0.5)
    low = _within(made, made("Sub", exact_middle, half), lengths)  # (p, 2)
    high = _within(made, made("Add", exact_middle, half), lengths)
    guesses = made("Reshape", _ask(made, around, made.head(names.guess_head)), [PEOPLE, KEYPOINTS, 2])
    expected = made("Add", made("Unsqueeze", middle, [1]), guesses)  # (p, k, 2)

    # where each keypoint is likeliest: near the guess, and in the box
    shorter = made("Min", height, width)
    wide = made("Mul", shorter, names.spread)
    spans = [_span(made, axis, side, low, high, expected, wide) for axis, side in enumerate((height, width))]
    across = made("Mul", names.keypoints, made("Unsqueeze", spans[1], [2]))  # (p, k, h, w)
    likely = made("Mul", across, made("Unsqueeze", spans[0], [3]))
    flat = made("Reshape", likely, [PEOPLE, KEYPOINTS, -1])
    best = made("ArgMax", flat, axis=2, keepdims=0)  # (p, k)
    at = _points(made, made("Reshape", best, [-1]), columns)  # (p * k, 2)
    exact = made("Reshape", _ask(made, _around(made, cells, at), made.head(names.exact_head)), [-1, KEYPOINTS, 2])
    own = made("Reshape", [[k] for _ in range(PEOPLE) for k in range(KEYPOINTS)], [-1, 1])
    exact = made("GatherND", exact, own, batch_dims=1)  # of all keypoints' places in this cell, its own
    found = made("Add", made("Cast", at, to=onnx.TensorProto.FLOAT), exact)
    where = made("Reshape", made("Div", found, lengths), [PEOPLE, KEYPOINTS, 2])

    # as likely as for whoever it is likeliest there
    of_all = made("Expand", made("Unsqueeze", made("Transpose", best, perm=[1, 0]), [0]), [PEOPLE, KEYPOINTS, PEOPLE])
    shared = made("ReduceMax", made("GatherElements", flat, of_all, axis=2), axes=[0], keepdims=0)  # (k, p)
    likelihoods = made("Transpose", shared, perm=[1, 0])
    person = made("Mul", scores, _mean_of_seen(made, likelihoods, names.seen))

    triples = made("Concat", where, made("Unsqueeze", likelihoods, [2]), axis=2)
    boxes = made("Concat", made("Div", low, lengths), made("Div", high, lengths), axis=1)
    rows = made("Concat", made("Reshape", triples, [PEOPLE, -1]), boxes, made("Unsqueeze", person, [1]), axis=1)
    return made("Unsqueeze", rows, [0])


def _points(made: _Nodes, places: str, columns: str) -> str:
    """Places in a map laid out row by row (n) as row and column (n, 2)."""
    row = made("Div", places, columns)
    column = made("Sub", places, made("Mul", row, columns))
    return made("Concat", made("Unsqueeze", row, [1]), made("Unsqueeze", column, [1]), axis=1)


def _around(made: _Nodes, cells: str, points: str) -> str:
    """The 3×3 cells around each point, (n, 9, 24)."""
    return made("GatherND", cells, made("Add", made("Unsqueeze", points, [1]), _AROUND))


def _ask(made: _Nodes, around: str, head: Head) -> str:
    """What a head says of each point."""
    weights = made("Transpose", made("Reshape", head.around, [-1, 9]), perm=[1, 0])
    sums = made("ReduceSum", made("Mul", around, weights), [1], keepdims=0)
    hidden = made("Relu", _product(made, sums, *head.hidden))
    return _product(made, hidden, *head.out)


def _product(made: _Nodes, rows: str, weights: str, bias: str) -> str:
    """A convolution 1×1, of rows."""
    return made("Gemm", rows, made("Flatten", weights), bias, transB=1)


def _within(made: _Nodes, corner: str, lengths: str) -> str:
    return made("Relu", made("Min", corner, lengths))


def _span(made: _Nodes, axis: int, side: str, low: str, high: str, expected: str, wide: str) -> str:
    """How likely each row (axis 0) or column (1) is for each keypoint: the bell, nothing outside the box (p, k, l)."""
    steps = made("Range", 0.0, made("Squeeze", side), 1.0)
    begin, end, guess = (made("Gather", each, [axis], axis=-1) for each in (low, high, expected))
    is_in = made("And", made("GreaterOrEqual", steps, begin), made("Less", steps, end))  # (p, l)
    off = made("Sub", steps, guess)
    bell = made("Exp", made("Neg", made("Div", made("Mul", off, off), wide)))
    return made("Mul", bell, made("Unsqueeze", made("Cast", is_in, to=onnx.TensorProto.FLOAT), [1]))


def _mean_of_seen(made: _Nodes, likelihoods: str, seen: str) -> str:
    """The mean of the keypoints above the threshold (p, k) → (p); 0 where there is none."""
    are_seen = made("Cast", made("Greater", likelihoods, seen), to=onnx.TensorProto.FLOAT)
    total = made("ReduceSum", made("Mul", likelihoods, are_seen), [1], keepdims=0)
    return made("Div", total, made("Max", made("ReduceSum", are_seen, [1], keepdims=0), 1.0))
