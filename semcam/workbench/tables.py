"""An evaluation in print: for people and for programs."""

import json
import statistics

from rich.console import Console
from rich.table import Table

from semcam.contract.delivery import AlarmStage
from semcam.workbench.replay import counted
from semcam.workbench.score import Result, Row, wilson

TABLE_WIDTH = 124


def to_json(result: Result) -> str:
    """The result as one JSON object."""
    keys = ("kind", "group", "clips", "expected", "hits", "misses", "false_alarms")
    document = {
        "rows": [{key: getattr(row, key) for key in keys} for row in result.rows],
        "clips": [
            {
                "clip": clip.clip,
                "group": clip.group,
                "verdict": clip.verdict,
                "confirmed": [
                    {"kind": event.kind, "t_s": event.t_s}
                    for event in clip.raised
                    if event.stage is AlarmStage.CONFIRMED
                ],
            }
            for clip in result.clips
        ],
        "footage_s": round(result.footage_s, 3),
    }
    return json.dumps(document, ensure_ascii=False)


def print_table(result: Result) -> None:
    """The result for people: the table, then the clips that went wrong."""
    console = Console(highlight=False, markup=False)
    console.width = max(console.width, TABLE_WIDTH)  # a table that lost its letters helps nobody
    table = Table(box=None, header_style="bold")
    rows = [row_in_words(row) for row in result.rows]
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="right" if number > 1 else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row.values())
    console.print(table)
    for clip in result.clips:
        if clip.verdict in ("miss", "false_alarm"):
            said = ", ".join(f"{e.stage} {e.kind} at {e.t_s:.1f} s" for e in clip.raised) or "nothing raised"
            console.print(f"{clip.verdict.replace('_', ' ')}: {clip.clip} ({said})", soft_wrap=True)
    console.print(footage_in_words(result), soft_wrap=True)


def row_in_words(row: Row) -> dict[str, str]:
    """The cells of one row under their headings."""
    return {
        "group": row.group or "–",
        "kind": row.kind or "(nothing)",
        "clips": str(row.clips),
        "hits": f"{row.hits}/{row.expected}" if row.expected else "–",
        "misses": str(row.misses) if row.expected else "–",
        "false alarms": str(row.false_alarms),
        "sensitivity": _rate(row.hits, row.expected),
        "specificity": _rate(row.clean, row.clips) if row.kind is None else "–",
        "suspected": _median(row.suspected_after_s),
        "confirmed": _median(row.confirmed_after_s),
    }


def footage_in_words(result: Result) -> str:
    """What the rates stand on."""
    false_alarms = sum(len(clip.false_alarms) for clip in result.clips)
    hours = result.footage_s / 3600
    return (
        f"{counted(len(result.clips), 'clip')}, {result.footage_s / 60:.1f} min of footage, "
        f"{counted(false_alarms, 'false alarm')} ({false_alarms / hours if hours else 0:.1f} an hour); "
        "intervals are 95 %, times are medians after the label"
    )


def _rate(successes: int, trials: int) -> str:
    if not trials:
        return "–"
    low, high = wilson(successes, trials)
    return f"{successes / trials:.2f} ({low:.2f}–{high:.2f})"


def _median(values: tuple[float, ...]) -> str:
    return f"{statistics.median(values):+.1f} s" if values else "–"
