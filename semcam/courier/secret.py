"""Passwords stand in files of their own, or are handed over by systemd; never in the configuration."""

import os
from pathlib import Path


def read_secret(name: str) -> str:
    """What a file holds, or a systemd credential of that name, without the line's end.

    Raises:
        ValueError: it cannot be read; which file and why.
    """
    # systemd hands secrets over in a folder that only the service can read
    handed_over = Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nonexistent")) / name
    path = handed_over if handed_over.is_file() else Path(name)
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ValueError(f"{path} cannot be read ({reason}); correct its name or rights") from None
