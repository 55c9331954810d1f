"""`semcam bench`."""

from pathlib import Path

import click
from rich.console import Console

from semcam.cli.bar import progress, showing
from semcam.cli.options import PathArgument
from semcam.contract.load import DEMO, load_config
from semcam.workbench.bench.bench import bench as bench_clip
from semcam.workbench.bench.bench import print_bench
from semcam.workbench.replay import pick_camera


@click.command()
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
    with progress(console, hidden=as_json) as bar:
        measured = bench_clip(clip, config, camera, threads, showing(bar))
    if as_json:
        click.echo(measured.to_json())
    else:
        print_bench(measured)
