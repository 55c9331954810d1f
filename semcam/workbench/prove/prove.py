"""`semcam prove`: the order in which everything is done, and what it comes to."""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from semcam.contract.config import Config, Job, job_for
from semcam.contract.errors import FaultCode
from semcam.contract.load import DEMO, load_config
from semcam.contract.privacy import PrivacyMode
from semcam.courier.clock import system_zone
from semcam.courier.vision_process import Around, VisionProcess
from semcam.vision.confine.confinement import Layer
from semcam.workbench.prove import errand, inside, leaks
from semcam.workbench.prove.account import account
from semcam.workbench.prove.evidence import Evidence
from semcam.workbench.prove.household import Told, at_broker, end_suddenly, live
from semcam.workbench.prove.listener import Listener
from semcam.workbench.prove.openings import Openings
from semcam.workbench.prove.outputs import Folders, Output, file_outputs, leaks_in
from semcam.workbench.prove.place import (
    Place,
    Rooms,
    a_place,
    core_files_allowed,
    public_folders,
    where_core_files_go,
)
from semcam.workbench.prove.receipt import Control, Receipt
from semcam.workbench.prove.tasks import Answer
from semcam.workbench.prove.watch import Watch
from semcam.workbench.prove.watermark import Word
from semcam.workbench.sample import sample_clip

Progress = Callable[[str, float, float], None]
"""Called with what is being done, how much of it is done, and all there is (0 where not known)."""

CAMERA = "camera"


def prove(clip: Path | None, without: Sequence[Layer], progress: Progress) -> Receipt:
    """Prove it on a clip, without the layers that are to be masked off.

    Raises:
        SemcamError: the clip or a model cannot be used, or the vision process failed.
    """
    began_s = time.monotonic()
    clip = clip or sample_clip()
    word = Word.from_key(secrets.token_bytes(32))
    with a_place() as place, core_files_allowed() as cores, Listener() as listener:
        config = at_broker(load_config(DEMO), listener.port)
        progress("marking the clip", 0, 0)
        marked = errand.mark(clip, word, config.cameras[CAMERA].fps, place.clip)
        proof = _Proof(place, config, listener, word, marked, frozenset(without), progress)
        proof.watch_the_real_path(clip)
        proof.search()
        proof.plant_leaks(cores=cores)
    fps = config.cameras[CAMERA].fps
    return account(clip, word, marked, fps, tuple(without), proof.evidence, time.monotonic() - began_s)


