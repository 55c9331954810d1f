"""A person sits on an exercise mat, reaches for the toes, lies back slowly and draws up one knee."""

from blender import Camera
from expect import nothing
from motion import Key, Story
from outfit import short_sleeves_and_shorts
from people import BROWN_HAIR, clad
from pose import angles
from room import exercise_room
from scene import Person, Scene

NAME = "stretching_mat"
SECONDS = 10.0

_SITTING = (
    angles(yaw=84, pitch=-6, bend=8, press=1)
    | angles(hip_l=84, knee_l=2, ankle_l=10, hip_r=84, knee_r=2, ankle_r=10)
    | angles(raise_l=40, out_l=4, elbow_l=16, raise_r=40, out_r=4, elbow_r=16)
)
_TOES = (
    angles(pitch=18, bend=48, nod=10)
    | angles(hip_l=108, knee_l=4, hip_r=108, knee_r=4)
    | angles(raise_l=122, elbow_l=6, raise_r=122, elbow_r=6)
)
_ROLLING_BACK = (
    angles(pitch=-44, bend=34, nod=26)
    | angles(hip_l=62, knee_l=40, hip_r=62, knee_r=40, ankle_l=0, ankle_r=0)
    | angles(raise_l=44, elbow_l=10, raise_r=44, elbow_r=10)
)
_LYING = (
    angles(pitch=-88, bend=2, nod=8, press=3)
    | angles(hip_l=12, knee_l=22, ankle_l=-10, hip_r=12, knee_r=22, ankle_r=-10)
    | angles(raise_l=2, out_l=24, elbow_l=16, raise_r=2, out_r=24, elbow_r=16)
)
_KNEE_TO_CHEST = (
    angles(bend=4)
    | angles(hip_r=108, knee_r=122)
    | angles(raise_l=30, out_l=2, roll_in_l=30, elbow_l=26, raise_r=34, out_r=0, roll_in_r=24, elbow_r=30)
)

STORY = Story(
    keys=(
        Key(0.0, _SITTING),
        Key(0.6, _SITTING),
        Key(2.0, _TOES),
        Key(3.2, _TOES | angles(bend=52)),
        Key(4.4, _SITTING),
        Key(5.8, _ROLLING_BACK),
        Key(7.2, _LYING),
        Key(7.6, _LYING),
        Key(9.0, _KNEE_TO_CHEST),
    ),
    halt_xy_m=(2.3, 2.3),
    feet_free_s=((0.0, SECONDS),),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(1.7, -0.6, 1.5), towards=(2.45, 2.5, 0.60), view_deg=62, width=480, height=360),
    furnish=exercise_room,
    people=(
        Person(
            wear=short_sleeves_and_shorts,
            colours=clad(shirt=(0.55, 0.10, 0.25), trousers=(0.04, 0.04, 0.05), hair=BROWN_HAIR),
            story=STORY,
            stature=0.95,
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
