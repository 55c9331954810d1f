"""Nobody is in the bedroom for a whole minute, in infrared light: nothing moves but the grain."""

from blender import Camera
from expect import nothing
from film import infrared_film
from light import infrared_lamp
from room import bedroom
from scene import Scene

NAME = "quiet_night"
_LENS_M = (0.15, 0.3, 2.3)
_AIM_M = (2.2, 2.35, 0.7)

SCENE = Scene(
    name=NAME,
    seconds=60.0,
    fps=10,
    camera=Camera(at=_LENS_M, towards=_AIM_M, view_deg=76, width=480, height=360),
    furnish=lambda: bedroom(lambda: infrared_lamp(_LENS_M, _AIM_M), by_day=False),
    people=(),
    expected=nothing(NAME),
    film=infrared_film,
    plate_samples=48,
)
