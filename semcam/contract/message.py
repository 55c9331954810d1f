"""Own sentences of a rule: text with fields in braces, such as "{who} is at {place}"; checked before anything runs."""

import json
import re
from enum import StrEnum
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from semcam.contract.base import nearest
from semcam.contract.text import Language, Words

MAX_SENTENCE_BYTES = 870 // (1 + len(get_args(Language)))
"""In JSON. An event has room for 870: the message, and the same in each language."""
MAX_WORD_BYTES = 28
"""What a field may say. Only a name may be longer, and gives way where a sentence has no room for it."""


class Blank(StrEnum):
    """What a message can ask for. Each says something in every kind of rule."""

    WHO = "who"  # whose place it is, or someone
    PLACE = "place"  # the camera's place, or its id
    ZONE = "zone"  # the zone's or line's name, or its id; the place where there is none
    LABEL = "label"  # what it is, in the language of the message: bear
    COUNT = "count"  # how many there are; for a line, the crossings that way today
    DURATION = "duration"  # how long it has lasted: 30 minutes
    TIME = "time"  # the wall clock at the camera: 22:05
    CAMERA = "camera"  # the camera's id
    RULE = "rule"  # the rule's id in words


_NAMES = tuple(blank.value for blank in Blank)

_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_LITERAL = {"{{": "{", "}}": "}"}
_WIDE = re.compile("[｛｝]")


def parse(message: str) -> tuple[str | Blank, ...]:
    """A message as its literal texts and the fields between them.

    Raises:
        ValueError: a brace without its other half, or a field that there is not.
    """
    return tuple(_part(match) for match in _PARTS.finditer(message))


def json_bytes(text: str) -> int:
    """The bytes that a text takes in an event, between its quotes."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - len('""')


def _part(match: re.Match[str]) -> str | Blank:
    whole, name = match[0], match[1]
    if whole == "{":
        raise ValueError("holds a { that is not closed; close the field, such as {who}, or write {{ for a brace")
    if whole == "}":
        raise ValueError("holds a } that nothing opens; open the field, such as {who}, or write }} for a brace")
    if name is None:
        return _LITERAL.get(whole, whole)
    if name not in _NAMES:
        raise ValueError(_remedy(name))
    return Blank(name)


def _remedy(name: str) -> str:
    """What to write in place of braces that hold no field."""
    word = re.search(r"\w+", name)
    if word and word[0] in _NAMES:  # {who.name}, {count:03}, { who }
        return f"{{{name}}} holds more than the name of a field; write {{{word[0]}}}"
    allowed = ", ".join(f"{{{blank}}}" for blank in Blank)
    return f"{{{name}}} is not a field; {nearest(name.lower(), _NAMES)}allowed: {allowed}"


def _sayable(message: str) -> str:
    if not message.strip():
        raise ValueError("is empty; give it a text")
    if _WIDE.search(message):  # as Japanese keyboards type them
        raise ValueError("holds a wide brace, ｛ or ｝; write { and } around a field, such as {who}")
    parts = parse(message)
    if sum(MAX_WORD_BYTES if isinstance(part, Blank) else json_bytes(part) for part in parts) > MAX_SENTENCE_BYTES:
        raise ValueError("grows too long for an event once its fields are said; shorten it or leave out a field")
    return message


def _no_mapping(value: Any) -> Any:
    if isinstance(value, dict) and any(name in value for name in _NAMES):
        raise ValueError("begins with a brace, which YAML takes for keys of its own; put it in quotes")
    return value


_Template = Annotated[Words, AfterValidator(_sayable)]
Message = Annotated[
    Annotated[_Template, Tag("text")] | Annotated[dict[Language, _Template], Field(min_length=1), Tag("languages")],
    Discriminator(lambda value: "languages" if isinstance(value, dict) else "text"),
    BeforeValidator(_no_mapping),
]
"""As `Text`: one message for all languages, or one for each."""
