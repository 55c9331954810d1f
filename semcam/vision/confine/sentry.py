"""On guard while there are frames: who tries what is forbidden is named, and the process ends.

The kernel stops the call and raises SIGSYS in the thread that made it. The handler tells the courier which kind of
call it was, and in which rule; then it ends the process. Code that already owns this process's memory could keep it
from telling, but not the kernel from refusing.
"""

import ctypes
import os
import signal
from collections.abc import Callable, Mapping

from semcam.contract.errors import FaultCode
from semcam.contract.signal import Fault, RuleFault, RuleFaultCode, to_line
from semcam.vision.confine.calls import FAMILIES
from semcam.vision.confine.kernel import last_error, libc

EXIT_FORBIDDEN = 4

_SA_SIGINFO = 4


class _SignalInfo(ctypes.Structure):
    _fields_ = (("signo", ctypes.c_int), ("errno", ctypes.c_int), ("code", ctypes.c_int))


_Handler = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.POINTER(_SignalInfo), ctypes.c_void_p)
_FIRST = _Handler(lambda *_: None)
"""Made while everything is still allowed: with it libffi takes the page of code from which it makes later ones as well.
Where no memory may be writable and executable at once (systemd's MemoryDenyWriteExecute), it needs a memory file."""


class _Action(ctypes.Structure):
    """struct sigaction of the GNU and musl C libraries, the same on x86-64 and AArch64."""

    _fields_ = (
        ("handler", _Handler),
        ("mask", ctypes.c_uint8 * 128),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )


class Sentry:
    """Tells who tried what. To be posted before the filters that report to it."""

    def __init__(self, voice: int, at_work: Callable[[], str | None]) -> None:
        """`voice` is the descriptor on which signals leave, `at_work` tells which rule is being judged, if any."""
        self._voice = voice
        self._at_work = at_work
        self._lines: Mapping[int, bytes] = {
            position: to_line(Fault(code=family)) for position, family in enumerate(FAMILIES, start=1)
        }
        self._handler = _Handler(self._stop)  # kept: the kernel calls it as long as this process lives

    def post(self) -> None:
        """Stand on guard.

        Raises:
            OSError: the kernel refused.
        """
        action = _Action(handler=self._handler, flags=_SA_SIGINFO)
        if libc.sigaction(signal.SIGSYS, ctypes.byref(action), None):
            raise last_error()

    def _stop(self, _signo: int, info: "ctypes._Pointer[_SignalInfo]", _context: int) -> None:
        """Runs inside the call that was refused, in the thread that made it; nothing comes after it."""
        try:
            rule = self._at_work()
            named = to_line(RuleFault(rule=rule, code=RuleFaultCode.FORBIDDEN)) if rule else b""
            # the kernel puts the filter's number where errno stands; see seccomp(2), SECCOMP_RET_TRAP
            family = self._lines.get(info.contents.errno, to_line(Fault(code=FaultCode.TRIED_KERNEL)))
            os.write(self._voice, named + family)
        finally:
            os._exit(EXIT_FORBIDDEN)
