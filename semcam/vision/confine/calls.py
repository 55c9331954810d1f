"""Which system calls the vision process may make, and when.

While libraries, models and the source are loaded, everything may be called but what is listed as forbidden. Before
the first frame is read, that turns around: nothing may be called but the few that the loop needs.
"""

import errno
import os
from dataclasses import dataclass

from semcam.contract.errors import FaultCode
from semcam.vision.confine.bpf import ALLOW, KILL, NULL, Exactly, Filter, HasAny, HasNone, Is, Rule, refuse, report

REFUSED = refuse(errno.EPERM)
UNKNOWN = refuse(errno.ENOSYS)
"""The answer of an older kernel: libraries then take the older call, whose flags can be looked at."""
NO_TERMINAL = refuse(errno.ENOTTY)

FORBIDDEN: dict[FaultCode, tuple[str, ...]] = {
    FaultCode.TRIED_FILE: (
        "creat", "mknod", "mknodat", "mkdir", "mkdirat", "rmdir", "rename", "renameat", "renameat2", "link", "linkat",
        "symlink", "symlinkat", "unlink", "unlinkat", "truncate", "ftruncate", "fallocate", "chmod", "fchmod",
        "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat", "utime", "utimes", "futimesat", "utimensat",
        "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "memfd_create",
        "memfd_secret", "copy_file_range", "sendfile", "splice", "tee", "vmsplice", "open_by_handle_at",
        "name_to_handle_at", "swapon", "swapoff", "quotactl", "quotactl_fd", "acct",
    ),
    FaultCode.TRIED_NETWORK: (
        "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg",
    ),
    FaultCode.TRIED_PROGRAM: ("execve", "execveat"),
    FaultCode.TRIED_PROCESS: (
        "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_open",
        "pidfd_getfd", "pidfd_send_signal", "kcmp", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
        "migrate_pages", "move_pages", "shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semctl", "semtimedop",
        "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify",
        "mq_getsetattr",
    ),
    FaultCode.TRIED_KERNEL: (
        "bpf", "keyctl", "add_key", "request_key", "mount", "umount2", "pivot_root", "chroot", "move_mount",
        "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns", "io_uring_setup",
        "io_uring_enter", "io_uring_register", "userfaultfd", "perf_event_open", "init_module", "finit_module",
        "delete_module", "kexec_load", "kexec_file_load", "reboot", "syslog", "sethostname", "setdomainname", "iopl",
        "ioperm", "modify_ldt", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "personality",
        "lookup_dcookie", "nfsservctl", "fanotify_init", "fanotify_mark", "vhangup", "lsm_set_self_attr", "setuid",
        "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups",
    ),
}  # fmt: skip
"""Whoever calls one of these is no library that looks around: it wants out. By what the courier is told about it."""

FORKS = ("fork", "vfork")
"""So does who calls one of these, or `clone` for anything but a thread."""

PROBED = (
    "recvfrom", "recvmsg", "recvmmsg", "shutdown", "getsockopt", "setsockopt", "getsockname", "getpeername", "setsid",
    "setpgid", "setpriority", "ioprio_set", "munlock", "munlockall",
)  # fmt: skip
"""Refused as well, but a library may call these in good faith."""

WRITING = 0x1 | 0x2 | 0x40 | 0x200 | 0x400  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND
WRITING_BUT_BOTH = WRITING & ~0x2
"""A camera device is opened for reading and writing: orders go in, pictures come out."""
_OPENS = (("open", 1), ("openat", 2))
"""Which argument of them carries the flags."""

_PR_SET_DUMPABLE, _PR_SET_PTRACER = 4, 0x59616D61
_HARMLESS_PRCTL = {
    "PR_GET_DUMPABLE": 3,
    "PR_SET_NAME": 15,
    "PR_GET_NAME": 16,
    "PR_GET_SECCOMP": 21,
    "PR_SET_SECCOMP": 22,
    "PR_CAPBSET_READ": 23,
    "PR_SET_NO_NEW_PRIVS": 38,
    "PR_GET_NO_NEW_PRIVS": 39,
    "PR_SET_VMA": 0x53564D41,
}
_F_DUPFD_CLOEXEC = 1030
_HARMLESS_FCNTL = {
    "F_DUPFD": 0,
    "F_GETFD": 1,
    "F_SETFD": 2,
    "F_GETFL": 3,
    "F_SETFL": 4,
    "F_DUPFD_CLOEXEC": _F_DUPFD_CLOEXEC,
}
_HARMLESS_IOCTL = {
    "TCGETS": 0x5401,
    "TIOCGWINSZ": 0x5413,
    "FIONREAD": 0x541B,
    "FIONBIO": 0x5421,
    "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451,
}
_VIDEO_IOCTL = Is(1, ord("V") << 8, mask=0xFF00)
"""Any request of Video4Linux (linux/videodev2.h: all carry the letter V)."""
_LIBRARY_IOCTLS = (_VIDEO_IOCTL, *(Is(1, ord(letter) << 8, mask=0xFF00) for letter in "|bH"))
"""What libraries of cameras ask devices besides: media-controller, dma-buf and dma-heap (linux/media.h and so on)."""
_AF_UNIX = 1

