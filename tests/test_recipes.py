"""Every recipe in docs/recipes tells its story, and is silent when something else happens.

Most are acted by stick figures through the real tracker, rules and wording; some are shown to the real models.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from semcam.contract.config import Config
from semcam.contract.load import load_config, read_config
from semcam.contract.local_time import local_time, read_zone
from semcam.contract.signal import RuleSignal, Stage
from semcam.courier.facts import facts_of
from semcam.courier.wording import sentences
from tests.conftest import ROOT, semcam
from tests.figures import (
    ASPECT,
    BENDING,
    LYING,
    ON_A_CHAIR,
    STANDING,
    Body,
    Movement,
    Scene,
    Seen,
    To,
    fall,
    get_up,
    movement,
    signals_of,
    walk,
)
from tests.test_gesture import hands_up, waving

RECIPES = ROOT / "docs" / "recipes"
SETTINGS = ("home", "care_home", "vehicle", "workplace", "shop", "outdoors")
NAMES = sorted(path.stem for path in RECIPES.glob("*.yaml"))
PAGE = (RECIPES / "README.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Story:
    """What happens before the camera, and all that is said of it, in English."""

    scene: Scene
    told: tuple[str, ...] = ()


def at(share: float) -> float:
    """From a share of the picture's width to frame heights."""
    return share * ASPECT


def oclock(hours: float, days: int = 0) -> float:
    """A time of day, on Thursday, the 1st of January 1970, or `days` later."""
    return timedelta(days=days, hours=hours).total_seconds()


def there(from_s: float, to_s: float, move: Movement) -> Movement:
    """In view only for a while."""
    return lambda t_s: move(t_s - from_s) if from_s <= t_s < to_s else None


def thing(label: str, x: float, floor: float, from_s: float = 0.0, to_s: float = 1e6) -> Scene:
    """A scene with one thing or animal in it; `x` is a share of the picture's width."""
    seen = Seen(label, x=at(x), floor=floor, width=0.3, height=0.25)
    return Scene(things=lambda t_s: [seen] if from_s <= t_s < to_s else [], length_s=30)


def standing(*xs: float, height: float = 0.6) -> list[Movement]:
    """People who stand at shares of the picture's width."""
    return [movement(body=Body(x=at(x), height=height)) for x in xs]


def to_and_fro(t_s: float) -> Body | None:
    """Walks up and down a corridor, eight seconds each way."""
    way, here_s = divmod(t_s, 8.0)
    ends = (at(0.2), at(0.8)) if way % 2 == 0 else (at(0.8), at(0.2))
    return walk(*ends, 8.0)(here_s)


def sleeper(up_from_s: float = 20.0, back_from_s: float = 1e6) -> Movement:
    """Lies in bed, gets up, goes out; and may come back to lie down."""
    lies = Body(LYING, x=at(0.12), floor=0.8, height=0.55)
    rises = movement(*get_up(), body=lies, stands_s=0)
    leaves = walk(lies.x, at(0.95), 6.0, replace(lies, pose=STANDING))
    lies_down = movement(To(LYING, 3.0), body=replace(lies, pose=STANDING), stands_s=6.0)

    def at_time(t_s: float) -> Body | None:
        if t_s >= back_from_s + 6:
            return lies_down(t_s - back_from_s)
        if t_s >= back_from_s:
            return walk(at(0.95), lies.x, 6.0, replace(lies, pose=STANDING))(t_s - back_from_s)
        if t_s < up_from_s:
            return lies
        if t_s < up_from_s + 3:
            return rises(t_s - up_from_s)
        return leaves(t_s - up_from_s - 3) if t_s < up_from_s + 9 else None

    return at_time


def restless(t_s: float) -> Body:
    """Sits, and reaches for something every other minute."""
    sits = Body(ON_A_CHAIR)
    return movement(To(BENDING, 1.0, 1.0), To(ON_A_CHAIR, 1.0), body=sits, stands_s=60)(t_s % 120) or sits


BICYCLE = thing("bicycle", 0.5, 0.9)
BAG = thing("suitcase", 0.5, 0.9)
CHILD = movement(body=Body(ON_A_CHAIR, x=at(0.65), floor=0.85, height=0.4))
LEAVES = there(0, 20, lambda t_s: walk(at(0.44), at(0.02), 8.0)(max(0.0, t_s - 12)))
STAYS = movement(body=Body(x=at(0.44)))
MORNING = Scene(start_unix_s=oclock(9.5), length_s=2400, fps=1)
NIGHT = oclock(23)

