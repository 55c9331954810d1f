"""`semcam init`: a first configuration from a ready-made scene."""

import re
from pathlib import Path

import pytest

from semcam.contract.load import SCENES, load_config, read_config, scene_names
from semcam.contract.rules import RULE_KINDS
from tests.conftest import semcam

PLACES = {"bathroom", "bedroom", "living_room", "vehicle", "workplace", "shop", "entrance", "outdoors", "demo"}


def test_there_is_a_scene_for_each_place() -> None:
    assert set(scene_names()) == PLACES


@pytest.mark.parametrize("scene", sorted(PLACES))
def test_a_scene_is_a_configuration_that_people_can_read_and_copy(scene: str) -> None:
    text = (SCENES / f"{scene}.yaml").read_text(encoding="utf-8")
    loaded = read_config(SCENES / f"{scene}.yaml")
    (camera,) = loaded.config.cameras.values()
    assert text.startswith("# ")
    assert max(map(len, text.splitlines())) <= 120
    assert camera.source
    assert [hint for hint in loaded.hints if hint.key != "timezone"] == []
    assert scene == "demo" or isinstance(camera.place, dict)
    names = [*(zone.name for zone in camera.zones.values()), *(line.name for line in camera.lines.values())]
    assert all(name is None or isinstance(name, dict) for name in names)


@pytest.mark.parametrize("scene", sorted(PLACES))
def test_a_scene_works_on_a_camera_without_zones(tmp_path: Path, scene: str) -> None:
    """What needs no zone is watched at once; what does says which one it waits for."""
    config = tmp_path / "semcam.yaml"
    config.write_text(f"cameras: {{here: {{scene: {scene}, source: x.mp4}}}}\n")
    loaded = read_config(config)
    whole = load_config(SCENES / f"{scene}.yaml")
    (camera,) = whole.cameras.values()
    here = loaded.config.cameras["here"].rules
    assert "fall" in here
    assert here.items() <= camera.rules.items()
    waiting = {hint.message.split()[0] for hint in loaded.hints if "not watched yet" in hint.message}
    assert waiting == camera.rules.keys() - here.keys()
    comments = re.findall(r"^      (\w+):\s+# needs the (?:zone|line)", (SCENES / f"{scene}.yaml").read_text(), re.M)
    assert set(comments) == waiting


def test_the_scenes_together_show_most_kinds_of_rules() -> None:
    cameras = [camera for name in PLACES for camera in load_config(SCENES / f"{name}.yaml").cameras.values()]
    shown = {rule.kind for camera in cameras for rule in camera.rules.values()}
    assert set(RULE_KINDS) - shown == {"left", "taken", "when"}


@pytest.mark.parametrize("scene", sorted(PLACES))
def test_what_init_writes_passes_check_as_it_is(tmp_path: Path, scene: str) -> None:
    file = tmp_path / "my house.yaml"
    written = semcam("init", scene, "-o", file)
    assert (written.returncode, written.stderr) == (0, "")
    checked = semcam("check", file)
    assert checked.returncode == 0
    assert checked.stdout.endswith("good\n")
    original = (SCENES / f"{scene}.yaml").read_text(encoding="utf-8")
    assert [line for line in original.splitlines() if line not in file.read_text(encoding="utf-8")] == []


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    file = tmp_path / "my house.yaml"
    said = semcam("init", "bedroom", "-o", file).stdout
    assert "the zone bed" in said
    for command in (f"check '{file}'", f"replay CLIP -c '{file}'", f"run -c '{file}'"):
        assert f"semcam {command} " in said


def test_the_sentences_may_be_in_japanese_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "semcam.yaml"
    semcam("init", "shop", "-o", file, "--language", "ja")
    assert load_config(file).language == "ja"
    semcam("init", "shop", "-o", file, "--force")
    assert load_config(file).language == "en"


def test_the_broker_stands_ready_behind_a_comment_sign(tmp_path: Path) -> None:
    file = tmp_path / "semcam.yaml"
    semcam("init", "demo", "-o", file)
    text = file.read_text()
    file.write_text(text.replace("# mqtt:", "mqtt:"))
    broker = load_config(file).mqtt
    assert broker is not None
    assert broker.host == "localhost"


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "semcam.yaml"
    file.write_text("mine")
    refused = semcam("init", "demo", "-o", file)
    assert refused.returncode == 1
    assert refused.stderr == f"{file}: is there already; write another file with -o, or this one anew with --force\n"
    assert file.read_text() == "mine"
    assert semcam("init", "demo", "-o", file, "--force").returncode == 0
    assert load_config(file)


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    refused = semcam("init", "demo", "-o", tmp_path / "nowhere" / "semcam.yaml")
    assert refused.returncode == 1
    assert refused.stderr.endswith("cannot be written (No such file or directory); name another place with -o\n")


def test_a_scene_that_does_not_exist(tmp_path: Path) -> None:
    refused = semcam("init", "bedrom", "-o", tmp_path / "semcam.yaml")
    assert refused.returncode == 1
    assert refused.stderr.startswith("scene: no 'bedrom'; did you mean 'bedroom'? there are: bathroom, ")
    assert not (tmp_path / "semcam.yaml").exists()


def test_without_a_scene_it_lists_them() -> None:
    listed = semcam("init")
    assert listed.returncode == 0
    lines = dict(line.split(maxsplit=1) for line in listed.stdout.splitlines())
    assert set(lines) == PLACES
    assert all(summary.endswith(".") for summary in lines.values())
