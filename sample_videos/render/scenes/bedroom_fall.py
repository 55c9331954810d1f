"""A person walks into a bedroom, puts a hand to the head, sways, collapses and lies still beside the bed."""

from blender import Camera
from expect import a_fall
from motion import Breathing, Key, Story, Walk
from outfit import long_sleeves_and_trousers
from people import DARK_HAIR, SKIN_LIGHT
from pose import angles
from room import bedroom
from scene import Person, Scene

NAME = "bedroom_fall"
SECONDS = 15.0
HALT_S = 3.7  # the walk ends
BUCKLE_S = 5.2  # the knees give way
DOWN_S = BUCKLE_S + 1.0  # the back is on the floor

_STAND = (
    angles(yaw=30, bend=3)
    | angles(hip_l=3, knee_l=6, hip_r=2, knee_r=5)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)
_HAND_TO_HEAD = (
    angles(bend=16, side=5, nod=26, turn=8)
    | angles(hip_l=14, knee_l=16, hip_r=10, knee_r=12)
    | angles(raise_r=62, out_r=10, roll_in_r=25, elbow_r=128)
)
_SWAY = (
    angles(yaw=36, pitch=-5, bend=5, side=-4, nod=14)
    | angles(hip_l=8, knee_l=15, hip_r=10, knee_r=18)
    | angles(raise_r=60, elbow_r=124)
)
_KNEES_GIVE = (
    angles(yaw=40, pitch=-12, bend=12)
    | angles(hip_l=28, knee_l=48, ankle_l=12, hip_r=34, knee_r=55, ankle_r=14)
    | angles(raise_l=30, out_l=35, raise_r=45, roll_in_r=10, elbow_r=80)
)
_SITTING_DOWN = (
    angles(yaw=44, pitch=-30, bend=24, nod=20)
    | angles(hip_l=72, knee_l=100, ankle_l=20, hip_r=78, knee_r=104, ankle_r=20)
    | angles(raise_l=30, out_l=55, elbow_l=30, raise_r=25, out_r=40, elbow_r=60)
)
_TIPPING_BACK = (
    angles(pitch=-62, bend=26, nod=28)
    | angles(hip_l=64, knee_l=92, ankle_l=0, hip_r=68, knee_r=92, ankle_r=0)
    | angles(raise_l=0, out_l=62, roll_in_l=-40, raise_r=10, out_r=45)
)
_ON_THE_BACK = (
    angles(pitch=-87, bend=2, nod=8, press=2)
    | angles(hip_l=36, knee_l=58, hip_r=42, knee_r=70)
    | angles(raise_l=-12, out_l=66, roll_in_l=-80, elbow_l=30, out_r=30, roll_in_r=35, elbow_r=60)
)
_BOUNCING = angles(pitch=-86, bend=5, nod=14) | angles(hip_l=24, knee_l=40, hip_r=36, knee_r=62)
# The left arm lies on the floor, turned outwards so that the forearm does too; the right hand on the belly.
_LYING = (
    angles(yaw=48, pitch=-89, roll=1, bend=-2, nod=2, turn=-18, tilt=-6, press=4)
    | angles(hip_l=6, hip_out_l=12, knee_l=10, hip_r=24, hip_out_r=6, knee_r=46)
    | angles(raise_l=-14, out_l=60, roll_in_l=-85, elbow_l=35)
    | angles(raise_r=6, out_r=20, roll_in_r=66, elbow_r=84)
)
_STILL = angles(turn=-26, hip_r=22, knee_r=44)

STORY = Story(
    walk=Walk(stop_s=HALT_S),
    keys=(
        Key(0.0, _STAND),
        Key(HALT_S, _STAND),
        Key(HALT_S + 0.9, _HAND_TO_HEAD),
        Key(BUCKLE_S, _SWAY),
        Key(BUCKLE_S + 0.33, _KNEES_GIVE),
        Key(BUCKLE_S + 0.58, _SITTING_DOWN),
        Key(BUCKLE_S + 0.80, _TIPPING_BACK),
        Key(DOWN_S, _ON_THE_BACK),
        Key(DOWN_S + 0.15, _BOUNCING),
        Key(DOWN_S + 0.60, _LYING),
        Key(DOWN_S + 1.10, _STILL),
        Key(SECONDS, _STILL),
    ),
    halt_xy_m=(2.35, 1.85),
    feet_free_s=((BUCKLE_S + 0.65, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 1.0),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=12,
    camera=Camera(at=(0.12, 0.12, 2.35), towards=(2.35, 2.3, 0.62), view_deg=78),
    furnish=bedroom,
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours={
                "shirt": (0.06, 0.14, 0.40),
                "trousers": (0.06, 0.06, 0.075),
                "socks": (0.10, 0.10, 0.11),
                "shoes": (0.05, 0.03, 0.02),
                "hair": DARK_HAIR,
                "eyes": (0.05, 0.035, 0.03),
                "skin": SKIN_LIGHT,
            },
            story=STORY,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=BUCKLE_S),
)
