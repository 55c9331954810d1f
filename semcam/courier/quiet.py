"""What keeps alarms from becoming a storm: mutes, cool-downs, and a limit for what comes again and again.

What is held back is never lost: it is told once nothing holds it back any more, or once it has lasted, and what was
over before that is counted, and the count is told. Times are seconds on the book's own time line.
"""

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from semcam.contract.delivery import AlarmSettings
from semcam.contract.rule_base import Severity
from semcam.courier.report import Report

RULE_OFTEN = 20
RULE_WITHIN_S = 3600.0
"""Of one rule, about whomever, so many alarms are told at once within this time: ids of tracks can be many."""
INSIST_CRITICAL_S = 120.0
"""What is critical, or a serious fault, is told after all when it has lasted so long, in a cool-down too."""
INSIST_S = 900.0
"""The same for what is less severe and held back because it comes often."""
COUNT_AFTER_S = 3600.0
_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Told(NamedTuple):
    """That an alarm was told, or was over."""

    at_s: float
    severity: Severity


class Hidden(BaseModel):
    """What was over before it was told, for one rule."""

    model_config = ConfigDict(extra="forbid")

    count: int
    first_s: float
    about: str
    """About whom; empty for several."""
    report: Report


class QuietState(BaseModel):
    """All that must be remembered over a restart."""

    model_config = ConfigDict(extra="forbid")

    mutes: dict[str, float] = {}
    """Until when; by rule, and under "" for the whole camera."""
    told: dict[str, list[Told]] = {}
    """By what it was about, and by rule."""
    suspected: dict[str, list[Told]] = {}
    over: dict[str, Told] = {}
    """When the last alarm that was told ended, by what it was about."""
    hidden: dict[str, Hidden] = {}
    """By rule."""


class Quiet:
    """Decides what is held back, and counts it."""

    def __init__(self, settings: AlarmSettings, state: QuietState) -> None:
        self._settings = settings
        self._state = state

    def mute(self, rule: str | None, until_s: float) -> None:
        """Hold back what a rule, or any rule, tells until then."""
        self._state.mutes[rule or ""] = until_s

    def muted_until(self, rule: str | None) -> float | None:
        """Until when a rule, or with None the whole camera, is muted."""
        return max((self._state.mutes[key] for key in {rule or "", ""} & self._state.mutes.keys()), default=None)

    def is_muted(self, report: Report) -> bool:
        """Whether it is muted. The courier's own faults never are: a camera that is blind must not be silent too."""
        return not report.is_fault and self.muted_until(report.rule) is not None

    def cools(self, report: Report, about: str, now_s: float, cooldown_s: float) -> bool:
        """Whether it is in the cool-down after an alarm about the same, which was no less severe."""
        over = self._state.over.get(about)
        return over is not None and now_s < over.at_s + cooldown_s and not _is_above(report.severity, over.severity)

    def hides(self, report: Report, about: str, now_s: float, lasted_s: float, cooldown_s: float) -> bool:
        """Whether a confirmed alarm is held back for now, which has lasted for so long."""
        if self.is_muted(report):
            return True
        insists = report.severity is Severity.CRITICAL or _is_serious_fault(report)
        if lasted_s >= INSIST_CRITICAL_S and insists:
            return False
        if self.cools(report, about, now_s, cooldown_s):
            return True
        if (report.severity is Severity.INFO and not report.is_fault) or lasted_s >= INSIST_S:
            return False
        return self._is_often(self._state.told, report, about, now_s)

    def hides_suspicion(self, report: Report, about: str, now_s: float, cooldown_s: float) -> bool:
        """Whether a suspicion is held back: for good, since what follows from it is told in any case."""
        if self.is_muted(report) or self.cools(report, about, now_s, cooldown_s):
            return True
        return self._is_often(self._state.suspected, report, about, now_s)

    def times(self, report: Report, about: str) -> int:
        """How often it came since it was told last, now that it is told again: once, and what was held back."""
        hidden = self._state.hidden.get(report.switch)
        if hidden is None or hidden.about != about:
            return 1
        del self._state.hidden[report.switch]
        return 1 + hidden.count

    def note_told(self, report: Report, about: str, now_s: float) -> None:
        """An alarm is told that others like it can follow too often."""
        if report.severity is not Severity.INFO or report.is_fault:
            self._note(self._state.told, report, about, now_s)

    def note_suspected(self, report: Report, about: str, now_s: float) -> None:
        """A suspicion is told."""
        self._note(self._state.suspected, report, about, now_s)

    def note_over(self, about: str, severity: Severity, now_s: float) -> None:
        """An alarm that was told is over, and its cool-down begins."""
        self._state.over[about] = Told(now_s, severity)

    def note_hidden(self, report: Report, about: str, now_s: float) -> None:
        """An alarm is over that was never told."""
        if self.is_muted(report):
            return  # that is what was asked for
        hidden = self._state.hidden.setdefault(
            report.switch, Hidden(count=0, first_s=now_s, about=about, report=report)
        )
        hidden.count += 1
        if hidden.about != about:
            hidden.about, hidden.report = "", hidden.report.about_anyone()

    def due_counts(self, now_s: float) -> list[Hidden]:
        """What was held back an hour ago and has not been told with a later alarm."""
        due = [
            hidden
            for hidden in self._state.hidden.values()
            if now_s - hidden.first_s >= COUNT_AFTER_S and not self.is_muted(hidden.report)
        ]
        for hidden in due:
            del self._state.hidden[hidden.report.switch]
        return due

    def forget(self, now_s: float, longest_cooldown_s: float) -> None:
        """Let go of what is too old to matter."""
        state, within_s = self._state, max(self._settings.often_within, RULE_WITHIN_S)
        state.mutes = {rule: until_s for rule, until_s in state.mutes.items() if until_s > now_s}
        state.over = {about: over for about, over in state.over.items() if now_s < over.at_s + longest_cooldown_s}
        for notes in (state.told, state.suspected):
            for about in list(notes):
                notes[about] = [told for told in notes[about] if now_s - told.at_s < within_s]
                if not notes[about]:
                    del notes[about]

    def _note(self, notes: dict[str, list[Told]], report: Report, about: str, now_s: float) -> None:
        """All of it is written with each event, so that no more is kept than a limit can count."""
        if not self._settings.often:
            return
        for key, most in ((about, self._settings.often), (report.switch, RULE_OFTEN)):
            told = [*notes.get(key, ()), Told(now_s, report.severity)]
            alike = [each for each in told if each.severity is report.severity]
            notes[key] = [each for each in told if each.severity is not report.severity] + alike[-most:]

    def _is_often(self, notes: dict[str, list[Told]], report: Report, about: str, now_s: float) -> bool:
        """Whether as much was told as may be, of no lower severity."""
        limits = (
            (about, self._settings.often, self._settings.often_within),
            (report.switch, RULE_OFTEN, RULE_WITHIN_S),
        )
        return bool(self._settings.often) and any(
            sum(
                now_s - told.at_s < within_s and not _is_above(report.severity, told.severity)
                for told in notes.get(key, ())
            )
            >= often
            for key, often, within_s in limits
        )


def _is_serious_fault(report: Report) -> bool:
    """A dark room is none: where somebody goes in and out all day, its light must not be told each time."""
    return report.is_fault and report.severity is not Severity.INFO


def _is_above(one: Severity, other: Severity) -> bool:
    return _RANKS[one] > _RANKS[other]
