"""Event-level score over labelled clips: did the right sentence come, in time, and no other?"""

import csv
import json
import math
import os
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from rich.console import Console
from rich.table import Table

from semcam.contract.config import Config
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.event import Event, Status
from semcam.contract.signal import Stage
from semcam.courier.delivery import Delivery
from semcam.workbench.replay import Playing, counted, replay

HIT_WITHIN_S = 15.0
"""A confirmed event counts as a hit up to so long after its label."""
Z95 = 1.96
TABLE_WIDTH = 112


def _or(default: object) -> BeforeValidator:
    """An empty cell means the default."""
    return BeforeValidator(lambda value: default if value == "" else value)


class Label(BaseModel):
    """One row of a manifest: one expected event, or, without a kind, a clip in which nothing may happen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clip: Annotated[str, Field(min_length=1)]
    kind: Annotated[str | None, _or(None)] = None
    start_s: Annotated[float, _or(0.0), Field(ge=0)] = 0.0
    hold_last_s: Annotated[float, _or(0.0), Field(ge=0, le=3600)] = 0.0
    view: Annotated[Literal["room", "ceiling"], _or("room")] = "room"
    group: str = ""


COLUMNS = ",".join(Label.model_fields)


@dataclass(frozen=True, slots=True)
class Raised:
    """An event that a clip raised."""

    kind: str
    stage: Stage
    t_s: float


@dataclass(frozen=True, slots=True)
class ClipResult:
    """What one clip raised, against what it should have."""

    labels: tuple[Label, ...]
    raised: tuple[Raised, ...]
    length_s: float
    hits: tuple[tuple[Label, Raised], ...]
    misses: tuple[Label, ...]
    false_alarms: tuple[Raised, ...]

    @property
    def clip(self) -> str:
        """Its path as the manifest gives it."""
        return self.labels[0].clip

    @property
    def group(self) -> str:
        """Its group; a clip belongs to one."""
        return self.labels[0].group

    @property
    def verdict(self) -> str:
        """One word; what should worry most comes first."""
        if self.misses:
            return "miss"
        if self.false_alarms:
            return "false_alarm"
        return "hit" if self.hits else "quiet"


@dataclass(frozen=True, slots=True)
class Row:
    """The score of one kind in one group; `kind` None counts the clips in which nothing may happen."""

    kind: str | None
    group: str
    clips: int
    expected: int
    hits: int
    misses: int
    false_alarms: int
    clean: int
    """Clips without a false alarm."""
    suspected_after_s: tuple[float, ...]
    confirmed_after_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The whole evaluation."""

    rows: tuple[Row, ...]
    clips: tuple[ClipResult, ...]
    footage_s: float


def read_manifest(path: Path) -> list[Label]:
    """The rows of a manifest.

    Raises:
        ConfigError: with every row that cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            unknown = [str(name) for name in reader.fieldnames or () if name not in Label.model_fields]
            rows = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise ConfigError(str(path), (Problem(None, "", "no such file; check the name"),)) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            str(path), (Problem(None, "", f"cannot be read as CSV ({error}); save it as UTF-8"),)
        ) from None
    labels: list[Label] = []
    problems = [Problem(1, name, f"unknown column; the columns are {COLUMNS}") for name in unknown]
    for line, row in rows:
        try:
            label = Label.model_validate({key: value for key, value in row.items() if key not in unknown})
            labels.append(label)
            if not (path.parent / label.clip).is_file():
                problems.append(Problem(line, "clip", f"{label.clip}: no such file beside the manifest"))
        except ValidationError as error:
            problems += [
                Problem(line, ".".join(map(str, e["loc"])), _remedy(e["type"], e["msg"])) for e in error.errors()
            ]
    if not labels and not problems:
        problems.append(Problem(None, "", f"has no rows; it needs the columns {COLUMNS}"))
    if problems:
        raise ConfigError(str(path), tuple(problems))
    return labels


def evaluate_manifest(
    manifest: Path, config: Config, camera: str, jobs: int | None, progress: Callable[[int, int], None]
) -> Result:
    """Replay every clip of a manifest, several at a time, and score what they raise.

    Raises:
        SemcamError: the manifest or a clip cannot be used.
    """
    by_clip: dict[str, list[Label]] = defaultdict(list)
    for label in read_manifest(manifest):
        by_clip[label.clip].append(label)
    rated = {label.kind for labels in by_clip.values() for label in labels if label.kind} or {"fall"}
    workers = jobs or os.cpu_count() or 1
    threads = max(1, (os.cpu_count() or 1) // workers)
    results: dict[str, ClipResult] = {}
    progress(0, len(by_clip))
    with ThreadPoolExecutor(workers) as pool:
        futures = {
            pool.submit(_play, manifest.parent / clip, labels, config, camera, threads): clip
            for clip, labels in by_clip.items()
        }
        try:
            for future in as_completed(futures):
                clip = futures[future]
                results[clip] = score(tuple(by_clip[clip]), *future.result(), rated)
                progress(len(results), len(by_clip))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    clips = tuple(results[clip] for clip in by_clip)
    return Result(tuple(_rows(clips)), clips, sum(result.length_s for result in clips))


def _unseen(done_s: float, length_s: float) -> None:
    """One clip's progress is not shown; the number of clips done is."""


