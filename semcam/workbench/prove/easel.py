"""The process that marks the clip, and that looks at pictures which were found: what pixels there are die in it.

    python -m semcam.workbench.prove.easel < task.json > answer.json

It is not confined: it sees what lies on the disk anyway, the clip that was given and files that were found.
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np

from semcam.contract.errors import VisionFault
from semcam.vision.capture.file import STILL, Playback, open_file
from semcam.vision.capture.frame import Frame
from semcam.vision.voice import private_stdout
from semcam.workbench.prove.avi import AviWriter
from semcam.workbench.prove.recognise import SMALLEST, shows
from semcam.workbench.prove.search import in_bytes
from semcam.workbench.prove.tasks import TASK, Answer, LookTask, MarkTask, Task
from semcam.workbench.prove.watermark import Grey, Word, layout, put

MOST_BYTES = 256 << 20
"""Of the marked clip, which is not compressed."""
STILL_S = 3.0
"""For so long a still picture is shown."""
MOST_FRAMES_SEEN = 10
"""Of a video that was found."""


def do(task: Task) -> Answer:
    """What the task says.

    Raises:
        VisionFault: the clip or picture cannot be decoded.
    """
    return mark_clip(task) if isinstance(task, MarkTask) else look_at(task)


def mark_clip(task: MarkTask) -> Answer:
    """As many frames as there is room for."""
    hold_last_s = STILL_S if task.clip.suffix.lower() in STILL else 0.0
    with closing(open_file(task.clip, Playback(task.fps, hold_last_s))) as source:
        frames = source.frames()
        first = next(frames)
        height, width, _ = first.pixels.shape
        if min(height, width) < SMALLEST:
            return Answer(width=width, height=height)
        mark = layout(Word(task.word), height, width)
        with task.out.open("xb+") as file:
            out = AviWriter(file, width, height, task.fps)
            out.write(put(mark, first.pixels))
            for frame in islice(frames, max(0, MOST_BYTES // first.pixels.nbytes - 1)):
                out.write(put(mark, frame.pixels))
            out.close()
        return Answer(frames=out.frames, width=width, height=height, is_cut=next(frames, None) is not None)


def look_at(task: LookTask) -> Answer:
    """Still pictures, and of videos the first frames."""
    word, mark = Word(task.word), layout(Word(task.word), task.height, task.width)
    return Answer(shown=tuple(any(_shows(frame, mark, word) for frame in _seen(path)) for path in task.pictures))


def _seen(path: Path) -> Iterator[Frame]:
    try:
        with closing(open_file(path, Playback(fps=10.0))) as source:
            yield from islice(source.frames(), MOST_FRAMES_SEEN)
    except VisionFault:
        return


def _shows(frame: Frame, mark: Grey, word: Word) -> bool:
    exact = next(in_bytes(frame.pixels.reshape(-1), word), None)
    return exact is not None or shows(frame.pixels.mean(axis=2).astype(np.uint8), mark)


def main() -> None:
    """Do the task on stdin."""
    out = private_stdout()
    try:
        answer = do(TASK.validate_json(sys.stdin.buffer.readline()))
    except VisionFault as fault:
        answer = Answer(fault=fault.code)
    out.write(answer.model_dump_json().encode())
    out.flush()


if __name__ == "__main__":
    main()
