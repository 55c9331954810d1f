"""A network of its own for this process, with nothing in it: even the loopback device is down."""

import ctypes
import errno
import os

from semcam.vision.confine.kernel import ask, libc

_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_AF_INET, _AF_INET6, _SOCK_DGRAM = 2, 10, 2
_PORT_9 = b"\x00\x09"

_ELSEWHERE = (
    (_AF_INET, _PORT_9 + bytes((127, 0, 0, 1)) + bytes(8)),
    (_AF_INET, _PORT_9 + bytes((192, 0, 2, 1)) + bytes(8)),  # for documentation, RFC 5737
    (_AF_INET6, _PORT_9 + bytes(4) + bytes(15) + b"\x01" + bytes(4)),
    (_AF_INET6, _PORT_9 + bytes(4) + b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01" + bytes(4)),  # the same, RFC 3849
)
"""This machine and another one, in both families: family and the rest of struct sockaddr."""


def leave_network() -> None:
    """Move into a network of one's own. Who is not root first becomes the owner of its own small world of users.

    Raises:
        OSError: the kernel has no namespaces, this user must not make any, or there are other threads, which would
            stay behind.
    """
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 -- only their number counts
        raise OSError(errno.EBUSY, "there are other threads already")
    try:
        ask("unshare", _CLONE_NEWNET)
    except PermissionError:
        ask("unshare", _CLONE_NEWUSER | _CLONE_NEWNET)


def is_empty() -> bool:
    """Whether nobody can be reached. Nothing is sent: a datagram socket only looks for a way."""
    return not any(_has_a_way(family, rest) for family, rest in _ELSEWHERE)


def _has_a_way(family: int, rest: bytes) -> bool:
    fd = libc.socket(family, _SOCK_DGRAM, 0)
    if fd < 0:
        return False
    address = family.to_bytes(2, "little") + rest
    try:
        return bool(libc.connect(fd, ctypes.c_char_p(address), len(address)) == 0)
    finally:
        os.close(fd)
