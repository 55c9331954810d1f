"""Surfaces: a colour or a two-colour pattern, and optional relief. Colours are linear RGB in 0..1."""

from dataclasses import dataclass

import bpy

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A second colour over the first: noise, grain, planks, tiles or checks; `scale` in 1/m per axis."""

    kind: str
    colour: Colour
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Relief:
    """Bumps that only the light sees: `strength` 0..1, about `per_m` of them in a metre."""

    strength: float
    per_m: float


def material(
    name: str,
    colour: Colour,
    roughness: float = 0.7,
    pattern: Pattern | None = None,
    relief: Relief | None = None,
    specular: float = 0.3,
    glow: float = 0.0,
) -> bpy.types.Material:
    """Make a Principled surface; `glow` is the strength of the light it gives off in its own colour."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (*colour, 1)
    surface.inputs["Roughness"].default_value = roughness
    surface.inputs["Specular IOR Level"].default_value = specular
    surface.inputs["Emission Color"].default_value = (*colour, 1)
    surface.inputs["Emission Strength"].default_value = glow
    if pattern:
        tree.links.new(_pattern_colour(tree, colour, pattern), surface.inputs["Base Color"])
    if relief:
        tree.links.new(_relief_normal(tree, relief), surface.inputs["Normal"])
    return made


_BRICKS = {"planks": (1.2, 0.14, 0.5), "tiles": (0.3, 0.3, 0.0)}  # length, width, offset between rows


def _place(tree: bpy.types.NodeTree, scale: tuple[float, float, float]) -> bpy.types.NodeSocket:
    coordinates = tree.nodes.new("ShaderNodeTexCoord")
    mapping = tree.nodes.new("ShaderNodeMapping")
    mapping.inputs["Scale"].default_value = scale
    tree.links.new(coordinates.outputs["Object"], mapping.inputs["Vector"])
    return mapping.outputs["Vector"]


def _pattern_colour(tree: bpy.types.NodeTree, colour: Colour, pattern: Pattern) -> bpy.types.NodeSocket:
    if pattern.kind in _BRICKS:
        return _bricks(tree, colour, pattern)
    kinds = {"noise": "ShaderNodeTexNoise", "grain": "ShaderNodeTexWave", "checks": "ShaderNodeTexChecker"}
    texture = tree.nodes.new(kinds[pattern.kind])
    texture.inputs["Scale"].default_value = 1.0
    if pattern.kind == "grain":
        texture.inputs["Distortion"].default_value = 6
        texture.inputs["Detail"].default_value = 3
    tree.links.new(_place(tree, pattern.scale), texture.inputs["Vector"])
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    first, second = ramp.color_ramp.elements
    first.position, first.color = 0.35, (*colour, 1)
    second.position, second.color = 0.65, (*pattern.colour, 1)
    tree.links.new(texture.outputs["Fac"], ramp.inputs["Fac"])
    return ramp.outputs["Color"]


def _bricks(tree: bpy.types.NodeTree, colour: Colour, pattern: Pattern) -> bpy.types.NodeSocket:
    """Floorboards or tiles, of the size in `_BRICKS` at scale 1, with dark joints."""
    bricks = tree.nodes.new("ShaderNodeTexBrick")
    length_m, width_m, bricks.offset = _BRICKS[pattern.kind]
    settings = {"Scale": 1.0, "Mortar Size": 0.006, "Brick Width": length_m, "Row Height": width_m}
    settings |= {"Color1": (*colour, 1), "Color2": (*pattern.colour, 1)}
    settings["Mortar"] = (*(0.35 * channel for channel in colour), 1)
    for name, value in settings.items():
        bricks.inputs[name].default_value = value
    tree.links.new(_place(tree, pattern.scale), bricks.inputs["Vector"])
    return bricks.outputs["Color"]


def _relief_normal(tree: bpy.types.NodeTree, relief: Relief) -> bpy.types.NodeSocket:
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = relief.per_m
    noise.inputs["Detail"].default_value = 3
    tree.links.new(_place(tree, (1, 1, 1)), noise.inputs["Vector"])
    bump = tree.nodes.new("ShaderNodeBump")
    bump.inputs["Strength"].default_value = relief.strength
    bump.inputs["Distance"].default_value = 0.02
    tree.links.new(noise.outputs["Fac"], bump.inputs["Height"])
    return bump.outputs["Normal"]
