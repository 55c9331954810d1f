"""How much could leave through the wall at most: every stream of lines that the courier lets pass in a minute, counted.

Not an estimate: for each field the spellings of each length are counted, from these the lines of each length, and
from these the ways to fill the budget. The logarithm of that number is what somebody could say who had the whole
vision process in hand, and a friend who reads along at the broker.
"""

import math
from collections import Counter
from functools import cache
from itertools import combinations

from semcam.contract.labels import LABELS
from semcam.contract.signal import (
    AGE_STEP_MS,
    BEAT_BYTES,
    BUDGET_BYTES,
    BUDGET_WINDOW_S,
    MAX_AGE_MS,
    MAX_LINE_BYTES,
    Reason,
    Stage,
    View,
    Way,
)

RULES, ZONES = 20, 10
"""A camera with many rules and zones, with short names: two letters. Longer names leave less room."""
MOST_REASONS = 6

Lengths = Counter[int]
"""How many spellings there are of each length."""


def words(*spellings: str) -> Lengths:
    """One of these words."""
    return Counter(map(len, spellings))


def whole(digits: int) -> Lengths:
    """A whole number of at most so many digits."""
    return Counter({1: 10} | {length: 9 * 10 ** (length - 1) for length in range(2, digits + 1)})


def fraction(digits: int) -> Lengths:
    """What follows the point: at least one digit, and no zero at the end but for a single one."""
    return Counter({1: 10} | {length: 9 * 10 ** (length - 1) for length in range(2, digits + 1)})


def together(*parts: Lengths) -> Lengths:
    """One after the other."""
    joined: Lengths = Counter({0: 1})
    for part in parts:
        following: Lengths = Counter()
        for length, ways in joined.items():
            for more, its_ways in part.items():
                following[length + more] += ways * its_ways
        joined = Counter({length: ways for length, ways in following.items() if length <= MAX_LINE_BYTES})
    return joined


def either(*choices: Lengths) -> Lengths:
    """One or the other."""
    return sum(choices, Counter())


def field(name: str, value: Lengths, *, needed: bool = True) -> Lengths:
    """`,"name":value`, or nothing where it may be left out."""
    written = together(words(f',"{name}":'), value)
    return written if needed else either(written, words(""))


def quoted(*spellings: str) -> Lengths:
    """One of these words, in quotes."""
    return words(*(f'"{each}"' for each in spellings))


SECONDS = together(whole(9), words("."), fraction(3))
MEASURE = together(words("", "-"), whole(6), words("."), fraction(2))


def why() -> Lengths:
    """Up to six numbers, each under its own reason, in one order."""
    numbers = {reason: together(words(f'"{reason.value}":'), MEASURE) for reason in Reason}
    choices = (chosen for count in range(MOST_REASONS + 1) for chosen in combinations(Reason, count))
    return either(
        *(
            together(words("{}" + "," * max(0, len(chosen) - 1)), *(numbers[reason] for reason in chosen))
            for chosen in choices
        )
    )


@cache
def rule_lines() -> Lengths:
    """Lines in which a rule speaks."""
    names = quoted(*(f"{number:02}" for number in range(RULES)))
    places = quoted(*(f"{number:02}" for number in range(ZONES)))
    line = together(
        words('{"type":"rule"' + "}\n"),
        field("rule", names),
        field("stage", quoted(*Stage)),
        field("t_s", SECONDS),
        field("track", whole(9)),
        field("zone", places, needed=False),
        field("home", words(*map(str, range(ZONES))), needed=False),
        field("label", quoted(*LABELS)),
        field("way", quoted(*Way), needed=False),
        field("count", whole(3), needed=False),
        field("why", why()),
    )
    return Counter({length: ways for length, ways in line.items() if length <= MAX_LINE_BYTES})


def bits_of_rules() -> float:
    """Of all streams of such lines that fit into the budget of a minute."""
    lines = rule_lines()
    streams = [1] + [0] * BUDGET_BYTES  # that are exactly so long
    for length in range(1, BUDGET_BYTES + 1):
        streams[length] = sum(ways * streams[length - more] for more, ways in lines.items() if more <= length)
    return math.log2(sum(streams))


def bits_of_beats() -> float:
    """Of the heartbeats of a minute: they all have one length, and the courier admits two a second."""
    beat = together(
        words('{"type":"beat"}\n'),
        field("t_s", SECONDS),
        field("frames", whole(10)),
        field("view", quoted(*View)),
        field("age_ms", words(*map(str, range(0, MAX_AGE_MS + 1, AGE_STEP_MS))), needed=False),
    )
    a_beat = sum(ways for length, ways in beat.items() if length <= BEAT_BYTES)
    return 2 * BUDGET_WINDOW_S * math.log2(a_beat)
