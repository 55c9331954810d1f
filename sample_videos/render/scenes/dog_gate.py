"""A brown dog trots across the forecourt of the school gate, stops, looks round and goes on."""

from animal import Animal, Way
from blender import Camera
from expect import nothing
from outdoors import school_gate
from scene import Scene
from species import DOG

NAME = "dog_gate"
SECONDS = 6.5

WAY = Way(
    start=(2.3, 1.4),
    end=(-3.0, 2.1),
    metres_per_s=0.85,
    strides_per_s=1.2,
    carriage={"neck": 6, "head": 2},
    halt_s=(2.6, 4.4),
    look_deg=40,
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(-0.3, -2.4, 1.5), towards=(0.2, 3.0, 0.55), view_deg=46, width=480, height=360),
    furnish=school_gate,
    people=(),
    animals=(Animal(anatomy=DOG, skin=(0.22, 0.11, 0.045), way=WAY),),
    expected=nothing(NAME),
    plate_samples=32,
)
