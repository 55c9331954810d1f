"""The commands. Each is a few lines that call the rooms below."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, get_args

import click
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from semcam import __version__
from semcam.client.fleet import in_json as fleet_json
from semcam.client.fleet import look_at_fleet
from semcam.client.fleet_table import table as fleet_table
from semcam.client.settings import answers as settings_answers
from semcam.client.settings import in_words as settings_in_words
from semcam.client.settings import read_key, write_key
from semcam.client.settings import send as send_settings
from semcam.client.subscriber import Told
from semcam.client.watch import acknowledge, in_json, in_words, mute
from semcam.client.watch import watch as watch_cameras
from semcam.contract.address import without_secrets
from semcam.contract.asyncapi import asyncapi
from semcam.contract.base import Id
from semcam.contract.broker import Broker, Tls
from semcam.contract.command import MAX_NAME_BYTES, By, EventId
from semcam.contract.config import Config
from semcam.contract.errors import SemcamError, SettingsError
from semcam.contract.load import DEMO, load_config, read_config
from semcam.contract.schema import config_schema, event_schema
from semcam.contract.settings import lay_settings, read_settings
from semcam.contract.text import Language
from semcam.courier.connection import Connection
from semcam.courier.console import JsonLines, Sentences
from semcam.courier.delivery import Sink
from semcam.courier.journal import ERROR, WARNING, Journal, is_journal, marked
from semcam.courier.service import Service, default_state
from semcam.vision.confine.confinement import Layer
from semcam.workbench.bench.bench import bench as bench_clip
from semcam.workbench.bench.bench import print_bench
from semcam.workbench.cache import default_folder
from semcam.workbench.doctor.doctor import configuration_of, examine, state_of
from semcam.workbench.doctor.finding import Verdict
from semcam.workbench.evaluate import evaluate_manifest
from semcam.workbench.init import next_steps, starting_config, summaries, write_new
from semcam.workbench.judged import Looking, Shown, judge_clips
from semcam.workbench.own_models import check_models
from semcam.workbench.prove.prove import prove as prove_it
from semcam.workbench.prove.receipt import Outcome
from semcam.workbench.replay import EPOCH_START, Playing, pick_camera
from semcam.workbench.replay import replay as replay_clip
from semcam.workbench.report import check_place, evaluation_report, replay_report, write_report
from semcam.workbench.tables import print_table, to_json

PathArgument = click.Path(path_type=Path)
DEFAULT_CONFIG = Path("semcam.yaml")


class Commands(click.Group):
    """Turns the errors we foresaw into one sentence each, and a non-zero exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SemcamError as error:
            click.echo(marked(str(error), ERROR) if is_journal(os.environ) else str(error), err=True)
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
    return moment if moment.tzinfo else moment.astimezone()


