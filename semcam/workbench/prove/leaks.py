"""The positive controls: a process that nothing holds takes a frame of the marked clip and lets it out in every way.

    python -m semcam.workbench.prove.leaks < job.json

If the search does not find all of these, it proves nothing when it finds none elsewhere.
"""

import base64
import gzip
import os
import resource
import signal
import socket
import sqlite3
import struct
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from semcam.contract.base import Frozen
from semcam.contract.config import Job
from semcam.vision.capture.frame import Pixels
from semcam.workbench.prove.jpeg import encode
from semcam.workbench.prove.watermark import FIRST, SPACING

WANTED = "SEMCAM_PROVE_LEAKS"
PIECE = slice(100, 140)
"""Of a line, where only little goes out."""


class Ways(Frozen):
    """Where this process may let something out."""

    temporary: Path
    home: Path
    work: Path
    shared: Path
    """A file in memory that is shared by all programs."""
    port: int
    """Of a broker on this machine."""


Plant = Callable[[Pixels, Ways], None]


@dataclass(frozen=True, slots=True)
class Planted:
    """One leak: what it is in words, how it is planted, and what the search should say of it."""

    name: str
    plant: Plant
    output: str
    """Part of the name of the output that it is in."""
    form: str
    """Part of the form in which it is found."""


PLANTED: list[Planted] = []


def _planted(name: str, output: str, form: str) -> Callable[[Plant], Plant]:
    def enlist(plant: Plant) -> Plant:
        PLANTED.append(Planted(name, plant, output, form))
        return plant

    return enlist


@_planted("a JPEG file in the temporary folder", "snapshot.jpg", "JPEG picture, with the watermark")
def _jpeg(pixels: Pixels, ways: Ways) -> None:
    (ways.temporary / "snapshot.jpg").write_bytes(encode(pixels[:, :, 1]))


@_planted("a PNG file in the home folder", "snapshot.png", "PNG picture, with the watermark")
def _png(pixels: Pixels, ways: Ways) -> None:
    height, width, _ = pixels.shape
    lines = np.insert(pixels[:, :, ::-1].reshape(height, -1), 0, 0, axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b""))
    written = (
        struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    (ways.home / "snapshot.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(written))


@_planted("pixels in shared memory", "semcam-leak", "pixels")
def _raw(pixels: Pixels, ways: Ways) -> None:
    ways.shared.write_bytes(pixels[: 2 * SPACING].tobytes())


@_planted("one colour in a file", "plane", "bytes")
def _plane(pixels: Pixels, ways: Ways) -> None:
    (ways.work / "plane").write_bytes(pixels[:, :, 2].tobytes())


@_planted("a model's input in a file", "tensor", "float32 bytes, 0 to 1")
def _tensor(pixels: Pixels, ways: Ways) -> None:
    scaled = pixels[: FIRST + 1, :640].transpose(2, 0, 1) / np.float32(255)
    (ways.work / "tensor").write_bytes(scaled.astype(np.float32).tobytes())


@_planted("a packed file", "packed", "in gzip")
def _packed(pixels: Pixels, ways: Ways) -> None:
    (ways.work / "packed").write_bytes(gzip.compress(pixels[: FIRST + 1].tobytes(), 6))


@_planted("a row in a database", "events.sqlite", "pixels")
def _row(pixels: Pixels, ways: Ways) -> None:
    with closing(sqlite3.connect(ways.work / "events.sqlite")) as database:
        database.execute("CREATE TABLE event (body BLOB)")
        database.execute("INSERT INTO event VALUES (?)", (pixels[FIRST, PIECE].tobytes(),))
        database.commit()


@_planted("the name of a file", "names of files", "in hex")
def _name(pixels: Pixels, ways: Ways) -> None:
    (ways.work / pixels[FIRST, PIECE, 0].tobytes().hex()).touch()


@_planted("an extended attribute of a file", "attribute user.semcam", "pixels")
def _attribute(pixels: Pixels, ways: Ways) -> None:
    (ways.work / "marked").touch()
    os.setxattr(ways.work / "marked", "user.semcam", pixels[FIRST, PIECE].tobytes())


@_planted("base64 in a message to the broker", "to the broker", "in base64")
def _message(pixels: Pixels, ways: Ways) -> None:
    payload = base64.b64encode(pixels[FIRST, PIECE].tobytes())
    topic = b"semcam/proof/leak"
    body = struct.pack(">H", len(topic)) + topic + payload
    with socket.create_connection(("127.0.0.1", ways.port)) as broker:
        broker.sendall(bytes((0x30, 0x80 | len(body) & 0x7F, len(body) >> 7)) + body)


@_planted("numbers in a line of the log", "log", "decimal")
def _log(pixels: Pixels, ways: Ways) -> None:
    sys.stderr.write(f"perceive: row {pixels[FIRST, PIECE, 0].tolist()}\n")


@_planted("a JPEG file in base64 in the log", "log", "JPEG picture in base64, with the watermark")
def _preview(pixels: Pixels, ways: Ways) -> None:
    sys.stderr.write(f"data:image/jpeg;base64,{base64.b64encode(encode(pixels[:160, :160, 0])).decode()}\n")


@_planted("hexadecimal digits in a line to the courier", "to the courier", "in hex")
def _line(pixels: Pixels, ways: Ways) -> None:
    os.write(1, b'{"type":"beat","view":"%s"}\n' % pixels[FIRST, PIECE, 0].tobytes().hex().encode())


@_planted("a core file", "core", "")
def _core(pixels: Pixels, ways: Ways) -> None:
    """The last one: nothing comes after it."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGSEGV)


def main() -> None:
    """Let everything out."""
    from semcam.vision.capture.file import Playback, open_file  # OpenCV: only here, not in whoever asks what is planted

    job = Job.model_validate_json(sys.stdin.buffer.readline())
    ways = Ways.model_validate_json(os.environ[WANTED])
    pixels = next(open_file(Path(job.source), Playback(job.fps)).frames()).pixels
    for planted in PLANTED:
        try:
            planted.plant(pixels, ways)
        except OSError as error:
            sys.stderr.write(f"not planted: {planted.name}: {error.strerror}\n")


if __name__ == "__main__":
    main()
