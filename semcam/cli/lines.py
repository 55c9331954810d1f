"""Lines that are out at once."""

import sys

from semcam.courier.journal import WARNING, for_stderr


def print_line(text: str) -> None:
    """A result, at once: somebody may be reading along."""
    print(text, flush=True)


def print_error(text: str) -> None:
    """A trouble, of which more may be to say."""
    print(for_stderr(text, WARNING), file=sys.stderr, flush=True)
