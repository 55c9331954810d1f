"""What may stand nowhere in the package: ways by which a picture could get out."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "semcam"
SOURCES = sorted(PACKAGE.rglob("*.py"))

WRITERS = {"imwrite", "imwritemulti", "imencode", "imencodemulti", "VideoWriter", "imshow", "FileStorage"}
ARRAY_WRITERS = {"tofile", "tobytes", "tostring", "dump", "dumps", "memmap", "open_memmap"}
SAVERS = {"save", "savez", "savez_compressed", "savetxt"}
SERIALISERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "copyreg", "dbm"}
SHARERS = {"multiprocessing", "_posixshmem", "_multiprocessing"}
PIXEL_ROOM = PACKAGE / "vision"


def names(source: Path) -> Iterator[tuple[int, str]]:
    """Each name that a file uses, imports, or looks up by a string, with its line."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.Import(names=aliases):
                yield from ((node.lineno, part) for alias in aliases for part in alias.name.split("."))
            case ast.ImportFrom(module=module, names=aliases):
                yield from ((node.lineno, part) for part in (module or "").split("."))
                yield from ((node.lineno, alias.name) for alias in aliases)
            case ast.Call(func=ast.Name(id="getattr" | "__import__" | "import_module"), args=args):
                yield from ((node.lineno, str(arg.value)) for arg in args if isinstance(arg, ast.Constant))


def used(source: Path, forbidden: set[str]) -> list[str]:
    return [f"{source.name}:{line} {name}" for line, name in names(source) if name in forbidden]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_file_can_write_a_picture_or_pass_one_on(source: Path) -> None:
    assert not used(source, WRITERS | SERIALISERS | SHARERS | {"tofile", "memmap", "open_memmap"})
    assert not used(source, SAVERS)


@pytest.mark.parametrize("source", sorted(PIXEL_ROOM.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_where_pixels_are_no_array_is_turned_into_bytes_or_text(source: Path) -> None:
    assert not used(source, ARRAY_WRITERS | {"b64encode", "base64", "array2string", "syslog", "getLogger"})


LEAKS = (
    "import pickle",
    "from multiprocessing import Queue",
    "import multiprocessing.shared_memory as m",
    "cv2.imwrite('a', b)",
    "f = cv2.imencode",
    "getattr(cv2, 'VideoWriter')",
    "np.save(a, b)",
    "pixels.tofile(f)",
    "pixels.tobytes()",
)


@pytest.mark.parametrize("leak", LEAKS)
def test_the_test_itself_finds_what_it_looks_for(tmp_path: Path, leak: str) -> None:
    source = tmp_path / "leak.py"
    source.write_text(leak)
    assert used(source, WRITERS | SERIALISERS | SHARERS | SAVERS | ARRAY_WRITERS)


def test_the_whole_package_is_looked_at() -> None:
    assert len(SOURCES) > 30


def test_telemetry_is_off_before_onnx_runtime_is_imported() -> None:
    """In a fresh interpreter: whatever stands in the environment, at the moment of the import it is switched off."""
    program = """
import builtins, os, sys
seen = []
real = builtins.__import__
def spy(name, *rest):
    if name.split(".")[0] == "onnxruntime" and "onnxruntime" not in sys.modules:
        seen.append(os.environ.get("ORT_DISABLE_TELEMETRY"))
    return real(name, *rest)
builtins.__import__ = spy
import semcam.vision.perceive.session
assert seen and set(seen) == {"1"}, seen
"""
    for value in (None, "0", ""):
        environment = {key: text for key, text in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
        if value is not None:
            environment["ORT_DISABLE_TELEMETRY"] = value
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=PACKAGE.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_only_the_session_imports_onnx_runtime() -> None:
    importers = [source.name for source in SOURCES if "onnxruntime" in {name for _, name in names(source)}]
    assert importers == ["session.py"]
