"""Ways out by sockets, of any family."""

import ctypes
import errno
import itertools
import os

from semcam.contract.errors import FaultCode
from semcam.vision.confine.attacks.attack import MESSAGE, NAME, Target, attack
from semcam.vision.confine.kernel import call

_INET, _INET6, _UNIX, _NETLINK, _PACKET, _ALG, _VSOCK = 2, 10, 1, 16, 17, 38, 40
_STREAM, _DATAGRAM, _RAW, _SEQUENCED = 1, 2, 3, 5
_LOOPBACK = b"\x02\x00\x00\x09" + bytes((127, 0, 0, 1)) + bytes(8)  # AF_INET, port 9


def _socket(family: int, kind: int) -> None:
    os.close(call("socket", family, kind, 0))


@attack(FaultCode.TRIED_NETWORK, quick=True)
def internet_stream(_: Target) -> None:
    """Make a TCP socket."""
    _socket(_INET, _STREAM)


@attack(FaultCode.TRIED_NETWORK)
def internet_datagram(_: Target) -> None:
    """Make a UDP socket."""
    _socket(_INET, _DATAGRAM)


@attack(FaultCode.TRIED_NETWORK)
def internet_6_stream(_: Target) -> None:
    """Make a TCP socket of IPv6."""
    _socket(_INET6, _STREAM)


@attack(FaultCode.TRIED_NETWORK)
def internet_raw(_: Target) -> None:
    """Make a raw ICMP socket."""
    os.close(call("socket", _INET, _RAW, 1))  # ICMP


@attack(FaultCode.TRIED_NETWORK, quick=True)
def local_stream(_: Target) -> None:
    """Make a Unix stream socket."""
    _socket(_UNIX, _STREAM)


@attack(FaultCode.TRIED_NETWORK)
def local_datagram(_: Target) -> None:
    """Make a Unix datagram socket."""
    _socket(_UNIX, _DATAGRAM)


@attack(FaultCode.TRIED_NETWORK)
def kernel_socket(_: Target) -> None:
    """Make a netlink socket."""
    _socket(_NETLINK, _RAW)


@attack(FaultCode.TRIED_NETWORK)
def packet_socket(_: Target) -> None:
    """Make a packet socket."""
    _socket(_PACKET, _RAW)


@attack(FaultCode.TRIED_NETWORK)
def cipher_socket(_: Target) -> None:
    """Make a socket to the kernel's ciphers."""
    _socket(_ALG, _SEQUENCED)


@attack(FaultCode.TRIED_NETWORK)
def machine_socket(_: Target) -> None:
    """Make a socket to the host of a virtual machine, which no network namespace keeps away."""
    _socket(_VSOCK, _STREAM)


@attack(FaultCode.TRIED_NETWORK)
def any_socket(_: Target) -> None:
    """Make a socket of any family there is or may come."""
    refusal = OSError(errno.EPERM, "no family")
    for family, kind in itertools.product(range(64), (_STREAM, _DATAGRAM, _RAW, _SEQUENCED)):
        try:
            return _socket(family, kind)
        except OSError as error:
            refusal = error
    raise refusal


@attack(FaultCode.TRIED_NETWORK)
def pair_of_sockets(_: Target) -> None:
    """Make a pair of sockets."""
    pair = (ctypes.c_int * 2)()
    call("socketpair", _UNIX, _STREAM, 0, ctypes.byref(pair))
    os.close(pair[0])
    os.close(pair[1])


@attack(FaultCode.TRIED_NETWORK)
def send_to_this_machine(_: Target) -> None:
    """Send a datagram to this machine."""
    fd = call("socket", _INET, _DATAGRAM, 0)
    try:
        call("sendto", fd, MESSAGE, len(MESSAGE), 0, _LOOPBACK, len(_LOOPBACK))
    finally:
        os.close(fd)


@attack(FaultCode.TRIED_NETWORK)
def connect_to_this_machine(_: Target) -> None:
    """Connect to this machine."""
    fd = call("socket", _INET, _DATAGRAM, 0)
    try:
        call("connect", fd, _LOOPBACK, len(_LOOPBACK))
    finally:
        os.close(fd)


@attack(FaultCode.TRIED_NETWORK)
def wait_to_be_called(_: Target) -> None:
    """Wait to be called under an abstract name, which is in no folder."""
    name = b"\x01\x00\x00" + f"{NAME}-{os.getpid()}".encode()
    fd = call("socket", _UNIX, _STREAM, 0)
    try:
        call("bind", fd, name, len(name))
        call("listen", fd, 1)
    finally:
        os.close(fd)


@attack(FaultCode.TRIED_NETWORK)
def hand_over_a_descriptor(_: Target) -> None:
    """Hand an open descriptor over a socket."""
    pair = (ctypes.c_int * 2)()
    call("socketpair", _UNIX, _DATAGRAM, 0, ctypes.byref(pair))
    letter = ctypes.create_string_buffer(MESSAGE)
    parts = (ctypes.c_uint64 * 2)(ctypes.addressof(letter), len(MESSAGE))
    # struct cmsghdr: length, level SOL_SOCKET, type SCM_RIGHTS; then the descriptor
    rights = (ctypes.c_uint64 * 3)(20, 1 | 1 << 32, 2)
    header = (ctypes.c_uint64 * 7)(0, 0, ctypes.addressof(parts), 1, ctypes.addressof(rights), 24, 0)
    try:
        call("sendmsg", pair[0], ctypes.byref(header), 0)
    finally:
        os.close(pair[0])
        os.close(pair[1])
