"""Landlock: no file but those that have to be read, and those only to read (Documentation/userspace-api/landlock.rst).

It also keeps the process from reaching out to others by signals or abstract sockets where the kernel is new enough.
It holds for the thread that asks for it and those that it starts: so before there are any others.
"""

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from semcam.vision.confine.kernel import raw_call

_READ_FILE, _WRITE_FILE, _READ_DIR, _IOCTL_DEV = 1 << 2, 1 << 1, 1 << 3, 1 << 15
_FILES_BY_VERSION = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14), (5, _IOCTL_DEV))
"""Since which version of Landlock which rights on files can be taken."""
_TCP = 1 | 2  # to bind, to connect
_SCOPES = 1 | 2  # abstract sockets, signals

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Their numbers are the same on every kind of processor."""
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Which version of Landlock the kernel has.

    Raises:
        OSError: it has none, or it is switched off.
    """
    return raw_call(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)


def restrict(readable: Iterable[Path], devices: Iterable[Path]) -> None:
    """From now on only what is or lies under `readable` can be opened, and only to read, but for the camera's devices.

    Paths that do not exist are left out.

    Raises:
        OSError: the kernel has no Landlock, or refused.
    """
    its_version = version()
    files = sum(rights for since, rights in _FILES_BY_VERSION if its_version >= since)
    ruleset = _Ruleset(files, _TCP if its_version >= 4 else 0, _SCOPES if its_version >= 6 else 0)
    size = 24 if its_version >= 6 else 16 if its_version >= 4 else 8
    fd = raw_call(_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    try:
        for path in readable:
            _allow(fd, path, (_READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE) & files)
        for device in devices:
            _allow(fd, device, (_READ_FILE | _WRITE_FILE | _IOCTL_DEV) & files)
        raw_call(_RESTRICT_SELF, fd, 0)
    finally:
        os.close(fd)


def holds() -> bool:
    """Whether the folder of all folders can no longer be opened."""
    try:
        os.close(os.open("/", os.O_RDONLY | os.O_DIRECTORY))
    except PermissionError:
        return True
    return False


def _allow(ruleset: int, path: Path, rights: int) -> None:
    with suppress(FileNotFoundError, PermissionError, NotADirectoryError):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = _PathBeneath(rights, parent)
            raw_call(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
        finally:
            os.close(parent)
