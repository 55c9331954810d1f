"""Make one sample clip, or single frames of it: `python make.py SCENE [--frames 3.0,5.5 --out DIR]`."""

import argparse
import importlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from animal import AnimalInScene
from blender import add_camera, empty_scene, use_cycles
from body import load_body
from encode import encode
from labels import update_labels
from mesh import Array
from puppet import Puppet
from render import render_over_plate, render_plate, shadow_points
from scene import Scene

_CLIPS = Path(__file__).resolve().parent.parent


def render_scene(scene: Scene, numbers: Sequence[int], scratch: Path) -> Iterator[Array]:
    """Render pictures (H, W, 3) uint8 RGB of the frames `numbers`."""
    empty_scene()
    room = scene.furnish()
    camera = add_camera(scene.camera)
    use_cycles(scene.plate_samples)
    plate = render_plate(scratch)

    actors: list[Puppet | AnimalInScene] = []
    actors += [Puppet(person, scene.fps, scene.seconds) for person in scene.people]
    actors += [AnimalInScene(animal, scene.fps) for animal in scene.animals]
    use_cycles(scene.samples)
    for number in numbers:
        picture = plate
        if actors:
            points = np.concatenate([actor.act(number) for actor in actors])
            points = np.concatenate([points, shadow_points(points, room.shadow_light_m)])
            picture = render_over_plate(plate, camera, points, scratch)
        yield scene.film(picture, number)


def save_stills(scene: Scene, numbers: Sequence[int], folder: Path, scratch: Path) -> None:
    """Save PNG files of the frames `numbers`, named after their time."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in zip(numbers, render_scene(scene, numbers, scratch), strict=True):
        Image.fromarray(picture).save(folder / f"{scene.name}_{number / scene.fps:05.2f}.png")


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
    count = round(scene.seconds * scene.fps)
    labels = scene.expected(load_body())
    for label in labels:
        print(label)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / "render.png"
        if options.frames:
            numbers = [min(round(float(at_s) * scene.fps), count - 1) for at_s in options.frames.split(",")]
            save_stills(scene, numbers, options.out, scratch)
            return
        options.out.mkdir(parents=True, exist_ok=True)
        clip, begun = f"{scene.name}.mp4", time.monotonic()
        encode(list(render_scene(scene, range(count), scratch)), options.out / clip, scene.fps)
        update_labels(options.out / "labels.csv", clip, labels)
        print(f"{clip}: {count} frames in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
