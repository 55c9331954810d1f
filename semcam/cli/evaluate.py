"""`semcam evaluate`."""

from pathlib import Path

import click
from rich.console import Console

from semcam.cli.bar import counting, progress
from semcam.cli.options import PathArgument
from semcam.contract.load import DEMO, load_config
from semcam.workbench.cache import default_folder
from semcam.workbench.evaluate import evaluate_manifest
from semcam.workbench.judged import Looking
from semcam.workbench.replay import pick_camera
from semcam.workbench.report import check_place, evaluation_report, write_report
from semcam.workbench.tables import print_table, to_json


@click.command()
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
    with progress(console, hidden=False) as bar:
        looking = Looking(jobs, None if no_cache else default_folder(), trail=report is not None)
        result, judged = evaluate_manifest(manifest, config, camera, looking, counting(bar, manifest.name))
    if report:
        write_report(report, evaluation_report(manifest.name, result, judged, config))
    if as_json:
        click.echo(to_json(result))
    else:
        print_table(result)
