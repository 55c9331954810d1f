"""`semcam watch`: the reference subscriber. Prints what cameras tell, in order and once; asks for what it missed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from semcam.client.subscriber import Position, Subscriber, Told
from semcam.contract.broker import Broker
from semcam.contract.command import Ack
from semcam.contract.delivery import AlarmStage
from semcam.contract.errors import BrokerError, ConfigError, Problem
from semcam.contract.event import Event

ANSWER_WITHIN_S = 10.0
LOOK_AROUND_S = 2.0
"""For so long it takes cameras to be seen: what they retain comes at once."""
_Positions: TypeAdapter[dict[str, Position]] = TypeAdapter(dict[str, Position])


def in_words(told: Told, language: str | None = None) -> str:
    """One line for a terminal; whatever else somebody may have put into a message."""
    line = _words(told, language)
    return "".join(letter if letter.isprintable() else " " for letter in line)


def in_json(told: Told) -> str | None:
    """One event as it was published; None for what is no event."""
    return told.event.to_json() if told.event and told.kind == "event" else None


def _words(told: Told, language: str | None) -> str:
    match told.kind:
        case "event" | "burning" if told.event is not None:
            stage = told.event.data.stage if told.kind == "event" else "still burns"
            late = "  (late)" if told.event.data.historical else ""
            message = _message(told.event, language)
            return f"{told.event.time}  {told.camera}  {stage:12}  {message}  [{told.event.data.alarm}]{late}"
        case "missing" if told.missing is not None:
            first, last, epoch = told.missing.first, told.missing.last, told.missing.epoch
            why = "the camera no longer has them" if told.missing.is_final else "the camera does not answer yet"
            return f"{told.camera}: events {first} to {last} of {epoch} are missing; {why}"
        case "burning":
            return f"{told.camera}: {told.sentence}"
        case "connection":
            return told.sentence
        case _:
            return f"{told.camera} is {told.kind}"


def _message(event: Event, language: str | None) -> str:
    by_language = {str(key): text for key, text in event.data.messages.items()}
    return by_language.get(language or "", event.data.message)


def read_positions(path: Path) -> dict[str, Position]:
    """Up to where an earlier watcher has heard each camera; nothing where there is no such file yet.

    Raises:
        ConfigError: it is not a file that a watcher wrote.
    """
    try:
        return _Positions.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError):
        problem = Problem(None, "", "is not what semcam watch wrote; give another --state, or remove it to begin anew")
        raise ConfigError(str(path), (problem,)) from None


def write_positions(path: Path, positions: dict[str, Position]) -> None:
    """Whole or not at all.

    Raises:
        ConfigError: it cannot be written.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.write_bytes(_Positions.dump_json(positions))
        fresh.replace(path)
    except OSError as error:
        problem = Problem(None, "", f"cannot be written ({error.strerror}); give another --state")
        raise ConfigError(str(path), (problem,)) from None


def watch(
    broker: Broker,
    site: str,
    camera: str,
    state: Path | None,
    tell: Callable[[Told], None],
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Tell everything until `is_over`; for ever, unless it is given.

    Raises:
        SemcamError: the broker cannot be reached, or `state` cannot be used.
    """
    positions = read_positions(state) if state else {}
    kept = positions
    with Subscriber(broker, site, camera, positions) as subscriber:
        while not is_over():
            for told in subscriber.news(0.5):
                tell(told)
            # written after it was told: what is told twice after a crash is less bad than what is never told
            if state and subscriber.positions != kept:
                kept = subscriber.positions
                write_positions(state, kept)


def acknowledge(broker: Broker, alarm: str, by: str | None) -> Told:
    """Acknowledge one alarm, and wait for the camera's word that it is. Returns that word.

    Raises:
        BrokerError: the broker cannot be reached, no camera knows the alarm, or it does not answer.
    """
    command = Ack(alarm=alarm, by=by)
    epoch = alarm.rpartition("-")[0]
    camera: str | None = None
    with Subscriber(broker) as subscriber:
        until_s = time.monotonic() + ANSWER_WITHIN_S
        while time.monotonic() < until_s:
            for told in subscriber.news(0.2):
                if told.event and told.event.data.alarm == alarm and told.event.data.stage is AlarmStage.ACKNOWLEDGED:
                    return told
                if told.kind == "connection":
                    raise BrokerError(told.sentence)
            # the first part of the id names the camera: it is the one whose events are numbered so
            if camera is None and (camera := _numbered_so(epoch, subscriber.positions)):
                subscriber.command(camera, "ack", command)
    if camera is None:
        raise BrokerError(f"no camera knows alarm {alarm}; its id stands in brackets behind what semcam watch prints")
    raise BrokerError(
        f"{camera} did not acknowledge alarm {alarm} within {ANSWER_WITHIN_S:.0f} s: it does not burn any more, or "
        "the camera is away; semcam watch shows what burns"
    )


def mute(broker: Broker, site: str, camera: str, minutes: float, by: str | None) -> Iterator[str]:
    """Mute cameras, or with 0 minutes end it, and wait for their word that they are. Tells it of each.

    Raises:
        BrokerError: the broker cannot be reached, there is no such camera, or one does not answer.
    """
    with Subscriber(broker, site, camera) as subscriber:
        _listen(subscriber, LOOK_AROUND_S, lambda: "+" not in (site, camera) and bool(subscriber.statuses))
        before = {name: status for name, status in subscriber.statuses.items() if status.state == "online"}
        if not before:
            raise BrokerError(f"no camera {site}/{camera} is online at {broker.where}; semcam watch shows which are")
        for name in before:
            subscriber.mute(name, minutes, by=by)

        def has_answered(name: str) -> bool:
            until = subscriber.statuses[name].muted_until
            return until != before[name].muted_until if minutes else until is None

        _listen(subscriber, ANSWER_WITHIN_S, lambda: all(map(has_answered, before)))
        for name in before:
            if not has_answered(name):
                raise BrokerError(f"{name} does not answer; look into its log")
            until = subscriber.statuses[name].muted_until
            yield f"{name} is muted until {until}" if until else f"{name} is not muted"


def _listen(subscriber: Subscriber, for_s: float, is_enough: Callable[[], bool]) -> None:
    until_s = time.monotonic() + for_s
    while time.monotonic() < until_s and not is_enough():
        for told in subscriber.news(0.2):
            if told.kind == "connection":
                raise BrokerError(told.sentence)


def _numbered_so(epoch: str, positions: dict[str, Position]) -> str | None:
    return next((camera for camera, position in positions.items() if epoch in position), None)
