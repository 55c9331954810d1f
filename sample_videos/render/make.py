"""Make one sample clip, or single frames of it: `python make.py SCENE [--frames 3.0,5.5 --out DIR]`."""

import argparse
import importlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from blender import add_camera, add_mesh, empty_scene, move_vertices, use_cycles
from body import load_body
from encode import encode
from labels import update_labels
from mesh import Array
from motion import Moment, perform
from people import person_materials
from pose import Skeleton, posed
from render import render_over_plate, render_plate, shadow_points
from scene import Scene

_CLIPS = Path(__file__).resolve().parent.parent
_EVERY = 7  # one vertex in so many is enough to find the box round the person


def render_scene(scene: Scene, moments: Sequence[Moment], scratch: Path) -> Iterator[Array]:
    """Render pictures (H, W, 3) uint8 RGB of the scene at `moments`."""
    empty_scene()
    room = scene.furnish()
    camera = add_camera(scene.camera)
    use_cycles(scene.plate_samples)
    plate = render_plate(scratch)

    body = load_body()
    skeleton, parts = Skeleton(body), scene.person.wear(body)
    surfaces = person_materials(scene.person.colours)
    things = {name: add_mesh(name, part.vertices, part.faces, surfaces[name]) for name, part in parts.items()}
    use_cycles(scene.samples)
    for moment in moments:
        meshes = posed(skeleton, parts, moment.pose, moment.xy_m)
        for name, vertices in meshes.items():
            move_vertices(things[name], vertices)
        points = np.concatenate(list(meshes.values()))[::_EVERY]
        points = np.concatenate([points, shadow_points(points, room.shadow_light_m)])
        yield render_over_plate(plate, camera, points, scratch)


def save_stills(scene: Scene, chosen: Sequence[Moment], folder: Path, scratch: Path) -> None:
    """Save PNG files of the chosen frames, named after their time."""
    folder.mkdir(parents=True, exist_ok=True)
    for moment, picture in zip(chosen, render_scene(scene, chosen, scratch), strict=True):
        Image.fromarray(picture).save(folder / f"{scene.name}_{moment.at_s:05.2f}.png")


def nearest(moments: Sequence[Moment], times: str) -> list[Moment]:
    """Pick the moment nearest to each of the comma-separated seconds in `times`."""
    wanted = [float(text) for text in times.split(",")]
    return [min(moments, key=lambda moment: abs(moment.at_s - at_s)) for at_s in wanted]


def main() -> None:
    """Render the clip and update its rows in labels.csv, or render only stills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", help="a file of scenes/, without .py")
    parser.add_argument("--frames", help="only the frames nearest to these seconds, as PNG files: 3.0,5.5")
    parser.add_argument("--out", type=Path, default=_CLIPS, help="folder for clip and labels, or stills")
    options = parser.parse_args()
    if options.frames and options.out == _CLIPS:
        parser.error("--frames needs --out: stills have no place among the clips")

    scene: Scene = importlib.import_module(f"scenes.{options.scene}").SCENE
    body = load_body()
    moments = perform(body, scene.person.story, scene.fps, scene.seconds)
    labels = scene.label(body)
    for label in labels:
        print(label)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "render.png"
        if options.frames:
            save_stills(scene, nearest(moments, options.frames), options.out, scratch)
            return
        options.out.mkdir(parents=True, exist_ok=True)
        clip, begun = f"{scene.name}.mp4", time.monotonic()
        encode(list(render_scene(scene, moments, scratch)), options.out / clip, scene.fps)
        update_labels(options.out / "labels.csv", clip, labels)
        print(f"{clip}: {len(moments)} frames in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
