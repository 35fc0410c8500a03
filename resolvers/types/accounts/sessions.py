"""The sessions of an account, for its owner."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from models.auth import sessions as stored
from models.auth.sessions import OwnSessionRow
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.row_fields import BESIDE_ROW, shown, shows
from services.ports import MAX_USER_AGENT_LENGTH


@shows(OwnSessionRow, is_current=BESIDE_ROW)
@strawberry.type(description="An active session of an account. Visible to its owner only.")
class AccountSession(Node):
    created_at: datetime = strawberry.field(description="Time of the sign-in.")
    last_used_at: datetime = strawberry.field(
        description="Time of the last refresh (refreshSession); before the first refresh, time of the sign-in."
    )
    user_agent: str | None = strawberry.field(
        description=f"The User-Agent header of the sign-in, at most {MAX_USER_AGENT_LENGTH} characters. Null if there"
        " was none."
    )
    ip_address: str | None = strawberry.field(description="The IP address of the sign-in. Null if it is not known.")
    is_current: bool = strawberry.field(description="Whether this request belongs to the session.")

    @classmethod
    def of(cls, row: OwnSessionRow, current: UUID) -> AccountSession:
        return shown(cls, row, is_current=row.id == current)


async def sessions_of(info: Info, account_id: UUID) -> list[AccountSession] | None:
    """Return the active sessions of the viewer's own account, newest first. Return None for another account."""
    actor = info.context.account
    if actor.id != account_id:
        return None
    return [AccountSession.of(row, actor.session_id) for row in await stored.living(actor, info.context.now())]


async def find_session(info: Info, session_id: UUID) -> AccountSession | None:
    """Return the active session of the viewer's own account with the id. Return None for any other id."""
    row = await info.context.loaders.sessions.load((session_id, info.context.now()))
    return AccountSession.of(row, info.context.account.session_id) if row else None
