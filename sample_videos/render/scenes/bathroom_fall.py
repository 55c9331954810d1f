"""A person walks along the bathtub, slips on the wet floor, falls backwards and stays on the floor."""

from blender import Camera
from expect import a_fall
from falls import BACKWARDS_LASTS_S, onto_the_back
from motion import Breathing, Key, Story, Walk
from outfit import short_sleeves_and_shorts
from people import DARK_HAIR, SKIN_TANNED, clad
from pose import angles
from room import bathroom
from scene import Person, Scene

NAME = "bathroom_fall"
SECONDS = 7.5
SLIP_S = 2.6  # the foot shoots forwards
DOWN_S = SLIP_S + BACKWARDS_LASTS_S

_STRIDE = (
    angles(yaw=82, bend=5, nod=6)
    | angles(hip_l=18, knee_l=10, ankle_l=4, hip_r=-10, knee_r=16, ankle_r=-4)
    | angles(raise_l=-8, out_l=6, elbow_l=30, raise_r=12, out_r=6, elbow_r=34)
)
_LIMP = (
    angles(turn=-34, tilt=-6, nod=4)
    | angles(hip_l=16, hip_out_l=10, knee_l=28, hip_r=8, hip_out_r=4, knee_r=14, ankle_r=-16)
    | angles(raise_l=-10, out_l=58, roll_in_l=-70, elbow_l=40, raise_r=-8, out_r=26, roll_in_r=20, elbow_r=40)
)

STORY = Story(
    walk=Walk(stop_s=SLIP_S, fade_s=0.3, strides_per_s=0.6, swing_deg=13),
    keys=(
        Key(0.0, _STRIDE),
        Key(SLIP_S, _STRIDE),
        *onto_the_back(SLIP_S, slide_m=(0.25, -0.05)),
        Key(DOWN_S + 1.1, _LIMP),
    ),
    halt_xy_m=(1.55, 1.55),
    feet_free_s=((SLIP_S + 0.2, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 1.1),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(0.35, -0.45, 2.35), towards=(1.75, 2.0, 0.55), view_deg=72, width=480, height=360),
    furnish=bathroom,
    people=(
        Person(
            wear=short_sleeves_and_shorts,
            colours=clad(
                shirt=(0.34, 0.12, 0.38), trousers=(0.06, 0.06, 0.07), skin=SKIN_TANNED, hair=DARK_HAIR
            ),
            story=STORY,
            stature=0.98,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=SLIP_S + 0.2),
    plate_samples=32,
)