STORIES: dict[str, Sequence[Story]] = {
    "home_not_up_by_ten": [
        Story(MORNING, ("Nobody has come into the kitchen by 10:00.",)),
        Story(replace(MORNING, movements=[there(600, 660, to_and_fro)])),
    ],
    "home_dog_on_the_sofa": [
        Story(thing("dog", 0.5, 0.75), ("The dog is on the sofa.",)),
        Story(thing("dog", 0.5, 0.95)),
        Story(thing("dog", 0.5, 0.75, to_s=5)),
        Story(Scene([movement(body=Body(ON_A_CHAIR, x=at(0.5), floor=0.75))], length_s=30)),
    ],
    "home_bicycle_taken": [
        Story(
            replace(thing("bicycle", 0.5, 0.9, to_s=200), length_s=260, fps=2),
            ("The bicycle on the porch is gone.",),
        ),
        Story(replace(BICYCLE, length_s=260, fps=2)),
        Story(
            replace(
                thing("bicycle", 0.5, 0.9, to_s=200),
                length_s=260,
                fps=2,
                movements=[there(195, 1e6, movement(body=Body(x=at(0.5), floor=0.95, height=0.8)))],
            )
        ),
    ],
    "care_home_fall_in_the_bathroom": [
        Story(Scene([movement(fall(30))], length_s=20), ("Ms Tanaka has fallen in the bathroom.",)),
        Story(
            Scene([restless], length_s=1900, fps=1),
            ("Ms Tanaka has been in the bathroom for 30 minutes.",),
        ),
        Story(Scene([movement(To(ON_A_CHAIR, 1.0))], length_s=1200, fps=1)),
    ],
    "care_home_out_of_bed_at_night": [
        Story(
            Scene([sleeper()], length_s=1000, fps=2, start_unix_s=NIGHT),
            ("Someone is out of bed in room 12.", "Someone is not back in bed in room 12 after 15 minutes."),
        ),
        Story(
            Scene([sleeper(back_from_s=300)], length_s=1300, fps=2, start_unix_s=NIGHT),
            ("Someone is out of bed in room 12.",),
        ),
        Story(Scene([sleeper()], length_s=1000, fps=2, start_unix_s=oclock(14))),
        Story(Scene([sleeper(up_from_s=1e6)], length_s=1000, fps=2, start_unix_s=NIGHT)),
    ],
    "care_home_wandering_at_night": [
        Story(
            Scene([to_and_fro], length_s=150, start_unix_s=NIGHT),
            ("Someone keeps walking about in the corridor.",),
        ),
        Story(Scene([to_and_fro], length_s=150, start_unix_s=oclock(12))),
        Story(Scene([there(20, 60, to_and_fro)], length_s=150, start_unix_s=NIGHT)),
        Story(Scene([movement(body=Body(ON_A_CHAIR))], length_s=150, start_unix_s=NIGHT)),
    ],
    "care_home_help_by_hand": [
        Story(Scene([waving()], length_s=12), ("Someone is waving in the lounge.",)),
        Story(Scene([to_and_fro], length_s=30)),
    ],
    "vehicle_child_left_on_the_bus": [
        Story(Scene([CHILD, LEAVES], length_s=110, fps=5), ("A child is still on the bus.",)),
        Story(Scene([CHILD, STAYS], length_s=110, fps=5)),
        Story(Scene([LEAVES], length_s=110, fps=5)),
    ],
    "vehicle_bag_left": [
        Story(replace(BAG, movements=[LEAVES], length_s=80, fps=5), ("A passenger has left a suitcase.",)),
        Story(replace(BAG, movements=[STAYS], length_s=80, fps=5)),
        Story(replace(thing("suitcase", 0.5, 0.9, to_s=14), movements=[LEAVES], length_s=80, fps=5)),
    ],
    "vehicle_full": [
        Story(
            Scene(standing(0.15, 0.38, 0.61, 0.84), length_s=20),
            ("There are 4 people in the lift; the limit is 3.",),
        ),
        Story(Scene(standing(0.15, 0.38, 0.61), length_s=20)),
    ],
    "workplace_danger_zone": [
        Story(
            Scene([walk(at(0.2), at(0.8), 8)], start_unix_s=oclock(10)),
            ("Someone has entered the press area.",),
        ),
        Story(Scene([walk(at(0.2), at(0.8), 8)], start_unix_s=oclock(10, days=2))),
        Story(Scene([walk(at(0.2), at(0.8), 8)], start_unix_s=oclock(23))),
        Story(Scene([walk(at(0.1), at(0.5), 8)], start_unix_s=oclock(10))),
    ],
    "workplace_collapsed": [
        Story(
            Scene([movement(body=Body(ON_A_CHAIR))], length_s=320, fps=5, jitter=0.003),
            ("Someone has not moved in the control room for 5 minutes.",),
        ),
        Story(Scene([movement(fall(30))], length_s=20), ("Someone has fallen in the control room.",)),
        Story(Scene([restless], length_s=420, fps=5, jitter=0.003)),
    ],
    "workplace_alone_at_the_saw": [
        Story(Scene(standing(0.7), length_s=30), ("Somebody is at the saw alone.",)),
        Story(Scene(standing(0.7, 0.2), length_s=30)),
        Story(Scene(standing(0.2), length_s=30)),
    ],
    "shop_queue": [
        Story(
            Scene(standing(0.35, 0.6, 0.85), length_s=80, fps=5),
            ("3 are waiting. Please open another till.",),
        ),
        Story(Scene(standing(0.35, 0.6), length_s=80, fps=5)),
        Story(Scene([*standing(0.35, 0.85), there(0, 40, walk(at(0.5), at(0.7), 39))], length_s=80, fps=5)),
    ],
    "shop_visitors": [
        Story(
            Scene([walk(at(0.2), at(0.8), 6), there(10, 99, walk(at(0.2), at(0.6), 5))], length_s=20),
            ("Visitor number 1 today.", "Visitor number 2 today."),
        ),
        Story(Scene([walk(at(0.8), at(0.2), 6)], length_s=20)),
        Story(Scene([walk(at(0.1), at(0.45), 6)], length_s=20)),
    ],
    "shop_after_hours": [
        Story(Scene([to_and_fro], start_unix_s=NIGHT), ("Someone is in the shop out of hours.",)),
        Story(Scene([to_and_fro], start_unix_s=oclock(12))),
        Story(Scene(start_unix_s=NIGHT)),
    ],
    "shop_hands_up": [
        Story(Scene([hands_up()], length_s=12), ("Hands up at the till.",)),
        Story(Scene([waving()], length_s=12)),
        Story(Scene([to_and_fro], length_s=30)),
    ],
    "outdoors_bear_at_the_gate": [
        Story(thing("bear", 0.5, 0.8), ("A bear is at the school gate.",)),
        Story(thing("dog", 0.5, 0.8)),
        Story(Scene([to_and_fro], length_s=30)),
    ],
    "outdoors_bear_near_people": [
        Story(replace(thing("bear", 0.7, 0.8), movements=standing(0.2)), ("A large animal is near people.",)),
        Story(thing("bear", 0.7, 0.8)),
        Story(replace(thing("dog", 0.7, 0.8), movements=standing(0.2))),
    ],
    "outdoors_at_the_pond": [
        Story(Scene(standing(0.7), length_s=20), ("Someone has been by the pond for 10 seconds.",)),
        Story(Scene([walk(at(0.1), at(0.95), 14)], length_s=14)),
        Story(Scene(standing(0.2), length_s=20)),
    ],
}


