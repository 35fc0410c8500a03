"""The interface that portal users and MSSP staff share."""

from __future__ import annotations

from uuid import UUID

import strawberry

from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.types.accounts.sessions import AccountSession, sessions_of


@strawberry.interface(description="An account that can sign in: a portal user or a member of an MSSP's staff.")
class Account(Node):
    account_id: strawberry.Private[UUID]
    name: str = strawberry.field(description="The full name, else the e-mail address, else the username. Never empty.")
    email: str | None = strawberry.field(description="The e-mail address. Null if the account has none.")

    @strawberry.field(
        description="The account's active sessions, newest first. Null unless the account is the viewer's own."
    )
    async def sessions(self, info: Info) -> list[AccountSession] | None:
        return await sessions_of(info, self.account_id)
