"""What an expression must not do, beyond what its types forbid: cost too much, wait for a word that never comes, or
give different answers to the same.

The work has a bound because every list is either one of what is seen, or written out, or no longer than one of these:
lists are never joined, nested or kept in maps. What remains is counted: each turn of each loop, at its worst.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from semcam.contract.base import nearest
from semcam.contract.cel.tree import Tree, field_of, name_of, parts, text_of, texts_of
from semcam.contract.labels import LABELS
from semcam.contract.seen import MOST_OBJECTS, MOST_PEOPLE, MOST_ZONES_OF_ONE, WORDS, Seen

NAMES = tuple(field.name for field in fields(Seen))
MOST_DEEP = 2
"""A loop in a loop, and no deeper."""
MOST_STEPS = 9_999
"""Turns of all loops together; with one more the library itself stops."""
_LENGTHS = {"people": MOST_PEOPLE, "objects": MOST_OBJECTS, "zones": 100, "count": len(LABELS)}
"""How long what is seen can be; a camera has 100 zones at most."""


def check(tree: Tree) -> None:
    """Raise ValueError with a sentence for the first thing that is wrong."""
    for node in tree.nodes():
        _check_shape(node, tree.types)
        _check_order(node, tree.types)
        _check_words(node)
    if _depth(tree.root) > MOST_DEEP:
        raise ValueError(f"loops more than {MOST_DEEP} deep; take one `exists`, `filter` or the like out of another")
    if (steps := _steps(tree.root)) > MOST_STEPS:
        raise ValueError(
            f"may take {steps:,} steps with much in view, of {MOST_STEPS:,} at most; loop less often in a loop"
        )


def _check_shape(node: Any, types: Mapping[int, Any]) -> None:
    if node.HasField("struct_expr"):
        raise ValueError("builds something in { }; only compare and count what is seen")
    if (variable := node.comprehension_expr.iter_var) in NAMES:
        raise ValueError(f"calls a variable {variable!r}, which is a name already; call it {variable[0]!r}")
    type = types.get(node.id)
    if type is None or not type.HasField("list_type"):
        return
    if type.list_type.elem_type.ListFields():
        raise ValueError("makes a list of lists or of unlike things; keep to lists of one kind")
    call = node.call_expr
    if call.function == "_+_" and not (name_of(call.args[0]) or "").startswith("@"):
        raise ValueError("joins two lists; ask each of them and combine the answers with && or ||")


def _check_order(node: Any, types: Mapping[int, Any]) -> None:
    """The library goes through a map in another order in each process."""
    call = node.call_expr
    if call.function in ("_[_]", "_==_", "_!=_") and any(_is_unordered(part, types) for part in call.args):
        raise ValueError(
            "asks for the order of what comes from a map, and a map has none; ask with exists(), all(), in or size()"
        )


def _is_unordered(node: Any, types: Mapping[int, Any]) -> bool:
    """Whether it is a list that was made of a map."""
    type = types.get(node.id)
    if type is None or not type.HasField("list_type"):
        return False
    if node.HasField("comprehension_expr"):
        source = node.comprehension_expr.iter_range
        return name_of(source) in ("zones", "count") or _is_unordered(source, types)
    return node.call_expr.function == "_?_:_" and any(_is_unordered(part, types) for part in node.call_expr.args[1:])


# -- cost


def _depth(node: Any) -> int:
    loop = node.comprehension_expr if node.HasField("comprehension_expr") else None
    below = max((_depth(part) for part in parts(node)), default=0)
    if loop is None:
        return below
    # the list is gone through first, and what makes it up is not done anew for each of its members
    return max(below, _depth(loop.iter_range), 1 + _depth(loop.loop_step), 1 + _depth(loop.loop_condition))


def _steps(node: Any) -> int:
    """Turns of loops that it takes at its worst."""
    if not node.HasField("comprehension_expr"):
        return sum(map(_steps, parts(node)))
    loop = node.comprehension_expr
    each = 1 + _steps(loop.loop_condition) + _steps(loop.loop_step)
    return _steps(loop.iter_range) + _length(loop.iter_range) * each + _steps(loop.accu_init) + _steps(loop.result)


def _length(node: Any) -> int:
    """How long a list can be."""
    if node.HasField("list_expr"):
        return len(node.list_expr.elements)
    if node.HasField("comprehension_expr"):
        return _length(node.comprehension_expr.iter_range)
    if node.call_expr.function == "_?_:_":
        return max(map(_length, node.call_expr.args[1:]))
    if field_of(node) == "zones":
        return MOST_ZONES_OF_ONE
    return _LENGTHS.get(name_of(node) or "", max(_LENGTHS.values()))


# -- words


def _check_words(node: Any) -> None:
    """A posture, label or weekday that does not exist would never come."""
    for kind, word in _words(node):
        allowed = WORDS[kind]
        if word not in allowed:
            known = "" if kind == "label" else f"allowed: {', '.join(allowed)}"
            remedy = nearest(word, allowed) + known or "labels are those of COCO, and large_animal"
            raise ValueError(f"{word!r} is no {kind}; {_people_are_not_objects(word) or remedy.strip()}")
    for label in labels_counted(node):
        if label not in LABELS:
            remedy = nearest(label, sorted(LABELS)) or "labels are those of COCO, and large_animal"
            raise ValueError(f"{label!r} is no label that is counted; {remedy.strip()}")


def _people_are_not_objects(word: str) -> str:
    return "people are not among the objects, ask `people`" if word == "person" else ""


def _words(node: Any) -> Iterator[tuple[str, str]]:
    """Fields of few words that a node compares with texts, and the texts."""
    call = node.call_expr
    if call.function in ("_==_", "_!=_", "@in"):
        left, right = call.args
        for one, other in ((left, right), (right, left)):
            kind = field_of(one)
            if kind is not None and kind in WORDS:
                yield from ((kind, text) for text in texts_of(other))


def labels_counted(node: Any) -> Iterator[str]:
    """Keys of `count` that a node names."""
    return keys_of("count", node)


def keys_of(map: str, node: Any) -> Iterator[str]:
    """Keys of a map among the names that a node asks for: `zones.bed`, `zones['bed']`, `'bed' in zones`."""
    call = node.call_expr
    if field_of(node) is not None and name_of(node.select_expr.operand) == map:
        yield node.select_expr.field
    elif call.function == "_[_]" and name_of(call.args[0]) == map:
        yield from _known(text_of(call.args[1]))
    elif call.function == "@in" and name_of(call.args[1]) == map:
        yield from _known(text_of(call.args[0]))


def _known(text: str | None) -> Iterable[str]:
    return () if text is None else (text,)
