"""Sentences from structured fields. Nothing in them comes from pixels except through the closed vocabulary."""

from collections.abc import Callable, Iterator, Mapping
from typing import get_args

from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.message import MAX_SENTENCE_BYTES, Blank, json_bytes, parse
from semcam.contract.signal import Stage
from semcam.contract.text import Language, Text
from semcam.courier.facts import Facts, Named, in_words
from semcam.courier.languages import SPEAKERS, Speaker

Messages = dict[Language, str]


def sentence(facts: Facts, language: Language) -> str:
    """One sentence, polite and short, as one would say it to a carer."""
    speaker = SPEAKERS[language]
    return _fitting(lambda named: speaker.say(facts, named), facts.named(language))


def sentences(facts: Facts, own: Text | None = None) -> dict[Language, str]:
    """The same in all languages, for subscribers who speak another one than the camera.

    `own` is the rule's own message: it is told of what is sure and goes on. Of what is only suspected, or over, it
    would say the wrong thing.
    """
    if own is None or facts.stage not in (Stage.CONFIRMED, Stage.UPDATED):
        return {language: sentence(facts, language) for language in get_args(Language)}
    return {language: _own_sentence(facts, own, language) for language in get_args(Language)}


def with_tails(messages: Mapping[Language, str], stage: AlarmStage, ending: Ending | None, by: str | None) -> Messages:
    """The same with a second sentence on what a person or time made of the alarm."""
    tails = {language: SPEAKERS[language].tail(stage, ending, by) for language in messages}
    return {language: SPEAKERS[language].append(text, tails[language]) for language, text in messages.items()}


def _own_sentence(facts: Facts, own: Text, language: Language) -> str:
    if isinstance(own, dict) and language not in own:
        language = next(iter(own))  # its fields are told in the language it is written in
    message = own if isinstance(own, str) else own[language]
    speaker = SPEAKERS[language]
    return _fitting(lambda named: _fill(message, facts, named, speaker), facts.named(language))


def _fill(message: str, facts: Facts, named: Named, speaker: Speaker) -> str:
    text = ""
    for part in parse(message):
        text = speaker.join(text, _word(part, facts, named, speaker)) if isinstance(part, Blank) else text + part
    return text


def _word(blank: Blank, facts: Facts, named: Named, speaker: Speaker) -> str:
    """What a field says; where there is nothing to say, the next best."""
    place = named.place or facts.camera
    match blank:
        case Blank.WHO:
            return named.who or speaker.SOMEONE
        case Blank.PLACE:
            return place
        case Blank.ZONE:
            return named.line or named.zone or (in_words(facts.spot) if facts.spot else place)
        case Blank.LABEL:
            return speaker.noun(facts.label)
        case Blank.COUNT:
            return str(next((number for number in (facts.crossings, facts.count) if number is not None), 1))
        case Blank.DURATION:
            return speaker.FOR_A_WHILE if facts.seconds is None else speaker.duration(facts.seconds)
        case Blank.TIME:
            return facts.time
        case Blank.CAMERA:
            return facts.camera
        case Blank.RULE:
            return in_words(facts.rule)


def _fitting(say: Callable[[Named], str], named: Named) -> str:
    """The sentence with all names, or with as many as leave it short enough: an event too large would be lost."""
    *more, fewest = _fewer(named)
    return next((text for text in map(say, more) if json_bytes(text) <= MAX_SENTENCE_BYTES), say(fewest))


def _fewer(named: Named) -> Iterator[Named]:
    """The names, then fewer and fewer of them: who it is goes last."""
    yield named
    yield named._replace(zone=None, line=None)
    yield named._replace(zone=None, line=None, place=None)
    yield Named()
