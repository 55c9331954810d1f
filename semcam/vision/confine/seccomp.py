"""Seccomp: hands a filter to the kernel, for every thread of this process (man 2 seccomp)."""

import ctypes

from semcam.vision.confine.bpf import Filter, assemble
from semcam.vision.confine.kernel import ask, call
from semcam.vision.confine.numbers import this_machine

_PR_GET_SECCOMP = 21
_FILTERED = 2
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def install(filter: Filter) -> None:
    """From now on the filter holds, for ever and for all threads; of several filters the strictest answer counts.

    The kernel takes filters only from processes that can gain no new privileges (see `limits.gain_nothing`).

    Raises:
        OSError: the kernel cannot, or a thread could not be included.
    """
    machine = this_machine()
    program = assemble(filter, machine) if machine else []
    instructions = (_Instruction * len(program))(*(_Instruction(*each) for each in program))
    handed = _Program(len(program), instructions)
    left_out = call("seccomp", _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(handed))
    if left_out:
        raise OSError(f"thread {left_out} could not be put under the filter")


def holds() -> bool:
    """Whether this process is under filters."""
    return ask("prctl", _PR_GET_SECCOMP, 0, 0, 0, 0) == _FILTERED
