"""One file a language; each says every kind and stage of event in a sentence.

A new language is a new file here that has what `Speaker` asks for, its line in `SPEAKERS`, and its code in
`semcam.contract.text.Language`.
"""

from typing import Protocol

from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.text import Language
from semcam.courier.facts import Facts, Named
from semcam.courier.languages import en, ja


class Speaker(Protocol):
    """What a language must know. A module of functions does."""

    SOMEONE: str
    """Who it is where nobody is named."""
    FOR_A_WHILE: str
    """How long it was where nobody has counted."""

    def say(self, facts: Facts, named: Named) -> str:
        """The sentence for one event, polite and short, as one would say it to a carer."""

    def title(self, kind: str, rule: str | None = None) -> str:
        """What a state is called where it is shown: of a rule of that kind, by its id, or of the camera."""

    def tail(self, stage: AlarmStage, ending: Ending | None, by: str | None) -> str:
        """A second sentence for what a person or time made of an alarm; empty where there is none."""

    def append(self, text: str, tail: str) -> str:
        """One sentence behind another."""

    def noun(self, label: str | None) -> str:
        """What a label is called; None for several kinds of things."""

    def duration(self, seconds: float) -> str:
        """A length of time: 30 minutes."""

    def join(self, text: str, word: str) -> str:
        """The beginning of somebody's own sentence with the word of a field behind it."""


SPEAKERS: dict[Language, Speaker] = {"ja": ja, "en": en}
