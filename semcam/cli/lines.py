"""Lines that are out at once."""

import os
import sys

from semcam.courier.journal import WARNING, is_journal, marked


def print_line(text: str) -> None:
    """A result, at once: somebody may be reading along."""
    print(text, flush=True)


def print_error(text: str) -> None:
    """A trouble; the journal is told how bad it is."""
    print(marked(text, WARNING) if is_journal(os.environ) else text, file=sys.stderr, flush=True)
