"""The expressions of `when` rules, as the configuration and the rules ask for them.

The library behind them adds 12 MB to a process. It is loaded with the first expression and not before, so that nobody
pays for it who has none; and when the configuration is read, before the vision process gives up opening files.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from semcam.contract.cel.expression import Expression

MOST_LETTERS = 512


@lru_cache(maxsize=256)
def expression(text: str) -> Expression:
    """The expression, ready to be asked.

    Raises:
        ValueError: it is wrong, with a sentence that says what and what to do.
    """
    if len(text) > MOST_LETTERS:
        raise ValueError(f"is too long; use at most {MOST_LETTERS} letters")
    from semcam.contract.cel.expression import Expression

    return Expression(text)


def check_expression(text: str) -> str:
    """The text, if it is an expression that can be used.

    Raises:
        ValueError: it is not, with a sentence that says what and what to do.
    """
    expression(text)
    return text


def zones_named(text: str) -> frozenset[str]:
    """The ids of zones that a right expression names, so that they can be looked for in the configuration.

    Found are those that are plain to see: `zones.bed`, `zones['bed']`, `'bed' in zones` and `'bed' in p.zones`.
    """
    return expression(text).zones
