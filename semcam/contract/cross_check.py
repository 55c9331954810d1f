"""What takes two places of the configuration to see: names that nobody bears, shapes that cannot be.

It looks at what was written, whatever else is wrong in the file, and passes over what is not of the right form:
that is complained of elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from semcam.contract.base import nearest
from semcam.contract.document import Document, Steps
from semcam.contract.errors import Problem
from semcam.contract.expression import zones_named
from semcam.contract.families import Family, Role
from semcam.contract.kinds import KINDS, written_names
from semcam.contract.models import SHIPPED
from semcam.contract.shapes import Point, area, crossing, distance, distance_to_line, fan_area, shared_area, sides

LEAST_AREA = 1e-4
"""A share of the picture; a hundredth of its width by a hundredth of its height. The feet of nobody stay in less."""
MOST_OVERLAP = 0.02
"""Of the smaller of two zones: shapes drawn by hand do not meet exactly."""
LEAST_DISTANCE = 0.01
"""In fractions of the picture, of a line's `inside` from the line, and of its ends from each other."""


def cross_check(document: Document, content: Any) -> Iterator[Problem]:
    """Every such mistake; `content` is the document with its scenes laid in."""
    subjects = _keys(content.get("subjects"))
    models = {**SHIPPED, **{name: _role(model) for name, model in _pairs(content.get("models"))}}
    for name, camera in _pairs(content.get("cameras")):
        if isinstance(camera, dict):
            steps = ("cameras", name)
            yield from _strangers(document, steps, camera, subjects)
            yield from _models(document, steps, camera, models)
            yield from _rules(document, steps, camera)
            yield from _zone_shapes(document, steps, camera)
            yield from _line_shapes(document, steps, camera)


# -- names


def _strangers(document: Document, steps: Steps, camera: dict[Any, Any], subjects: list[Any]) -> Iterator[Problem]:
    """Places that belong to somebody who is not under subjects."""
    owned = [(steps, camera), *((((*steps, "zones", id)), zone) for id, zone in _pairs(camera.get("zones")))]
    for place, what in owned:
        owner = what.get("belongs_to") if isinstance(what, dict) else None
        if isinstance(owner, str) and owner not in subjects:
            known = ", ".join(map(str, subjects)) or "nobody yet"
            remedy = f"{owner!r} is not under subjects; add a name there ({nearest(owner, subjects)}known: {known})"
            yield document.problem((*place, "belongs_to"), remedy)


def _role(model: Any) -> Role | None:
    """What a model is there for; None where that is not clear, which is complained of elsewhere."""
    family = model.get("family") if isinstance(model, dict) else None
    return Family(family).role if isinstance(family, str) and family in list(Family) else None


def _models(
    document: Document, steps: Steps, camera: dict[Any, Any], models: Mapping[Any, Role | None]
) -> Iterator[Problem]:
    """A detector or pose that is no model, or one for something else."""
    for role in Role:
        name = camera.get(role.value)
        fit = [model for model, its_role in models.items() if its_role is role]
        if not isinstance(name, str) or models.get(name, role) is None or name in fit:
            continue
        if name in models:
            other = next(each for each in Role if each is not role)
            what = f"{name!r} is a model for {other}, not for {role}"
        else:
            what = f"no model {name!r}; add it under models"
        choices = f"{nearest(name, fit)}there are: {', '.join(map(str, fit))}"
        yield document.problem((*steps, role.value), f"{what} ({choices})")


def _rules(document: Document, steps: Steps, camera: dict[Any, Any]) -> Iterator[Problem]:
    for id, rule in _pairs(camera.get("rules")):
        if isinstance(rule, dict):
            place = (*steps, "rules", id)
            yield from _said_twice(document, place, rule)
            zones = rule.get("zones")
            named = enumerate(zones) if isinstance(zones, list) else [(None, zones)]
            for index, zone in named:
                at = (*place, "zones") if index is None else (*place, "zones", index)
                yield from _unknown(document, at, zone, "zone", camera)
            yield from _unknown(document, (*place, "line"), rule.get("line"), "line", camera)
            for zone in _zones_of_expression(rule.get("when")):
                yield from _unknown(document, (*place, "when"), zone, "zone", camera)


def _zones_of_expression(when: Any) -> list[str]:
    try:
        return sorted(zones_named(when)) if isinstance(when, str) else []
    except ValueError:  # what is wrong with it is told elsewhere
        return []


