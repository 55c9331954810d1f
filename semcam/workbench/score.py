"""The score: what counts as a hit, a miss and a false alarm."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from semcam.contract.delivery import AlarmStage
from semcam.contract.event import Event
from semcam.workbench.labels import Label

HIT_WITHIN_S = 15.0
"""A confirmed event counts as a hit up to so long after its label."""
Z95 = 1.96


@dataclass(frozen=True, slots=True)
class Raised:
    """An event that a clip raised."""

    kind: str
    stage: AlarmStage
    t_s: float

    @classmethod
    def of(cls, event: Event) -> "Raised":
        """What of an event counts here."""
        return cls(event.kind, event.data.stage, event.data.clock.mono_s)


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


def score(labels: tuple[Label, ...], raised: tuple[Raised, ...], length_s: float, rated: set[str]) -> ClipResult:
    """Each label takes the first confirmed event of its kind in its window; what is left of a rated kind is false."""
    left = [event for event in raised if event.stage is AlarmStage.CONFIRMED and event.kind in rated]
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


def result_of(clips: Sequence[ClipResult]) -> Result:
    """The clips taken together."""
    return Result(tuple(_rows(clips)), tuple(clips), sum(clip.length_s for clip in clips))


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
        e.t_s
        for e in clip.raised
        if e.stage is AlarmStage.SUSPECTED and e.t_s <= confirmed.t_s and e.kind == label.kind
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
