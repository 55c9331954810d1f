"""An expression that was read, checked and tried."""

from collections.abc import Iterator
from typing import Any

from semcam.contract.cel.complaints import in_words, noun
from semcam.contract.cel.dialect import Program
from semcam.contract.cel.limits import check, keys_of, labels_counted
from semcam.contract.cel.samples import samples
from semcam.contract.cel.tree import Tree, field_of, text_of, texts_of
from semcam.contract.seen import Seen


class ExpressionError(RuntimeError):
    """An expression came to no answer, at a moment that none of the samples foresaw."""


class Expression:
    """True or false of each moment."""

    def __init__(self, text: str) -> None:
        """Read and check it.

        Raises:
            ValueError: it is wrong, with a sentence that says what and what to do.
        """
        try:
            text.encode()
            self._program = Program(text)
            self._tree = Tree.of(self._program.tree)
        except Exception as error:  # the library raises classes of no common root
            raise ValueError(in_words(text, error)) from None
        if self._program.type != "BOOL":
            kind = noun(self._program.type)
            raise ValueError(f"is {kind}, and must be true or false; compare it, such as people.size() > 1")
        check(self._tree)
        self._try()

    def _try(self) -> None:
        for when, seen in samples(sorted(self.zones)).items():
            try:
                self.holds(seen)
            except ExpressionError as error:
                raise ValueError(f"fails {when}: {error}") from None

    def holds(self, seen: Seen) -> bool:
        """Whether it is true of a moment.

        Raises:
            ExpressionError: it is neither true nor false.
        """
        try:
            answer = self._program.run(seen)
        except Exception as error:  # the library raises some of its errors and answers with others
            raise ExpressionError(_reason(str(error))) from error
        if not isinstance(answer, bool):
            raise ExpressionError(_reason(str(answer)))
        return answer

    @property
    def zones(self) -> frozenset[str]:
        """The ids of zones that it names."""
        return frozenset(id for node in self._tree.nodes() for id in _zones_named(node))

    @property
    def labels(self) -> frozenset[str]:
        """The labels that it names."""
        return frozenset(label for node in self._tree.nodes() for label in _labels_named(node))


def _zones_named(node: Any) -> Iterator[str]:
    """Keys of `zones`, and texts that are looked for in the zones of somebody or something."""
    yield from keys_of("zones", node)
    call = node.call_expr
    if call.function == "@in" and field_of(call.args[1]) == "zones":
        yield from texts_of(call.args[0])


def _labels_named(node: Any) -> Iterator[str]:
    yield from labels_counted(node)
    if node.call_expr.function in ("_==_", "@in"):
        left, right = node.call_expr.args
        if field_of(left) == "label":
            yield from texts_of(right)
        elif field_of(right) == "label" and (label := text_of(left)):
            yield label


def _reason(said: str) -> str:
    """The library's word on what went wrong, with the remedy."""
    if "Index error" in said:
        return "a list has no member of that number; ask for its size() first, as in people.size() > 0 && …"
    if "Key not found" in said:
        return "a key is not there; ask for it first, as in 'bed' in zones && …"
    if "divide by zero" in said or "modulus by zero" in said:
        return "divides by zero; ask for that first, as in people.size() > 0 && …"
    if "regular expression" in said:
        return "the pattern in matches() is wrong; check its brackets"
    return f"it comes to no answer ({said.partition(': ')[2] or said}); write it otherwise"
