"""What may be told about an error that nobody foresaw: where in the code it was, and of what kind."""

import sys
import traceback
from contextlib import suppress


def print_places(error: Exception) -> None:
    """To stderr, as places in the code. The error's message could hold anything, pixels included."""
    # not extract_tb, which goes and reads the lines themselves
    places = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    lines = [f"{code.co_filename}:{line} {code.co_name}" for code, line in places]
    with suppress(OSError):
        sys.stderr.write("\n".join([*lines, type(error).__name__, ""]))
        sys.stderr.flush()
