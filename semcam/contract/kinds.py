"""The rules' models by kind, and how their keys and times are written."""

from typing import get_args

from pydantic import AliasChoices

from semcam.contract.rule_base import RuleBase
from semcam.contract.rules import AnyRule

KINDS: dict[str, type[AnyRule]] = {model.model_fields["kind"].default: model for model in get_args(AnyRule)}


def written_names(model: type[AnyRule]) -> dict[str, tuple[str, ...]]:
    """For each field, the keys under which it may be written, the plainest first: `for` and `after` say the same."""
    return {name: _names(name, field.validation_alias) for name, field in model.model_fields.items() if name != "id"}


def description(model: type[AnyRule], field: str) -> str | None:
    """What a field is for, in the model's own words or else in those of the kind of rule that it refines."""
    bases = [base for base in model.__mro__ if issubclass(base, RuleBase) and field in base.model_fields]
    return next((words for base in bases if (words := base.model_fields[field].description)), None)


def _names(name: str, alias: object) -> tuple[str, ...]:
    if isinstance(alias, AliasChoices):
        return tuple(choice for choice in alias.choices if isinstance(choice, str))
    return (name,)


def written_duration(seconds: float) -> str:
    """A duration as a person would write it: 500ms, 90s, 30min, 12h."""
    if 0 < seconds < 1:
        return f"{1000 * seconds:g}ms"
    for unit, length_s in (("h", 3600), ("min", 60)):
        if seconds and seconds % length_s == 0:
            return f"{seconds / length_s:g}{unit}"
    return f"{seconds:g}s"
