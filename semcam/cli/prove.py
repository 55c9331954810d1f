"""`semcam prove`."""

import signal
import sys
from pathlib import Path

import click
from rich.console import Console

from semcam.cli.bar import progress, showing
from semcam.cli.options import PathArgument
from semcam.vision.confine.confinement import Layer
from semcam.workbench.prove.prove import prove as prove_it
from semcam.workbench.prove.receipt import Outcome


@click.command()
@click.argument("clip", required=False, type=PathArgument)
@click.option("--without", "without", multiple=True, type=click.Choice([layer.value for layer in Layer]),
              help="Mask a layer off, as on a machine that has none: landlock for a Raspberry Pi.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The receipt as one JSON object on stdout, nothing else.")
@click.pass_context
def prove(ctx: click.Context, clip: Path | None, without: tuple[str, ...], as_json: bool) -> None:
    """Prove that no picture gets out: play a marked clip, attack it, and search all that came out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the marked clip is removed even then
    console = Console(stderr=True, highlight=False, markup=False)
    with progress(console, hidden=False) as bar:
        receipt = prove_it(clip, [Layer(name) for name in without], showing(bar))
    click.echo(receipt.to_json() if as_json else receipt.to_text())
    ctx.exit(0 if receipt.outcome is Outcome.KEPT else 1)
