"""semcam.yaml as frozen models, scenes already laid in; load.py reads the file and explains its mistakes."""

import hashlib
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from semcam.contract.address import is_network, read_address
from semcam.contract.base import Frozen, Id, is_base64, nearest
from semcam.contract.broker import Broker, FilePath
from semcam.contract.capture import Capture
from semcam.contract.delivery import AlarmSettings, OutboxSettings
from semcam.contract.event import RESERVED
from semcam.contract.local_time import read_zone
from semcam.contract.models import DETECTOR, POSE, POSE_PIXELS, SHIPPED, ComputeChoice, ModelFile, OwnModel, look_up
from semcam.contract.privacy import PrivacyMode
from semcam.contract.rules import Rule
from semcam.contract.text import Language, Text

ViewName = Literal["room", "ceiling"]
"""From where the camera looks: from a wall or corner, or straight down."""

PosePixels = Annotated[int, Field(ge=192, le=1024, multiple_of=32)]
"""The pose model takes multiples of 32."""

IN_CALM_S = 0.4
"""From picture to picture while nobody is there: that tells soon enough that somebody has come."""
FramesPerSecond = Annotated[float, Field(ge=1, le=30)]


def _is_key(text: str) -> str:
    if not is_base64(text, 32):
        raise ValueError("is no public key; give the one that `semcam settings key` has printed")
    return text


PublicKey = Annotated[str, AfterValidator(_is_key)]
"""Ed25519, base64 of 32 bytes."""


def _is_zone(name: str) -> str:
    try:
        read_zone(name)
    except ValueError:
        near = nearest(name, available_timezones())
        raise ValueError(f"{name!r} is not a time zone; {near}write it like Asia/Tokyo or +09:00") from None
    return name


def _is_source(source: str) -> str:
    if is_network(source):
        read_address(source)
    return source


TimeZone = Annotated[str, AfterValidator(_is_zone)]
"""`Asia/Tokyo` or `+09:00`."""


def _is_no_fault(id: str) -> str:
    # with - for _ as well: an expression's events are named after its rule, and names of events have no -
    if id.replace("-", "_") in RESERVED:
        raise ValueError("is what semcam calls a fault of the camera itself; give the rule another name")
    return id


RuleId = Annotated[Id, AfterValidator(_is_no_fault)]


def _is_own(id: str) -> str:
    if id in SHIPPED:
        raise ValueError("is a model that comes with semcam; give yours another name")
    return id


ModelId = Annotated[Id, AfterValidator(_is_own)]

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

    source: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_is_source)] | None = Field(
        default=None,
        description="where its pictures come from: a device such as /dev/video0, a network camera such as "
        "rtsp://camera.local/stream, picamera2://0, gst: and a GStreamer pipeline, a video file, or a folder of them",
    )
    source_user: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = Field(
        default=None, description="as a network camera knows semcam"
    )
    source_password_file: FilePath | None = Field(
        default=None, description="a file that holds the password, or the name of a systemd credential"
    )
    source_ca: FilePath | None = Field(
        default=None, description="for rtsps:// and https://, the CA that signed the camera's certificate"
    )
    capture: Capture | None = Field(
        default=None, description="for a camera of this machine: the size, format and rate that it is asked for"
    )
    place: Text | None = Field(default=None, description="where it looks, as sentences call it")
    belongs_to: Id | None = Field(default=None, description="whose place it is: one of the subjects")
    view: ViewName = Field(default="room", description="from a wall or corner (room), or straight down (ceiling)")
    fps: FramesPerSecond = Field(default=10.0, description="pictures looked at per second")
    pose_pixels: PosePixels = Field(
        default=POSE_PIXELS,
        description="longer side of what the pose model sees: more finds people further away, at a price",
    )
    motion_gate: bool = Field(
        default=True,
        description="rest the models while nobody is there and nothing changes",
    )
    detector: Id = Field(
        default=DETECTOR,
        description="the model that finds animals and things: nanodet, nanodet-int8, centernet, or one under models",
    )
    pose: Id = Field(
        default=POSE,
        description="the model that finds people: movenet-multipose-int8, movenet-multipose, or one under models",
    )
    privacy: PrivacyMode | None = Field(default=None, description="in place of the site's")
    scene: Id | None = Field(default=None, description="a ready-made set of rules, to which rules: adds")
    zones: Annotated[dict[Id, Zone], Field(max_length=100)] = Field(default={}, description="places in its picture")
    lines: Annotated[dict[Id, Line], Field(max_length=100)] = Field(default={}, description="lines that are crossed")
    rules: Annotated[dict[RuleId, Rule], Field(min_length=1)] = Field(description="what it shall tell")

    @property
    def fps_at_rest(self) -> float:
        """Pictures looked at per second while nobody is there and nothing changes."""
        return min(self.fps, 1 / IN_CALM_S) if self.motion_gate else self.fps

    @model_validator(mode="after")
    def _login_is_for_a_network_camera(self) -> Self:
        if self.source_password_file is not None and self.source_user is None:
            raise ValueError("has a source_password_file but no user; add source_user:")
        if (self.source_user or self.source_ca) and not (self.source and is_network(self.source)):
            raise ValueError("has a source_user or source_ca, which only network cameras have; take it out")
        return self

    @model_validator(mode="after")
    def _capture_is_for_a_camera_of_this_machine(self) -> Self:
        if self.capture is None or self.source is None or self.source.startswith("/dev/video"):
            return self
        if not self.source.startswith("picamera2://"):
            raise ValueError("has a capture:, which only /dev/video… and picamera2:// have; take it out")
        if self.capture.format is not None:
            raise ValueError("has a capture: with a format, which picamera2:// chooses itself; take the format out")
        return self


