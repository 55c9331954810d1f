"""Keeps one vision process per camera alive, checks every line it says, and tells the desks."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from semcam.contract.config import Job
from semcam.contract.errors import SemcamError, Trouble, VisionError, WallError
from semcam.contract.privacy import Layers, PrivacyReport
from semcam.contract.signal import Beat, Ended, Fault, Privacy, Ready, RuleFault, RuleSignal, View, Wall
from semcam.courier.backoff import backoff_s
from semcam.courier.desk import Desk
from semcam.courier.faults import broken, explain_end, explain_fault, explain_silence, no_pictures, refused
from semcam.courier.feed import Dial, Feed
from semcam.courier.vision_process import VisionProcess

SILENCE_S = 10.0
"""Without a heartbeat, which only new frames cause, for so long, vision is taken for dead."""
START_WITHIN_S = 60.0
"""A small board loads models slowly."""
STABLE_AFTER_S = 30.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
TICK_S = 0.25
SLACK_S = 5.0
"""What this loop may take to notice and to tell."""


@dataclass(frozen=True, slots=True)
class _Line:
    camera: str
    run: int
    content: bytes | None
    """None when the process has closed its end."""


@dataclass(slots=True)
class _Watch:
    """One camera's process and how it fares."""

    job: Job
    desk: Desk
    wall: Wall
    """Kept over restarts: the bytes of a minute are the camera's, not the process's."""
    dial: Dial | None = None
    """Where it is a network camera."""
    feed: Feed | None = None
    process: VisionProcess | None = None
    reader: threading.Thread | None = None
    run: int = 0
    started_s: float = 0.0
    heard_s: float = 0.0
    is_ready: bool = False
    beating: bool = False
    without_pictures: bool = False
    """Whether its last heartbeat said that there are none."""
    is_told: bool = False
    """Whether it has been told that the camera has stopped, and that is so."""
    failures: int = 0
    restart_at_s: float = 0.0
    ever_ready: bool = False
    layers: Layers | None = None
    """What the process said of its confinement."""
    last_error: SemcamError | None = None


