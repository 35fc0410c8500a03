"""Where the current work comes from, for the security log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A request and the network of its caller, or the name of a command."""

    request_id: str | None = None
    network: str | None = None
    command: str | None = None


_UNKNOWN = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_UNKNOWN)  # a shared default is safe: it is frozen


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Make `origin` the current origin in the body and in the tasks that the body starts."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    """Return the origin of the current work; all its fields are None outside `coming_from`."""
    return _origin.get()
