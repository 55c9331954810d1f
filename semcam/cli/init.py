"""`semcam init`."""

from pathlib import Path
from typing import get_args

import click

from semcam.cli.options import PathArgument
from semcam.contract.text import Language
from semcam.workbench.init import next_steps, starting_config, summaries, write_new


@click.command()
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
