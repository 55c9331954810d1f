"""Gives a graph one fixed order and fixed names, so that building twice gives the same bytes.

tf2onnx numbers names with a counter and orders nodes by how it happened to walk the graph; neither says
anything about the model.
"""

import onnx


def canonicalise(graph: onnx.GraphProto) -> None:
    """Sorts nodes, drops those no output needs, and numbers all inner names, in place."""
    nodes = in_order(graph)
    weights = {tensor.name: tensor for tensor in graph.initializer}
    names = {value.name: value.name for value in [*graph.input, *graph.output]} | {"": ""}
    used: list[onnx.TensorProto] = []
    for number, node in enumerate(nodes):
        for name in node.input:
            if name in weights and name not in names:
                names[name] = f"weight_{len(used)}"
                used.append(weights[name])
        for place, name in enumerate(node.output):
            names.setdefault(name, f"{node.op_type}_{number}_{place}")
        node.name = f"{node.op_type}_{number}"

    for node in nodes:
        node.input[:] = [names[name] for name in node.input]
        node.output[:] = [names[name] for name in node.output]
        if not node.domain:
            node.ClearField("domain")  # set to "" or not set: the same meaning, other bytes
    for tensor in used:
        tensor.name = names[tensor.name]
    copies = onnx.GraphProto(node=nodes, initializer=used)
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(copies.node)
    graph.initializer.extend(copies.initializer)


def in_order(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Nodes in the order of a depth-first walk from the outputs, inputs before users."""
    makers = {name: node for node in graph.node for name in node.output if name}
    ordered: list[onnx.NodeProto] = []
    done: set[str] = set()
    stack = [(value.name, False) for value in reversed(graph.output)]
    while stack:
        name, inputs_are_done = stack.pop()
        node = makers.get(name)
        if node is None or node.output[0] in done:
            continue
        if inputs_are_done:
            done.add(node.output[0])
            ordered.append(node)
            continue
        stack.append((name, True))
        stack.extend((source, False) for source in reversed(node.input))
    return ordered
