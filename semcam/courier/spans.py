"""Lengths of time as one says them: two units at most, and none finer than anybody asks for."""

from enum import IntEnum


class Unit(IntEnum):
    """A unit of time and its seconds."""

    DAY = 24 * 3600
    HOUR = 3600
    MINUTE = 60
    SECOND = 1


Span = tuple[int, Unit]

_FEW = 10
"""From so many of a unit on, the next smaller one says nothing more."""


def spans(seconds: float) -> tuple[Span, ...]:
    """1 h 30 min for 5400: the largest unit there is one of, and the next one below while that one is few.

    Never more than has passed, but for the rounding to the second, and never nothing.
    """
    total = max(1, round(seconds))
    units = list(Unit)
    largest = next(unit for unit in units if total >= unit)
    many, rest = divmod(total, largest)
    told: tuple[Span, ...] = ((many, largest),)
    if many < _FEW and largest is not Unit.SECOND:
        smaller = units[units.index(largest) + 1]
        few = rest // smaller
        few -= few % 10 if smaller is Unit.SECOND else 0
        told += ((few, smaller),) if few else ()
    return told
