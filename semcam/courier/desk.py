"""One camera's desk: a signal comes in, the alarm it belongs to is found, an event in words goes out."""

from collections.abc import Sequence

from semcam.contract.config import Camera, Config
from semcam.contract.event import CAMERA_FAULT, RULE_FAULT, AlarmState, Event, EventData, MadeBy, Status
from semcam.contract.rule_base import Severity
from semcam.contract.rules import AnyRule
from semcam.contract.signal import Beat, RuleFault, RuleSignal, Stage
from semcam.contract.text import Text
from semcam.courier.alarms import FAULT_KEY, AlarmBook, AlarmKey
from semcam.courier.clock import Clocks
from semcam.courier.delivery import Delivery, Numbering, Sink
from semcam.courier.wording import Facts, sentence, sentences


class Desk:
    """Turns what one vision process says into events, and hands them to the sinks."""

    def __init__(
        self,
        config: Config,
        name: str,
        clocks: Clocks,
        numbering: Numbering,
        made_by: MadeBy,
        sinks: Sequence[Sink],
    ) -> None:
        self._config = config
        self._name = name
        self._camera: Camera = config.cameras[name]
        self._clocks = clocks
        self._numbering = numbering
        self._made_by = made_by
        self._sinks = sinks
        self._alarms = AlarmBook()
        self._run = 0
        self._status: Status | None = None
        self._last_beat: Beat | None = None

    def take(self, signal: RuleSignal) -> None:
        """A rule has spoken."""
        rule = self._camera.rules[signal.rule]
        self._tell(
            key=AlarmKey(signal.rule, self._run, *signal.about[1:]),
            kind=_kind(rule, signal),
            stage=signal.stage,
            severity=Severity.INFO if signal.stage in (Stage.SUSPECTED, Stage.CLEARED) else rule.severity,
            t_s=signal.t_s,
            signal=signal,
        )

    def rule_fault(self, fault: RuleFault) -> None:
        """A rule was switched off: it will not speak again before vision starts anew."""
        t_s = self._last_beat.t_s if self._last_beat else 0.0
        self._tell(AlarmKey(fault.rule, self._run), RULE_FAULT, Stage.CONFIRMED, Severity.WARNING, t_s)

    def beat(self, beat: Beat) -> None:
        """The camera works. The first beat after a fault ends it."""
        if self._alarms.is_open(FAULT_KEY):
            self._tell(FAULT_KEY, CAMERA_FAULT, Stage.CLEARED, Severity.INFO, beat.t_s)
        last, self._last_beat = self._last_beat, beat
        fps = None
        if last is not None and beat.t_s > last.t_s:
            fps = round((beat.frames - last.frames) / (beat.t_s - last.t_s), 1)
        self._tell_status(Status(state="online", view=beat.view, fps=fps, made_by=self._made_by))

    def fault(self) -> None:
        """The vision process is gone; whatever burns goes on burning, whatever it only suspected is void."""
        t_s = self._last_beat.t_s if self._last_beat else 0.0
        self._run += 1
        self._last_beat = None
        self._alarms.forget_suspicions()
        if not self._alarms.is_open(FAULT_KEY):
            self._tell(FAULT_KEY, CAMERA_FAULT, Stage.CONFIRMED, Severity.WARNING, t_s)

    def _tell(
        self,
        key: AlarmKey,
        kind: str,
        stage: Stage,
        severity: Severity,
        t_s: float,
        signal: RuleSignal | None = None,
    ) -> None:
        if stage is Stage.CLEARED and not self._alarms.is_open(key):
            return  # nobody was told that it began
        seq, id = self._numbering.next()
        alarm = self._alarms.take(key, stage, id)
        owner = self._owner(signal)
        label = signal.label if signal and kind == signal.label else None
        facts = Facts(kind, stage, label, self._owner_name(owner) if signal else None, self._camera.place)
        time, clock = self._clocks.stamp(t_s)
        event = Event(
            id=id,
            source=f"semcam/{self._config.site}/{self._name}",
            type=f"semcam.{kind}",
            time=time,
            subject=owner,
            data=EventData(
                alarm=alarm,
                stage=stage,
                severity=severity,
                rule=key.rule,
                place=self._place(),
                zone=signal.zone if signal else None,
                who=owner,
                label=signal.label if signal else None,
                count=signal.count if signal and signal.count is not None else 1,
                message=sentence(facts, self._config.language),
                messages=sentences(facts),
                evidence=signal.why if signal else {},
                seq=seq,
                clock=clock,
                made_by=self._made_by,
            ),
        )
        state: AlarmState | None = None if stage is Stage.SUSPECTED else self._alarms.state(key.rule)
        for sink in self._sinks:
            sink.deliver(Delivery(event, state))

    def _tell_status(self, status: Status) -> None:
        """Retained status changes when the camera's word on itself does, not with every wobble of the frame rate."""
        old = self._status
        wobble = old is not None and old.view == status.view and old.fps is not None and status.fps is not None
        if wobble and old is not None and abs((old.fps or 0) - (status.fps or 0)) < max(1.0, 0.2 * (old.fps or 0)):
            return
        self._status = status
        for sink in self._sinks:
            sink.tell_status(status)

    def _owner(self, signal: RuleSignal | None) -> str | None:
        """Who it is: whose place the track began in, or whose camera this is; never by a face."""
        zones = tuple(self._camera.zones.values())
        home = None if signal is None or signal.home is None else zones[signal.home]
        return (home.belongs_to if home else None) or self._camera.belongs_to

    def _owner_name(self, owner: str | None) -> Text | None:
        return self._config.subjects[owner].name if owner else None

    def _place(self) -> str | None:
        place = self._camera.place
        return place if place is None or isinstance(place, str) else place.get("en") or next(iter(place.values()))


def _kind(rule: AnyRule, signal: RuleSignal) -> str:
    """What happened, in one word: what is sighted is named, and so is what somebody's own rule says."""
    match rule.kind:
        case "sighting":
            return signal.label
        case "when":
            return rule.id.replace("-", "_")
        case kind:
            return kind
