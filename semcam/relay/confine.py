"""What a relay gives up: files, programs and other processes before it dials, every other connection before it reads.

It is made of the layers of the vision process. It cannot give up its network, so it keeps exactly one connection.
"""

import errno
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from semcam.contract.errors import FaultCode
from semcam.vision.confine import landlock, limits, seccomp
from semcam.vision.confine.bpf import ALLOW, NULL, Exactly, Filter, HasAny, HasNone, Is, Rule, refuse
from semcam.vision.confine.calls import FORBIDDEN, FORKS, WRITING

_REFUSED, _UNKNOWN = refuse(errno.EPERM), refuse(errno.ENOSYS)
_A_NEW_THREAD = Is(0, 0x3D0F00, mask=0xFFFF_FFFF & ~0x400000)
_PROT_EXEC, _MAP_ANONYMOUS, _AT_EMPTY_PATH = 0x4, 0x20, 0x1000


class Cell:
    """One relay's way into confinement. Each step is taken once, in this order."""

    def __init__(self) -> None:
        self._kept = 0
        self._holds = True

    def before_dialling(self) -> None:
        """No core file, no byte to any file, no program, no look at other processes, none of root's rights."""
        self._take(limits.gain_nothing)
        with suppress(OSError):  # as for the vision process: what this user may not is done without
            self._kept = limits.lock_memory()
        self._take(limits.set_limits)
        self._take(lambda: limits.drop_capabilities(self._kept))
        self._take(lambda: seccomp.install(_while_dialling()))

    def before_reading(self, connections: Iterable[socket.socket], pipes: Iterable[int]) -> bool:
        """Nothing but these can be read or written, and nothing opened; says whether all of that holds."""
        with suppress(OSError):  # missing on some kernels; the filter refuses the same
            landlock.restrict((), ())
        self._take(limits.close_the_list)
        self._take(lambda: seccomp.install(_while_reading([each.fileno() for each in connections], [*pipes])))
        return self._holds and limits.limits_hold(self._kept, running=True) and seccomp.holds() and _is_shut_in()

    def _take(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError:
            self._holds = False


def _while_dialling() -> Filter:
    """Names are looked up by the C library, which reads files and asks other machines; the rest is refused already."""
    names = [name for family, names in FORBIDDEN.items() if family is not FaultCode.TRIED_NETWORK for name in names]
    return Filter(
        (
            *(Rule(name, _REFUSED) for name in (*names, *FORKS, "bind", "listen", "accept", "accept4")),
            *(Rule(name, _REFUSED, (HasAny(at, WRITING & ~0x2),)) for name, at in (("open", 1), ("openat", 2))),
            Rule("openat2", _UNKNOWN),
            Rule("clone3", _UNKNOWN),
            Rule("clone", ALLOW, (_A_NEW_THREAD,)),
            Rule("clone", _REFUSED),
        ),
        otherwise=ALLOW,
        stranger=_REFUSED,
        newer=_UNKNOWN,
    )


def _while_reading(connections: list[int], pipes: list[int]) -> Filter:
    """What is not listed is refused."""
    free = (
        "read", "readv", "poll", "ppoll", "select", "pselect6", "futex", "clock_gettime", "gettimeofday", "time",
        "clock_nanosleep", "nanosleep", "sched_yield", "brk", "munmap", "mremap", "madvise", "close", "fstat", "lseek",
        "rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "sigaltstack", "restart_syscall", "exit", "exit_group",
        "getrandom", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrlimit", "getcpu",
        "sched_getaffinity", "membarrier", "rseq", "set_robust_list",
    )  # fmt: skip
    return Filter(
        (
            *(Rule(name, ALLOW) for name in free),
            *(Rule(name, ALLOW, (Is(0, to),)) for name in ("write", "writev") for to in (*connections, *pipes)),
            # over the connection that there is; not to an address
            *(Rule("sendto", ALLOW, (Is(0, to), Exactly(4, NULL))) for to in connections),
            *(Rule(name, ALLOW, (Is(0, its),)) for name in ("recvfrom", "shutdown") for its in connections),
            Rule("mmap", ALLOW, (HasNone(2, _PROT_EXEC), HasAny(3, _MAP_ANONYMOUS))),
            Rule("mprotect", ALLOW, (HasNone(2, _PROT_EXEC),)),
            Rule("newfstatat", ALLOW, (Is(3, _AT_EMPTY_PATH),)),
            Rule("clone", ALLOW, (_A_NEW_THREAD,)),
            Rule("clone3", _UNKNOWN),
            Rule("prctl", ALLOW, (Is(0, 3),)),  # PR_GET_DUMPABLE, and the next two
            Rule("prctl", ALLOW, (Is(0, 21),)),  # PR_GET_SECCOMP
            Rule("prctl", ALLOW, (Is(0, 39),)),  # PR_GET_NO_NEW_PRIVS
            Rule("capget", ALLOW),
            Rule("prlimit64", ALLOW, (Is(0, 0), Exactly(2, NULL))),
        ),
        otherwise=_REFUSED,
        stranger=_REFUSED,
    )


def _is_shut_in() -> bool:
    """Whether what is most wanted by who wants out is refused: another connection, a file, a program."""
    attempts: tuple[Callable[[], object], ...] = (
        lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
        lambda: os.open(Path(__file__), os.O_RDONLY),
        lambda: os.open("/nonexistent/file", os.O_WRONLY | os.O_CREAT),
        lambda: os.memfd_create("semcam-relay"),
        lambda: os.dup(0),
        lambda: os.execv("/nonexistent/program", ["program"]),
    )
    return not any(map(_goes_through, attempts))


def _goes_through(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except FileNotFoundError:
        return True  # the kernel went and looked
    except OSError:
        return False
    return True
