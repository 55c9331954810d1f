"""A person walks through the kitchen, bends for a ball on the floor, picks it up and stands again."""

from blender import Camera
from expect import nothing
from motion import Key, Story, Walk
from outfit import short_sleeves_and_trousers
from people import GREY_HAIR, SKIN_TANNED, clad
from pose import angles
from prop import Ball
from room import kitchen
from scene import Person, Scene

NAME = "picking_up"
SECONDS = 7.8
HALT_S = 2.4  # the walk ends
TAKEN_S = HALT_S + 2.2  # the hand has the ball

_STAND = (
    angles(yaw=62, bend=3)
    | angles(hip_l=3, knee_l=6, ankle_l=3, hip_r=2, knee_r=5, ankle_r=3)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)
_LOOK_DOWN = angles(bend=12, nod=30, turn=-8)
_REACH = (
    angles(pitch=58, bend=50, nod=-10, twist=14, side=-6)
    | angles(hip_l=118, knee_l=92, ankle_l=32, hip_r=108, knee_r=84, ankle_r=30)
    | angles(raise_l=60, out_l=10, elbow_l=50, raise_r=96, out_r=2, elbow_r=6)
)
_UP_AGAIN = (
    angles(pitch=0, bend=8, nod=24, twist=0, side=0, turn=-4)
    | angles(hip_l=5, knee_l=8, ankle_l=3, hip_r=4, knee_r=8, ankle_r=3)
    | angles(raise_l=6, out_l=4, elbow_l=30, raise_r=26, roll_in_r=20, elbow_r=82)
)
_LOOKING_UP = angles(nod=2, turn=-30)

STORY = Story(
    walk=Walk(stop_s=HALT_S, swing_deg=18),
    keys=(
        Key(0.0, _STAND),
        Key(HALT_S, _STAND),
        Key(HALT_S + 0.5, _LOOK_DOWN),
        Key(TAKEN_S - 0.15, _REACH),
        Key(TAKEN_S + 0.15, _REACH),
        Key(TAKEN_S + 1.5, _UP_AGAIN),
        Key(TAKEN_S + 2.3, _UP_AGAIN),
        Key(TAKEN_S + 3.0, _LOOKING_UP),
    ),
    halt_xy_m=(2.5, 2.3),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(1.9, -0.9, 1.35), towards=(2.5, 2.6, 0.95), view_deg=66, width=480, height=360),
    furnish=kitchen,
    people=(
        Person(
            wear=short_sleeves_and_trousers,
            colours=clad(
                shirt=(0.50, 0.30, 0.04), trousers=(0.05, 0.06, 0.11), skin=SKIN_TANNED, hair=GREY_HAIR
            ),
            story=STORY,
            stout_m=0.025,
            ball=Ball(0.06, (0.45, 0.03, 0.03), TAKEN_S),
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
