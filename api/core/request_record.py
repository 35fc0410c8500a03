"""The record of an answered request, for logs and metrics. It holds no arguments and no results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OK = "ok"
LONGEST_NAME = 100
"""Characters of an operation's name that are recorded: clients choose the names, of any length."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One answered GraphQL request. `operation_name` and `kind` are None if it was refused before its execution.

    `outcome` is "ok" or the code of the first top-level error. `refusals` are the errors that mutations returned as
    data, each as (field, code). `is_signed_in` is whether an account sent the request.
    """

    request_id: str
    operation_name: str | None
    kind: str | None
    outcome: str
    seconds: float
    refusals: tuple[tuple[str, str], ...] = ()
    is_signed_in: bool = False


Observe = Callable[[RequestRecord], None]
