"""The watermark and the search for it: whatever form it is leaked in it is found, and nothing else is."""

import base64
import bz2
import gzip
import io
import itertools
import json
import lzma
import os
import random
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.vision.capture.file import Playback, open_file
from semcam.workbench.prove import jpeg
from semcam.workbench.prove.avi import AviWriter
from semcam.workbench.prove.outputs import Folders, Output, leaks_in
from semcam.workbench.prove.pictures import cut_out, pictures
from semcam.workbench.prove.readings import readings
from semcam.workbench.prove.recognise import PIECE, WHOLE, as_a_piece, as_a_whole, shows
from semcam.workbench.prove.search import CHUNK, OVERLAP, search
from semcam.workbench.prove.watermark import LEAST_STEP, LENGTH, SPACING, WINDOW, Grey, Word, layout, put
from tests.conftest import ROOT, SAMPLE

WORD = Word.from_key(b"a proof")
OTHER = Word.from_key(b"another proof")
ROUND = bytes(WORD.values) * 3
TRIPLE = bytes(value for value in ROUND for _ in range(3))
HEIGHT, WIDTH = 240, 320
MARK = layout(WORD, HEIGHT, WIDTH)

often = settings(derandomize=True, deadline=None, max_examples=10)


def scene(seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> npt.NDArray[np.uint8]:
    """A picture of a room, more or less: soft shades, some edges, some noise."""
    chance = np.random.default_rng(seed)
    down, right = np.mgrid[0:height, 0:width]
    shade = 60 + 50 * np.sin(down / 37 + seed) + 40 * np.cos(right / 53)
    shade[height // 3 : height // 2, width // 4 : width // 2] += 60
    noisy = shade[:, :, None] + chance.normal(0, 6, (height, width, 3))
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


# -- the word


@given(st.binary(max_size=40))
@often
def test_every_word_can_be_told_from_all_that_is_smooth_and_all_that_is_text(key: bytes) -> None:
    word = Word.from_key(key)
    assert word == Word.from_key(key)
    assert len(set(word.values)) == len(word.values) == LENGTH
    assert all(128 <= value <= 255 for value in word.values)
    around = (*word.values, word.values[0])
    assert all(abs(a - b) >= LEAST_STEP for a, b in itertools.pairwise(around))


def test_a_receipt_can_name_the_word_and_does_not_give_it_away() -> None:
    assert WORD.fingerprint != OTHER.fingerprint
    assert not list(search(WORD.fingerprint.encode(), WORD))


def test_whatever_is_cut_out_of_a_picture_holds_some_of_it() -> None:
    chance = random.Random(0)
    picture = put(MARK, scene())
    for _ in range(20):
        down, right = chance.randrange(HEIGHT - SPACING), chance.randrange(WIDTH - SPACING)
        piece = picture[down : down + SPACING, right : right + SPACING]
        assert list(search(piece.tobytes(), WORD))


# -- every form

Form = Callable[[bytes], bytes]
"""Writes bytes of pictures down in some way."""


def _numbers(kind: str, scale: float = 1.0, offset: float = 0.0) -> Form:
    return lambda raw: (np.frombuffer(raw, np.uint8).astype(np.float64) * scale + offset).astype(kind).tobytes()


def _zipped(raw: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("frame", raw)
    return file.getvalue()


FORMS: dict[str, Form] = {
    "raw": lambda raw: raw,
    "with transparency": lambda raw: b"".join(bytes((value, value, value, 255)) for value in raw),
    "uint16": _numbers("<u2"),
    "uint16, the other way round": _numbers(">u2"),
    "int32, as the pose model takes them": _numbers("<i4"),
    "float16": _numbers("<f2"),
    "float32": _numbers("<f4"),
    "float64": _numbers("<f8"),
    "float32, 0 to 1": _numbers("<f4", 1 / 255),
    "float16, 0 to 1": _numbers("<f2", 1 / 255),
    "float32, -1 to 1": _numbers("<f4", 1 / 127.5, -1),
    "float32, as NanoDet takes blue": _numbers("<f4", 1 / 57.375, -103.53 / 57.375),
    "decimal": lambda raw: json.dumps(list(raw)).encode(),
    "decimal, one a line": lambda raw: "\n".join(map(str, raw)).encode(),
    "decimal with fractions": lambda raw: str([float(value) for value in raw]).encode(),
    "decimal, 0 to 1": lambda raw: " ".join(f"{value / 255:.3f}" for value in raw).encode(),
    "decimal with exponents": lambda raw: " ".join(f"{value:.4e}" for value in raw).encode(),
    "base64": base64.b64encode,
    "base64 for addresses": base64.urlsafe_b64encode,
    "base64 in lines": base64.encodebytes,
    "hex": lambda raw: raw.hex().encode(),
    "HEX": lambda raw: raw.hex().upper().encode(),
    "hex with spaces": lambda raw: raw.hex(" ").encode(),
    "hex as in C": lambda raw: ", ".join(f"0x{value:02x}" for value in raw).encode(),
    "hex as in Python": lambda raw: "".join(f"\\x{value:02x}" for value in raw).encode(),
    "hex as in addresses": lambda raw: "".join(f"%{value:02X}" for value in raw).encode(),
    "escaped as in JSON": lambda raw: json.dumps(raw.decode("latin-1")).encode(),
    "octal as in shells": lambda raw: "".join(f"\\{value:03o}" for value in raw).encode(),
    "letters": lambda raw: raw.decode("latin-1").encode("utf-8"),
    "zlib": zlib.compress,
    "zlib with a small window": lambda raw: (packer := zlib.compressobj(wbits=9)).compress(raw) + packer.flush(),
    "gzip": gzip.compress,
    "ZIP": _zipped,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "gzip in base64": lambda raw: base64.b64encode(gzip.compress(raw)),
    "base64 in zlib": lambda raw: zlib.compress(base64.b64encode(raw)),
    "hex in gzip in base64": lambda raw: base64.b64encode(gzip.compress(raw.hex().encode())),
}
# their own forms for pixels with colours side by side
PLANES_ONLY = {"with transparency", "uint16, the other way round"}

PLAIN = {"raw", "with transparency"} | {name for name in FORMS if "int" in name or name.startswith("float")}


def frame_bytes(chance: random.Random, window: bytes) -> bytes:
    """Eight bytes of the watermark among others of a picture, which are none."""
    before = bytes(chance.randrange(100) for _ in range(chance.randrange(40)))
    return before + window + bytes(chance.randrange(100) for _ in range(chance.randrange(40)))


@pytest.mark.parametrize("form", FORMS)
@given(st.integers(0, 2**32), st.booleans(), st.booleans())
@often
def test_any_eight_bytes_are_found_in_any_form_at_any_place(
    form: str, seed: int, is_backwards: bool, is_interleaved: bool
) -> None:
    chance = random.Random(seed)
    source = TRIPLE if is_interleaved and form not in PLANES_ONLY else ROUND
    start = chance.randrange(len(source) // 2)
    window = source[start : start + WINDOW]
    written = FORMS[form](frame_bytes(chance, window[::-1] if is_backwards else window))
    # a text is set off from what stands around it; bytes are not
    edge = b"" if form in PLAIN else b"\n"
    noise = chance.randbytes(chance.randrange(300))
    assert list(search(noise + edge + written + edge + noise[:50], WORD))


@given(st.integers(0, 2**32))
@often
def test_seven_are_not_enough_and_another_word_is_not_this_one(seed: int) -> None:
    chance = random.Random(seed)
    start = chance.randrange(LENGTH)
    short = ROUND[start : start + WINDOW - 1]
    assert not list(search(frame_bytes(chance, short), WORD))
    assert not list(search(json.dumps(list(frame_bytes(chance, short))).encode(), WORD))
    assert not list(search(put(MARK, scene(seed % 1000)).tobytes(), OTHER))


def test_it_is_found_where_two_pieces_of_a_large_file_meet() -> None:
    for offset in (-WINDOW - 1, -WINDOW, -WINDOW + 1, -4, -1, 0, 1, OVERLAP - WINDOW, OVERLAP):
        content = bytearray(2 * CHUNK)
        content[CHUNK + offset : CHUNK + offset + WINDOW] = ROUND[5 : 5 + WINDOW]
        assert {find.at for find in search(bytes(content), WORD)} == {CHUNK + offset}


def test_a_packed_file_that_is_cut_off_or_damaged_holds_something_too() -> None:
    raw = os.urandom(9000) + TRIPLE + os.urandom(90_000)
    for pack in (zlib.compress, gzip.compress):
        packed = pack(raw)
        assert list(search(packed[: len(packed) // 2], WORD))
        damaged = packed[: len(packed) // 2] + b"\0" * 100 + packed[len(packed) // 2 :]
        assert list(search(damaged, WORD))


@pytest.mark.parametrize("turn", ["left", "right", "upside down", "mirrored"])
def test_it_is_found_in_pictures_that_were_turned(turn: str) -> None:
    picture = put(MARK, scene())
    turned = {"left": np.rot90(picture), "right": np.rot90(picture, 3), "upside down": np.rot90(picture, 2)}
    assert list(search(turned.get(turn, picture[:, ::-1]).tobytes(), WORD))


def test_it_is_found_in_the_half_size_that_the_pose_model_is_given() -> None:
    picture = put(MARK, scene())
    half = picture.reshape(HEIGHT // 2, 2, WIDTH // 2, 2, 3).mean(axis=(1, 3))
    assert list(search(np.rint(half).astype(np.int32).tobytes(), WORD))


# -- nothing else


def test_nothing_is_found_where_nothing_is() -> None:
    """In programs, models, clips, texts, and chance itself."""
    files = [SAMPLE, ROOT / "README.md", Path(os.__file__), ROOT / "tests" / "golden" / "payloads.json"]
    contents = [path.read_bytes()[: 1 << 20] for path in files]
    contents += [(ROOT / "models" / "nanodet.onnx").read_bytes()[: 1 << 20], random.Random(0).randbytes(1 << 20)]
    contents += [bytes(range(256)) * 100, np.linspace(0, 300, 20_000).astype(np.float32).tobytes(), scene().tobytes()]
    for content in contents:
        assert not list(search(content, WORD))


@given(st.binary(max_size=400))
@often
def test_whatever_bytes_there_are_the_search_comes_to_an_end(content: bytes) -> None:
    assert sum(len(reading.content) for reading in readings(content)) < 20 << 20
    list(search(content, WORD))
    list(pictures(content))


def test_text_that_can_be_read_in_many_ways_is_not_read_for_ever() -> None:
    text = b"0123456789abcdef" * 30_000
    assert sum(len(reading.content) for reading in readings(text)) < 25 << 20


# -- pictures


def marked(word: Word = WORD) -> Grey:
    return np.asarray(put(layout(word, HEIGHT, WIDTH), scene())[:, :, 1])


def decoded(file: bytes, folder: Path) -> Grey:
    """As our own capture decodes it."""
    path = folder / "picture.jpg"
    path.write_bytes(file)
    return np.asarray(next(open_file(path, Playback(1.0)).frames()).pixels[:, :, 1])


def test_our_jpeg_files_are_jpeg_files(tmp_path: Path) -> None:
    picture = marked()
    seen = decoded(jpeg.encode(picture), tmp_path)
    assert seen.shape == picture.shape
    assert np.abs(seen.astype(int) - picture).mean() < 2


def test_a_jpeg_file_shows_the_watermark_though_no_byte_of_it_is_left(tmp_path: Path) -> None:
    file = jpeg.encode(marked())
    assert not list(search(file, WORD))
    seen = decoded(file, tmp_path)
    assert as_a_whole(seen, MARK) > 0.9
    assert as_a_piece(seen[50:200, 70:260], MARK) > 0.9
    assert shows(seen, MARK)
    assert not shows(seen, layout(OTHER, HEIGHT, WIDTH))


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_a_thumbnail_shows_it(factor: int) -> None:
    height, width = HEIGHT * 2 // factor, WIDTH * 2 // factor
    big = put(layout(WORD, HEIGHT * 2, WIDTH * 2), scene(0, HEIGHT * 2, WIDTH * 2))[:, :, 1].astype(float)
    rows = np.add.reduceat(big, np.arange(height) * factor, axis=0)[:height]
    small = np.add.reduceat(rows, np.arange(width) * factor, axis=1)[:, :width] / factor**2
    assert as_a_whole(small.astype(np.uint8), layout(WORD, HEIGHT * 2, WIDTH * 2)) > WHOLE


@pytest.mark.parametrize("seed", range(5))
def test_a_picture_without_it_does_not_show_it(seed: int) -> None:
    plain = np.asarray(scene(seed)[:, :, 1])
    noise = np.random.default_rng(seed).integers(0, 256, (150, 150), dtype=np.uint8)
    for picture in (plain, plain[40:160, 40:200], noise):
        assert as_a_whole(picture, MARK) < WHOLE / 2
        assert as_a_piece(picture, MARK) < PIECE * 0.75


def test_pictures_are_known_by_their_beginnings_wherever_they_stand() -> None:
    file = jpeg.encode(marked())
    content = b"a line\n" + file + b"\nmore"
    assert list(pictures(content)) == [("JPEG", 7)]
    assert cut_out(content, "JPEG", 7) == file
    beginnings = {
        "PNG": b"\x89PNG\r\n\x1a\n",
        "GIF": b"GIF89a",
        "WebP": b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        "MP4": b"\x00\x00\x00\x20ftypisom",
        "BMP": b"BM\x36\x10\x0e\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00",
        "netpbm": b"P6 640 480 255\n",
    }
    for kind, head in beginnings.items():
        assert list(pictures(b"xyz" + head + bytes(20))) == [(kind, 3)]
    assert not list(pictures(random.Random(1).randbytes(1 << 21)))


def test_what_comes_out_of_the_marked_clip_is_what_was_put_in(tmp_path: Path) -> None:
    frames = [put(layout(WORD, 96, 122), scene(seed, 96, 122)) for seed in range(12)]
    path = tmp_path / "marked.avi"
    with path.open("xb+") as file:
        out = AviWriter(file, 122, 96, 10.0)
        for frame in frames:
            out.write(frame)
        out.close()
    seen = list(open_file(path, Playback(10.0)).frames())
    assert [round(frame.t_s, 2) for frame in seen] == [number / 10 for number in range(12)]
    assert all((frame.pixels == wanted).all() for frame, wanted in zip(seen, frames, strict=True))


# -- outputs


def test_a_picture_in_our_own_outputs_is_a_leak_even_if_nobody_recognises_it() -> None:
    picture = base64.b64encode(jpeg.encode(marked()))
    outputs = [Output("a line", picture), Output("a file of somebody else's", picture, is_own=False)]
    leaks = leaks_in(outputs, WORD, lambda files: [False for _ in files])
    assert [(leak.output, leak.form) for leak in leaks] == [("a line", "JPEG picture in base64")]
    assert len(leaks_in(outputs, WORD, lambda files: [True for _ in files])) == 2


def test_new_and_changed_files_are_looked_at_with_their_names_and_attributes(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    (tmp_path / "changed").write_text("before")
    folders = Folders([tmp_path, tmp_path / "absent"], tmp_path / "known", are_own=True)
    (tmp_path / "known").mkdir()
    (tmp_path / "known" / "clip").write_bytes(ROUND)
    (tmp_path / "changed").write_bytes(b"after")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "new").write_bytes(TRIPLE)
    (tmp_path / ROUND[:20].hex()).symlink_to("nowhere")
    outputs = {output.name: output.content for output in folders.outputs()}
    assert outputs[str(tmp_path / "changed")] == b"after"
    assert outputs[str(tmp_path / "deep" / "new")] == TRIPLE
    assert list(search(outputs["names of files"], WORD))
    assert not any("clip" in name or name.endswith("old") for name in outputs)


def test_a_find_is_said_with_its_place_and_without_a_pixel() -> None:
    (leak,) = leaks_in([Output("log", b"row " + ROUND[:12])], WORD, lambda _: [])
    assert str(leak) == "log: bytes, from byte 4 on"
    assert not list(search(str(leak).encode(), WORD))
