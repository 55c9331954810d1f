"""By night, in infrared light: a person leaves the bed, stops, sinks on the knees and falls forwards."""

from blender import Camera
from expect import a_fall
from falls import FORWARDS_LASTS_S, onto_the_face
from film import infrared_film
from light import infrared_lamp
from motion import Breathing, Key, Story, Walk
from outfit import long_sleeves_and_trousers
from people import GREY_HAIR, clad
from pose import angles
from room import bedroom
from scene import Person, Scene

NAME = "night_fall"
SECONDS = 8.0
HALT_S = 2.4  # the walk ends
BUCKLE_S = 3.3  # the knees give way
DOWN_S = BUCKLE_S + FORWARDS_LASTS_S
_LENS_M = (0.15, 0.3, 2.3)
_AIM_M = (2.2, 2.35, 0.7)

_STAND = (
    angles(yaw=-104, bend=8, nod=6)
    | angles(hip_l=6, knee_l=12, ankle_l=6, hip_r=5, knee_r=11, ankle_r=6)
    | angles(raise_l=6, out_l=6, elbow_l=30, raise_r=6, out_r=6, elbow_r=30)
)
_UNSTEADY = (
    angles(bend=18, nod=22, side=-5, pitch=2)
    | angles(hip_l=12, knee_l=16, ankle_l=6, hip_r=14, knee_r=20, ankle_r=8)
    | angles(raise_l=30, out_l=20, elbow_l=40, raise_r=24, out_r=26, elbow_r=36)
)

STORY = Story(
    walk=Walk(stop_s=HALT_S, swing_deg=15, strides_per_s=0.7),
    keys=(
        Key(0.0, _STAND),
        Key(HALT_S, _STAND),
        Key(HALT_S + 0.5, _UNSTEADY),
        Key(BUCKLE_S, _UNSTEADY | angles(side=4, bend=20)),
        *onto_the_face(BUCKLE_S),
    ),
    halt_xy_m=(2.75, 1.75),
    feet_free_s=((DOWN_S, SECONDS),),
    breathing=Breathing(from_s=DOWN_S + 0.6),
)

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=10,
    camera=Camera(at=_LENS_M, towards=_AIM_M, view_deg=76, width=480, height=360),
    furnish=lambda: bedroom(lambda: infrared_lamp(_LENS_M, _AIM_M), by_day=False),
    people=(
        Person(
            wear=long_sleeves_and_trousers,
            # cloth that is dark to the eye is often light in the infrared
            colours=clad(shirt=(0.42, 0.42, 0.42), trousers=(0.28, 0.28, 0.28), hair=GREY_HAIR),
            story=STORY,
            stature=0.95,
        ),
    ),
    expected=a_fall(NAME, STORY, SECONDS, near_s=BUCKLE_S),
    film=infrared_film,
    plate_samples=32,
)
