"""What a camera says of its streams: SDP (RFC 8866), with parameters of H.264 (RFC 6184) and H.265 (RFC 7798)."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field

from semcam.contract.relay import Codec, RelayCode, Trouble

MAX_SDP_BYTES = 64 * 1024
_CODECS = {"H264": Codec.H264, "H265": Codec.H265, "HEVC": Codec.H265}
_PARAMETER_SETS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")
"""In the order in which a decoder wants them."""
MAX_PARAMETER_SET_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Track:
    """The one stream that is asked for."""

    control: str
    """Its own address, often relative."""
    codec: Codec
    payload_type: int
    parameter_sets: tuple[bytes, ...]
    """NAL units that may stand here and nowhere in the stream."""


@dataclass(slots=True)
class _Media:
    kind: str
    formats: list[str] = field(default_factory=list)
    control: str = ""
    codecs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)


def read_sdp(body: bytes) -> Track:
    """The first video stream that we can do something with.

    Raises:
        Trouble: there is none (CODEC).
    """
    for media in _media(body[:MAX_SDP_BYTES].decode("utf-8", "replace")):
        for number in media.formats if media.kind == "video" else ():
            codec = _CODECS.get(media.codecs.get(number, ""))
            if codec:
                sets = tuple(_parameter_sets(media.parameters.get(number, "")))
                return Track(media.control, codec, int(number), sets)
    raise Trouble(RelayCode.CODEC)


def _media(text: str) -> Iterator[_Media]:
    media: _Media | None = None
    for line in text.splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            if media:
                yield media
            name, *rest = value.split() or [""]
            # port and protocol come before the formats
            media = _Media(name, [each for each in rest[2:] if each.isascii() and each.isdigit() and len(each) <= 3])
        elif kind == "a" and media:
            _attribute(media, value)
    if media:
        yield media


def _attribute(media: _Media, text: str) -> None:
    name, _, value = text.partition(":")
    match name:
        case "control":
            media.control = value.strip()
        case "rtpmap":
            number, _, codec = value.strip().partition(" ")
            media.codecs[number] = codec.strip().partition("/")[0].upper()
        case "fmtp":
            number, _, parameters = value.strip().partition(" ")
            media.parameters[number] = parameters


def _parameter_sets(text: str) -> Iterator[bytes]:
    given = {
        name.strip().lower(): value.strip() for name, _, value in (part.partition("=") for part in text.split(";"))
    }
    for name in _PARAMETER_SETS:
        for each in given.get(name, "").split(","):
            try:
                decoded = base64.b64decode(each, validate=True)
            except (binascii.Error, ValueError):
                continue  # the stream itself has them in most cases
            if 0 < len(decoded) <= MAX_PARAMETER_SET_BYTES:
                yield decoded