_A_NEW_THREAD = Is(0, 0x3D0F00, mask=0xFFFF_FFFF & ~0x400000)
"""Exactly the flags with which C libraries start a thread; musl adds CLONE_DETACHED, which has no meaning any more."""

_PROT_EXEC, _MAP_ANONYMOUS = 0x4, 0x20
_AT_EMPTY_PATH = 0x1000
_SECCOMP_SET_MODE_FILTER = 1


def while_loading(*, device: bool, library: bool = False) -> Filter:
    """For imports, models and the source.

    `device` where the source is a camera that has yet to be opened, `library` where a library does that, which wants
    to wake its own threads and to share memory between them.
    """
    device = device or library
    ioctls = _LIBRARY_IOCTLS if library else (_VIDEO_IOCTL,) if device else ()
    pid = os.getpid()
    forbidden = [Rule(name, REFUSED) for names in (*FORBIDDEN.values(), FORKS) for name in names]
    return Filter(
        (
            *(Rule(name, REFUSED, (HasAny(at, WRITING_BUT_BOTH if device else WRITING),)) for name, at in _OPENS),
            Rule("openat2", UNKNOWN),
            Rule("clone3", UNKNOWN),
            Rule("clone", ALLOW, (_A_NEW_THREAD,)),
            Rule("clone", REFUSED),
            *_only("ioctl", 1, _HARMLESS_IOCTL, NO_TERMINAL, *ioctls),
            *((Rule("socketpair", ALLOW, (Is(0, _AF_UNIX),)), Rule("memfd_create", ALLOW)) if library else ()),
            *_only("fcntl", 1, _HARMLESS_FCNTL, REFUSED),
            *_only("prctl", 0, _HARMLESS_PRCTL, REFUSED),
            *(Rule("prlimit64", ALLOW, (Is(0, whose),)) for whose in (0, pid)),
            Rule("prlimit64", REFUSED),
            Rule("tgkill", ALLOW, (Is(0, pid),)),  # abort() ends the process with it
            Rule("tgkill", REFUSED),
            *forbidden,
            *(Rule(name, REFUSED) for name in PROBED),
        ),
        otherwise=ALLOW,
        stranger=REFUSED,
        newer=UNKNOWN,
    )


def once_open() -> Filter:
    """Where the source is a device: once it is open, nothing more is opened for writing."""
    return Filter(tuple(Rule(name, REFUSED, (HasAny(at, WRITING),)) for name, at in _OPENS), ALLOW, REFUSED)


@dataclass(frozen=True, slots=True)
class Loop:
    """What the loop has to do with."""

    voice: int
    """The descriptor on which signals leave."""
    device: bool = False
    """Whether the source is a camera device."""
    library: bool = False
    """Whether the source is a camera behind a library."""
    pipe: int | None = None
    """The descriptor that pictures are read from, where a relay hands them on."""


