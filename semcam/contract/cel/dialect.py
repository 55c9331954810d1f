"""Which part of CEL an expression may use, on which names; and how it is run.

Everything has a type that is known before anything is in view, so that a wrong name or a comparison of unlike things is
found when the configuration is read, in every branch.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args, get_origin, get_type_hints

from cel_expr_python import cel  # type: ignore[import-untyped]

from semcam.contract.cel.messages import Field, message_classes
from semcam.contract.seen import Object, Person, Seen, Time, Zone

MACROS = ("has", "all", "exists", "exists_one", "map", "filter")
FUNCTIONS = ("size", "contains", "startsWith", "endsWith", "matches", "int", "double", "string")
"""Those with names. Left out is what could build ever longer texts, hide a type or ask for another clock."""
_NUMBERS = ("int64", "double")
_OPERATORS: Mapping[str, tuple[str, ...]] = {
    "!_": (),
    "_&&_": (),
    "_||_": (),
    "_?_:_": (),
    "_==_": (),
    "_!=_": (),
    "_[_]": (),
    "@in": (),
    "@not_strictly_false": (),  # `all` and `exists` are built of it
    "_+_": ("add_int64", "add_double", "add_list"),  # lists: `map` and `filter` are built of it
    "_-_": tuple(f"subtract_{kind}" for kind in _NUMBERS),
    "_*_": tuple(f"multiply_{kind}" for kind in _NUMBERS),
    "_/_": tuple(f"divide_{kind}" for kind in _NUMBERS),
    "_%_": ("modulo_int64",),
    "-_": tuple(f"negate_{kind}" for kind in _NUMBERS),
}
_COMPARISONS = {"_<_": "less", "_<=_": "less_equals", "_>_": "greater", "_>=_": "greater_equals"}

_SCALARS = {int: cel.Type.INT, float: cel.Type.DOUBLE, str: cel.Type.STRING, bool: cel.Type.BOOL}
_PACKAGE = "semcam"


def _fields(model: type) -> dict[str, Field]:
    hints = get_type_hints(model)
    return {
        field.name: (number, get_args(hints[field.name])[0], True)
        if get_origin(hints[field.name]) is tuple
        else (number, hints[field.name], False)
        for number, field in enumerate(fields(model), 1)
    }


_pool, _classes = message_classes(_PACKAGE, {model.__name__: _fields(model) for model in (Person, Object, Zone, Time)})


def _type(hint: Any) -> Any:
    """The CEL type of a Python type of `contract.seen`."""
    inner = [_type(part) for part in get_args(hint) if part is not ...]
    if get_origin(hint) is tuple:
        return cel.Type.List(*inner)
    if inner:
        return cel.Type.Map(*inner)
    return _SCALARS.get(hint) or cel.Type(f"{_PACKAGE}.{hint.__name__}")


def _comparison(operator: str, id: str) -> Any:
    """Whole numbers compare with fractions: `p.seen_s > 5`. The library does so, and its standard signatures do not."""
    numbers = (cel.Type.INT, cel.Type.DOUBLE)
    pairs = [(a, b) for a in numbers for b in numbers] + [(cel.Type.STRING, cel.Type.STRING)]
    overloads = [
        cel.Overload(f"{id}_{a.name()}_{b.name()}", return_type=cel.Type.BOOL, parameters=[a, b]) for a, b in pairs
    ]
    return cel.FunctionDecl(operator, overloads)


def _allowed() -> str:
    """The part of the standard library that there is, as the library wants to be told: in YAML."""
    functions = [f'{{name: "{name}"}}' for name in FUNCTIONS]
    for name, overloads in _OPERATORS.items():
        only = f", overloads: [{', '.join(f'{{id: {id}}}' for id in overloads)}]" if overloads else ""
        functions.append(f'{{name: "{name}"{only}}}')
    lines = "".join(f"\n  - {function}" for function in functions)
    return f"stdlib:\n  include_macros: [{', '.join(MACROS)}]\n  include_functions:{lines}\n"


_names = {name: _type(hint) for name, hint in get_type_hints(Seen).items()}
_checking = cel.NewEnv(
    _pool,
    config=cel.NewEnvConfigFromYaml(_allowed()),
    variables=_names,
    functions=[_comparison(operator, id) for operator, id in _COMPARISONS.items()],
)
_running = cel.NewEnv(_pool, variables=_names)


class Program:
    """An expression whose names and types are right."""

    def __init__(self, text: str) -> None:
        """Check and translate `text`.

        Raises:
            Exception: what the library says is wrong; it has no class of its own for it.
        """
        checked = _checking.compile(text)
        self.type: str = checked.return_type().name()
        self.tree: bytes = checked.serialize()
        """The checked syntax, as an Any that holds a CheckedExpr of the CEL specification."""
        self._program = _running.deserialize(self.tree)

    def run(self, seen: Seen) -> object:
        """What it says of a moment: a value, or the sentence of an error as text."""
        people, objects, zones, time = (_classes[model.__name__] for model in (Person, Object, Zone, Time))
        return self._program.eval(
            data={
                "people": [people(**vars(person)) for person in seen.people],
                "objects": [objects(**vars(thing)) for thing in seen.objects],
                "zones": {id: zones(**vars(zone)) for id, zone in seen.zones.items()},
                "count": dict(seen.count),
                "time": time(**vars(seen.time)),
            }
        ).plain_value()
