"""What several commands take, and how it is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from semcam.contract.base import Id
from semcam.contract.broker import Broker

PathArgument = click.Path(path_type=Path)
DEFAULT_CONFIG = Path("semcam.yaml")


def broker_of(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Broker | None:
    """A callback of click: HOST or HOST:PORT."""
    if value is None:
        return None
    host, colon, port = value.partition(":")
    if not host or (colon and not (port.isdigit() and 1 <= int(port) <= 65535)):
        raise click.BadParameter("give HOST or HOST:PORT, such as localhost:1883")
    return Broker(host=host, port=int(port) if colon else None)


def checked(kind: Any, remedy: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """For a word of the user's that goes into a topic or a command."""

    def check(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        try:
            return None if value is None else TypeAdapter(kind).validate_python(value)
        except ValidationError:
            raise click.BadParameter(remedy) from None

    return check


AN_ID = checked(Id, "give an id of the configuration, such as bath-101")
