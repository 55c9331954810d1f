"""Observations remembered between evaluations: numbers, no pixel, and only here in the workbench.

What an entry is called says everything that could change what is seen: the clip's bytes, the frame rate, how large
the pose model sees it, whether every picture is looked at, how often the detector looks, the models, the code that
looks, and the libraries below it. A stale entry is therefore never found; it only lies there until somebody deletes
the folder, which is safe at any time.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.manifest import models_digest, models_dir
from semcam.workbench.observations import FORMAT, Observations, from_bytes, to_bytes

_PACKAGE = Path(__file__).parent.parent
_LOOKS = (
    "vision/capture",
    "vision/perceive",
    "tracking/observation.py",
    "tracking/geometry.py",
    "contract/labels.py",
    "contract/families.py",
)
"""The code between a clip and its observations, and what it imports of ours."""
_LIBRARIES = ("numpy", "onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "opencv-python-headless")


def default_folder() -> Path:
    """`$XDG_CACHE_HOME/semcam`, or `~/.cache/semcam`."""
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    # the XDG Base Directory Specification has relative paths ignored
    return (Path(chosen) if Path(chosen).is_absolute() else Path.home() / ".cache") / "semcam"


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of entries. Whatever goes wrong with it costs time, never a result."""

    folder: Path

    @classmethod
    def at(cls, folder: str) -> "Cache":
        """The cache in a folder."""
        return cls(Path(folder))

    def get(self, key: str) -> Observations | None:
        """The entry, or None where there is none that can be used."""
        try:
            return from_bytes(self._path(key).read_bytes())
        except (OSError, ValueError):
            return None

    def put(self, key: str, seen: Observations) -> None:
        """Write the entry, whole or not at all: others may read and write at the same time."""
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(to_bytes(seen))
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def _path(self, key: str) -> Path:
        return self.folder / "observations" / key[:2] / key


def key_of(job: Job, code: str) -> str:
    """The name of the job's clip as seen by the eyes in the state `code`, however long its last frame is held.

    Raises:
        VisionFault: the clip cannot be read.
        ModelError: the models folder has no usable manifest.
    """
    clip = Path(job.source)
    try:
        with clip.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise VisionFault(FaultCode.SOURCE_MISSING) from None
    except OSError:
        raise VisionFault(FaultCode.SOURCE_UNREADABLE) from None
    # the suffix decides whether it is opened as a picture or as a clip
    eyes = (job.fps, job.pose_pixels, job.motion_gate, job.wants_things)
    how = (*map(str, eyes), job.compute, *_models(job))
    parts = (content, clip.suffix.lower(), *how, models_digest(models_dir()), code, str(FORMAT))
    return hashlib.sha256("\n".join((*parts, *_libraries())).encode()).hexdigest()


def _models(job: Job) -> Iterator[str]:
    """Which models look, by what they hold and how they are read."""
    for name in (job.detector, job.pose):
        own = job.models.get(name)
        yield own.model_dump_json(exclude={"file"}) if own else name


def code_digest() -> str:
    """A hash over the code that looks, as it stands on the disk now: editing it makes everything be looked at anew."""
    places = [_PACKAGE / name for name in _LOOKS]
    files = sorted(file for place in places for file in (place.rglob("*.py") if place.is_dir() else [place]))
    together = hashlib.sha256()
    for file in files:
        together.update(hashlib.sha256(file.read_bytes()).digest())
    return together.hexdigest()


@cache
def _libraries() -> tuple[str, ...]:
    return tuple(f"{name} {_version(name)}" for name in _LIBRARIES)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # built by hand, such as OpenCV on a Jetson
        return "unknown"
