"""A person in shorts walks into the living room, sits down on the floor on purpose and stays there."""

from blender import Camera
from expect import nothing
from motion import Breathing, Key, Story, Walk
from outfit import short_sleeves_and_shorts
from people import BROWN_HAIR, clad
from pose import angles
from room import living_room
from scene import Person, Scene

NAME = "sitting_on_floor"
SECONDS = 8.6
HALT_S = 2.2  # the walk ends
DOWN_S = HALT_S + 3.2  # sits

_STAND = (
    angles(yaw=40, bend=3)
    | angles(hip_l=3, knee_l=6, ankle_l=3, hip_r=2, knee_r=5, ankle_r=3)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)
_STOOP = (
    angles(bend=24, pitch=14, nod=18)
    | angles(hip_l=52, knee_l=66, ankle_l=24, hip_r=48, knee_r=64, ankle_r=24)
    | angles(raise_l=24, elbow_l=30, raise_r=24, elbow_r=30)
)
_SQUAT = (
    angles(bend=30, pitch=24, nod=4)
    | angles(hip_l=124, knee_l=132, ankle_l=30, hip_out_l=10, hip_r=120, knee_r=130, ankle_r=30, hip_out_r=10)
    | angles(raise_l=20, out_l=14, elbow_l=30, raise_r=-16, out_r=24, elbow_r=14)
)
# The right hand reaches back to the floor while the hips go down behind the heels.
_HAND_DOWN = (
    angles(bend=26, pitch=-4, nod=10)
    | angles(hip_l=124, knee_l=126, ankle_l=10, hip_r=120, knee_r=124, ankle_r=10)
    | angles(raise_l=36, elbow_l=30, raise_r=-40, out_r=26, elbow_r=8)
)
_SEATED = (
    angles(bend=20, pitch=-18, nod=8, press=1)
    | angles(hip_l=118, knee_l=96, ankle_l=-6, hip_r=114, knee_r=92, ankle_r=-6)
    | angles(raise_l=44, out_l=6, elbow_l=40, raise_r=-36, out_r=22, elbow_r=10)
)
_AT_EASE = (
    angles(bend=26, pitch=-14, nod=4, turn=10)
    | angles(hip_l=120, knee_l=92, ankle_l=-6, hip_r=106, knee_r=66, ankle_r=0)
    | angles(raise_l=66, out_l=2, elbow_l=26, raise_r=62, out_r=6, elbow_r=24)
)
_LOOKING_ROUND = angles(turn=-24, nod=8, twist=-6)

STORY = Story(
    walk=Walk(stop_s=HALT_S),
    keys=(
        Key(0.0, _STAND),
        Key(HALT_S, _STAND),
        Key(HALT_S + 0.8, _STOOP),
        Key(HALT_S + 1.7, _SQUAT),
        Key(HALT_S + 2.4, _HAND_DOWN),
        Key(DOWN_S, _SEATED),
        Key(DOWN_S + 1.0, _AT_EASE),
        Key(DOWN_S + 1.8, _AT_EASE),
        Key(DOWN_S + 2.8, _LOOKING_ROUND),
    ),
    halt_xy_m=(2.5, 2.2),
    feet_free_s=((DOWN_S - 0.2, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 1.0),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(0.35, 0.1, 1.9), towards=(2.6, 2.6, 0.70), view_deg=70, width=480, height=360),
    furnish=living_room,
    people=(
        Person(
            wear=short_sleeves_and_shorts,
            colours=clad(shirt=(0.45, 0.06, 0.05), trousers=(0.10, 0.12, 0.07), hair=BROWN_HAIR),
            story=STORY,
            stature=0.95,
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
