"""`semcam run`: all cameras of a configuration, from their vision processes to console and broker."""

import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
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
from semcam.courier.homeassistant import Announcement
from semcam.courier.outbox import Outbox
from semcam.courier.post import Post
from semcam.courier.supervisor import Supervisor


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
            ConfigError: a camera has no source.
            ModelError: the models folder has no usable manifest, or the file of a model cannot be read.
            SourceError: the password of a camera cannot be read.
            BrokerError: the password or a certificate cannot be read.
            OutboxInUseError: another semcam runs with the same state.
        """
        self._say = say
        zone = config.timezone or system_zone()
        jobs = {
            name: _job(config, name, zone, camera.privacy or config.privacy) for name, camera in config.cameras.items()
        }
        dials = {name: dial for name, camera in config.cameras.items() if (dial := _dial(camera, jobs[name].privacy))}
        models = models_digest(models_dir(), config.model_files)
        made_by = MadeBy(semcam=__version__, models=models, config=config.digest())
        clock = WallClock()
        self._posts: dict[str, Post] = {}
        self._closing = ExitStack()
        with ExitStack() as opened:
            for name in config.cameras:
                outbox = Outbox.open(state / config.site, name, config.outbox)
                opened.callback(self._close_outbox, outbox)
                desk = Desk(config, name, clock, outbox, made_by, [console])
                announcement = Announcement(config, name)
                connection = Connection(config.mqtt, config.site, name, announcement.topics) if config.mqtt else None
                self._posts[name] = Post(desk, outbox, clock, connection, announcement)
            self._closing = opened.pop_all()
        self._supervisor = Supervisor(jobs, {name: post.desk for name, post in self._posts.items()}, say, dials)

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set.

        Raises:
            SemcamError: no camera can be opened.
        """
        with self._closing as opened:
            for post in self._posts.values():
                post.start()
                opened.callback(self._close_post, post)
            self._supervisor.run(stop, self._tend)

    def _tend(self) -> None:
        for post in self._posts.values():
            for news in post.tend():
                self._say(news)

    def _close_post(self, post: Post) -> None:
        for news in post.close():
            self._say(news)

    def _close_outbox(self, outbox: Outbox) -> None:
        for news in outbox.close():
            self._say(news)


def _job(config: Config, name: str, zone: str, privacy: PrivacyMode) -> Job:
    camera = config.cameras[name]
    if camera.source is None:
        raise ConfigError(f"camera {name}", (Problem(None, "source", "is missing; add it, such as /dev/video0"),))
    # a file plays the camera: at its own pace, over and over
    return job_for(camera, camera.source, config, realtime=True, loop=True, timezone=zone, privacy=privacy)


def _dial(camera: Camera, privacy: PrivacyMode) -> Dial | None:
    if camera.source is None or not is_network(camera.source):
        return None
    strict = privacy is PrivacyMode.STRICT
    dial = Dial(camera.source, camera.source_user, camera.source_password_file, camera.source_ca, strict)
    dial.password()  # a name that is wrong is said at once, not when the camera is dialled
    return dial
