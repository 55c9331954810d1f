"""From RTP packets (RFC 3550) to whole NAL units of H.264 (RFC 6184) and H.265 (RFC 7798), from a key picture on."""

from collections.abc import Iterator
from dataclasses import dataclass

from semcam.contract.relay import Codec

MAX_NAL_BYTES = 4 * 1024 * 1024
"""More than a key picture of any camera has; what is longer is dropped."""
START_CODE = b"\x00\x00\x00\x01"

_H264_SLICES, _H264_KEY, _H264_SEI, _RECOVERY_POINT = range(1, 6), 5, 6, 6
_H264_TOGETHER, _H264_PIECE = 24, 28
_H265_SLICES, _H265_KEYS = range(32), range(16, 22)
_H265_TOGETHER, _H265_PIECE = 48, 49


def in_stream(nal: bytes) -> bytes:
    """A NAL unit as it stands in a byte stream (H.264 annex B)."""
    return START_CODE + nal


def is_slice(nal: bytes, codec: Codec) -> bool:
    """Whether it holds a part of a picture; otherwise it says something about pictures."""
    return _kind(nal, codec) in (_H264_SLICES if codec is Codec.H264 else _H265_SLICES)


def begins_anew(nal: bytes, codec: Codec) -> bool:
    """Whether a decoder can begin here without having seen anything before, but parameter sets."""
    kind = _kind(nal, codec)
    if codec is Codec.H265:
        return kind in _H265_KEYS and len(nal) > 2 and bool(nal[2] & 0x80)  # first_slice_segment_in_pic_flag
    if kind == _H264_SEI:
        return nal[1:2] == bytes([_RECOVERY_POINT])  # cameras that refresh the picture bit by bit
    return kind == _H264_KEY and len(nal) > 1 and bool(nal[1] & 0x80)  # first_mb_in_slice is 0


def _kind(nal: bytes, codec: Codec) -> int:
    if not nal:
        return -1
    return nal[0] & 0x1F if codec is Codec.H264 else nal[0] >> 1 & 0x3F


@dataclass(slots=True)
class Units:
    """Puts NAL units together. Where a packet is missing, the decoder has to wait for the next key picture."""

    codec: Codec
    payload_type: int
    _next: int | None = None
    """The sequence number that should come now."""
    _piece: bytearray | None = None
    _lost: bool = True
    """Whether pictures are held back."""

    def lose(self) -> None:
        """Something that came before did not reach the decoder."""
        self._lost, self._piece = True, None

    def take(self, packet: bytes) -> Iterator[bytes]:
        """The NAL units that a packet completes and a decoder can use. Anything may stand in a packet."""
        payload = self._payload(packet)
        if payload is None:
            return
        for nal in self._units(payload):
            if self._lost and begins_anew(nal, self.codec):
                self._lost = False
            if nal and not (self._lost and is_slice(nal, self.codec)):
                yield nal

    def _payload(self, packet: bytes) -> bytes | None:
        if len(packet) < 12 or packet[0] >> 6 != 2 or packet[1] & 0x7F != self.payload_type:
            return None
        number = int.from_bytes(packet[2:4])
        if self._next is not None and number != self._next:
            self.lose()
        self._next = (number + 1) & 0xFFFF
        begin, end = 12 + 4 * (packet[0] & 0x0F), len(packet)
        if packet[0] & 0x10:  # an extension, with its length in words
            begin += 4 + 4 * int.from_bytes(packet[begin + 2 : begin + 4])
        if packet[0] & 0x20:  # padding, whose last byte says how long it is
            end -= packet[-1]
        return packet[begin:end] if begin < end else None

    def _units(self, payload: bytes) -> Iterator[bytes]:
        kind, head = _kind(payload, self.codec), 1 if self.codec is Codec.H264 else 2
        if kind == (_H264_TOGETHER if self.codec is Codec.H264 else _H265_TOGETHER):
            yield from _apart(payload[head:])
        elif kind == (_H264_PIECE if self.codec is Codec.H264 else _H265_PIECE):
            yield from self._pieced(payload, head)
        elif kind < _H264_TOGETHER or (self.codec is Codec.H265 and kind < _H265_TOGETHER):
            yield payload

    def _pieced(self, payload: bytes, head: int) -> Iterator[bytes]:
        """One piece of a NAL unit that was too long for a packet: head, a byte that says which piece, the piece."""
        if len(payload) <= head:
            return
        mark = payload[head]
        is_first, is_last = mark & 0x80, mark & 0x40
        if is_first:
            if self.codec is Codec.H264:
                self._piece = bytearray([payload[0] & 0xE0 | mark & 0x1F])
            else:
                self._piece = bytearray([payload[0] & 0x81 | (mark & 0x3F) << 1, payload[1]])
        if self._piece is None or len(self._piece) + len(payload) > MAX_NAL_BYTES:
            self.lose()  # its beginning is missing
            return
        self._piece += payload[head + 1 :]
        if is_last:
            whole, self._piece = bytes(self._piece), None
            yield whole


def _apart(payload: bytes) -> Iterator[bytes]:
    """Several NAL units in one packet, each behind its length."""
    while len(payload) > 2:
        size = int.from_bytes(payload[:2])
        if not 0 < size <= len(payload) - 2:
            return
        yield payload[2 : 2 + size]
        payload = payload[2 + size :]
