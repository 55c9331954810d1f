"""What a process with pixels may say itself: one pipe, kept apart from whatever is printed in it."""

import os
import sys
from typing import BinaryIO


def private_stdout() -> BinaryIO:
    """Stdout for the caller alone; what anything prints by accident goes to stderr from now on."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out
