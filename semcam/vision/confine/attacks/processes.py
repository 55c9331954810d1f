"""Ways out by other processes, and ways in for them."""

import ctypes
import errno
import os

from semcam.contract.errors import FaultCode
from semcam.vision.confine.attacks.attack import AT_FDCWD, NAME, PAGE, Target, attack
from semcam.vision.confine.kernel import call

_PTRACE_SEIZE = 0x4206


@attack(FaultCode.TRIED_PROCESS)
def trace_the_parent(target: Target) -> None:
    """Trace the courier."""
    call("ptrace", _PTRACE_SEIZE, target.parent, 0, 0)


def _touch_memory(name: str, pid: int) -> None:
    """Of the other process at an address where it has none: whether it would have been allowed shows all the same."""
    letter = ctypes.create_string_buffer(8)
    here = (ctypes.c_uint64 * 2)(ctypes.addressof(letter), 8)
    there = (ctypes.c_uint64 * 2)(PAGE, 8)
    try:
        call(name, pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    except OSError as error:
        if error.errno != errno.EFAULT:
            raise


@attack(FaultCode.TRIED_PROCESS, quick=True)
def read_the_parents_memory(target: Target) -> None:
    """Read the courier's memory."""
    _touch_memory("process_vm_readv", target.parent)


@attack(FaultCode.TRIED_PROCESS)
def write_the_parents_memory(target: Target) -> None:
    """Write to the courier's memory."""
    _touch_memory("process_vm_writev", target.parent)


@attack(FaultCode.TRIED_PROCESS)
def open_the_parents_memory(target: Target) -> None:
    """Open the courier's memory as a file."""
    os.close(call("openat", AT_FDCWD, f"/proc/{target.parent}/mem".encode(), os.O_RDONLY, 0))


@attack(FaultCode.TRIED_PROCESS)
def open_the_parents_environment(target: Target) -> None:
    """Read the courier's environment."""
    os.close(call("openat", AT_FDCWD, f"/proc/{target.parent}/environ".encode(), os.O_RDONLY, 0))


@attack(FaultCode.TRIED_PROCESS)
def take_a_descriptor_of_the_parent(target: Target) -> None:
    """Take a descriptor of the courier's."""
    pid_fd = call("pidfd_open", target.parent, 0)
    try:
        os.close(call("pidfd_getfd", pid_fd, 0, 0))
    finally:
        os.close(pid_fd)


@attack(FaultCode.TRIED_PROCESS, quick=True)
def signal_the_parent(target: Target) -> None:
    """Send the courier a signal."""
    call("kill", target.parent, 0)  # 0 asks only whether it would be allowed


@attack(FaultCode.TRIED_PROCESS)
def signal_a_thread_of_the_parent(target: Target) -> None:
    """Send a signal to a thread of the courier."""
    call("tgkill", target.parent, target.parent, 0)


@attack(FaultCode.TRIED_PROCESS)
def signal_the_parent_by_descriptor(target: Target) -> None:
    """Send a signal by a descriptor of the courier."""
    pid_fd = call("pidfd_open", target.parent, 0)
    try:
        call("pidfd_send_signal", pid_fd, 0, None, 0)
    finally:
        os.close(pid_fd)


@attack(FaultCode.TRIED_PROCESS)
def read_the_parents_limits(target: Target) -> None:
    """Read the courier's limits, which could be set in the same way."""
    limits = (ctypes.c_uint64 * 2)()
    call("prlimit64", target.parent, 7, None, ctypes.byref(limits))


@attack(FaultCode.TRIED_PROCESS)
def slow_the_parent(target: Target) -> None:
    """Set the courier's priority."""
    call("setpriority", 0, target.parent, os.getpriority(os.PRIO_PROCESS, target.parent))


@attack(FaultCode.TRIED_PROCESS)
def shared_memory(_: Target) -> None:
    """Make shared memory of System V."""
    call("shmctl", call("shmget", 0, PAGE, 0o1600), 0, None)


@attack(FaultCode.TRIED_PROCESS)
def semaphore(_: Target) -> None:
    """Make a semaphore of System V."""
    call("semctl", call("semget", 0, 1, 0o1600), 0, 0, 0)


@attack(FaultCode.TRIED_PROCESS)
def message_queue(_: Target) -> None:
    """Make a message queue of System V."""
    call("msgctl", call("msgget", 0, 0o1600), 0, None)


@attack(FaultCode.TRIED_PROCESS)
def posix_message_queue(_: Target) -> None:
    """Make a message queue of POSIX."""
    name = f"{NAME}-{os.getpid()}".encode()
    fd = call("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, None)
    call("mq_unlink", name)
    os.close(fd)


@attack(FaultCode.TRIED_PROCESS, quick=True)
def become_readable(_: Target) -> None:
    """Let others of the same user read this process's memory, and let it leave a core file."""
    before = call("prctl", 3, 0, 0, 0, 0)  # PR_GET_DUMPABLE
    call("prctl", 4, 1, 0, 0, 0)  # PR_SET_DUMPABLE
    call("prctl", 4, before, 0, 0, 0)
