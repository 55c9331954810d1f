"""The wall: one spelling for each signal, nothing else passes, and never more than 2 kB a minute."""

import base64
import itertools
import json
import math
import traceback
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.errors import FaultCode, WallError
from semcam.contract.labels import LABELS
from semcam.contract.signal import (
    BEAT_BYTES,
    BUDGET_BYTES,
    BUDGET_WINDOW_S,
    MAX_LINE_BYTES,
    Beat,
    ByteBudget,
    Ended,
    Fault,
    Ready,
    Reason,
    RuleSignal,
    Signal,
    Stage,
    View,
    Wall,
    age_of,
    from_line,
    to_line,
)

fuzz = settings(max_examples=300, deadline=None, derandomize=True)

ids = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,23}", fullmatch=True)
seconds = st.floats(0, 999_999_999)
measures = st.floats(-9999, 9999)
rule_signals = st.builds(
    RuleSignal,
    rule=ids,
    stage=st.sampled_from(Stage),
    t_s=seconds,
    track=st.integers(0, 999_999),
    zone=st.none() | ids,
    label=st.sampled_from(sorted(LABELS)),
    count=st.integers(0, 999),
    why=st.dictionaries(st.sampled_from(Reason), measures, max_size=6),
)
frames = st.integers(0, 10**10 - 1)
ages = st.none() | st.floats(0, 60).map(age_of)
beats = st.builds(Beat, t_s=seconds, frames=frames, view=st.sampled_from(View), age_ms=ages)
others = (
    st.builds(Ready, length_s=seconds)
    | st.builds(Ended, t_s=seconds, frames=frames)
    | st.builds(Fault, code=st.sampled_from(FaultCode))
)
signals = rule_signals | beats | others


def a_fall(**changes: Any) -> RuleSignal:
    fields: dict[str, Any] = {
        "rule": "fall",
        "stage": Stage.CONFIRMED,
        "t_s": 12.5,
        "track": 3,
        "zone": "floor",
        "label": "person",
        "why": {Reason.TORSO_DEG: 84.0, Reason.DROP: 0.55, Reason.DOWN_S: 5.0},
    }
    return RuleSignal(**(fields | changes))


def as_line(document: object) -> bytes:
    """JSON in the very spelling that the wall uses."""
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def document_of(signal: Signal) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(to_line(signal))
    return document


def refuse(line: bytes) -> WallError:
    with pytest.raises(WallError) as refused:
        from_line(line)
    return refused.value


# every signal that can be made arrives as it was


@given(signals)
@fuzz
def test_what_is_spelled_on_one_side_is_read_on_the_other(signal: Signal) -> None:
    try:
        line = to_line(signal)
    except WallError:
        return  # too long: a case of its own below
    assert from_line(line) == signal


@given(signals)
@fuzz
def test_a_line_is_short_plain_ascii_and_only_one_line(signal: Signal) -> None:
    try:
        line = to_line(signal)
    except WallError as refused:
        assert "longer than 256" in str(refused)
        return
    assert len(line) <= MAX_LINE_BYTES
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert all(byte >= 0x20 for byte in line[:-1])


@given(beats)
@fuzz
def test_all_heartbeats_have_the_same_length(beat: Beat) -> None:
    assert len(to_line(beat)) == BEAT_BYTES


def longest_id() -> str:
    """As long as the contract allows one to be."""
    for length in range(64, 0, -1):
        try:
            return a_fall(rule="a" * length).rule
        except ValueError:
            continue
    raise AssertionError("no id is allowed")


def test_a_camera_with_the_longest_names_can_still_say_that_somebody_fell_after_a_year() -> None:
    why = {Reason.TORSO_DEG: 104.0, Reason.DROP: 0.55, Reason.SPEED: 12.34, Reason.DOWN_S: 3600.25, Reason.SCORE: 0.41}
    name = longest_id()
    signal = a_fall(rule=name, zone=name, t_s=31_536_000.123, track=99_999, why=why)
    assert len(to_line(signal)) <= MAX_LINE_BYTES


