"""`semcam run`: all cameras of a configuration, from their vision processes to console and broker."""

import secrets
import threading
from collections.abc import Callable
from contextlib import ExitStack

from semcam import __version__
from semcam.contract.config import Camera, Config, Job, job_for
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.event import MadeBy
from semcam.contract.manifest import models_digest, models_dir
from semcam.courier.clock import WallClock
from semcam.courier.delivery import Numbering, Sink
from semcam.courier.desk import Desk
from semcam.courier.mqtt import MqttSink
from semcam.courier.supervisor import Supervisor

_EPOCH_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


class Service:
    """Everything that runs in the courier process."""

    def __init__(self, config: Config, console: Sink, say: Callable[[str], None]) -> None:
        """`console` shows events; `say` takes sentences about the service itself.

        Raises:
            ConfigError: a camera has no source.
            ModelError: the models folder has no usable manifest.
        """
        self._say = say
        self._links = {name: MqttSink(config.mqtt, config.site, name) for name in config.cameras if config.mqtt}
        made_by = MadeBy(semcam=__version__, models=models_digest(models_dir()), config=config.digest())
        clocks = WallClock()
        desks = {
            name: Desk(config, name, clocks, Numbering(_new_epoch()), made_by, [console, *self._links_of(name)])
            for name in config.cameras
        }
        jobs = {name: _job(name, camera) for name, camera in config.cameras.items()}
        self._supervisor = Supervisor(jobs, desks, say)

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set.

        Raises:
            SemcamError: the broker refuses or is absent at the start, or no camera can be opened.
        """
        with ExitStack() as opened:  # each is closed, whatever becomes of the others
            for link in self._links.values():
                link.open()
                opened.callback(link.close)
            self._supervisor.run(stop, self._tend)

    def _tend(self) -> None:
        for link in self._links.values():
            for news in link.tend():
                self._say(news)

    def _links_of(self, name: str) -> list[MqttSink]:
        return [self._links[name]] if name in self._links else []


def _job(name: str, camera: Camera) -> Job:
    if camera.source is None:
        raise ConfigError(f"camera {name}", (Problem(None, "source", "is missing; add it, such as /dev/video0"),))
    # a file plays the camera: at its own pace, over and over
    return job_for(camera, camera.source, realtime=True, loop=True)


def _new_epoch() -> str:
    return "".join(secrets.choice(_EPOCH_LETTERS) for _ in range(6))
