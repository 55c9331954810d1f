"""A person with the back to the camera collapses and stays curled up on the side: only the back is seen."""

from blender import Camera
from expect import a_fall
from falls import SIDEWAYS_LASTS_S, to_the_right
from motion import Breathing, Key, Story, Walk
from outfit import long_sleeves_and_trousers
from people import BROWN_HAIR, clad
from pose import angles
from room import living_room
from scene import Person, Scene

NAME = "curled_fall"
SECONDS = 8.0
HALT_S = 2.4  # the walk ends
SWAYS_S = 3.2
DOWN_S = SWAYS_S + SIDEWAYS_LASTS_S

_STAND = (
    angles(yaw=172, bend=6)
    | angles(hip_l=4, knee_l=8, ankle_l=4, hip_r=3, knee_r=7, ankle_r=4)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)
_IN_PAIN = angles(bend=28, nod=20) | angles(
    raise_l=22, roll_in_l=60, elbow_l=90, raise_r=20, roll_in_r=60, elbow_r=88
)
_CURLED_UP = (
    angles(roll=-90, bend=52, nod=34, side=0, tilt=-8, press=3)
    | angles(
        hip_l=120, hip_out_l=-6, knee_l=128, hip_r=124, hip_out_r=-14, knee_r=130, ankle_l=-10, ankle_r=-10
    )
    | angles(
        raise_l=46, out_l=-4, roll_in_l=40, elbow_l=104, raise_r=64, out_r=-12, roll_in_r=30, elbow_r=110
    )
)

STORY = Story(
    walk=Walk(stop_s=HALT_S, swing_deg=15),
    keys=(
        Key(0.0, _STAND),
        Key(HALT_S, _STAND),
        Key(HALT_S + 0.6, _IN_PAIN),
        *to_the_right(SWAYS_S),
        Key(DOWN_S + 1.4, _CURLED_UP),
    ),
    halt_xy_m=(1.75, 2.45),
    feet_free_s=((DOWN_S, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 1.4),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(2.2, -0.7, 1.6), towards=(2.2, 2.6, 0.75), view_deg=64, width=480, height=360),
    furnish=living_room,
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.09, 0.09, 0.10), trousers=(0.20, 0.20, 0.21), hair=BROWN_HAIR),
            story=STORY,
            stature=1.0,
            stout_m=0.01,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=SWAYS_S),
    plate_samples=32,
)
