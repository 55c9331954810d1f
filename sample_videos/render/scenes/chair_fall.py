"""An old person on a chair slumps, slides off the seat to the side and stays on the floor."""

from blender import Camera
from expect import a_fall
from motion import Breathing, Key, Story
from outfit import long_sleeves_and_trousers
from people import GREY_HAIR, clad
from pose import angles
from room import dining_room
from scene import Person, Scene

NAME = "chair_fall"
SECONDS = 8.0
SLIPS_S = 3.2  # the hips leave the seat
DOWN_S = SLIPS_S + 0.8
_SEAT_M = 0.535  # the root's joint over the floor, on this chair

_SITTING = (
    angles(yaw=20, pitch=-6, bend=14, nod=6, seated=1, seat=_SEAT_M)
    | angles(hip_l=82, hip_out_l=6, knee_l=84, ankle_l=4, hip_r=80, hip_out_r=6, knee_r=80, ankle_r=4)
    | angles(raise_l=26, out_l=6, roll_in_l=10, elbow_l=56, raise_r=26, out_r=6, roll_in_r=10, elbow_r=56)
)
_NODDING = angles(bend=22, nod=32, tilt=10, side=6)
_SLUMPING = angles(pitch=2, roll=12, bend=26, side=26, nod=34, tilt=16) | angles(
    raise_l=10, out_l=14, elbow_l=24, raise_r=30, elbow_r=40
)
_SLIPPING = (
    angles(roll=34, side=30, seat=0.46, go_x=0.22, go_y=0.06)
    | angles(hip_l=84, knee_l=92, hip_r=84, knee_r=88, ankle_l=0, ankle_r=0)
    | angles(raise_l=50, out_l=10, elbow_l=30, raise_r=40, out_r=20)
)
_TIPPING = angles(roll=66, side=20, bend=18, tilt=0, nod=20, seat=0.29, go_x=0.42, go_y=0.12) | angles(
    hip_l=84, knee_l=106, raise_l=72, out_l=4, elbow_l=40, raise_r=50, out_r=20
)
_HITTING = (
    angles(roll=86, side=2, bend=14, nod=14, tilt=2, seated=0, go_x=0.54, go_y=0.16, press=3)
    | angles(hip_l=66, hip_out_l=-16, knee_l=74, hip_r=60, knee_r=70)
    | angles(raise_l=84, out_l=-16, elbow_l=40, raise_r=56, out_r=6, elbow_r=40)
)
_LYING = (
    angles(roll=92, side=-2, bend=20, nod=12, tilt=12, press=3)
    | angles(hip_l=60, hip_out_l=-14, knee_l=78, hip_r=46, hip_out_r=-8, knee_r=56, ankle_l=-20, ankle_r=-20)
    | angles(raise_l=88, out_l=-14, elbow_l=56, raise_r=60, out_r=-4, elbow_r=34)
)

STORY = Story(
    keys=(
        Key(0.0, _SITTING),
        Key(0.8, _SITTING),
        Key(1.8, _NODDING),
        Key(SLIPS_S, _SLUMPING),
        Key(SLIPS_S + 0.3, _SLIPPING),
        Key(SLIPS_S + 0.55, _TIPPING),
        Key(DOWN_S, _HITTING),
        Key(DOWN_S + 0.4, _LYING),
    ),
    halt_xy_m=(2.28, 2.04),
    feet_free_s=((0.0, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 0.5),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(1.0, -0.4, 1.7), towards=(2.75, 2.4, 0.62), view_deg=66, width=480, height=360),
    furnish=dining_room,
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.10, 0.20, 0.42), trousers=(0.20, 0.17, 0.13), hair=GREY_HAIR),
            story=STORY,
            stature=0.96,
            stout_m=0.02,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=SLIPS_S),
    plate_samples=32,
)
