"""Lights of rooms. One lamp casts shadows, a fill casts none.

A second light with shadows would throw them out of the box that is rendered anew for every frame.
"""

from dataclasses import dataclass

from blender import Vec3, add_area_light, set_ambient_light


@dataclass(frozen=True, slots=True)
class Furnished:
    """What the renderer must know of a finished room: the light whose shadows the crop must take in."""

    shadow_light_m: Vec3


def daylight_and_ceiling_lamp() -> Furnished:
    """Add a ceiling lamp that casts the shadows and a soft bluish fill from the window that casts none."""
    lamp = (2.2, 1.8, 2.55)
    set_ambient_light((0.80, 0.85, 1.0), 0.42)
    add_area_light(lamp, (2.2, 1.9, 0), 1.2, 48, (1.0, 0.93, 0.82))
    add_area_light((4.4, 1.3, 1.6), (1, 2, 0.5), 1.2, 32, (0.85, 0.92, 1.0), shadow=False)
    return Furnished(shadow_light_m=lamp)


def window_light() -> Furnished:
    """Add daylight from a window in the side wall: bright and cool, the ceiling lamp is off.

    The shadows come from above and the window's side, as from a bright sky seen through a tall pane.
    """
    sky = (3.6, 1.3, 2.55)
    set_ambient_light((0.82, 0.90, 1.0), 0.55)
    add_area_light(sky, (1.9, 2.2, 0), 1.6, 75, (0.92, 0.96, 1.0))
    return Furnished(shadow_light_m=sky)


def evening_lamp() -> Furnished:
    """Add one warm lamp over a room that is otherwise dim."""
    lamp = (2.6, 2.2, 2.5)
    set_ambient_light((0.55, 0.60, 0.80), 0.22)
    add_area_light(lamp, (2.5, 2.2, 0), 0.8, 52, (1.0, 0.83, 0.62))
    return Furnished(shadow_light_m=lamp)


def infrared_lamp(at: Vec3, towards: Vec3) -> Furnished:
    """Add the lamp beside a night camera's lens: the only light, falling off into the room."""
    set_ambient_light((1.0, 1.0, 1.0), 0.03)
    add_area_light(at, towards, 0.12, 125, (1.0, 1.0, 1.0))
    return Furnished(shadow_light_m=at)


def corridor_lamp() -> Furnished:
    """Add a long neutral ceiling lamp in the middle of a corridor along y."""
    lamp = (1.3, 3.2, 2.55)
    set_ambient_light((0.90, 0.95, 1.0), 0.42)
    add_area_light(lamp, (1.3, 3.2, 0), 1.4, 58, (1.0, 0.97, 0.90))
    return Furnished(shadow_light_m=lamp)


def bathroom_lamp() -> Furnished:
    """Add a cool ceiling lamp to a small room."""
    lamp = (1.5, 1.4, 2.55)
    set_ambient_light((0.85, 0.93, 1.0), 0.38)
    add_area_light(lamp, (1.5, 1.4, 0), 0.5, 38, (0.93, 0.97, 1.0))
    return Furnished(shadow_light_m=lamp)
