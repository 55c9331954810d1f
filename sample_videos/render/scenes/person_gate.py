"""A person in a dark coat comes through the school gate and walks across the forecourt."""

from blender import Camera
from expect import nothing
from motion import Key, Story, Walk
from outdoors import school_gate
from outfit import long_sleeves_and_trousers
from people import BROWN_HAIR, clad
from pose import angles
from scene import Person, Scene

NAME = "person_gate"
SECONDS = 8.0

STORY = Story(
    walk=Walk(stop_s=SECONDS + 1.0),
    keys=(
        Key(0.0, angles(yaw=18, bend=3)),
        Key(3.0, angles(yaw=18)),
        Key(5.0, angles(yaw=48)),
    ),
    halt_xy_m=(3.2, 0.9),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(0.9, -3.8, 1.9), towards=(0.9, 3.0, 1.0), view_deg=54, width=480, height=360),
    furnish=school_gate,
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.05, 0.045, 0.05), trousers=(0.06, 0.07, 0.10), hair=BROWN_HAIR),
            story=STORY,
            stature=1.01,
            stout_m=0.015,
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
