"""A fleet on a terminal: what matters most on the left, and less of it on a narrow one."""

from collections.abc import Callable
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from semcam.client.fleet import Fleet, Health, Row, in_short

WIDE = 110
"""From so many columns on there is room for everything."""
TOLD_EVERY_S = 90.0
"""It is told once a minute: up to that age, pictures come."""
_STYLES = {Health.TROUBLE: "bold red", Health.BURNING: "yellow", Health.WELL: ""}

_Cell = Callable[[Row, datetime], str]


def _frame(row: Row, now: datetime) -> str:
    age_s = row.frame_age_s(now)
    if age_s is None or not row.is_online:
        return "–"
    return "now" if abs(age_s) < TOLD_EVERY_S else in_short(age_s)


def _view(row: Row, now: datetime) -> str:  # noqa: ARG001
    return (row.status.view if row.status and row.is_online else None) or "–"


def _fps(row: Row, now: datetime) -> str:  # noqa: ARG001
    fps = row.status.fps if row.status and row.is_online else None
    return "–" if fps is None else f"{fps:g}"


def _what(row: Row, now: datetime) -> str:
    alarms = [f"{rule} burns" for rule in row.burning]
    return ", ".join([*row.troubles(now), *alarms]) or "well"


_ALWAYS: dict[str, _Cell] = {
    "camera": lambda row, _: row.name,
    "picture": _frame,
    "fps": _fps,
}
_WHERE_THERE_IS_ROOM: dict[str, _Cell] = {
    "view": _view,
    "version": lambda row, _: row.version or "–",
    "privacy": lambda row, _: row.privacy or "–",
    "compute": lambda row, _: (row.status.compute if row.status else None) or "–",
}


def table(fleet: Fleet, now: datetime, width: int) -> Group:
    """The cameras, and a line that sums them up."""
    columns = _ALWAYS | (_WHERE_THERE_IS_ROOM if width >= WIDE else {})
    rows = fleet.rows(now)
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        shown.add_column(name, no_wrap=True, justify="right" if name in ("picture", "fps") else "left")
    shown.add_column("how it fares", overflow="fold")
    for row in rows:
        style = _STYLES[row.health(now)]
        cells = [Text(_printable(cell(row, now))) for cell in columns.values()]
        shown.add_row(*cells, Text(_printable(_what(row, now)), style=style))
    return Group(shown, Text(_sum(rows, now), style="dim"))


def _sum(rows: list[Row], now: datetime) -> str:
    counts = [(sum(row.health(now) is health for row in rows), health) for health in Health]
    words = {Health.TROUBLE: "in trouble", Health.BURNING: "with an alarm that burns", Health.WELL: "well"}
    told = ", ".join(f"{count} {words[health]}" for count, health in counts if count)
    return f"{len(rows)} {'camera' if len(rows) == 1 else 'cameras'}: {told}"


def _printable(text: str) -> str:
    """Whatever somebody may have left with the broker."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