class _Proof:
    """One proof on its way."""

    def __init__(
        self,
        place: Place,
        config: Config,
        listener: Listener,
        word: Word,
        marked: Answer,
        without: frozenset[Layer],
        progress: Progress,
    ) -> None:
        self.evidence = Evidence()
        self._place = place
        self._config = config
        self._listener = listener
        self._word = word
        self._marked = marked
        self._without = without
        self._progress = progress

    def watch_the_real_path(self, clip: Path) -> None:
        """The clip once through the house; then a second time, broken off in the middle."""
        evidence = self.evidence
        rooms = self._place.rooms("real")
        own = Folders((rooms.root,), self._place.clip.parent, are_own=True)
        try:
            openings = Openings()
        except OSError:
            openings = None
        # where the kernel tells who writes what, nobody need look for it
        public = Folders(() if openings else public_folders(), self._place.root, are_own=False)
        try:
            told = self._live(rooms, PrivacyMode.STRICT, openings)
            if told.fault is FaultCode.CONFINEMENT_FAILED:
                evidence.strict_refused = str(told.why("this machine"))
                evidence.mode = PrivacyMode.BEST_EFFORT
                told = self._live(rooms, PrivacyMode.BEST_EFFORT, openings)
            if not told.has_ended and not told.broken and told.fault is not FaultCode.CONFINEMENT_FAILED:
                raise told.why(str(clip))
            end_suddenly(
                self._job(evidence.mode, realtime=True, loop=True),
                self._around(rooms, evidence.sudden),
                evidence.sudden,
            )
            if openings:
                evidence.written = sorted({*openings.by(told.pid), *openings.by(evidence.sudden.pid)})
        finally:
            if openings:
                openings.close()
        self._progress("searching", 0, 0)
        evidence.streams, evidence.messages = self._listener.streams, self._listener.messages
        evidence.outputs = [
            *_said(told, "vision process"),
            *_said(evidence.sudden, "vision process that was broken off"),
            Output("sentences of the courier", "\n".join(told.sentences).encode()),
            *(Output("to the broker", stream) for stream in evidence.streams),
            *own.outputs(),
            *public.outputs(lambda _, state: state.st_uid == os.geteuid()),
            *(output for path in evidence.written or () for output in _written(path)),
        ]
        rooms_of_vision = tuple(f"{folder}/" for folder in (rooms.work, rooms.home, rooms.temporary, rooms.attacked))
        evidence.left_behind = [
            each.name.removeprefix(f"{rooms.root}/")
            for each in evidence.outputs
            if each.is_own and each.name.startswith(rooms_of_vision)
        ]
        evidence.not_checked += [f"a file that may be somebody else's: {each}" for each in public.left_out[:5]]
        evidence.not_checked += [f"files of the proof's own: {each}" for each in own.left_out]

    def search(self) -> None:
        """Everything that came out."""
        self.evidence.leaks = leaks_in(self.evidence.outputs, self._word, self._show_mark)

    def plant_leaks(self, *, cores: bool) -> None:
        """And the same search where the confinement is off and a process lets everything out."""
        self._progress("planting leaks, and searching for them", 0, 0)
        rooms = self._place.rooms("leaky")
        own = Folders((rooms.root,), self._place.clip.parent, are_own=True)
        public = Folders((self._place.shared.parent,), self._place.root, are_own=False)
        ways = leaks.Ways(
            temporary=rooms.temporary,
            home=rooms.home,
            work=rooms.work,
            shared=self._place.shared,
            port=self._listener.port,
        )
        told, before = Told(), len(self._listener.streams)
        environment = {**rooms.environment(), leaks.WANTED: ways.model_dump_json()}
        around = Around(leaks.__name__, rooms.work, environment, told.words.extend)
        with VisionProcess(self._job(PrivacyMode.BEST_EFFORT), show_stderr=False, around=around) as process:
            told.lines = list(process.lines())
            process.wait()
        outputs = [
            *_said(told, "leaky process"),
            *(Output("to the broker", stream) for stream in self._listener.streams[before:]),
            *own.outputs(),
            *public.outputs(lambda path, _: path == str(self._place.shared)),
        ]
        found = leaks_in(outputs, self._word, self._show_mark)
        excused = _excused(bytes(told.words), cores=cores)
        for planted in leaks.PLANTED:
            is_found = any(planted.output in Path(leak.output).name and planted.form in leak.form for leak in found)
            why_not = None if is_found else excused.get(planted.name)
            self.evidence.controls.append(
                Control(what=planted.name, found=None if why_not else is_found, why_not=why_not)
            )

    # -- inside

    def _live(self, rooms: Rooms, mode: PrivacyMode, openings: Openings | None) -> Told:
        evidence = self.evidence
        evidence.told = told = Told()
        evidence.watch = watch = Watch(self._place.clip)
        length_s = self._marked.frames / self._config.cameras[CAMERA].fps
        self._progress("watching", 0, length_s)

        def each_beat(pid: int, t_s: float) -> None:
            watch.look(pid)
            if openings:
                openings.collect()
            self._progress("watching", t_s, length_s)

        live(self._job(mode), self._config, CAMERA, rooms.state, self._around(rooms, told), told, each_beat)
        return told

    def _job(self, mode: PrivacyMode, *, realtime: bool = False, loop: bool = False) -> Job:
        return job_for(
            self._config.cameras[CAMERA],
            str(self._place.clip),
            self._config,
            privacy=mode,
            timezone=system_zone(),
            realtime=realtime,
            loop=loop,
        )

    def _around(self, rooms: Rooms, told: Told) -> Around:
        wanted = inside.Wanted(folder=rooms.attacked, kept=rooms.kept, without=tuple(self._without))
        environment = {**rooms.environment(), inside.WANTED: wanted.model_dump_json()}
        return Around(inside.__name__, rooms.work, environment, told.words.extend)

    def _show_mark(self, files: list[bytes]) -> list[bool]:
        paths = [self._place.clip.parent / f"found-{number}{_suffix(file)}" for number, file in enumerate(files)]
        try:
            for path, file in zip(paths, files, strict=True):
                path.write_bytes(file)
            return errand.show_mark(paths, self._word, self._marked.width, self._marked.height)
        finally:
            for path in paths:
                path.unlink(missing_ok=True)


def _suffix(file: bytes) -> str:
    """Stills are told from videos by their names."""
    is_video = file[4:8] == b"ftyp" or file[:4] == b"\x1a\x45\xdf\xa3" or file[8:12] == b"AVI "
    return ".video" if is_video else ".png"


def _said(told: Told, who: str) -> Iterator[Output]:
    yield Output(f"{who}, to the courier", b"".join(told.lines))
    yield Output(f"{who}, log", bytes(told.words))


def _written(path: str) -> Iterator[Output]:
    """A file that the vision process has opened for writing, as far as it is still there."""
    with suppress(OSError):
        yield from file_outputs(Path(path), is_own=True)


def _excused(words: bytes, *, cores: bool) -> dict[str, str]:
    """Which leaks could not be planted on this machine, and why."""
    excused: dict[str, str] = {}
    for line in words.splitlines():
        if line.startswith(b"not planted: "):
            name, _, why = line.removeprefix(b"not planted: ").decode(errors="replace").rpartition(": ")
            excused[name] = why
    elsewhere = where_core_files_go()
    if elsewhere is not None:
        excused["a core file"] = "core files of this machine go elsewhere, see core_pattern"
    elif not cores:
        excused["a core file"] = "this user may have none"
    return excused
