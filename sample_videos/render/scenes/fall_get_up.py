"""A person slips in the kitchen, falls backwards, lies for a few seconds, gets up and stands."""

from blender import Camera
from expect import a_fall
from falls import BACKWARDS_LASTS_S, SUPINE, onto_the_back
from motion import Key, Story, Walk
from outfit import short_sleeves_and_trousers
from people import BLACK_SHOES, DARK_HAIR, clad
from pose import angles
from room import kitchen
from scene import Person, Scene

NAME = "fall_get_up"
SECONDS = 12.0
SLIP_S = 2.2  # the foot shoots forwards
DOWN_S = SLIP_S + BACKWARDS_LASTS_S
RISES_S = DOWN_S + 4.0

_STRIDE = (
    angles(yaw=72, bend=3)
    | angles(hip_l=22, knee_l=10, ankle_l=4, hip_r=-14, knee_r=18, ankle_r=-4)
    | angles(raise_l=-12, out_l=4, elbow_l=26, raise_r=16, out_r=4, elbow_r=30)
)
_HEAD_MOVES = angles(turn=24, nod=14)
# Up over the left side: rolled onto it, then on hands and knees, on one knee, on both feet.
_ON_THE_SIDE = (
    angles(pitch=-70, roll=40, bend=30, nod=16, turn=0, press=2)
    | angles(hip_l=66, knee_l=84, hip_r=64, knee_r=80)
    | angles(raise_l=20, out_l=24, roll_in_l=0, elbow_l=50, raise_r=50, out_r=0, roll_in_r=20, elbow_r=40)
)
_SITTING = (
    angles(pitch=-14, roll=10, bend=34, nod=10, press=1)
    | angles(hip_l=96, knee_l=100, hip_r=104, knee_r=104, ankle_r=6)
    | angles(raise_l=-26, out_l=30, elbow_l=20, raise_r=50, roll_in_r=10, elbow_r=40)
)
_ON_ONE_KNEE = (
    angles(pitch=16, roll=0, bend=26, nod=4, press=0)
    | angles(hip_l=12, knee_l=86, ankle_l=-40, hip_r=110, knee_r=90, ankle_r=4)
    | angles(raise_l=30, out_l=10, elbow_l=20, raise_r=52, elbow_r=40)
)
_RISING = (
    angles(pitch=22, bend=22, nod=0)
    | angles(hip_l=26, knee_l=62, ankle_l=14, hip_r=74, knee_r=58, ankle_r=8)
    | angles(raise_l=14, out_l=10, elbow_l=24, raise_r=30, elbow_r=30)
)
_STANDING = (
    angles(pitch=0, bend=6, nod=10)
    | angles(hip_l=0, knee_l=6, ankle_l=4, hip_r=8, knee_r=8, ankle_r=2)
    | angles(raise_l=4, out_l=6, elbow_l=24, raise_r=20, roll_in_r=24, elbow_r=70)
)

STORY = Story(
    walk=Walk(stop_s=SLIP_S, fade_s=0.3),
    keys=(
        Key(0.0, _STRIDE),
        Key(SLIP_S, _STRIDE),
        *onto_the_back(SLIP_S, slide_m=(0.28, -0.09)),
        Key(DOWN_S + 1.6, SUPINE),
        Key(DOWN_S + 2.4, _HEAD_MOVES),
        Key(RISES_S, SUPINE | angles(turn=10)),
        Key(RISES_S + 0.9, _ON_THE_SIDE),
        Key(RISES_S + 1.7, _SITTING),
        Key(RISES_S + 2.6, _ON_ONE_KNEE),
        Key(RISES_S + 3.4, _RISING),
        Key(RISES_S + 4.2, _STANDING),
    ),
    halt_xy_m=(2.45, 2.25),
    feet_free_s=((SLIP_S + 0.2, RISES_S + 2.5),),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(0.5, -0.5, 2.4), towards=(2.45, 2.3, 0.70), view_deg=66, width=480, height=360),
    furnish=kitchen,
    people=(
        Person(
            wear=short_sleeves_and_trousers,
            colours=clad(
                shirt=(0.05, 0.22, 0.08), trousers=(0.26, 0.20, 0.13), hair=DARK_HAIR, shoes=BLACK_SHOES
            ),
            story=STORY,
            stature=1.02,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=SLIP_S),
    plate_samples=32,
)
