"""`semcam watch`."""

from pathlib import Path
from typing import get_args

import click

from semcam.cli.lines import print_error, print_line
from semcam.cli.options import AN_ID, PathArgument, checked
from semcam.cli.reach import Reached, reaching_a_broker
from semcam.client.subscriber import Told
from semcam.client.watch import acknowledge, in_json, in_words, mute
from semcam.client.watch import watch as watch_cameras
from semcam.contract.command import MAX_NAME_BYTES, By, EventId
from semcam.contract.text import Language

_ALARM_ID = checked(EventId, "give what stands in brackets behind a sentence, such as k3v9qa-000041")


@click.command()
@reaching_a_broker
@click.option("--camera", callback=AN_ID, help="Only of this camera; default: all.")
@click.option("--json", "as_json", is_flag=True, help="One event per line on stdout, nothing else.")
@click.option("--language", type=click.Choice(get_args(Language)), help="The language of the sentences.")
@click.option("--state", type=PathArgument, metavar="FILE", help="Remember there what was heard, and go on from it.")
@click.option("--ack", "alarm", metavar="ID", callback=_ALARM_ID,
              help="Acknowledge an alarm, and wait until the camera says that it is.")  # fmt: skip
@click.option("--mute", "minutes", metavar="MINUTES", type=click.FloatRange(0, 24 * 60),
              help="Ask for quiet; 0 ends it.")  # fmt: skip
@click.option("--by", metavar="NAME", callback=checked(By, f"give a name of at most {MAX_NAME_BYTES} bytes"),
              help="Who acknowledges or mutes, as others are told.")  # fmt: skip
def watch(
    reached: Reached,
    camera: str | None,
    as_json: bool,
    language: str | None,
    state: Path | None,
    alarm: str | None,
    minutes: float | None,
    by: str | None,
) -> None:
    """Print what cameras tell over MQTT; or acknowledge an alarm, or mute cameras."""
    broker, site = reached.broker, reached.site
    language = language or (reached.config.language if reached.config else None)
    try:
        if alarm:
            click.echo(in_words(acknowledge(broker, alarm, by), language))
        elif minutes is not None:
            for answer in mute(broker, site, camera or "+", minutes, by):
                click.echo(answer)
        else:
            tell = _tell_json if as_json else lambda told: print_line(in_words(told, language))
            watch_cameras(broker, site, camera or "+", state, tell)
    except KeyboardInterrupt:
        return  # that is how one stops watching


def _tell_json(told: Told) -> None:
    if line := in_json(told):
        print_line(line)
    elif told.kind == "connection":
        print_error(told.sentence)
