"""semcam.yaml as frozen models, scenes already laid in; load.py reads the file and explains its mistakes."""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from semcam.contract.base import Frozen, Id
from semcam.contract.rules import Rule

Language = Literal["ja", "en"]


def _speakable(text: str) -> str:
    """What goes into a sentence stays on one line, and seven times into an event of 2 kB."""
    if not text.isprintable():
        raise ValueError("holds a line break or another control character; write it on one line")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise ValueError(f"is longer than {MAX_TEXT_BYTES} bytes of UTF-8; shorten it")
    return text


MAX_TEXT_BYTES = 128
Words = Annotated[str, Field(min_length=1), AfterValidator(_speakable)]
Text = Annotated[
    Annotated[Words, Tag("text")] | Annotated[dict[Language, Words], Field(min_length=1), Tag("languages")],
    # told apart by what was written, so that a mistake is complained of once
    Discriminator(lambda value: "languages" if isinstance(value, dict) else "text"),
]
"""A plain string for all languages, or one for each."""

ViewName = Literal["room", "ceiling"]
"""From where the camera looks: from a wall or corner, or straight down."""

DetectorName = Literal["nanodet", "centernet"]

Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]


def in_language(text: Text, language: Language) -> str:
    """The text in `language`, or in whichever language there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()))


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
    lying_is_normal: bool = False
    belongs_to: Id | None = None


class Camera(Frozen):
    """One camera: what it sees, where it hangs, what it shall tell."""

    source: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    place: Text | None = None
    belongs_to: Id | None = None
    view: ViewName = "room"
    fps: Annotated[float, Field(ge=1, le=30)] = 10.0
    detector: DetectorName = "nanodet"
    scene: Id | None = None
    zones: dict[Id, Zone] = {}
    rules: Annotated[dict[Id, Rule], Field(min_length=1)]


class Config(Frozen):
    """The whole of semcam.yaml, scenes already laid in."""

    site: Id = "site"
    language: Language = "en"
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
    rules: dict[Id, Rule]
    realtime: bool = False
    loop: bool = False
    hold_last_s: Annotated[float, Field(ge=0, le=3600)] = 0.0
    threads: Annotated[int, Field(ge=0, le=64)] = 0
    detector: DetectorName = "nanodet"


def job_for(camera: Camera, source: str, **how: Any) -> Job:
    """The part of a camera's configuration that the vision process needs."""
    shared = {key: getattr(camera, key) for key in ("view", "fps", "detector", "rules")}
    zones = {name: zone.model_copy(update={"belongs_to": None}) for name, zone in camera.zones.items()}
    return Job(source=source, zones=zones, **shared, **how)
