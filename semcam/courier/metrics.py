"""Numbers about the service itself, for Prometheus and the like: OpenMetrics 1.0 as text, on loopback.

Our own few lines: all numbers are there when they are wanted, and the client library brings a registry, collectors and
a hook into the garbage collector as soon as it is imported. Its parser judges the text in the tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from semcam.contract.errors import ConfigError, Problem
from semcam.courier.tally import Tally

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
LOOPBACK = "127.0.0.1"
SLOW_READER_S = 5.0

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """One camera, as its numbers are now."""

    camera: str
    tally: Tally
    waiting: int
    """Events that no broker has taken."""
    kept: int
    """Events that can still be asked for, those included."""
    is_in_memory: bool
    """Whether events go to memory only, because the disk fails."""
    is_connected: bool
    settings: int
    """The number of the settings from afar that are in force; 0: none."""


@dataclass(slots=True)
class _Family:
    """One metric and its samples."""

    name: str
    kind: str
    help: str
    samples: list[tuple[Labels, float]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        unit = next((unit for unit in ("seconds",) if self.name.endswith(f"_{unit}")), None)
        yield f"# TYPE {self.name} {self.kind}"
        if unit:
            yield f"# UNIT {self.name} {unit}"
        yield f"# HELP {self.name} {self.help}"
        suffix = {"counter": "_total", "info": "_info"}.get(self.kind, "")
        for labels, value in self.samples:
            # ids and closed vocabularies: nothing in them needs an escape
            told = ",".join(f'{key}="{text}"' for key, text in labels.items())
            yield f"{self.name}{suffix}{{{told}}} {value:.15g}"


def openmetrics(site: str, version: str, readings: Sequence[Reading], now_s: float, unix_s: float) -> str:
    """All of it as text.

    Args:
        site: of all cameras.
        version: of semcam.
        readings: one for each camera.
        now_s: the time by the clock of the tallies.
        unix_s: seconds since 1970: a reader sees by it whether the service still does its rounds.
    """
    families = [
        _Family("semcam", "info", "The version of semcam.", [({"site": site, "version": version}, 1)]),
        _Family("semcam_round_timestamp_seconds", "gauge", "When these numbers were put together.", [({}, unix_s)]),
        *_of_cameras(site, readings, now_s),
    ]
    return "".join(f"{line}\n" for family in families for line in family.lines()) + "# EOF\n"


def _of_cameras(site: str, readings: Sequence[Reading], now_s: float) -> Iterator[_Family]:
    def family(name: str, kind: str, help: str, values: Mapping[str, float | bool | None]) -> _Family:
        samples = [({"site": site, "camera": camera}, value) for camera, value in values.items() if value is not None]
        return _Family(name, kind, help, [(labels, float(value)) for labels, value in samples])

    tallies = {reading.camera: reading.tally for reading in readings}
    yield family("semcam_frames", "counter", "Pictures that were looked at.", {c: t.frames for c, t in tallies.items()})
    ages = {c: None if t.last_frame_s is None else now_s - t.last_frame_s for c, t in tallies.items()}
    yield family("semcam_last_frame_age_seconds", "gauge", "Since a picture was looked at last.", ages)
    judged = {c: None if t.age_ms is None else t.age_ms / 1000 for c, t in tallies.items()}
    yield family("semcam_judged_after_seconds", "gauge", "How old pictures are once they are judged.", judged)
    losses = {c: t.losses for c, t in tallies.items()}
    yield family("semcam_vision_losses", "counter", "Vision processes that died, hung or had to be ended.", losses)
    yield _Family(
        "semcam_view_seconds",
        "counter",
        "Time for which the view was so; none: nobody looked.",
        [
            ({"site": site, "camera": camera, "view": view or "none"}, seconds)
            for camera, tally in tallies.items()
            for view, seconds in tally.view_s.items()
        ],
    )
    yield _Family(
        "semcam_events",
        "counter",
        "Events that were told.",
        [
            ({"site": site, "camera": camera, "kind": kind, "stage": stage}, count)
            for camera, tally in tallies.items()
            for (kind, stage), count in sorted(tally.events.items())
        ],
    )
    by_camera = {reading.camera: reading for reading in readings}
    waiting = {c: r.waiting for c, r in by_camera.items()}
    yield family("semcam_outbox_waiting", "gauge", "Events that no broker has taken yet.", waiting)
    yield family("semcam_outbox_events", "gauge", "Events that are kept.", {c: r.kept for c, r in by_camera.items()})
    in_memory = {c: r.is_in_memory for c, r in by_camera.items()}
    yield family("semcam_outbox_in_memory", "gauge", "1 where the disk fails and a power cut loses events.", in_memory)
    connected = {c: r.is_connected for c, r in by_camera.items()}
    yield family("semcam_broker_connected", "gauge", "Whether there is a connection to the broker.", connected)
    numbers = {c: r.settings for c, r in by_camera.items()}
    yield family("semcam_settings_number", "gauge", "Of the settings from afar in force; 0: none.", numbers)


class Endpoint:
    """Serves the last text at http://127.0.0.1:<port>/metrics, to one reader after the other, in its own thread."""

    def __init__(self, port: int) -> None:
        """Listen.

        Raises:
            ConfigError: somebody else does, on that port.
        """
        endpoint = self
        self.text = "# EOF\n"
        """What is served; exchanged as a whole."""

        class Handler(BaseHTTPRequestHandler):
            timeout = SLOW_READER_S
            server_version, sys_version = "semcam", ""

            def do_GET(self) -> None:
                # a name that leads to loopback is how a page in somebody's browser would come here
                if self.headers.get("Host", LOOPBACK).partition(":")[0] not in (LOOPBACK, "localhost"):
                    self.send_error(403)
                elif self.path != "/metrics":
                    self.send_error(404)
                else:
                    content = endpoint.text.encode()
                    self.send_response(200)
                    self.send_header("Content-Type", CONTENT_TYPE)
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Nothing: who reads is no news."""

        try:
            self._server = HTTPServer((LOOPBACK, port), Handler)
        except OSError as error:
            problem = Problem(None, "metrics.port", f"{port} cannot be listened on ({error.strerror}); give another")
            raise ConfigError("semcam.yaml", (problem,)) from None
        self._thread = Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    def __enter__(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
