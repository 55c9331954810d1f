"""Keeps one vision process per camera alive, checks every line it says, and tells the desks."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from semcam.contract.config import Job
from semcam.contract.errors import SemcamError, VisionError, WallError
from semcam.contract.privacy import Layers, PrivacyReport
from semcam.contract.signal import Beat, Ended, Fault, Privacy, Ready, RuleFault, RuleSignal, View, Wall
from semcam.courier.desk import Desk
from semcam.courier.faults import broken, explain_end, explain_fault
from semcam.courier.feed import Dial, Feed
from semcam.courier.vision_process import VisionProcess

SILENCE_S = 10.0
"""Without a heartbeat, which only new frames cause, for so long, vision is taken for dead."""
START_WITHIN_S = 60.0
"""A small board loads models slowly."""
STABLE_AFTER_S = 30.0
LONGEST_PAUSE_S = 30.0
TICK_S = 0.25


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
    beating: bool = False
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

    def _keep_alive(self, camera: str, watch: _Watch, now_s: float) -> None:
        if watch.process is None:
            if now_s >= watch.restart_at_s:
                self._start(camera, watch, now_s)
            return
        if watch.feed is not None:
            self._tell(camera, watch.feed.tend(now_s))
            if watch.feed.is_spent:
                self._lose(watch, VisionError("the camera now packs its pictures differently"))
                return
        patience_s = SILENCE_S if watch.beating else START_WITHIN_S
        if now_s - watch.heard_s > patience_s:
            self._lose(watch, VisionError(f"no new picture for {patience_s:.0f} s"))
        elif watch.failures and watch.beating and now_s - watch.started_s > STABLE_AFTER_S:
            watch.failures = 0

    def _start(self, camera: str, watch: _Watch, now_s: float) -> None:
        if watch.last_error is not None:
            self._say(f"camera {camera}: {watch.last_error}; starting it again")
        watch.run += 1
        watch.started_s = watch.heard_s = now_s
        watch.beating = False
        if watch.dial is not None:
            watch.feed = Feed(watch.dial)
            watch.process = VisionProcess(watch.job, show_stderr=False, pipe=watch.feed.pipe)
            watch.feed.inherited()
        else:
            watch.process = VisionProcess(watch.job, show_stderr=False)
        arguments = (camera, watch.run, watch.process)
        watch.reader = threading.Thread(target=self._read, args=arguments, name=f"read-{camera}", daemon=True)
        watch.reader.start()

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
            self._lose(watch, watch.last_error or explain_end(watch.process.stop(), watch.job.source))
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
                    watch.heard_s, watch.beating, watch.last_error = now_s, True, None
                    watch.desk.beat(signal)
                    if signal.view is View.NO_FRAMES and watch.feed is not None:
                        self._tell(line.camera, watch.feed.no_frames(now_s))
                case Privacy(layers=layers):
                    watch.layers = layers
                    watch.desk.privacy(PrivacyReport(mode=watch.job.privacy, layers=layers))
                case Ready(compute=compute):
                    watch.ever_ready = True
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
        assert watch.process is not None
        watch.process.stop()
        watch.process = None
        if watch.feed is not None:
            watch.feed.close()
            watch.feed = None
        watch.last_error = error
        pause_s = 0.0 if watch.failures == 0 else min(2.0 ** (watch.failures - 1), LONGEST_PAUSE_S)
        watch.failures += 1
        watch.restart_at_s = time.monotonic() + pause_s
        watch.desk.fault()

    def _give_up_if_hopeless(self) -> None:
        watches = self._watches.values()
        if all(watch.failures and not watch.ever_ready and watch.process is None for watch in watches):
            raise next(watch.last_error for watch in watches if watch.last_error is not None)
