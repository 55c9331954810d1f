"""The pipe to the vision process. What that does not take in time is dropped here, never kept."""

import os
import threading
import time
from collections import deque

MOST_BYTES = 4 * 1024 * 1024
MOST_AGE_S = 2.0
"""Pictures that are older would make every event late."""


class Outlet:
    """A queue of what goes out, and the thread that writes it."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._is_broken = False
        threading.Thread(target=self._write_all, name="outlet", daemon=True).start()

    @property
    def is_broken(self) -> bool:
        """Whether nobody reads there any more."""
        return self._is_broken

    def put(self, some: bytes) -> bool:
        """Send this as soon as can be; False if it came too fast for the reader, and nothing of what waited is sent."""
        now_s = time.monotonic()
        with self._changed:
            is_late = bool(self._waiting) and now_s - self._waiting[0][0] > MOST_AGE_S
            if is_late or self._size + len(some) > MOST_BYTES:
                self._waiting.clear()
                self._size = 0
                return False
            self._waiting.append((now_s, some))
            self._size += len(some)
            self._changed.notify()
        return True

    def _write_all(self) -> None:
        try:
            while True:
                with self._changed:
                    while not self._waiting:
                        self._changed.wait()
                    _, some = self._waiting.popleft()
                    self._size -= len(some)
                rest = memoryview(some)
                while rest:
                    rest = rest[os.write(self._pipe, rest) :]
        except OSError:
            self._is_broken = True