def _broker(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Broker | None:
    if value is None:
        return None
    host, colon, port = value.partition(":")
    if not host or (colon and not (port.isdigit() and 1 <= int(port) <= 65535)):
        raise click.BadParameter("give HOST or HOST:PORT, such as localhost:1883")
    return Broker(host=host, port=int(port) if colon else None)


def _checked(kind: Any, remedy: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """For a word of the user's that goes into a topic or a command."""

    def check(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        try:
            return None if value is None else TypeAdapter(kind).validate_python(value)
        except ValidationError:
            raise click.BadParameter(remedy) from None

    return check


def _each(check: Callable[..., str | None]) -> Callable[..., tuple[str | None, ...]]:
    """The same for an option that may be repeated."""
    return lambda ctx, parameter, values: tuple(check(ctx, parameter, value) for value in values)


_AN_ID = _checked(Id, "give an id of the configuration, such as bath-101")
_IDS = _each(_AN_ID)
_ALARM_ID = _checked(EventId, "give what stands in brackets behind a sentence, such as k3v9qa-000041")


@main.command()
@click.argument("clips", metavar="CLIP...", nargs=-1, required=True, type=PathArgument)
@click.option("-c", "--config", "config_file", type=PathArgument, help="Rules and names; without it, the scene demo.")
@click.option("--camera", help="Whose rules to use, where the configuration has several cameras.")
@click.option("--mqtt", "broker", metavar="HOST[:PORT]", callback=_broker, help="Publish the events there as well.")
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
        check_place(report)
    playing = Playing(start, hold_last_s, realtime)
    console = Console(stderr=as_json, highlight=False, markup=False)
    with ExitStack() as stack:
        # the connection comes first: whoever asked for delivery learns at once that there is none
        connection = stack.enter_context(_connected(broker, config, camera)) if broker else None
        bar = stack.enter_context(_progress(console, hidden=as_json and sys.stdout.isatty()))
        sink: Sink = JsonLines() if as_json else Sentences(_print_with(bar), clip_time=True)
        for clip in clips:
            task = bar.add_task(clip.name, total=None)

            def show(done_s: float, length_s: float, task: Any = task) -> None:
                bar.update(task, completed=done_s, total=length_s or None)

            summary = replay_clip(clip, config, camera, playing, [sink], show, connection)
            bar.remove_task(task)
            bar.console.print(str(summary), style="dim", soft_wrap=True)
        if explain or report:
            shown = [Shown(clip, hold_last_s) for clip in clips]
            looking = Looking(cache=default_folder(), trail=report is not None, start=start)
            judged = judge_clips(shown, config, camera, looking, _counting(bar, "looking again"))
            for each in judged if explain else ():
                bar.console.print(f"{each.clip}: why", *each.reasons, sep="\n  ", soft_wrap=True)
            if report:
                write_report(report, replay_report(shown, judged, config, camera))


@main.command()
@click.option("-c", "--config", "config_file", type=PathArgument, default=DEFAULT_CONFIG, show_default=True,
              help="The configuration.")  # fmt: skip
@click.option("--state", type=PathArgument, help="Where events are kept; default: this user's state folder.")
def run(config_file: Path, state: Path | None) -> None:
    """Watch all cameras of a configuration until told to stop."""
    stop = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: stop.set())
    loaded = read_config(config_file)
    for hint in loaded.hints:
        _print_error(f"{config_file}: hint: {hint}")
    # systemd's journal knows the time, and has no business with names
    console = Journal(_print_line) if is_journal(os.environ) else Sentences(_print_line, clip_time=False)
    Service(loaded.config, console, _print_error, state or default_state()).run(stop)


@main.command()
@click.argument("file", type=PathArgument)
def check(file: Path) -> None:
    """Check a configuration; every mistake with its line, key and remedy."""
    loaded = read_config(file)
    check_models(file, loaded.config)
    for name, camera in loaded.config.cameras.items():
        source = without_secrets(camera.source) if camera.source else "no source yet"
        click.echo(f"{file}: camera {name}: {source}; rules: {', '.join(camera.rules)}")
    for hint in loaded.hints:
        click.echo(f"{file}: hint: {hint}")
    click.echo(f"{file}: good")


@main.command()
@click.argument("scene", required=False)
@click.option("-o", "--output", type=PathArgument, default=Path("semcam.yaml"), show_default=True, help="The file.")
@click.option("--force", is_flag=True, help="Overwrite the file if there is one.")
@click.option("--language", type=click.Choice(get_args(Language)), default="en", show_default=True,
              help="The language of the sentences.")  # fmt: skip
def init(scene: str | None, output: Path, force: bool, language: Language) -> None:
    """Write a commented configuration from a ready-made scene; without SCENE, list the scenes."""
    if scene is None:
        for name, summary in summaries().items():
            click.echo(f"{name:12}  {summary}")
        return
    write_new(output, starting_config(scene, language), force=force)
    click.echo(f"{output}: made from the scene {scene}. What to do next:")
    for step in next_steps(output):
        click.echo(f"  {step}")


@dataclass(frozen=True)
class Reached:
    """A broker as the command line, or a configuration, names it."""

    broker: Broker
    config: Config | None
    site: str
    """`+` for all."""


def _reaching_a_broker(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which a broker is named; `command` gets them as `reached`."""

    @click.argument("address", metavar="[HOST[:PORT]]", required=False, callback=_broker)
    @click.option("-c", "--config", "config_file", type=PathArgument,
                  help="Take broker, site and language from this semcam.yaml.")  # fmt: skip
    @click.option("--user", help="As the broker knows you; with HOST.")
    @click.option("--password-file", type=PathArgument, help="A file that holds your password; with HOST.")
    @click.option("--ca", type=PathArgument, help="The CA that signed the broker's certificate, for TLS; with HOST.")
    @click.option("--site", callback=_AN_ID, help="Only of this site; default: all.")
    @wraps(command)
    def reach(
        address: Broker | None,
        config_file: Path | None,
        user: str | None,
        password_file: Path | None,
        ca: Path | None,
        site: str | None,
        **rest: Any,
    ) -> None:
        config = load_config(config_file or DEFAULT_CONFIG) if address is None else None
        broker = _with_login(address, user, password_file, ca) if address else _broker_of(config)
        if address and config_file:
            raise click.UsageError("give HOST[:PORT] or -c, not both")
        command(Reached(broker, config, site or (config.site if config else "+")), **rest)

    return reach


@main.command()
@_reaching_a_broker
@click.option("--camera", callback=_AN_ID, help="Only of this camera; default: all.")
@click.option("--json", "as_json", is_flag=True, help="One event per line on stdout, nothing else.")
@click.option("--language", type=click.Choice(get_args(Language)), help="The language of the sentences.")
@click.option("--state", type=PathArgument, metavar="FILE", help="Remember there what was heard, and go on from it.")
@click.option("--ack", "alarm", metavar="ID", callback=_ALARM_ID,
              help="Acknowledge an alarm, and wait until the camera says that it is.")  # fmt: skip
@click.option("--mute", "minutes", metavar="MINUTES", type=click.FloatRange(0, 24 * 60),
              help="Ask for quiet; 0 ends it.")  # fmt: skip
@click.option("--by", metavar="NAME", callback=_checked(By, f"give a name of at most {MAX_NAME_BYTES} bytes"),
              help="Who acknowledges or mutes, as others are told.")  # fmt: skip
def watch(
    reached: Reached,
    camera: str | None,
    as_json: bool,
    language: str | None,
    state: Path | None,
    alarm: str | None,
    minutes: float | None,
    by: str | None,
) -> None:
    """Print what cameras tell over MQTT; or acknowledge an alarm, or mute cameras."""
    broker, site = reached.broker, reached.site
    language = language or (reached.config.language if reached.config else None)
    try:
        if alarm:
            click.echo(in_words(acknowledge(broker, alarm, by), language))
        elif minutes is not None:
            for answer in mute(broker, site, camera or "+", minutes, by):
                click.echo(answer)
        else:
            tell = _tell_json if as_json else lambda told: _print_line(in_words(told, language))
            watch_cameras(broker, site, camera or "+", state, tell)
    except KeyboardInterrupt:
        return  # that is how one stops watching


def _with_login(broker: Broker, user: str | None, password_file: Path | None, ca: Path | None) -> Broker:
    if password_file and not user:
        raise click.UsageError("--password-file needs --user")
    login = {"user": user, "password_file": str(password_file) if password_file else None}
    return broker.model_copy(update=login | {"tls": Tls(ca=str(ca)) if ca else False})


def _broker_of(config: Config | None) -> Broker:
    if config is None or config.mqtt is None:
        raise click.UsageError("the configuration names no broker; add mqtt: to it, or give HOST[:PORT]")
    return config.mqtt


def _tell_json(told: Told) -> None:
    if line := in_json(told):
        _print_line(line)
    elif told.kind == "connection":
        _print_error(told.sentence)


@main.command()
@_reaching_a_broker
@click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object per line on stdout, nothing else.")
@click.option("--once/--watch", "once", default=True, help="Look once, the default, or go on looking.")
@click.pass_context
def fleet(ctx: click.Context, reached: Reached, as_json: bool, once: bool) -> None:
    """List every camera, the troubled ones first.

    Exit code 0: all is well; 3: an alarm burns; 4: a camera is offline, blind, or not as it should be; 1: nobody can
    be asked.
    """
    # a pipe is as wide as it has to be
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)
    look = look_at_fleet(reached.broker, reached.site)

    if once:
        seen, now = next(look)
        if as_json:
            click.echo(fleet_json(seen, now))
        else:
            console.print(fleet_table(seen, now, console.width))
        ctx.exit(seen.health(now))
    try:
        if as_json:
            for seen, now in look:
                _print_line(fleet_json(seen, now))
        with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
            for seen, now in look:
                live.update(fleet_table(seen, now, console.width), refresh=True)
    except KeyboardInterrupt:
        return  # that is how one stops watching


@main.group()
def settings() -> None:
    """Change how cameras judge, over MQTT: signed by you, or refused by them."""


@settings.command()
@click.option("-o", "--output", type=PathArgument, default=Path("settings.key"), show_default=True,
              help="Where the secret key is written.")  # fmt: skip
def key(output: Path) -> None:
    """Make a pair of keys: a secret one for you, a public one for the semcam.yaml of your cameras."""
    public = write_key(output)
    click.echo(f"{output}: the secret key; keep it to yourself. For the semcam.yaml of each device:", err=True)
    click.echo(f"settings: {{key: {public}}}")


@settings.command()
@click.argument("file", type=PathArgument)
@_reaching_a_broker
@click.option("--camera", "cameras", multiple=True, required=True, callback=_IDS, help="For whom; may be repeated.")
@click.option("--key", "key_file", type=PathArgument, required=True, help="The secret key, from semcam settings key.")
def send(reached: Reached, file: Path, cameras: tuple[str, ...], key_file: Path) -> None:
    """Send settings to cameras, and wait until they are in force or refused. With -c, they are checked before."""
    wanted = read_settings(file)
    if reached.site == "+":
        raise click.UsageError("whose camera? give --site, or -c with a semcam.yaml")
    for name in cameras:
        if reached.config and name in reached.config.cameras:
            try:
                lay_settings(reached.config, name, wanted)
            except SettingsError as error:
                raise SettingsError(f"{file}: camera {name}: {error}") from None
    if not send_settings(reached.broker, reached.site, cameras, wanted, read_key(key_file), _print_line):
        sys.exit(1)


@settings.command()
@_reaching_a_broker
@click.option("--camera", callback=_AN_ID, help="Only of this camera; default: all.")
@click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object on stdout, nothing else.")
def show(reached: Reached, camera: str | None, as_json: bool) -> None:
    """Show which settings are in force, and what became of those that were sent last."""
    found = settings_answers(reached.broker, reached.site, camera or "+")
    if as_json:
        click.echo(json.dumps({name: json.loads(state.to_json()) for name, state in found.items()}, ensure_ascii=False))
    for name, state in found.items() if not as_json else ():
        click.echo(f"{name}: {settings_in_words(state)}")


@main.command()
@click.argument("what", type=click.Choice(["config", "event"]), default="config")
@click.option("--asyncapi", "as_asyncapi", is_flag=True, help="The MQTT topics and payloads, as AsyncAPI 3.")
def schema(what: str, as_asyncapi: bool) -> None:
    """Print the JSON Schema of semcam.yaml, for editors, or of the events that are sent."""
    shown = asyncapi() if as_asyncapi else config_schema() if what == "config" else event_schema()
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))


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


@main.command()
@click.argument("clip", required=False, type=PathArgument)
@click.option("--without", "without", multiple=True, type=click.Choice([layer.value for layer in Layer]),
              help="Mask a layer off, as on a machine that has none: landlock for a Raspberry Pi.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The receipt as one JSON object on stdout, nothing else.")
@click.pass_context
def prove(ctx: click.Context, clip: Path | None, without: tuple[str, ...], as_json: bool) -> None:
    """Prove that no picture gets out: run the real path on a marked clip, attack it, and search all that came out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the marked clip is removed even then
    console = Console(stderr=True, highlight=False, markup=False)
    with _progress(console, hidden=False) as bar:
        receipt = prove_it(clip, [Layer(name) for name in without], _showing(bar))
    click.echo(receipt.to_json() if as_json else receipt.to_text())
    ctx.exit(0 if receipt.outcome is Outcome.KEPT else 1)


@main.command()
@click.argument("clip", type=PathArgument)
@click.option("-c", "--config", "config_file", type=PathArgument, help="Rules; without it, the scene demo.")
@click.option("--camera", help="Whose rules to use, where the configuration has several cameras.")
@click.option("--threads", type=click.IntRange(0, 64), default=0, help="For the models; 0, the default: all cores.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON object on stdout, nothing else.")
def bench(clip: Path, config_file: Path | None, camera: str | None, threads: int, as_json: bool) -> None:
    """Measure where the time goes on this machine, stage by stage and against the models alone."""
    config = load_config(config_file or DEMO)
    camera = pick_camera(config, camera)
    console = Console(stderr=True, highlight=False, markup=False)
    with _progress(console, hidden=as_json) as bar:
        measured = bench_clip(clip, config, camera, threads, _showing(bar))
    if as_json:
        click.echo(measured.to_json())
    else:
        print_bench(measured)


@main.command()
@click.option("-c", "--config", "config_file", type=PathArgument,
              help="The configuration; default: semcam.yaml here, or /etc/semcam/semcam.yaml.")  # fmt: skip
@click.option("--state", type=PathArgument, help="Where `run` keeps events; default: this user's state folder.")
@click.option("--json", "as_json", is_flag=True, help="The findings as one JSON object on stdout, nothing else.")
@click.pass_context
def doctor(ctx: click.Context, config_file: Path | None, state: Path | None, as_json: bool) -> None:
    """Look at everything that has to work on this machine, and say the one thing to do next.

    Each line is ok, warn (it works, and may not for long), FAIL, or – where this machine does not have it or does not
    tell. Cameras are opened, and the models measured, unless semcam runs here already: then its own word is taken.
    The exit code is 1 where anything fails.
    """
    file = configuration_of(config_file)
    console = Console(highlight=False, markup=False)
    report = examine(console, file, state or state_of(file), quiet=as_json)
    if as_json:
        click.echo(report.to_json())
    ctx.exit(1 if report.verdict is Verdict.FAIL else 0)


@contextmanager
def _connected(broker: Broker, config: Config, camera: str) -> Iterator[Connection]:
    """A connection that says goodbye when it is left."""
    connection = Connection(broker, config.site, camera)
    connection.open()
    try:
        yield connection
    finally:
        connection.close()


def _progress(console: Console, *, hidden: bool) -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal)


def _counting(bar: Progress, what: str) -> Callable[[int, int], None]:
    task = bar.add_task(what, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def _showing(bar: Progress) -> Callable[[str, float, float], None]:
    task = bar.add_task("", total=None)
    return lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def _print_with(bar: Progress) -> Callable[[str], None]:
    return lambda text: bar.console.print(text, soft_wrap=True)


def _print_line(text: str) -> None:
    print(text, flush=True)


def _print_error(text: str) -> None:
    print(marked(text, WARNING) if is_journal(os.environ) else text, file=sys.stderr, flush=True)


def _with_language(config: Config, language: str | None) -> Config:
    return config if language is None else config.model_copy(update={"language": language})
