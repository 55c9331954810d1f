"""A person walks through the dining room and out of the door; the room stays empty."""

from blender import Camera
from expect import nothing
from light import daylight_and_ceiling_lamp
from motion import Key, Story, Walk
from outfit import long_sleeves_and_trousers
from people import BROWN_HAIR, clad
from pose import angles
from room import dining_room
from scene import Person, Scene

NAME = "walking_out"
SECONDS = 7.5

_UPRIGHT = angles(yaw=204, bend=3)
_THROUGH_THE_DOOR = angles(yaw=184)
_INTO_THE_HALL = angles(yaw=100)

STORY = Story(
    walk=Walk(stop_s=SECONDS + 1.0, strides_per_s=0.8),
    keys=(
        Key(0.0, _UPRIGHT),
        Key(1.6, _UPRIGHT),
        Key(3.0, _THROUGH_THE_DOOR),
        Key(4.6, _THROUGH_THE_DOOR),
        Key(5.7, _INTO_THE_HALL),
    ),
    halt_xy_m=(2.45, 5.15),  # behind the wall, out of sight
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(2.8, -1.3, 2.1), towards=(2.0, 2.8, 0.80), view_deg=58, width=480, height=360),
    furnish=lambda: dining_room(daylight_and_ceiling_lamp),
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.04, 0.24, 0.30), trousers=(0.11, 0.06, 0.04), hair=BROWN_HAIR),
            story=STORY,
            stature=1.03,
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
