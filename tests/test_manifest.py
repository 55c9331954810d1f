"""models/MANIFEST.yaml: whether the models are the ones this version was made with."""

import re
from pathlib import Path

import pytest

from semcam.contract.errors import FaultCode, ModelError, VisionFault
from semcam.contract.manifest import models_digest, models_dir, read_manifest
from semcam.contract.models import SHIPPED
from semcam.vision.perceive.session import Session

GOOD = """\
models:
  pose: {file: pose.onnx, sha256: "%s", licence: Apache-2.0}
  detect: {file: detect.onnx, sha256: "%s"}
"""
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, GOOD % (EMPTY_SHA256, "b" * 64))
    (tmp_path / "pose.onnx").write_bytes(b"")
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "MANIFEST.yaml").write_text(text, encoding="utf-8")


def fault_of(folder: Path, name: str) -> FaultCode:
    with pytest.raises(VisionFault) as fault:
        Session(folder, name, threads=1)
    return FaultCode(fault.value.args[0])


def test_the_manifest_names_files_and_fingerprints_and_may_say_more(folder: Path) -> None:
    models = read_manifest(folder)
    assert {name: entry.file for name, entry in models.items()} == {"pose": "pose.onnx", "detect": "detect.onnx"}
    assert models["pose"].sha256 == EMPTY_SHA256


def test_the_digest_depends_on_every_fingerprint_and_not_on_their_order(folder: Path) -> None:
    digest = models_digest(folder)
    assert re.fullmatch("sha256:[0-9a-f]{12}", digest)
    head, pose, detect = (GOOD % (EMPTY_SHA256, "b" * 64)).splitlines()
    write(folder, "\n".join([head, detect, pose, ""]))
    assert models_digest(folder) == digest
    write(folder, GOOD % (EMPTY_SHA256, "c" * 64))
    assert models_digest(folder) != digest


def test_the_checkout_carries_a_manifest_whose_models_can_be_told_apart() -> None:
    models = read_manifest(models_dir())
    fingerprints = [entry.sha256 for entry in models.values()]
    assert set(SHIPPED) == set(models)
    assert len(set(fingerprints)) == len(fingerprints)
    assert all(re.fullmatch("[0-9a-f]{64}", fingerprint) for fingerprint in fingerprints)


def test_the_models_may_lie_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMCAM_MODELS", str(folder))
    assert models_dir() == folder


def test_a_missing_folder_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"MANIFEST.yaml is missing; reinstall semcam or set SEMCAM_MODELS"):
        read_manifest(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "models:\n",
        "models: []\n",
        "models: {pose: }\n",
        "models: {pose: {file: pose.onnx}}\n",
        "models: {pose: {file: pose.onnx, sha256: 5}}\n",
        "models: [pose\n",
        "\tmodels:\n",
        "- models\n",
        "hello\n",
        "5\n",
        "models: {pose: *nobody}\n",
        "models: {5: {file: a, sha256: b}, 5: {file: a, sha256: b}}\n",
        "models: !!bool abc\n",
        "models: !!int abc\n",
        "models: {pose: 2026-99-99}\n",
        "[" * 1200,
    ],
)
def test_a_damaged_manifest_is_told_with_a_remedy(folder: Path, text: str) -> None:
    write(folder, text)
    with pytest.raises(ModelError, match=r"is damaged; reinstall semcam or run models/build.py"):
        read_manifest(folder)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00\x01\x02", bytes(range(256))])
def test_a_manifest_that_is_no_text_is_told_with_a_remedy(folder: Path, content: bytes) -> None:
    (folder / "MANIFEST.yaml").write_bytes(content)
    with pytest.raises(ModelError, match="is damaged"):
        read_manifest(folder)


def test_an_altered_model_is_not_loaded(folder: Path) -> None:
    (folder / "pose.onnx").write_bytes(b"another model")
    assert fault_of(folder, "pose") is FaultCode.MODEL_ALTERED


def test_a_missing_model_is_not_loaded(folder: Path) -> None:
    assert fault_of(folder, "detect") is FaultCode.MODEL_MISSING
    assert fault_of(folder, "nobody") is FaultCode.MODEL_MISSING


def test_the_right_bytes_that_are_no_model_are_unusable(folder: Path) -> None:
    assert fault_of(folder, "pose") is FaultCode.MODEL_UNUSABLE
