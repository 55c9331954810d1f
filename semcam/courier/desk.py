"""One camera's desk: a signal comes in, the alarm it belongs to is found, an event in words goes into the outbox."""

import json
from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta

from semcam.contract.command import Ack, Command, Mute
from semcam.contract.config import Camera, Config
from semcam.contract.delivery import AlarmStage, Ending
from semcam.contract.errors import Trouble
from semcam.contract.event import (
    CAMERA_FAULT,
    FAULTS,
    MAX_EVENT_BYTES,
    RULE_FAULT,
    VIEW_LOST,
    VIEW_RESTORED,
    Alarm,
    AlarmState,
    Event,
    EventData,
    MadeBy,
    Status,
    timestamp,
)
from semcam.contract.families import Compute
from semcam.contract.local_time import read_zone
from semcam.contract.privacy import PrivacyReport
from semcam.contract.rule_base import Severity
from semcam.contract.signal import Beat, RuleFault, RuleSignal, Stage, View, noticed_after_s
from semcam.contract.text import Text
from semcam.courier.alarm import Close, Input, Restarted, Step, Tick
from semcam.courier.alarm_book import AlarmBook
from semcam.courier.clock import Clocks
from semcam.courier.delivery import Delivery, Sink
from semcam.courier.facts import Facts, facts_of
from semcam.courier.freshness import Freshness
from semcam.courier.moment import Moment
from semcam.courier.outbox import Outbox
from semcam.courier.pace import Pace
from semcam.courier.report import Report, kind_of
from semcam.courier.sight import KNOWS_AFTER_S, Lateness, LostDays
from semcam.courier.store import Draft, Kept, Row
from semcam.courier.tally import Tally
from semcam.courier.wording import Messages, sentences, with_tails

FRAME_TOLD_EVERY_S = 60.0
"""A retained status must not be told each second for the time of the last picture; when pictures end, it is exact."""

_SAID_AS = {
    AlarmStage.SUSPECTED: Stage.SUSPECTED,
    AlarmStage.UPDATED: Stage.UPDATED,
    AlarmStage.REPEATED: Stage.UPDATED,
    AlarmStage.ESCALATED: Stage.UPDATED,
}
"""By which sentence of the rule's kind a step is told; as confirmed where nothing else is said here."""