@pytest.mark.parametrize("value", [9999.996, -9999.996, -0.001, 0.005])
def test_a_number_that_rounds_to_its_own_limit_still_arrives(value: float) -> None:
    try:
        signal = a_fall(why={Reason.DROP: value})
    except ValueError:
        return  # refused where it is made: the vision side never sends it
    assert from_line(to_line(signal)) == signal


def test_a_time_that_rounds_to_its_own_limit_still_arrives() -> None:
    try:
        signal = a_fall(t_s=999_999_999.9999)
    except ValueError:
        return
    assert from_line(to_line(signal)) == signal


def test_minus_zero_has_no_spelling_of_its_own() -> None:
    assert to_line(a_fall(t_s=-0.0)) == to_line(a_fall(t_s=0.0))
    assert to_line(a_fall(why={Reason.DROP: -0.001})) == to_line(a_fall(why={Reason.DROP: 0.0}))


# one spelling


def test_the_numbers_that_say_why_come_in_one_order_only() -> None:
    reasons = a_fall().why
    spellings = [
        as_line(document_of(a_fall()) | {"why": dict(order)}) for order in itertools.permutations(reasons.items())
    ]
    passing = [line for line in spellings if _passes(line)]
    assert len(passing) == 1  # with six numbers, 720 orders would carry 9 bits of whatever one likes


def test_signals_made_with_the_same_numbers_in_any_order_are_spelled_alike() -> None:
    why = a_fall().why
    assert to_line(a_fall(why=dict(reversed(why.items())))) == to_line(a_fall())


@pytest.mark.parametrize(
    "other",
    [
        b' {"type":"fault","code":"internal"}\n',
        b'{"type":"fault","code":"internal"} \n',
        b'{"type":"fault","code":"internal"}',
        b'{"type":"fault","code":"internal"}\n\n',
        b'{"type":"fault","code":"internal"}\r\n',
        b'{"type": "fault","code":"internal"}\n',
        b'{"code":"internal","type":"fault"}\n',
        b'{"type":"fault","type":"fault","code":"internal"}\n',
        b'{"type":"fault","code":"intern\\u0061l"}\n',
        b'\xef\xbb\xbf{"type":"fault","code":"internal"}\n',
        b'{"type":"ready","length_s":1}\n',
        b'{"type":"ready","length_s":1.00}\n',
        b'{"type":"ready","length_s":1e0}\n',
        b'{"type":"ready","length_s":-0.0}\n',
        b'{"type":"ready","length_s":"1.0"}\n',
        b'{"type":"ready"}\n',
        b'{"type":"ready","length_s":NaN}\n',
        b'{"type":"ready","length_s":Infinity}\n',
    ],
)
def test_the_same_thing_in_another_spelling_is_refused(other: bytes) -> None:
    refuse(other)


@pytest.mark.parametrize(
    ("key", "value"),
    [("t_s", 12.5001), ("t_s", 12.50000000000001), ("why", {"drop": 0.551}), ("why", {"score": 0.123456})],
)
def test_digits_beyond_the_rounding_are_refused(key: str, value: object) -> None:
    refuse(as_line(document_of(a_fall()) | {key: value}))


# what is outside the vocabulary


@pytest.mark.parametrize(
    "more",
    [
        {"note": "fell"},
        {"pixels": [1, 2, 3]},
        {"label": ["person"]},
        {"label": "Person"},
        {"label": "ms tanaka"},
        {"why": [1.0, 2.0]},
        {"why": {"drop": [0.5]}},
        {"why": {"mood": 0.5}},
        {"why": {"drop": 1e9}},
        {"rule": "Fall"},
        {"rule": "a" * 33},
        {"rule": base64.b64encode(bytes(range(24))).decode()},
        {"zone": base64.b64encode(bytes(range(200, 224))).decode()},
        {"zone": ""},
        {"zone": "floor\n"},
        {"zone": "ゆか"},
        {"track": -1},
        {"track": 10**9},
        {"track": 3.0},
        {"track": True},
        {"count": 1000},
        {"stage": "acknowledged"},
        {"t_s": -1.0},
        {"type": "picture"},
    ],
)
def test_nothing_but_the_vocabulary_passes(more: dict[str, object]) -> None:
    refuse(as_line(document_of(a_fall()) | more))


