"""Whether this processor can be trusted with models in 8-bit numbers."""

import os
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_DOT_PRODUCTS = frozenset({b"avx512_vnni", b"avx_vnni"})


def is_exact(machine: str | None = None, cpuinfo: Path = _CPUINFO) -> bool:
    """Whether products of 8-bit numbers are added up without overflow, and fast.

    Older x86-64 processors add pairs of products in 16 bits, which saturate; those with VNNI in 32
    (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). ARM adds in 32 bits.
    """
    if (machine or os.uname().machine) not in ("x86_64", "i686"):
        return True
    try:
        lines = cpuinfo.read_bytes().splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith(b"flags")), b"")
    return not _DOT_PRODUCTS.isdisjoint(flags.split())
