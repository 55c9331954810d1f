"""Limits of the process itself: no core file, no byte to any file, no privileges, not readable by others, no swap."""

import ctypes
import itertools
import os
import resource
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from semcam.vision.confine.kernel import ask, libc

PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 38, 39
MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4

READ_ANYTHING = 1 << 2  # CAP_DAC_READ_SEARCH
"""Root's right to read what is not its own. Threads that libraries start while it is there keep it for good, and nobody
can take it from them; so it is kept only where something has to be read that is not root's."""
LOCK_MEMORY = 1 << 14  # CAP_IPC_LOCK
"""Needed for good where the limit on locked memory cannot be lifted."""
_CAPABILITY_VERSION = 0x2008_0522

_NOTHING = (0, 0)


def gain_nothing() -> None:
    """No program that this process starts could have more rights than it has itself.

    Raises:
        OSError: the kernel refused.
    """
    ask("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def set_limits() -> None:
    """No core file; not a single byte to a regular file; nobody of the same user may read this process's memory.

    Raises:
        OSError: the kernel refused.
    """
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # who writes all the same gets an error and is not ended
    resource.setrlimit(resource.RLIMIT_CORE, _NOTHING)
    resource.setrlimit(resource.RLIMIT_FSIZE, _NOTHING)
    # a core handler that reads from a pipe is started whatever the limit says, but not for who is not dumpable
    ask("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)


def drop_capabilities(kept: int) -> None:
    """Give up root's rights but `kept`, in this thread and all that it starts.

    Raises:
        OSError: the kernel refused.
    """
    kept &= capabilities()
    _set_capabilities(kept, kept)


def must_read_anything(paths: Iterable[Path]) -> bool:
    """Whether one of these can be read only with that right; what does not exist or is no file or folder is left out.

    Raises:
        OSError: the kernel refused.
    """
    held = capabilities()
    if not held & READ_ANYTHING:
        return False
    _set_capabilities(0, held)
    try:
        return any(_is_closed(path) for path in paths if path.is_file() or path.is_dir())
    except PermissionError:  # a folder on the way to it
        return True
    finally:
        _set_capabilities(held, held)


def _is_closed(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except PermissionError:
        return True
    return False


def _set_capabilities(effective: int, permitted: int) -> None:
    low = 0xFFFF_FFFF
    parts = (effective & low, permitted & low, 0, effective >> 32, permitted >> 32, 0)
    ask("capset", (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)(*parts))


def capabilities() -> int:
    """What this thread may do, effective and permitted, as bits."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    data = (ctypes.c_uint32 * 6)()
    ask("capget", header, data)
    return data[0] | data[1] | (data[3] | data[4]) << 32


def close_the_list() -> None:
    """No further descriptor can be opened: the limit is the lowest number that is free."""
    lowest = next(fd for fd in itertools.count() if not _is_open(fd))
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, lowest))


def limits_hold(kept: int, *, running: bool) -> bool:
    """Whether all of it holds, as the kernel tells it; `running` once the loop is about to begin."""
    return (
        resource.getrlimit(resource.RLIMIT_CORE) == _NOTHING
        and resource.getrlimit(resource.RLIMIT_FSIZE) == _NOTHING
        and ask("prctl", PR_GET_DUMPABLE, 0, 0, 0, 0) == 0
        and ask("prctl", PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1
        and capabilities() & ~kept == 0
        and (not running or not _can_open())
    )


def lock_memory() -> int:
    """Keep what this process touches out of swap, now and in future, without filling memory in advance.

    The limit has to be lifted altogether: it counts addresses, not pages, and where it is reached nothing can be
    allocated. Returns the capabilities that have to be kept for it.

    Raises:
        OSError: this user may not, or the kernel refused.
    """
    needed = 0
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except ValueError:  # what the resource module makes of "not permitted"
        needed = capabilities() & LOCK_MEMORY
        if not needed:
            raise PermissionError("the limit on locked memory cannot be lifted") from None
    ask("mlockall", MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)
    return needed


def _is_open(fd: int) -> bool:
    return bool(libc.fcntl(fd, 1) != -1)  # F_GETFD


def _can_open() -> bool:
    with suppress(OSError):
        os.close(os.dup(1))
        return True
    return False
