"""The interface that portal users and MSSP staff share."""

from __future__ import annotations

from uuid import UUID

import strawberry

from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.types.accounts.sessions import AccountSession, sessions_of


@strawberry.interface(description="Whoever can sign in: a portal's user, or a member of an MSSP's staff.")
class Account(Node):
    account_id: strawberry.Private[UUID]
    name: str = strawberry.field(description="Never empty: the full name, else the e-mail, else the username.")
    email: str | None = strawberry.field(description="Null when none is on file.")

    @strawberry.field(
        description="Where the viewer is signed in, newest first; living sessions only. Null for anybody but oneself."
    )
    async def sessions(self, info: Info) -> list[AccountSession] | None:
        return await sessions_of(info, self.account_id)
