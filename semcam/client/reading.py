"""Payloads of this version of semcam and of later ones: a contract that only gains members breaks no reader."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from semcam.contract.event import Alarm, AlarmState, Event

Payload = TypeVar("Payload", bound=BaseModel)

_MOST_ROUNDS = 4
_NAMES_THE_CONTRACT = {"schema", "specversion", "datacontenttype"}


def read_payload(model: type[Payload], payload: bytes) -> Payload:
    """What has come in, without the members and values that only a later version knows.

    Raises:
        ValueError: it is something else, or of another contract.
    """
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        problems = error.errors()
    try:
        document = json.loads(payload)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    for _ in range(_MOST_ROUNDS):
        for problem in problems:
            # a payload of another contract must not be read as if it were one of this
            is_other = problem["type"] == "missing" or not _NAMES_THE_CONTRACT.isdisjoint(problem["loc"][-1:])
            if is_other or not _remove(document, problem["loc"]):
                raise ValueError("not a message of this contract")
        try:
            return model.model_validate_json(json.dumps(document))
        except ValidationError as error:
            problems = error.errors()
    raise ValueError("not a message of this contract")


def read_alarm(payload: bytes) -> Alarm:
    """The same for the retained word on a rule.

    Raises:
        ValueError: it is something else, or of another contract.
    """
    state = read_payload(_State, payload).state
    members = json.loads(payload)
    del members["state"]
    return Alarm(state, read_payload(Event, json.dumps(members).encode()) if members else None)


class _State(BaseModel):
    state: AlarmState


def _remove(node: Any, place: tuple[int | str, ...]) -> bool:
    """Take out one member; says whether there was one."""
    *path, last = place[:-1] if place and place[-1] == "[key]" else place or ("",)
    for step in path:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return False
    if not isinstance(node, dict):
        return False
    # two things can be wrong with one member: then it is gone already
    node.pop(last, None)
    return True
