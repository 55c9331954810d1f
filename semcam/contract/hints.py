"""What is no mistake in semcam.yaml and may surprise its author all the same."""

from collections.abc import Iterator

from semcam.contract.config import Camera, Config
from semcam.contract.document import Document, Steps
from semcam.contract.errors import Problem
from semcam.contract.labels import PERSON
from semcam.contract.models import SHIPPED
from semcam.contract.rules import (
    AbsenceRule,
    AnyRule,
    FallRule,
    GestureRule,
    LeftBedRule,
    LineCrossedRule,
    LyingRule,
    NotBackRule,
    OccupancyRule,
    QueueRule,
)

MOST_PEOPLE = 6
"""So many bodies the pose model gives for a picture."""


def hints_for(document: Document, config: Config) -> Iterator[Problem]:
    """Each with its place in the file and what to write."""
    for name, camera in config.cameras.items():
        steps = ("cameras", name)
        yield from _source(document, steps, camera)
        yield from _beds(document, steps, camera)
        yield from _lines(document, steps, camera)
        yield from _crowds(document, steps, camera)
        yield from _hands(document, steps, camera)
    yield from _models(document, config)
    rules = [rule for camera in config.cameras.values() for rule in camera.rules.values()]
    if config.timezone is None and any(map(_has_hours, rules)):
        what = "some rules have hours, which are read in this machine's time zone"
        yield document.problem(("timezone",), f"{what}; to be sure of it, write one, such as Asia/Tokyo")


def _has_hours(rule: AnyRule) -> bool:
    return bool(rule.between or rule.weekdays or (isinstance(rule, AbsenceRule) and rule.by))


def _source(document: Document, steps: Steps, camera: Camera) -> Iterator[Problem]:
    if camera.source is None:
        what = "there is no source yet"
        yield document.problem(steps, f"{what}; `semcam run` needs one, such as /dev/video0, `semcam replay` does not")


def _models(document: Document, config: Config) -> Iterator[Problem]:
    named = {name for camera in config.cameras.values() for name in (camera.detector, camera.pose)}
    for name, model in config.models.items():
        if name not in named:
            what = "no camera uses this model"
            yield document.problem(("models", name), f"{what}; add `{model.family.role}: {name}` to one")


def _beds(document: Document, steps: Steps, camera: Camera) -> Iterator[Problem]:
    """Whoever goes to bed where lying is not normal has soon been lying for long."""
    if not any(isinstance(rule, FallRule | LyingRule) for rule in camera.rules.values()):
        return
    beds = {
        zone for rule in camera.rules.values() if isinstance(rule, LeftBedRule | NotBackRule) for zone in rule.zones
    }
    for id, zone in camera.zones.items():
        if id in beds and not zone.lying_is_normal:
            what = "is a bed to one rule, and to others a floor on which nobody should lie"
            yield document.problem((*steps, "zones", id), f"{what}; add `lying_is_normal: true`")


def _crowds(document: Document, steps: Steps, camera: Camera) -> Iterator[Problem]:
    """A limit that can never be passed."""
    if camera.pose not in SHIPPED:  # another model may see more
        return
    for id, rule in camera.rules.items():
        limit = rule.more_than if isinstance(rule, QueueRule | OccupancyRule) else None
        of_people = not isinstance(rule, OccupancyRule) or rule.labels == (PERSON,)
        if of_people and limit is not None and limit >= MOST_PEOPLE:
            what = f"is never told: no more than {MOST_PEOPLE} people are seen at a time"
            yield document.problem((*steps, "rules", id, "more_than"), f"{what}; give {MOST_PEOPLE - 1} or less")


def _hands(document: Document, steps: Steps, camera: Camera) -> Iterator[Problem]:
    for id, rule in camera.rules.items():
        if camera.view == "ceiling" and isinstance(rule, GestureRule):
            what = "is never told: seen straight from above, raised hands look like lowered ones"
            yield document.problem((*steps, "rules", id), f"{what}; use a camera at the wall for it")


def _lines(document: Document, steps: Steps, camera: Camera) -> Iterator[Problem]:
    counted = {rule.line for rule in camera.rules.values() if isinstance(rule, LineCrossedRule)}
    for id in camera.lines:
        if id not in counted:
            what = "no rule watches this line"
            yield document.problem((*steps, "lines", id), f"{what}; add one: `{{kind: line_crossed, line: {id}}}`")
