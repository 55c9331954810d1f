"""The commands, a module each; only the one that is asked for is loaded.

So the service never loads what the others look at pictures with, and a small board starts it in a third of the time.
"""

import sys
from importlib import import_module
from typing import Any

import click

from semcam import __version__
from semcam.contract.errors import SemcamError
from semcam.courier.journal import ERROR, for_stderr

COMMANDS = {
    "bench": "Measure where the time goes on this machine, stage by stage and against the models alone.",
    "check": "Check a configuration; every mistake with its line, key and remedy.",
    "doctor": "Look at everything that has to work on this machine, and say the one thing to do next.",
    "evaluate": "Score labelled clips: hits, misses and false alarms, per kind and group.",
    "fleet": "List every camera, the troubled ones first.",
    "init": "Write a commented configuration from a ready-made scene; without SCENE, list the scenes.",
    "prove": "Prove that no picture gets out: play a marked clip, attack it, and search all that came out.",
    "replay": "Run clips through the real path and print the sentences.",
    "run": "Watch all cameras of a configuration until told to stop.",
    "schema": "Print the JSON Schema of semcam.yaml, for editors, or of the events that are sent.",
    "settings": "Change how cameras judge, over MQTT: signed by you, or refused by them.",
    "watch": "Print what cameras tell over MQTT; or acknowledge an alarm, or mute cameras.",
}
"""The first sentence of each, as `--help` lists them."""


class Commands(click.Group):
    """Loads the command that is asked for, and turns the errors we foresaw into one sentence each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The one of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; the exit code is not 0 where it fails."""
        try:
            return super().invoke(ctx)
        except SemcamError as error:
            click.echo(for_stderr(str(error), ERROR), err=True)
            sys.exit(1)
        except BrokenPipeError:  # the reader of our stdout has seen enough
            sys.stderr.close()
            sys.exit(0)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="semcam")
def main() -> None:
    """A camera that tells what happened and cannot show it."""
