"""Which broker a command asks: by an address, or by a configuration."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from semcam.cli.options import AN_ID, DEFAULT_CONFIG, PathArgument, broker_of
from semcam.contract.broker import Broker, Tls
from semcam.contract.config import Config
from semcam.contract.load import load_config


@dataclass(frozen=True)
class Reached:
    """A broker as the command line, or a configuration, names it."""

    broker: Broker
    config: Config | None
    site: str
    """`+` for all."""


def reaching_a_broker(command: Callable[..., None]) -> Callable[..., None]:
    """The options by which a broker is named; `command` gets them as `reached`."""

    @click.argument("address", metavar="[HOST[:PORT]]", required=False, callback=broker_of)
    @click.option("-c", "--config", "config_file", type=PathArgument,
                  help="Take broker, site and language from this semcam.yaml.")  # fmt: skip
    @click.option("--user", help="As the broker knows you; with HOST.")
    @click.option("--password-file", type=PathArgument, help="A file that holds your password; with HOST.")
    @click.option("--ca", type=PathArgument, help="The CA that signed the broker's certificate, for TLS; with HOST.")
    @click.option("--site", callback=AN_ID, help="Only of this site; default: all.")
    @wraps(command)
    def reach(
        address: Broker | None,
        config_file: Path | None,
        user: str | None,
        password_file: Path | None,
        ca: Path | None,
        site: str | None,
        **rest: Any,
    ) -> None:
        config = load_config(config_file or DEFAULT_CONFIG) if address is None else None
        broker = _with_login(address, user, password_file, ca) if address else _broker_of(config)
        if address and config_file:
            raise click.UsageError("give HOST[:PORT] or -c, not both")
        command(Reached(broker, config, site or (config.site if config else "+")), **rest)

    return reach


def _with_login(broker: Broker, user: str | None, password_file: Path | None, ca: Path | None) -> Broker:
    if password_file and not user:
        raise click.UsageError("--password-file needs --user")
    login = {"user": user, "password_file": str(password_file) if password_file else None}
    return broker.model_copy(update=login | {"tls": Tls(ca=str(ca)) if ca else False})


def _broker_of(config: Config | None) -> Broker:
    if config is None or config.mqtt is None:
        raise click.UsageError("the configuration names no broker; add mqtt: to it, or give HOST[:PORT]")
    return config.mqtt
