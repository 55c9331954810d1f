"""What a clip should make semcam say; each function returns what measures the manifest's rows on the body."""

import math
from collections.abc import Callable

import numpy as np

from animal import Animal
from blender import Camera
from body import Body
from labels import Label
from motion import Story, descent_start_s

Expected = Callable[[Body], list[Label]]

_HOLD_LAST_S = "8"  # the last frame is held, so that an alarm has the time to be confirmed
_GROUP = "sample"
_TOLERANCE_S = 0.25


def nothing(clip: str, view: str = "") -> Expected:
    """Daily life: nothing may be raised."""
    return lambda _: [Label(f"{clip}.mp4", "", "", _HOLD_LAST_S, view, _GROUP)]


def a_bear(clip: str, camera: Camera, bear: Animal) -> Expected:
    """A bear, labelled with when its nose comes into view."""
    ahead = bear.way.heading() * bear.anatomy.nose[0]
    axis = math.atan2(camera.towards[1] - camera.at[1], camera.towards[0] - camera.at[0])

    def off_axis_deg(at_s: float) -> float:
        x, y = bear.way.at_m(at_s) + ahead - np.array(camera.at[:2])
        return abs(math.degrees(math.remainder(math.atan2(y, x) - axis, 2 * math.pi)))

    def measure(_: Body) -> list[Label]:
        times = np.arange(0.0, 60.0, 0.05)
        start_s = next(float(at_s) for at_s in times if off_axis_deg(at_s) < camera.view_deg / 2)
        return [Label(f"{clip}.mp4", "bear", f"{start_s:.2f}", _HOLD_LAST_S, "", _GROUP)]

    return measure


def a_fall(clip: str, story: Story, seconds: float, near_s: float, view: str = "") -> Expected:
    """A fall, labelled with when the hips begin to sink, which must be about `near_s`."""

    def measure(body: Body) -> list[Label]:
        start_s = descent_start_s(body, story, seconds)
        if abs(start_s - near_s) > _TOLERANCE_S:
            raise ValueError(f"the hips sink at {start_s} s, but the story says {near_s} s")
        return [Label(f"{clip}.mp4", "fall", f"{start_s:.2f}", _HOLD_LAST_S, view, _GROUP)]

    return measure
