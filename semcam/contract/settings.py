"""Settings for one camera that come over MQTT: which there may be, how they are signed, what the camera answers.

What is signed is the text as it was sent, so that no two programs have to agree on how JSON is spelled.
"""

import json
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from semcam.contract.base import Frozen, Id, is_base64
from semcam.contract.config import Camera, Config, FramesPerSecond, Line, PosePixels, RuleId, ViewName, Zone
from semcam.contract.cross_check import cross_check
from semcam.contract.document import Document, read_document
from semcam.contract.errors import ConfigError, Problem, SettingsError
from semcam.contract.findings import problem_of
from semcam.contract.scenes import lay_rule
from semcam.contract.sentences import in_words

MAX_SETTINGS_BYTES = 32 * 1024
MOST_LETTERS_OF_A_REASON = 300
SIGNED_BEGINS = b"semcam settings 1\n"
"""Stands before what is signed: a signature for anything else says nothing here."""


def _is_signature(text: str) -> str:
    if not is_base64(text, 64):
        raise ValueError("is no signature")
    return text


def _plain(rules: Any) -> Any:
    """`fall:` alone means the rule as it is."""
    return {id: {} if rule is None else rule for id, rule in rules.items()} if isinstance(rules, dict) else rules


OwnRules = Annotated[
    dict[RuleId, dict[str, Any] | Literal[False]],
    Field(max_length=100),
    BeforeValidator(_plain, json_schema_input_type=dict[RuleId, dict[str, Any] | Literal[False] | None]),
]
Number = Annotated[int, Field(ge=1, lt=2**53)]
"""Rises with each setting that is sent to a camera: milliseconds since 1970, or one more than the last."""


class Settings(Frozen):
    """All that may be changed from afar. Each key takes the place of the camera's own; rules are laid over its rules.

    What decides where pictures come from, where words go, who is let in and how pictures are kept in is not among
    them, nor is any name of a file: it stands in semcam.yaml alone.
    """

    view: ViewName | None = None
    fps: FramesPerSecond | None = None
    pose_pixels: PosePixels | None = None
    motion_gate: bool | None = None
    zones: Annotated[dict[Id, Zone], Field(max_length=100)] | None = None
    lines: Annotated[dict[Id, Line], Field(max_length=100)] | None = None
    rules: OwnRules | None = None
    """As under `rules:` of a camera that has a scene: what differs, or false for a rule that shall be silent."""

    def to_json(self) -> str:
        """Only what was given."""
        return self.model_dump_json(exclude_unset=True)


class Addressed(Frozen):
    """What is signed: settings, for whom, and which in their order."""

    site: Id
    camera: Id
    number: Number
    settings: Settings


class SignedSettings(Frozen):
    """The retained payload of `settings`: the JSON text of an `Addressed`, and its Ed25519 signature."""

    signed: Annotated[
        str, Field(max_length=MAX_SETTINGS_BYTES, json_schema_extra={"contentMediaType": "application/json"})
    ]
    signature: Annotated[str, AfterValidator(_is_signature)]
    """Base64 of 64 bytes, over `SIGNED_BEGINS` and the UTF-8 of `signed`."""

    @property
    def message(self) -> bytes:
        """What the signature is about."""
        return SIGNED_BEGINS + self.signed.encode()

    def addressed(self) -> Addressed:
        """What was signed; to be asked only once the signature is known to be right.

        Raises:
            SettingsError: it is none of what this version knows.
        """
        try:
            return Addressed.model_validate_json(self.signed)
        except ValidationError as error:
            raise SettingsError(_first_in_words(error)) from None


class Outcome(StrEnum):
    """What has become of the settings that were sent last."""

    TRIED = "tried"  # the camera starts with them; they are in force once it sees
    APPLIED = "applied"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"  # the camera did not come up with them


