"""The process that takes the path apart and times each part; whatever pixels there are live and die in it.

    python -m semcam.workbench.bench.stages < job > breakdown

The parts are the real ones, put together as in the vision process, each with a watch in its hand.
"""

import io
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar

from semcam.contract.base import Frozen
from semcam.contract.config import Job
from semcam.contract.errors import VisionFault
from semcam.contract.local_time import read_zone, source_times
from semcam.contract.manifest import models_dir
from semcam.contract.signal import Beat, Fault
from semcam.rules.judge import Judge
from semcam.tracking.tracker import Tracker
from semcam.tracking.zones import ZoneMap
from semcam.vision.capture.frame import Frame, Gap, Pace
from semcam.vision.capture.open import open_source
from semcam.vision.gate import Gate
from semcam.vision.perceive.eyes import Eyes
from semcam.vision.perceive.focus import focused
from semcam.vision.perceive.load import chosen, load_models
from semcam.vision.perceive.pose import OneByOne, PoseModel
from semcam.vision.perceive.rhythm import Rhythm
from semcam.vision.perceive.second_look import SecondLook
from semcam.vision.perceive.session import Session
from semcam.vision.perceive.view import ViewHealth
from semcam.vision.places import print_places
from semcam.vision.voice import private_stdout

DECODE, GATE, BEFORE, AFTER, TRACK, RULES, TELL = (
    "decode",
    "motion gate",
    "pre-processing",
    "post-processing",
    "track",
    "rules",
    "tell",
)
ALONE_EVERY = 3
"""Of so many runs of a model one is repeated alone: in the same seconds, for other work on the machine slows both."""
BEAT_EVERY_S = 1.0

Sight = TypeVar("Sight")


class Breakdown(Frozen):
    """What the pictures of one clip took, in seconds for all of them together."""

    fault: Fault | None = None
    pictures: int = 0
    looks: dict[str, int] = {}
    """How often each model worked."""
    stages_s: dict[str, float] = {}
    models_alone_s: float = 0.0
    """The models alone on whole pictures, those that were looked at, with nothing between."""
    models_as_run_s: float = 0.0
    """The same models alone on the very inputs that they got: where people are followed, on parts of pictures."""


