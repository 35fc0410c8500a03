"""What is recorded of a request that was answered: enough to count it and to find it again, and nothing that was in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

OK = "ok"
LONGEST_NAME = 100
"""Most characters of an operation's name that are recorded: clients choose names."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One GraphQL request. Name and kind are None where it was turned away before it ran.

    `outcome` is "ok" or the first top-level error's code; `refusals` are what mutations refused as data, each as the
    field and the code. `is_signed_in`: an account sent it.
    """

    request_id: str
    operation_name: str | None
    kind: str | None
    outcome: str
    seconds: float
    refusals: tuple[tuple[str, str], ...] = ()
    is_signed_in: bool = False


Observe = Callable[[RequestRecord], None]
