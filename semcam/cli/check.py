"""`semcam check`."""

from pathlib import Path

import click

from semcam.cli.options import PathArgument
from semcam.contract.address import without_secrets
from semcam.contract.load import read_config
from semcam.workbench.own_models import check_models


@click.command()
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
