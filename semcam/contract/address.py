"""Where a network camera is. Standard library only: the relay, which dials it, loads nothing else."""

from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
"""The kinds of network cameras, and the port where none is written."""


@dataclass(frozen=True, slots=True)
class Address:
    """`rtsp://camera.local:554/stream`, in parts."""

    scheme: str
    host: str
    port: int
    path: str
    """With a query where there is one; `/` at least."""

    @property
    def is_secure(self) -> bool:
        """Whether TLS is spoken there."""
        return self.scheme in ("rtsps", "https")

    @property
    def is_rtsp(self) -> bool:
        """Whether RTSP is spoken there; HTTP otherwise."""
        return self.scheme.startswith("rtsp")

    @property
    def where(self) -> str:
        """As logs may have it: without the path, in which some cameras want a password."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host and port, the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole of it."""
        return self.where + self.path


def is_network(source: str) -> bool:
    """Whether a camera's source is reached over a network."""
    scheme, mark, _ = source.partition("://")
    return bool(mark) and scheme.lower() in PORTS


def read_address(source: str) -> Address:
    """A network camera's source in parts.

    Raises:
        ValueError: it is no such address, or has credentials in it, which the message does not repeat.
    """
    # what stands in a request line must not be able to end it
    if any(not "!" <= letter <= "~" for letter in source):
        raise ValueError("has a space or a letter that addresses cannot have; write it with %, such as %20")
    try:
        parts = urlsplit(source)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is not an address; write it like rtsp://camera.local:554/stream") from None
    if "@" in parts.netloc:
        raise ValueError(
            "has a user or password in it, which would show in many places; "
            "write source_user: and source_password_file: instead"
        )
    if parts.scheme not in PORTS or not host or port == 0:
        raise ValueError("is not an address; write it like rtsp://camera.local:554/stream")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, host, port or PORTS[parts.scheme], path)


def without_secrets(source: str) -> str:
    """A source as logs and terminals may have it. Of what only looks like an address, nothing but its kind is left."""
    scheme, mark, _ = source.partition("://")
    if not mark:
        return source
    try:
        return read_address(source).where
    except ValueError:
        return f"{scheme}://…"
