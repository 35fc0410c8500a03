"""What every write is given: the time, new ids, and the one way to a transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Work:
    """`now` gives aware UTC instants, `new_id` ids that sort by age."""

    now: Callable[[], datetime]
    new_id: Callable[[], UUID]
    transactions: Transactions
