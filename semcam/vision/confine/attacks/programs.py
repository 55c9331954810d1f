"""Ways out by another program, or by code of its own."""

import ctypes
import os
import signal
from contextlib import suppress

from semcam.contract.errors import FaultCode
from semcam.vision.confine.attacks.attack import AT_FDCWD, PAGE, Target, attack
from semcam.vision.confine.kernel import call


@attack(FaultCode.TRIED_PROGRAM)
def run_a_program(_: Target) -> None:
    """Run a program. Where it goes through, nothing comes after it: the process is another one."""
    words = (ctypes.c_char_p * 2)(b"/bin/true", None)
    call("execve", b"/bin/true", ctypes.byref(words), None)


@attack(FaultCode.TRIED_PROGRAM)
def run_a_program_by_execveat(_: Target) -> None:
    """Run a program by another call."""
    words = (ctypes.c_char_p * 2)(b"/bin/true", None)
    call("execveat", AT_FDCWD, b"/bin/true", ctypes.byref(words), None, 0)


def _end_if_child(pid: int) -> None:
    if pid == 0:
        os._exit(0)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)


@attack(FaultCode.TRIED_PROGRAM, quick=True)
def second_process(_: Target) -> None:
    """Start a second process."""
    _end_if_child(call("clone", int(signal.SIGCHLD), 0, 0, 0, 0))


@attack(FaultCode.TRIED_PROGRAM)
def second_process_by_clone3(_: Target) -> None:
    """Start a second process by the newest call there is."""
    wanted = (ctypes.c_uint64 * 8)(0, 0, 0, 0, int(signal.SIGCHLD), 0, 0, 0)
    _end_if_child(call("clone3", ctypes.byref(wanted), ctypes.sizeof(wanted)))


@attack(FaultCode.TRIED_PROGRAM)
def second_process_by_fork(_: Target) -> None:
    """Start a second process by the oldest."""
    _end_if_child(call("fork"))


@attack(FaultCode.TRIED_PROGRAM)
def code_of_its_own(_: Target) -> None:
    """Have memory that can be written and run."""
    address = call("mmap", 0, PAGE, 7, 0x22, -1, 0)
    call("munmap", address, PAGE)
