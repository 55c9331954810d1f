"""One person sits on the sofa while another walks past, falls to the side and stays on the floor."""

from blender import Camera
from expect import a_fall
from falls import SIDEWAYS_LASTS_S, mirrored, to_the_right
from light import daylight_and_ceiling_lamp
from motion import Breathing, Key, Story, Walk
from outfit import long_sleeves_and_trousers, short_sleeves_and_trousers
from people import BROWN_HAIR, GREY_HAIR, SKIN_TANNED, clad
from pose import angles
from room import living_room
from scene import Person, Scene

NAME = "two_people_fall"
SECONDS = 8.0
HALT_S = 2.4  # the walk ends
SWAYS_S = 3.0
DOWN_S = SWAYS_S + SIDEWAYS_LASTS_S
_SEAT_M = 0.565  # the root's joint over the floor, on this sofa

_STAND = (
    angles(yaw=22, bend=4)
    | angles(hip_l=3, knee_l=6, ankle_l=3, hip_r=2, knee_r=5, ankle_r=3)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)
WALKER = Story(
    walk=Walk(stop_s=HALT_S, swing_deg=17),
    keys=(Key(0.0, _STAND), Key(HALT_S, _STAND), *mirrored(to_the_right(SWAYS_S))),
    halt_xy_m=(1.6, 1.85),
    feet_free_s=((DOWN_S, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 0.5),
)

_SITTING = (
    angles(yaw=-6, pitch=-12, bend=10, nod=14, seated=1, seat=_SEAT_M)
    | angles(hip_l=76, hip_out_l=5, knee_l=82, ankle_l=4, hip_r=74, hip_out_r=5, knee_r=78, ankle_r=4)
    | angles(raise_l=24, out_l=8, roll_in_l=30, elbow_l=70, raise_r=24, out_r=8, roll_in_r=30, elbow_r=66)
)
_STARTLED = angles(pitch=-2, bend=18, nod=14, turn=-26) | angles(raise_l=30, raise_r=44, elbow_r=60)
SITTER = Story(
    keys=(
        Key(0.0, _SITTING),
        Key(SWAYS_S + 0.6, _SITTING),
        Key(SWAYS_S + 1.2, _STARTLED),
        Key(SECONDS, _STARTLED),
    ),
    halt_xy_m=(3.15, 3.62),
    feet_free_s=((0.0, SECONDS),),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(1.5, -0.7, 1.9), towards=(2.35, 2.6, 0.75), view_deg=66, width=480, height=360),
    furnish=lambda: living_room(daylight_and_ceiling_lamp),
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.36, 0.05, 0.07), trousers=(0.14, 0.13, 0.13), hair=GREY_HAIR),
            story=WALKER,
            stature=0.94,
            stout_m=0.01,
        ),
        Person(
            wear=short_sleeves_and_trousers,
            colours=clad(
                shirt=(0.62, 0.60, 0.30), trousers=(0.10, 0.18, 0.30), skin=SKIN_TANNED, hair=BROWN_HAIR
            ),
            story=SITTER,
            stature=1.02,
        ),
    ),
    expected=a_fall(NAME, WALKER, SECONDS, near_s=SWAYS_S),
    plate_samples=32,
)
