"""Clips through the real path: the same vision process, the same courier, another clock."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from semcam import __version__
from semcam.contract.config import Config, job_for
from semcam.contract.errors import ConfigError, Problem, SemcamError, SourceError, WallError
from semcam.contract.event import MadeBy
from semcam.contract.manifest import models_digest, models_dir
from semcam.contract.privacy import PrivacyReport
from semcam.contract.signal import Beat, Ended, Fault, Privacy, Ready, RuleFault, RuleSignal, Wall
from semcam.courier.clock import ReplayClock
from semcam.courier.connection import Connection
from semcam.courier.delivery import Delivery, Sink
from semcam.courier.desk import Desk
from semcam.courier.faults import broken, explain_end, explain_fault
from semcam.courier.outbox import Outbox
from semcam.courier.publisher import Publisher
from semcam.courier.vision_process import VisionProcess

EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
"""When a clip is taken to begin unless `--start` says otherwise: a time nobody takes for a real one."""

Progress = Callable[[float, float], None]
"""Called with the seconds of the clip that are done, and all there are (0 where not known)."""


@dataclass(frozen=True, slots=True)
class Playing:
    """How clips are replayed."""

    start: datetime = EPOCH_START
    hold_last_s: float = 0.0
    realtime: bool = False
    threads: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What it took to replay one clip."""

    clip: Path
    frames: int
    length_s: float
    events: int
    elapsed_s: float

    def __str__(self) -> str:
        speed = self.length_s / self.elapsed_s if self.elapsed_s > 0 else 0.0
        return (
            f"{self.clip}: {counted(self.frames, 'frame')}, {self.length_s:.1f} s, {counted(self.events, 'event')}, "
            f"done in {self.elapsed_s:.1f} s ({speed:.1f} × real time)"
        )


class _Counter:
    """Counts events on their way to the other sinks."""

    def __init__(self) -> None:
        self.events = 0

    def deliver(self, delivery: Delivery) -> None:
        self.events += 1


def times_of(config: Config, start: datetime) -> dict[str, Any]:
    """For a clip's job: when it began, and where the hours of rules are read. By default, as `start` has it."""
    offset = start.strftime("%z")
    return {"start_unix_s": start.timestamp(), "timezone": config.timezone or f"{offset[:3]}:{offset[3:5]}"}


def pick_camera(config: Config, wanted: str | None) -> str:
    """The camera whose rules a clip is judged by.

    Raises:
        ConfigError: there is no such camera, or several and none was named.
    """
    names = ", ".join(config.cameras)
    if wanted is None and len(config.cameras) == 1:
        return next(iter(config.cameras))
    if wanted is None:
        raise ConfigError("cameras", (Problem(None, "", f"several; name one with --camera: {names}"),))
    if wanted not in config.cameras:
        raise ConfigError("cameras", (Problem(None, "", f"no {wanted!r}; there are: {names}"),))
    return wanted


def replay(
    clip: Path,
    config: Config,
    camera: str,
    playing: Playing,
    sinks: Sequence[Sink],
    progress: Progress,
    connection: Connection | None = None,
) -> Summary:
    """Play one clip as if `camera` saw it; events go to the sinks, and to a broker, as they happen.

    Raises:
        SemcamError: the clip, a model or the vision process failed; what was raised before has been delivered.
    """
    began = time.monotonic()
    counter = _Counter()
    outbox = Outbox.in_memory(camera, _epoch(clip, config, playing))
    clock = ReplayClock(playing.start)
    made_by = MadeBy(semcam=__version__, models=models_digest(models_dir(), config.model_files), config=config.digest())
    desk = Desk(config, camera, clock, outbox, made_by, [*sinks, counter])
    publisher = connection.attach(outbox, desk, clock.moment(0.0)) if connection else None
    job = job_for(
        config.cameras[camera],
        str(clip),
        config,
        hold_last_s=playing.hold_last_s,
        realtime=playing.realtime,
        threads=playing.threads,
        **times_of(config, playing.start),
    )
    wall = Wall(job.rules, job.zones)
    length_s, ended = 0.0, None
    with _delivering(publisher, clock), VisionProcess(job, show_stderr=True) as process:
        for line in process.lines():
            try:
                signal = wall.admit(line)
            except WallError as error:
                raise broken(error) from None
            match signal:
                case RuleSignal():
                    desk.take(signal)
                case RuleFault():
                    desk.rule_fault(signal)
                case Beat():
                    desk.beat(signal)
                    progress(signal.t_s, length_s)
                    if publisher:
                        publisher.tend(clock.moment(signal.t_s))
                case Privacy():
                    desk.privacy(PrivacyReport(mode=job.privacy, layers=signal.layers))
                case Ready():
                    length_s = signal.length_s
                    desk.ready(signal.compute)
                case Ended():
                    ended = signal
                case Fault():
                    raise explain_fault(signal, job)
        if ended is None:
            raise explain_end(process.wait(), str(clip), memory_ran_out=process.memory_ran_out)
    return Summary(clip, ended.frames, ended.t_s, counter.events, time.monotonic() - began)


@contextmanager
def _delivering(publisher: Publisher | None, clock: ReplayClock) -> Iterator[None]:
    """What was told reaches the broker, whatever becomes of the clip; the first error is the one to tell."""
    try:
        yield
    except SemcamError:
        if publisher:
            with suppress(SemcamError):
                publisher.drain(clock.moment)
        raise
    if publisher:
        publisher.drain(clock.moment)


def _epoch(clip: Path, config: Config, playing: Playing) -> str:
    """Six letters that name this replay: same clip, configuration and start, same letters."""
    try:
        with clip.open("rb") as file:
            content = hashlib.file_digest(file, "sha256")
    except FileNotFoundError:
        raise SourceError(f"{clip}: no such file; check the name") from None
    except OSError as error:
        raise SourceError(f"{clip}: cannot be read ({error.strerror}); give a video or picture file") from None
    content.update(f"{config.digest()} {playing.start.isoformat()} {playing.hold_last_s}".encode())
    return base64.b32encode(content.digest())[:6].decode().lower()


def counted(number: int, noun: str) -> str:
    """1 clip, 2 clips."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
