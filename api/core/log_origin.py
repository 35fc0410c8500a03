"""The origin of the current work: a request or a command. Each line of the security log contains the origin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class LogOrigin(NamedTuple):
    """The id of a request and the network of its caller, or the name of a command."""

    request_id: str | None = None
    network: str | None = None
    command: str | None = None


_UNKNOWN = LogOrigin()
_origin: ContextVar[LogOrigin] = ContextVar("origin", default=_UNKNOWN)  # safe to share: LogOrigin is frozen


@contextmanager
def coming_from(origin: LogOrigin) -> Iterator[None]:
    """Set the current origin for the body of the `with` statement, and for the asyncio tasks that the body starts."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def current_origin() -> LogOrigin:
    """Return the current origin. Outside of `coming_from`, all fields of the result are None."""
    return _origin.get()