@pytest.mark.parametrize(
    "document", [[], [[0, 1], [2, 3]], "fall", 5, None, True, {}, [{"type": "fault", "code": "internal"}]]
)
def test_a_line_that_is_no_signal_at_all_is_refused(document: object) -> None:
    refuse(as_line(document))


def test_a_long_line_is_refused_before_anybody_parses_it() -> None:
    refuse(to_line(Fault(code=FaultCode.INTERNAL))[:-1] + b" " * MAX_LINE_BYTES + b"\n")
    refuse(b"[" * 100_000)


def _passes(line: bytes) -> bool:
    """Whether a line passes; and if so, it must be the one spelling of what it means."""
    try:
        signal = from_line(line)
    except WallError:
        return False
    assert to_line(signal) == line
    return True


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.binary(max_size=300))
@fuzz
def test_any_bytes_are_refused_or_read_but_never_crash(line: bytes) -> None:
    _passes(line)


@given(json_values)
@fuzz
def test_any_json_is_refused(document: object) -> None:
    assert not _passes(as_line(document))


@given(signals, st.sampled_from(["type", "rule", "stage", "t_s", "track", "zone", "label", "why", "new"]), json_values)
@fuzz
def test_any_json_in_any_place_of_a_signal_is_refused_or_is_a_signal(signal: Signal, key: str, value: object) -> None:
    try:
        document = document_of(signal)
    except WallError:
        return
    _passes(as_line(document | {key: value}))


@given(signals, st.data())
@fuzz
def test_a_line_with_one_other_byte_is_refused_or_is_another_whole_signal(signal: Signal, data: st.DataObject) -> None:
    try:
        line = bytearray(to_line(signal))
    except WallError:
        return
    place = data.draw(st.integers(0, len(line) - 1))
    match data.draw(st.sampled_from(["replace", "insert", "delete"])):
        case "replace":
            line[place] = data.draw(st.integers(0, 255))
        case "insert":
            line.insert(place, data.draw(st.integers(0, 255)))
        case _:
            del line[place]
    _passes(bytes(line))


@given(
    st.text("abcdefghijklmnop", min_size=12, max_size=60),
    st.sampled_from(["rule", "zone", "label", "stage", "code", "x"]),
)
@fuzz
def test_a_refusal_never_repeats_what_was_refused(secret: str, key: str) -> None:
    documents: list[object] = [
        document_of(a_fall()) | {key: secret + "!"},
        document_of(a_fall()) | {secret: 1},
        document_of(a_fall()) | {"why": {secret: 1.0}},
        secret,
        [secret],
    ]
    lines = [as_line(document) for document in documents]
    for line in [*lines, secret.encode(), *(line[:-3] for line in lines)]:
        error = refuse(line)
        assert secret not in "".join(traceback.format_exception(error))


# the courier's side: only what is configured, only so much of it


def test_a_rule_or_zone_that_is_not_configured_is_refused() -> None:
    wall = Wall(rules={"fall"}, zones={"floor"})
    wall.admit(to_line(a_fall()))
    wall.admit(to_line(a_fall(zone=None)))
    for stranger in (a_fall(rule="bear"), a_fall(zone="tub")):
        with pytest.raises(WallError, match="not in the configuration") as refused:
            wall.admit(to_line(stranger))
        assert "bear" not in str(refused.value)
        assert "tub" not in str(refused.value)


def test_a_flood_of_signals_is_stopped_within_two_kilobytes() -> None:
    wall = Wall(rules={"fall"}, zones={"floor"})
    passed = 0
    with pytest.raises(WallError, match="2048"):
        for track in range(1000):
            line = to_line(a_fall(track=track))
            wall.admit(line)
            passed += len(line)
    assert BUDGET_BYTES - MAX_LINE_BYTES < passed <= BUDGET_BYTES


