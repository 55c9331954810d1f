"""Runs `python -m tf2onnx.convert` with the arguments given, in a process of its own.

Two things of tf2onnx 1.17 are mended here, for this process only, so that no installed file is edited:
it calls `np.product`, which NumPy 2 removed; and it keeps nodes in sets, whose order follows memory addresses
and so changes the model's bytes from run to run.
"""

import itertools
import runpy
from typing import Any

import numpy as np
from tf2onnx.graph import Node  # type: ignore[import-untyped, unused-ignore]

_numbers = itertools.count()


def _hash_by_age(node: Any) -> int:
    """A hash that depends on when a node was first hashed, not on where it lies in memory."""
    if not hasattr(node, "_semcam_number"):
        node._semcam_number = next(_numbers)
    number: int = node._semcam_number
    return number


if __name__ == "__main__":
    if not hasattr(np, "product"):
        setattr(np, "product", np.prod)  # noqa: B010 - NumPy's stubs rightly do not know the name
    Node.__hash__ = _hash_by_age
    runpy.run_module("tf2onnx.convert", run_name="__main__", alter_sys=True)
