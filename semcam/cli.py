"""The commands. Each is a few lines that call the rooms below."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from semcam import __version__
from semcam.contract.config import Broker, Config
from semcam.contract.errors import SemcamError
from semcam.contract.load import DEMO, load_config
from semcam.courier.console import JsonLines, Sentences
from semcam.courier.delivery import Sink
from semcam.courier.mqtt import MqttSink
from semcam.courier.service import Service
from semcam.workbench.cache import default_folder
from semcam.workbench.evaluate import evaluate_manifest
from semcam.workbench.judged import Looking, Shown, judge_clips
from semcam.workbench.replay import EPOCH_START, Playing, pick_camera
from semcam.workbench.replay import replay as replay_clip
from semcam.workbench.report import check_place, evaluation_report, replay_report, write_report
from semcam.workbench.tables import print_table, to_json

PathArgument = click.Path(path_type=Path)


class Commands(click.Group):
    """Turns the errors we foresaw into one sentence each, and a non-zero exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SemcamError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except BrokenPipeError:  # the reader of our stdout has seen enough
            sys.stderr.close()
            sys.exit(0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="semcam")
def main() -> None:
    """A camera that tells what happened and cannot show it."""


def _start(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    if value is None:
        return EPOCH_START
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("give a time like 2026-11-21T16:00:00+09:00") from None
    return (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC)


def _broker(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Broker | None:
    if value is None:
        return None
    host, _, port = value.rpartition(":") if ":" in value else (value, "", "1883")
    if not host or ":" in host or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise click.BadParameter("give HOST or HOST:PORT, such as localhost:1883")
    return Broker(host=host, port=int(port))


@main.command()
@click.argument("clips", metavar="CLIP...", nargs=-1, required=True, type=PathArgument)
@click.option("-c", "--config", "config_file", type=PathArgument, help="Rules and names; without it, the scene demo.")
@click.option("--camera", help="Whose rules to use, where the configuration has several cameras.")
@click.option("--mqtt", "broker", metavar="HOST[:PORT]", callback=_broker, help="Publish the events there as well.")
@click.option("--json", "as_json", is_flag=True, help="One event per line on stdout, nothing else.")
@click.option("--language", type=click.Choice(["ja", "en"]), help="The language of the sentences.")
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
        check_place(report)
    playing = Playing(start, hold_last_s, realtime)
    console = Console(stderr=as_json, highlight=False, markup=False)
    with ExitStack() as stack:
        # the connection comes first: whoever asked for delivery learns at once that there is none
        sinks: list[Sink] = [stack.enter_context(_connected(broker, config, camera))] if broker else []
        bar = stack.enter_context(_progress(console, hidden=as_json and sys.stdout.isatty()))
        sinks.insert(0, JsonLines() if as_json else Sentences(_print_with(bar), clip_time=True))
        for clip in clips:
            task = bar.add_task(clip.name, total=None)

            def show(done_s: float, length_s: float, task: Any = task) -> None:
                bar.update(task, completed=done_s, total=length_s or None)

            summary = replay_clip(clip, config, camera, playing, sinks, show)
            bar.remove_task(task)
            bar.console.print(str(summary), style="dim", soft_wrap=True)
        if explain or report:
            shown = [Shown(clip, hold_last_s) for clip in clips]
            looking = Looking(cache=default_folder(), trail=report is not None)
            judged = judge_clips(shown, config, camera, looking, _counting(bar, "looking again"))
            for each in judged if explain else ():
                bar.console.print(f"{each.clip}: why", *each.reasons, sep="\n  ", soft_wrap=True)
            if report:
                write_report(report, replay_report(shown, judged, config, camera))


@main.command()
@click.option("-c", "--config", "config_file", type=PathArgument, default=Path("semcam.yaml"), show_default=True,
              help="The configuration.")  # fmt: skip
def run(config_file: Path) -> None:
    """Watch all cameras of a configuration until told to stop."""
    stop = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: stop.set())
    Service(load_config(config_file), Sentences(_print_line, clip_time=False), _print_error).run(stop)


@main.command()
@click.argument("file", type=PathArgument)
def check(file: Path) -> None:
    """Check a configuration; every mistake with its line, key and remedy."""
    config = load_config(file)
    for name, camera in config.cameras.items():
        click.echo(f"{file}: camera {name}: {camera.source or 'no source yet'}; rules: {', '.join(camera.rules)}")
    click.echo(f"{file}: good")


@main.command()
@click.argument("manifest", metavar="MANIFEST.csv", type=PathArgument)
@click.option("-c", "--config", "config_file", type=PathArgument, help="Rules; without it, the scene demo.")
@click.option("--camera", help="Whose rules to use, where the configuration has several cameras.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object on stdout, nothing else.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Clips at the same time; default one per core.")
@click.option("--report", type=PathArgument, metavar="OUT.html", help="Write a page that shows what was seen.")
@click.option("--no-cache", is_flag=True, help="Look at every clip anew and remember nothing.")
def evaluate(
    manifest: Path,
    config_file: Path | None,
    camera: str | None,
    as_json: bool,
    jobs: int | None,
    report: Path | None,
    no_cache: bool,
) -> None:
    """Score labelled clips: hits, misses and false alarms, per kind and group."""
    config = load_config(config_file or DEMO)
    camera = pick_camera(config, camera)
    if report:
        check_place(report)
    console = Console(stderr=True, highlight=False, markup=False)
    with _progress(console, hidden=False) as bar:
        looking = Looking(jobs, None if no_cache else default_folder(), trail=report is not None)
        result, judged = evaluate_manifest(manifest, config, camera, looking, _counting(bar, manifest.name))
    if report:
        write_report(report, evaluation_report(manifest.name, result, judged, config))
    if as_json:
        click.echo(to_json(result))
    else:
        print_table(result)


@contextmanager
def _connected(broker: Broker, config: Config, camera: str) -> Iterator[MqttSink]:
    """A connection that has delivered everything by the time it is left."""
    sink = MqttSink(broker, config.site, camera)
    sink.open()
    try:
        yield sink
    except SemcamError:
        # the first error is the one to tell; what was raised before it still goes out
        with suppress(SemcamError):
            sink.close()
        raise
    sink.close()


def _progress(console: Console, *, hidden: bool) -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal)


def _counting(bar: Progress, what: str) -> Callable[[int, int], None]:
    task = bar.add_task(what, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _print_with(bar: Progress) -> Callable[[str], None]:
    return lambda text: bar.console.print(text, soft_wrap=True)


def _print_line(text: str) -> None:
    print(text, flush=True)


def _print_error(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _with_language(config: Config, language: str | None) -> Config:
    return config if language is None else config.model_copy(update={"language": language})
