"""Let asyncpg ask the server about PostgreSQL's array types once in a run, not on each new connection.

The question takes 13 ms of the server's CPU, and each test opens new connections.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from asyncpg import Connection  # type: ignore[import-untyped]  # ships no types

OWN_OBJECTS = 16384
"""The lowest oid of a database's own types. Types with a lower oid are the same in all databases of a server."""


class _NoStatement(NamedTuple):
    """A stand-in for the prepared statement with which asyncpg asks for types. asyncpg reads only its name."""

    name: str


@contextmanager
def types_asked_once() -> Iterator[None]:
    """Within the body of the `with` statement, ask PostgreSQL only once about the same types.

    Later connections get the answer that the first one got.
    """
    ask = Connection._introspect_types
    known: dict[frozenset[int], Any] = {}

    async def asked_once(connection: Any, oids: Collection[int], seconds: float | None) -> tuple[Any, Any]:
        asked = frozenset(oids)
        if asked in known:
            return known[asked], _NoStatement("known types")
        types, statement = await ask(connection, oids, seconds)
        if max(asked) < OWN_OBJECTS:
            known[asked] = types
        return types, statement

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "_introspect_types", asked_once)
        yield
