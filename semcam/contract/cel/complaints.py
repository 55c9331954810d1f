"""What the library finds wrong, in words for whoever wrote the expression. Each ends in the remedy."""

import re
from dataclasses import fields

from semcam.contract.base import nearest
from semcam.contract.cel.dialect import FUNCTIONS, MACROS
from semcam.contract.cel.limits import NAMES
from semcam.contract.seen import WORDS, Object, Person, Time, Zone

_ISSUE = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_QUOTED = re.compile(r"'([^']*)'")
_DASHED = re.compile(r"\b(zones|count)\.(\w+(?:-\w+)+)")
_MODELS = {f"semcam.{model.__name__}": model for model in (Person, Object, Zone, Time)}
_NOUNS = {
    "int": "a whole number",
    "double": "a number",
    "string": "a text",
    "bool": "true or false",
    "null": "null",
    "bytes": "bytes",
    "list": "a list",
    "map": "a map",
    "semcam.Person": "a person",
    "semcam.Object": "an object",
    "semcam.Zone": "a zone",
    "semcam.Time": "the time",
}
_OPERATORS = {"@in": "in", "_[_]": "[ ]"}
_LOGIC = ("_&&_", "_||_", "!_", "_?_:_")


def in_words(text: str, error: Exception) -> str:
    """The first complaint about `text` as a sentence."""
    if isinstance(error, UnicodeError):
        return "holds a letter that does not exist; look for \\u in the text"
    issues = [(int(line), int(column), what) for line, column, what in _ISSUE.findall(str(error))]
    placed = [issue for issue in issues if issue[0] > 0 and "*error*" not in issue[2]]
    if not placed:
        return "is nested too deeply or too long; write it flatter"
    line, column, what = min(placed)
    lines = text.splitlines() or [""]
    written = lines[min(line, len(lines)) - 1]
    place = f"at letter {column}" if len(lines) == 1 else f"in its line {line} at letter {column}"
    return _sentence(what, written, column - 1, place)


def noun(type: str) -> str:
    """A type of the library's in words."""
    plain = re.split(r"[(<]", type, maxsplit=1)[0]
    return _NOUNS.get(plain) or _NOUNS.get(plain.lower(), "something else")


def _sentence(what: str, written: str, start: int, place: str) -> str:
    quoted = _QUOTED.findall(what)
    if what.startswith("Syntax error"):
        return _unreadable(written, start, place)
    if what.startswith("undeclared reference"):
        return _unknown(quoted[0], written, start)
    if what.startswith("undefined field"):
        return _no_field(quoted[0], quoted[1])
    if what.startswith("found no matching overload"):
        return _unlike(quoted[0], quoted[1], place)
    if "range of a comprehension" in what:
        return f"loops over {noun(quoted[0])} {place}; loop over people, objects or another list"
    if "operand of a select" in what:
        return f"asks {noun(quoted[0])} for a field {place}; only a person, object, zone and the time have fields"
    if "has() argument" in what:
        return f"asks has() for something that is no key {place}; use it like has(zones.bed)"
    if "variable name" in what:
        return f"has a loop without a variable {place}; write it like people.exists(p, p.x > 0.5)"
    return f"is not right {place} ({what}); see the page on `when` rules"


def _unreadable(written: str, start: int, place: str) -> str:
    rest = written[start : start + 20].strip()
    if not rest:
        return "ends too early; close brackets and quotes, and complete the last comparison"
    return f"cannot be read from {rest!r} on, {place}; check brackets, quotes and operators such as && || == !="


def _unknown(name: str, written: str, start: int) -> str:
    if written[start : start + 1] == "(":  # behind the name of a function
        return _unknown_function(name)
    head = name.split(".")[0]
    if any(head in words for words in WORDS.values()):
        return f"unknown name {head!r}; put it in quotes: '{head}'"
    for dashed in _DASHED.finditer(written):
        if dashed.start() <= start <= dashed.end():
            return f"takes - for minus; write {dashed[1]}['{dashed[2]}']"
    if len(head) == 1:
        return f"unknown name {head!r}; give it a meaning in a loop, such as people.exists({head}, {head}.x > 0.5)"
    return f"unknown name {head!r}; {nearest(head, NAMES)}allowed: {', '.join(NAMES)}"


def _unknown_function(name: str) -> str:
    if name in MACROS:
        return f"{name}() is not used like that; write it like people.exists(p, p.x > 0.5)"
    if name in FUNCTIONS:
        return f"{name}() is not used like that; write it like people.size() or p.posture.startsWith('l')"
    allowed = (*FUNCTIONS, *MACROS)
    return f"unknown function {name!r}; {nearest(name, allowed)}allowed: {', '.join(allowed)}"


def _no_field(field: str, type: str) -> str:
    known = [each.name for each in fields(_MODELS[type])] if type in _MODELS else []
    return f"{noun(type)} has no {field!r}; {nearest(field, known)}allowed: {', '.join(known)}"


def _unlike(operator: str, types: str, place: str) -> str:
    given = re.findall(r"[\w.]+(?:\([^)]*\))*", types)
    if operator in _LOGIC:
        odd = sorted({noun(type) for type in given if type != "bool"})
        return f"needs true or false {place}, not {' or '.join(odd)}; compare it with something"
    models = [_MODELS[type] for type in given if type in _MODELS]
    if models:
        remedy = f"ask for a field: {', '.join(field.name for field in fields(models[0]))}"
    elif set(given) == {"int", "double"}:
        remedy = "write whole numbers with a point, such as 5.0"
    else:
        remedy = "put like with like"
    sign = _OPERATORS.get(operator, operator.strip("_"))
    return f"{sign!r} does not work with {' and '.join(map(noun, given))} {place}; {remedy}"
