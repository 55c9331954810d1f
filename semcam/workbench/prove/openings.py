"""Which files a process opens for writing, on all file systems of this machine, as the kernel tells root.

By fanotify (man 7 fanotify), whose events name the process.
"""

import errno
import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from semcam.vision.confine.kernel import call

_CLOEXEC, _NONBLOCK, _UNLIMITED = 0x1, 0x2, 0x10
_ADD, _FILESYSTEM, _MOUNT = 0x1, 0x100, 0x10
_MODIFY, _CLOSE_WRITE = 0x2, 0x8
_AT_FDCWD = -100
_EVENT = struct.Struct("<IBBHQii")
_READ_ONLY_ELSEWHERE = {"proc", "sysfs", "cgroup", "cgroup2", "devpts", "securityfs", "debugfs", "tracefs", "bpf"}
"""The kernel's own: nothing can be kept there."""


class Openings:
    """Collects what is written, by whom; ask now and then, for the kernel keeps events in memory."""

    def __init__(self) -> None:
        """Begin.

        Raises:
            OSError: only root may, or the kernel cannot.
        """
        self._fd = call("fanotify_init", _CLOEXEC | _NONBLOCK | _UNLIMITED, os.O_RDONLY | os.O_CLOEXEC | os.O_LARGEFILE)
        self._written: dict[int, set[str]] = {}
        marked = [place for place in _places() if self._mark(place)]
        if not marked:
            os.close(self._fd)
            raise OSError(errno.ENOTSUP, "no file system can be watched")
        self.file_systems = len(marked)

    def _mark(self, place: bytes) -> bool:
        for whole in (_FILESYSTEM, _MOUNT):
            with suppress(OSError):
                call("fanotify_mark", self._fd, _ADD | whole, _MODIFY | _CLOSE_WRITE, _AT_FDCWD, place)
                return True
        return False

    def collect(self) -> None:
        """Take what the kernel has noted."""
        while True:
            try:
                content = os.read(self._fd, 1 << 16)
            except BlockingIOError:
                return
            at = 0
            while at < len(content):
                size, _, _, _, _, fd, pid = _EVENT.unpack_from(content, at)
                at += size
                if fd >= 0:
                    with suppress(OSError):
                        self._written.setdefault(pid, set()).add(str(Path(f"/proc/self/fd/{fd}").readlink()))
                    os.close(fd)

    def by(self, pid: int) -> list[str]:
        """The files that this process has opened for writing so far."""
        self.collect()
        return sorted(self._written.get(pid, ()))

    def close(self) -> None:
        """End."""
        os.close(self._fd)


def _places() -> Iterator[bytes]:
    """Where file systems are mounted (man 5 proc_pid_mountinfo)."""
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        before, _, behind = line.partition(b" - ")
        if behind.split()[0].decode() not in _READ_ONLY_ELSEWHERE:
            yield re.sub(rb"\\([0-7]{3})", lambda digits: bytes([int(digits[1], 8)]), before.split()[4])
