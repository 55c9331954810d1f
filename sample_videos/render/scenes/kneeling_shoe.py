"""A person stops in the living room, kneels on one knee, ties a shoe and stands up again."""

from blender import Camera
from expect import nothing
from light import evening_lamp
from motion import Key, Story, Walk
from outfit import long_sleeves_and_trousers
from people import SKIN_DARK, clad
from pose import angles
from room import living_room
from scene import Person, Scene

NAME = "kneeling_shoe"
SECONDS = 9.0
HALT_S = 2.2  # the walk ends in a stride
KNEELS_S = HALT_S + 1.7
RISES_S = KNEELS_S + 2.9

_STRIDE = (
    angles(yaw=-66, bend=8, nod=16)
    | angles(hip_l=28, knee_l=14, ankle_l=-8, hip_r=-16, knee_r=9, ankle_r=10)
    | angles(raise_l=2, out_l=4, elbow_l=26, raise_r=4, out_r=4, elbow_r=26)
)
_GOING_DOWN = (
    angles(pitch=10, bend=20, nod=16)
    | angles(hip_l=74, knee_l=62, ankle_l=2, hip_r=0, knee_r=62, ankle_r=14)
    | angles(raise_l=26, elbow_l=40, raise_r=20, elbow_r=30)
)
_KNEELING = (
    angles(pitch=26, bend=46, nod=10, twist=8)
    | angles(hip_l=128, knee_l=96, ankle_l=6, hip_r=16, knee_r=82, ankle_r=-50)
    | angles(raise_l=72, out_l=2, elbow_l=24, raise_r=78, out_r=-6, roll_in_r=24, elbow_r=24)
)
_PULLING = angles(bend=43, nod=14) | angles(raise_l=58, out_l=6, elbow_l=40, raise_r=72, out_r=4, elbow_r=40)

STORY = Story(
    walk=Walk(stop_s=HALT_S, fade_s=0.6),
    keys=(
        Key(0.0, _STRIDE),
        Key(HALT_S, _STRIDE),
        Key(HALT_S + 0.3, _STRIDE),
        Key(HALT_S + 1.0, _GOING_DOWN),
        Key(KNEELS_S, _KNEELING),
        Key(KNEELS_S + 0.7, _PULLING),
        Key(KNEELS_S + 1.2, _KNEELING),
        Key(KNEELS_S + 1.8, _PULLING),
        Key(KNEELS_S + 2.3, _KNEELING),
        Key(RISES_S, _KNEELING),
        Key(RISES_S + 0.7, _GOING_DOWN | angles(twist=0)),
        Key(RISES_S + 1.4, _STRIDE | angles(pitch=0, nod=0)),
    ),
    halt_xy_m=(2.25, 2.15),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(1.2, -0.5, 1.75), towards=(2.5, 2.6, 0.85), view_deg=68, width=480, height=360),
    furnish=lambda: living_room(evening_lamp),
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.58, 0.57, 0.52), trousers=(0.06, 0.09, 0.17), skin=SKIN_DARK),
            story=STORY,
            stature=1.04,
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
