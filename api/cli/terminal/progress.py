"""Progress bars on standard error. Without a terminal, no bar is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

FEWEST = 2
"""The minimum number of steps for which a bar is shown. A single step ends before a user can read the bar."""


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with the label `what` while the body of the `with` statement runs, then remove the bar.

    Yield the function that updates the bar. The function takes the number of finished steps and the total number of
    steps.
    """
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(what, total=None, visible=False)
        yield lambda done, total: shown.update(task, completed=done, total=total, visible=total >= FEWEST)
