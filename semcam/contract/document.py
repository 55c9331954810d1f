"""A YAML file as somebody wrote it: read within bounds, and each key knows its line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from semcam.contract.errors import ConfigError, Problem
from semcam.contract.sentences import yaml_in_words

MOST_BYTES = 256_000
"""Enough for hundreds of cameras, and read within seconds."""
MOST_ENTRIES = 50_000
"""Values, each alias counted as often as it is used: a few lines of aliases of aliases could fill any memory."""

Steps = tuple[Any, ...]
"""The way from the top of the document to a value: keys, and places in lists."""


@dataclass(frozen=True, slots=True)
class Document:
    """The file's content and where it stands."""

    root: Mapping[Any, Any]
    """As ruamel gives it, with line numbers."""
    twice: tuple[Problem, ...] = ()
    """Keys that stand twice."""

    def plain(self) -> Any:
        """The content as plain dicts, lists, texts and numbers."""
        return _plain(self.root)

    def problem(self, steps: Steps, message: str) -> Problem:
        """A mistake, told with the line of the deepest of `steps` that is in the file."""
        return Problem(self.line(steps), ".".join(map(str, steps)), message)

    def line(self, steps: Steps) -> int | None:
        """The line of the deepest of `steps` that is in the file, counted from 1."""
        line, node = None, self.root
        for step in steps:
            here, node = _into(node, step)
            line = here or line
        return line

    def odd_values(self) -> Iterator[Problem]:
        """Dates, tagged things and keys that are no text: what YAML knows and a configuration does not."""
        yield from self._odd_values(self.root, ())

    def _odd_values(self, node: Any, steps: Steps) -> Iterator[Problem]:
        odd = "is neither text nor a number nor a list; put it in quotes"
        if isinstance(node, Mapping):
            for key, value in node.items():
                if isinstance(key, str | int | float | None):
                    yield from self._odd_values(value, (*steps, key))
                else:
                    yield self.problem((*steps, key), odd)
        elif isinstance(node, list | tuple):
            for index, value in enumerate(node):
                yield from self._odd_values(value, (*steps, index))
        elif not isinstance(node, str | int | float | None):
            yield self.problem(steps, odd)


def read_document(path: Path) -> Document:
    """Read a file that holds one YAML mapping.

    Raises:
        ConfigError: it cannot be read, is no YAML, or is larger than a configuration can be.
    """

    def fail(message: str, line: int | None = None) -> ConfigError:
        return ConfigError(str(path), (Problem(line, "", message),))

    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        text = content.decode()
    except FileNotFoundError:
        raise fail("no such file; check the name") from None
    except OSError as error:
        raise fail(f"cannot be read ({error.strerror}); give a YAML file") from None
    except UnicodeDecodeError:
        if len(content) <= MOST_BYTES:
            raise fail("cannot be read (not UTF-8 text); give a YAML file") from None
    if len(content) > MOST_BYTES:
        raise fail(f"is longer than {MOST_BYTES // 1000} kB; is it the right file?")
    twice: list[Problem] = []
    try:
        root = _yaml(twice).load(text)
        entries = _count(root, {})
    except MarkedYAMLError as error:
        raise fail(yaml_in_words(error), error.problem_mark.line + 1 if error.problem_mark else None) from None
    except Exception as error:
        # what odd tags and escapes make ruamel raise has no common root
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise fail(f"is not YAML that a configuration needs ({reason}); write it plainly") from None
    if entries > MOST_ENTRIES:
        raise fail(f"holds more than {MOST_ENTRIES} values with its aliases (*) written out; use fewer of them")
    if not isinstance(root, dict):
        raise fail("must hold keys such as site: and cameras:", 1)
    return Document(root, tuple(twice))


def _yaml(twice: list[Problem]) -> YAML:
    """A parser that puts keys which stand twice into `twice` and goes on, so that all mistakes are found in one go."""

    class Constructor(RoundTripConstructor):
        def check_mapping_key(self, node: Any, key_node: Any, mapping: Any, key: Any, value: Any) -> bool:  # noqa: ARG002
            if key in mapping:
                twice.append(Problem(key_node.start_mark.line + 1, str(key), "stands twice; remove one of the two"))
                return False
            return True

    # YAML 1.2: 22:00 stays text and "no" is not false
    yaml = YAML(typ="rt")
    yaml.Constructor = Constructor
    return yaml


def _count(node: Any, counted: dict[int, int]) -> int:
    """Values in a tree whose branches may be shared, counted without walking shared ones again."""
    if not isinstance(node, Mapping | list | tuple):
        return 1
    if id(node) not in counted:
        counted[id(node)] = MOST_ENTRIES  # met again on the way down, it holds itself and has no end
        inner = node.values() if isinstance(node, Mapping) else node
        counted[id(node)] = 1 + sum(_count(each, counted) for each in inner)
    return counted[id(node)]


def _plain(value: Any) -> Any:
    """Keys become text, and so does what is neither text nor a number, which is complained of elsewhere."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, ScalarBoolean):  # a boolean with an anchor
        return bool(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _into(node: Any, step: Any) -> tuple[int | None, Any]:
    """One step down: the line at which it stands, and what stands there; neither where it is not in the file."""
    if isinstance(node, CommentedMap):
        for key in node:
            if key == step or str(key) == step:
                return _marked(node.lc.key, key), node[key]
    elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
        return _marked(node.lc.item, step), node[step]
    return None, None


def _marked(find: Any, step: Any) -> int | None:
    """The line that ruamel noted; none for what came in by a merge (<<) or in an ordered map."""
    try:
        return int(find(step)[0]) + 1
    except (KeyError, TypeError, IndexError):
        return None
