"""`semcam settings`: signs settings, leaves them with the broker for a camera, and waits for its answer."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from semcam.client.reading import read_payload
from semcam.client.retained import Retained
from semcam.contract.broker import Broker
from semcam.contract.errors import BrokerError, ConfigError, Problem, SettingsError
from semcam.contract.event import Status
from semcam.contract.settings import (
    Addressed,
    Outcome,
    Settings,
    SettingsState,
    SignedSettings,
    next_number,
    read_signed,
)
from semcam.courier.mqtt import Received
from semcam.courier.secret import read_secret
from semcam.courier.signature import is_signed, make_key, public_key, sign

ANSWER_WITHIN_S = 90.0
"""A camera that tries settings starts anew; on a small board that takes a minute."""


def write_key(path: Path) -> str:
    """Make a pair: the secret key into a new file that only its owner may read; returns the public one.

    Raises:
        ConfigError: there is such a file already, or it cannot be written.
    """
    secret = make_key()
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secret}\n")
    except OSError as error:
        problem = Problem(None, "", f"cannot be made ({error.strerror}); give another name with -o")
        raise ConfigError(str(path), (problem,)) from None
    return public_key(secret)


def read_key(path: Path) -> str:
    """A secret key that `write_key` has written.

    Raises:
        ConfigError: it is none, or cannot be read.
    """
    try:
        secret = read_secret(str(path))
        public_key(secret)
    except ValueError as error:
        text = str(error).removeprefix(f"{path} ")
        raise ConfigError(str(path), (Problem(None, "", text),)) from None
    return secret


def signed_for(site: str, camera: str, number: int, settings: Settings, secret: str) -> SignedSettings:
    """What is left with the broker."""
    text = Addressed(site=site, camera=camera, number=number, settings=settings).model_dump_json(exclude_unset=True)
    unsigned = SignedSettings.model_construct(signed=text, signature="")
    return SignedSettings(signed=text, signature=sign(secret, unsigned.message))


def send(
    broker: Broker, site: str, cameras: Sequence[str], settings: Settings, secret: str, tell: Callable[[str], None]
) -> bool:
    """Send them to each camera, and tell what has become of them. Says whether none was refused.

    Raises:
        BrokerError: the broker cannot be reached, a camera is not known there, or one that is online does not answer.
    """
    topics = [f"semcam/{site}/{name}/{part}" for name in cameras for part in ("status", "settings", "settings/state")]
    with Retained(broker, topics) as retained:
        known = _Answers(retained.hear_all(), public_key(secret))
        for name in cameras:
            if name not in known.statuses:
                raise BrokerError(f"no camera {site}/{name} was ever seen at {broker.where}; semcam fleet lists them")
        numbers = {name: next_number(known.numbers.get(name, 0)) for name in cameras}
        for name, number in numbers.items():
            payload = signed_for(site, name, number, settings, secret)
            retained.publish(f"semcam/{site}/{name}/settings", payload.model_dump_json())
        waiting, good = dict(numbers), True
        until_s = time.monotonic() + ANSWER_WITHIN_S
        while (waiting or not retained.is_idle) and time.monotonic() < until_s:
            known.take(retained.hear(0.2))
            for name in list(waiting):
                sentence, is_good = known.verdict(name, waiting[name])
                if sentence:
                    del waiting[name]
                    good &= is_good
                    tell(f"{site}/{name}: {sentence}")
    if waiting:
        names = ", ".join(waiting)
        raise BrokerError(f"{names}: no answer within {ANSWER_WITHIN_S:.0f} s; look into the log of the camera")
    return good


def answers(broker: Broker, site: str, camera: str) -> dict[str, SettingsState]:
    """What each camera (`site/camera`) says of its settings; `+` for all.

    Raises:
        BrokerError: the broker cannot be reached.
    """
    found: dict[str, SettingsState] = {}
    with Retained(broker, [f"semcam/{site}/{camera}/settings/state"]) as retained:
        for note in retained.hear_all():
            _, its_site, name, *_ = note.topic.split("/")
            if note.payload:
                try:
                    found[f"{its_site}/{name}"] = read_payload(SettingsState, note.payload)
                except ValueError:
                    continue  # of a later version
    return dict(sorted(found.items()))


def in_words(state: SettingsState) -> str:
    """One camera's answer, for a terminal."""
    given = state.settings.to_json()
    said = f"settings {state.number} are in force: {given}" if state.number else "only semcam.yaml is in force"
    if state.outcome in (None, Outcome.APPLIED):
        return _printable(said)
    about = "what was sent last" if state.answers is None else f"settings {state.answers}"
    why = f": {state.why}" if state.why else ""
    return _printable(f"{said}; {about}: {state.outcome.replace('_', ' ')}{why}")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


class _Answers:
    """What is known of some cameras of a site."""

    def __init__(self, heard: list[Received], public: str) -> None:
        self._public = public
        self.statuses: dict[str, Status] = {}
        self.numbers: dict[str, int] = {}
        """The highest known; only what the owner of the key has signed, or the camera says."""
        self._states: dict[str, SettingsState] = {}
        self._said_now: set[str] = set()
        self.take(heard)

    def take(self, heard: list[Received]) -> None:
        for note in heard:
            _, _, name, *rest = note.topic.split("/")
            try:
                match rest:
                    case ["status"]:
                        self.statuses[name] = read_payload(Status, note.payload)
                    case ["settings"]:
                        self._note_number(name, self._number_of(note.payload))
                    case _:
                        self._states[name] = state = read_payload(SettingsState, note.payload)
                        self._note_number(name, max(state.number, state.answers or 0))
                        if not note.retained:
                            self._said_now.add(name)
            except ValueError:
                continue

    def verdict(self, name: str, number: int) -> tuple[str, bool]:
        """What has become of settings, in a sentence, and whether that is good; no sentence where it is not known."""
        state = self._states.get(name)
        if self.statuses[name].state == "offline":
            return "is offline; the broker keeps them until it comes back", True
        if state is None or state.outcome is Outcome.TRIED:
            return "", True
        if state.answers is None and state.outcome is Outcome.REFUSED and name in self._said_now:
            return f"refused: {state.why}", False
        if state.answers != number:
            return "", True
        if state.outcome is Outcome.APPLIED:
            return "in force", True
        return f"{'refused' if state.outcome is Outcome.REFUSED else 'taken back'}: {state.why}", False

    def _note_number(self, name: str, number: int) -> None:
        self.numbers[name] = max(number, self.numbers.get(name, 0))

    def _number_of(self, payload: bytes) -> int:
        try:
            signed = read_signed(payload)
            return signed.addressed().number if is_signed(self._public, signed.message, signed.signature) else 0
        except SettingsError:
            return 0
