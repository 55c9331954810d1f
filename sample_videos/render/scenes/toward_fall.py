"""A person walks down a corridor towards the camera, holds the chest, sinks on the knees, falls forwards."""

from blender import Camera
from expect import a_fall
from falls import FORWARDS_LASTS_S, onto_the_face
from motion import Breathing, Key, Story, Walk
from outfit import short_sleeves_and_trousers
from people import BROWN_HAIR, SKIN_TANNED, clad
from pose import angles
from room import corridor
from scene import Person, Scene

NAME = "toward_fall"
SECONDS = 8.4
HALT_S = 2.8  # the walk ends
BUCKLE_S = 3.7  # the knees give way
DOWN_S = BUCKLE_S + FORWARDS_LASTS_S

_STAND = (
    angles(yaw=4, bend=4)
    | angles(hip_l=4, knee_l=8, ankle_l=4, hip_r=3, knee_r=7, ankle_r=4)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)
_HAND_ON_CHEST = (
    angles(bend=16, nod=20, pitch=3)
    | angles(hip_l=14, knee_l=16, ankle_l=6, hip_r=12, knee_r=16, ankle_r=6)
    | angles(raise_l=30, out_l=12, roll_in_l=55, elbow_l=112, raise_r=8, elbow_r=36)
)

STORY = Story(
    walk=Walk(stop_s=HALT_S, swing_deg=18),
    keys=(
        Key(0.0, _STAND),
        Key(HALT_S, _STAND),
        Key(HALT_S + 0.6, _HAND_ON_CHEST),
        Key(BUCKLE_S, _HAND_ON_CHEST | angles(bend=20)),
        *onto_the_face(BUCKLE_S),
    ),
    halt_xy_m=(1.45, 3.9),
    feet_free_s=((DOWN_S, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 0.6),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(1.05, -0.3, 1.8), towards=(1.4, 3.4, 0.80), view_deg=58, width=480, height=360),
    furnish=corridor,
    people=(
        Person(
            wear=short_sleeves_and_trousers,
            colours=clad(
                shirt=(0.60, 0.26, 0.05), trousers=(0.05, 0.05, 0.06), skin=SKIN_TANNED, hair=BROWN_HAIR
            ),
            story=STORY,
            stout_m=0.03,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=BUCKLE_S),
    plate_samples=32,
)
