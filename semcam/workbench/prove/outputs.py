"""What came out, and the search through it: lines, messages, and every file that is new or has changed."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from stat import S_ISREG

from semcam.workbench.prove.pictures import cut_out, pictures
from semcam.workbench.prove.readings import readings
from semcam.workbench.prove.search import forms
from semcam.workbench.prove.watermark import Word

MOST_PICTURES = 20
"""Of one output."""
LARGE = 1 << 18
"""In what is larger one find is enough."""
MOST_ENTRIES = 20_000
"""Of one folder: some hold millions."""
MOST_OF_OTHERS = 8 << 20
"""Bytes of files that may be somebody else's, together."""

Looker = Callable[[list[bytes]], list[bool]]
"""Tells which pictures, given as the content of files, show the watermark."""


@dataclass(frozen=True, slots=True)
class Output:
    """Something that came out."""

    name: str
    content: bytes
    is_own: bool = True
    """Nobody but the processes that are looked at can have made it: any picture in it is a leak."""


@dataclass(frozen=True, slots=True)
class Leak:
    """The watermark, or a picture, where none may be."""

    output: str
    form: str
    at: int

    def __str__(self) -> str:
        return f"{self.output}: {self.form}, from byte {self.at} on"


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture that was found, as a file."""

    output: Output
    form: str
    at: int
    file: bytes


def leaks_in(outputs: Iterable[Output], word: Word, show_mark: Looker) -> list[Leak]:
    """All that was found."""
    leaks: list[Leak] = []
    found: list[_Picture] = []
    for output in outputs:
        for each in _finds(output, word):
            (leaks if isinstance(each, Leak) else found).append(each)  # type: ignore[arg-type]
    for picture, shown in zip(found, show_mark([each.file for each in found]), strict=True):
        if picture.output.is_own or shown:
            form = f"{picture.form}{', with the watermark' if shown else ''}"
            leaks.append(Leak(picture.output.name, form, picture.at))
    return leaks


def _finds(output: Output, word: Word) -> Iterator[Leak | _Picture]:
    """Each form once: what leaks once may leak everywhere."""
    told: set[str] = set()
    pictures_left = MOST_PICTURES
    for reading in readings(output.content):
        for form, at in forms(reading.content, word):
            if form + reading.inside not in told:
                told.add(form + reading.inside)
                yield Leak(output.name, form + reading.inside, at)
                if len(output.content) > LARGE:
                    return
        for kind, at in islice(pictures(reading.content), pictures_left):
            pictures_left -= 1
            yield _Picture(output, f"{kind} picture{reading.inside}", at, cut_out(reading.content, kind, at))


class Folders:
    """Places where files may appear; looked through at the beginning, and again whenever asked."""

    def __init__(self, folders: Iterable[Path], leave_out: Path, *, are_own: bool) -> None:
        """`leave_out` is a folder whose files are known."""
        self._folders = tuple(folder for folder in folders if folder.is_dir())
        self._leave_out = str(leave_out)
        self._are_own = are_own
        self.left_out: list[str] = []
        """What could not be searched, in words."""
        self._before = self._look()

    def outputs(self, is_meant: Callable[[str, os.stat_result], bool] = lambda *_: True) -> Iterator[Output]:
        """Files that are new or have changed and are meant: content, name, and extended attributes."""
        self.left_out = []
        before, after = self._before, self._look()
        changed = [
            path
            for path, state in after.items()
            if is_meant(path, state) and (path not in before or _marks(before[path]) != _marks(state))
        ]
        names = "\n".join(path for path in changed if path not in before)
        yield Output("names of files", os.fsencode(names), self._are_own)
        room = MOST_OF_OTHERS
        for path in changed:
            size = after[path].st_size
            if size > room and not self._are_own:
                self.left_out.append(f"{path}: {size / 1e6:.0f} MB")
                continue
            room -= size
            yield from self._file(Path(path))

    def _file(self, path: Path) -> Iterator[Output]:
        try:
            yield from file_outputs(path, is_own=self._are_own)
        except FileNotFoundError:  # gone again
            return
        except OSError as error:
            self.left_out.append(f"{path}: {error.strerror}")

    def _look(self) -> dict[str, os.stat_result]:
        """All files that are there."""
        found: dict[str, os.stat_result] = {}
        for place in self._folders:
            for path in islice(self._files(place), MOST_ENTRIES):
                with suppress(OSError):
                    found[path] = os.lstat(path)
            if len(found) >= MOST_ENTRIES:
                self.left_out.append(f"{place}: what is beyond {MOST_ENTRIES:,} files")
        return found

    def _files(self, place: Path) -> Iterator[str]:
        for folder, folders, files in os.walk(place):
            folders[:] = [each for each in folders if f"{folder}/{each}" != self._leave_out]
            yield from (f"{folder}/{name}" for name in files)


def file_outputs(path: Path, *, is_own: bool) -> Iterator[Output]:
    """A file's content and its extended attributes.

    Raises:
        OSError: it cannot be read.
    """
    for name in _attributes(path):
        content = os.getxattr(path, name, follow_symlinks=False)
        yield Output(f"{path}, attribute {name}", name.encode() + b"\n" + content, is_own)
    if S_ISREG(path.lstat().st_mode):
        yield Output(str(path), path.read_bytes(), is_own)


def _attributes(path: Path) -> list[str]:
    try:
        return os.listxattr(path, follow_symlinks=False)
    except OSError:  # not every file system has any
        return []


def _marks(state: os.stat_result) -> tuple[int, int, int]:
    """What changes with a file."""
    return state.st_size, state.st_mtime_ns, state.st_ino
