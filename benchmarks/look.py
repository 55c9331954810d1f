"""One pose estimator at work on pictures that are named to it: clips in, milliseconds and people out, both as JSON.

Runs in the environment of that estimator. Each line on standard input is `{"clip", "pictures": [index, ...], "anew"}`,
`anew` where a clip begins; each line on standard output `{"ms": [...], "people": [...]}`, for each picture the time
from the picture to the answer and how many people were found. Pictures are fitted into 640×480 first, untimed.

    python benchmarks/look.py semcam|semcam-whole|semcam-float|mediapipe|mediapipe-still < asked > answered
"""

import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # both as in the vision process

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Look = Callable[[Picture], int]

WIDTH, HEIGHT = 640, 480
FPS = 10.0
SURE = 0.2
"""Score from which semcam's pose model counts as having found somebody."""


def semcam(name: str, *, follow: bool) -> Callable[[], Look]:
    """semcam's own pose model: everybody, up to six; `follow` as in the vision process, in parts of the picture."""
    from semcam.contract.manifest import models_dir
    from semcam.vision.capture.frame import Frame
    from semcam.vision.perceive.focus import Focus
    from semcam.vision.perceive.pose import PoseModel
    from semcam.vision.perceive.session import Session

    cv2.setNumThreads(1)  # as in the vision process
    model = PoseModel(Session(models_dir(), name, 0))

    def begin() -> Look:
        pose, numbers = (Focus(model) if follow else model), itertools.count()

        def look(picture: Picture) -> int:
            number = next(numbers)
            return int((pose.look(Frame(picture, number / FPS, number)).scores >= SURE).sum())

        return look

    return begin


def mediapipe(*, still: bool) -> Callable[[], Look]:
    """BlazePose full: one person, followed from picture to picture unless `still`."""
    import mediapipe as mp  # type: ignore[import-not-found, unused-ignore]

    def begin() -> Look:
        pose = mp.solutions.pose.Pose(static_image_mode=still, model_complexity=1)

        def look(picture: Picture) -> int:
            answer = pose.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            return int(answer.pose_landmarks is not None)

        return look

    return begin


ESTIMATORS: dict[str, Callable[[], Callable[[], Look]]] = {
    "semcam": lambda: semcam("movenet-multipose-int8", follow=True),
    "semcam-whole": lambda: semcam("movenet-multipose-int8", follow=False),
    "semcam-float": lambda: semcam("movenet-multipose", follow=False),
    "mediapipe": lambda: mediapipe(still=False),
    "mediapipe-still": lambda: mediapipe(still=True),
}


def fitted(picture: Picture) -> Picture:
    """As large as it goes into 640×480, unbent, the rest black."""
    height, width = picture.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    below, beside = HEIGHT - size[1], WIDTH - size[0]
    return np.asarray(cv2.copyMakeBorder(small, 0, below, 0, beside, cv2.BORDER_CONSTANT), np.uint8)


def named(clip: str, indices: list[int]) -> Iterator[Picture]:
    """These pictures of a clip, in order."""
    capture = cv2.VideoCapture(clip)
    wanted, number = set(indices), 0
    while number <= max(indices) and capture.grab():
        if number in wanted:
            there, picture = capture.retrieve()
            if there:
                yield fitted(np.asarray(picture, np.uint8))
        number += 1


def main() -> None:
    """Answer every line."""
    begin = ESTIMATORS[sys.argv[1]]()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # libraries write to standard output as they like
    look = begin()
    look(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        if asked["anew"]:
            look = begin()
        pictures = list(named(asked["clip"], asked["pictures"]))
        took, people = [], []
        for picture in pictures:
            began = time.perf_counter()
            people.append(look(picture))
            took.append(1000 * (time.perf_counter() - began))
        print(json.dumps({"ms": took, "people": people}), file=out, flush=True)


if __name__ == "__main__":
    main()
