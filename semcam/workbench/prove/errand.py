"""Errands for the easel: a process for each, so that no pixel comes into this one."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from semcam.contract.errors import SourceError, VisionError
from semcam.courier.faults import explain
from semcam.courier.vision_process import SILENT
from semcam.workbench.prove.recognise import SMALLEST
from semcam.workbench.prove.tasks import Answer, LookTask, MarkTask
from semcam.workbench.prove.watermark import Word

LOOK_WITHIN_S, MARK_WITHIN_S = 30.0, 600.0


def mark(clip: Path, word: Word, fps: float, out: Path) -> Answer:
    """Write the clip to `out` with the watermark in every frame.

    Raises:
        SourceError: it cannot be read, or is too small.
    """
    answer = _send(MarkTask(word=word.values, clip=clip, fps=fps, out=out), MARK_WITHIN_S)
    if answer is None:
        raise VisionError(f"{clip}: the process that marks the clip broke off; run it again, or give another clip")
    if answer.fault is not None:
        raise explain(answer.fault, str(clip))
    if answer.frames == 0:
        size = f"{answer.width} × {answer.height} pixels"
        raise SourceError(f"{clip}: {size} are too few for a watermark; give {SMALLEST} × {SMALLEST} or more")
    return answer


def show_mark(pictures: Sequence[Path], word: Word, width: int, height: int) -> list[bool]:
    """Which pictures show the watermark of clips of this size; what cannot be decoded does not."""
    if not pictures:
        return []
    answer = _send(LookTask(word=word.values, pictures=tuple(pictures), width=width, height=height), LOOK_WITHIN_S)
    if answer is not None:
        return list(answer.shown)
    if len(pictures) == 1:
        return [False]
    # one of them breaks the decoder: each by itself, then
    return [shown for each in pictures for shown in show_mark([each], word, width, height)]


def _send(task: MarkTask | LookTask, within_s: float) -> Answer | None:
    """None where the process did not come back: what it was given was not made to be decoded."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "semcam.workbench.prove.easel"],
            input=task.model_dump_json().encode() + b"\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **SILENT},
            timeout=within_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return Answer.model_validate_json(done.stdout) if done.returncode == 0 else None