def _unknown(document: Document, steps: Steps, name: Any, what: str, camera: dict[Any, Any]) -> Iterator[Problem]:
    """A rule names a zone or a line that is not drawn on its camera."""
    drawn = _keys(camera.get(f"{what}s"))
    if isinstance(name, str) and name not in drawn:
        there = f"{what}s of this camera: {', '.join(map(str, drawn))}" if drawn else f"draw it under {what}s"
        yield document.problem(steps, f"no {what} {name!r} on this camera; {nearest(name, drawn)}{there}")


def _said_twice(document: Document, steps: Steps, rule: dict[Any, Any]) -> Iterator[Problem]:
    """`for` and `after` in one rule."""
    kind = rule.get("kind")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    for field, names in written_names(model).items() if model else ():
        given = [name for name in names if name in rule]
        for name in given[1:]:
            yield document.problem((*steps, name), f"says the same as `{given[0]}`; keep one of the two")
        if field in rule and field not in names:
            yield document.problem((*steps, field), f"unknown key; write `{names[0]}`")


# -- shapes


def _zone_shapes(document: Document, steps: Steps, camera: dict[Any, Any]) -> Iterator[Problem]:
    sound: dict[Any, Sequence[Point]] = {}
    for id, zone in _pairs(camera.get("zones")):
        points = _points(zone, at_least=3)
        if points is not None:
            complaint = _zone_complaint(points)
            if complaint:
                yield document.problem((*steps, "zones", id, "shape"), complaint)
            else:
                sound[id] = points
    for (one, a), (other, b) in combinations(sound.items(), 2):
        small, large = (one, other) if area(a) < area(b) else (other, one)
        share = shared_area(a, b) / min(area(a), area(b))
        if share > MOST_OVERLAP:
            what = f"{share:.0%} of the zone {small!r} lies in the zone {large!r}"
            remedy = "move their corners so that they touch at most, or make them one zone"
            yield document.problem((*steps, "zones", other, "shape"), f"{what}; {remedy}")


def _zone_complaint(points: Sequence[Point]) -> str | None:
    if fan_area(points) >= LEAST_AREA and (met := crossing(sides(points, closed=True))):
        return f"crosses itself: {_told(met)}; list the corners in their order around the zone"
    if area(points) < LEAST_AREA:
        return "encloses no area; give three corners or more, well apart"
    return None


def _line_shapes(document: Document, steps: Steps, camera: dict[Any, Any]) -> Iterator[Problem]:
    for id, line in _pairs(camera.get("lines")):
        points = _points(line, at_least=2)
        if points is None:
            continue
        place, course = (*steps, "lines", id), sides(points, closed=False)
        if max(abs(a[axis] - b[axis]) for a in points for b in points for axis in (0, 1)) < LEAST_DISTANCE:
            yield document.problem((*place, "shape"), "has no length; give two points or more, well apart")
        elif met := crossing(course):
            remedy = "give its points in their order from one end to the other"
            yield document.problem((*place, "shape"), f"crosses itself: {_told(met)}; {remedy}")
        elif (inside := _point(line.get("inside"))) and _on(inside, course):
            yield document.problem((*place, "inside"), "lies on the line; give a point well to one side of it")


def _on(inside: Point, course: Sequence[tuple[Point, Point]]) -> bool:
    """Whether a point is on neither side of a line: on it, or where a straight one would go on."""
    far = distance_to_line(inside, course[0]) if len(course) == 1 else min(distance(inside, side) for side in course)
    return far < LEAST_DISTANCE


def _told(met: tuple[tuple[Point, Point], tuple[Point, Point]]) -> str:
    """Two sides in words."""
    one, other = (f"{list(a)} to {list(b)}" for a, b in met)
    return f"the side from {one} meets the side from {other}"


# -- whatever was written


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return list(node.items()) if isinstance(node, dict) else []


def _keys(node: Any) -> list[Any]:
    return list(node) if isinstance(node, dict) else []


def _points(what: Any, at_least: int) -> list[Point] | None:
    """The points of a zone or line; None where they are not all points within the picture."""
    shape = what.get("shape") if isinstance(what, dict) else None
    points = [_point(each) for each in shape] if isinstance(shape, list) else []
    known = [point for point in points if point is not None]
    return known if len(known) == len(points) >= at_least else None


def _point(value: Any) -> Point | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    x, y = value
    if any(isinstance(each, bool) or not isinstance(each, int | float) or not 0 <= each <= 1 for each in value):
        return None
    return float(x), float(y)
