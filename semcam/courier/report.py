"""What the alarm book is told: a signal in the light of the configuration, or a fault that the courier found."""

from semcam.contract.base import Frozen, Id
from semcam.contract.errors import Trouble
from semcam.contract.labels import PERSON
from semcam.contract.rule_base import LabelledRule, Severity
from semcam.contract.rules import AnyRule, SightingRule, WhenRule
from semcam.contract.signal import Reason, RuleSignal, Stage, View, noticed_after_s

_LASTED = (Reason.DOWN_S, Reason.STILL_S, Reason.HELD_S)


def kind_of(rule: AnyRule, label: str) -> str:
    """What happened, in one word: what is sighted is named, and so is what somebody's own rule says."""
    match rule:
        case SightingRule():
            return label
        case WhenRule(id=id):
            return id.replace("-", "_")
        case _:
            return rule.kind


def kinds_of(rule: AnyRule) -> set[str]:
    """All that a rule can tell of."""
    return {kind_of(rule, label) for label in (rule.labels if isinstance(rule, LabelledRule) else (PERSON,))}


class Report(Frozen):
    """One word on one matter."""

    rule: Id
    """The rule that speaks, or that failed; `camera_fault` for the camera itself."""
    kind: str
    """What happened, in one word: fall, bear, camera_fault."""
    stage: Stage
    severity: Severity
    """How severe it is when it is confirmed."""
    who: Id | None = None
    """Whose place it is, for the sentence."""
    person: Id | None = None
    """Who it is, where the zone in which the track began belongs to somebody; None where only the track is known."""
    signal: RuleSignal | None = None
    """What the vision side said; None for a fault that the courier found itself."""
    view: View | None = None
    """Why the camera does not see, where that is what it is about."""
    trouble: Trouble | None = None
    """Why the camera has stopped, where that is what it is about."""

    @property
    def is_fault(self) -> bool:
        """Whether it is about the camera and not about what it sees."""
        return self.signal is None

    @property
    def switch(self) -> str:
        """Whose retained state it sets: the rule's, or for faults one of their own."""
        return self.kind if self.is_fault else self.rule

    @property
    def track(self) -> int:
        """The track that it is about; 0 for a place or a fault."""
        return self.signal.track if self.signal else 0

    @property
    def zone(self) -> str | None:
        """Where."""
        return self.signal.zone if self.signal else None

    @property
    def label(self) -> str | None:
        """What it is about."""
        return self.signal.label if self.signal else None

    @property
    def key(self) -> tuple[str, str, int, str | None]:
        """What makes two reports of one run of the vision process steps of the same alarm."""
        return self.switch, self.rule, self.track, None if self.track else self.zone

    @property
    def lasted_s(self) -> float:
        """For how long it had lasted when it was said."""
        if self.view is not None:
            return noticed_after_s(self.view)
        why = self.signal.why if self.signal else {}
        return max(0.0, next((why[reason] for reason in _LASTED if reason in why), 0.0))

    def about(self, run: int) -> str:
        """The rule, whom it is about and where: what a cool-down holds for.

        One bear is like another, but one person is not: two tracks of people are two people, unless both began in
        a place that belongs to the same one.
        """
        whom = self.person or (self.label if self.label != PERSON else f"{run}.{self.track}" if self.track else "")
        return f"{self.switch} {self.rule} {whom or ''} {self.zone or ''}"

    def is_like(self, other: "Report") -> bool:
        """Whether both can be about the same, where tracks no longer tell: after a restart."""
        return self._likeness == other._likeness

    @property
    def _likeness(self) -> tuple[str | None, ...]:
        return self.switch, self.rule, self.kind, self.who, self.person, self.zone

    def about_anyone(self) -> "Report":
        """The same of several: without names and places."""
        signal = self.signal and self.signal.model_copy(update={"track": 0, "zone": None, "home": None, "why": {}})
        return self.model_copy(update={"who": None, "person": None, "signal": signal})
