"""One tracker over many scenes: numbers in, ids out, both as JSON. Runs in the environment of that tracker.

Reads `{"settings": [...], "scenes": {name: [[t_s, [row, ...]], ...]}}` from standard input; a row is score, box
(x1, y1, x2, y2) and 17 keypoints (x, y, score), lengths in frame heights. Writes, for each setting,
`{"ids": {name: [[id or -1 for each row], ...]}, "us_per_frame": ...}`: only ids that the tracker reports as seen
in that very frame.

    python benchmarks/follow.py semcam|norfair|trackers < scenes.json > ids.json
"""

import importlib.metadata
import itertools
import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
Setting = dict[str, Any]

FPS = 10.0
HEIGHT = 480.0
"""The libraries' motion models are tuned for pixels: frame heights are blown up to a picture of this height."""


class Follower(Protocol):
    """Any tracker."""

    def step(self, t_s: float, rows: Rows) -> list[int]:
        """The id of each row; -1 where the tracker gives none."""


class Own:
    """semcam's own tracker of people."""

    def __init__(self, setting: Setting) -> None:
        from semcam.tracking.people import PeopleTracker

        if setting:
            raise ValueError("semcam's tracker is measured as it is shipped")
        self._tracker = PeopleTracker(itertools.count(1))

    def step(self, t_s: float, rows: Rows) -> list[int]:
        from semcam.tracking.observation import People

        keypoints = rows[:, 5:].reshape(-1, 17, 3).copy()
        people = People(t_s, rows[:, 1:5].copy(), keypoints, rows[:, 0].copy())
        ids = [-1] * len(rows)
        for person in self._tracker.step(people):
            if person.last_seen_s == t_s:
                matches = [index for index in range(len(rows)) if np.shares_memory(person.keypoints, keypoints[index])]
                ids[matches[0]] = person.id
        return ids


class Norfair:
    """norfair, by keypoints or by box."""

    def __init__(self, setting: Setting) -> None:
        import norfair
        from norfair.filter import OptimizedKalmanFilterFactory

        self._norfair = norfair
        self._by_box = setting["distance"] == "iou"
        self._least = setting["least_score"]
        self._joint = setting.get("joint_score", 0.0)
        self._tracker = norfair.Tracker(
            distance_function="iou" if self._by_box else self._between,
            distance_threshold=setting["distance_threshold"],
            hit_counter_max=setting["hit_counter_max"],
            initialization_delay=setting["initialization_delay"],
            detection_threshold=self._joint,
            past_detections_length=0,
            filter_factory=OptimizedKalmanFilterFactory(R=setting.get("R", 4.0), Q=setting.get("Q", 0.1)),
        )

    def _between(self, detection: Any, tracked: Any) -> float:
        """Mean distance between the joints that both show, in body sizes, as norfair's guide to poses advises."""
        both = (detection.scores > self._joint) & (tracked.last_detection.scores > self._joint)
        if np.count_nonzero(both) < 3:
            both = np.ones(len(both), bool)
        distance = np.linalg.norm(detection.points[both] - tracked.estimate[both], axis=1).mean()
        return float(distance / max(detection.data[2], tracked.last_detection.data[2]))

    def step(self, t_s: float, rows: Rows) -> list[int]:
        detections = []
        for index, row in enumerate(rows):
            if row[0] < self._least:
                continue
            box = row[1:5].astype(float) * HEIGHT
            size = max(float(np.hypot(box[2] - box[0], box[3] - box[1])), 1.0)
            data = (t_s, index, size)
            if self._by_box:
                detections.append(self._norfair.Detection(box.reshape(2, 2), np.repeat(row[0], 2), data))
            else:
                joints = row[5:].reshape(17, 3).astype(float)
                detections.append(self._norfair.Detection(joints[:, :2] * HEIGHT, joints[:, 2], data))
        ids = [-1] * len(rows)
        for tracked in self._tracker.update(detections):
            seen_s, index, _ = tracked.last_detection.data
            if seen_s == t_s:
                ids[index] = int(tracked.id)
        return ids


class Roboflow:
    """The trackers of the package `trackers`: boxes and scores."""

    def __init__(self, setting: Setting) -> None:
        import supervision
        import trackers

        self._supervision = supervision
        rest = {name: value for name, value in setting.items() if name not in {"class", "iou", "least_score"}}
        if "iou" in setting:
            rest["iou"] = getattr(trackers, setting["iou"])()
        self._least = setting["least_score"]
        self._tracker = getattr(trackers, setting["class"])(frame_rate=FPS, **rest)

    def step(self, t_s: float, rows: Rows) -> list[int]:
        del t_s  # frames come at an even rate
        kept = np.flatnonzero(rows[:, 0] >= self._least)
        detections = self._supervision.Detections(
            xyxy=rows[kept, 1:5].astype(float) * HEIGHT,
            confidence=rows[kept, 0].astype(float),
            class_id=np.zeros(len(kept), int),
            data={"row": kept},
        )
        ids = [-1] * len(rows)
        result = self._tracker.update(detections)
        if len(result):
            for row, number in zip(result.data["row"], result.tracker_id, strict=True):
                ids[int(row)] = int(number)
        return ids


FOLLOWERS: dict[str, Callable[[Setting], Follower]] = {"semcam": Own, "norfair": Norfair, "trackers": Roboflow}


def follow(make: Callable[[Setting], Follower], setting: Setting, scenes: dict[str, Any]) -> dict[str, Any]:
    """All scenes with one setting, a fresh tracker for each."""
    ids: dict[str, list[list[int]]] = {}
    spent_s, frames = 0.0, 0
    for name, scene in scenes.items():
        follower = make(setting)
        ids[name] = []
        for t_s, rows in scene:
            array = np.array(rows, np.float32).reshape(-1, 56)
            began_s = time.process_time()
            ids[name].append(follower.step(t_s, array))
            spent_s += time.process_time() - began_s
            frames += 1
    return {"ids": ids, "us_per_frame": round(1e6 * spent_s / max(frames, 1), 1)}


def weight() -> dict[str, float]:
    """Megabytes of each distribution installed in this environment."""
    sizes = {}
    for distribution in importlib.metadata.distributions():
        paths = {str(distribution.locate_file(file)) for file in distribution.files or []}
        sizes[distribution.metadata["Name"].lower().replace("_", "-")] = sum(_size(path) for path in paths) / 1e6
    return sizes


def _size(path: str) -> int:
    from pathlib import Path

    return Path(path).stat().st_size if Path(path).is_file() else 0


def main() -> None:
    """Standard input to standard output; libraries that print must not spoil it."""
    out, sys.stdout = sys.stdout, sys.stderr
    if sys.argv[1] == "weight":
        json.dump(weight(), out)
        return
    logging.disable(logging.WARNING)
    task = json.load(sys.stdin)
    results = [follow(FOLLOWERS[sys.argv[1]], setting, task["scenes"]) for setting in task["settings"]]
    json.dump(results, out)


if __name__ == "__main__":
    main()
