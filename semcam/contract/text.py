"""Texts that a person writes for sentences, in one language or in each."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

Language = Literal["ja", "en"]


MAX_TEXT_BYTES = 128
_JAPANESE_SPACE = "\u3000"


def _speakable(text: str) -> str:
    """What goes into a sentence stays on one line, and seven times into an event of 2 kB."""
    if not text.strip():
        raise ValueError("is empty; give it a text")
    if not text.replace(_JAPANESE_SPACE, " ").isprintable():
        raise ValueError("holds a line break or another control character; write it on one line")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise ValueError(f"is longer than {MAX_TEXT_BYTES} bytes of UTF-8; shorten it")
    return text


Words = Annotated[str, Field(min_length=1), AfterValidator(_speakable)]
Text = Annotated[
    Annotated[Words, Tag("text")] | Annotated[dict[Language, Words], Field(min_length=1), Tag("languages")],
    # told apart by what was written, so that a mistake is complained of once
    Discriminator(lambda value: "languages" if isinstance(value, dict) else "text"),
]
"""A plain string for all languages, or one for each."""


def in_language(text: Text, language: Language) -> str:
    """The text in `language`, or in whichever language there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()))
