"""The vision process at work: read, look, track, judge, tell. `start.py` has given everything else up by then."""

import signal
import time

import numpy as np
import numpy.ma  # np.median loads it with the first numbers that it meets, when nothing can be loaded any more

from semcam.contract.config import Job
from semcam.contract.errors import FaultCode, VisionFault
from semcam.contract.heat import COOL, HOT
from semcam.contract.local_time import LocalTimes, local_time, read_zone, source_times
from semcam.contract.manifest import models_dir
from semcam.contract.privacy import PrivacyMode
from semcam.contract.signal import Beat, Ended, Privacy, Ready, View, age_of
from semcam.rules.judge import Judge
from semcam.tracking.observation import Objects, People
from semcam.vision import memory
from semcam.vision.capture.device import pipe_of
from semcam.vision.capture.frame import Frame, Gap, Pace, Source
from semcam.vision.capture.open import open_source
from semcam.vision.confine.confinement import Confinement
from semcam.vision.gate import Gate
from semcam.vision.perceive.eyes import Eyes
from semcam.vision.perceive.view import ViewHealth
from semcam.vision.places import print_places

BEAT_EVERY_S = 1.0
NOBODY = People(0.0, np.empty((0, 4), np.float32), np.empty((0, 17, 3), np.float32), np.empty(0, np.float32))
NOTHING = Objects(0.0, np.empty((0, 4), np.float32), (), np.empty(0, np.float32))


def work(job: Job, gate: Gate, confinement: Confinement, voice: int) -> None:
    """Open the source, load the models, give up the rest, and watch. `voice` is the descriptor of the gate.

    Raises:
        VisionFault: the source or a model cannot be used, or `privacy: strict` cannot be kept.
    """
    pace = Pace()
    _heed_heat(pace)
    source = open_source(job, pace)
    confinement.source_is_open()
    eyes = Eyes.load(models_dir(), job)
    watch = Watch(job, source, pace, eyes, gate)
    memory.require()  # NumPy's library of linear algebra takes a large piece with its first product
    watch.warm_up()
    confinement.before_frames(voice, watch.rule_at_work, pipe_of(job.source))
    gate.say(0.0, Privacy(layers=confinement.layers))
    if confinement.layers.missing() and job.privacy is PrivacyMode.STRICT:
        raise VisionFault(FaultCode.CONFINEMENT_FAILED)
    gate.say(0.0, Ready(length_s=source.length_s, compute=eyes.compute))
    watch.run()


class Watch:
    """The loop: every frame through the whole path, until the source ends."""

    def __init__(self, job: Job, source: Source, pace: Pace, eyes: Eyes, gate: Gate) -> None:
        self._job = job
        self._source = source
        self._pace = pace
        self._eyes = eyes
        self._gate = gate
        self._local = _local_times(job)
        self._judge: Judge | None = None
        self._health = ViewHealth()

    def rule_at_work(self) -> str | None:
        """The rule that is being judged at this moment, if any."""
        return self._judge.at_work if self._judge else None

    def warm_up(self) -> None:
        """Look at a black picture, so that whatever is loaded or read with the first frame is there already."""
        black = Frame(np.zeros((480, 640, 3), np.uint8), 0.0, 0)
        self._eyes.warm_up(black)
        ViewHealth().judge(black)
        Judge(self._job, black.aspect, self._local, time.thread_time).step(NOBODY, NOTHING)

    def run(self) -> None:
        """Watch."""
        beat_due_s, frames, t_s, view = 0.0, 0, 0.0, View.OK
        oldest_s: float | None = None
        for frame in self._source.frames():
            t_s = frame.t_s
            if isinstance(frame, Gap):
                self._judge = None  # what it knows of the room is too old; it begins anew, as in a new process
                self._gate.flush(t_s)
                self._gate.say(t_s, Beat(t_s=t_s, frames=frames, view=View.NO_FRAMES))
                continue
            frames += 1
            self._judge = self._judge or Judge(self._job, frame.aspect, self._local, time.thread_time)
            sight = self._eyes.look(frame, is_hot=self._pace.is_hot)
            self._pace.is_calm = self._eyes.are_at_rest
            judgement = self._judge.step(sight.people, sight.objects)
            for error in judgement.errors:
                print_places(error)
            for said in judgement.signals:
                self._gate.say(t_s, said)
            oldest_s = _older(oldest_s, frame)
            if t_s >= beat_due_s:
                self._gate.flush(t_s)
                age_ms = None if oldest_s is None else age_of(oldest_s)
                view = self._health.judge(frame, is_still=self._pace.is_calm)
                self._gate.say(t_s, Beat(t_s=t_s, frames=frames, view=view, age_ms=age_ms))
                beat_due_s, oldest_s = t_s + BEAT_EVERY_S, None
        self._source.close()
        _finish(self._gate, t_s, frames, view)


def _heed_heat(pace: Pace) -> None:
    """From now on the courier may say how hot the board is."""
    for number, is_hot in ((HOT, True), (COOL, False)):
        signal.signal(number, lambda *_, is_hot=is_hot: setattr(pace, "is_hot", is_hot))


def _older(oldest_s: float | None, frame: Frame) -> float | None:
    """The age of the oldest picture since the last beat, with this one; None where they were not taken just now."""
    if frame.taken_s is None:
        return oldest_s
    return max(oldest_s or 0.0, time.monotonic() - frame.taken_s)


def _local_times(job: Job) -> LocalTimes:
    """What time it is where the camera hangs: a clip's time runs on from its start, a camera's is now."""
    zone = read_zone(job.timezone)
    if job.start_unix_s is None:
        return lambda _t_s: local_time(time.time(), zone)
    return source_times(job.start_unix_s, zone)


def _finish(gate: Gate, t_s: float, frames: int, view: View) -> None:
    """The clip is over; what the budget still holds back leaves at the pace of the budget."""
    now_s = t_s
    while gate.waiting:
        now_s += BEAT_EVERY_S
        gate.say(now_s, Beat(t_s=now_s, frames=frames, view=view))
        gate.flush(now_s)
    gate.say(now_s, Ended(t_s=t_s, frames=frames))
