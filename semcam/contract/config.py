"""semcam.yaml as frozen models, scenes already laid in; load.py reads the file and explains its mistakes."""

import hashlib
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from semcam.contract.base import Frozen, Id, nearest
from semcam.contract.broker import Broker
from semcam.contract.delivery import AlarmSettings, OutboxSettings
from semcam.contract.local_time import read_zone
from semcam.contract.privacy import PrivacyMode
from semcam.contract.rules import Rule
from semcam.contract.text import Language, Text

ViewName = Literal["room", "ceiling"]
"""From where the camera looks: from a wall or corner, or straight down."""

DetectorName = Literal["nanodet", "centernet"]
PosePixels = Annotated[int, Field(ge=192, le=1024, multiple_of=32)]
"""The pose model takes multiples of 32."""


def _is_zone(name: str) -> str:
    try:
        read_zone(name)
    except ValueError:
        near = nearest(name, available_timezones())
        raise ValueError(f"{name!r} is not a time zone; {near}write it like Asia/Tokyo or +09:00") from None
    return name


TimeZone = Annotated[str, AfterValidator(_is_zone)]
"""`Asia/Tokyo` or `+09:00`."""

Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]


class Subject(Frozen):
    """Somebody whom a place belongs to. Names come from places, never from faces."""

    name: Text = Field(description="as sentences call them, one text or one for each language")


class Zone(Frozen):
    """A polygon in fractions of the picture: x to the right, y down."""

    shape: Annotated[tuple[Point, ...], Field(min_length=3, max_length=32)] = Field(
        description="its corners in their order, [x, y] each, 0 to 1 from the left and from the top of the picture"
    )
    name: Text | None = Field(default=None, description="as sentences call it")
    lying_is_normal: bool = Field(default=False, description="no falls are told from here: a bed, a sofa, a mat")
    belongs_to: Id | None = Field(default=None, description="whose place it is; goes before the camera's own")


class Line(Frozen):
    """A line to be crossed, in fractions of the picture; whoever crosses it toward `inside` comes in."""

    shape: Annotated[tuple[Point, ...], Field(min_length=2, max_length=16)] = Field(
        description="its points from one end to the other, [x, y] each, 0 to 1 from the left and from the top"
    )
    inside: Point = Field(description="a point on the side to which a crossing counts as in")
    name: Text | None = Field(default=None, description="as sentences call it")


class Camera(Frozen):
    """One camera: what it sees, where it hangs, what it shall tell."""

    source: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None, description="where its pictures come from: a device such as /dev/video0, or a video file"
    )
    place: Text | None = Field(default=None, description="where it looks, as sentences call it")
    belongs_to: Id | None = Field(default=None, description="whose place it is: one of the subjects")
    view: ViewName = Field(default="room", description="from a wall or corner (room), or straight down (ceiling)")
    fps: Annotated[float, Field(ge=1, le=30)] = Field(default=10.0, description="pictures looked at per second")
    pose_pixels: PosePixels = Field(
        default=320,
        description="longer side of what the pose model sees: more finds people further away, at a price",
    )
    motion_gate: bool = Field(
        default=True, description="rest the models while nobody is there and nothing changes"
    )
    detector: DetectorName = Field(default="nanodet", description="the model that finds animals and things")
    privacy: PrivacyMode | None = Field(default=None, description="in place of the site's")
    scene: Id | None = Field(default=None, description="a ready-made set of rules, to which rules: adds")
    zones: Annotated[dict[Id, Zone], Field(max_length=100)] = Field(default={}, description="places in its picture")
    lines: Annotated[dict[Id, Line], Field(max_length=100)] = Field(default={}, description="lines that are crossed")
    rules: Annotated[dict[Id, Rule], Field(min_length=1)] = Field(description="what it shall tell")


class Config(Frozen):
    """The whole of semcam.yaml, scenes already laid in."""

    site: Id = Field(default="site", description="the house or place; part of every MQTT topic")
    language: Language = Field(default="en", description="of the sentences")
    timezone: TimeZone | None = Field(
        default=None, description="where the hours of rules are read, Asia/Tokyo or +09:00; default: this machine's"
    )
    privacy: PrivacyMode = Field(
        default=PrivacyMode.STRICT,
        description="strict: no camera starts where the kernel cannot keep pictures in; best_effort: it says so",
    )
    mqtt: Broker | None = Field(default=None, description="where events go; without it they are only printed")
    alarms: AlarmSettings = Field(
        default=AlarmSettings(), description="what becomes of alarms that nobody acknowledges"
    )
    outbox: OutboxSettings = Field(default=OutboxSettings(), description="how much of what was told is kept")
    subjects: dict[Id, Subject] = Field(default={}, description="whom places belong to")
    cameras: Annotated[dict[Id, Camera], Field(min_length=1)] = Field(description="all cameras of the site")

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
    pose_pixels: PosePixels = 320
    motion_gate: bool = True
    detector: DetectorName = "nanodet"
    privacy: PrivacyMode = PrivacyMode.BEST_EFFORT


def job_for(camera: Camera, source: str, **how: Any) -> Job:
    """The part of a camera's configuration that the vision process needs: without names and sentences."""
    nameless = {"belongs_to": None, "name": None}
    return Job(
        source=source,
        view=camera.view,
        fps=camera.fps,
        pose_pixels=camera.pose_pixels,
        motion_gate=camera.motion_gate,
        detector=camera.detector,
        zones={name: zone.model_copy(update=nameless) for name, zone in camera.zones.items()},
        lines={name: line.model_copy(update={"name": None}) for name, line in camera.lines.items()},
        rules={id: rule.model_copy(update={"message": None}) for id, rule in camera.rules.items()},
        **how,
    )