class Watch:
    """Adds up what each stage takes."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.runs: list[tuple[float, float]] = []
        """From when to when models were at work, within one look."""

    def lap(self, stage: str, since: float) -> float:
        """Book the time since then; says what time it is."""
        now = time.perf_counter()
        self.seconds[stage] += now - since
        return now


class TimedSession(Session):
    """A model with a watch. Now and then it is run once more on the same input, with nothing else between."""

    def __init__(self, session: Session, name: str, watch: Watch) -> None:
        self.__dict__.update(vars(session))
        self.name, self.runs = name, 0
        self._watch, self._alone = watch, list[float]()

    def run(self, *inputs: Any) -> Any:
        """One inference, timed."""
        began = time.perf_counter()
        outputs = super().run(*inputs)
        ended = self._watch.lap(self.name, began)
        if self.runs % ALONE_EVERY == 0:
            super().run(*inputs)
            self._alone.append(time.perf_counter() - ended)
        self.runs += 1
        self._watch.runs.append((began, time.perf_counter()))
        return outputs

    @property
    def alone_s(self) -> float:
        """What all its runs would take if nothing came between them."""
        return sum(self._alone) / len(self._alone) * self.runs if self._alone else 0.0


class Whole:
    """The pose model alone on whole pictures, now and then."""

    def __init__(self, model: PoseModel) -> None:
        self._model = model
        self._took = list[float]()
        self._looks = 0

    def look(self, frame: Frame) -> None:
        """A picture that was looked at."""
        if self._looks % ALONE_EVERY == 0:
            _, tensor = self._model.prepare(frame)
            began = time.perf_counter()
            self._model.session.run(tensor)
            self._took.append(time.perf_counter() - began)
        self._looks += 1

    @property
    def alone_s(self) -> float:
        """What all of them would take."""
        return sum(self._took) / len(self._took) * self._looks if self._took else 0.0


class TimedLook(Generic[Sight]):
    """What comes before and after the models in one look; between two of them, half and half."""

    def __init__(self, look: Callable[[Frame], Sight], watch: Watch, whole: Whole | None = None) -> None:
        self._look = look
        self._whole = whole
        self._watch = watch
        self.seconds = 0.0

    def look(self, frame: Frame) -> Sight:
        """What is in it, timed."""
        began = time.perf_counter()
        self._watch.runs.clear()
        sight = self._look(frame)
        ended = time.perf_counter()
        self.seconds += ended - began
        edges = [began, *(edge for run in self._watch.runs for edge in run), ended]
        gaps = [end - start for start, end in zip(edges[::2], edges[1::2], strict=True)]
        between = sum(gaps[1:-1]) / 2
        self._watch.seconds[BEFORE] += gaps[0] + between
        self._watch.seconds[AFTER] += gaps[-1] + between if len(gaps) > 1 else 0.0
        if self._whole:
            self._whole.look(frame)
            self.seconds += time.perf_counter() - ended  # not the gate's, which gets what is left
        return sight


def take_apart(job: Job) -> Breakdown:
    """Play the job's clip and time each part.

    Raises:
        VisionFault: the clip or a model cannot be used.
    """
    watch, sessions = Watch(), list[TimedSession]()

    def timed(session: Session, name: str) -> TimedSession:
        sessions.append(TimedSession(session, name, watch))
        return sessions[-1]

    pace = Pace()
    source, loaded = open_source(job, pace), load_models(models_dir(), job)
    pose_name, detector_name = (chosen(name, job.compute) for name in (job.pose, job.detector))
    pose = loaded.pose
    if isinstance(pose, OneByOne):
        finder = replace(pose.finder, session=timed(pose.finder.session, "who is there"))
        pose = replace(pose, finder=finder, session=timed(pose.session, pose_name))
        whole = None
    else:
        whole = Whole(pose)
        pose = replace(pose, session=timed(pose.session, pose_name))
    finds = SecondLook(replace(loaded.detector, session=timed(loaded.detector.session, detector_name)))
    people, things = TimedLook(focused(pose).look, watch, whole), TimedLook(finds.look, watch)
    eyes = Eyes(people, things, job.motion_gate, rhythm=Rhythm(wants_things=job.wants_things))
    pictures = _play(job, source.frames(), pace, eyes, watch, lambda: people.seconds + things.seconds)
    source.close()
    as_run_s = sum(session.alone_s for session in sessions)
    not_whole_s = sum(session.alone_s for session in sessions if session.name == pose_name)
    return Breakdown(
        pictures=pictures,
        looks={session.name: session.runs for session in sessions},
        stages_s=_in_order(watch.seconds, [session.name for session in sessions]),
        models_alone_s=as_run_s - not_whole_s + whole.alone_s if whole else as_run_s,
        models_as_run_s=as_run_s,
    )


def _play(
    job: Job, frames: Iterator[Frame | Gap], pace: Pace, eyes: Eyes, watch: Watch, looked_s: Callable[[], float]
) -> int:
    judge: Judge | None = None
    tracker: Tracker | None = None
    gate, health = Gate(io.BytesIO()), ViewHealth()
    local = source_times(job.start_unix_s or 0.0, read_zone(job.timezone))
    pictures, beat_due_s = 0, 0.0
    while True:
        began = time.perf_counter()
        frame = next(frames, None)
        if frame is None:
            return pictures
        if isinstance(frame, Gap):
            continue
        pictures += 1
        now = watch.lap(DECODE, began)
        before_s = looked_s()
        sight = eyes.look(frame)
        pace.is_calm = eyes.are_at_rest
        # what the eyes did beside looking
        watch.seconds[GATE] += time.perf_counter() - now - (looked_s() - before_s)
        judge = judge or Judge(job, frame.aspect, local)
        tracker = tracker or Tracker(ZoneMap(job.zones, frame.aspect, job.view), job.view)
        now = time.perf_counter()
        judgement = judge.step(sight.people, sight.objects)
        judged = watch.lap(RULES, now)
        # the judge's own tracker cannot be timed from outside; a second one does the same work
        tracker.step(sight.people, sight.objects)
        tracking_s = time.perf_counter() - judged
        watch.seconds[TRACK] += tracking_s
        watch.seconds[RULES] -= tracking_s
        now = time.perf_counter()
        for signal in judgement.signals:
            gate.say(frame.t_s, signal)
        if frame.t_s >= beat_due_s:
            gate.flush(frame.t_s)
            view = health.judge(frame, is_still=pace.is_calm)
            gate.say(frame.t_s, Beat(t_s=frame.t_s, frames=pictures, view=view))
            beat_due_s = frame.t_s + BEAT_EVERY_S
        watch.lap(TELL, now)


def _in_order(seconds: Mapping[str, float], models: list[str]) -> dict[str, float]:
    order = (DECODE, GATE, BEFORE, *models, AFTER, TRACK, RULES, TELL)
    return {stage: max(0.0, seconds.get(stage, 0.0)) for stage in order}


def main() -> None:
    """Do the job on stdin."""
    out = private_stdout()
    try:
        breakdown = take_apart(Job.model_validate_json(sys.stdin.buffer.readline()))
    except VisionFault as fault:
        breakdown = Breakdown(fault=Fault.of(fault))
    except Exception as error:
        print_places(error)
        sys.exit(1)
    out.write(breakdown.model_dump_json().encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
