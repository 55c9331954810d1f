"""What pydantic and the YAML parser find wrong, in words for whoever wrote the file. Each ends in the remedy."""

import re

from pydantic_core import ErrorDetails
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError

from semcam.contract.base import nearest

_KEYS = "must hold keys of its own; write them below it, further to the right"
_NUMBER = "must be a number; write it without quotes"
_BY_TYPE = {
    "missing": "is missing; add it",
    "string_type": "must be text; put it in quotes",
    "string_too_short": "is empty; give it a text",
    "string_too_long": "is too long; use at most {max_length} letters",
    "string_pattern_mismatch": "is not an id; use small letters, digits, - and _ only, at most 24, such as bath-101",
    "literal_error": "is none of the choices; {near}use {expected}",
    "enum": "is none of the choices; {near}use {expected}",
    "int_type": "must be a whole number; write it without quotes",
    "int_from_float": "must be a whole number; leave out the fraction",
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": "must be true or false; write one of them without quotes",
    "less_than_equal": "is too large; use at most {le:g}",
    "greater_than_equal": "is too small; use at least {ge:g}",
    "greater_than": "is too small; use more than {gt:g}",
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "tuple_type": "must be a list; put it in brackets, such as [bear, dog]",
    "too_short": "holds too little; give at least {min_length}",
    "too_long": "holds too much; give at most {max_length}",
    "json_invalid": "holds a letter that does not exist; look for \\u or \\x in the text",
}


def in_words(details: ErrorDetails) -> str:
    """One of pydantic's findings as a sentence."""
    known = _BY_TYPE.get(details["type"])
    if known is None:
        return details["msg"].removeprefix("Value error, ")
    context = details.get("ctx", {})
    near = nearest(str(details["input"]), re.findall("'([^']*)'", context.get("expected", "")))
    return known.format(near=near, **context)


def yaml_in_words(error: MarkedYAMLError) -> str:
    """One of the parser's findings as a sentence."""
    if isinstance(error, DuplicateKeyError):
        return "the same key stands twice; remove one of the two"
    problem = (error.problem or "not YAML").split("\n")[0]
    if "'\\t'" in problem:
        return "a tab cannot indent YAML; use spaces"
    if "another document" in problem:
        return "a second document begins here (---); keep one"
    return f"{problem}; check indentation, colons and quotes"
