"""How far a long piece of work has got, for whoever watches a terminal."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


def progress(console: Console, *, hidden: bool) -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal)


def counting(bar: Progress, what: str) -> Callable[[int, int], None]:
    """For work that counts what is done, and all there is."""
    task = bar.add_task(what, total=None)
    return lambda done, total: bar.update(task, completed=done, total=total)


def showing(bar: Progress) -> Callable[[str, float, float], None]:
    """For work that also says what it is doing."""
    task = bar.add_task("", total=None)
    return lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def print_with(bar: Progress) -> Callable[[str], None]:
    """Lines above the bar."""
    return lambda text: bar.console.print(text, soft_wrap=True)
