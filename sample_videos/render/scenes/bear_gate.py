"""A black bear walks across the forecourt to the school gate, stops, looks round and walks on."""

from animal import Animal, Way
from blender import Camera
from expect import a_bear
from fur import bear_coat
from outdoors import school_gate
from scene import Scene
from species import BEAR

NAME = "bear_gate"
SECONDS = 9.5

WAY = Way(
    start=(-3.9, 3.6),
    end=(4.5, 1.6),
    metres_per_s=0.88,
    strides_per_s=0.80,
    carriage={"neck": 12, "head": 4},
    halt_s=(4.3, 7.3),
    look_deg=-56,
)

CAMERA = Camera(at=(0.5, -3.4, 1.4), towards=(0.5, 3.0, 0.80), view_deg=44, width=480, height=360)

BEAR_WALKING = Animal(
    anatomy=BEAR,
    skin=(0.012, 0.010, 0.008),
    way=WAY,
    coat=bear_coat(dark=(0.006, 0.005, 0.004), light=(0.035, 0.028, 0.022)),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=CAMERA,
    furnish=school_gate,
    people=(),
    animals=(BEAR_WALKING,),
    expected=a_bear(NAME, CAMERA, BEAR_WALKING),
    plate_samples=32,
    samples=12,
)