class RemoteSettings(Frozen):
    """Who may change settings of cameras over MQTT."""

    key: PublicKey = Field(description="the public key of whoever signs them; `semcam settings key` makes a pair")


class Metrics(Frozen):
    """Numbers about the service itself, for Prometheus and the like."""

    port: Annotated[int, Field(ge=1, le=65535)] = Field(description="where they are served, on 127.0.0.1 only")


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
    settings: RemoteSettings | None = Field(
        default=None, description="whose signed settings are obeyed over MQTT; without it, nobody's"
    )
    metrics: Metrics | None = Field(default=None, description="numbers about the service itself; default: none")
    alarms: AlarmSettings = Field(
        default=AlarmSettings(), description="what becomes of alarms that nobody acknowledges"
    )
    outbox: OutboxSettings = Field(default=OutboxSettings(), description="how much of what was told is kept")
    models: Annotated[dict[ModelId, OwnModel], Field(max_length=100)] = Field(
        default={}, description="models of your own, for cameras to name as their detector or pose"
    )
    compute: ComputeChoice = Field(
        default=ComputeChoice.CPU, description="what runs the models; auto: a GPU where one works, otherwise the CPU"
    )
    subjects: dict[Id, Subject] = Field(default={}, description="whom places belong to")
    cameras: Annotated[dict[Id, Camera], Field(min_length=1)] = Field(description="all cameras of the site")

    def digest(self) -> str:
        """A short hash of everything configured, carried by each event."""
        return "sha256:" + hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @cached_property
    def model_files(self) -> dict[str, ModelFile]:
        """The models of one's own, as they lay on the disk when this was first asked.

        Raises:
            ModelError: a file cannot be read.
        """
        return {name: look_up(name, model) for name, model in self.models.items()}


class Job(Frozen):
    """What the vision process is told on stdin: no names, no broker, nothing it need not know."""

    source: str
    view: ViewName = "room"
    fps: float = 10.0
    zones: dict[Id, Zone] = {}
    lines: dict[Id, Line] = {}
    rules: dict[Id, Rule]
    capture: Capture | None = None
    start_unix_s: float | None = None
    """When the source's time began, seconds since 1970; None where it is now, whatever the source says."""
    timezone: str = "+00:00"
    realtime: bool = False
    loop: bool = False
    hold_last_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    threads: Annotated[int, Field(ge=0, le=64)] = 0
    pose_pixels: PosePixels = POSE_PIXELS
    motion_gate: bool = True
    detector: Id = DETECTOR
    pose: Id = POSE
    models: dict[Id, ModelFile] = {}
    """Those of the two that do not come with semcam."""
    compute: ComputeChoice = ComputeChoice.CPU
    privacy: PrivacyMode = PrivacyMode.BEST_EFFORT

    @property
    def wants_things(self) -> bool:
        """Whether any rule asks for anything but people."""
        return any(rule.wants_things for rule in self.rules.values())


def job_for(camera: Camera, source: str, site: Config | None = None, **how: Any) -> Job:
    """The part of a camera's configuration that the vision process needs: without names and sentences.

    `site` knows the models that do not come with semcam, and what computes.

    Raises:
        ModelError: the file of a model cannot be read.
    """
    files = site.model_files if site else {}
    own = {name: files[name] for name in (camera.detector, camera.pose) if name not in SHIPPED}
    nameless = {"belongs_to": None, "name": None}
    return Job(
        source=source,
        view=camera.view,
        capture=camera.capture,
        fps=camera.fps,
        pose_pixels=camera.pose_pixels,
        motion_gate=camera.motion_gate,
        detector=camera.detector,
        pose=camera.pose,
        models=own,
        compute=site.compute if site else ComputeChoice.CPU,
        zones={name: zone.model_copy(update=nameless) for name, zone in camera.zones.items()},
        lines={name: line.model_copy(update={"name": None}) for name, line in camera.lines.items()},
        rules={id: rule.model_copy(update={"message": None}) for id, rule in camera.rules.items()},
        **how,
    )
