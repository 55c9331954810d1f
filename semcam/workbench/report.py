"""One page that shows what was seen, as lines and numbers: why a clip was missed, without seeing the person.

The page needs nothing but itself: style, script and data stand in it, and its own policy forbids it to ask for more.
"""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from semcam import __version__
from semcam.contract.config import Config
from semcam.contract.delivery import AlarmStage
from semcam.contract.errors import ConfigError, Problem
from semcam.contract.event import Event
from semcam.contract.labels import ANIMALS, LARGE_ANIMAL, PERSON
from semcam.contract.manifest import models_digest, models_dir
from semcam.contract.rules import SightingRule
from semcam.workbench.judged import Judged, Shown
from semcam.workbench.score import HIT_WITHIN_S, ClipResult, Raised, Result
from semcam.workbench.tables import footage_in_words, row_in_words

_PAGE = Path(__file__).parent / "page"


def evaluation_report(name: str, result: Result, judged: Sequence[Judged], config: Config) -> str:
    """The page of an evaluation."""
    clips = [
        _clip(each, clip.clip, clip.labels[0].view, clip.labels[0].hold_last_s)
        | {
            "group": clip.group,
            "verdict": clip.verdict,
            "labels": [{"kind": label.kind, "start_s": label.start_s} for label in clip.labels if label.kind],
            "events": [_event(event, clip) for event in each.events],
        }
        for clip, each in zip(result.clips, judged, strict=True)
    ]
    rows = [row_in_words(row) for row in result.rows]
    return _page(f"semcam evaluation of {name}", footage_in_words(result), clips, rows, config)


def replay_report(shown: Sequence[Shown], judged: Sequence[Judged], config: Config, camera: str) -> str:
    """The page of a replay: nothing was expected."""
    view = config.cameras[camera].view
    clips = [
        _clip(each, str(clip.clip), view, clip.hold_last_s)
        | {"verdict": "raised" if any(event.data.stage is AlarmStage.CONFIRMED for event in each.events) else "quiet"}
        for clip, each in zip(shown, judged, strict=True)
    ]
    return _page("semcam replay", "", clips, [], config)


def write_report(path: Path, page: str) -> None:
    """Write a page.

    Raises:
        ConfigError: it cannot be written there.
    """
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, str(error.strerror)) from None


def check_place(path: Path) -> None:
    """Find out before the work is done whether there is a folder for the page.

    Raises:
        ConfigError: there is none.
    """
    if not path.parent.is_dir():
        raise _unwritable(path, "no such folder")
    if path.is_dir():
        raise _unwritable(path, "it is a folder")


def _unwritable(path: Path, why: str) -> ConfigError:
    return ConfigError(str(path), (Problem(None, "", f"cannot be written ({why}); give another place"),))


def _clip(judged: Judged, name: str, view: str, hold_last_s: float) -> dict[str, Any]:
    assert judged.trail is not None
    return {
        "clip": name,
        "group": "",
        "view": view,
        "hold_last_s": hold_last_s,
        "length_s": judged.length_s,
        "labels": [],
        "events": [_event(event) for event in judged.events],
        "why": judged.reasons,
        "trail": judged.trail.model_dump(mode="json"),
    }


def _event(event: Event, clip: ClipResult | None = None) -> dict[str, Any]:
    return {
        "t_s": event.data.clock.mono_s,
        "stage": event.data.stage,
        "kind": event.kind,
        "messages": event.data.messages,
        "evidence": event.data.evidence,
        "false_alarm": clip is not None and Raised.of(event) in clip.false_alarms,
    }


def _page(
    title: str, about: str, clips: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, str]], config: Config
) -> str:
    models = models_digest(models_dir(), config.model_files)
    made_by = f"semcam {__version__}, models {models}, configuration {config.digest()}"
    data = {
        "title": title,
        "about": "; ".join(filter(None, (about, made_by))),
        "labelled": bool(rows),
        "hit_within_s": HIT_WITHIN_S,
        "watched": _watched(config),
        "rows": rows,
        "clips": clips,
    }
    spelled = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Template(_part("page.html")).substitute(
        title=html.escape(title),
        style=_part("page.css"),
        player=_part("player.js"),
        list=_part("list.js"),
        data=spelled.replace("<", "\\u003c"),  # no text may end the element it stands in
    )


def _watched(config: Config) -> list[str]:
    """The labels whose course matters; furniture is only shown where it stands."""
    rules = [rule for camera in config.cameras.values() for rule in camera.rules.values()]
    wanted = {label for rule in rules if isinstance(rule, SightingRule) for label in rule.labels}
    return sorted({PERSON, LARGE_ANIMAL} | ANIMALS | wanted)


def _part(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")
