"""Seen straight from above: a person walks into the bedroom, sways and falls onto the side."""

from blender import Camera
from expect import a_fall
from falls import SIDEWAYS_LASTS_S, to_the_right
from motion import Breathing, Key, Story, Walk
from outfit import short_sleeves_and_trousers
from people import GREY_HAIR, clad
from pose import angles
from room import closed_bedroom
from scene import Person, Scene

NAME = "ceiling_fall"
SECONDS = 8.5
HALT_S = 3.0  # the walk ends
SWAYS_S = 3.8
DOWN_S = SWAYS_S + SIDEWAYS_LASTS_S

_STAND = (
    angles(yaw=22, bend=3)
    | angles(hip_l=3, knee_l=6, ankle_l=3, hip_r=2, knee_r=5, ankle_r=3)
    | angles(raise_l=2, out_l=4, elbow_l=26, out_r=4, elbow_r=26)
)

STORY = Story(
    walk=Walk(stop_s=HALT_S),
    keys=(Key(0.0, _STAND), Key(HALT_S, _STAND), *to_the_right(SWAYS_S)),
    halt_xy_m=(2.05, 1.75),
    feet_free_s=((DOWN_S, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 0.5),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=(2.1, 2.0, 2.52), towards=(2.1, 2.0, 0.0), view_deg=96, width=480, height=360),
    furnish=closed_bedroom,
    people=(
        Person(
            wear=short_sleeves_and_trousers,
            colours=clad(shirt=(0.30, 0.42, 0.52), trousers=(0.04, 0.05, 0.09), hair=GREY_HAIR),
            story=STORY,
            stature=0.97,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=SWAYS_S, view="ceiling"),
    plate_samples=32,
)
