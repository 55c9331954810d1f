"""Why an alarm was raised, and what came closest where none was."""

import re
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pytest

from semcam.contract.config import Job, Zone
from semcam.contract.local_time import source_times
from semcam.contract.rules import FallRule, Rule, SightingRule
from semcam.rules.build import build_rules
from semcam.rules.condition import Condition, ask
from semcam.workbench.explain import Explainer
from tests.figures import (
    ASPECT,
    BENDING,
    LYING,
    Body,
    Movement,
    Scene,
    Seen,
    To,
    easy,
    fall,
    get_up,
    movement,
    tracks_of,
)

BED = {"bed": Zone(shape=((0, 0), (1, 0), (1, 1), (0, 1)), lying_is_normal=True)}


def explained(*movements: Movement, **scene: Any) -> str:
    """What is said of a scene, one sentence a line."""
    rules: dict[str, Rule] = {"fall": FallRule(id="fall"), "bear": SightingRule(id="bear")}
    job = Job(source="a scene", rules=rules, zones=scene.get("zones", {}))
    running = build_rules(job, ASPECT, source_times(0.0, UTC))
    explainer = Explainer()
    for t_s, tracks in tracks_of(Scene(movements, **scene)):
        for id, rule in running.items():
            list(rule.step(t_s, tracks))
            explainer.listen(t_s, [(id, asked) for asked in rule.asked])
    return "\n".join(explainer.sentences(tuple(rules)))


def test_an_alarm_is_explained_by_the_numbers_that_decided() -> None:
    text = explained(movement(fall()))
    suspected, confirmed, _ = text.splitlines()
    assert re.fullmatch(
        r"0:03\.\d  fall suspected, person 1: down for 0\.[56]\d s \(needs 0\.50\), was up before, "
        r"sank 0\.\d\d of own height \(needs 0\.20\), at [1-3]\.\d\d own heights/s \(needs 0\.80\)",
        suspected,
    )
    assert re.fullmatch(r"0:0\d\.\d  fall confirmed, person 1: down for 3\.\d\d s \(needs 3\.00\)", confirmed)


def test_getting_up_is_explained_too() -> None:
    assert "fall cleared, person 1: up again for 1.5" in explained(movement(fall(8), *get_up()), length_s=20)


def test_who_lies_down_slowly_came_near_by_all_but_the_speed() -> None:
    text = explained(movement(To(LYING, 3.0, 10, easy)))
    assert re.search(
        r"nearest to fall \(suspected\): person 1 at 0:\d\d\.\d: down for .*, was up before, sank .*, "
        r"but at 0\.\d\d own heights/s \(needs 0\.80\)",
        text,
    )


def test_who_only_bends_is_shown_at_the_lowest_moment() -> None:
    text = explained(movement(To(BENDING, 1, 3)))
    assert re.search(r"nearest to fall \(suspected\): person 1 at 0:\d\d\.\d: bending, torso 7\d° from vertical", text)


def test_a_fall_onto_the_bed_says_so() -> None:
    assert "but where lying is normal (bed)" in explained(movement(fall()), zones=BED)


def test_who_lay_there_from_the_start_was_never_up() -> None:
    assert "was down when first seen" in explained(movement(To(LYING, 0.1, 20), stands_s=0))


def test_the_nearest_of_several_people_is_told() -> None:
    standing, slow = movement(body=Body(x=0.4)), movement(To(LYING, 3.0, 10, easy), body=Body(x=1.1))
    assert "nearest to fall (suspected): person 2" in explained(standing, slow)
    assert "nearest to fall (suspected): person 1" in explained(slow, standing)


def test_an_empty_room_came_near_to_nothing() -> None:
    assert explained() == "\n".join(
        f"nothing came near to {rule}: nothing that it asks about was in view" for rule in ("fall", "bear")
    )


def test_a_bear_that_was_gone_too_soon() -> None:
    text = explained(things=lambda t_s: [Seen("bear")] if 3 <= t_s < 3.9 else [])
    assert "bear suspected, bear 1: taken for bear, score 0.70" in text
    assert "nearest to bear (confirmed): bear 1 at" in text
    assert "but in view for 0.5" in text


def test_a_bear_that_stayed() -> None:
    assert "bear confirmed, bear 1: taken for bear, score 0.70, in view for 1.0" in explained(
        things=lambda _: [Seen("bear")]
    )


def test_nothing_is_asked_after_the_first_no() -> None:
    def conditions() -> Iterator[Condition]:
        yield Condition(True, "yes")
        yield Condition(False, "no")
        raise AssertionError("asked on")

    assert [condition.words for condition in ask(conditions())] == ["yes", "no"]


@pytest.mark.parametrize(
    ("condition", "share", "words"),
    [
        (Condition(True, "was up before"), 1.0, "was up before"),
        (Condition(False, "sank", 0.1, 0.2, " m"), 0.5, "sank 0.10 m (needs 0.20)"),
        (Condition(False, "sank", -0.1, 0.2, " m"), 0.0, "sank -0.10 m (needs 0.20)"),
        (Condition(True, "sank", float("nan"), 0.2), 1.0, "sank unknown (needs 0.20)"),
        (Condition(False, "sank", float("nan"), 0.2), 0.0, "sank unknown (needs 0.20)"),
        (Condition(False, "sits", nearness=0.05), 0.05, "sits"),
    ],
)
def test_a_condition_in_words_and_how_nearly_it_was_met(condition: Condition, share: float, words: str) -> None:
    assert (condition.share, str(condition)) == (share, words)
