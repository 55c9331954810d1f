"""Ways out by the machine itself: its mounts, users, kernel."""

import ctypes
import os

from semcam.contract.errors import FaultCode
from semcam.vision.confine.attacks.attack import AT_FDCWD, MESSAGE, NAME, Target, attack
from semcam.vision.confine.kernel import call, raw_call


@attack(FaultCode.TRIED_KERNEL)
def mount(target: Target) -> None:
    """Mount a file system."""
    folder = bytes(target.folder)
    call("mount", b"none", folder, b"tmpfs", 0, None)
    call("umount2", folder, 0)


@attack(FaultCode.TRIED_KERNEL)
def new_namespace(_: Target) -> None:
    """Move into a new user namespace."""
    call("unshare", 0x1000_0000)  # CLONE_NEWUSER


@attack(FaultCode.TRIED_KERNEL)
def another_namespace(_: Target) -> None:
    """Move into a namespace that is there."""
    fd = call("openat", AT_FDCWD, b"/proc/self/ns/uts", os.O_RDONLY, 0)
    try:
        call("setns", fd, 0)
    finally:
        os.close(fd)


@attack(FaultCode.TRIED_KERNEL)
def another_root(_: Target) -> None:
    """Change the root folder."""
    call("chroot", b"/")


@attack(FaultCode.TRIED_KERNEL)
def program_in_the_kernel(_: Target) -> None:
    """Load something for programs in the kernel."""
    wanted = (ctypes.c_uint32 * 32)(2, 4, 4, 1)  # an array of one number
    os.close(call("bpf", 0, ctypes.byref(wanted), ctypes.sizeof(wanted)))


@attack(FaultCode.TRIED_KERNEL)
def key_in_the_kernel(_: Target) -> None:
    """Leave a key with the kernel."""
    call("add_key", b"user", NAME.encode(), MESSAGE, len(MESSAGE), -1)  # in this thread's keyring


@attack(FaultCode.TRIED_KERNEL)
def keyring(_: Target) -> None:
    """Have a keyring in the kernel."""
    call("keyctl", 0, -1, 1)  # KEYCTL_GET_KEYRING_ID, this thread's; made if there is none


@attack(FaultCode.TRIED_KERNEL, quick=True)
def calls_by_ring(_: Target) -> None:
    """Make system calls by io_uring, which no filter sees."""
    wanted = (ctypes.c_uint32 * 30)()
    os.close(call("io_uring_setup", 1, ctypes.byref(wanted)))


@attack(FaultCode.TRIED_KERNEL)
def faults_of_pages(_: Target) -> None:
    """Handle page faults."""
    os.close(call("userfaultfd", os.O_CLOEXEC | 1))


@attack(FaultCode.TRIED_KERNEL)
def performance_counter(_: Target) -> None:
    """Open a performance counter."""
    wanted = (ctypes.c_uint32 * 32)(1, 128, 9)  # a software event that counts nothing
    os.close(call("perf_event_open", ctypes.byref(wanted), 0, -1, -1, 0))


@attack(FaultCode.TRIED_KERNEL)
def another_personality(_: Target) -> None:
    """Change how this process is laid out in memory."""
    before = call("personality", 0xFFFF_FFFF)
    call("personality", before | 0x40000)  # ADDR_NO_RANDOMIZE
    call("personality", before)


@attack(FaultCode.TRIED_KERNEL)
def log_of_the_kernel(_: Target) -> None:
    """Ask for the kernel's log."""
    call("syslog", 10, None, 0)  # its size


@attack(FaultCode.TRIED_KERNEL)
def name_of_the_machine(_: Target) -> None:
    """Set the name of the machine."""
    name = os.uname().nodename.encode()
    call("sethostname", name, len(name))


@attack(FaultCode.TRIED_KERNEL)
def watch_all_files(_: Target) -> None:
    """Watch what others do with files."""
    os.close(call("fanotify_init", 0, 0))


@attack(FaultCode.TRIED_KERNEL)
def regain_capabilities(_: Target) -> None:
    """Take root's rights back."""
    header, data = (ctypes.c_uint32 * 2)(0x2008_0522, 0), (ctypes.c_uint32 * 6)()
    call("capget", ctypes.byref(header), ctypes.byref(data))
    data[0] |= 1 << 21  # CAP_SYS_ADMIN, effective and permitted
    data[1] |= 1 << 21
    call("capset", ctypes.byref(header), ctypes.byref(data))


@attack(FaultCode.TRIED_KERNEL)
def memory_into_swap(_: Target) -> None:
    """Let memory go to the swap device again."""
    call("munlockall")


@attack(FaultCode.TRIED_KERNEL)
def call_by_another_name(_: Target) -> None:
    """Make a system call under its x32 number, on x86-64 where the kernel has those."""
    raw_call(0x4000_0000 | 39)
