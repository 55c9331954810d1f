"""The few things needed of Blender: an empty scene, meshes, lights, the camera and the Cycles settings.

World axes: x and y along the floor, z up; metres, watts, linear RGB in 0..1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Quaternion, Vector

from mesh import Array

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Camera:
    """Position and aim in metres, horizontal field of view in degrees, picture size in pixels."""

    at: Vec3
    towards: Vec3
    view_deg: float
    width: int = 640
    height: int = 480


def empty_scene() -> None:
    """Forget everything, and render PNG files with plain sRGB colours."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.compression = 15
    scene.view_settings.view_transform = "Standard"
    scene.render.use_persistent_data = True


def use_cycles(samples: int, bounces: int = 2) -> None:
    """Trace paths on the CPU with a fixed seed and the denoiser; a frame is the same in every run."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.threads_mode = "FIXED"
    scene.render.threads = 2
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.seed = 0
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"
    cycles.denoising_quality = "FAST"
    cycles.max_bounces = cycles.diffuse_bounces = bounces
    cycles.glossy_bounces = 1
    cycles.transmission_bounces = 2
    cycles.transparent_max_bounces = 8
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 3
    scene.cycles_curves.shape = "RIBBONS"
    scene.cycles_curves.subdivisions = 1


def add_mesh(
    name: str, vertices: Array, faces: Sequence, material: bpy.types.Material, smooth: bool = True
) -> bpy.types.Object:
    """Add a mesh object of vertices (V, 3) and faces (index tuples)."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(np.asarray(vertices, float).tolist(), [], [tuple(map(int, face)) for face in faces])
    data.polygons.foreach_set("use_smooth", np.full(len(data.polygons), smooth))
    data.materials.append(material)
    data.update()
    return _add(name, data)


def move_vertices(thing: bpy.types.Object, vertices: Array) -> None:
    """Give a mesh object new vertices (V, 3)."""
    thing.data.vertices.foreach_set("co", np.ascontiguousarray(vertices, np.float32).ravel())
    thing.data.update()


def add_camera(camera: Camera) -> bpy.types.Object:
    """Look through `camera` from now on."""
    data = bpy.data.cameras.new("camera")
    data.angle = math.radians(camera.view_deg)
    data.clip_start = 0.05
    thing = _add("camera", data)
    _aim(thing, camera.at, camera.towards)
    scene = bpy.context.scene
    scene.camera = thing
    scene.render.resolution_x, scene.render.resolution_y = camera.width, camera.height
    scene.render.resolution_percentage = 100
    return thing


def add_area_light(
    at: Vec3, towards: Vec3, size_m: float, watts: float, colour: Vec3 = (1, 1, 1), shadow: bool = True
) -> None:
    """Add a square light."""
    data = bpy.data.lights.new("area", "AREA")
    data.energy, data.size, data.color, data.use_shadow = watts, size_m, colour, shadow
    _aim(_add("area", data), at, towards)


def add_strands(
    name: str, points: Array, radii_m: Sequence[float], material: bpy.types.Material, shades: Array
) -> bpy.types.Object:
    """Add hair or needles: curves of points (N, P, 3), P radii from root to tip, shades (N,) in 0..1."""
    count, length, _ = points.shape
    data = bpy.data.hair_curves.new(name)
    data.add_curves([length] * count)
    data.points.foreach_set("position", np.ascontiguousarray(points, np.float32).ravel())
    radii = np.broadcast_to(np.asarray(radii_m, np.float32), (count, length))
    data.points.foreach_set("radius", np.ascontiguousarray(radii).ravel())
    data.attributes.new("shade", "FLOAT", "CURVE").data.foreach_set("value", shades.astype(np.float32))
    data.materials.append(material)
    return _add(name, data)


def move_strands(thing: bpy.types.Object, points: Array) -> None:
    """Give strands new points (N, P, 3)."""
    thing.data.points.foreach_set("position", np.ascontiguousarray(points, np.float32).ravel())
    thing.data.update_tag()


def strand_material(name: str, dark: Vec3, light: Vec3) -> bpy.types.Material:
    """Make a dull surface whose colour runs from dark to light with the strand's shade."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    tree = made.node_tree
    surface = tree.nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = 0.75
    surface.inputs["Specular IOR Level"].default_value = 0.15
    shade = tree.nodes.new("ShaderNodeAttribute")
    shade.attribute_name = "shade"
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = (*dark, 1), (*light, 1)
    tree.links.new(shade.outputs["Fac"], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], surface.inputs["Base Color"])
    return made


def add_sun(towards: Vec3, strength: float, spread_deg: float) -> None:
    """Add sunlight that shines along `towards`; `spread_deg` softens its shadows."""
    data = bpy.data.lights.new("sun", "SUN")
    data.energy, data.angle, data.color = strength, math.radians(spread_deg), (1, 0.97, 0.9)
    _aim(_add("sun", data), (0, 0, 0), towards)


def set_sky(strength: float, sun_elevation_deg: float, sun_rotation_deg: float) -> None:
    """Put a clear sky over the scene, without the sun's own disc."""
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    tree = world.node_tree
    sky = tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type, sky.sun_disc = "NISHITA", False
    sky.sun_elevation, sky.sun_rotation = math.radians(sun_elevation_deg), math.radians(sun_rotation_deg)
    tree.links.new(sky.outputs["Color"], tree.nodes["Background"].inputs["Color"])
    tree.nodes["Background"].inputs["Strength"].default_value = strength


def set_ambient_light(colour: Vec3, strength: float) -> None:
    """Even light from everywhere that no wall hides."""
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (*colour, 1)
    background.inputs["Strength"].default_value = strength


def _add(name: str, data: bpy.types.ID) -> bpy.types.Object:
    thing = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def _aim(thing: bpy.types.Object, at: Vec3, towards: Vec3) -> None:
    aim: Quaternion = (Vector(towards) - Vector(at)).to_track_quat("-Z", "Y")
    thing.location = at
    thing.rotation_euler = aim.to_euler()
