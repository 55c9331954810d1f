"""The kernel's door: system calls by name, through ctypes."""

import ctypes
import errno
import os
from typing import Any

from semcam.vision.confine.numbers import number, this_machine

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def ask(name: str, *arguments: Any) -> int:
    """Call a function of the C library, where it has one: these are there on every kind of processor.

    Raises:
        OSError: the kernel refused.
    """
    result = int(getattr(libc, name)(*map(_whole, arguments)))
    if result == -1:
        raise last_error()
    return result


def call(name: str, *arguments: Any) -> int:
    """Make a system call; numbers go in as 64 bits, everything else as ctypes passes it.

    Raises:
        OSError: the kernel refused, or this machine has no such call.
    """
    machine = this_machine()
    its_number = number(name, machine) if machine else None
    if its_number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)
    return raw_call(its_number, *arguments)


def raw_call(its_number: int, *arguments: Any) -> int:
    """The same by number.

    Raises:
        OSError: the kernel refused.
    """
    return ask("syscall", its_number, *arguments)


def _whole(argument: Any) -> Any:
    """Left to itself, ctypes would cut numbers to 32 bits."""
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def last_error() -> OSError:
    """What the C library's errno says."""
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