class Supervisor:
    """Runs all cameras of one site in one thread; a reader thread per process only fills the queue."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        desks: Mapping[str, Desk],
        say: Callable[[str], None],
        dials: Mapping[str, Dial] | None = None,
    ) -> None:
        """`say` takes sentences for the log of the service; `dials` tells which cameras are reached over a network."""
        self._watches = {
            camera: _Watch(job, desks[camera], Wall(job.rules, job.zones), (dials or {}).get(camera))
            for camera, job in jobs.items()
        }
        self._say = say
        self._is_hot = False
        self._lines: queue.SimpleQueue[_Line] = queue.SimpleQueue()

    def run(self, stop: threading.Event, each_tick: Callable[[], None]) -> None:
        """Watch until `stop` is set; `each_tick` is called several times a second.

        Raises:
            SemcamError: no camera could be started at all; the first one's reason.
        """
        try:
            while not stop.is_set():
                now_s = time.monotonic()
                for camera, watch in self._watches.items():
                    self._keep_alive(camera, watch, now_s)
                self._hear(TICK_S)
                each_tick()
                self._give_up_if_hopeless()
        finally:
            for watch in self._watches.values():
                if watch.process is not None:
                    watch.process.stop()
                if watch.feed is not None:
                    watch.feed.close()
                if watch.reader is not None:
                    watch.reader.join()

    def replace(self, camera: str, job: Job) -> None:
        """Give one camera another job: its process is ended and started anew at once; to be called from `each_tick`."""
        watch = self._watches[camera]
        watch.job = job
        watch.wall.adopt(job.rules, job.zones)
        if watch.process is not None:
            self._end(watch)
        watch.failures, watch.restart_at_s, watch.last_error = 0, 0.0, None

    def warn_of_heat(self, *, is_hot: bool) -> None:
        """Have all cameras spare the board, or no longer; call it as often as you like."""
        if is_hot is not self._is_hot:
            self._is_hot = is_hot
            for watch in self._watches.values():
                if watch.process is not None and watch.is_ready:
                    watch.process.warn_of_heat(is_hot=is_hot)

    def is_honest(self, now_s: float) -> bool:
        """Whether each camera sees, or it has been told that it does not: what a watchdog above this one may trust."""
        return all(
            watch.is_told or now_s - watch.heard_s < (SILENCE_S if watch.beating else START_WITHIN_S) + SLACK_S
            for watch in self._watches.values()
        )

    @property
    def troubles(self) -> dict[str, str]:
        """Of each camera that has stopped: why, in a sentence."""
        stopped = {camera: watch for camera, watch in self._watches.items() if watch.is_told}
        return {camera: str(watch.last_error or "is starting") for camera, watch in stopped.items()}

    @property
    def has_begun(self) -> bool:
        """Whether any camera has come so far that it could see."""
        return any(watch.ever_ready for watch in self._watches.values())

    def _keep_alive(self, camera: str, watch: _Watch, now_s: float) -> None:
        if watch.process is None:
            if now_s >= watch.restart_at_s:
                self._start(camera, watch, now_s)
            return
        if watch.feed is not None:
            self._tell(camera, watch.feed.tend(now_s))
            if watch.feed.is_spent:
                self._lose(watch, VisionError("the camera now packs its pictures differently", Trouble.SOURCE))
                return
            if watch.feed.is_blind:
                self._lose(watch, VisionError("the camera plays and nothing can be made of it", Trouble.HANGS))
                return
        patience_s = SILENCE_S if watch.beating else START_WITHIN_S
        if now_s - watch.heard_s > patience_s:
            source = watch.job.source
            is_alive = watch.without_pictures
            why = explain_silence(watch.process.state, source, patience_s)
            self._lose(watch, no_pictures(source, patience_s) if is_alive else why)
        elif watch.failures and watch.beating and now_s - watch.started_s > STABLE_AFTER_S:
            watch.failures = 0

    def _start(self, camera: str, watch: _Watch, now_s: float) -> None:
        if watch.last_error is not None:
            self._say(f"camera {camera}: {watch.last_error}; starting it again")
        watch.run += 1
        watch.started_s = watch.heard_s = now_s
        watch.is_ready = watch.beating = watch.without_pictures = False
        try:
            self._begin(camera, watch)
        except (OSError, RuntimeError) as error:  # the latter is what Python makes of a thread that is refused
            self._lose(watch, refused(error, watch.job.source))

    def _begin(self, camera: str, watch: _Watch) -> None:
        if watch.dial is not None:
            watch.feed = Feed(watch.dial)
            watch.process = VisionProcess(watch.job, show_stderr=False, pipe=watch.feed.pipe)
            watch.feed.inherited()
        else:
            watch.process = VisionProcess(watch.job, show_stderr=False)
        arguments = (camera, watch.run, watch.process)
        reader = threading.Thread(target=self._read, args=arguments, name=f"read-{camera}", daemon=True)
        reader.start()
        watch.reader = reader

    def _read(self, camera: str, run: int, process: VisionProcess) -> None:
        """In a thread of its own: a pipe cannot be waited for together with a queue."""
        for content in process.lines():
            self._lines.put(_Line(camera, run, content))
        process.hang_up()
        self._lines.put(_Line(camera, run, None))

    def _hear(self, timeout_s: float) -> None:
        """Handle all that has come in, waiting for the first."""
        try:
            line = self._lines.get(timeout=timeout_s)
            while True:
                watch = self._watches[line.camera]
                if line.run == watch.run and watch.process is not None:  # not the last words of one we ended
                    self._handle(line, watch)
                line = self._lines.get_nowait()
        except queue.Empty:
            return

    def _handle(self, line: _Line, watch: _Watch) -> None:
        if line.content is None:
            assert watch.process is not None
            code, memory_ran_out = watch.process.ended(), watch.process.memory_ran_out
            end = explain_end(code, watch.job.source, memory_ran_out=memory_ran_out)
            self._lose(watch, watch.last_error or end)
            return
        now_s = time.monotonic()
        try:
            signal = watch.wall.admit(line.content, now_s)
            match signal:
                case RuleSignal():
                    watch.desk.take(signal)
                case RuleFault():
                    watch.desk.rule_fault(signal)
                case Beat():
                    watch.beating, watch.last_error = True, None
                    watch.without_pictures = signal.view is View.NO_FRAMES
                    if not watch.without_pictures or watch.feed is not None:
                        watch.heard_s, watch.is_told = now_s, False
                    watch.desk.beat(signal)
                    if watch.feed is not None and watch.without_pictures:
                        self._tell(line.camera, watch.feed.no_frames(now_s))
                    elif watch.feed is not None:
                        watch.feed.shows()
                case Privacy(layers=layers):
                    watch.layers = layers
                    watch.desk.privacy(PrivacyReport(mode=watch.job.privacy, layers=layers))
                case Ready(compute=compute):
                    watch.ever_ready = watch.is_ready = True
                    if self._is_hot and watch.process is not None:
                        watch.process.warn_of_heat(is_hot=True)
                    watch.desk.ready(compute)
                case Ended():
                    watch.last_error = VisionError("the source came to its end")
                case Fault():
                    watch.last_error = explain_fault(signal, watch.job, watch.layers)
        except WallError as error:
            self._lose(watch, broken(error))

    def _tell(self, camera: str, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self._say(f"camera {camera}: {sentence}")

    def _lose(self, watch: _Watch, error: SemcamError) -> None:
        """End what is left of the process, raise the fault, and plan the next start: at once, then ever later."""
        self._end(watch)
        watch.last_error = error
        pause_s = backoff_s(watch.failures - 1, FIRST_PAUSE_S, LONGEST_PAUSE_S) if watch.failures else 0.0
        watch.failures += 1
        watch.restart_at_s = time.monotonic() + pause_s
        watch.is_told = True
        watch.desk.fault(error.trouble)

    def _end(self, watch: _Watch) -> None:
        if watch.process is not None:
            watch.process.stop()
            watch.process = None
        if watch.feed is not None:
            watch.feed.close()
            watch.feed = None

    def _give_up_if_hopeless(self) -> None:
        watches = self._watches.values()
        if all(watch.failures and not watch.ever_ready and watch.process is None for watch in watches):
            raise next(watch.last_error for watch in watches if watch.last_error is not None)
