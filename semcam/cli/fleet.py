"""`semcam fleet`."""

import sys

import click
from rich.console import Console
from rich.live import Live

from semcam.cli.lines import print_line
from semcam.cli.reach import Reached, reaching_a_broker
from semcam.client.fleet import in_json, look_at_fleet
from semcam.client.fleet_table import table


@click.command()
@reaching_a_broker
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
            click.echo(in_json(seen, now))
        else:
            console.print(table(seen, now, console.width))
        ctx.exit(seen.health(now))
    try:
        if as_json:
            for seen, now in look:
                print_line(in_json(seen, now))
        with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
            for seen, now in look:
                live.update(table(seen, now, console.width), refresh=True)
    except KeyboardInterrupt:
        return  # that is how one stops watching
