"""What a relay may say of its camera, and what it hands on. Standard library only."""

from enum import StrEnum


class Codec(StrEnum):
    """How pictures are packed that a relay hands on. The letter goes ahead of the first of them."""

    H264 = "4"
    H265 = "5"
    JPEG = "j"


class RelayCode(StrEnum):
    """How it goes with a network camera: all that its relay says, one word a line."""

    PLAYING = "playing"  # followed by the codec's letter
    NAME_UNKNOWN = "name_unknown"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    LOGIN_NEEDED = "login_needed"
    LOGIN_WRONG = "login_wrong"
    NOT_FOUND = "not_found"
    BUSY = "busy"
    TRANSPORT = "transport"  # not over the connection that there is
    CODEC = "codec"  # nothing that can be decoded
    CODEC_CHANGED = "codec_changed"  # another one than the vision process was told of
    GARBLED = "garbled"
    STALLED = "stalled"
    CLOSED = "closed"
    RESET = "reset"
    UNCONFINED = "unconfined"
    INTERNAL = "internal"


class Trouble(Exception):
    """Why a relay has to end; only the code is ever told."""

    def __init__(self, code: RelayCode) -> None:
        self.code = code
        super().__init__(code.value)


MAX_WORD_BYTES = 32
"""The longest line of a relay, newline included."""


def to_word(code: RelayCode, codec: Codec | None = None) -> bytes:
    """A relay's line."""
    return (f"{code} {codec}" if codec else code).encode("ascii") + b"\n"


def from_word(line: bytes) -> tuple[RelayCode, Codec | None]:
    """The same, read back.

    Raises:
        ValueError: no relay says that. What it was is not repeated.
    """
    try:
        code, _, codec = line.decode("ascii").rstrip("\n").partition(" ")
        word = RelayCode(code), Codec(codec) if codec else None
    except ValueError:
        raise ValueError("a relay said what no relay says") from None
    if to_word(*word) != line or (word[1] is None) == (word[0] is RelayCode.PLAYING):
        raise ValueError("a relay said what no relay says")
    return word
