"""Manifests: which clips there are and what is expected of them."""

import csv
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from semcam.contract.errors import ConfigError, Problem


def _or(default: object) -> BeforeValidator:
    """An empty cell means the default."""
    return BeforeValidator(lambda value: default if value == "" else value)


class Label(BaseModel):
    """One row of a manifest: one expected event, or, without a kind, a clip in which nothing may happen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clip: Annotated[str, Field(min_length=1)]
    kind: Annotated[str | None, _or(None)] = None
    start_s: Annotated[float, _or(0.0), Field(ge=0)] = 0.0
    hold_last_s: Annotated[float, _or(0.0), Field(ge=0, le=3600)] = 0.0
    view: Annotated[Literal["room", "ceiling"], _or("room")] = "room"
    group: str = ""


COLUMNS = ",".join(Label.model_fields)


def read_manifest(path: Path) -> list[Label]:
    """The rows of a manifest.

    Raises:
        ConfigError: with every row that cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            unknown = [str(name) for name in reader.fieldnames or () if name not in Label.model_fields]
            rows = [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise ConfigError(str(path), (Problem(None, "", "no such file; check the name"),)) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            str(path), (Problem(None, "", f"cannot be read as CSV ({error}); save it as UTF-8"),)
        ) from None
    labels: list[Label] = []
    problems = [Problem(1, name, f"unknown column; the columns are {COLUMNS}") for name in unknown]
    for line, row in rows:
        try:
            label = Label.model_validate({key: value for key, value in row.items() if key not in unknown})
            labels.append(label)
            if not (path.parent / label.clip).is_file():
                problems.append(Problem(line, "clip", f"{label.clip}: no such file beside the manifest"))
        except ValidationError as error:
            problems += [
                Problem(line, ".".join(map(str, e["loc"])), _remedy(e["type"], e["msg"])) for e in error.errors()
            ]
    if not labels and not problems:
        problems.append(Problem(None, "", f"has no rows; it needs the columns {COLUMNS}"))
    if problems:
        raise ConfigError(str(path), tuple(problems))
    return labels


def _remedy(kind: str, message: str) -> str:
    return "is missing; add it" if kind == "missing" else message
