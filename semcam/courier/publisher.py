"""From one camera's outbox to the broker: in order, each until it is taken; and what subscribers ask for, back.

The outbox says what is still to be sent, the link says what the broker has taken. Whenever a connection is new,
everything that was on its way is sent again: who subscribes removes what comes twice by its number.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from semcam.contract.command import Command, Replay, read_command
from semcam.contract.errors import BrokerError
from semcam.contract.event import FAULTS, MAX_EVENT_BYTES, Alarm, AlarmState, Event, Head, HeadSpan, Status
from semcam.courier.complaints import Complaints
from semcam.courier.moment import Moment
from semcam.courier.mqtt import Acknowledged, Connected, Deaf, Lost, MqttLink, Received
from semcam.courier.outbox import Outbox
from semcam.courier.store import Row

MOST_ON_THE_WAY, LEFT_FOR_REPLAYS = 32, 8
"""Whoever asks for what is missing waits for it before anything new is told."""
MOST_REPLAYS = 16
HEAD_EVERY_S = 1.0
DRAIN_WITHIN_S = 10.0


class Standing(Protocol):
    """What is retained beside events, as it is now: the camera's desk knows."""

    @property
    def status(self) -> Status:
        """The camera's word on itself."""

    @property
    def alarms(self) -> Mapping[str, tuple[AlarmState, Row | None]]:
        """For each rule, whether it burns and the event that made it so."""

    def state(self, switch: str) -> AlarmState:
        """Whether one of them burns."""


@dataclass(slots=True)
class _Sent:
    """Something on its way: which messages of it are not yet acknowledged."""

    id: str | None
    """The event's, where the outbox waits to know; None for what is said again, or retained."""
    tokens: set[int] = field(default_factory=set)


