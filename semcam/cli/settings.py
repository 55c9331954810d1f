"""`semcam settings key`, `send` and `show`."""

import json
import sys
from pathlib import Path

import click

from semcam.cli.lines import print_line
from semcam.cli.options import AN_ID, PathArgument
from semcam.cli.reach import Reached, reaching_a_broker
from semcam.client.settings import answers, in_words, read_key, write_key
from semcam.client.settings import send as send_settings
from semcam.contract.errors import SettingsError
from semcam.contract.settings import lay_settings, read_settings


def _ids(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str | None, ...]:
    return tuple(AN_ID(ctx, parameter, value) for value in values)


@click.group()
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
@reaching_a_broker
@click.option("--camera", "cameras", multiple=True, required=True, callback=_ids, help="For whom; may be repeated.")
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
    if not send_settings(reached.broker, reached.site, cameras, wanted, read_key(key_file), print_line):
        sys.exit(1)


@settings.command()
@reaching_a_broker
@click.option("--camera", callback=AN_ID, help="Only of this camera; default: all.")
@click.option("--json", "as_json", is_flag=True, help="All of it as one JSON object on stdout, nothing else.")
def show(reached: Reached, camera: str | None, as_json: bool) -> None:
    """Show which settings are in force, and what became of those that were sent last."""
    found = answers(reached.broker, reached.site, camera or "+")
    if as_json:
        click.echo(json.dumps({name: json.loads(state.to_json()) for name, state in found.items()}, ensure_ascii=False))
    for name, state in found.items() if not as_json else ():
        click.echo(f"{name}: {in_words(state)}")
