"""`semcam replay`."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console

from semcam.cli.bar import print_with, progress
from semcam.cli.options import PathArgument, broker_of
from semcam.contract.broker import Broker
from semcam.contract.config import Config
from semcam.contract.load import DEMO, load_config
from semcam.contract.text import Language
from semcam.courier.connection import Connection
from semcam.courier.console import JsonLines, Sentences
from semcam.courier.delivery import Sink
from semcam.workbench.replay import EPOCH_START, Playing, pick_camera
from semcam.workbench.replay import replay as replay_clip


def _start(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    if value is None:
        return EPOCH_START
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("give a time like 2026-11-21T16:00:00+09:00") from None
    return moment if moment.tzinfo else moment.astimezone()


@click.command()
@click.argument("clips", metavar="CLIP...", nargs=-1, required=True, type=PathArgument)
@click.option("-c", "--config", "config_file", type=PathArgument, help="Rules and names; without it, the scene demo.")
@click.option("--camera", help="Whose rules to use, where the configuration has several cameras.")
@click.option("--mqtt", "broker", metavar="HOST[:PORT]", callback=broker_of, help="Publish the events there as well.")
@click.option("--json", "as_json", is_flag=True, help="One event per line on stdout, nothing else.")
@click.option("--language", type=click.Choice(get_args(Language)), help="The language of the sentences.")
@click.option("--realtime", is_flag=True, help="No faster than the clip itself.")
@click.option("--start", metavar="TIME", callback=_start, help="When the clip began; default 1970-01-01T00:00:00Z.")
@click.option("--hold-last", "hold_last_s", metavar="S", type=click.FloatRange(0, 3600), default=0.0,
              help="Freeze the last frame for S seconds.")  # fmt: skip
@click.option("--explain", is_flag=True, help="Say why each alarm was raised, and what came closest to one.")
@click.option("--report", type=PathArgument, metavar="OUT.html", help="Write a page that shows what was seen.")
def replay(
    clips: tuple[Path, ...],
    config_file: Path | None,
    camera: str | None,
    broker: Broker | None,
    as_json: bool,
    language: str | None,
    realtime: bool,
    start: datetime,
    hold_last_s: float,
    explain: bool,
    report: Path | None,
) -> None:
    """Run clips through the real path and print the sentences."""
    config = _with_language(load_config(config_file or DEMO), language)
    camera = pick_camera(config, camera)
    if report:
        from semcam.workbench.report import check_place  # here, for a mere replay does without NumPy

        check_place(report)
    playing = Playing(start, hold_last_s, realtime)
    console = Console(stderr=as_json, highlight=False, markup=False)
    with ExitStack() as stack:
        # the connection comes first: whoever asked for delivery learns at once that there is none
        connection = stack.enter_context(_connected(broker, config, camera)) if broker else None
        bar = stack.enter_context(progress(console, hidden=as_json and sys.stdout.isatty()))
        sink: Sink = JsonLines() if as_json else Sentences(print_with(bar), clip_time=True)
        for clip in clips:
            task = bar.add_task(clip.name, total=None)

            def show(done_s: float, length_s: float, task: Any = task) -> None:
                bar.update(task, completed=done_s, total=length_s or None)

            summary = replay_clip(clip, config, camera, playing, [sink], show, connection)
            bar.remove_task(task)
            bar.console.print(str(summary), style="dim", soft_wrap=True)
        if explain or report:
            from semcam.cli.again import look_again

            look_again(clips, playing, config, camera, bar, explain=explain, report=report)


@contextmanager
def _connected(broker: Broker, config: Config, camera: str) -> Iterator[Connection]:
    """A connection that says goodbye when it is left."""
    connection = Connection(broker, config.site, camera)
    connection.open()
    try:
        yield connection
    finally:
        connection.close()


def _with_language(config: Config, language: str | None) -> Config:
    return config if language is None else config.model_copy(update={"language": language})