@pytest.mark.parametrize("signal", [Ready(), Ended(t_s=5.0, frames=50), Fault(code=FaultCode.INTERNAL)])
def test_a_flood_of_last_words_is_stopped_too(signal: Signal) -> None:
    wall = Wall(rules=(), zones=())
    with pytest.raises(WallError, match="2048"):
        for _ in range(100):
            wall.admit(to_line(signal))


def test_a_flood_of_heartbeats_is_stopped_but_a_minute_of_them_costs_no_signal_its_place() -> None:
    wall = Wall(rules={"fall"}, zones={"floor"})
    for second in range(600):
        wall.admit(to_line(Beat(t_s=second, frames=10 * second)))
    for track in range(10):
        wall.admit(to_line(a_fall(t_s=600.0, track=track)))
    with pytest.raises(WallError):
        for frame in range(1000):
            wall.admit(to_line(Beat(t_s=600.5, frames=frame)))


def test_after_a_quiet_minute_there_is_room_again() -> None:
    wall = Wall(rules={"fall"}, zones={"floor"})
    with pytest.raises(WallError):
        for _ in range(100):
            wall.admit(to_line(a_fall(t_s=1.0)))
    wall.admit(to_line(a_fall(t_s=62.0)))


def test_the_time_that_vision_claims_does_not_matter_where_the_courier_has_a_clock() -> None:
    wall = Wall(rules={"fall"}, zones={"floor"})
    with pytest.raises(WallError):
        for minute in range(100):
            wall.admit(to_line(a_fall(t_s=minute * 61.0)), now_s=5.0)


def test_time_that_runs_backwards_buys_nothing() -> None:
    wall = Wall(rules={"fall"}, zones={"floor"})
    with pytest.raises(WallError):
        for minute in range(100):
            wall.admit(to_line(a_fall(t_s=(100 - minute) * 61.0)))


@given(st.lists(st.tuples(st.floats(0, 40), st.integers(1, MAX_LINE_BYTES)), max_size=120))
@fuzz
def test_no_sixty_seconds_hold_more_than_the_budget(steps: list[tuple[float, int]]) -> None:
    budget, now_s = ByteBudget(), 0.0
    spent: list[tuple[float, int]] = []
    for pause_s, size in steps:
        now_s += pause_s
        left = budget.left(now_s)
        assert 0 <= left <= BUDGET_BYTES
        if size > left:
            with pytest.raises(WallError):
                budget.spend(now_s, size)
        else:
            budget.spend(now_s, size)
            spent.append((now_s, size))
    for end_s, _ in spent:
        window = [size for t_s, size in spent if end_s - BUDGET_WINDOW_S < t_s <= end_s]
        assert sum(window) <= BUDGET_BYTES


@given(st.lists(st.tuples(st.floats(0, 30), rule_signals | beats), max_size=40), st.booleans())
@settings(parent=fuzz, max_examples=60)
def test_no_mixture_of_lines_gets_more_than_two_kilobytes_a_minute_through(
    steps: list[tuple[float, Signal]], trembling: bool
) -> None:
    wall = Wall(rules=Everything(), zones=Everything())
    now_s = 0.0
    passed: list[tuple[float, int]] = []
    for pause_s, signal in steps:
        now_s += 0.0 if trembling else pause_s
        try:
            line = to_line(signal)
            wall.admit(line, now_s)
        except WallError:
            continue
        if not isinstance(signal, Beat):
            passed.append((now_s, len(line)))
    for end_s, _ in passed:
        assert sum(size for t_s, size in passed if end_s - 60 < t_s <= end_s) <= 2048


class Everything(frozenset[str]):
    """A configuration in which each id exists."""

    def __contains__(self, item: object) -> bool:
        return isinstance(item, str)


def test_no_number_of_a_signal_can_be_infinite_or_none_at_all() -> None:
    for value in (math.inf, -math.inf, math.nan):
        with pytest.raises(ValueError, match="finite"):
            a_fall(t_s=value)
        with pytest.raises(ValueError, match="finite"):
            a_fall(why={Reason.DROP: value})
