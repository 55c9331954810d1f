"""One camera's desk, outbox and connection, kept going together."""

import time
from collections.abc import Callable

from semcam.contract.config import Config
from semcam.courier.clock import Clocks
from semcam.courier.connection import Connection
from semcam.courier.desk import Desk
from semcam.courier.homeassistant import Announcement
from semcam.courier.metrics import Reading
from semcam.courier.moment import Moment
from semcam.courier.outbox import Outbox
from semcam.courier.settings import CameraSettings

FAREWELL_WITHIN_S = 3.0
TEND_EVERY_S = 1.0


class Post:
    """What the service tends of one camera."""

    def __init__(
        self,
        desk: Desk,
        outbox: Outbox,
        clocks: Clocks,
        connection: Connection | None = None,
        announcement: Announcement | None = None,
        settings: CameraSettings | None = None,
        look_anew: Callable[[Config], None] = lambda _: None,
    ) -> None:
        """Without a `connection`, what the desk's own sinks have taken counts as delivered.

        `look_anew` starts the camera's vision process again, with the configuration that `settings` lead to.
        """
        self.desk = desk
        self._outbox = outbox
        self._clocks = clocks
        self._connection = connection
        self._announcement = announcement
        self._settings = settings
        self._settings_told = ""
        self._look_anew = look_anew
        announcements = {announcement.topic: announcement.payload} if announcement else {}
        self._publisher = connection.attach(outbox, desk, clocks.moment(0.0), announcements) if connection else None
        self._tend_due_s = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to a broker at this moment."""
        return self._publisher is not None and self._publisher.is_connected

    def reading(self, name: str) -> Reading:
        """The numbers of this camera as they are now, under its name."""
        state = self._settings.state if self._settings else None
        return Reading(
            camera=name,
            tally=self.desk.tally,
            waiting=self._outbox.waiting,
            kept=self._outbox.events,
            is_in_memory=self._outbox.is_in_memory,
            is_connected=self.is_connected,
            settings=state.number if state else 0,
        )

    def start(self) -> None:
        """Begin to connect."""
        if self._connection:
            self._connection.start()

    def tend(self) -> list[str]:
        """Do what is due. Returns what a person should know, in sentences; call it several times a second."""
        now = self._clocks.moment(0.0)
        news: list[str] = []
        if now.mono_s >= self._tend_due_s:
            self._tend_due_s = now.mono_s + TEND_EVERY_S
            self.desk.tend()
            news += self._outbox.tend(now)
        news += self.desk.news()
        news += self._tend_settings(now)
        if self._publisher is None:
            for row in self._outbox.unsent(now):
                self._outbox.mark_sent(row.id)
            return news
        return news + self._publish()

    def close(self) -> list[str]:
        """Deliver what is left, as far as that goes at once, and say goodbye. Returns what a person should know."""
        news: list[str] = []
        if self._connection and self._publisher:
            until_s = time.monotonic() + FAREWELL_WITHIN_S
            while self._publisher.is_connected and time.monotonic() < until_s:
                news += self._publish(0.05)
                if self._publisher.is_idle and not self._outbox.unsent(self._clocks.moment(0.0), 1):
                    break
            self._connection.close()
        return news

    def _publish(self, timeout_s: float = 0.0) -> list[str]:
        """Send, and obey what has come in."""
        assert self._publisher is not None
        now = self._clocks.moment(0.0)
        commands, news, others = self._publisher.tend(now, timeout_s)
        for command in commands:
            if objection := self.desk.obey(command):
                self._publisher.complain(objection, now)
        for message in others:
            if self._settings and message.topic == self._settings.topic:
                if objection := self._settings.receive(message.payload):
                    self._publisher.complain(objection, now)
            elif self._announcement:
                for payload in self._announcement.answer(message.topic, message.payload, message.retained):
                    self._publisher.announce(self._announcement.topic, payload)
        return news

    def _tend_settings(self, now: Moment) -> list[str]:
        if self._settings is None:
            return []
        news = self._settings.tend(self.desk.is_watching, self.desk.tally.losses, now.mono_s)
        if config := self._settings.change():
            self.desk.adopt(config)
            self._look_anew(config)
            if self._publisher and self._announcement:
                before, self._announcement = self._announcement, self._announcement.followed_by(config)
                for payload in self._announcement.answer(before.topic, before.payload.encode(), True):
                    self._publisher.announce(before.topic, payload)
                self._publisher.retain(self._announcement.topic, self._announcement.payload)
                self._publisher.greet_again()
        state = self._settings.state
        text = state.to_json() if state else ""
        if self._publisher and text != self._settings_told:
            self._settings_told = text
            self._publisher.retain(f"{self._settings.topic}/state", text)
        return news
