"""The alarms of one camera: suspected → confirmed → acknowledged → cleared, and what time makes of them.

A state machine without a clock: what happens goes in with the time, what is to be told comes out. Its state can be
written down and resumed, so that what burned before a restart burns after it, once.
"""

import math
from collections.abc import Mapping

from semcam.contract.command import Ack, Mute
from semcam.contract.delivery import AlarmSettings, AlarmStage, Ending
from semcam.contract.event import RULE_FAULT, AlarmState
from semcam.contract.rule_base import HoldRule, Severity
from semcam.contract.rules import AnyRule
from semcam.contract.signal import Stage
from semcam.courier.alarm import Alarm, BookState, Close, Input, Restarted, Step, Tick
from semcam.courier.quiet import Hidden, Quiet
from semcam.courier.report import Report

MOST_OPEN = 100
UPDATES_EVERY_S = 60.0
LOST_AFTER_S = 2 * 3600.0
"""A fall whose person may be out of view, for all the camera says, is cleared so long after its acknowledgement."""
SEEN_AGAIN_AFTER_S = 60.0
ON_THE_FLOOR = frozenset({"fall", "lying"})
"""Kinds for which every minute counts."""
SEEN_ANEW = frozenset({"dwell", "occupancy", "queue", "crossed_closed_hours", "sighting"})
"""Kinds that a camera which starts anew tells again by itself while they last. A person in need is not among them:
whoever cannot be seen any more may still be there."""