class Publisher:
    """Keeps one camera's connection and its outbox together."""

    def __init__(
        self,
        link: MqttLink,
        prefix: str,
        outbox: Outbox,
        standing: Standing,
        announcements: Mapping[str, str] | None = None,
    ) -> None:
        """`prefix` is `semcam/<site>/<camera>`; `link` must be subscribed to `<prefix>/command/+`.

        `announcements` are further retained topics and what is published there, such as Home Assistant's discovery.
        """
        self._link = link
        self._prefix = prefix
        self._outbox = outbox
        self._standing = standing
        self._announcements = dict(announcements or {})
        self._connected = False
        self._greeting_due = False
        """Whether the alarms' states are still to be published on this connection."""
        self._on_the_way: dict[str, _Sent] = {}
        self._by_token: dict[int, str] = {}
        self._wanted: deque[Replay] = deque()
        self._status: Status | None = None
        self._head: Head | None = None
        self._head_due_s = 0.0
        self._last_lost = ""
        self._refused = ""
        self._complaints = Complaints()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection at this moment."""
        return self._connected

    @property
    def is_idle(self) -> bool:
        """Whether everything that was handed over has been acknowledged."""
        return not self._by_token

    def tend(self, now: Moment, timeout_s: float = 0.0) -> tuple[list[Command], list[str], list[Received]]:
        """Read what has come in and send what is due.

        Returns the commands for this camera, what a person should know in sentences, and messages on other topics.
        """
        commands: list[Command] = []
        others: list[Received] = []
        for note in self._link.notes(timeout_s):
            match note:
                case Connected():
                    self.begin(now)
                case Lost(sentence):
                    self._end(sentence, now)
                case Acknowledged(token, refused):
                    self._take(token, refused, now)
                case Deaf(sentence):
                    self.complain(sentence, now)
                case Received(topic) if topic.startswith(f"{self._prefix}/command/"):
                    commands += self._read(note, now)
                case Received():
                    others.append(note)
        if self._connected:
            self._send(now)
        return commands, self._complaints.told(), others

    def drain(self, moment: Callable[[float], Moment], within_s: float = DRAIN_WITHIN_S) -> None:
        """Wait until the broker has everything.

        Raises:
            BrokerError: it has not taken everything in time, or refused something.
        """
        began_s = time.monotonic()
        while True:
            # hours may pass in a clip of seconds: nothing in it is late
            now = moment(0.0)
            self._head_due_s = -math.inf
            self.tend(now, 0.05)
            left = len(self._outbox.unsent(now, 1_000_000))
            if not left and self._connected and self.is_idle and not self._greeting_due:
                break
            if time.monotonic() - began_s > within_s:
                raise BrokerError(
                    f"{left} events were not taken by the MQTT broker for {self._prefix} within {within_s:.0f} s; "
                    "check it and run again"
                )
        if self._refused:
            raise BrokerError(self._refused)

    def announce(self, topic: str, payload: str) -> None:
        """Publish something retained, if there is a connection."""
        if self._connected:
            self._hand_over(f"retained {topic}", None, [(topic, payload, True)])

    def retain(self, topic: str, payload: str) -> None:
        """From now on this is retained there: published at once, and anew on each connection."""
        self._announcements[topic] = payload
        self.announce(topic, payload)

    def greet_again(self) -> None:
        """There may be other rules: say anew what burns."""
        self._greeting_due = True

    def complain(self, sentence: str, now: Moment) -> None:
        """Say it; but not more often than is good for a log."""
        self._complaints.add(sentence, now.mono_s)

    def begin(self, now: Moment) -> None:
        """There is a new connection."""
        if self._last_lost:
            self.complain(f"connected to the MQTT broker again: {self._prefix}", now)
        self._connected, self._greeting_due, self._last_lost = True, True, ""
        self._status, self._head = None, None
        self._forget_what_is_on_the_way()
        for topic, payload in self._announcements.items():
            self.announce(topic, payload)

    # -- inside

    def _end(self, sentence: str, now: Moment) -> None:
        self._connected = False
        self._forget_what_is_on_the_way()
        if sentence != self._last_lost:  # said once, however often it is tried again
            self.complain(sentence, now)
            self._last_lost = sentence

    def _forget_what_is_on_the_way(self) -> None:
        self._on_the_way.clear()
        self._by_token.clear()

    def _take(self, token: int, refused: str | None, now: Moment) -> None:
        name = self._by_token.pop(token, None)
        if name is None:
            return
        if refused:
            self._refused = self._refused or refused
            self.complain(refused, now)
        sent = self._on_the_way[name]
        sent.tokens.discard(token)
        if not sent.tokens:
            del self._on_the_way[name]
            if sent.id is not None:
                self._outbox.mark_sent(sent.id)

    def _send(self, now: Moment) -> None:
        """What is due, as long as there is room: live events first, then states; a share is for what is said again."""
        if self._standing.status != self._status:
            self._publish_status()
        # the head comes before the events of a new epoch: so whoever listens knows where the last one ended
        if self._is_head_due(now.mono_s):
            self._publish_head(now.mono_s)
        fresh = [row for row in self._outbox.unsent(now, 2 * MOST_ON_THE_WAY) if not self._is_on_the_way(row)]
        live = sum(sent.id is not None for sent in self._on_the_way.values())
        most_live = MOST_ON_THE_WAY - (LEFT_FOR_REPLAYS if self._wanted else 0)
        for row in fresh[: max(0, min(self._room, most_live - live))]:
            self._send_event(row, now)
        if self._room and self._greeting_due:
            self._greeting_due = False
            self._publish_alarms()
        while self._room and self._wanted:
            self._say_again(self._wanted.popleft())

    @property
    def _room(self) -> int:
        """For how much more there is room on the way."""
        return max(0, MOST_ON_THE_WAY - len(self._on_the_way))

    def _is_on_the_way(self, row: Row) -> bool:
        return f"event {row.id}" in self._on_the_way

    def _send_event(self, row: Row, now: Moment) -> None:
        text = row.event.to_json()
        if len(text.encode()) > MAX_EVENT_BYTES:
            self._outbox.mark_sent(row.id)  # or it would stand in the way for ever
            self.complain(f"{self._prefix}: an event is larger than {MAX_EVENT_BYTES} bytes and is not sent", now)
            return
        messages = [(self._event_topic(row.event), text, False)]
        switch = _switch(row.event)
        # a state that no longer holds is not retained again: an event that is still to come has changed it
        if row.state is not None and row.state is self._standing.state(switch):
            messages.append((f"{self._prefix}/alarm/{switch}", Alarm(row.state, row.event).to_json(), True))
        self._hand_over(f"event {row.id}", row.id, messages)

    def _say_again(self, wanted: Replay) -> None:
        """Some of what a subscriber lacks; the rest once others who ask have had their turn."""
        room = self._room
        rows = self._outbox.range(wanted.first, wanted.last, wanted.epoch, most=room)
        for row in rows:
            self._hand_over(f"again {row.id}", None, [(self._event_topic(row.event), row.event.to_json(), False)])
        if len(rows) == room:
            self._wanted.append(wanted.model_copy(update={"first": rows[-1].event.data.seq + 1}))

    def _event_topic(self, event: Event) -> str:
        return f"{self._prefix}/event/{event.kind}"

    def _hand_over(self, name: str, id: str | None, messages: list[tuple[str, str, bool]]) -> None:
        sent = self._on_the_way.setdefault(name, _Sent(id))
        for topic, payload, retain in messages:
            token = self._link.publish(topic, payload, retain=retain)
            sent.tokens.add(token)
            self._by_token[token] = name

    def _publish_status(self) -> None:
        self._status = self._standing.status
        self.announce(f"{self._prefix}/status", status_json(self._status))

    def _publish_alarms(self) -> None:
        for switch, (state, row) in self._standing.alarms.items():
            self.announce(f"{self._prefix}/alarm/{switch}", Alarm(state, row.event if row else None).to_json())

    def _is_head_due(self, now_s: float) -> bool:
        head, told = self._outbox.head, self._head
        if told is None or head.epoch != told.epoch:
            return True
        return head != (told.epoch, told.first, told.last) and now_s >= self._head_due_s

    def _publish_head(self, now_s: float) -> None:
        epoch, first, last = self._outbox.head
        before = tuple(HeadSpan(epoch=epoch, first=first, last=last) for epoch, first, last in self._outbox.before)
        self._head, self._head_due_s = Head(epoch=epoch, first=first, last=last, before=before), now_s + HEAD_EVERY_S
        self.announce(f"{self._prefix}/head", head_json(self._head))

    def _read(self, note: Received, now: Moment) -> list[Command]:
        """A command changes something only if it is whole; a retained one was meant for another day."""
        if note.retained:
            self.complain(f"{self._prefix}/command: a retained command is not obeyed; publish it without retain", now)
            return []
        try:
            command = read_command(note.topic.rpartition("/")[2], note.payload)
        except ValueError as error:
            self.complain(f"{self._prefix}/command: {error}", now)
            return []
        if not isinstance(command, Replay):
            return [command]
        if command not in self._wanted and len(self._wanted) < MOST_REPLAYS:
            self._wanted.append(command)
        return []


def _switch(event: Event) -> str:
    """Whose retained state an event sets: a fault of the camera has one of its own, all others have their rule's."""
    return event.kind if event.kind in FAULTS else event.data.rule


def status_json(status: Status) -> str:
    """The retained status."""
    return status.model_dump_json(exclude_none=True)


def head_json(head: Head) -> str:
    """The retained head."""
    return head.model_dump_json()
