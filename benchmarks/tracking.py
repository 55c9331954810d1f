"""How well people keep their ids: semcam's own tracker beside norfair and Roboflow's trackers. See README.md.

python benchmarks/tracking.py MANIFEST.csv --cache FOLDER [--norfair PYTHON] [--trackers PYTHON] [--tune]
"""

import argparse
import csv
import itertools
import json
import math
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = list[float]
"""Score, box (x1, y1, x2, y2), 17 × (x, y, score); frame heights."""
Frames = list[tuple[float, list[Row]]]
Ids = list[list[int]]
Setting = dict[str, Any]

HERE = Path(__file__).resolve().parent
FPS = 10.0
STRONG, WEAK, FLOOR = 0.25, 0.08, 0.05
"""Scores that surely are somebody, may be somebody, and below which the pose model says nothing."""
TUNING, COMPARING = (1, 60), (2, 240)
"""Seed and number of the scenes with two people: settings are not judged on the scenes that chose them."""
PASSERS_BY = "people"
"""The group of clips in which several people come and go."""
PASSED_BY = frozenset(
    f"{kind}/upfall_s01_{take}_cam1.mp4"
    for kind, take in (("adl", "a06_t1"), ("adl", "a11_t1"), ("falls", "a01_t1"), ("falls", "a01_t3"))
)
"""Seen by eye: somebody passes behind the glass wall, so a second id is right; only the fall is judged."""
NOBODY = frozenset(
    f"people/{name}.mp4" for name in ("intel_car-detection", "intel_person-bicycle-car-detection", "surv_nofi029")
)
"""Clips in which cars move or nothing does: every id is a mistake."""
LASTS_S = 1.0
"""An id that lasts for less is a flicker that no rule would notice."""

# ---- the settings under test; chosen with --tune, see docs/tracking.md --------------------------------------

LASTING: Setting = {"hit_counter_max": 30, "initialization_delay": 2}
PATIENT: Setting = {"lost_track_buffer": 90, "minimum_consecutive_frames": 3, "track_activation_threshold": STRONG}
"""Alike for all: three observations until an id is told, about three seconds until the missing are given up."""

SETTINGS: dict[str, tuple[str, Setting]] = {
    "semcam": ("semcam", {}),
    "norfair, keypoints": (
        "norfair",
        LASTING
        | {"distance": "keypoints", "joint_score": 0.1, "distance_threshold": 1.2, "least_score": WEAK, "Q": 1.0},
    ),
    "norfair, box IoU": (
        "norfair",
        LASTING | {"distance": "iou", "distance_threshold": 0.99, "least_score": WEAK, "Q": 1.0},
    ),
    "trackers, ByteTrack": (
        "trackers",
        PATIENT
        | {
            "class": "ByteTrackTracker",
            "least_score": WEAK,
            "high_conf_det_threshold": 0.15,
            "iou": "GIoU",
            "minimum_iou_threshold": -0.5,
        },
    ),
    "trackers, SORT": (
        "trackers",
        PATIENT | {"class": "SORTTracker", "least_score": WEAK, "iou": "DIoU", "minimum_iou_threshold": -0.3},
    ),
}


def candidates() -> dict[str, tuple[str, list[Setting]]]:
    """What --tune tries."""

    def grid(base: Setting, **ranges: Iterable[Any]) -> list[Setting]:
        return [base | dict(zip(ranges, values, strict=True)) for values in itertools.product(*ranges.values())]

    norfair_ranges = {"least_score": [WEAK, 0.12, STRONG], "Q": [0.1, 1.0]}
    reaches = [{"iou": "IoU", "minimum_iou_threshold": least} for least in (0.02, 0.1, 0.3)]
    reaches += [
        {"iou": kind, "minimum_iou_threshold": least} for kind in ("GIoU", "DIoU") for least in (-0.7, -0.5, -0.3)
    ]
    by_byte = grid(PATIENT | {"class": "ByteTrackTracker", "least_score": WEAK}, high_conf_det_threshold=[0.15, STRONG])
    by_sort = grid(PATIENT | {"class": "SORTTracker"}, least_score=[WEAK, 0.12, STRONG])
    by_buffer = PATIENT | {
        "class": "CBIoUTracker",
        "least_score": WEAK,
        "instant_first_frame_activation": False,
        "minimum_iou_threshold_unconfirmed_assoc": 0.1,
        "minimum_iou_threshold_first_assoc": 0.02,
    }
    return {
        "norfair, keypoints": (
            "norfair",
            grid(
                LASTING | {"distance": "keypoints", "joint_score": 0.1},
                distance_threshold=[0.5, 0.8, 1.2],
                **norfair_ranges,
            ),
        ),
        "norfair, box IoU": (
            "norfair",
            grid(LASTING | {"distance": "iou"}, distance_threshold=[0.8, 0.9, 0.99], **norfair_ranges),
        ),
        "trackers, ByteTrack": ("trackers", [base | reach for base in by_byte for reach in reaches]),
        "trackers, SORT": ("trackers", [base | reach for base in by_sort for reach in reaches]),
        "trackers, C-BIoU": (
            "trackers",
            grid(
                by_buffer,
                high_conf_det_threshold=[0.15, STRONG],
                minimum_iou_threshold_second_assoc=[0.02, 0.2],
                buffer_ratio_first=[0.5, 1.0],
                buffer_ratio_second=[0.7, 1.5],
            ),
        ),
    }