def spoken(signal: RuleSignal, config: Config, scene: Scene) -> str:
    """The sentence for a signal, as the courier would put it."""
    ((name, camera),) = config.cameras.items()
    minute = int(local_time(scene.start_unix_s + signal.t_s, read_zone(scene.timezone)).minute)
    who = config.subjects[camera.belongs_to].name if camera.belongs_to else None
    rule = camera.rules[signal.rule]
    facts = replace(facts_of(signal, rule, camera), who=who, camera=name, time=f"{minute // 60:02}:{minute % 60:02}")
    return sentences(facts, own=rule.message)["en"]


@pytest.mark.parametrize(("name", "number"), [(name, n) for name in STORIES for n in range(len(STORIES[name]))])
def test_a_recipe_tells_its_story_and_no_other(name: str, number: int) -> None:
    config = load_config(RECIPES / f"{name}.yaml")
    (camera,) = config.cameras.values()
    story = STORIES[name][number]
    scene = replace(story.scene, zones=camera.zones, lines=camera.lines)
    signals = signals_of(scene, *camera.rules.values())
    assert tuple(spoken(each, config, scene) for each in signals if each.stage is Stage.CONFIRMED) == story.told


def test_every_recipe_has_a_story_and_a_counter_story() -> None:
    assert set(STORIES) == set(NAMES)
    for stories in STORIES.values():
        assert stories[0].told
        assert any(not story.told for story in stories)


def test_there_are_some_for_every_setting() -> None:
    assert len(NAMES) >= 14
    for setting in SETTINGS:
        assert sum(name.startswith(f"{setting}_") for name in NAMES) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_short_begins_with_its_story_and_is_on_the_page(name: str) -> None:
    text = (RECIPES / f"{name}.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= 15
    story = lines[0].removeprefix("# ")
    assert lines[0].startswith("# ")
    assert re.search(rf"\]\({name}\.yaml\) \| {re.escape(story)} \|", PAGE)
    assert {hint.key for hint in read_config(RECIPES / f"{name}.yaml").hints} <= {"timezone"}


# before the real models


@pytest.mark.parametrize(
    ("name", "clip", "told"),
    [
        ("outdoors_bear_at_the_gate", "bear_gate", ["校門にクマがいます。"]),
        ("outdoors_bear_at_the_gate", "dog_gate", []),
        ("outdoors_bear_at_the_gate", "person_gate", []),
        ("care_home_fall_in_the_bathroom", "bathroom_fall", ["田中さんが浴室で倒れました。"]),
        ("care_home_fall_in_the_bathroom", "crouching", []),
    ],
)
def test_a_recipe_works_on_a_clip_as_it_is(name: str, clip: str, told: list[str]) -> None:
    video = ROOT / "sample_videos" / f"{clip}.mp4"
    done = semcam("replay", video, "-c", RECIPES / f"{name}.yaml", "--json", "--hold-last", "8", timeout_s=300)
    assert done.returncode == 0, done.stderr
    data = [json.loads(line)["data"] for line in done.stdout.splitlines()]
    assert [each["message"] for each in data if each["stage"] == "confirmed"] == told
