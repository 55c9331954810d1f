"""`semcam run`: all cameras of a configuration, from their vision processes to console and broker."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from semcam import __version__
from semcam.contract.address import is_network
from semcam.contract.config import Camera, Config, Job, job_for
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.event import MadeBy
from semcam.contract.manifest import models_digest, models_dir
from semcam.contract.privacy import PrivacyMode
from semcam.courier.clock import WallClock, system_zone
from semcam.courier.connection import Connection
from semcam.courier.delivery import Sink
from semcam.courier.desk import Desk
from semcam.courier.feed import Dial
from semcam.courier.heat import Thermometer
from semcam.courier.homeassistant import Announcement
from semcam.courier.metrics import Endpoint, openmetrics
from semcam.courier.outbox import Outbox
from semcam.courier.post import Post
from semcam.courier.settings import CameraSettings
from semcam.courier.supervisor import Supervisor
from semcam.courier.systemd import Systemd

READ_EVERY_S = 5.0
"""How old metrics may be: nobody reads them more often."""


def default_state() -> Path:
    """Where events are kept: what systemd gives a service, or the state folder of this user."""
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    chosen = os.environ.get("XDG_STATE_HOME", "")
    home = Path(chosen) if Path(chosen).is_absolute() else Path.home() / ".local" / "state"
    return Path(given) if given else home / "semcam"


class Service:
    """Everything that runs in the courier process."""

    def __init__(self, config: Config, console: Sink, say: Callable[[str], None], state: Path) -> None:
        """`console` shows events; `say` takes sentences about the service itself; `state` is where events are kept.

        Raises:
            ConfigError: a camera has no source, or the port for metrics is taken.
            ModelError: the models folder has no usable manifest, or the file of a model cannot be read.
            SourceError: the password of a camera cannot be read.
            BrokerError: the password or a certificate cannot be read.
            OutboxInUseError: another semcam runs with the same state.
        """
        self._say = say
        self._systemd = Systemd.of(os.environ)
        self._thermometer = Thermometer()
        zone = config.timezone or system_zone()
        models = models_digest(models_dir(), config.model_files)
        self._site = config.site
        self._clock = clock = WallClock()
        self._read_due_s = 0.0
        jobs: dict[str, Job] = {}
        self._posts: dict[str, Post] = {}
        self._closing = ExitStack()
        with ExitStack() as opened:
            for name in config.cameras:
                outbox = Outbox.open(state / config.site, name, config.outbox)
                opened.callback(self._close_outbox, outbox)
                settings = CameraSettings(config, name, settings_file(state, config.site, name))
                own = settings.config
                jobs[name] = _job(own, name, zone)
                made_by = MadeBy(semcam=__version__, models=models, config=own.digest())
                desk = Desk(own, name, clock, outbox, made_by, [console])
                announcement = Announcement(own, name)
                connection = None
                if config.mqtt:
                    topics = (*announcement.topics, settings.topic)
                    connection = Connection(config.mqtt, config.site, name, topics, made_by)
                look_anew = partial(self._look_anew, name, zone)
                self._posts[name] = Post(desk, outbox, clock, connection, announcement, settings, look_anew)
            dials = {name: dial_of(camera, jobs[name].privacy) for name, camera in config.cameras.items()}
            self._endpoint = opened.enter_context(Endpoint(config.metrics.port)) if config.metrics else None
            self._closing = opened.pop_all()
        desks = {name: post.desk for name, post in self._posts.items()}
        self._supervisor = Supervisor(jobs, desks, say, {name: dial for name, dial in dials.items() if dial})

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set.

        Raises:
            SemcamError: no camera can be opened.
        """
        with self._closing as opened:
            for post in self._posts.values():
                post.start()
                opened.callback(self._close_post, post)
            opened.callback(self._systemd.stopping)  # the first of all: goodbyes take a while
            self._supervisor.run(stop, self._tend)

    def _look_anew(self, name: str, zone: str, config: Config) -> None:
        self._supervisor.replace(name, _job(config, name, zone))

    def _tend(self) -> None:
        for post in self._posts.values():
            for news in post.tend():
                self._say(news)
        now = self._clock.moment()
        if self._endpoint and now.mono_s >= self._read_due_s:
            self._read_due_s = now.mono_s + READ_EVERY_S
            readings = [post.reading(name) for name, post in self._posts.items()]
            self._endpoint.text = openmetrics(self._site, __version__, readings, now.mono_s, now.unix_s)
        self._report(now.mono_s)

    def _report(self, now_s: float) -> None:
        """To systemd, and of the board."""
        if sentence := self._thermometer.look(now_s):
            self._say(sentence)
        self._supervisor.warn_of_heat(is_hot=self._thermometer.hot_c is not None)
        troubles, number = self._supervisor.troubles, len(self._posts)
        if not self._supervisor.has_begun:
            return  # systemd waits for the word, and hears no other
        self._systemd.ready()
        parts = [f"{number - len(troubles)} of {number} cameras work"]
        parts += [f"the board is {self._thermometer.hot_c:.0f} °C hot"] if self._thermometer.hot_c else []
        self._systemd.status("; ".join([*parts, *(f"{camera}: {why}" for camera, why in troubles.items())]))
        if self._supervisor.is_honest(now_s):
            self._systemd.alive(now_s)

    def _close_post(self, post: Post) -> None:
        for news in post.close():
            self._say(news)

    def _close_outbox(self, outbox: Outbox) -> None:
        for news in outbox.close():
            self._say(news)


def settings_file(state: Path, site: str, camera: str) -> Path:
    """Where it is written what has become of settings that came over MQTT."""
    return state / site / f"{camera}.settings.json"


def _job(config: Config, name: str, zone: str) -> Job:
    return job_of(config, name, zone, config.cameras[name].privacy or config.privacy)


def job_of(config: Config, name: str, zone: str, privacy: PrivacyMode) -> Job:
    """What the vision process of a camera is told.

    Raises:
        ConfigError: the camera has no source.
        ModelError: the file of a model cannot be read.
    """
    camera = config.cameras[name]
    if camera.source is None:
        raise ConfigError(f"camera {name}", (Problem(None, "source", "is missing; add it, such as /dev/video0"),))
    how = {"timezone": zone, "privacy": privacy, "threads": _threads(len(config.cameras))}
    # a file plays the camera: at its own pace, over and over
    return job_for(camera, camera.source, config, realtime=True, loop=True, **how)


def _threads(cameras: int) -> int:
    """Of each vision process: the cores are shared out, for threads that wait for each other's cores take longer."""
    return max(1, len(os.sched_getaffinity(0)) // cameras)


def dial_of(camera: Camera, privacy: PrivacyMode) -> Dial | None:
    """Whom the relay of a camera dials; None where it is no network camera.

    Raises:
        SourceError: its password cannot be read.
    """
    if camera.source is None or not is_network(camera.source):
        return None
    strict = privacy is PrivacyMode.STRICT
    dial = Dial(camera.source, camera.source_user, camera.source_password_file, camera.source_ca, strict)
    dial.password()  # a name that is wrong is said at once, not when the camera is dialled
    return dial
