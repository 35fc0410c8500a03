"""The decorator `batched`, which marks resolvers that wait only for batched reads.

A compiled operation runs many of these resolvers in one task.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "_awaits_batches_only"


def batched(resolver: F) -> F:
    """Mark an `async` resolver that awaits nothing but the loaders of `Loaders`.

    A compiled operation begins the resolvers of all rows before it waits for any of them. Their reads therefore become
    one batch, without a task for each resolver. A marked resolver must not use `asyncio.timeout` or start tasks,
    because it begins and continues in different tasks.
    """
    setattr(resolver, _MARK, True)
    return resolver


def is_batched(resolver: Callable[..., Any]) -> bool:
    """Return whether the function is marked by `batched`."""
    return getattr(resolver, _MARK, False)
