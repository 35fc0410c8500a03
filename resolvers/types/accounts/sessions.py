"""Sessions, as their owner sees them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from models.auth import sessions as stored
from models.auth.sessions import OwnSessionRow
from resolvers.core.context import Info
from resolvers.core.global_ids import global_id
from resolvers.core.node import Node


@strawberry.type(description="A place where somebody is signed in: one sign-in that lives. Seen by its owner only.")
class AccountSession(Node):
    created_at: datetime = strawberry.field(description="When the owner signed in.")
    last_used_at: datetime = strawberry.field(
        description="When it was last refreshed (refreshSession); at first the sign-in."
    )
    user_agent: str | None = strawberry.field(
        description="The browser as it named itself when signing in, at most 200 characters; null when it did not."
    )
    ip_address: str | None = strawberry.field(description="Where the sign-in came from; null when not known.")
    is_current: bool = strawberry.field(description="Whether it is the session of this very request.")

    @classmethod
    def of(cls, row: OwnSessionRow, current: UUID) -> AccountSession:
        return cls(
            id=global_id("AccountSession", row.id),
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            user_agent=row.user_agent,
            ip_address=row.ip_address,
            is_current=row.id == current,
        )


async def sessions_of(info: Info, account_id: UUID) -> list[AccountSession] | None:
    """The viewer's own living sessions, newest first; None for anybody else's."""
    actor = info.context.account
    if actor.id != account_id:
        return None
    return [AccountSession.of(row, actor.session_id) for row in await stored.living(actor, info.context.now())]


async def session(info: Info, id: UUID) -> AccountSession | None:
    """One of the viewer's own living sessions."""
    row = await info.context.loaders.sessions.load((id, info.context.now()))
    return AccountSession.of(row, info.context.account.session_id) if row else None
