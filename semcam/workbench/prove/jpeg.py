"""A small encoder of grey JPEG files (ITU-T T.81, baseline): the package names no encoder of pictures, and a planted
leak needs one.

Its Huffman codes are the plainest that there can be: each symbol stands for itself.
"""

import struct

import numpy as np

from semcam.workbench.prove.watermark import Grey

_STEP = 6
"""Every coefficient is rounded to multiples of this: about the quality 85 of other encoders."""

_ZIGZAG = sorted(range(64), key=lambda at: (at // 8 + at % 8, at // 8 if (at // 8 + at % 8) % 2 else at % 8))
_COSINES = np.array(
    [[np.cos((2 * x + 1) * u * np.pi / 16) * (np.sqrt(1 / 8) if u == 0 else 0.5) for x in range(8)] for u in range(8)]
)


def encode(picture: Grey) -> bytes:
    """A JPEG file of a grey picture (H, W); what exceeds whole blocks of 8 × 8 is cut off."""
    height, width = (size // 8 * 8 for size in picture.shape)
    blocks = picture[:height, :width].astype(np.float64).reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2) - 128
    levels = np.rint(_COSINES @ blocks @ _COSINES.T / _STEP).astype(int).reshape(-1, 64)[:, _ZIGZAG]
    # codes of five bits for the sizes of means, of eight for the rest; the code of ones alone is not allowed
    means, rest = (0, 0, 0, 0, 16, *[0] * 11), (*[0] * 7, 255, *[0] * 8)
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xDB, bytes([0, *[_STEP] * 64])),
            _segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + bytes([1, 0x11, 0])),
            _segment(0xC4, bytes([0x00, *means, *range(16)])),
            _segment(0xC4, bytes([0x10, *rest, *range(255)])),
            _segment(0xDA, bytes([1, 1, 0x00, 0, 63, 0])),
            _scan(levels),
            b"\xff\xd9",
        )
    )


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _scan(levels: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]") -> bytes:
    bits: list[str] = []
    before = 0
    for block in levels.tolist():
        bits.append(_coded(block[0] - before, 5, 0))
        before, run = block[0], 0
        for level in block[1:]:
            if level == 0:
                run += 1
                continue
            bits.extend([f"{0xF0:08b}"] * (run // 16))
            bits.append(_coded(level, 8, run % 16))
            run = 0
        if run:
            bits.append(f"{0:08b}")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")


def _coded(level: int, width: int, run: int) -> str:
    """A run of zeros, how many bits the level has, and these; of negative ones the complement."""
    size = abs(level).bit_length()
    symbol = f"{run << 4 | size:0{width}b}"
    return symbol + (f"{level if level > 0 else level + (1 << size) - 1:0{size}b}" if size else "")
