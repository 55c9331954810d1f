"""What the vocabulary could carry is counted right, and the page on privacy says the same."""

import itertools
import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from semcam.contract.base import Measure, Seconds
from semcam.contract.signal import BUDGET_BYTES, Reason, RuleSignal, Stage, to_line
from semcam.workbench.capacity import MEASURE, SECONDS, Lengths, bits_of_beats, bits_of_rules, rule_lines
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def spellings(kind: Any, letters: str, longest: int) -> Lengths:
    """All texts that are read as such a number and written in the same way again: by trying all there are."""
    adapter: TypeAdapter[float] = TypeAdapter(kind)
    found: Lengths = Counter()
    for length in range(1, longest + 1):
        for text in map("".join, itertools.product(letters, repeat=length)):
            try:
                same = adapter.dump_json(adapter.validate_json(text)).decode() == text
            except ValidationError:
                continue
            found[length] += same
    return found


@pytest.mark.parametrize(("kind", "counted"), [(Measure, MEASURE), (Seconds, SECONDS)], ids=["Measure", "Seconds"])
def test_numbers_have_as_many_spellings_as_are_counted(kind: object, counted: Lengths) -> None:
    tried = spellings(kind, "-.0123456789", 4)
    # -0.0 is counted and has no spelling of its own: the bound is a little too high, never too low
    assert all(counted[length] >= ways for length, ways in tried.items())
    assert sum(counted[length] - tried[length] for length in range(5)) <= 1


@given(
    st.builds(
        RuleSignal,
        rule=st.from_regex(r"[0-9]{2}", fullmatch=True),
        stage=st.sampled_from(Stage),
        t_s=st.floats(0, 999_999_999),
        track=st.integers(0, 10**9 - 1),
        zone=st.none() | st.sampled_from(["00", "01"]),
        home=st.none() | st.integers(0, 9),
        label=st.sampled_from(["person", "bear"]),
        count=st.none() | st.integers(0, 999),
        why=st.dictionaries(st.sampled_from(Reason), st.floats(-9999, 9999), max_size=6),
    )
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_every_line_is_counted(signal: RuleSignal) -> None:
    assert rule_lines()[len(to_line(signal))] > 0


def test_the_page_says_what_was_counted() -> None:
    rules, beats = round(bits_of_rules(), -2), round(bits_of_beats(), -2)
    said = [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) bits a minute", PAGE)]
    assert {rules, beats} <= set(said)
    assert rules < 8 * BUDGET_BYTES
