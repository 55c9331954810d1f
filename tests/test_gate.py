"""The last door before the wall: what leaves always passes, and the urgent is never stuck behind the rest."""

import io
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semcam.contract.signal import (
    Beat,
    Ended,
    Ready,
    Reason,
    RuleSignal,
    Signal,
    Stage,
    View,
    Wall,
    from_line,
    to_line,
)
from semcam.vision.gate import MOST_WAITING, Gate
from semcam.vision.worker import _finish

fuzz = settings(max_examples=60, deadline=None, derandomize=True)

RULES = ("fall", "bear")
ORDER = [Stage.SUSPECTED, Stage.CONFIRMED, Stage.CLEARED]


def says(stage: Stage, t_s: float, track: int = 1, rule: str = "fall") -> RuleSignal:
    why = {Reason.TORSO_DEG: 84.0, Reason.DROP: 0.55, Reason.SPEED: 1.8, Reason.DOWN_S: 5.0, Reason.SCORE: 0.41}
    return RuleSignal(rule=rule, stage=stage, t_s=t_s, track=track, label="person", why=why)


class Pipe:
    """A gate that writes into memory, fed as the vision loop feeds it: a beat each second, drained at the end."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self.gate = Gate(self._out)
        self._beat_due_s = 0.0
        self._now_s = 0.0
        self.gate.say(0.0, Ready())

    def say(self, *signals: RuleSignal) -> None:
        for signal in signals:
            self.wait_until(signal.t_s)
            self.gate.say(signal.t_s, signal)

    def wait_until(self, t_s: float) -> None:
        while self._beat_due_s <= t_s:
            self.gate.flush(self._beat_due_s)
            self.gate.say(self._beat_due_s, Beat(t_s=self._beat_due_s, frames=0))
            self._beat_due_s += 1
        self._now_s = t_s

    def end(self) -> None:
        _finish(self.gate, self._now_s, 0, View.OK)

    @property
    def lines(self) -> list[bytes]:
        return self._out.getvalue().splitlines(keepends=True)

    @property
    def said(self) -> list[RuleSignal]:
        return [signal for line in self.lines if isinstance(signal := from_line(line), RuleSignal)]


def admit_all(lines: Sequence[bytes]) -> list[Signal]:
    """The courier's side, by the source's own time, as in a replay."""
    wall = Wall(rules=RULES, zones=())
    return [wall.admit(line) for line in lines]


def alarm_histories(pauses: Sequence[float], choices: Sequence[tuple[str, int]]) -> list[RuleSignal]:
    """Signals as rules give them: each alarm goes suspected, confirmed, cleared, and begins again."""
    steps: dict[tuple[str, int], int] = defaultdict(int)
    t_s, told = 0.0, []
    for pause_s, (rule, track) in zip(pauses, choices, strict=False):
        t_s += pause_s
        told.append(says(ORDER[steps[rule, track] % 3], t_s, track, rule))
        steps[rule, track] += 1
    return told


histories = st.builds(
    alarm_histories,
    st.lists(st.floats(0, 3) | st.floats(0, 0.1), max_size=150),
    st.lists(st.tuples(st.sampled_from(RULES), st.integers(1, 12)), max_size=150),
)


def test_on_a_quiet_day_everything_leaves_at_once() -> None:
    pipe = Pipe()
    for t_s, stage in ((1.0, Stage.SUSPECTED), (4.0, Stage.CONFIRMED), (9.0, Stage.CLEARED)):
        pipe.say(says(stage, t_s))
        assert pipe.said[-1] == says(stage, t_s)
    assert pipe.gate.waiting == 0


@given(histories)
@fuzz
def test_whatever_the_gate_writes_the_wall_admits(told: list[RuleSignal]) -> None:
    pipe = Pipe()
    pipe.say(*told)
    pipe.end()
    admitted = admit_all(pipe.lines)
    assert isinstance(admitted[-1], Ended)


@given(histories, st.floats(0, 4))
@fuzz
def test_the_wall_admits_it_by_its_own_clock_too(told: list[RuleSignal], late_s: float) -> None:
    """A live courier counts by the time of arrival, which may lag by anything up to the slack."""
    out, wall = io.BytesIO(), Wall(rules=RULES, zones=())
    gate = Gate(out)
    for index, signal in enumerate(told):
        before = len(out.getvalue())
        gate.say(signal.t_s, signal)
        arrival_s = signal.t_s + late_s * (index % 3) / 2
        for line in out.getvalue()[before:].splitlines(keepends=True):
            wall.admit(line, max(arrival_s, 0.0))


@given(histories)
@fuzz
def test_nothing_that_was_confirmed_or_cleared_is_lost(told: list[RuleSignal]) -> None:
    pipe = Pipe()
    pipe.say(*told)
    pipe.end()
    assert pipe.gate.waiting == 0
    for stage in (Stage.CONFIRMED, Stage.CLEARED):
        expected = sorted((s for s in told if s.stage is stage), key=to_line)
        assert sorted((s for s in pipe.said if s.stage is stage), key=to_line) == expected


@given(histories)
@fuzz
def test_within_an_alarm_the_order_of_what_happened_stays(told: list[RuleSignal]) -> None:
    pipe = Pipe()
    pipe.say(*told)
    pipe.end()
    alarms: dict[tuple[str, int], list[RuleSignal]] = defaultdict(list)
    for signal in pipe.said:
        alarms[signal.rule, signal.track].append(signal)
    for key, said in alarms.items():
        happened = [signal for signal in told if (signal.rule, signal.track) == key]
        positions = [happened.index(signal) for signal in said]
        assert positions == sorted(positions)


def test_a_storm_of_suspicions_never_delays_the_fall_of_somebody_else() -> None:
    pipe = Pipe()
    pipe.say(*(says(Stage.SUSPECTED, 1.0 + track / 1000, track, "bear") for track in range(2, 150)))
    pipe.say(says(Stage.CONFIRMED, 2.0, track=1))
    assert pipe.said[-1] == says(Stage.CONFIRMED, 2.0, track=1)


def test_a_storm_of_suspicions_and_clearings_never_delays_the_fall_of_somebody_else() -> None:
    pipe = Pipe()
    for track in range(2, 40):
        pipe.say(says(Stage.SUSPECTED, 1.0, track, "bear"), says(Stage.CLEARED, 1.0, track, "bear"))
    for person in (500, 501, 502):
        pipe.say(says(Stage.CONFIRMED, 2.0, track=person))
        assert pipe.said[-1].track == person


def test_a_storm_of_suspicions_does_not_grow_without_bound() -> None:
    pipe = Pipe()
    for track in range(400):
        pipe.say(says(Stage.SUSPECTED, 1.0, track))
        assert pipe.gate.waiting <= MOST_WAITING


def test_a_suspicion_that_waited_is_overtaken_by_its_confirmation() -> None:
    pipe = Pipe()
    pipe.say(*(says(Stage.SUSPECTED, 1.0, track) for track in range(2, 40)))
    pipe.say(says(Stage.SUSPECTED, 1.5), says(Stage.CONFIRMED, 4.5))
    pipe.end()
    assert [signal.stage for signal in pipe.said if signal.track == 1] == [Stage.CONFIRMED]


def test_after_a_storm_there_is_still_room_for_the_last_word() -> None:
    pipe = Pipe()
    pipe.say(*(says(Stage.CONFIRMED, 1.0, track) for track in range(30)))
    assert pipe.gate.waiting > 0
    pipe.gate.say(1.0, Ended(t_s=1.0, frames=1))
    assert isinstance(admit_all(pipe.lines)[-1], Ended)


def test_what_waits_leaves_when_the_minute_is_over() -> None:
    pipe = Pipe()
    pipe.say(*(says(Stage.CONFIRMED, 1.0, track) for track in range(20)))
    assert pipe.gate.waiting > 0
    pipe.wait_until(70.0)
    assert pipe.gate.waiting == 0
    assert [signal.track for signal in pipe.said] == list(range(20))


@pytest.mark.parametrize("stage", ORDER)
def test_a_heartbeat_is_never_held_back(stage: Stage) -> None:
    pipe = Pipe()
    pipe.say(*(says(stage, 1.0, track) for track in range(50)))
    before = len(pipe.lines)
    pipe.wait_until(5.0)
    beats = [signal for line in pipe.lines[before:] if isinstance(signal := from_line(line), Beat)]
    assert [beat.t_s for beat in beats] == [2.0, 3.0, 4.0, 5.0]
