"""Whether any time service keeps this machine's clock right: the kernel knows, whichever it is (see adjtimex(2))."""

import ctypes
from pathlib import Path

_STA_UNSYNC = 0x40
_TOLD_BY_TIMESYNCD = Path("/run/systemd/timesync/synchronized")


class _Timex(ctypes.Structure):
    """struct timex up to what is read of it, and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: only tell
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


_libc = ctypes.CDLL(None)


def is_synced() -> bool:
    """Whether the clock was set by a time service, and not too long ago to still be right.

    Where the kernel may not be asked, as in some containers, what systemd's own service has to say.
    """
    timex = _Timex()
    if _libc.adjtimex(ctypes.byref(timex)) == -1:
        return _TOLD_BY_TIMESYNCD.exists()
    return not timex.status & _STA_UNSYNC
