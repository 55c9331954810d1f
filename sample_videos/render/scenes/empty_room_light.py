"""Nobody is in the living room; the lamp goes out and on again."""

from blender import Camera
from expect import nothing
from film import lamp_switched
from light import evening_lamp
from room import living_room
from scene import Scene

NAME = "empty_room_light"
SECONDS = 8.0
FPS = 10

SCENE = Scene(
    name=NAME,
    seconds=SECONDS,
    fps=FPS,
    camera=Camera(at=(0.5, -0.1, 2.2), towards=(2.7, 2.7, 0.75), view_deg=74, width=480, height=360),
    furnish=lambda: living_room(evening_lamp),
    people=(),
    expected=nothing(NAME),
    film=lamp_switched(off_s=2.5, on_s=5.5, fps=FPS),
    plate_samples=48,
)
