"""The checked syntax of an expression, as far as it is looked at here.

Field numbers are those of the CEL specification, cel/expr/syntax.proto and checked.proto. A macro such as `exists` is a
Comprehension there: a loop over `iter_range` whose `accu_var`, `@result`, no person can write.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from semcam.contract.cel.messages import Field, message_classes


def _one(number: int, kind: Any) -> Field:
    return number, kind, False


def _many(number: int, kind: Any) -> Field:
    return number, kind, True


_, _messages = message_classes(
    "tree",
    {
        "Any": {"value": _one(2, bytes)},
        "CheckedExpr": {"type_map": _many(3, "TypeEntry"), "expr": _one(4, "Expr")},
        "TypeEntry": {"key": _one(1, int), "value": _one(2, "Type")},
        "Type": {
            "dyn": _one(1, "Nothing"),
            "list_type": _one(6, "ListType"),
            "map_type": _one(7, "Nothing"),
        },
        "ListType": {"elem_type": _one(1, "Type")},
        "Nothing": {},
        "Expr": {
            "id": _one(2, int),
            "const_expr": _one(3, "Constant"),
            "ident_expr": _one(4, "Ident"),
            "select_expr": _one(5, "Select"),
            "call_expr": _one(6, "Call"),
            "list_expr": _one(7, "CreateList"),
            "struct_expr": _one(8, "Nothing"),
            "comprehension_expr": _one(9, "Comprehension"),
        },
        "Constant": {"string_value": _one(6, str)},
        "Ident": {"name": _one(1, str)},
        "Select": {"operand": _one(1, "Expr"), "field": _one(2, str)},
        "Call": {"target": _one(1, "Expr"), "function": _one(2, str), "args": _many(3, "Expr")},
        "CreateList": {"elements": _many(1, "Expr")},
        "Comprehension": {
            "iter_var": _one(1, str),
            "iter_range": _one(2, "Expr"),
            "accu_init": _one(4, "Expr"),
            "loop_condition": _one(5, "Expr"),
            "loop_step": _one(6, "Expr"),
            "result": _one(7, "Expr"),
        },
    },
)


@dataclass(frozen=True, slots=True)
class Tree:
    """Root and types."""

    root: Any
    """An Expr."""
    types: dict[int, Any]
    """Types by the id of their Expr."""

    @classmethod
    def of(cls, checked: bytes) -> "Tree":
        """Read an Any that holds a CheckedExpr."""
        expression = _messages["CheckedExpr"].FromString(_messages["Any"].FromString(checked).value)
        return cls(expression.expr, {entry.key: entry.value for entry in expression.type_map})

    def nodes(self) -> Iterator[Any]:
        """Every Expr, the root first."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += parts(node)


def parts(node: Any) -> list[Any]:
    """The Exprs right below one."""
    found: list[Any] = []
    for _, form in node.ListFields():
        for _, value in form.ListFields() if hasattr(form, "ListFields") else ():
            inner = value if hasattr(value, "append") else [value]
            found += [each for each in inner if isinstance(each, _messages["Expr"])]
    return found


def name_of(node: Any) -> str | None:
    """What a plain name is called."""
    return node.ident_expr.name if node.HasField("ident_expr") else None


def field_of(node: Any) -> str | None:
    """Which field a node asks of something."""
    return node.select_expr.field if node.HasField("select_expr") else None


def text_of(node: Any) -> str | None:
    """The text that a node is, where it is one in quotes."""
    return node.const_expr.string_value if node.const_expr.HasField("string_value") else None


def texts_of(node: Any) -> list[str]:
    """The texts in quotes that a node is, or lists."""
    each = list(node.list_expr.elements) if node.HasField("list_expr") else [node]
    return [text for part in each if (text := text_of(part)) is not None]
