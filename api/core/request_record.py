"""The record of an answered GraphQL request, for the log and the metrics. It contains no arguments and no results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OK = "ok"
LONGEST_NAME = 100
"""The maximum number of recorded characters of an operation's name. Clients choose the names."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One answered GraphQL request.

    `operation_name` and `kind` are None if the request was refused before its execution. `outcome` is "ok" or the code
    of the first top-level error. `refusals` holds a pair of field and code for each error that a mutation returned as
    data. `is_signed_in` states whether a signed-in account sent the request. `fallback` is a member of
    `Fallback` (api/graphql/compiled): the reason why graphql-core and not a compiled operation answered the request, or
    None if there is no such reason. The metrics count `fallback`. The log line does not contain it.
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
