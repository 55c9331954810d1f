"""`semcam bench`: a clip through the real, confined vision process for speed and memory, then taken apart."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from semcam.contract.config import Config, Job, job_for
from semcam.contract.errors import VisionError
from semcam.contract.signal import Beat, Ended, Fault, Ready, Wall
from semcam.courier.faults import explain_end, explain_fault
from semcam.courier.vision_process import SILENT, VisionProcess
from semcam.workbench.bench.stages import Breakdown

Progress = Callable[[str, float, float], None]
"""Told of what is done, how far it is, and how far it is to go; 0 where nobody knows."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the vision process as it is."""

    pictures: int
    length_s: float
    """Of the clip, in its own time."""
    ready_s: float
    """From its start until it looks at the first picture."""
    watching_s: float
    """From then until the end of the clip."""
    cpu_s: float
    """Of the processor, the start left out as far as that can be told: all threads, from ready to the end."""
    memory_mb: float
    """At most, resident."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What was measured with one clip."""

    clip: Path
    run: Run
    parts: Breakdown

    @property
    def path_ms(self) -> float:
        """What one picture takes on its way, all stages together."""
        return _per_picture(sum(self.parts.stages_s.values()), self.parts)

    @property
    def models_ms(self) -> float:
        """What the models alone would take for one picture, if they looked at the whole of it."""
        return _per_picture(self.parts.models_alone_s, self.parts)

    @property
    def ratio(self) -> float | None:
        """The whole path against the models alone; None where no model had to work."""
        return self.path_ms / self.models_ms if self.models_ms else None

    @property
    def ratio_as_run(self) -> float | None:
        """The same, against the models alone on what they were shown: parts of pictures, where people are followed."""
        return sum(self.parts.stages_s.values()) / self.parts.models_as_run_s if self.parts.models_as_run_s else None

    @property
    def speed(self) -> float:
        """Against real time."""
        return self.run.length_s / self.run.watching_s

    @property
    def cpu_s_per_hour(self) -> float:
        """Seconds of the processor for an hour of video like this."""
        return self.run.cpu_s / self.run.length_s * 3600

    def to_json(self) -> str:
        """All of it as one JSON object."""
        return json.dumps(
            {
                "clip": str(self.clip),
                "pictures": self.run.pictures,
                "length_s": round(self.run.length_s, 3),
                "speed": round(self.speed, 3),
                "cpu_s_per_hour": round(self.cpu_s_per_hour, 1),
                "memory_mb": round(self.run.memory_mb, 1),
                "ready_s": round(self.run.ready_s, 3),
                "ms_per_picture": {
                    "path": round(self.path_ms, 3),
                    "models_alone": round(self.models_ms, 3),
                    "stages": {
                        name: round(_per_picture(each, self.parts), 3) for name, each in self.parts.stages_s.items()
                    },
                },
                "ratio": None if self.ratio is None else round(self.ratio, 3),
                "ratio_as_run": None if self.ratio_as_run is None else round(self.ratio_as_run, 3),
                "looks": self.parts.looks,
            },
            ensure_ascii=False,
        )


def bench(clip: Path, config: Config, camera: str, threads: int, progress: Progress) -> Bench:
    """Measure with one clip as if `camera` saw it.

    Raises:
        SemcamError: the clip, a model or the vision process failed.
    """
    job = job_for(config.cameras[camera], str(clip), config, threads=threads)
    progress("the real path", 0, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    wall, ended, length_s, ready_s, ready_cpu_s = Wall(job.rules, job.zones), None, 0.0, 0.0, 0.0
    with VisionProcess(job, show_stderr=True) as process:
        for line in process.lines():
            match wall.admit(line):
                case Ready() as ready:
                    length_s, ready_s = ready.length_s, time.monotonic() - began
                    ready_cpu_s = cpu_s_of(process.pid)
                case Beat() as beat:
                    progress("the real path", beat.t_s, length_s)
                case Ended() as end:
                    ended = end
                case Fault() as fault:
                    raise explain_fault(fault, job)
        if ended is None:
            raise explain_end(process.wait(), str(clip), memory_ran_out=process.memory_ran_out)
        watching_s = time.monotonic() - began - ready_s
        process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run = Run(ended.frames, max(ended.t_s, 1e-3), ready_s, watching_s, cpu_s - ready_cpu_s, after.ru_maxrss / 1024)
    progress("its parts", 0, 0)
    return Bench(clip, run, _parts(job, clip))


def print_bench(measured: Bench) -> None:
    """For people: where the time goes, and what it comes to."""
    console = Console(highlight=False, markup=False)
    run, parts = measured.run, measured.parts
    rate = run.pictures / run.length_s
    console.print(f"{measured.clip}: {run.pictures} pictures, {run.length_s:.1f} s", end="", soft_wrap=True)
    console.print(f", {rate:.1f} a second\n", soft_wrap=True)
    table = Table(box=None, header_style="bold")
    table.add_column("stage")
    for heading in ("ms/picture", "share", "times"):
        table.add_column(heading, justify="right")
    for name, seconds in parts.stages_s.items():
        share = seconds / (sum(parts.stages_s.values()) or 1.0)
        times = str(parts.looks[name]) if name in parts.looks else ""
        table.add_row(name, f"{_per_picture(seconds, parts):.2f}", f"{share:.1%}", times)
    table.add_row("all", f"{measured.path_ms:.2f}", "", "")
    console.print(table)
    console.print(f"\na picture takes {measured.path_ms:.2f} ms{_against(measured)}", soft_wrap=True)
    console.print(
        f"{measured.speed:.1f} × real time, {measured.cpu_s_per_hour:.0f} s of the processor an hour of video"
    )
    console.print(f"{run.memory_mb:.0f} MB at most, looking at the first picture {run.ready_s:.1f} s after the start")


def _against(measured: Bench) -> str:
    if measured.ratio is None or measured.ratio_as_run is None:
        return ""
    whole = f", {measured.ratio:.2f} × the models alone on whole pictures ({measured.models_ms:.2f} ms)"
    return f"{whole}, {measured.ratio_as_run:.2f} × the models as they ran"


def _parts(job: Job, clip: Path) -> Breakdown:
    done = subprocess.run(
        [sys.executable, "-m", "semcam.workbench.bench.stages"],
        input=job.model_dump_json().encode() + b"\n",
        stdout=subprocess.PIPE,
        env={**os.environ, **SILENT},
        check=False,
    )
    if done.returncode != 0:
        raise VisionError(f"{clip}: the process that takes the path apart ended with exit code {done.returncode}")
    parts = Breakdown.model_validate_json(done.stdout)
    if parts.fault is not None:
        raise explain_fault(parts.fault, job)
    return parts


def _per_picture(seconds: float, parts: Breakdown) -> float:
    """In milliseconds."""
    return 1000 * seconds / max(parts.pictures, 1)


def cpu_s_of(pid: int) -> float:
    """What a process has used of the processor so far (proc(5), stat: utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
