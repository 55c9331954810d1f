"""What may be said to a camera over MQTT: three commands, small and frozen. Whatever else comes changes nothing."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from semcam.contract.base import Frozen, Id
from semcam.contract.message import json_bytes

MAX_COMMAND_BYTES = 1024
MAX_NAME_BYTES = 48


def _is_a_name(name: str) -> str:
    if not name.isprintable() or not name.strip() or json_bytes(name) > MAX_NAME_BYTES:
        raise ValueError(f"is not a name of at most {MAX_NAME_BYTES} bytes")
    return name


EventId = Annotated[str, Field(pattern=r"^[a-z0-9]{1,16}-[0-9]{1,12}$")]
Epoch = Annotated[str, Field(pattern=r"^[a-z0-9]{1,16}$")]
By = Annotated[str, Field(min_length=1, max_length=MAX_NAME_BYTES), AfterValidator(_is_a_name)]
"""Who gives a command, as they wish to be called; it goes into the sentence. At most 48 bytes as JSON writes them."""
Seq = Annotated[int, Field(ge=1, lt=10**12)]


class Ack(Frozen):
    """Somebody has taken an alarm upon them; without its id, every alarm of the camera that burns."""

    alarm: EventId | None = None
    over: bool = False
    """Whether they say, too, that it is over: it is cleared."""
    by: By | None = None


class Replay(Frozen):
    """Somebody lacks events and asks for them again."""

    epoch: Epoch
    first: Seq
    last: Seq


class Mute(Frozen):
    """Somebody wants quiet for some minutes; 0 ends it."""

    minutes: Annotated[float, Field(ge=0, le=24 * 60)]
    rule: Id | None = None
    """Only of this rule."""
    by: By | None = None


Command = Ack | Replay | Mute

_COMMANDS: dict[str, type[Command]] = {"ack": Ack, "replay": Replay, "mute": Mute}


def read_command(name: str, payload: bytes) -> Command:
    """One command as it came in under `command/<name>`.

    Raises:
        ValueError: there is no such command, or it is not well formed; the message does not repeat what came in.
    """
    if name not in _COMMANDS:
        raise ValueError(f"no such command; there are {', '.join(_COMMANDS)}")
    if len(payload) > MAX_COMMAND_BYTES:
        raise ValueError(f"a command {name} of more than {MAX_COMMAND_BYTES} bytes; send one JSON object")
    try:
        command = _COMMANDS[name].model_validate_json(payload)
    except ValidationError as error:
        # the content is not repeated: it comes from anybody who may write there
        places = sorted(
            {".".join(map(str, details["loc"])) for details in error.errors()} & set(_COMMANDS[name].model_fields)
        )
        about = f" ({', '.join(places)})" if places else ""
        raise ValueError(
            f"a command {name} that is not well formed{about}; send one JSON object as documented"
        ) from None
    if isinstance(command, Replay) and command.last < command.first:
        raise ValueError("a command replay whose last comes before its first; exchange them")
    return command
