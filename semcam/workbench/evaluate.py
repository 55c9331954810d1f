"""Event-level score over labelled clips: did the right sentence come, in time, and no other?"""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from semcam.contract.config import Config
from semcam.workbench.judged import Judged, Looking, Shown, judge_clips
from semcam.workbench.labels import Label, read_manifest
from semcam.workbench.score import Raised, Result, result_of, score


def evaluate_manifest(
    manifest: Path, config: Config, camera: str, looking: Looking, progress: Callable[[int, int], None]
) -> tuple[Result, list[Judged]]:
    """Judge every clip of a manifest and score what they raise; both in the order of the manifest.

    Raises:
        SemcamError: the manifest or a clip cannot be used.
    """
    by_clip: dict[str, list[Label]] = defaultdict(list)
    for label in read_manifest(manifest):
        by_clip[label.clip].append(label)
    rated = {label.kind for labels in by_clip.values() for label in labels if label.kind} or {"fall"}
    shown = [Shown(manifest.parent / clip, labels[0].hold_last_s, labels[0].view) for clip, labels in by_clip.items()]
    judged = judge_clips(shown, config, camera, looking, progress)
    clips = [
        score(tuple(labels), tuple(map(Raised.of, clip.events)), clip.length_s, rated)
        for labels, clip in zip(by_clip.values(), judged, strict=True)
    ]
    return result_of(clips), judged
