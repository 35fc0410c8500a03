"""The limits on a running GraphQL operation.

They limit its duration, its database connections, and the number of heavy operations that one caller runs at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from strawberry.types.graphql import OperationType

from api.graphql.cost.limits import Limits
from api.graphql.pacing.turns import Turns
from api.graphql.pending_context import PendingContext
from models.db.engines.connection_limit import limit_connections
from resolvers.loading.pacing import counting_paused_resolvers
from rules.refusals import Code, Refusal


class OperationBounds:
    """Limits the duration of queries, an operation's database connections, and a caller's heavy operations.

    Each schema has one OperationBounds with the schema's `limits`.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._turns = Turns()

    @asynccontextmanager
    async def running(self, pending: PendingContext) -> AsyncIterator[Any]:
        """Limit the execution in the body of the `with` statement. Yield the context of the resolvers.

        A heavy operation first waits until its caller runs few other heavy operations. Raise Refusal(RATE_LIMITED) if
        too many operations of the caller wait already (`Turns.turn`). Raise Refusal(UNAVAILABLE) if a query takes
        longer than `Limits.seconds`, waiting included. A mutation has no time limit.
        """
        # A mutation has no time limit, because its client could not know which root fields were committed.
        seconds = self._limits.seconds if pending.kind == OperationType.QUERY.value else None
        try:
            async with asyncio.timeout(seconds):
                context = pending.built = await pending.build()
                with limit_connections(self._limits.connections), counting_paused_resolvers():
                    if pending.cost <= self._limits.light:
                        yield context
                        return
                    async with self._turns.turn(pending.caller(context)):
                        yield context
        except TimeoutError:
            raise Refusal(
                Code.UNAVAILABLE,
                f"This took longer than {self._limits.seconds} seconds. Ask for less at once, or try again later.",
            ) from None
