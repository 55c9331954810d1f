"""models/MANIFEST.yaml: which model files belong to this version, and their fingerprints."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from semcam.contract.errors import ModelError
from semcam.contract.models import ModelFile

_PACKAGE = Path(__file__).parent.parent


class ModelEntry(BaseModel):
    """One model; the manifest says more about it than the runtime needs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str
    sha256: str


def models_dir() -> Path:
    """Where the models are: `$SEMCAM_MODELS`, inside an installed wheel, or beside the package in a checkout."""
    if chosen := os.environ.get("SEMCAM_MODELS"):
        return Path(chosen)
    installed = _PACKAGE / "models"
    return installed if installed.is_dir() else _PACKAGE.parent / "models"


def read_manifest(folder: Path) -> dict[str, ModelEntry]:
    """The models by name.

    Raises:
        ModelError: no manifest, or one that cannot be used.
    """
    path = folder / "MANIFEST.yaml"
    try:
        document: Any = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return {name: ModelEntry.model_validate(entry) for name, entry in document["models"].items()}
    except OSError:
        raise ModelError(
            f"no models in {folder}: MANIFEST.yaml is missing; reinstall semcam or set SEMCAM_MODELS"
        ) from None
    except (YAMLError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ModelError(f"{path} is damaged; reinstall semcam or run models/build.py") from None


def models_digest(folder: Path, own: Mapping[str, ModelFile] | None = None) -> str:
    """A short hash over the fingerprints of all models, those of one's own too; carried by each event."""
    sums = {name: entry.sha256 for name, entry in read_manifest(folder).items()}
    sums |= {name: model.sha256 for name, model in (own or {}).items()}
    together = "".join(sums[name] for name in sorted(sums))
    return "sha256:" + hashlib.sha256(together.encode()).hexdigest()[:12]
