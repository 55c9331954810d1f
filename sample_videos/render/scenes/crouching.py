"""A person walks up to the kitchen units, crouches in front of one, looks for something and stands up."""

from blender import Camera
from expect import nothing
from motion import Key, Story, Walk
from outfit import short_sleeves_and_shorts
from people import DARK_HAIR, SKIN_DARK, clad
from pose import angles
from room import kitchen
from scene import Person, Scene

NAME = "crouching"
SECONDS = 9.0
HALT_S = 2.2  # the walk ends
DOWN_S = HALT_S + 1.5
RISES_S = DOWN_S + 3.2

_STAND = (
    angles(yaw=164, bend=3)
    | angles(hip_l=3, knee_l=6, ankle_l=3, hip_r=2, knee_r=5, ankle_r=3)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)
_HALFWAY = (
    angles(pitch=22, bend=18, nod=6)
    | angles(hip_l=78, hip_out_l=6, knee_l=82, ankle_l=26, hip_r=76, hip_out_r=6, knee_r=80, ankle_r=26)
    | angles(raise_l=30, elbow_l=40, raise_r=30, elbow_r=40)
)
_SQUAT = (
    angles(pitch=24, bend=22, nod=-4)
    | angles(hip_l=124, hip_out_l=14, knee_l=134, ankle_l=34)
    | angles(hip_r=122, hip_out_r=14, knee_r=134, ankle_r=34)
    | angles(raise_l=40, out_l=8, elbow_l=60, raise_r=56, out_r=6, elbow_r=40)
)
_RUMMAGING = angles(side=-8, twist=-10, nod=6, turn=-10) | angles(
    raise_r=72, elbow_r=20, raise_l=50, elbow_l=30
)
_OTHER_HAND = angles(side=6, twist=12, turn=12) | angles(raise_l=74, elbow_l=18, raise_r=44, elbow_r=50)

STORY = Story(
    walk=Walk(stop_s=HALT_S),
    keys=(
        Key(0.0, _STAND),
        Key(HALT_S, _STAND),
        Key(HALT_S + 0.8, _HALFWAY),
        Key(DOWN_S, _SQUAT),
        Key(DOWN_S + 1.0, _RUMMAGING),
        Key(DOWN_S + 2.2, _OTHER_HAND),
        Key(RISES_S, _SQUAT | angles(side=0, twist=0, turn=0)),
        Key(RISES_S + 0.8, _HALFWAY),
        Key(RISES_S + 1.5, _STAND | angles(pitch=0, nod=0, hip_out_l=0, hip_out_r=0)),
    ),
    halt_xy_m=(2.45, 2.85),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(3.7, -0.4, 2.25), towards=(2.55, 2.9, 0.70), view_deg=59, width=480, height=360),
    furnish=kitchen,
    people=(
        Person(
            wear=short_sleeves_and_shorts,
            colours=clad(
                shirt=(0.62, 0.62, 0.60), trousers=(0.30, 0.06, 0.05), skin=SKIN_DARK, hair=DARK_HAIR
            ),
            story=STORY,
            stature=0.97,
        ),
    ),
    expected=nothing(NAME),
    plate_samples=32,
)
