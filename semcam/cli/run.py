"""`semcam run`: the service, and the only command that runs for months."""

import os
import signal
import threading
from pathlib import Path

import click

from semcam.cli.lines import print_error, print_line
from semcam.cli.options import DEFAULT_CONFIG, PathArgument
from semcam.contract.load import read_config
from semcam.courier.console import Sentences
from semcam.courier.journal import Journal, is_journal
from semcam.courier.service import Service, default_state


@click.command()
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
        print_error(f"{config_file}: hint: {hint}")
    # systemd's journal knows the time, and has no business with names
    console = Journal(print_line) if is_journal(os.environ) else Sentences(print_line, clip_time=False)
    Service(loaded.config, console, print_error, state or default_state()).run(stop)