def while_looking(loop: Loop) -> Filter:
    """For everything that happens to frames: what is not listed is refused."""
    pid = os.getpid()
    free = (
        # the most frequent first
        "futex", "sched_yield", "clock_gettime", "read", "madvise", "munmap", "brk", "lseek", "close", "mremap",
        "clock_nanosleep", "nanosleep", "gettimeofday", "time", "clock_getres", "readv", "pread64", "fstat",
        "poll", "ppoll", "select", "pselect6", "rt_sigreturn", "rt_sigprocmask", "sigaltstack", "restart_syscall",
        "exit", "exit_group", "getrandom", "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid",
        "sched_getaffinity", "getcpu", "getrlimit", "membarrier",
        # in a thread that begins
        "rseq", "set_robust_list",
    )  # fmt: skip
    # the standard streams lead to nobody, or to a courier that shows them as they come
    voices = (loop.voice, 1, 2)
    return Filter(
        (
            *(Rule(name, ALLOW) for name in free),
            *(Rule(name, ALLOW, (Is(0, voice),)) for name in ("write", "writev") for voice in voices),
            Rule("mmap", ALLOW, (HasNone(2, _PROT_EXEC), HasAny(3, _MAP_ANONYMOUS))),
            Rule("mprotect", ALLOW, (HasNone(2, _PROT_EXEC),)),
            *_of_a_device(loop.device),
            *_of_a_library(loop.library),
            *_of_a_pipe(loop.pipe),
            Rule("newfstatat", ALLOW, (Is(3, _AT_EMPTY_PATH),)),
            Rule("clone", ALLOW, (_A_NEW_THREAD,)),  # decoders start threads with the first frame and at every change
            Rule("clone3", UNKNOWN),
            *_only("fcntl", 1, {"F_GETFD": 1, "F_GETFL": 3}, REFUSED),
            Rule("prlimit64", ALLOW, (Is(0, 0), Exactly(2, NULL))),
            Rule("tgkill", ALLOW, (Is(0, pid),)),
            Rule("seccomp", ALLOW, (Is(0, _SECCOMP_SET_MODE_FILTER),)),  # can only take more away
        ),
        otherwise=REFUSED,
        stranger=REFUSED,
    )


FAMILIES = tuple(FORBIDDEN)
"""By the numbers under which attempts are reported, counted from 1."""


def on_guard() -> Filter:
    """The last, and over the others: who now tries what is forbidden is no longer only refused, but reported.

    Nothing may be tried and found out quietly while there are frames, neither by a model nor by a rule. Who wants to
    start another process is ended by the kernel, and the courier sees of what: while it forks, the C library holds
    locks that whoever reports would wait for.
    """
    pid = os.getpid()
    by_family = {family: report(position) for position, family in enumerate(FAMILIES, start=1)}
    kernel, process = by_family[FaultCode.TRIED_KERNEL], by_family[FaultCode.TRIED_PROCESS]
    return Filter(
        (
            *(Rule(name, by_family[family]) for family, names in FORBIDDEN.items() for name in names),
            *(Rule(name, by_family[FaultCode.TRIED_FILE], (HasAny(at, WRITING),)) for name, at in _OPENS),
            Rule("clone", ALLOW, (_A_NEW_THREAD,)),
            *(Rule(name, KILL) for name in (*FORKS, "clone")),
            Rule("prctl", process, (Is(0, _PR_SET_DUMPABLE),)),
            Rule("prctl", process, (Is(0, _PR_SET_PTRACER),)),
            Rule("tgkill", ALLOW, (Is(0, pid),)),
            Rule("tgkill", process),
            *(Rule("prlimit64", ALLOW, (Is(0, whose),)) for whose in (0, pid)),
            Rule("prlimit64", process),
            Rule("seccomp", REFUSED),
        ),
        otherwise=ALLOW,
        stranger=kernel,
    )


def _of_a_device(device: bool) -> tuple[Rule, ...]:
    """A camera device is spoken to with ioctl, and its pictures lie in memory that it shares."""
    if not device:
        return ()
    return Rule("ioctl", ALLOW, (_VIDEO_IOCTL,)), Rule("mmap", ALLOW, (HasNone(2, _PROT_EXEC),))


def _of_a_library(library: bool) -> tuple[Rule, ...]:
    """It wakes its own threads: by one byte through a pair of sockets, or by the eight of an eventfd."""
    if not library:
        return ()
    return (
        *(Rule("ioctl", ALLOW, (request,)) for request in _LIBRARY_IOCTLS),
        Rule("mmap", ALLOW, (HasNone(2, _PROT_EXEC),)),
        *(Rule("write", ALLOW, (Exactly(2, size),)) for size in (1, 8)),
        *(Rule(name, ALLOW) for name in ("epoll_wait", "epoll_pwait", "epoll_ctl")),
    )


def _of_a_pipe(pipe: int | None) -> tuple[Rule, ...]:
    """FFmpeg reads from a copy of the descriptor that it is given; there is room for one."""
    if pipe is None:
        return ()
    return Rule("dup", ALLOW, (Is(0, pipe),)), Rule("fcntl", ALLOW, (Is(0, pipe), Is(1, _F_DUPFD_CLOEXEC)))


def _only(name: str, argument: int, values: dict[str, int], otherwise: int, *more: Is) -> tuple[Rule, ...]:
    """A call with many purposes: these are allowed."""
    allowed = [Rule(name, ALLOW, (test,)) for test in (*(Is(argument, value) for value in values.values()), *more)]
    return *allowed, Rule(name, otherwise)