class AlarmBook:
    """Which alarms of one camera burn, and what is to be told of them."""

    def __init__(
        self, rules: Mapping[str, AnyRule], settings: AlarmSettings | None = None, state: BookState | None = None
    ) -> None:
        """`rules` are those of the camera's configuration, by id. See `resume` for a state that was written down."""
        self._rules = rules
        self._settings = settings or AlarmSettings()
        self._state = state or BookState()
        self._quiet = Quiet(self._settings, self._state.quiet)
        self._offset_s = 0.0

    @classmethod
    def resume(
        cls, rules: Mapping[str, AnyRule], settings: AlarmSettings, written: str, now_s: float, away_s: float
    ) -> "AlarmBook":
        """A book as it was written down. Its next step must be `Restarted`.

        Args:
            rules: those of the camera, as they are configured now.
            settings: how loud alarms are.
            written: what `written` gave; empty for a new book.
            now_s: the time by the clock that steps will be given.
            away_s: for how long nobody has looked; 0 where that is not known, or not yet: see `was_away`.

        Raises:
            ValueError: it is not what a book of this version wrote.
        """
        state = BookState.model_validate_json(written) if written else BookState()
        book = cls(rules, settings, state)
        book._offset_s = state.now_s + max(0.0, away_s) - now_s
        return book

    def was_away(self, more_s: float) -> None:
        """Nobody has looked for so much longer than `resume` was told."""
        self._offset_s += max(0.0, more_s)

    def written(self) -> str:
        """The state as text."""
        return self._state.model_dump_json()

    @property
    def burning(self) -> frozenset[str]:
        """The ids of the alarms that burn."""
        return frozenset(alarm.id for alarm in self._state.alarms if alarm.burns and alarm.id)

    def alarms_of(self, switch: str) -> list[str]:
        """The ids of the alarms that burn for a rule or a kind of fault, the oldest first."""
        return [alarm.id for alarm in self._state.alarms if alarm.burns and alarm.id and alarm.report.switch == switch]

    def state(self, switch: str) -> AlarmState:
        """Whether any alarm of a rule, or of a kind of fault, burns: a suspicion does not."""
        burns = any(alarm.burns for alarm in self._state.alarms if alarm.report.switch == switch)
        return AlarmState.ON if burns else AlarmState.OFF

    def knows(self, alarm: str) -> bool:
        """Whether there is an uncleared alarm of that id."""
        return self._find(alarm) is not None

    def is_open(self, switch: str) -> bool:
        """Whether there is anything uncleared of a rule or a kind of fault, told or not."""
        return any(alarm.report.switch == switch for alarm in self._state.alarms)

    def report_of(self, switch: str) -> Report | None:
        """The latest word on the oldest that is uncleared of a rule or a kind of fault."""
        return next((alarm.report for alarm in self._state.alarms if alarm.report.switch == switch), None)

    def muted_for_s(self, rule: str | None = None) -> float:
        """For how long a rule, or the whole camera, is still muted."""
        until_s = self._quiet.muted_until(rule)
        return 0.0 if until_s is None else max(0.0, until_s - self._state.now_s)

    def step(self, now_s: float, what: Input) -> list[Step]:
        """Enter what happened at `now_s`, by a clock that never goes back; returns what is to be told, in order."""
        # since it said its last word, whoever starts anew has not watched
        self._state.watching &= not isinstance(what, Restarted)
        self._pass_time(now_s)
        steps: list[Step]
        match what:
            case Report():
                steps = self._hear(what)
            case Ack():
                steps = self._acknowledge(what.alarm, what.by)
            case Close():
                steps = self._close(what.alarm, what.by)
            case Mute():
                self._mute(what)
                steps = []
            case Restarted():
                steps = self._restart()
            case Tick():
                self._state.watching = what.watching
                steps = []
        return steps + self._due()

    def name(self, step: Step, event_id: str) -> str:
        """The id of the step's alarm, once its event has one. Whatever begins an alarm gives it its name."""
        if step.begins:
            step.alarm.id = event_id
        assert step.alarm.id is not None
        return step.alarm.id

    # -- what is heard

    def _hear(self, report: Report) -> list[Step]:
        rule = self._rules.get(report.rule)
        if rule is not None and rule.momentary and not report.is_fault:
            return self._hear_momentary(report)
        alarm = self._alarm_of(report)
        match report.stage:
            case Stage.SUSPECTED:
                return [] if alarm else self._suspect(report)
            case Stage.CONFIRMED:
                return self._confirm(report, alarm)
            case Stage.UPDATED:
                return self._update(report, alarm) if alarm else []
            case Stage.CLEARED:
                return self._clear(report, alarm) if alarm else []

    def _hear_momentary(self, report: Report) -> list[Step]:
        """What is over once it is told: it does not burn, and each time is an alarm of its own."""
        now_s, about = self._state.now_s, report.about(self._state.run)
        if report.stage is not Stage.CONFIRMED:
            return []
        if self._quiet.is_muted(report) or self._quiet.cools(report, about, now_s, self._cooldown(report)):
            self._quiet.note_hidden(report, about, now_s)
            return []
        times = self._quiet.times(report, about)
        self._quiet.note_over(about, report.severity, now_s)
        return [self._tell(self._new(report), AlarmStage.CONFIRMED, report.severity, times=times)]

    def _suspect(self, report: Report) -> list[Step]:
        alarm = self._new(report)
        steps = self._enter(alarm)
        now_s = self._state.now_s
        is_known = self._left_alone_like(report) is not None
        if not is_known and not self._quiet.hides_suspicion(report, alarm.about, now_s, self._cooldown(report)):
            self._quiet.note_suspected(report, alarm.about, now_s)
            steps.append(self._tell(alarm, AlarmStage.SUSPECTED))
        return steps

    def _confirm(self, report: Report, alarm: Alarm | None) -> list[Step]:
        steps: list[Step] = []
        now_s = self._state.now_s
        if alarm is None or alarm.stage is AlarmStage.SUSPECTED:
            known = self._left_alone_like(report)
            if known is not None:
                if alarm is not None:
                    self._remove(alarm)
                self._follow_again(known, report)
                return []
            if alarm is None:
                alarm = self._new(report)
                steps = self._enter(alarm)
            alarm.report, alarm.stage, alarm.severity = report, AlarmStage.CONFIRMED, report.severity
            alarm.since_s, alarm.confirmed_s, alarm.pending = now_s - report.lasted_s, now_s, True
            return steps
        if report.kind != alarm.report.kind:
            alarm.pending = True  # a bear, and no longer just a large animal
        if _rank(report.severity) > _rank(alarm.severity):
            alarm.severity, alarm.pending = report.severity, True
            self._ask_again(alarm)
        alarm.report = report
        return steps

    def _update(self, report: Report, alarm: Alarm) -> list[Step]:
        alarm.report = report
        is_due = alarm.updated_s is None or self._state.now_s - alarm.updated_s >= UPDATES_EVERY_S
        if not alarm.begun or not is_due or self._quiet.is_muted(report):
            return []
        alarm.updated_s = self._state.now_s
        return [self._tell(alarm, AlarmStage.UPDATED, alarm.severity if alarm.burns else Severity.INFO)]

    def _clear(self, report: Report, alarm: Alarm) -> list[Step]:
        if alarm.stage is not AlarmStage.SUSPECTED and not alarm.burns:
            self._quiet.note_hidden(alarm.report, alarm.about, self._state.now_s)
        return self._end(alarm, Ending.SEEN, report=report)

    # -- what people say

    def _acknowledge(self, id: str | None, by: str | None) -> list[Step]:
        """One alarm, or all that burn."""
        steps: list[Step] = []
        for alarm in self._state.alarms:
            if alarm.burns and alarm.stage is AlarmStage.CONFIRMED and id in (None, alarm.id):
                alarm.stage, alarm.acknowledged_s, alarm.pending = AlarmStage.ACKNOWLEDGED, self._state.now_s, False
                steps.append(self._tell(alarm, AlarmStage.ACKNOWLEDGED, by=by))
        return steps

    def _close(self, id: str, by: str | None) -> list[Step]:
        alarm = self._find(id)
        return self._end(alarm, Ending.CLOSED, by=by) if alarm else []

    def _mute(self, mute: Mute) -> None:
        """Mute a rule or the whole camera; no minutes end it."""
        for_s = min(60 * mute.minutes, self._settings.mute_at_most)
        self._quiet.mute(mute.rule, self._state.now_s + for_s)
        self._quiet.forget(self._state.now_s, math.inf)

    # -- what time does

    def _pass_time(self, now_s: float) -> None:
        was_s = self._state.now_s
        self._state.now_s = max(was_s, now_s + self._offset_s)
        if self._state.watching:
            self._state.watched_s += self._state.now_s - was_s
        self._quiet.forget(self._state.now_s, max((rule.cooldown for rule in self._rules.values()), default=0.0))

    def _due(self) -> list[Step]:
        steps = [step for alarm in list(self._state.alarms) for step in self._due_of(alarm)]
        return steps + [self._tell_count(hidden) for hidden in self._quiet.due_counts(self._state.now_s)]

    def _due_of(self, alarm: Alarm) -> list[Step]:
        if alarm.pending:
            return [] if self._must_wait(alarm) else [self._tell_confirmed(alarm)]
        if not alarm.burns:
            return []
        if self._has_lapsed(alarm):
            return self._end(alarm, Ending.LAPSED)
        if self._quiet.is_muted(alarm.report):
            return []
        stage = self._reminder(alarm)
        passed = self._marks_passed(alarm)
        if stage is None and passed > alarm.marks:
            stage = AlarmStage.UPDATED
        alarm.marks = max(alarm.marks, passed)
        return [] if stage is None else [self._tell(alarm, stage, alarm.severity)]

    def _must_wait(self, alarm: Alarm) -> bool:
        if alarm.burns:
            return self._quiet.is_muted(alarm.report)
        now_s = self._state.now_s
        lasted_s = now_s - alarm.confirmed_s
        return self._quiet.hides(alarm.report, alarm.about, now_s, lasted_s, self._cooldown(alarm.report))

    def _tell_confirmed(self, alarm: Alarm) -> Step:
        now_s = self._state.now_s
        times = 1
        if not alarm.burns:
            times = self._quiet.times(alarm.report, alarm.about)
            self._quiet.note_told(alarm.report, alarm.about, now_s)
            alarm.asked_s = now_s
        alarm.burns, alarm.pending, alarm.said_s, alarm.marks = True, False, now_s, self._marks_passed(alarm)
        return self._tell(alarm, AlarmStage.CONFIRMED, alarm.severity, times=times)

    def _reminder(self, alarm: Alarm) -> AlarmStage | None:
        """Whether it is to be said again, because nobody has acknowledged it."""
        now_s, settings = self._state.now_s, self._settings
        if alarm.stage is not AlarmStage.CONFIRMED or alarm.severity is Severity.INFO:
            return None
        if settings.escalate_after and not alarm.escalated and now_s - alarm.asked_s >= settings.escalate_after:
            alarm.escalated, alarm.severity, alarm.said_s = True, Severity.CRITICAL, now_s
            return AlarmStage.ESCALATED
        may_repeat = settings.repeat_every and alarm.repeats < settings.repeat_at_most
        if may_repeat and now_s - alarm.said_s >= settings.repeat_every:
            alarm.repeats, alarm.said_s = alarm.repeats + 1, now_s
            return AlarmStage.REPEATED
        return None

    def _marks_passed(self, alarm: Alarm) -> int:
        if alarm.report.kind not in ON_THE_FLOOR:
            return 0
        return sum(self._state.now_s - alarm.since_s >= mark_s for mark_s in self._settings.long_lie)

    def _has_lapsed(self, alarm: Alarm) -> bool:
        now_s = self._state.now_s
        if alarm.stage is AlarmStage.ACKNOWLEDGED:
            if not alarm.followed:
                return now_s - max(alarm.acknowledged_s, alarm.left_s) >= self._settings.close_after
            if alarm.report.kind == "fall":
                return now_s - alarm.acknowledged_s >= LOST_AFTER_S
        rule = self._rules.get(alarm.report.rule)
        if alarm.followed or not isinstance(rule, HoldRule) or rule.kind not in SEEN_ANEW:
            return False
        within_s = rule.hold + rule.clear_after + SEEN_AGAIN_AFTER_S
        return self._state.watched_s - alarm.watched_s >= within_s

    def _tell_count(self, hidden: Hidden) -> Step:
        """What was held back and was over before it could be told: worth a word of its own, and no alarm."""
        return self._tell(self._new(hidden.report), AlarmStage.UPDATED, Severity.INFO, times=hidden.count)

    # -- when the camera starts anew

    def _restart(self) -> list[Step]:
        """What was only suspected is void. What burns goes on, though no track says any more that it is over."""
        state = self._state
        state.run += 1
        steps: list[Step] = []
        for alarm in list(state.alarms):
            if alarm.report.is_fault:
                # a rule that was switched off works again; the camera itself does not until it is seen to
                steps += self._end(alarm, Ending.SEEN) if alarm.report.kind == RULE_FAULT else []
            elif alarm.report.rule not in self._rules:
                steps += self._end(alarm, Ending.REMOVED)
            elif alarm.stage is AlarmStage.SUSPECTED or (not alarm.burns and alarm.report.kind in SEEN_ANEW):
                self._remove(alarm)
            else:
                alarm.followed, alarm.left_s, alarm.watched_s = False, state.now_s, state.watched_s
        return steps

    def _left_alone_like(self, report: Report) -> Alarm | None:
        """An alarm from before a restart that is about the same, for all one can know."""
        alike = (alarm for alarm in self._state.alarms if not alarm.followed and alarm.report.is_like(report))
        return next(alike, None)

    def _follow_again(self, alarm: Alarm, report: Report) -> None:
        """The camera sees again what burned before it started anew."""
        alarm.report, alarm.about, alarm.followed = report, report.about(self._state.run), True
        if alarm.stage is AlarmStage.ACKNOWLEDGED:
            alarm.pending = True  # it may have happened anew: whoever came for the first time should know
        if alarm.burns:
            self._ask_again(alarm)

    def _ask_again(self, alarm: Alarm) -> None:
        alarm.stage, alarm.asked_s = AlarmStage.CONFIRMED, self._state.now_s
        alarm.repeats, alarm.escalated = 0, False

    # -- inside

    def _find(self, id: str) -> Alarm | None:
        return next((alarm for alarm in self._state.alarms if alarm.id == id), None)

    def _alarm_of(self, report: Report) -> Alarm | None:
        return next((alarm for alarm in self._state.alarms if alarm.followed and alarm.report.key == report.key), None)

    def _cooldown(self, report: Report) -> float:
        rule = None if report.is_fault else self._rules.get(report.rule)
        return rule.cooldown if rule else 0.0

    def _new(self, report: Report) -> Alarm:
        return Alarm(
            report=report,
            about=report.about(self._state.run),
            stage=AlarmStage.SUSPECTED,
            severity=report.severity,
            since_s=self._state.now_s,
        )

    def _enter(self, alarm: Alarm) -> list[Step]:
        """Take it into the book, where the one that matters least makes room if need be."""
        steps: list[Step] = []
        if len(self._state.alarms) >= MOST_OPEN:
            steps = self._end(min(self._state.alarms, key=_weight), Ending.LAPSED)
        self._state.alarms.append(alarm)
        return steps

    def _remove(self, alarm: Alarm) -> None:
        self._state.alarms = [other for other in self._state.alarms if other is not alarm]

    def _end(self, alarm: Alarm, ending: Ending, *, report: Report | None = None, by: str | None = None) -> list[Step]:
        self._remove(alarm)
        if alarm.burns:
            self._quiet.note_over(alarm.about, alarm.severity, self._state.now_s)
        alarm.report = report or alarm.report
        return [self._tell(alarm, AlarmStage.CLEARED, ending=ending, by=by)] if alarm.begun else []

    def _tell(
        self,
        alarm: Alarm,
        stage: AlarmStage,
        severity: Severity = Severity.INFO,
        *,
        times: int = 1,
        ending: Ending | None = None,
        by: str | None = None,
    ) -> Step:
        begins, alarm.begun = not alarm.begun, True
        return Step(
            alarm=alarm,
            stage=stage,
            severity=severity,
            report=alarm.report,
            begins=begins,
            state=self.state(alarm.report.switch) if alarm.burns or ending else None,
            lasted_s=self._state.now_s - alarm.since_s if alarm.burns else None,
            times=times,
            ending=ending,
            by=by,
        )


def _rank(severity: Severity) -> int:
    return list(Severity).index(severity)


def _weight(alarm: Alarm) -> tuple[bool, bool, int, float]:
    """What matters least comes first."""
    return alarm.burns, alarm.stage is not AlarmStage.ACKNOWLEDGED, _rank(alarm.severity), alarm.since_s
