"""What a scene is made of; each file in `scenes/` fills in one `SCENE`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from animal import Animal
from blender import Camera
from body import Body
from expect import Expected
from film import Film, colour_film
from light import Furnished
from materials import Colour
from motion import Story
from pose import Part
from prop import Ball


@dataclass(frozen=True, slots=True)
class Person:
    """Who is in the scene: what they wear, in which colours (by the outfit's part), and what they do.

    `stature` scales the body, whose own height is about 1.72 m; `stout_m` is how far
    the trunk is rounded out. A `ball` is picked up.
    """

    wear: Callable[[Body], dict[str, Part]]
    colours: Mapping[str, Colour]
    story: Story
    stature: float = 1.0
    stout_m: float = 0.0
    ball: Ball | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """A clip of `seconds` at `fps`.

    `furnish` builds the room, `expected` makes the manifest's rows, measured on the body, `film` is what the
    camera makes of each picture. Samples are light paths a pixel; the plate can afford more, for it is
    rendered once.
    """

    name: str
    seconds: float
    fps: int
    camera: Camera
    furnish: Callable[[], Furnished]
    people: tuple[Person, ...]
    expected: Expected
    animals: tuple[Animal, ...] = ()
    film: Film = colour_film
    samples: int = 8
    plate_samples: int = 48
