"""Sentences from structured fields. Nothing in them comes from pixels except through the closed vocabulary."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from semcam.contract.signal import Stage
from semcam.contract.text import Language, Text, in_language
from semcam.courier.languages import en, ja


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to say. `who` and `place` are None where the configuration gives no name."""

    kind: str
    stage: Stage
    label: str | None = None
    who: Text | None = None
    place: Text | None = None


Sayer = Callable[[str, Stage, str | None, str | None, str | None], str]

_LANGUAGES: dict[Language, Sayer] = {"ja": ja.say, "en": en.say}


def sentence(facts: Facts, language: Language) -> str:
    """One sentence, polite and short, as one would say it to a carer."""
    who = None if facts.who is None else in_language(facts.who, language)
    place = None if facts.place is None else in_language(facts.place, language)
    return _LANGUAGES[language](facts.kind, facts.stage, facts.label, who, place)


def sentences(facts: Facts) -> dict[Language, str]:
    """The same in all languages, for subscribers who speak another one than the camera."""
    return {language: sentence(facts, language) for language in get_args(Language)}
