"""The record of an answered GraphQL request, for the log and the metrics. It contains no arguments and no results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

OK = "ok"
LONGEST_NAME = 100
"""The maximum length of a recorded operation name, in characters. Clients choose the names, so longer ones are cut."""


class RequestRecord(NamedTuple):
    """One answered GraphQL request.

    - `operation_name`, `kind`: the operation's name, and query or mutation. None if the request was refused before
      execution.
    - `outcome`: "ok" or the code of the first top-level error.
    - `seconds`: the time from the request to its answer.
    - `refusals`: the refusals that a mutation returned as data, such as `("inviteUsers", "NOT_FOUND")`.
    - `is_signed_in`: whether a signed-in account sent the request.
    - `fallback`: why graphql-core gave the answer (`Fallback`). None if a compiled operation gave the whole answer.
      Only the metrics use it.
    """

    request_id: str
    operation_name: str | None
    kind: str | None
    outcome: str
    seconds: float
    refusals: tuple[tuple[str, str], ...] = ()
    is_signed_in: bool = False
    fallback: str | None = None


Observe = Callable[[RequestRecord], None]


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One answered request of a CSV file. The record contains no options and no cells.

    - `route`: "users/export" or "users/import".
    - `outcome`: "ok", the code of the first error, "disconnected", or why the answer was ended early.
    - `rows`: the number of rows that were sent, or that got an outcome.
    - `seconds`: the time from the request to the end of its answer.
    """

    request_id: str
    route: str
    outcome: str
    rows: int
    seconds: float
