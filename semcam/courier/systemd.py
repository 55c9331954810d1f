"""What systemd is told of this service: that it is ready, how it fares, and that it is alive (see sd_notify(3))."""

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress

MOST_STATUS_CHARACTERS = 200


class Systemd:
    """The line to systemd, or to nobody where the service was started in another way."""

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        """`address` is a socket's path, or a name in the kernel behind @; `watchdog_s` how long systemd is patient."""
        self._socket: socket.socket | None = None
        self._every_s = watchdog_s / 4 if watchdog_s else None
        self._due_s = 0.0
        self._is_ready = False
        self._status = ""
        if address:
            with suppress(OSError):  # it is gone: then there is nobody to tell
                self._socket = _connected("\0" + address[1:] if address.startswith("@") else address)

    @classmethod
    def of(cls, environment: MutableMapping[str, str]) -> "Systemd":
        """As systemd tells a service by its environment; taken out of it, so that no child speaks in its name."""
        address = environment.pop("NOTIFY_SOCKET", None)
        patience, whose = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
        is_ours = not whose or whose == str(os.getpid())
        return cls(address, int(patience) / 1e6 if patience.isdecimal() and int(patience) and is_ours else None)

    def ready(self) -> None:
        """The service has started; said once."""
        if not self._is_ready:
            self._is_ready = True
            self._tell("READY=1")

    def status(self, text: str) -> None:
        """How it fares, as `systemctl status` shows it; said when it changes."""
        line = " ".join(text.split())[:MOST_STATUS_CHARACTERS]
        if line != self._status:
            self._status = line
            self._tell(f"STATUS={line}")

    def alive(self, now_s: float) -> None:
        """Everything is as it should be, or known not to be. Call it often; without it systemd starts us anew."""
        if self._every_s is not None and now_s >= self._due_s:
            self._due_s = now_s + self._every_s
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The service ends in order."""
        self._tell("STOPPING=1")
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, words: str) -> None:
        if self._socket is not None:
            with suppress(OSError):  # what systemd misses now it hears next time
                self._socket.send(words.encode())


def _connected(address: str) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        line.setblocking(False)  # whoever does not listen must not keep cameras from being watched
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line
