"""semcam.yaml as frozen models, scenes already laid in; load.py reads the file and explains its mistakes."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from semcam.contract.base import Frozen, Id
from semcam.contract.local_time import read_zone
from semcam.contract.rules import Rule
from semcam.contract.text import Language, Text

ViewName = Literal["room", "ceiling"]
"""From where the camera looks: from a wall or corner, or straight down."""

DetectorName = Literal["nanodet", "centernet"]


def _is_zone(name: str) -> str:
    read_zone(name)
    return name


TimeZone = Annotated[str, AfterValidator(_is_zone)]
"""`Asia/Tokyo` or `+09:00`."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]


class Broker(Frozen):
    """Where events go."""

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 1883


class Subject(Frozen):
    """Somebody whom a place belongs to. Names come from places, never from faces."""

    name: Text


class Zone(Frozen):
    """A polygon in fractions of the picture: x to the right, y down."""

    shape: Annotated[tuple[Point, ...], Field(min_length=3, max_length=32)]
    name: Text | None = None
    lying_is_normal: bool = False
    belongs_to: Id | None = None


class Line(Frozen):
    """A line to be crossed, in fractions of the picture; whoever crosses it toward `inside` comes in."""

    shape: Annotated[tuple[Point, ...], Field(min_length=2, max_length=16)]
    inside: Point
    name: Text | None = None


class Camera(Frozen):
    """One camera: what it sees, where it hangs, what it shall tell."""

    source: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    place: Text | None = None
    belongs_to: Id | None = None
    view: ViewName = "room"
    fps: Annotated[float, Field(ge=1, le=30)] = 10.0
    detector: DetectorName = "nanodet"
    scene: Id | None = None
    zones: Annotated[dict[Id, Zone], Field(max_length=100)] = {}
    lines: Annotated[dict[Id, Line], Field(max_length=100)] = {}
    rules: Annotated[dict[Id, Rule], Field(min_length=1)]


class Config(Frozen):
    """The whole of semcam.yaml, scenes already laid in."""

    site: Id = "site"
    language: Language = "en"
    timezone: TimeZone | None = None
    mqtt: Broker | None = None
    subjects: dict[Id, Subject] = {}
    cameras: Annotated[dict[Id, Camera], Field(min_length=1)]

    def digest(self) -> str:
        """A short hash of everything configured, carried by each event."""
        return "sha256:" + hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


class Job(Frozen):
    """What the vision process is told on stdin: no names, no broker, nothing it need not know."""

    source: str
    view: ViewName = "room"
    fps: float = 10.0
    zones: dict[Id, Zone] = {}
    lines: dict[Id, Line] = {}
    rules: dict[Id, Rule]
    start_unix_s: float | None = None
    """When the source's time began, seconds since 1970; None where it is now, whatever the source says."""
    timezone: str = "+00:00"
    realtime: bool = False
    loop: bool = False
    hold_last_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    threads: Annotated[int, Field(ge=0, le=64)] = 0
    detector: DetectorName = "nanodet"


def job_for(camera: Camera, source: str, **how: Any) -> Job:
    """The part of a camera's configuration that the vision process needs: without names and sentences."""
    nameless = {"belongs_to": None, "name": None}
    return Job(
        source=source,
        view=camera.view,
        fps=camera.fps,
        detector=camera.detector,
        zones={name: zone.model_copy(update=nameless) for name, zone in camera.zones.items()},
        lines={name: line.model_copy(update={"name": None}) for name, line in camera.lines.items()},
        rules={id: rule.model_copy(update={"message": None}) for id, rule in camera.rules.items()},
        **how,
    )