class Desk:
    """Turns what one vision process says into events, and what people answer into the state of alarms."""

    def __init__(
        self,
        config: Config,
        name: str,
        clocks: Clocks,
        outbox: Outbox,
        made_by: MadeBy,
        sinks: Sequence[Sink],
    ) -> None:
        """What burned when the outbox was closed goes on burning."""
        self._config = config
        self._name = name
        self._camera: Camera = config.cameras[name]
        self._clocks = clocks
        self._zone = read_zone(config.timezone) if config.timezone else clocks.zone
        self._outbox = outbox
        self._made_by = made_by
        self._sinks = sinks
        self._status = Status(state="online", made_by=made_by)
        self._last_beat: Beat | None = None
        self._freshness = Freshness()
        self._pace = Pace()
        self._lateness = Lateness()
        self._lost_days = LostDays(self._zone, "".join(outbox.kept.text.split("\n")[2:3]))
        self._did_see = True
        self._tally = Tally()
        self._last_frame: str | None = None
        self._frame_told_s = -FRAME_TOLD_EVERY_S
        self._t_s = 0.0
        self._news: list[str] = []
        self._absence: tuple[Moment, Moment] | None = None
        """From when to when nobody has looked, while no clock knows how long that was."""
        self._book = self._open_book()
        if outbox.kept.text:
            self._enter(Restarted(), 0.0)
            self._change_status(muted_until=self._muted_until())

    @property
    def status(self) -> Status:
        """The camera's word on itself, as it is now."""
        return self._status

    @property
    def tally(self) -> Tally:
        """What was counted so far."""
        return self._tally

    @property
    def is_watching(self) -> bool:
        """Whether the vision process that runs now has said that it sees pictures."""
        return self._last_beat is not None

    def adopt(self, config: Config) -> None:
        """Go on with another configuration of this camera, as if semcam had been started anew with it.

        What burns goes on burning; of a rule that is gone, it ends. The vision process must be started anew as well.
        """
        now = self._clocks.moment(self._t_s)
        self._outbox.append([], now, lambda: self._kept(now))
        self._config, self._camera = config, config.cameras[self._name]
        self._made_by = self._made_by.model_copy(update={"config": config.digest()})
        self._last_beat = None
        self._pace.begin_anew()
        self._book = self._open_book()
        self._enter(Restarted(), self._t_s)
        self._change_status(
            made_by=self._made_by, view=None, fps=None, age_ms=None, compute=None, last_frame=self._last_frame
        )

    def state(self, switch: str) -> AlarmState:
        """Whether any alarm of a rule, or of a kind of fault, burns."""
        return self._book.state(switch)

    @property
    def alarms(self) -> dict[str, tuple[AlarmState, Row | None]]:
        """What is retained of each rule that can burn, and of faults: its state, and the event that made it so."""
        switches = [id for id, rule in self._camera.rules.items() if not rule.momentary]
        return {switch: self._standing(switch) for switch in (*switches, *FAULTS)}

    def take(self, signal: RuleSignal) -> None:
        """A rule has spoken."""
        rule = self._camera.rules[signal.rule]
        home = self._home_owner(signal)
        report = Report(
            rule=signal.rule,
            kind=kind_of(rule, signal.label),
            stage=signal.stage,
            severity=rule.severity,
            who=home or self._camera.belongs_to,
            person=home,
            signal=signal,
        )
        self._enter(report, signal.t_s)

    def rule_fault(self, fault: RuleFault) -> None:
        """A rule was switched off: it will not speak again before vision starts anew."""
        self._enter(_fault(RULE_FAULT, fault.rule, Stage.CONFIRMED), self._t_s)

    def beat(self, beat: Beat) -> None:
        """The camera works: the first beat after a fault ends it. Or it does not see, or gives no pictures at all."""
        view = self._view_of(beat)
        if view is View.NO_FRAMES:
            if self._last_beat is not None:
                self._stop_watching()
            self._see(view, beat.t_s)
            self._change_status(view=view, fps=None, age_ms=None)
            self._t_s = beat.t_s
            self.tend()
            return
        if self._book.is_open(CAMERA_FAULT):
            self._enter(_fault(CAMERA_FAULT, CAMERA_FAULT, Stage.CLEARED), beat.t_s)
        self._last_beat = beat
        fps = self._pace.take(beat)
        self._note_frame(beat)
        age_ms = None if beat.age_ms is None else self._freshness.take(beat.t_s, beat.age_ms)
        if view is not None:
            self._see(view, beat.t_s)
        self._change_status(view=view, fps=fps, age_ms=age_ms)
        self._t_s = beat.t_s
        self.tend()

    def privacy(self, report: PrivacyReport) -> None:
        """The vision process has said what keeps it from storing or sending anything."""
        self._change_status(privacy=report)

    def ready(self, compute: Compute) -> None:
        """The vision process has loaded its models."""
        self._change_status(compute=compute)

    def fault(self, trouble: Trouble | None = None) -> None:
        """The vision process is gone; whatever burns goes on burning, whatever it only suspected is void."""
        self._tally.losses += 1
        is_told = self._book.is_open(CAMERA_FAULT) or self._lost_by is View.NO_FRAMES
        self._stop_watching()
        self._change_status(view=None, fps=None, age_ms=None)
        if not is_told:
            self._enter(_fault(CAMERA_FAULT, CAMERA_FAULT, Stage.CONFIRMED, trouble), self._t_s)

    def _stop_watching(self) -> None:
        self._last_beat = None
        self._pace.begin_anew()
        self._change_status(last_frame=self._last_frame)
        self._enter(Restarted(), self._t_s)

    def obey(self, command: Command) -> str | None:
        """Somebody has acknowledged, closed or muted. Returns why nothing was changed, where nothing was."""
        match command:
            case Ack(over=False) if command.alarm is None or self._book.knows(command.alarm):
                self._enter(command, self._t_s)
            case Ack(alarm=str(alarm)) if self._book.knows(alarm):
                self._enter(Close(alarm, command.by), self._t_s)
            case Ack(alarm=None):
                for alarm in sorted(self._book.burning):
                    self._enter(Close(alarm, command.by), self._t_s)
            case Ack():
                return f"camera {self._name}: an acknowledgement names no alarm that burns; nothing changed"
            case Mute(rule=str(rule)) if rule not in self._camera.rules:
                return f"camera {self._name}: a mute names no rule of this camera; nothing changed"
            case Mute():
                self._enter(command, self._t_s)
                self._change_status(muted_until=self._muted_until())
        return None

    def tend(self) -> None:
        """Let time do its work; call it every second or so."""
        self._count_absence()
        sees = self._last_beat is not None or self._status.view is View.NO_FRAMES
        self._tally.pass_time(self._status.view if sees else None, self._clocks.moment(self._t_s).mono_s)
        self._count_lost()
        self._enter(Tick(watching=self._last_beat is not None), self._t_s)
        if self._status.muted_until and not self._book.muted_for_s():
            self._change_status(muted_until=None)

    def news(self) -> list[str]:
        """What a person should know, in sentences."""
        news, self._news = self._news, []
        return news

    # -- inside

    def _open_book(self) -> AlarmBook:
        rules, settings, now = self._camera.rules, self._config.alarms, self._clocks.moment(0.0)
        kept = self._outbox.kept.text
        if not kept:
            return AlarmBook(rules, settings)
        try:
            written_at, _, rest = kept.partition("\n")
            book = rest.partition("\n")[0]
            # minutes go on while nobody looks: of a reminder, of a mute, of a cool-down
            left = Moment(*json.loads(written_at))
            away_s = now.since(left)
            resumed = AlarmBook.resume(rules, settings, book, now.mono_s, away_s or 0.0)
            self._absence = (left, now) if away_s is None else None
            return resumed
        except (ValueError, TypeError):
            self._news.append(f"camera {self._name}: the state of its alarms cannot be read; they begin anew")
            return AlarmBook(rules, settings)

    def _view_of(self, beat: Beat) -> View | None:
        """What a heartbeat says of the view; None where the vision process is too young to know that it is well."""
        view = self._lateness.view_of(beat)
        is_told_otherwise = self._status.view is None and self._book.is_open(VIEW_LOST)
        return None if view is View.OK and is_told_otherwise and beat.t_s < KNOWS_AFTER_S else view

    @property
    def _lost_by(self) -> View | None:
        """Why the camera does not see, as far as that has been told."""
        report = self._book.report_of(VIEW_LOST)
        return report.view if report else None

    def _see(self, view: View, t_s: float) -> None:
        """Tell where it changes whether the camera sees, or why not."""
        if view is View.OK:
            if self._book.is_open(VIEW_LOST):
                self._enter(_view_lost(self._lost_by, Stage.CLEARED), t_s)
            return
        is_told = view is View.NO_FRAMES and self._book.is_open(CAMERA_FAULT)
        if view is self._status.view or is_told:
            return  # whoever has closed the alarm does not hear of it again
        if not self._book.is_open(VIEW_LOST):
            self._lost_days.add(noticed_after_s(view), self._clocks.moment(t_s))
        self._enter(_view_lost(view, Stage.CONFIRMED), t_s)

    def _count_lost(self) -> None:
        """The sums of days are told and written each minute while they grow, once they no longer do, and at midnight.

        Where nobody knows what the view is like, it is lost as long as that, or that the camera has stopped, was told.
        """
        now, view = self._clocks.moment(self._t_s), self._status.view
        is_fault = self._book.is_open(CAMERA_FAULT) or self._book.is_open(VIEW_LOST)
        sees = not is_fault if view is None else view is View.OK
        self._lost_days.pass_time(now, lost=not sees)
        days, told = self._lost_days.of(now), self._status.lost_by_day
        if self._lost_days.is_due:
            self._outbox.append([], now, lambda: self._kept(now))
        elif told and told[0].day == days[0].day and sees is self._did_see:
            return
        self._did_see = sees
        self._change_status(lost_by_day=days)

    def _count_absence(self) -> None:
        """A board without a battery learns the time of day only a while after it has started."""
        if self._absence is None:
            return
        (left, came), now = self._absence, self._clocks.moment(self._t_s)
        since_s = now.since(left)
        if since_s is not None:
            self._book.was_away(since_s - (now.mono_s - came.mono_s))
            self._absence = None

    def _enter(self, what: Input, t_s: float) -> None:
        now = self._clocks.moment(t_s)
        steps = self._book.step(now.mono_s, what)
        if not steps and isinstance(what, Tick):
            return
        rows = self._outbox.append([self._draft(step, now) for step in steps], now, lambda: self._kept(now))
        for row in rows:
            self._tally.events[row.event.kind, row.event.data.stage] += 1
            for sink in self._sinks:
                sink.deliver(Delivery(row.event, row.state))

    def _kept(self, now: Moment) -> Kept:
        lines = (json.dumps(astuple(now)), self._book.written(), self._lost_days.written())
        return Kept("\n".join(lines), self._book.burning)

    def _draft(self, step: Step, now: Moment) -> Draft:
        def word(seq: int, id: str) -> Delivery:
            return Delivery(self._word(step, now, seq, id), self._state_after(step))

        return word

    def _state_after(self, step: Step) -> AlarmState | None:
        rule = self._camera.rules.get(step.report.rule)
        # what is momentary never burns; the event beside its state is the last of its kind
        is_momentary = rule is not None and rule.momentary and not step.report.is_fault
        return AlarmState.OFF if is_momentary else step.state

    def _word(self, step: Step, now: Moment, seq: int, id: str) -> Event:
        """With everything in it; where that gets too large, who has answered is said only in `by`, or no number is."""
        event = self._event(step, now, seq, id, step.by)
        if step.by is not None and _is_too_large(event):
            event = self._event(step, now, seq, id, None)
        if _is_too_large(event):
            event = event.model_copy(update={"data": event.data.model_copy(update={"evidence": {}})})
        return event

    def _event(self, step: Step, now: Moment, seq: int, id: str, said_by: str | None) -> Event:
        report, signal, rule = step.report, step.report.signal, self._camera.rules.get(step.report.rule)
        time, clock = self._clocks.stamp(now)
        is_new = step.stage in (AlarmStage.SUSPECTED, AlarmStage.CONFIRMED)
        is_seen = is_new or step.stage is AlarmStage.UPDATED
        messages = with_tails(self._sentences(step, time), step.stage, step.ending, said_by)
        return Event(
            id=id,
            source=f"semcam/{self._config.site}/{self._name}",
            type=f"semcam.{_kind(step)}",
            time=time,
            subject=report.who,
            data=EventData(
                alarm=self._book.name(step, id),
                stage=step.stage,
                severity=step.severity,
                rule=report.rule,
                place=self._place(),
                zone=report.zone if rule else None,
                who=report.who,
                label=report.label,
                reason=report.view or report.trouble,
                since=_earlier(time, step.lasted_s) if report.view and step.lasted_s is not None else None,
                count=signal.count if signal and signal.count is not None else 1,
                way=signal.way if signal else None,
                message=messages[self._config.language],
                messages=messages,
                # the numbers of a moment that is long over say nothing new, and need the room of a long name
                evidence=signal.why if signal and is_seen else {},
                times=step.times if step.times > 1 else None,
                lasted_s=None if is_new or step.lasted_s is None else round(step.lasted_s, 1),
                ending=step.ending,
                by=step.by,
                seq=seq,
                clock=clock,
                made_by=self._made_by,
            ),
        )

    def _sentences(self, step: Step, time: str) -> Messages:
        report, rule = step.report, self._camera.rules.get(step.report.rule)
        said_as = _SAID_AS.get(step.stage, Stage.CONFIRMED)
        if step.stage is AlarmStage.CLEARED and report.stage is Stage.CLEARED:
            said_as = Stage.CLEARED  # the camera saw it; otherwise it is told what it was that is over
        if report.signal is None or rule is None:
            facts = Facts(report.kind, said_as, rule=report.rule, place=self._camera.place, view=report.view)
            facts = replace(facts, seconds=step.lasted_s if report.view else None)
        else:
            facts = replace(facts_of(report.signal, rule, self._camera), stage=said_as)
            if said_as is Stage.UPDATED and step.lasted_s is not None:
                facts = replace(facts, seconds=step.lasted_s)
        facts = replace(facts, who=self._owner_name(report.who), camera=self._name, time=self._time_of_day(time))
        return sentences(facts, own=rule.message if rule and report.signal else None)

    def _standing(self, switch: str) -> tuple[AlarmState, Row | None]:
        burning = self._book.alarms_of(switch)
        return self._book.state(switch), self._outbox.last_of(burning[-1]) if burning else None

    def _change_status(self, **changes: object) -> None:
        """Retained status changes when the camera's word on itself does, not with every wobble of the frame rate."""
        old, new = self._status, self._status.model_copy(update=changes)
        if old.fps is not None and new.fps is not None and abs(old.fps - new.fps) < max(1.0, 0.2 * old.fps):
            new = new.model_copy(update={"fps": old.fps})
        if new == old:
            return
        self._status = new

    def _note_frame(self, beat: Beat) -> None:
        now = self._clocks.moment(beat.t_s)
        self._tally.beat(beat, now.mono_s)
        self._last_frame = self._clocks.stamp(now)[0]
        if now.mono_s - self._frame_told_s >= FRAME_TOLD_EVERY_S:
            self._frame_told_s = now.mono_s
            self._change_status(last_frame=self._last_frame)

    def _muted_until(self) -> str | None:
        if not (seconds := self._book.muted_for_s()):
            return None
        return timestamp(datetime.fromtimestamp(self._clocks.moment(self._t_s).unix_s + seconds, UTC))

    def _home_owner(self, signal: RuleSignal) -> str | None:
        """Who it is: whose place the track began in; never by a face."""
        return None if signal.home is None else tuple(self._camera.zones.values())[signal.home].belongs_to

    def _owner_name(self, owner: str | None) -> Text | None:
        return self._config.subjects[owner].name if owner and owner in self._config.subjects else None

    def _time_of_day(self, time: str) -> str:
        """The wall clock at the camera at the time of an event."""
        return datetime.fromisoformat(time).astimezone(self._zone).strftime("%H:%M")

    def _place(self) -> str | None:
        place = self._camera.place
        return place if place is None or isinstance(place, str) else place.get("en") or next(iter(place.values()))


def _is_too_large(event: Event) -> bool:
    """Whether it is refused as a retained alarm: an event that cannot be published would be lost."""
    return len(Alarm(AlarmState.OFF, event).to_json().encode()) > MAX_EVENT_BYTES


def _view_lost(view: View | None, stage: Stage) -> Report:
    # in the dark most cameras are blind every night; that is worth knowing, and no reason to call anybody
    severity = Severity.INFO if view is View.DARK else Severity.WARNING
    return Report(rule=VIEW_LOST, kind=VIEW_LOST, stage=stage, severity=severity, view=view)


def _kind(step: Step) -> str:
    """What an event is called: that the camera sees again has a name of its own."""
    sees_again = step.report.kind == VIEW_LOST and step.ending is Ending.SEEN
    return VIEW_RESTORED if sees_again else step.report.kind


def _earlier(time: str, seconds: float) -> str:
    return timestamp(datetime.fromisoformat(time) - timedelta(seconds=seconds))


def _fault(kind: str, rule: str, stage: Stage, trouble: Trouble | None = None) -> Report:
    return Report(rule=rule, kind=kind, stage=stage, severity=Severity.WARNING, trouble=trouble)
