"""A first semcam.yaml, made from a ready-made scene."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from semcam.contract.base import nearest
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.load import SCENES, load_config, scene_names
from semcam.contract.text import Language

_HEADER = """\
# semcam.yaml, made from the scene {scene}. Change whatever does not fit; `semcam check` says what is wrong and where.
"""
_BROKER = "# mqtt: {host: localhost}         # where events go as well; without it they are only printed\n"


def summaries() -> dict[str, str]:
    """What each scene is for, in one line."""
    return {name: _text(name).splitlines()[0].removeprefix("# ") for name in scene_names()}


def starting_config(scene: str, language: Language) -> str:
    """The scene as a configuration of one's own.

    Raises:
        ConfigError: there is no such scene.
    """
    if scene not in scene_names():
        there = f"{nearest(scene, scene_names())}there are: {', '.join(scene_names())}"
        raise ConfigError("scene", (Problem(None, "", f"no {scene!r}; {there}"),))
    told = re.sub("^language: .*\n", f"language: {language}\n{_BROKER}", _text(scene), flags=re.MULTILINE)
    return _HEADER.format(scene=scene) + told


def write_new(path: Path, text: str, *, force: bool) -> None:
    """Write the file; one that is there stays as it is, unless `force` is set.

    Raises:
        ConfigError: it is there already, or cannot be written.
    """
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        what = "is there already; write another file with -o, or this one anew with --force"
        raise ConfigError(str(path), (Problem(None, "", what),)) from None
    except OSError as error:
        what = f"cannot be written ({error.strerror}); name another place with -o"
        raise ConfigError(str(path), (Problem(None, "", what),)) from None


def next_steps(path: Path) -> Iterator[str]:
    """What to do with the file that was written."""
    file = shlex.quote(str(path))
    (camera,) = load_config(path).cameras.values()
    drawn = [*(f"the zone {name}" for name in camera.zones), *(f"the line {name}" for name in camera.lines)]
    yield f"Open {file} and say where the camera is (source), what it looks at (place)" + (
        f", and where in its picture lie: {', '.join(drawn)}." if drawn else "."
    )
    yield f"semcam check {file}               finds mistakes"
    yield f"semcam replay CLIP -c {file}      tries it on a recording"
    yield f"semcam run -c {file}              watches"


def _text(scene: str) -> str:
    return (SCENES / f"{scene}.yaml").read_text(encoding="utf-8")