class _Collector:
    """Keeps events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def deliver(self, delivery: Delivery) -> None:
        self.events.append(delivery.event)

    def tell_status(self, status: Status) -> None:
        """Not an event."""


def _play(
    clip: Path, labels: list[Label], config: Config, camera: str, threads: int
) -> tuple[tuple[Raised, ...], float]:
    first = labels[0]
    seen_from = config.cameras[camera].model_copy(update={"view": first.view})
    fitted = config.model_copy(update={"cameras": {camera: seen_from}})
    collector = _Collector()
    playing = Playing(hold_last_s=first.hold_last_s, threads=threads)
    summary = replay(clip, fitted, camera, playing, [collector], _unseen)
    raised = (Raised(event.kind, event.data.stage, event.data.clock.mono_s) for event in collector.events)
    return tuple(raised), summary.length_s


def score(labels: tuple[Label, ...], raised: tuple[Raised, ...], length_s: float, rated: set[str]) -> ClipResult:
    """Each label takes the first confirmed event of its kind in its window; what is left of a rated kind is false."""
    left = [event for event in raised if event.stage is Stage.CONFIRMED and event.kind in rated]
    hits: list[tuple[Label, Raised]] = []
    misses: list[Label] = []
    for label in labels:
        if label.kind is None:
            continue
        found = next((event for event in left if _answers(event, label)), None)
        if found is None:
            misses.append(label)
        else:
            left.remove(found)
            hits.append((label, found))
    return ClipResult(labels, raised, length_s, tuple(hits), tuple(misses), tuple(left))


def _answers(event: Raised, label: Label) -> bool:
    return event.kind == label.kind and label.start_s <= event.t_s <= label.start_s + HIT_WITHIN_S


def _rows(clips: Iterable[ClipResult]) -> Iterable[Row]:
    """One row for each group and kind, in the order of the manifest."""
    cells: dict[tuple[str, str | None], list[ClipResult]] = defaultdict(list)
    for clip in clips:
        for kind in dict.fromkeys(label.kind for label in clip.labels):
            cells[clip.group, kind].append(clip)
    for (group, kind), members in cells.items():
        hits = [hit for clip in members for hit in clip.hits if hit[0].kind == kind]
        misses = sum(label.kind == kind for clip in members for label in clip.misses)
        yield Row(
            kind=kind,
            group=group,
            clips=len(members),
            expected=len(hits) + misses,
            hits=len(hits),
            misses=misses,
            false_alarms=sum(len(clip.false_alarms) for clip in members),
            clean=sum(not clip.false_alarms for clip in members),
            suspected_after_s=tuple(_suspected_after(clip, hit) for clip in members for hit in clip.hits),
            confirmed_after_s=tuple(event.t_s - label.start_s for label, event in hits),
        )


def _suspected_after(clip: ClipResult, hit: tuple[Label, Raised]) -> float:
    """Seconds from the label to the last suspicion before the confirmation; negative if it came too early."""
    label, confirmed = hit
    before = [
        e.t_s for e in clip.raised if e.stage is Stage.SUSPECTED and e.t_s <= confirmed.t_s and e.kind == label.kind
    ]
    return (before[-1] if before else confirmed.t_s) - label.start_s


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson 1927, score interval); (0, 1) where there were no trials."""
    if trials == 0:
        return 0.0, 1.0
    p, z2 = successes / trials, Z95 * Z95
    middle = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def to_json(result: Result) -> str:
    """The result as one JSON object."""
    keys = ("kind", "group", "clips", "expected", "hits", "misses", "false_alarms")
    document = {
        "rows": [{key: getattr(row, key) for key in keys} for row in result.rows],
        "clips": [
            {
                "clip": clip.clip,
                "group": clip.group,
                "verdict": clip.verdict,
                "confirmed": [
                    {"kind": event.kind, "t_s": event.t_s} for event in clip.raised if event.stage is Stage.CONFIRMED
                ],
            }
            for clip in result.clips
        ],
        "footage_s": round(result.footage_s, 3),
    }
    return json.dumps(document, ensure_ascii=False)


def print_table(result: Result) -> None:
    """The result for people: the table, then the clips that went wrong."""
    console = Console(highlight=False, markup=False)
    console.width = max(console.width, TABLE_WIDTH)  # a table that lost its letters helps nobody
    table = Table(box=None, header_style="bold")
    for heading in ("group", "kind"):
        table.add_column(heading)
    for heading in ("clips", "hits", "misses", "false alarms", "sensitivity", "specificity", "suspected", "confirmed"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in result.rows:
        table.add_row(
            row.group or "–",
            row.kind or "(nothing)",
            str(row.clips),
            f"{row.hits}/{row.expected}" if row.expected else "–",
            str(row.misses) if row.expected else "–",
            str(row.false_alarms),
            _rate(row.hits, row.expected),
            _rate(row.clean, row.clips) if row.kind is None else "–",
            _median(row.suspected_after_s),
            _median(row.confirmed_after_s),
        )
    console.print(table)
    for clip in result.clips:
        if clip.verdict in ("miss", "false_alarm"):
            said = ", ".join(f"{e.stage} {e.kind} at {e.t_s:.1f} s" for e in clip.raised) or "nothing raised"
            console.print(f"{clip.verdict.replace('_', ' ')}: {clip.clip} ({said})", soft_wrap=True)
    false_alarms = sum(len(clip.false_alarms) for clip in result.clips)
    hours = result.footage_s / 3600
    console.print(
        f"{counted(len(result.clips), 'clip')}, {result.footage_s / 60:.1f} min of footage, "
        f"{counted(false_alarms, 'false alarm')} ({false_alarms / hours if hours else 0:.1f} an hour); "
        "intervals are 95 %, times are medians after the label"
    )


def _rate(successes: int, trials: int) -> str:
    if not trials:
        return "–"
    low, high = wilson(successes, trials)
    return f"{successes / trials:.2f} ({low:.2f}–{high:.2f})"


def _median(values: tuple[float, ...]) -> str:
    return f"{statistics.median(values):+.1f} s" if values else "–"


def _remedy(kind: str, message: str) -> str:
    return "is missing; add it" if kind == "missing" else message
