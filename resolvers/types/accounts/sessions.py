"""The active sessions of an account. The owner, and accounts that manage the owner, can see the sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from models.auth import sessions as stored
from models.auth.sessions import ListedSessionRow
from resolvers.core.context import Info
from resolvers.core.node import Node
from resolvers.core.row_fields import BESIDE_ROW, shown, shows
from rules.access import Actor, Role
from services.ports import MAX_USER_AGENT_LENGTH


@shows(ListedSessionRow, is_current=BESIDE_ROW)
@strawberry.type(
    description="An active session of an account. Visible to its owner, for a portal user to viewers who manage the"
    " user, and for MSSP staff to the MSSP's admins. signOut ends own sessions, revokeSessions those of users,"
    " revokeStaffSessions those of staff."
)
class AccountSession(Node):
    created_at: datetime = strawberry.field(description="Time of the sign-in.")
    last_used_at: datetime = strawberry.field(
        description="Time of the last refresh (refreshSession); before the first refresh, time of the sign-in."
    )
    user_agent: str | None = strawberry.field(
        description=f"The User-Agent header of the sign-in, at most {MAX_USER_AGENT_LENGTH} characters. Null if there"
        " was none."
    )
    ip_address: str | None = strawberry.field(
        description="The IP address of the sign-in. Null if it is not known, and for portal admins unless the session is their"
        " own."
    )
    is_current: bool = strawberry.field(
        description="Whether it is the session of the request's access token; below `Session.viewer`, the session that was opened or"
        " refreshed."
    )

    @classmethod
    def of(cls, row: ListedSessionRow, viewer: Actor) -> AccountSession:
        """Convert `row` to an AccountSession. For a portal admin, sessions of other accounts have no IP address."""
        is_own = viewer.id in (row.staff_id, row.user_id)
        if not is_own and viewer.role is Role.PORTAL_ADMIN:
            row = row._replace(ip_address=None)
        return shown(cls, row, is_current=row.id == viewer.session_id)


async def sessions_of(info: Info, account_id: UUID) -> list[AccountSession] | None:
    """Return the active sessions of the account, newest first.

    Return None if the account is neither the viewer's own nor managed by the viewer.
    """
    actor, at = info.context.account, info.context.now()
    if actor.id == account_id:
        rows: list[ListedSessionRow] | None = await stored.own(actor, at)
    else:
        rows = await info.context.loaders.account_sessions.load((account_id, at))
    return None if rows is None else [AccountSession.of(row, actor) for row in rows]


async def find_session(info: Info, session_id: UUID) -> AccountSession | None:
    """Return the active session with the row id, or None if there is none that the viewer can see."""
    row = await info.context.loaders.sessions.load((session_id, info.context.now()))
    return AccountSession.of(row, info.context.account) if row else None
