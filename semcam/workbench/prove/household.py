"""The real path, as `semcam run` has it: vision started by name, every line checked, desk, outbox on disk, broker."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from semcam import __version__
from semcam.contract.broker import Broker
from semcam.contract.config import Config, Job
from semcam.contract.errors import FaultCode, SemcamError, WallError
from semcam.contract.event import MadeBy
from semcam.contract.manifest import models_digest, models_dir
from semcam.contract.privacy import Layers, PrivacyReport
from semcam.contract.signal import Beat, Ended, Fault, Privacy, RuleFault, RuleSignal, Wall
from semcam.courier.clock import WallClock
from semcam.courier.connection import Connection
from semcam.courier.console import Sentences
from semcam.courier.desk import Desk
from semcam.courier.faults import explain, explain_end
from semcam.courier.homeassistant import Announcement
from semcam.courier.outbox import Outbox
from semcam.courier.post import Post
from semcam.courier.vision_process import Around, VisionProcess

CONNECT_WITHIN_S = 10.0

EachBeat = Callable[[int, float], None]
"""Called while there are frames, with the id of the vision process and the seconds of the clip that are done."""


@dataclass(slots=True)
class Told:
    """Everything that one run of the vision process said, and how it ended."""

    pid: int = 0
    lines: list[bytes] = field(default_factory=list)
    words: bytearray = field(default_factory=bytearray)
    """What it said on stderr."""
    sentences: list[str] = field(default_factory=list)
    layers: Layers = field(default_factory=Layers)
    frames: int = 0
    fault: FaultCode | None = None
    broken: str | None = None
    """A line that must not pass, in words without the line."""
    has_ended: bool = False
    code: int = 0

    def why(self, clip: str) -> SemcamError:
        """Why it did not come to the end of the clip."""
        return explain(self.fault, clip, self.layers) if self.fault else explain_end(self.code, clip)

    def take(self, signal: object) -> None:
        """One that the wall has let pass."""
        match signal:
            case Beat(frames=frames):
                self.frames = frames
            case Ended(frames=frames):
                self.frames, self.has_ended = frames, True
            case Privacy(layers=layers):
                self.layers = layers
            case Fault(code=code):
                self.fault = code


def live(job: Job, config: Config, camera: str, state: Path, around: Around, told: Told, each_beat: EachBeat) -> None:
    """One clip through the whole house; `told` is filled as it goes. `around.hear` has to fill its words."""
    assert config.mqtt is not None
    clock = WallClock()
    models = models_digest(models_dir(), config.model_files)
    made_by = MadeBy(semcam=__version__, models=models, config=config.digest())
    outbox = Outbox.open(state / config.site, camera, config.outbox)
    try:
        desk = Desk(config, camera, clock, outbox, made_by, [Sentences(told.sentences.append, clip_time=False)])
        announcement = Announcement(config, camera)
        connection = Connection(config.mqtt, config.site, camera, announcement.topics)
        post = Post(desk, outbox, clock, connection, announcement)
        post.start()
        try:
            _follow(job, post, around, told, each_beat)
        finally:
            post.close()
    finally:
        outbox.close()


def _follow(job: Job, post: Post, around: Around, told: Told, each_beat: EachBeat) -> None:
    wall = Wall(job.rules, job.zones)
    with VisionProcess(job, show_stderr=False, around=around) as process:
        told.pid = process.pid
        for line in process.lines():
            told.lines.append(line)
            try:
                signal = wall.admit(line)
            except WallError as error:
                told.broken = str(error)
                break
            told.take(signal)
            match signal:
                case RuleSignal():
                    post.desk.take(signal)
                case RuleFault():
                    post.desk.rule_fault(signal)
                case Privacy():
                    post.desk.privacy(PrivacyReport(mode=job.privacy, layers=signal.layers))
                case Beat():
                    post.desk.beat(signal)
                    each_beat(process.pid, signal.t_s)
            post.tend()
        told.code = process.stop() if told.broken else process.wait()
    until_s = time.monotonic() + CONNECT_WITHIN_S
    while not post.is_connected and time.monotonic() < until_s:
        post.tend()
        time.sleep(0.02)


def end_suddenly(job: Job, around: Around, told: Told) -> None:
    """Let it look at frames, and break it off by a segmentation fault."""
    with VisionProcess(job, show_stderr=False, around=around) as process:
        told.pid = process.pid
        wall = Wall(job.rules, job.zones)
        for line in process.lines():
            told.lines.append(line)
            told.take(signal_ := wall.admit(line))
            if isinstance(signal_, Beat):
                os.kill(process.pid, signal.SIGSEGV)
                break
        told.code = process.wait()


def at_broker(config: Config, port: int) -> Config:
    """A house of its own, with a broker on this machine."""
    return config.model_copy(update={"site": "proof", "mqtt": Broker(host="127.0.0.1", port=port)})
