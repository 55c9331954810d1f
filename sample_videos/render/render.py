"""Frames: the empty room once as a plate, then only the box round the moving subject, laid over the plate.

Pictures are (H, W, 3) uint8 RGB.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter

from blender import Vec3
from mesh import Array

_PAD_PX = 22  # room for the shadow's soft edge round the box
_FEATHER_PX = 12  # the box fades into the plate over this width
_EDGE_PX = 2  # the denoiser is unsure in the box's outermost pixels
_MIN_SHADOW_DROP_M = 0.2


def render_plate(scratch: Path) -> Array:
    """Render the whole picture of what is in the scene now."""
    return _render(scratch)


def render_over_plate(plate: Array, camera: bpy.types.Object, points: Array, scratch: Path) -> Array:
    """Render the box round `points` (N, 3), the subject and its shadow, and lay it over the plate."""
    height, width = plate.shape[:2]
    box = _box_px(_project(camera, points, width, height), width, height)
    if box is None:
        return plate.copy()
    left, top, right, bottom = box
    settings = bpy.context.scene.render
    settings.use_border, settings.use_crop_to_border = True, False
    settings.border_min_x, settings.border_max_x = left / width, right / width
    settings.border_min_y, settings.border_max_y = 1 - bottom / height, 1 - top / height
    picture = _render(scratch)
    settings.use_border = False
    share = _feathered(box, width, height)[..., None]
    return np.rint(picture * share + plate * (1 - share)).astype(np.uint8)


def shadow_points(points: Array, light: Vec3) -> Array:
    """Where the shadows of `points` (N, 3) from a lamp at `light` fall on the floor, (N, 3)."""
    lamp = np.array(light)
    drop = np.maximum(lamp[2] - points[:, 2], _MIN_SHADOW_DROP_M)
    shadows = lamp + (points - lamp) * np.minimum(lamp[2] / drop, 3.0)[:, None]
    shadows[:, 2] = 0.0
    return shadows


def _render(scratch: Path) -> Array:
    bpy.context.scene.render.filepath = str(scratch)
    with _quiet():
        bpy.ops.render.render(write_still=True)
    with Image.open(scratch) as picture:
        return np.asarray(picture.convert("RGB"))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Blender's progress lines, which it writes past Python, off standard output."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _project(camera: bpy.types.Object, points: Array, width: int, height: int) -> Array:
    """Pixel positions (N, 2) of the points that lie in front of the camera."""
    graph = bpy.context.evaluated_depsgraph_get()
    projection = np.array(camera.calc_matrix_camera(graph, x=width, y=height))
    clip = np.c_[points, np.ones(len(points))] @ (projection @ np.linalg.inv(np.array(camera.matrix_world))).T
    clip = clip[clip[:, 3] > 0.05]
    x, y = (clip[:, :2] / clip[:, 3:]).T
    return np.stack([(x + 1) / 2 * width, (1 - y) / 2 * height], axis=1)


def _box_px(pixels: Array, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the padded box inside the picture; None if nothing of it is in view."""
    if len(pixels) == 0:
        return None
    left, top = np.maximum(pixels.min(axis=0) - _PAD_PX, 0).astype(int)
    right, bottom = np.minimum(pixels.max(axis=0) + _PAD_PX + 1, (width, height)).astype(int)
    if right - left <= 2 * _EDGE_PX or bottom - top <= 2 * _EDGE_PX:
        return None
    return int(left), int(top), int(right), int(bottom)


def _feathered(box: tuple[int, int, int, int], width: int, height: int) -> Array:
    """Share (H, W) of the new picture: 1 in the box, falling to 0 at edges that are not the picture's."""
    left, top, right, bottom = box
    left = 0 if left == 0 else left + _EDGE_PX
    top = 0 if top == 0 else top + _EDGE_PX
    right = right if right == width else right - _EDGE_PX
    bottom = bottom if bottom == height else bottom - _EDGE_PX
    inside = np.zeros((height, width))
    inside[top:bottom, left:right] = 1
    blurred = uniform_filter(inside, 2 * _FEATHER_PX + 1, mode="nearest")
    return np.clip(2 * blurred - 1, 0, 1) * inside
