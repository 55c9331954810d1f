"""Whether semcam runs here already: then its cameras are taken, and its own word on them is asked for."""

import fcntl
import struct
from collections.abc import Iterable
from pathlib import Path

_LOCKS_AT, _LOCKS = 0x4000_0000, 512
"""The bytes that SQLite locks, in every database (see "The SQLite Database File Format", 1.4)."""
_FLOCK = struct.Struct("hhqqi4x")
"""struct flock on 64-bit Linux: type, whence, start, length, process."""


def running_on(outboxes: Iterable[Path]) -> int | None:
    """The process that has one of these outboxes open; None where nobody has, 0 where it cannot be told who.

    Looks at locks and takes none: the one who holds them does not notice.
    """
    for outbox in outboxes:
        try:
            with outbox.open("rb") as file:
                question = _FLOCK.pack(fcntl.F_WRLCK, 0, _LOCKS_AT, _LOCKS, 0)
                answer = fcntl.fcntl(file, fcntl.F_GETLK, question)
        except OSError:  # there is none, or it is not ours to see
            continue
        kind, _, _, _, process = _FLOCK.unpack(answer)
        if kind != fcntl.F_UNLCK:
            return max(int(process), 0)
    return None
