"""How a person's parts look: skin, cloth, hair, shoes."""

from collections.abc import Mapping

import bpy

from materials import Colour, Pattern, Relief, material

SKIN_LIGHT = (0.55, 0.30, 0.20)
DARK_HAIR = (0.03, 0.018, 0.01)

SKIN_TANNED = (0.42, 0.22, 0.13)
SKIN_DARK = (0.13, 0.065, 0.04)
GREY_HAIR = (0.42, 0.41, 0.39)
BROWN_HAIR = (0.10, 0.05, 0.025)
BLACK_SHOES = (0.03, 0.03, 0.032)

_CLOTH = Relief(0.6, 13)  # creases


def clad(
    shirt: Colour,
    trousers: Colour,
    skin: Colour = SKIN_LIGHT,
    hair: Colour = DARK_HAIR,
    shoes: Colour = BLACK_SHOES,
    socks: Colour = (0.10, 0.10, 0.11),
) -> dict[str, Colour]:
    """Name the colours of an outfit's parts."""
    named = {"shirt": shirt, "trousers": trousers, "socks": socks, "shoes": shoes, "hair": hair}
    return named | {"eyes": (0.05, 0.035, 0.03), "skin": skin}


def person_materials(colours: Mapping[str, Colour]) -> dict[str, bpy.types.Material]:
    """Make a material for each part of an outfit, by the part's name."""
    return {part: _part_material(part, colour) for part, colour in colours.items()}


def _part_material(part: str, colour: Colour) -> bpy.types.Material:
    if part == "skin":
        blotches = Pattern("noise", tuple(0.88 * channel for channel in colour), (18, 18, 18))
        return material(part, colour, 0.5, blotches, specular=0.4)
    if part == "hair":
        return material(part, colour, 0.6, relief=Relief(1.0, 90))
    if part in ("shoes", "eyes"):
        return material(part, colour, 0.4)
    return material(part, colour, 0.9, relief=_CLOTH)
