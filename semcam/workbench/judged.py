"""Clips judged for the workbench: observed once, judged by the real rules, worded by the real desk."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from semcam import __version__
from semcam.contract.config import Config, ViewName, job_for
from semcam.contract.delivery import AlarmSettings
from semcam.contract.event import Event, MadeBy
from semcam.contract.manifest import models_digest, models_dir
from semcam.contract.signal import RuleFault
from semcam.courier.clock import ReplayClock
from semcam.courier.delivery import Delivery
from semcam.courier.desk import Desk
from semcam.courier.outbox import Outbox
from semcam.workbench.lookers import find_all
from semcam.workbench.replay import EPOCH_START, times_of
from semcam.workbench.task import Finding, Task
from semcam.workbench.trail import Trail


@dataclass(frozen=True, slots=True)
class Shown:
    """One clip and how it is shown; `view` None leaves the camera's own."""

    clip: Path
    hold_last_s: float = 0.0
    view: ViewName | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """How clips are looked at."""

    jobs: int | None = None
    """Clips at the same time; None for one per core."""
    cache: Path | None = None
    """Where observations are remembered; None looks anew."""
    trail: bool = False
    """Whether the course of each clip is wanted."""
    start: datetime = EPOCH_START
    """When the clips are taken to have begun."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What one clip came to."""

    clip: Path
    length_s: float
    events: tuple[Event, ...]
    reasons: tuple[str, ...]
    """Why each alarm was raised, or what came closest, in words."""
    trail: Trail | None


_EVERY_ALARM = AlarmSettings(often=0, escalate_after=0.0, repeat_every=0.0, long_lie=())
"""What is scored is what the rules say, not how often people are reminded of it."""


class _Collector:
    """Keeps events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def deliver(self, delivery: Delivery) -> None:
        self.events.append(delivery.event)


def judge_clips(
    clips: Sequence[Shown], config: Config, camera: str, looking: Looking, progress: Callable[[int, int], None]
) -> list[Judged]:
    """Judge clips as if `camera` saw them, several at a time; `progress` is told how many of all are done.

    Raises:
        SemcamError: a clip or a model cannot be used.
    """
    jobs = looking.jobs or os.cpu_count() or 1
    threads = max(1, (os.cpu_count() or 1) // min(jobs, max(len(clips), 1)))
    configs = [_seen_from(config, camera, shown.view) for shown in clips]
    tasks = [
        Task(
            job=job_for(
                fitted.cameras[camera],
                str(shown.clip),
                fitted,
                hold_last_s=shown.hold_last_s,
                threads=threads,
                **times_of(fitted, looking.start),
            ),
            cache=str(looking.cache) if looking.cache else None,
            trail=looking.trail,
        )
        for shown, fitted in zip(clips, configs, strict=True)
    ]
    progress(0, len(tasks))
    findings = find_all(tasks, jobs, lambda done: progress(done, len(tasks)))
    return [
        Judged(
            shown.clip,
            finding.length_s,
            _events(finding, fitted, camera, looking.start),
            finding.reasons,
            finding.trail,
        )
        for shown, fitted, finding in zip(clips, configs, findings, strict=True)
    ]


def _seen_from(config: Config, camera: str, view: ViewName | None) -> Config:
    if view is None:
        return config
    turned = config.cameras[camera].model_copy(update={"view": view})
    return config.model_copy(update={"cameras": {camera: turned}})


def _events(finding: Finding, config: Config, camera: str, start: datetime) -> tuple[Event, ...]:
    """The signals in words, as the courier tells them."""
    collector = _Collector()
    made_by = MadeBy(semcam=__version__, models=models_digest(models_dir(), config.model_files), config=config.digest())
    told = config.model_copy(update={"alarms": _EVERY_ALARM})
    desk = Desk(told, camera, ReplayClock(start), Outbox.in_memory(camera, "evaluate"), made_by, [collector])
    for signal in finding.signals:
        if isinstance(signal, RuleFault):
            desk.rule_fault(signal)
        else:
            desk.take(signal)
    return tuple(collector.events)
