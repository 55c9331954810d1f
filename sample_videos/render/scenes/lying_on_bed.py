"""By lamplight a person sits down on the edge of the bed, then lies down on it slowly and rests."""

from blender import Camera
from expect import nothing
from light import evening_lamp
from motion import Breathing, Key, Story
from outfit import long_sleeves_and_trousers
from people import BROWN_HAIR, clad
from pose import angles
from room import bedroom
from scene import Person, Scene

NAME = "lying_on_bed"
SECONDS = 9.4
SITS_S = 3.2
LIES_S = 7.2
_SEAT_M = 0.67  # the root's joint over the floor, on this bed

_STAND = (
    angles(yaw=-90, bend=3)
    | angles(hip_l=3, knee_l=6, ankle_l=3, hip_r=2, knee_r=5, ankle_r=3)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26, seat=_SEAT_M)
)
_STOOP = (
    angles(pitch=24, bend=20, nod=10)
    | angles(hip_l=62, knee_l=58, ankle_l=18, hip_r=60, knee_r=56, ankle_r=18)
    | angles(raise_l=16, out_l=10, elbow_l=30, raise_r=-10, out_r=16, elbow_r=20)
)
_SEATED = (
    angles(pitch=2, bend=14, nod=10, seated=1)
    | angles(hip_l=72, knee_l=72, ankle_l=4, hip_r=70, knee_r=70, ankle_r=4)
    | angles(raise_l=-6, out_l=16, elbow_l=24, raise_r=-10, out_r=18, elbow_r=20)
)
_LEANING = (
    angles(yaw=-66, pitch=-20, roll=-24, bend=16, nod=10)
    | angles(hip_l=82, knee_l=70, hip_r=78, knee_r=68, go_x=0.10)
    | angles(raise_l=24, out_l=12, elbow_l=50, raise_r=-20, out_r=44, elbow_r=40)
)
_SWINGING_LEGS = (
    angles(yaw=-24, pitch=-56, roll=-12, bend=18, nod=14)
    | angles(hip_l=72, knee_l=66, ankle_l=-10, hip_r=66, knee_r=62, ankle_r=-10, go_x=0.30)
    | angles(raise_l=24, out_l=14, elbow_l=60, raise_r=-16, out_r=40, elbow_r=60)
)
_ON_THE_BACK = (
    angles(yaw=2, pitch=-83, roll=0, bend=10, nod=14)
    | angles(hip_l=30, knee_l=44, ankle_l=-16, hip_r=24, knee_r=36, ankle_r=-16, go_x=0.40)
    | angles(raise_l=14, out_l=16, roll_in_l=50, elbow_l=76, raise_r=4, out_r=22, elbow_r=40)
)
_RESTING = (
    angles(pitch=-87, bend=8, nod=12, turn=6)
    | angles(hip_l=4, knee_l=6, ankle_l=-22, hip_r=2, hip_out_r=6, knee_r=4, ankle_r=-24)
    | angles(raise_l=10, out_l=20, roll_in_l=64, elbow_l=84, raise_r=10, out_r=20, roll_in_r=60, elbow_r=70)
)

STORY = Story(
    keys=(
        Key(0.0, _STAND),
        Key(1.3, _STAND),
        Key(SITS_S - 0.8, _STOOP),
        Key(SITS_S, _SEATED),
        Key(SITS_S + 0.8, _SEATED),
        Key(SITS_S + 1.8, _LEANING),
        Key(SITS_S + 2.9, _SWINGING_LEGS),
        Key(LIES_S, _ON_THE_BACK),
        Key(LIES_S + 1.1, _RESTING),
    ),
    halt_xy_m=(2.62, 3.0),
    feet_free_s=((SITS_S + 0.8, SECONDS),),
    breathing=Breathing(from_s=LIES_S + 1.1),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(0.9, 0.2, 2.1), towards=(3.05, 2.9, 0.68), view_deg=64, width=480, height=360),
    furnish=lambda: bedroom(evening_lamp),
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.04, 0.20, 0.17), trousers=(0.05, 0.05, 0.10), hair=BROWN_HAIR),
            story=STORY,
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
