"""`semcam schema`."""

import json

import click

from semcam.contract.asyncapi import asyncapi
from semcam.contract.schema import config_schema, event_schema


@click.command()
@click.argument("what", type=click.Choice(["config", "event"]), default="config")
@click.option("--asyncapi", "as_asyncapi", is_flag=True, help="The MQTT topics and payloads, as AsyncAPI 3.")
def schema(what: str, as_asyncapi: bool) -> None:
    """Print the JSON Schema of semcam.yaml, for editors, or of the events that are sent."""
    shown = asyncapi() if as_asyncapi else config_schema() if what == "config" else event_schema()
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
