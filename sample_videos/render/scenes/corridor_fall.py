"""A person walks along a corridor, trips, falls forwards at full length and stays there."""

from blender import Camera
from expect import a_fall
from motion import Breathing, Key, Story, Walk
from outfit import long_sleeves_and_trousers
from people import GREY_HAIR, clad
from pose import angles
from room import corridor
from scene import Person, Scene

NAME = "corridor_fall"
SECONDS = 8.2
TRIP_S = 3.6  # the foot catches
TOPPLES_S = TRIP_S + 0.35  # the hips keep their height until then
DOWN_S = TRIP_S + 0.85  # the chest is on the floor

_STRIDE = (
    angles(yaw=183, bend=6)
    | angles(hip_l=24, knee_l=12, ankle_l=0, hip_r=-14, knee_r=34, ankle_r=-8)
    | angles(raise_l=-16, out_l=4, elbow_l=26, raise_r=20, out_r=4, elbow_r=34)
)
_CAUGHT = (
    angles(pitch=14, bend=10, nod=6)
    | angles(hip_l=20, knee_l=26, hip_r=-2, knee_r=40, ankle_r=-20)
    | angles(raise_l=30, out_l=14, elbow_l=40, raise_r=48, out_r=14, elbow_r=44)
)
_TOPPLING = (
    angles(pitch=42, bend=4, nod=-10)
    | angles(hip_l=26, knee_l=48, ankle_l=4, hip_r=10, knee_r=44, ankle_r=-24)
    | angles(raise_l=78, out_l=18, elbow_l=40, raise_r=84, out_r=18, elbow_r=40)
)
_KNEES_HIT = (
    angles(pitch=66, bend=0, nod=-26)
    | angles(hip_l=22, knee_l=48, ankle_l=-24, hip_r=10, knee_r=42, ankle_r=-30)
    | angles(raise_l=96, out_l=26, elbow_l=56, raise_r=100, out_r=26, elbow_r=60)
)
_CHEST_HITS = (
    angles(pitch=86, bend=-2, nod=-12, turn=20, press=1)
    | angles(hip_l=4, knee_l=14, ankle_l=-38, hip_r=2, knee_r=20, ankle_r=-40)
    | angles(raise_l=40, out_l=74, roll_in_l=-60, elbow_l=86)
    | angles(raise_r=40, out_r=70, roll_in_r=-60, elbow_r=90)
)
_FLAT = (
    angles(pitch=89, bend=0, nod=0, turn=48, tilt=6, press=3)
    | angles(hip_l=2, hip_out_l=8, knee_l=6, ankle_l=-46, hip_r=10, hip_out_r=14, knee_r=24, ankle_r=-44)
    | angles(raise_l=4, out_l=84, roll_in_l=-80, elbow_l=84)
    | angles(raise_r=4, out_r=36, roll_in_r=-60, elbow_r=34)
)

STORY = Story(
    walk=Walk(stop_s=TRIP_S, fade_s=0.3),
    keys=(
        Key(0.0, _STRIDE),
        Key(TRIP_S, _STRIDE),
        Key(TRIP_S + 0.22, _CAUGHT),
        Key(TRIP_S + 0.45, _TOPPLING),
        Key(TRIP_S + 0.63, _KNEES_HIT),
        Key(DOWN_S, _CHEST_HITS),
        Key(DOWN_S + 0.5, _FLAT),
    ),
    halt_xy_m=(1.5, 2.1),
    feet_free_s=((DOWN_S, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 0.6),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(0.15, -0.2, 2.3), towards=(1.75, 2.6, 0.55), view_deg=76, width=480, height=360),
    furnish=corridor,
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            colours=clad(shirt=(0.30, 0.06, 0.16), trousers=(0.16, 0.14, 0.12), hair=GREY_HAIR),
            story=STORY,
            stature=0.93,
            stout_m=0.015,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=TOPPLES_S),
    plate_samples=32,
)
