"""What a nurse hears of a night: stories of alarms that are acknowledged, forgotten, muted, or come again and again."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from semcam.contract.command import Ack, Mute
from semcam.contract.delivery import AlarmSettings, AlarmStage, Ending
from semcam.contract.event import CAMERA_FAULT, RULE_FAULT, AlarmState
from semcam.contract.rule_base import Severity
from semcam.contract.rules import (
    AnyRule,
    EnteredRule,
    FallRule,
    LeftBedRule,
    LyingRule,
    OccupancyRule,
    SightingRule,
)
from semcam.contract.signal import Reason, RuleSignal, Stage
from semcam.courier.alarm import Close, Input, Restarted, Step, Tick
from semcam.courier.alarm_book import MOST_OPEN, AlarmBook
from semcam.courier.report import Report

SUSPECTED, CONFIRMED, UPDATED, CLEARED = Stage.SUSPECTED, Stage.CONFIRMED, Stage.UPDATED, Stage.CLEARED
INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
MINUTE, HOUR = 60.0, 3600.0

RULES: dict[str, AnyRule] = {
    "fall": FallRule(id="fall"),
    "bed": LeftBedRule(id="bed", zones=("bed-1",)),
    "calm": LeftBedRule(id="calm", zones=("bed-1",), cooldown=10 * MINUTE),
    "calm-fall": FallRule(id="calm-fall", cooldown=10 * MINUTE),
    "lying": LyingRule(id="lying"),
    "bear": SightingRule(id="bear"),
    "crowd": OccupancyRule(id="crowd", more_than=3),
    "entered": EnteredRule(id="entered"),
    "entered-calm": EnteredRule(id="entered-calm", cooldown=10 * MINUTE),
    "note": OccupancyRule(id="note", more_than=1, severity=INFO),
}


def report(
    rule: str,
    stage: Stage,
    track: int = 1,
    zone: str | None = None,
    *,
    label: str = "person",
    person: str | None = None,
    severity: Severity | None = None,
    why: Mapping[Reason, float] | None = None,
) -> Report:
    """What the desk makes of a signal."""
    signal = RuleSignal(rule=rule, stage=stage, t_s=1.0, track=track, zone=zone, label=label, why=dict(why or {}))
    kind = label if RULES[rule].kind == "sighting" else RULES[rule].kind
    how = severity or RULES[rule].severity
    return Report(rule=rule, kind=kind, stage=stage, severity=how, who=person, person=person, signal=signal)


def camera_fault(stage: Stage) -> Report:
    return Report(rule=CAMERA_FAULT, kind=CAMERA_FAULT, stage=stage, severity=WARNING)


@dataclass
class Ward:
    """An alarm book at work, and a nurse who hears what it tells."""

    options: AlarmSettings = field(default_factory=AlarmSettings)
    rules: Mapping[str, AnyRule] = field(default_factory=lambda: RULES)
    now_s: float = 0.0
    heard: list[tuple[float, Step]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = AlarmBook(self.rules, self.options)

    def say(self, what: Input, after_s: float = 0.0) -> list[Step]:
        """What happens, so long after what happened last."""
        self.now_s += after_s
        steps = self.book.step(self.now_s, what)
        for step in steps:
            self.book.name(step, f"e-{len(self.heard) + 1:06d}")
            self.heard.append((self.now_s, step))
        return steps

    def wait(self, for_s: float, every_s: float = 1.0, watching: bool = True) -> list[Step]:
        """Let time pass; gives what is told meanwhile."""
        return [step for _ in range(round(for_s / every_s)) for step in self.say(Tick(watching), every_s)]

    def restart(self, away_s: float = 0.0, rules: Mapping[str, AnyRule] | None = None) -> list[Step]:
        """The courier dies and comes back, with a clock that counts from elsewhere."""
        self.rules, self.now_s = rules or self.rules, 77.0
        self.book = AlarmBook.resume(self.rules, self.options, self.book.written(), self.now_s, away_s)
        return self.say(Restarted())

    def stages(self, of: str | None = None) -> list[str]:
        return [step.stage.value for _, step in self.heard if of is None or step.report.rule == of]

    def alarms(self, of: str | None = None) -> set[str | None]:
        """The alarms that were told as confirmed."""
        confirmed = [step for _, step in self.heard if step.stage is AlarmStage.CONFIRMED]
        return {step.alarm.id for step in confirmed if of is None or step.report.rule == of}

    def last_alarm(self) -> str:
        name = self.heard[-1][1].alarm.id
        assert name is not None
        return name


@pytest.fixture
def ward() -> Ward:
    return Ward()


# -- what is written


@pytest.mark.parametrize("often", [0, 3])
def test_what_is_written_with_each_event_does_not_grow_with_what_was_told(often: int) -> None:
    """Two visitors a minute, and falls that are over at once: for three hours, within which all of them count."""
    ward, sizes = Ward(AlarmSettings(often=often)), []
    for track in range(1, 361):
        ward.say(report("entered", CONFIRMED, track), after_s=15)
        for stage in (SUSPECTED, CONFIRMED, CLEARED):
            ward.say(report("fall", stage, track), after_s=5)
        sizes.append(len(ward.book.written()))
    # no more than what is told at once within the hours that count
    assert max(sizes) < 10_000


# -- one alarm from its beginning to its end


def test_a_fall_from_suspicion_to_all_clear(ward: Ward) -> None:
    for stage in (SUSPECTED, CONFIRMED, CLEARED):
        ward.say(report("fall", stage), after_s=2)
    assert ward.stages() == ["suspected", "confirmed", "cleared"]
    assert [step.severity for _, step in ward.heard] == [INFO, CRITICAL, INFO]
    assert [step.state for _, step in ward.heard] == [None, AlarmState.ON, AlarmState.OFF]
    assert {step.alarm.id for _, step in ward.heard} == {"e-000001"}
    assert [step.begins for _, step in ward.heard] == [True, False, False]
    assert ward.heard[-1][1].ending is Ending.SEEN


def test_a_suspicion_that_comes_to_nothing_is_taken_back(ward: Ward) -> None:
    ward.say(report("fall", SUSPECTED))
    assert ward.book.state("fall") is AlarmState.OFF
    ward.say(report("fall", CLEARED))
    assert ward.stages() == ["suspected", "cleared"]
    assert ward.wait(HOUR, 10) == []


def test_an_all_clear_that_nobody_waits_for_is_not_told(ward: Ward) -> None:
    assert ward.say(report("fall", CLEARED)) == []


def test_what_nobody_acknowledges_is_said_louder_then_again_and_not_for_ever(ward: Ward) -> None:
    ward.say(report("bed", CONFIRMED, zone="bed-1"))
    ward.wait(10 * HOUR, 5)
    at_minutes = [(time_s / MINUTE, step.stage.value, step.severity) for time_s, step in ward.heard]
    assert at_minutes == [
        (0, "confirmed", WARNING),
        (5, "escalated", CRITICAL),
        *((minute, "repeated", CRITICAL) for minute in (15, 25, 35, 45, 55, 65)),
    ]
    assert ward.book.state("bed") is AlarmState.ON  # it burns on without a word
    assert len(ward.alarms()) == 1


def test_who_acknowledges_is_left_in_peace_until_it_is_over(ward: Ward) -> None:
    ward.say(report("bed", CONFIRMED, zone="bed-1"))
    (told,) = ward.say(Ack(alarm=ward.last_alarm(), by="Mori"), after_s=MINUTE)
    assert (told.stage, told.by, told.state) == (AlarmStage.ACKNOWLEDGED, "Mori", AlarmState.ON)
    assert ward.wait(10 * HOUR, 30) == []
    (over,) = ward.say(report("bed", CLEARED, zone="bed-1"))
    assert (over.stage, over.state) == (AlarmStage.CLEARED, AlarmState.OFF)
    assert over.lasted_s == 10 * HOUR + MINUTE


def test_an_acknowledgement_is_told_once_and_only_of_an_alarm_that_burns(ward: Ward) -> None:
    ward.say(report("fall", SUSPECTED))
    suspicion = ward.last_alarm()
    assert ward.say(Ack(alarm=suspicion)) == []
    ward.say(report("fall", CONFIRMED))
    assert len(ward.say(Ack(alarm=suspicion))) == 1
    assert ward.say(Ack(alarm=suspicion)) == []
    assert ward.say(Ack(alarm="zz-000001")) == []
    assert ward.book.knows(suspicion) and not ward.book.knows("zz-000001")
    ward.say(report("fall", CLEARED))
    assert ward.say(Ack(alarm=suspicion)) == []
    assert not ward.book.knows(suspicion)


def test_one_acknowledgement_can_be_for_all_that_burns(ward: Ward) -> None:
    ward.say(report("fall", SUSPECTED, track=3))
    for track in (1, 2):
        ward.say(report("fall", CONFIRMED, track=track))
    told = ward.say(Ack(by="Mori"))
    assert [(step.alarm.id, step.stage.value) for step in told] == [
        ("e-000002", "acknowledged"),
        ("e-000003", "acknowledged"),
    ]
    assert ward.say(Ack()) == []


def test_a_person_can_say_that_it_is_over(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    (told,) = ward.say(Close(ward.last_alarm(), by="Mori"), after_s=MINUTE)
    assert (told.stage, told.ending, told.by) == (AlarmStage.CLEARED, Ending.CLOSED, "Mori")
    assert ward.say(report("fall", CLEARED), after_s=MINUTE) == []  # it has been told
    assert ward.wait(HOUR, 10) == []


def test_what_is_only_worth_a_note_asks_nobody_to_acknowledge(ward: Ward) -> None:
    ward.say(report("note", CONFIRMED, track=0))
    assert ward.wait(10 * HOUR, 30) == []
    assert ward.book.state("note") is AlarmState.ON


def test_reminders_can_be_switched_off() -> None:
    ward = Ward(AlarmSettings(escalate_after=0.0, repeat_every=0.0, long_lie=()))
    ward.say(report("fall", CONFIRMED))
    assert ward.wait(10 * HOUR, 30) == []


def test_after_a_long_silence_one_reminder_makes_up_for_all(ward: Ward) -> None:
    ward.say(report("bed", CONFIRMED, zone="bed-1"))
    assert [step.stage.value for step in ward.say(Tick(), after_s=5 * HOUR)] == ["escalated"]
    assert ward.say(Tick(), after_s=1) == []


def test_two_people_on_the_floor_are_two_alarms_and_each_has_an_end_of_its_own(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED, track=1))
    ward.say(report("fall", CONFIRMED, track=2))
    assert len(ward.alarms()) == 2
    assert ward.book.alarms_of("fall") == ["e-000001", "e-000002"]
    ward.say(Ack(alarm="e-000001"))
    escalated = [step.alarm.id for step in ward.wait(5 * MINUTE) if step.stage is AlarmStage.ESCALATED]
    assert escalated == ["e-000002"]
    (first,) = ward.say(report("fall", CLEARED, track=1))
    assert (first.alarm.id, first.state) == ("e-000001", AlarmState.ON)
    (second,) = ward.say(report("fall", CLEARED, track=2))
    assert second.state is AlarmState.OFF


def test_what_burns_is_not_told_again_because_the_camera_says_so(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    for stage in (SUSPECTED, CONFIRMED, SUSPECTED, CONFIRMED):
        assert ward.say(report("fall", stage), after_s=1) == []


def test_updates_are_told_once_a_minute_at_most(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    told = [step for _ in range(240) for step in ward.say(report("fall", UPDATED), after_s=1)]
    assert [step.stage for step in told] == [AlarmStage.UPDATED] * 4
    assert {step.severity for step in told} == {CRITICAL}
    assert ward.say(report("fall", UPDATED, track=9)) == []  # of nothing that was told


def test_a_large_animal_that_turns_out_to_be_a_bear_is_worth_another_word(ward: Ward) -> None:
    ward.say(report("bear", CONFIRMED, label="large_animal"))
    (told,) = ward.say(report("bear", CONFIRMED, label="bear"), after_s=3)
    assert (told.stage, told.report.kind, told.alarm.id) == (AlarmStage.CONFIRMED, "bear", "e-000001")


def test_what_turns_out_more_severe_is_told_and_to_be_acknowledged_again(ward: Ward) -> None:
    ward.say(report("bear", CONFIRMED, label="bear", severity=WARNING))
    ward.say(Ack(alarm=ward.last_alarm()))
    (told,) = ward.say(report("bear", CONFIRMED, label="bear", severity=CRITICAL), after_s=3)
    assert (told.stage, told.severity, told.alarm.id) == (AlarmStage.CONFIRMED, CRITICAL, "e-000001")
    assert [step.stage.value for step in ward.wait(5 * MINUTE)] == ["escalated"]


def test_what_is_momentary_is_told_each_time_and_never_burns(ward: Ward) -> None:
    for _ in range(50):
        (told,) = ward.say(report("entered", CONFIRMED, zone="door"), after_s=2)
        assert told.begins and told.state is None
        assert ward.say(report("entered", CLEARED, zone="door")) == []
    assert len(ward.alarms()) == 50
    assert ward.book.state("entered") is AlarmState.OFF
    assert ward.wait(HOUR, 10) == []


# -- minutes on the floor


def test_minutes_on_the_floor_are_counted_until_somebody_is_up(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED, why={Reason.DOWN_S: 5.0}))
    ward.say(Ack(alarm=ward.last_alarm()), after_s=MINUTE)
    told = [(step.stage.value, step.lasted_s) for step in ward.wait(100 * MINUTE)]
    assert told == [("updated", 10 * MINUTE), ("updated", 30 * MINUTE), ("updated", 60 * MINUTE)]
    (over,) = ward.say(report("fall", CLEARED))
    assert over.lasted_s == 101 * MINUTE + 5


def test_a_reminder_says_the_minutes_too_and_saves_a_message(ward: Ward) -> None:
    ward.say(report("lying", CONFIRMED, why={Reason.HELD_S: 5 * MINUTE}))
    told = [(step.stage.value, step.lasted_s) for step in ward.wait(6 * MINUTE)]
    assert told == [("escalated", 10 * MINUTE)]


def test_minutes_out_of_bed_are_not_minutes_on_the_floor(ward: Ward) -> None:
    ward.say(report("bed", CONFIRMED, zone="bed-1"))
    ward.say(Ack(alarm=ward.last_alarm()))
    assert ward.wait(2 * HOUR, 10) == []


# -- cool-down


def once(ward: Ward, rule_id: str, lasting_s: float = 20.0, **how: object) -> list[Step]:
    """It is raised, and is over after a while."""
    told = ward.say(report(rule_id, CONFIRMED, **how))  # type: ignore[arg-type]
    told += ward.wait(lasting_s)
    return told + ward.say(report(rule_id, CLEARED, **how))  # type: ignore[arg-type]


def test_in_a_cool_down_the_same_person_is_silent_and_the_next_alarm_says_how_often_it_was(ward: Ward) -> None:
    assert len(once(ward, "calm", zone="bed-1")) == 2
    for _ in range(5):
        ward.wait(30)
        assert once(ward, "calm", zone="bed-1") == []
        assert ward.book.state("calm") is AlarmState.OFF
    ward.wait(10 * MINUTE)
    confirmed, cleared = once(ward, "calm", zone="bed-1")
    assert (confirmed.stage, confirmed.times) == (AlarmStage.CONFIRMED, 6)
    assert cleared.times == 1
    assert len(ward.alarms()) == 2


def test_what_lasts_is_told_when_the_cool_down_is_over(ward: Ward) -> None:
    once(ward, "calm", zone="bed-1")
    ward.wait(MINUTE)
    ward.say(report("calm", CONFIRMED, zone="bed-1"))
    told = ward.wait(20 * MINUTE)
    assert [step.stage.value for step in told] == ["confirmed", "escalated"]
    told_after_s = next(time_s for time_s, step in ward.heard if step is told[0]) - 20.0
    assert told_after_s == 10 * MINUTE
    assert told[0].lasted_s == 9 * MINUTE  # and says since when it is so


def test_a_fall_that_lasts_is_told_in_a_cool_down_too(ward: Ward) -> None:
    once(ward, "calm-fall")
    ward.wait(MINUTE)
    ward.say(report("calm-fall", CONFIRMED))
    assert ward.wait(119) == []
    assert [step.stage.value for step in ward.wait(2)] == ["confirmed"]


def test_a_cool_down_hides_no_other_person_no_other_zone_and_nothing_more_severe(ward: Ward) -> None:
    once(ward, "calm", zone="bed-1", person="tanaka")
    ward.wait(5)
    for how in (
        {"track": 2, "zone": "bed-1", "person": "sato"},
        {"track": 3, "zone": "bed-1"},
        {"track": 1, "zone": "bed-2", "person": "tanaka"},
        {"track": 4, "zone": "bed-1", "person": "tanaka", "severity": CRITICAL},
    ):
        (told, *_) = once(ward, "calm", 5, **how)
        assert told.stage is AlarmStage.CONFIRMED, how
    assert once(ward, "calm", 5, track=5, zone="bed-1", person="tanaka", severity=INFO) == []


def test_who_is_known_by_the_place_is_the_same_person_under_another_number(ward: Ward) -> None:
    once(ward, "calm", zone="bed-1", track=1, person="tanaka")
    assert once(ward, "calm", zone="bed-1", track=2, person="tanaka") == []


def test_one_bear_is_like_another(ward: Ward) -> None:
    rules = {**RULES, "bear": SightingRule(id="bear", cooldown=10 * MINUTE)}
    ward = Ward(rules=rules)
    once(ward, "bear", track=1, label="bear")
    assert once(ward, "bear", track=2, label="bear") == []
    assert len(once(ward, "bear", track=3, label="large_animal")) == 2


def test_in_a_cool_down_what_is_momentary_is_counted(ward: Ward) -> None:
    ward.say(report("entered-calm", CONFIRMED, zone="door"))
    for _ in range(9):
        assert ward.say(report("entered-calm", CONFIRMED, zone="door"), after_s=10) == []
    ward.wait(10 * MINUTE)
    (told,) = ward.say(report("entered-calm", CONFIRMED, zone="door"))
    assert told.times == 10


def test_a_cool_down_begins_when_an_alarm_ends_and_not_when_it_starts(ward: Ward) -> None:
    once(ward, "calm", lasting_s=HOUR, zone="bed-1")
    assert once(ward, "calm", zone="bed-1") == []


# -- storms


def test_a_rule_that_flaps_forty_times_in_a_night_is_not_forty_alarms() -> None:
    """Each time for three minutes, every quarter of an hour, with the settings as they come."""
    ward = Ward()
    for _ in range(40):
        once(ward, "bed", 3 * MINUTE, zone="bed-1")
        ward.wait(12 * MINUTE, 10)
    ward.wait(2 * HOUR, 10)
    confirmed = [step for _, step in ward.heard if step.stage is AlarmStage.CONFIRMED]
    counts = [step for _, step in ward.heard if step.stage is AlarmStage.UPDATED]
    assert len(confirmed) <= 9
    assert all(step.severity is INFO and step.state is None and step.begins for step in counts)
    # each of the forty is told, one way or the other
    assert sum(step.times for step in confirmed + counts) == 40
    assert len(ward.heard) <= 40


def test_five_hundred_suspected_falls_are_few_messages_and_a_second_person_gets_through_at_once(ward: Ward) -> None:
    for number in range(500):
        ward.say(report("fall", SUSPECTED, track=1), after_s=0.6)
        if number == 250:
            (told,) = ward.say(report("fall", SUSPECTED, track=2))
            assert told.stage is AlarmStage.SUSPECTED
            (told,) = ward.say(report("fall", CONFIRMED, track=2), after_s=0.1)
            assert (told.stage, told.severity) == (AlarmStage.CONFIRMED, CRITICAL)
        ward.say(report("fall", CLEARED, track=1), after_s=0.6)
    of_the_first = [step for _, step in ward.heard if step.report.track == 1]
    assert Counter(step.stage.value for step in of_the_first) == {"suspected": 3, "cleared": 3}


def test_five_hundred_falls_of_one_person_are_few_messages_and_the_lasting_one_is_told(ward: Ward) -> None:
    for _ in range(250):
        for stage in (SUSPECTED, CONFIRMED, CLEARED):
            ward.say(report("fall", stage, track=1), after_s=0.4)
    assert Counter(ward.stages()) == {"suspected": 3, "confirmed": 3, "cleared": 3}
    ward.say(report("fall", CONFIRMED, track=1))
    (told,) = ward.wait(121)
    assert (told.stage, told.times, told.lasted_s) == (AlarmStage.CONFIRMED, 248, 120.0)


def test_a_storm_of_ever_new_tracks_is_bounded_too(ward: Ward) -> None:
    for track in range(1, 501):
        for stage in (SUSPECTED, CONFIRMED, CLEARED):
            ward.say(report("fall", stage, track=track), after_s=0.4)
    assert Counter(ward.stages()) == {"suspected": 20, "confirmed": 20, "cleared": 20}
    assert ward.wait(2 * HOUR, 10)[0].times == 480
    assert len(ward.book.written()) < 30_000  # what it remembers of a storm is bounded as well


def test_a_camera_that_fails_again_and_again_is_reported_a_few_times(ward: Ward) -> None:
    for _ in range(30):
        ward.say(camera_fault(CONFIRMED), after_s=MINUTE)
        ward.say(camera_fault(CLEARED), after_s=MINUTE)
    assert Counter(step.stage.value for _, step in ward.heard) == {"confirmed": 3, "cleared": 3}
    ward.say(camera_fault(CONFIRMED), after_s=MINUTE)
    assert ward.wait(3 * MINUTE)[0].stage is AlarmStage.CONFIRMED  # but not when it stays away


def test_the_limit_can_be_switched_off() -> None:
    ward = Ward(AlarmSettings(often=0))
    for _ in range(50):
        assert len(once(ward, "fall", 5)) == 2


def test_an_open_alarm_too_many_ends_the_one_that_matters_least() -> None:
    everyone = Ward(AlarmSettings(often=0))
    for track in range(1, MOST_OPEN + 1):
        everyone.say(report("fall", CONFIRMED, track=track), after_s=1)
    everyone.say(Ack(alarm="e-000040"))
    cleared, confirmed = everyone.say(report("fall", CONFIRMED, track=999))
    assert (cleared.stage, cleared.alarm.id, cleared.ending) == (AlarmStage.CLEARED, "e-000040", Ending.LAPSED)
    assert confirmed.stage is AlarmStage.CONFIRMED


# -- mute


def test_while_a_camera_is_muted_only_its_own_faults_are_told(ward: Ward) -> None:
    ward.say(Mute(minutes=30))
    assert ward.book.muted_for_s() == 30 * MINUTE
    assert once(ward, "fall") + once(ward, "entered", zone="door") + once(ward, "bear", label="bear") == []
    assert ward.say(report("fall", SUSPECTED, track=7)) == []
    assert [step.stage for step in ward.say(camera_fault(CONFIRMED))] == [AlarmStage.CONFIRMED]
    fault = Report(rule="fall", kind=RULE_FAULT, stage=CONFIRMED, severity=WARNING)
    (told,) = ward.say(fault)
    assert (told.report.switch, told.state) == (RULE_FAULT, AlarmState.ON)
    assert ward.book.state("fall") is AlarmState.OFF


def test_what_still_lasts_when_the_mute_ends_is_told(ward: Ward) -> None:
    ward.say(Mute(minutes=30))
    ward.say(report("fall", CONFIRMED), after_s=MINUTE)
    assert ward.wait(28 * MINUTE) == []
    (told,) = ward.wait(MINUTE)
    assert (told.stage, told.lasted_s) == (AlarmStage.CONFIRMED, 29 * MINUTE)


def test_a_mute_holds_reminders_back_but_no_all_clear_and_no_acknowledgement(ward: Ward) -> None:
    for track in (1, 2, 3):
        ward.say(report("fall", CONFIRMED, track=track))
    ward.say(Mute(minutes=30))
    assert ward.wait(29 * MINUTE) == []
    assert [step.stage.value for step in ward.say(Ack(alarm="e-000001"))] == ["acknowledged"]
    assert [step.stage.value for step in ward.say(report("fall", CLEARED, track=2))] == ["cleared"]
    due = [(step.alarm.id, step.stage.value) for step in ward.wait(MINUTE)]
    assert due == [("e-000001", "updated"), ("e-000003", "escalated")]


def test_a_mute_can_be_taken_back_and_has_a_longest_time(ward: Ward) -> None:
    ward.say(Mute(minutes=24 * 60))
    assert ward.book.muted_for_s() == 4 * HOUR
    ward.say(report("fall", CONFIRMED))
    assert [step.stage.value for step in ward.say(Mute(minutes=0))] == ["confirmed"]
    assert ward.book.muted_for_s() == 0.0


def test_one_rule_can_be_muted_alone(ward: Ward) -> None:
    ward.say(Mute(minutes=30, rule="bear"))
    assert (ward.book.muted_for_s("bear"), ward.book.muted_for_s("fall")) == (30 * MINUTE, 0.0)
    assert once(ward, "bear", label="bear") == []
    assert len(once(ward, "fall")) == 2


def test_what_was_muted_is_not_counted_afterwards(ward: Ward) -> None:
    ward.say(Mute(minutes=30))
    once(ward, "fall")
    assert ward.wait(3 * HOUR, 10) == []


# -- restarts


def test_what_burned_before_a_restart_burns_after_it_once(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED, track=4, person="tanaka"))
    assert ward.restart(away_s=MINUTE) == []
    assert ward.book.state("fall") is AlarmState.ON
    assert ward.book.burning == {"e-000001"}
    # the new run numbers its tracks from one again, and sees the same person on the floor
    assert ward.say(report("fall", SUSPECTED, track=1, person="tanaka"), after_s=5) == []
    assert ward.say(report("fall", CONFIRMED, track=1, person="tanaka"), after_s=5) == []
    (over,) = ward.say(report("fall", CLEARED, track=1, person="tanaka"), after_s=5)
    assert (over.alarm.id, over.state, over.lasted_s) == ("e-000001", AlarmState.OFF, MINUTE + 15)


def test_the_next_person_of_the_same_number_does_not_end_an_alarm_from_before_the_restart(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED, track=1))
    ward.say(Restarted())
    assert ward.say(report("fall", CLEARED, track=1)) == []
    assert ward.book.state("fall") is AlarmState.ON


def test_after_a_restart_a_second_person_is_a_second_alarm(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED, track=1, zone="floor"))
    ward.say(Restarted())
    assert ward.say(report("fall", CONFIRMED, track=1, zone="floor"), after_s=5) == []
    assert len(ward.say(report("fall", CONFIRMED, track=2, zone="floor"), after_s=5)) == 1
    assert len(ward.say(report("fall", CONFIRMED, track=3, zone="tub"), after_s=5)) == 1
    assert len(ward.alarms()) == 3


def test_reminders_go_on_after_a_restart_and_the_time_away_counts(ward: Ward) -> None:
    ward.say(report("bed", CONFIRMED, zone="bed-1"))
    ward.wait(2 * MINUTE)
    assert ward.restart(away_s=MINUTE) == []
    assert ward.wait(119) == []
    assert [step.stage.value for step in ward.wait(2)] == ["escalated"]
    assert [step.stage.value for step in ward.restart(away_s=3 * HOUR)] == ["repeated"]


def test_what_was_acknowledged_before_a_restart_stays_so_for_a_while(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    ward.say(Ack(alarm=ward.last_alarm()))
    assert ward.restart() == []
    assert ward.wait(9 * MINUTE) == []
    (over,) = ward.wait(2 * MINUTE)
    assert (over.stage, over.ending, over.state) == (AlarmStage.CLEARED, Ending.LAPSED, AlarmState.OFF)


def test_a_fall_that_the_camera_cannot_follow_any_more_burns_until_somebody_comes(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    ward.say(Restarted())
    ward.wait(10 * HOUR, 10)
    assert ward.book.state("fall") is AlarmState.ON
    ward.say(Ack(alarm="e-000001"))
    assert [step.ending for step in ward.wait(10 * MINUTE)] == [Ending.LAPSED]


def test_who_falls_after_an_acknowledged_fall_from_before_the_restart_is_not_hidden_by_it(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    ward.say(Ack(alarm="e-000001"))
    ward.say(Restarted(), after_s=MINUTE)
    (told,) = ward.say(report("fall", CONFIRMED), after_s=MINUTE)
    assert (told.stage, told.alarm.id, told.severity) == (AlarmStage.CONFIRMED, "e-000001", CRITICAL)
    assert [step.stage.value for step in ward.wait(5 * MINUTE)] == ["escalated"]


def test_a_fall_that_is_acknowledged_and_never_seen_to_end_is_cleared_in_the_end(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    ward.say(Ack(alarm="e-000001"))
    told = ward.wait(2 * HOUR, 10)
    assert [step.stage.value for step in told] == ["updated"] * 3 + ["cleared"]
    assert told[-1].ending is Ending.LAPSED


def test_a_bear_that_has_gone_during_the_restart_is_no_alarm_once_the_camera_has_looked(ward: Ward) -> None:
    ward.say(report("bear", CONFIRMED, label="bear"))
    ward.say(Restarted())
    assert [step.stage.value for step in ward.wait(HOUR, watching=False)][:1] == ["escalated"]  # it cannot know
    ended = [step for step in ward.wait(2 * MINUTE) if step.stage is AlarmStage.CLEARED]
    assert [step.ending for step in ended] == [Ending.LAPSED]


def test_a_bear_that_is_still_there_after_the_restart_is_the_same_alarm(ward: Ward) -> None:
    ward.say(report("bear", CONFIRMED, track=6, label="bear"))
    ward.say(Restarted())
    ward.wait(10)
    assert ward.say(report("bear", CONFIRMED, track=1, label="bear")) == []
    assert ward.wait(4 * MINUTE) == []
    (over,) = ward.say(report("bear", CLEARED, track=1, label="bear"))
    assert over.alarm.id == "e-000001"


def test_a_suspicion_does_not_outlive_the_run_that_had_it(ward: Ward) -> None:
    ward.say(report("fall", SUSPECTED))
    assert ward.say(Restarted()) == []
    assert ward.say(report("fall", CLEARED)) == []
    assert not ward.book.knows("e-000001")


def test_a_fall_that_was_muted_is_told_after_the_mute_even_if_the_camera_started_anew(ward: Ward) -> None:
    ward.say(Mute(minutes=10))
    ward.say(report("fall", CONFIRMED))
    assert ward.restart() == []
    assert [step.stage.value for step in ward.wait(10 * MINUTE)] == ["confirmed"]


def test_a_mute_outlives_a_restart_and_not_its_time(ward: Ward) -> None:
    ward.say(Mute(minutes=10))
    ward.restart(away_s=9 * MINUTE)
    assert once(ward, "fall", 5) == []
    ward.wait(MINUTE)
    assert len(once(ward, "fall", 5)) == 2


def test_alarms_of_a_rule_that_is_no_longer_configured_are_cleared(ward: Ward) -> None:
    ward.say(report("fall", CONFIRMED))
    ward.say(report("bed", CONFIRMED, zone="bed-1"))
    (told,) = ward.restart(rules={"bed": RULES["bed"]})
    assert (told.report.rule, told.ending, told.state) == ("fall", Ending.REMOVED, AlarmState.OFF)
    assert ward.book.state("bed") is AlarmState.ON


def test_a_camera_that_failed_is_open_until_it_beats_whatever_restarts(ward: Ward) -> None:
    ward.say(camera_fault(CONFIRMED))
    assert ward.restart() == []
    assert ward.say(camera_fault(CONFIRMED)) == []
    assert ward.book.is_open(CAMERA_FAULT)
    assert [step.stage.value for step in ward.say(camera_fault(CLEARED))] == ["cleared"]
    assert not ward.book.is_open(CAMERA_FAULT)


def test_a_rule_that_was_switched_off_works_again_when_vision_starts_anew(ward: Ward) -> None:
    ward.say(Report(rule="fall", kind=RULE_FAULT, stage=CONFIRMED, severity=WARNING))
    assert [step.stage.value for step in ward.say(Restarted())] == ["cleared"]


@pytest.mark.parametrize("written", ["{", "[]", '{"alarms": 5}', '{"unknown": 1}', "\x00"])
def test_a_state_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="BookState"):
        AlarmBook.resume(RULES, AlarmSettings(), written, 0.0, 0.0)


# -- as it is configured


def test_settings_are_written_as_a_person_writes_them() -> None:
    written = '{"escalate_after": "3min", "repeat_at_most": 2, "long_lie": ["5min", "1h"], "often": 0}'
    options = AlarmSettings.model_validate_json(written)
    assert (options.escalate_after, options.long_lie, options.repeat_every) == (180.0, (300.0, 3600.0), 600.0)


@pytest.mark.parametrize("written", ['{"repeat_at_most": -1}', '{"escalate_after": "soon"}', '{"oftn": 3}'])
def test_settings_that_mean_nothing_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="AlarmSettings"):
        AlarmSettings.model_validate_json(written)


# -- whatever happens


TRACKS = st.integers(0, 2)
WHO = st.sampled_from([None, "tanaka", "sato"])
ZONES = st.sampled_from([None, "bed-1"])
PAUSES = st.sampled_from([0.0, 0.5, 10.0, 70.0, 130.0, 650.0, 4000.0])


class Night(RuleBasedStateMachine):
    """Anything at any time. What is told must make sense to somebody who hears only that."""

    def __init__(self) -> None:
        super().__init__()
        self.book = AlarmBook(RULES)
        self.now_s = 0.0
        self.told = 0
        self.open: dict[str, bool] = {}
        """What the nurse knows of: alarm, and whether it burns."""
        self.over: set[str] = set()
        self.retained: dict[str, AlarmState] = {}

    def enter(self, what: Input, after_s: float) -> None:
        twin = AlarmBook.resume(RULES, AlarmSettings(), self.book.written(), self.now_s, 0.0)
        self.now_s += after_s
        steps = self.book.step(self.now_s, what)
        assert [self.fields(step) for step in twin.step(self.now_s, what)] == [self.fields(step) for step in steps]
        self.tell(steps)

    def tell(self, steps: list[Step]) -> None:
        for step in steps:
            self.told += 1
            self.hear(step, self.book.name(step, f"e-{self.told}"))

    @staticmethod
    def fields(step: Step) -> tuple[object, ...]:
        return step.stage, step.severity, step.begins, step.state, step.times, step.ending, step.report

    def hear(self, step: Step, alarm: str) -> None:
        assert alarm not in self.over, "nothing is told of an alarm after its end"
        assert step.begins == (alarm not in self.open)
        is_moment = step.begins and step.state is None and step.stage is not AlarmStage.SUSPECTED
        if step.stage is AlarmStage.CLEARED or is_moment:
            self.over.add(alarm)
            self.open.pop(alarm, None)
        elif step.stage in (AlarmStage.SUSPECTED, AlarmStage.CONFIRMED):
            self.open[alarm] = step.stage is AlarmStage.CONFIRMED
        elif step.stage is AlarmStage.UPDATED:
            assert alarm in self.open
        else:
            assert self.open[alarm], "only what burns is repeated or acknowledged"
        if step.state is not None:
            self.retained[step.report.switch] = step.state

    @rule(
        rule_id=st.sampled_from(sorted(RULES)),
        stage=st.sampled_from(list(Stage)),
        track=TRACKS,
        zone=ZONES,
        person=WHO,
        label=st.sampled_from(["person", "bear", "large_animal"]),
        after_s=PAUSES,
    )
    def hear_of(
        self, rule_id: str, stage: Stage, track: int, zone: str | None, person: str | None, label: str, after_s: float
    ) -> None:
        self.enter(report(rule_id, stage, track, zone, label=label, person=person), after_s)

    @rule(stage=st.sampled_from([CONFIRMED, CLEARED]), after_s=PAUSES)
    def fail(self, stage: Stage, after_s: float) -> None:
        self.enter(camera_fault(stage), after_s)

    @rule(after_s=PAUSES, watching=st.booleans())
    def wait(self, after_s: float, watching: bool) -> None:
        self.enter(Tick(watching), after_s)

    @rule(data=st.data(), after_s=PAUSES, closing=st.booleans())
    def answer(self, data: st.DataObject, after_s: float, closing: bool) -> None:
        alarm = data.draw(st.sampled_from(sorted(self.open) or ["e-0"]))
        self.enter(Close(alarm) if closing else Ack(alarm=alarm), after_s)

    @rule(minutes=st.sampled_from([0.0, 1.0, 30.0]), of=st.sampled_from([None, "fall", "bear"]), after_s=PAUSES)
    def mute(self, minutes: float, of: str | None, after_s: float) -> None:
        self.enter(Mute(minutes=minutes, rule=of), after_s)

    @rule(after_s=PAUSES)
    def vision_restarts(self, after_s: float) -> None:
        self.enter(Restarted(), after_s)

    @rule(away_s=PAUSES)
    def courier_restarts(self, away_s: float) -> None:
        self.book = AlarmBook.resume(RULES, AlarmSettings(), self.book.written(), 5.0, away_s)
        self.now_s = 5.0
        self.tell(self.book.step(self.now_s, Restarted()))

    @rule()
    def clock_goes_back(self) -> None:
        assert self.book.step(self.now_s - 3600, Tick()) == []

    @invariant()
    def what_is_retained_is_true(self) -> None:
        for switch in {*RULES, CAMERA_FAULT}:
            assert self.retained.get(switch, AlarmState.OFF) is self.book.state(switch), switch
        assert self.book.burning == {alarm for alarm, burns in self.open.items() if burns}


Night.TestCase.settings = settings(max_examples=40, stateful_step_count=40, derandomize=True, deadline=None)
TestNight = Night.TestCase


@given(st.lists(st.tuples(st.sampled_from([SUSPECTED, CONFIRMED, CLEARED]), PAUSES), max_size=200))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_whatever_one_person_does_a_fall_that_lasts_is_told_within_two_minutes(
    story: list[tuple[Stage, float]],
) -> None:
    ward = Ward()
    for stage, after_s in story:
        ward.say(report("calm-fall", stage), after_s=after_s)
    ward.say(report("calm-fall", CONFIRMED))
    ward.wait(121)
    assert ward.book.state("calm-fall") is AlarmState.ON
