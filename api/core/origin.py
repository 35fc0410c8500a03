"""The origin of the current work, for the security log. The origin is a request or a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The id of a request and the network of its caller, or the name of a command."""

    request_id: str | None = None
    network: str | None = None
    command: str | None = None


_UNKNOWN = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_UNKNOWN)  # safe to share: Origin is frozen


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Set the origin for the body of the `with` statement, and for the tasks that the body starts."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    """Return the current origin. Outside `coming_from`, all its fields are None."""
    return _origin.get()
