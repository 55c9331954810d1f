"""The manifest that `semcam evaluate` reads: one row per expected event."""

import csv
from dataclasses import astuple, dataclass
from pathlib import Path

COLUMNS = ("clip", "kind", "start_s", "hold_last_s", "view", "group")


@dataclass(frozen=True, slots=True)
class Label:
    """One row, in the manifest's column order; `kind` and `start_s` are empty where nothing may be raised."""

    clip: str
    kind: str
    start_s: str
    hold_last_s: str
    view: str
    group: str


def update_labels(path: Path, clip: str, labels: list[Label]) -> None:
    """Replace the clip's rows in the manifest, and leave all others as they are."""
    rows = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = [tuple(row[column] for column in COLUMNS) for row in csv.DictReader(file)]
    rows = [row for row in rows if row[0] != clip] + [astuple(label) for label in labels]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(rows))
