"""Progress bars for long work, on standard error if it is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

FEWEST = 2
"""Steps from which a bar is shown: work of one step ends before a bar could be read."""


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Return a function that takes the steps done and the steps in all. The bar disappears at the end."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(what, total=None, visible=False)
        yield lambda done, total: shown.update(task, completed=done, total=total, visible=total >= FEWEST)
