"""`semcam doctor`."""

from pathlib import Path

import click
from rich.console import Console

from semcam.cli.options import PathArgument
from semcam.workbench.doctor.doctor import configuration_of, examine, state_of
from semcam.workbench.doctor.finding import Verdict


@click.command()
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
