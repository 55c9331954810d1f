"""The place of a proof: a private folder, in memory where there is room, in which all processes are at home."""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import semcam
from semcam.vision.confine.attacks.attack import MESSAGE

_SHARED = Path("/dev/shm")
NEEDED_BYTES = 1 << 30
CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the marked clip lies, and the folders that processes take for their own."""

    root: Path

    @property
    def clip(self) -> Path:
        """The marked clip."""
        return self.root / "clip" / "marked.avi"

    @property
    def shared(self) -> Path:
        """Where a leak is planted in memory that all programs share."""
        return _SHARED / f"semcam-leak-{os.getpid()}"

    def rooms(self, name: str) -> "Rooms":
        """Folders for one run."""
        return Rooms(self.root / name).made()


@dataclass(frozen=True, slots=True)
class Rooms:
    """What one run has for itself: a working folder, a home, and so on."""

    root: Path

    def made(self) -> "Rooms":
        """With all folders, and a file to be attacked."""
        for folder in (self.work, self.home, self.temporary, self.state, self.attacked):
            folder.mkdir(parents=True)
        self.kept.write_bytes(MESSAGE)
        return self

    @property
    def work(self) -> Path:
        """The working folder; core files are left there."""
        return self.root / "work"

    @property
    def home(self) -> Path:
        """Home, with caches and settings."""
        return self.root / "home"

    @property
    def temporary(self) -> Path:
        """For temporary files."""
        return self.root / "tmp"

    @property
    def state(self) -> Path:
        """The courier's own: the outbox."""
        return self.root / "state"

    @property
    def attacked(self) -> Path:
        """A folder that the vision process is told to attack."""
        return self.root / "attacked"

    @property
    def kept(self) -> Path:
        """A file in it, to be overwritten."""
        return self.attacked / "kept"

    def environment(self) -> Mapping[str, str]:
        """What makes a process take them for its own."""
        package = str(Path(semcam.__file__).parents[1])  # from a checkout it is found by the working folder alone
        paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", ""))))
        homes = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
        return {
            **dict.fromkeys(homes, str(self.home)),
            **dict.fromkeys(("TMPDIR", "TMP", "TEMP", "XDG_RUNTIME_DIR"), str(self.temporary)),
            "PYTHONPATH": paths,
            "PYTHONDONTWRITEBYTECODE": "1",  # what Python itself would write is nothing that was looked for
        }


@contextmanager
def a_place() -> Iterator[Place]:
    """Made for one proof, and removed with everything in it."""
    in_memory = _SHARED.is_dir() and os.access(_SHARED, os.W_OK) and shutil.disk_usage(_SHARED).free > NEEDED_BYTES
    with tempfile.TemporaryDirectory(prefix="semcam-prove-", dir=_SHARED if in_memory else None) as folder:
        place = Place(Path(folder).resolve())
        place.clip.parent.mkdir()
        try:
            yield place
        finally:
            with suppress(OSError):
                place.shared.unlink()


def public_folders() -> tuple[Path, ...]:
    """Where everybody may leave files, or this user's programs do."""
    named = {Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"), _SHARED, Path(f"/run/user/{os.getuid()}")}
    return tuple(sorted(folder.resolve() for folder in named if folder.is_dir()))


@contextmanager
def core_files_allowed() -> Iterator[bool]:
    """As far as this user may: that there is none must not be due to a limit of the shell. Tells whether they are."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    hard = resource.RLIM_INFINITY if os.geteuid() == 0 else before[1]
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        yield resource.getrlimit(resource.RLIMIT_CORE)[0] != 0
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, before)


def where_core_files_go() -> str | None:
    """None for the working folder; otherwise what the kernel does with them instead."""
    pattern = CORE_PATTERN.read_text().strip()
    return pattern if pattern[:1] in ("|", "/", "@") or "/" in pattern else None
