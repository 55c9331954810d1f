"""Subscribes to cameras and tells their events in order, each once.

with Subscriber(Broker(host="localhost")) as subscriber:
    for told in subscriber:
        if told.kind == "event":
            print(told.event.data.message)
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from semcam.client.reading import read_alarm, read_payload
from semcam.client.sequencer import Ask, Deliver, Missing, Sequencer, Step
from semcam.contract.broker import Broker
from semcam.contract.command import Ack, Command, Mute, Replay
from semcam.contract.delivery import AlarmStage
from semcam.contract.event import Alarm, AlarmState, Event, Head, Status
from semcam.courier.mqtt import Acknowledged, Connected, Deaf, Linked, Lost, MqttLink, Received

TICK_S = 0.5

Position = dict[str, int]
"""Up to where a subscriber has heard one camera: the next number of each of its epochs, the present one last."""


@dataclass(frozen=True, slots=True)
class Told:
    """One piece of news of one camera; or, with `camera` empty, of the connection."""

    kind: Literal["event", "burning", "missing", "online", "offline", "connection"]
    """`burning`: an alarm from before this subscriber came, with its last event; `missing`: events that are not
    waited for any longer."""
    camera: str
    """`site/camera`."""
    event: Event | None = None
    missing: Missing | None = None
    sentence: str = ""
    """For people, where there is no event that has one."""


class Subscriber(Linked):
    """Follows all cameras of a site, or one. Not for several threads at once."""

    def __init__(
        self,
        broker: Broker,
        site: str = "+",
        camera: str = "+",
        positions: Mapping[str, Position] | None = None,
    ) -> None:
        """`positions` are those of an earlier subscriber: it hears what that one has missed.

        Raises:
            BrokerError: the password or a certificate cannot be read.
        """
        prefix = f"semcam/{site}/{camera}"
        newest = [f"{prefix}/{part}" for part in ("status", "alarm/+")]
        topics = [f"{prefix}/head", *newest, f"{prefix}/event/+"]
        # a name of its own each time: what it has missed it asks for, the broker need not keep it
        name = f"semcam-watch-{secrets.token_hex(6)}"
        self._link = MqttLink(broker, name, None, topics, keep_session=False, at_most_once=newest)
        self._broker = broker
        self._cameras = {name: Sequencer(position) for name, position in (positions or {}).items()}
        self._statuses: dict[str, Status] = {}
        self._burning: set[str] = set()
        """Alarms that were told and are not over."""
        self._unreadable: set[str] = set()

    def __iter__(self) -> Iterator[Told]:
        """All news, for ever."""
        while True:
            yield from self.news(TICK_S)

    def news(self, timeout_s: float) -> list[Told]:
        """What is new; waits so long for the first of it."""
        told: list[Told] = []
        for note in self._link.notes(timeout_s):
            match note:
                case Received():
                    told += self._receive(note, time.monotonic())
                case Connected():
                    for sequencer in self._cameras.values():
                        sequencer.reconnected(time.monotonic())
                    told.append(Told("connection", "", sentence=f"connected to {self._broker.where} again"))
                case Lost(sentence) | Deaf(sentence) | Acknowledged(refused=str(sentence)):
                    told.append(Told("connection", "", sentence=sentence))
        now_s = time.monotonic()
        for name, sequencer in self._cameras.items():
            told += self._act(name, sequencer.tick(now_s))
        return told

    def acknowledge(self, event: Event, by: str | None = None) -> None:
        """Take the alarm that the event belongs to upon oneself."""
        self.command(event.source.removeprefix("semcam/"), "ack", Ack(alarm=event.data.alarm, by=by))

    def mute(self, camera: str, minutes: float, rule: str | None = None, by: str | None = None) -> None:
        """Ask a camera (`site/camera`) for quiet; 0 minutes end it."""
        self.command(camera, "mute", Mute(minutes=minutes, rule=rule, by=by))

    def command(self, camera: str, name: str, command: Command) -> None:
        """Send a command to a camera (`site/camera`)."""
        self._link.publish(f"semcam/{camera}/command/{name}", command.model_dump_json(exclude_none=True))

    @property
    def positions(self) -> dict[str, Position]:
        """Up to where each camera was heard: keep it for the next subscriber."""
        return {name: sequencer.places for name, sequencer in self._cameras.items()}

    @property
    def statuses(self) -> dict[str, Status]:
        """The last word of each camera on itself."""
        return dict(self._statuses)

    # -- inside

    def _receive(self, note: Received, now_s: float) -> list[Told]:
        _, site, camera, *rest = note.topic.split("/")
        name = f"{site}/{camera}"
        try:
            match rest:
                case ["head"]:
                    return self._act(name, self._of(name).head(read_payload(Head, note.payload), now_s))
                case ["event", _]:
                    return self._act(name, self._of(name).event(read_payload(Event, note.payload), now_s))
                case ["status"]:
                    status = read_payload(Status, note.payload)
                    if status.state == "online" and not note.retained:  # said now: it may have just come
                        self._of(name).reconnected(now_s)
                    return self._hear_status(name, status)
                case ["alarm", rule] if note.retained and note.payload:
                    return self._hear_alarm(name, rule, read_alarm(note.payload))
        except ValueError:
            if note.topic not in self._unreadable:
                self._unreadable.add(note.topic)
                sentence = f"{note.topic}: not a message that this version of semcam can read; left out"
                return [Told("connection", "", sentence=sentence)]
        return []

    def _of(self, name: str) -> Sequencer:
        return self._cameras.setdefault(name, Sequencer())

    def _hear_status(self, name: str, status: Status) -> list[Told]:
        before = self._statuses.get(name)
        self._statuses[name] = status
        return [] if before and before.state == status.state else [Told(status.state, name)]

    def _hear_alarm(self, name: str, rule: str, alarm: Alarm) -> list[Told]:
        """What is retained shows what burns at the start; after that, events do."""
        about = alarm.event.data.alarm if alarm.event else f"{name}/{rule}"
        if alarm.state is AlarmState.OFF or about in self._burning:
            return []
        self._burning.add(about)
        return [Told("burning", name, event=alarm.event, sentence="" if alarm.event else f"an alarm of {rule} burns")]

    def _act(self, name: str, steps: Iterable[Step]) -> list[Told]:
        told: list[Told] = []
        for step in steps:
            match step:
                case Deliver(event):
                    self._remember(event)
                    told.append(Told("event", name, event=event))
                case Missing():
                    told.append(Told("missing", name, missing=step))
                case Ask(epoch, first, last):
                    self.command(name, "replay", Replay(epoch=epoch, first=first, last=last))
        return told

    def _remember(self, event: Event) -> None:
        if event.data.stage is AlarmStage.CLEARED:
            self._burning.discard(event.data.alarm)
        else:
            self._burning.add(event.data.alarm)
