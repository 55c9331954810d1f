"""What a scene is made of; each file in `scenes/` fills in one `SCENE`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from blender import Camera
from body import Body
from labels import Label
from materials import Colour
from motion import Story
from pose import Part
from room import Furnished


@dataclass(frozen=True, slots=True)
class Person:
    """Who is in the scene: what they wear, in which colours (by the outfit's part), and what they do."""

    wear: Callable[[Body], dict[str, Part]]
    colours: Mapping[str, Colour]
    story: Story


@dataclass(frozen=True, slots=True)
class Scene:
    """A clip of `seconds` at `fps`.

    `furnish` builds the room, `label` makes the manifest's rows, measured on the body. Samples are light
    paths a pixel; the plate can afford more, for it is rendered once.
    """

    name: str
    seconds: float
    fps: int
    camera: Camera
    furnish: Callable[[], Furnished]
    person: Person
    label: Callable[[Body], list[Label]]
    samples: int = 8
    plate_samples: int = 48
