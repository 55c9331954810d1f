"""How long to wait before the next attempt at something that has failed: ever longer, up to a bound."""

_MOST_DOUBLINGS = 64
"""Longer than any bound by then; and 2 to the power of a night's failures is more than a float can hold."""


def backoff_s(failures: int, first_s: float, longest_s: float) -> float:
    """The pause in seconds: `first_s`, twice as long with each failure that was counted, at most `longest_s`."""
    return min(first_s * 2.0 ** min(failures, _MOST_DOUBLINGS), longest_s)