class SettingsState(Frozen):
    """The retained answer, `settings/state`: what is in force, and what became of what was sent last."""

    number: Annotated[int, Field(ge=0, lt=2**53)]
    """Of the settings in force; 0: those of semcam.yaml alone."""
    settings: Settings
    """Those in force."""
    answers: Number | None = None
    """Which settings the outcome is about; absent where nobody who may has sent them."""
    outcome: Outcome | None = None
    """Absent while nothing was sent."""
    why: str | None = None
    """Why they are not in force, in one sentence."""

    def to_json(self) -> str:
        """On one line."""
        return self.model_dump_json(exclude_none=True, exclude_unset=True)


def read_settings(path: Path) -> Settings:
    """Settings as somebody wrote them into a YAML file; whether they fit a camera is not known yet.

    Raises:
        ConfigError: with every problem found.
    """
    document = read_document(path)
    problems = [*document.twice, *document.odd_values()]
    try:
        settings = Settings.model_validate_json(json.dumps(document.plain()))
    except ValidationError as error:
        problems += [document.problem(each["loc"], _in_words(each)) for each in error.errors()]
    if problems:
        raise ConfigError(str(path), tuple(problems))
    return settings


def read_signed(payload: bytes) -> SignedSettings:
    """Settings as they came in, by whomever they are.

    Raises:
        SettingsError: they are too large or not in the form; the message repeats nothing of them.
    """
    if len(payload) > MAX_SETTINGS_BYTES:
        raise SettingsError(f"settings of more than {MAX_SETTINGS_BYTES} bytes; send them with semcam settings send")
    try:
        return SignedSettings.model_validate_json(payload)
    except ValidationError:
        raise SettingsError("settings that are not signed; send them with semcam settings send") from None


def next_number(last: int, now_s: float | None = None) -> int:
    """The number of the next settings: the time, or one more than the last where a clock was ahead."""
    return max(last + 1, int((time.time() if now_s is None else now_s) * 1000))


def lay_settings(config: Config, name: str, settings: Settings) -> Camera:
    """The camera as its configuration has it, with settings laid over: checked as if it had been written so.

    Raises:
        SettingsError: they do not fit; the first reason.
    """
    content = json.loads(config.model_dump_json())
    camera = content["cameras"][name]
    given = json.loads(settings.to_json())
    rules = _lay_rules(camera["rules"], given.pop("rules", None) or {})
    camera |= {key: value for key, value in given.items() if value is not None} | {"rules": rules}
    document = Document(content)
    if problem := next(cross_check(document, content), None):
        raise SettingsError(_told(problem, name))
    try:
        return Config.model_validate_json(json.dumps(content)).cameras[name]
    except ValidationError as error:
        raise SettingsError(_told(problem_of(document, content, error.errors()[0]), name)) from None


def _lay_rules(own: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    rules = dict(own)
    for id, rule in given.items():
        if rule is False:
            if rules.pop(id, None) is None:
                raise SettingsError(f"rules.{id}: turns off a rule that the camera does not have; take it out")
        elif "id" in rule:
            raise SettingsError(f"rules.{id}.id: unknown key; a rule's id is its own key")
        else:
            rules[id] = {**lay_rule(id, own.get(id), rule), "id": id}
    return rules


def _told(problem: Problem, name: str) -> str:
    return _cut(str(problem).removeprefix(f"cameras.{name}."))


def _first_in_words(error: ValidationError) -> str:
    details = error.errors()[0]
    place = ".".join(map(str, details["loc"])).removeprefix("settings.")
    return _cut(f"{place}: {_in_words(details)}" if place else "is not JSON; send them with semcam settings send")


def _in_words(details: ErrorDetails) -> str:
    if details["type"] == "extra_forbidden" and details["loc"][-2:-1] in ((), ("settings",)):
        return f"cannot be set from afar; what can be: {', '.join(Settings.model_fields)}"
    return in_words(details)


def _cut(sentence: str) -> str:
    """Of what somebody has written there may be a lot, and not all of it can be printed."""
    return "".join(letter if letter.isprintable() else " " for letter in sentence)[:MOST_LETTERS_OF_A_REASON]