# ---- observations --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip with its label, as numbers."""

    name: str
    group: str
    start_s: float | None
    """When the fall begins; None where nobody falls."""
    frames: Frames

    @property
    def lone(self) -> bool:
        """Whether the same one person is in view all along, as far as label and pose model can tell."""
        crowded = sum(sum(row[0] >= STRONG for row in rows) > 1 for _, rows in self.frames)
        return self.group != PASSERS_BY and crowded < 0.05 * len(self.frames)


def read(manifest: Path, cache: Path) -> list[Clip]:
    """All clips of a manifest; those that the cache does not hold are looked at first."""
    with manifest.open(newline="", encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    cache.mkdir(parents=True, exist_ok=True)
    clips = []
    look: Callable[[Path], Frames] | None = None
    for label in labels:
        kept = cache / (label["clip"].replace("/", "__") + ".json")
        if not kept.is_file():
            look = look or _eyes()
            print(f"looking at {label['clip']}", file=sys.stderr)
            kept.write_text(json.dumps(look(manifest.parent / label["clip"])), encoding="ascii")
        start_s = float(label["start_s"]) if label["kind"] == "fall" else None
        clips.append(Clip(label["clip"], label["group"], start_s, json.loads(kept.read_text(encoding="ascii"))))
    return clips


def _eyes() -> Callable[[Path], Frames]:
    """The pose model on the frames that semcam itself would look at; nothing but numbers is kept."""
    from semcam.contract.manifest import models_dir
    from semcam.contract.models import POSE
    from semcam.vision.capture.file import Playback, open_file
    from semcam.vision.perceive.pose import PoseModel
    from semcam.vision.perceive.session import Session

    pose = PoseModel(Session(models_dir(), POSE, 1))

    def look(path: Path) -> Frames:
        source = open_file(path, Playback(FPS))
        frames: Frames = []
        for frame in source.frames():
            people = pose.look(frame)
            parts = zip(people.scores, people.boxes, people.keypoints, strict=True)
            rows = [[float(s), *b.tolist(), *k.ravel().tolist()] for s, b, k in parts]
            frames.append((frame.t_s, [[round(number, 4) for number in row] for row in rows]))
        source.close()
        return frames

    return look


# ---- scenes --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Scene:
    """What a tracker is shown, and which row is whom."""

    name: str
    frames: Frames
    owners: list[list[int]]
    """For each row the person it shows, 0 or 1; -1 for chairs, doubles and the like."""
    start_s: float | None = None
    tags: tuple[str, ...] = field(default=())


def lone_scene(clip: Clip) -> Scene:
    """One person: in each frame the strongest row is taken for them."""
    return Scene(clip.name, clip.frames, [_strongest(rows) for _, rows in clip.frames], clip.start_s, (clip.group,))


def _strongest(rows: list[Row]) -> list[int]:
    best = max(range(len(rows)), key=lambda index: rows[index][0], default=-1)
    return [0 if index == best else -1 for index in range(len(rows))]


def gappy(scene: Scene) -> Scene:
    """Three in ten observations are missing."""
    rng = random.Random(f"gaps {scene.name}")
    return _changed(scene, lambda _t_s, row: None if rng.random() < 0.3 else row)


def faint(scene: Scene) -> Scene:
    """Whoever lies, by the label or by a box wider than tall, is seen with half the score."""
    down_s = float("inf") if scene.start_s is None else scene.start_s + 0.7

    def change(t_s: float, row: Row) -> Row | None:
        lies = t_s >= down_s or row[3] - row[1] > row[4] - row[2]
        return _dimmed(row, 0.5) if lies else row

    return _changed(scene, change)


def _changed(scene: Scene, change: Callable[[float, Row], Row | None]) -> Scene:
    frames: Frames = []
    owners: list[list[int]] = []
    for (t_s, rows), whose in zip(scene.frames, scene.owners, strict=True):
        kept = [(new, who) for row, who in zip(rows, whose, strict=True) if (new := change(t_s, row)) is not None]
        frames.append((t_s, [row for row, _ in kept]))
        owners.append([who for _, who in kept])
    return Scene(scene.name, frames, owners, scene.start_s, scene.tags)


def _dimmed(row: Row, factor: float) -> Row | None:
    """A row with all scores scaled; None where the pose model would no longer report it."""
    score = row[0] * factor
    if score <= FLOOR:
        return None
    return [score, *row[1:5], *(value * factor if index % 3 == 2 else value for index, value in enumerate(row[5:]))]


def _moved(row: Row, by: float) -> Row:
    box = [row[1] + by, row[2], row[3] + by, row[4]]
    return [row[0], *box, *(value + by if index % 3 == 0 else value for index, value in enumerate(row[5:]))]


def two_people(scenes: list[Scene], seed: int, count: int) -> Iterator[Scene]:
    """Pairs of one-person scenes: walking past each other, close together and swaying, one after the other."""
    rng = random.Random(seed)
    long = [scene for scene in scenes if len(_seen(scene)) >= 3 * FPS and _steady(scene)]
    for number in range(count):
        a, b = rng.sample(long, 2)
        kind = ("past", "beside", "after")[number % 3]
        name = f"{kind} {number}"
        yield _after(name, a, b, rng) if kind == "after" else _merged(name, a, b, kind, rng)


def _after(name: str, a: Scene, b: Scene, rng: random.Random) -> Scene:
    """One is there, then nobody for a moment, then another, too far away to be the first."""
    frames: list[list[tuple[Row, int]]] = []
    way = rng.choice((-1, 1)) * rng.uniform(1.0, 1.4)
    for who, (source, share) in enumerate(((_seen(a), 0.6), (_seen(b), 1.0))):
        part = source[: int(share * len(source))]
        # the second one begins beside the place where the first was seen last
        edge = next(row for frame in (part[::-1] if who == 0 else part) for row, owner in frame if owner == 0)
        by = who * way - (edge[1] + edge[3]) / 2
        frames += [[(_moved(row, by), who if owner == 0 else -1) for row, owner in frame] for frame in part]
        frames += [[]] * (rng.randint(3, 8) if who == 0 else 0)
    timed = [(round(index / FPS, 3), [row for row, _ in frame]) for index, frame in enumerate(frames)]
    return Scene(name, timed, [[owner for _, owner in frame] for frame in frames], tags=("after",))


def _steady(scene: Scene) -> bool:
    """Whether the strongest row stays with one body: where it leaps to another place, it is no ground truth."""
    places = [rows[whose.index(0)] for (_, rows), whose in zip(scene.frames, scene.owners, strict=True) if rows]
    leaps = (
        math.dist(_centre(a), _centre(b)) > 0.5 * max(math.dist(row[1:3], row[3:5]) for row in (a, b))
        for a, b in itertools.pairwise(places)
    )
    return scene.name not in PASSED_BY and not any(leaps)


def _centre(row: Row) -> tuple[float, float]:
    return (row[1] + row[3]) / 2, (row[2] + row[4]) / 2


def _seen(scene: Scene) -> list[list[tuple[Row, int]]]:
    """The frames from the first strong observation to the last."""
    rows = [list(zip(rows, whose, strict=True)) for (_, rows), whose in zip(scene.frames, scene.owners, strict=True)]
    strong = [i for i, frame in enumerate(rows) if any(row[0] >= STRONG for row, _ in frame)]
    return rows[strong[0] : strong[-1] + 1] if strong else []


def _merged(name: str, a: Scene, b: Scene, kind: str, rng: random.Random) -> Scene:
    first, second = _seen(a), _seen(b)
    length = min(len(first), len(second), int(12 * FPS))
    middles = [_middle(frames[:length]) for frames in (first, second)]
    fading = [0, 0]
    frames: Frames = []
    owners: list[list[int]] = []
    for index in range(length):
        share = index / length
        gap = 2.0 * (share - 0.5) if kind == "past" else 0.35 + 0.3 * _sway(index / FPS / 4.0)
        people = []
        for who, (source, by) in enumerate(((first, -middles[0]), (second, gap - middles[1]))):
            if fading[who] == 0 and rng.random() < 0.04:
                fading[who] = rng.randint(2, 8)
            factor = 0.3 if fading[who] else 1.0
            fading[who] = max(0, fading[who] - 1)
            for row, owner in source[index]:
                if (dimmed := _dimmed(_moved(row, by), factor)) is not None:
                    people.append((dimmed, who if owner == 0 else -1))
        people = _hide(people, rng)[:6]
        frames.append((round(index / FPS, 3), [row for row, _ in people]))
        owners.append([owner for _, owner in people])
    return Scene(name, frames, owners, tags=(kind,))


def _middle(frames: list[list[tuple[Row, int]]]) -> float:
    places = [(row[1] + row[3]) / 2 for frame in frames for row, owner in frame if owner == 0]
    return sum(places) / len(places)


def _sway(turns: float) -> float:
    """A triangle wave between -1 and 1."""
    return 4 * abs(turns % 1 - 0.5) - 1


def _hide(people: list[tuple[Row, int]], rng: random.Random) -> list[tuple[Row, int]]:
    """Where two cover each other, the one behind is seen faintly or not at all; strongest first, as from the model."""
    both = [item for item in people if item[1] >= 0]
    if len(both) == 2 and _cover(both[0][0], both[1][0]) > 0.6:
        behind = min(both, key=lambda item: item[0][4])
        people = [item for item in people if item is not behind]
        if rng.random() < 0.5 and (dimmed := _dimmed(behind[0], 0.4)) is not None:
            people.append((dimmed, behind[1]))
    return sorted(people, key=lambda item: -item[0][0])


def _cover(a: Row, b: Row) -> float:
    """Shared area over the smaller box."""
    wide, tall = min(a[3], b[3]) - max(a[1], b[1]), min(a[4], b[4]) - max(a[2], b[2])
    smaller = min((box[3] - box[1]) * (box[4] - box[2]) for box in (a, b))
    return max(wide, 0) * max(tall, 0) / smaller if smaller > 0 else 0.0


# ---- scores --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Score:
    """Sums over a set of scenes."""

    scenes: int = 0
    ids: int = 0
    one_id: int = 0
    coverage: float = 0.0
    falls: Counter[str] = field(default_factory=Counter)
    switches: int = 0
    swaps: int = 0
    fragments: int = 0
    told: int = 0
    rows: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def mistakes(self) -> float:
        """What --tune makes small: extra and missing ids, lost falls, switches, and each 10 % of people untold."""
        lost = self.falls["changed"] + self.falls["lost"]
        untold = 10 * (1 - self.told / self.rows) if self.rows else 10 * (self.scenes - self.coverage)
        return self.scenes - self.one_id + lost + self.switches + untold


def score_lone(scenes: list[Scene], ids: dict[str, Ids]) -> Score:
    """Distinct ids, coverage, and whether the id outlives the fall."""
    score = Score()
    for scene in scenes:
        seen = ids[scene.name]
        strong = [i for i, (_, rows) in enumerate(scene.frames) if any(row[0] >= STRONG for row in rows)]
        if not strong:
            continue
        spans: dict[int, list[float]] = {}
        for (t_s, _), given in zip(scene.frames, seen, strict=True):
            for number in given:
                spans.setdefault(number, []).append(t_s)
        spans.pop(-1, None)
        lasting = [number for number, times in spans.items() if times[-1] - times[0] >= LASTS_S]
        main = max(spans, key=lambda number: len(spans[number]), default=None)
        covered = sum(main in given for given in seen[strong[0] : strong[-1] + 1])
        alone = scene.name not in PASSED_BY
        if alone:
            score.scenes += 1
            score.ids += len(lasting)
            score.one_id += len(lasting) == 1
            score.coverage += covered / (strong[-1] + 1 - strong[0])
        verdict = _fall(scene, seen) if scene.start_s is not None else None
        if verdict:
            score.falls[verdict] += 1
        if (alone and len(lasting) != 1) or verdict in {"changed", "lost"}:
            score.notes.append(f"{scene.name}: {len(lasting)} ids, fall {verdict or '-'}")
    return score


def _fall(scene: Scene, ids: Ids) -> str | None:
    """`kept`, `changed`, `lost` (seen, but nobody's), `unseen` by the model; None where the clip is too short."""
    assert scene.start_s is not None
    times = [t_s for t_s, _ in scene.frames]
    early = [i for i, t_s in enumerate(times) if scene.start_s - 1 <= t_s <= scene.start_s + 0.3]
    best = [max((row[0] for row in scene.frames[i][1]), default=0.0) for i in early]
    if sum(score >= WEAK for score in best) < 4 or max(best[:-2]) < STRONG or times[-1] < scene.start_s + 1.8:
        return None
    before = next((number for i in early if (number := _of(scene, ids, i, 0)) >= 0), -1)
    late = sorted(
        (i for i, t_s in enumerate(times) if abs(t_s - scene.start_s - 2) <= 0.5),
        key=lambda i: abs(times[i] - scene.start_s - 2),  # type: ignore[operator]
    )
    if not any(row[0] >= WEAK for i in late for row in scene.frames[i][1]):
        return "unseen"
    after = next((number for i in late if (number := _of(scene, ids, i, 0)) >= 0), -1)
    if after < 0 or before < 0:
        return "lost"
    return "kept" if after == before else "changed"


def _of(scene: Scene, ids: Ids, index: int, who: int) -> int:
    """The id that a person has in a frame."""
    return next((n for n, owner in zip(ids[index], scene.owners[index], strict=True) if owner == who), -1)


def score_nobody(scenes: list[Scene], ids: dict[str, Ids]) -> Score:
    """Every id is somebody who is not there. Not among the mistakes that --tune counts."""
    told = [{number for given in ids[scene.name] for number in given if number >= 0} for scene in scenes]
    return Score(ids=sum(len(numbers) for numbers in told))


def score_two(scenes: list[Scene], ids: dict[str, Ids]) -> Score:
    """Identity switches and fragmentations as in CLEAR MOT; swaps are the switches to an id that was the other's."""
    score = Score()
    for scene in scenes:
        score.scenes += 1
        last = [-1, -1]
        broken = [False, False]
        had: list[set[int]] = [set(), set()]
        for index in range(len(scene.frames)):
            for who in (0, 1):
                if who not in scene.owners[index]:
                    continue
                number = _of(scene, ids[scene.name], index, who)
                score.rows += 1
                if number < 0:
                    broken[who] = last[who] >= 0
                    continue
                score.told += 1
                score.fragments += broken[who]
                broken[who] = False
                if number != last[who]:
                    stolen = number in had[1 - who]
                    score.switches += stolen or last[who] >= 0
                    score.swaps += stolen
                last[who] = number
                had[who].add(number)
    return score


# ---- running -------------------------------------------------------------------------------------------------

Trial = dict[str, list[Scene]]


def trials(clips: list[Clip], seed: int, count: int) -> Trial:
    """Every set of scenes, by name; `seed` and `count` are those of the scenes with two people."""
    lone = [lone_scene(clip) for clip in clips if clip.lone]
    ceiling = [scene for scene in lone if scene.tags == ("fall-ceiling",)]
    room = [scene for scene in lone if scene.tags != ("fall-ceiling",)]
    empty = [lone_scene(clip) for clip in clips if clip.name in NOBODY]
    pairs = list(two_people(room, seed, count))
    return {
        "one person": room,
        "one person, from the ceiling": ceiling,
        "one person, 30 % of observations missing": [gappy(scene) for scene in room],
        "one person, half the score while lying": [faint(scene) for scene in room],
        "nobody": empty,
    } | {
        f"two people, {kind}": [scene for scene in pairs if scene.tags == (kind,)]
        for kind in ("past", "beside", "after")
    }


def scorer(part: str) -> Callable[[list[Scene], dict[str, Ids]], Score]:
    """How a set of scenes is scored."""
    if part == "nobody":
        return score_nobody
    return score_two if part.startswith("two") else score_lone


def run(python: str, tracker: str, settings: list[Setting], trial: Trial) -> list[tuple[dict[str, Score], float]]:
    """Scores and µs per frame for each setting."""
    scenes = {f"{part}|{scene.name}": scene.frames for part, of in trial.items() for scene in of}
    command = [python, str(HERE / "follow.py"), tracker]
    task = json.dumps({"settings": settings, "scenes": scenes})
    done = subprocess.run(command, input=task, stdout=subprocess.PIPE, text=True, check=True)
    results = []
    for result in json.loads(done.stdout):
        scores = {}
        for part, of in trial.items():
            ids = {scene.name: result["ids"][f"{part}|{scene.name}"] for scene in of}
            scores[part] = scorer(part)(of, ids)
        results.append((scores, result["us_per_frame"]))
    return results


def main() -> None:
    """Look, follow, score, print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="folder for the numbers that the pose model gave")
    parser.add_argument("--norfair", metavar="PYTHON", help="interpreter of an environment with norfair")
    parser.add_argument("--trackers", metavar="PYTHON", help="interpreter of an environment with trackers")
    parser.add_argument("--tune", action="store_true", help="try many settings of each library and rank them")
    parser.add_argument("--notes", action="store_true", help="name the clips in which something went wrong")
    options = parser.parse_args()
    pythons = {"semcam": sys.executable, "norfair": options.norfair, "trackers": options.trackers}
    clips = read(options.manifest, options.cache)
    if options.tune:
        tune(trials(clips, *TUNING), pythons)
    else:
        compare(trials(clips, *COMPARING), pythons, options.notes)


def tune(trial: Trial, pythons: dict[str, str | None]) -> None:
    """The best settings of each library, fewest mistakes first."""
    for name, (tracker, settings) in candidates().items():
        if python := pythons[tracker]:
            tried = zip(run(python, tracker, settings, trial), settings, strict=True)
            ranked = sorted(((sum(s.mistakes for s in scores.values()), str(x)) for (scores, _), x in tried))
            print(f"## {name}: {len(ranked)} settings, mistakes {ranked[0][0]:.1f} to {ranked[-1][0]:.1f}")
            for mistakes, setting in ranked[:4]:
                print(f"{mistakes:7.1f}  {setting}")


def heads_of(part: str) -> list[str]:
    """The columns of a table."""
    if part == "nobody":
        return ["ids told"]
    if part.startswith("two"):
        return ["switches", "of them swaps", "fragments", "people told"]
    return ["scenes with one id", "ids in all", "coverage", "falls kept", "changed", "lost", "unseen"]


def cells(part: str, score: Score) -> list[object]:
    """One tracker's row of it."""
    if part == "nobody":
        return [score.ids]
    if part.startswith("two"):
        return [score.switches, score.swaps, score.fragments, f"{score.told / score.rows:.1%}"]
    falls = [score.falls[key] for key in ("kept", "changed", "lost", "unseen")]
    return [f"{score.one_id} of {score.scenes}", score.ids, f"{score.coverage / score.scenes:.1%}", *falls]


def compare(trial: Trial, pythons: dict[str, str | None], notes: bool) -> None:
    """One table for each set of scenes, one for speed and weight."""
    results = {
        name: run(python, tracker, [setting], trial)[0]
        for name, (tracker, setting) in SETTINGS.items()
        if (python := pythons[tracker])
    }
    for part, of in trial.items():
        print(f"\n## {part}: {len(of)} scenes, {sum(len(scene.frames) for scene in of)} frames\n")
        heads = heads_of(part)
        print("| tracker | " + " | ".join(heads) + " |\n|---|" + "--:|" * len(heads))
        for name, (scores, _) in results.items():
            print(f"| {name} | " + " | ".join(str(cell) for cell in cells(part, scores[part])) + " |")
            if notes:
                print("".join(f"    {name}: {note}\n" for note in scores[part].notes), end="", file=sys.stderr)
    cost(results, pythons)


def cost(results: dict[str, tuple[dict[str, Score], float]], pythons: dict[str, str | None]) -> None:
    """Time for a frame, and what a library would add to semcam's own environment."""
    own_us = results["semcam"][1]
    own = weigh(sys.executable)
    print("\n## cost\n\n| tracker | time (own = 1) | packages added | MB added | the heaviest |\n|---|--:|--:|--:|---|")
    for name, (_, us) in results.items():
        sizes = weigh(pythons[SETTINGS[name][0]] or sys.executable)
        added = sorted(((size, package) for package, size in sizes.items() if package not in own), reverse=True)
        heaviest = ", ".join(f"{package} {size:.0f}" for size, package in added[:4])
        total = sum(size for size, _ in added)
        print(f"| {name} | {us / own_us:.1f} ({us:.0f} µs) | {len(added)} | {total:.0f} | {heaviest} |")


def weigh(python: str) -> dict[str, float]:
    """Megabytes of each package of an environment, without pip and setuptools."""
    done = subprocess.run([python, str(HERE / "follow.py"), "weight"], stdout=subprocess.PIPE, text=True, check=True)
    sizes: dict[str, float] = json.loads(done.stdout)
    return {name: size for name, size in sizes.items() if name not in {"pip", "setuptools"}}


if __name__ == "__main__":
    main()
