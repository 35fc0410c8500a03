"""Invitations of users. A user's invitation is the user's newest link with the purpose INVITATION."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import NO_ROW, is_any_of
from models.db.rows import RowMapper
from models.db.sql import Sql, fetch, join, sql
from models.db.writes import update_rows
from models.links.table import IS_NEWEST, Delivery, LinkRow, LinkToken
from models.users import lookup as users
from rules.access import Actor
from rules.auth.link_purposes import Purpose
from rules.lifecycle.invitations import InvitationState
from rules.mail.mail_states import LinkMailState, MailProblem


class InvitationRow(NamedTuple):
    """A user's newest invitation.

    - `sent_at`: when the mail server last accepted a mail with the link, or None.
    - `address`: where the link was mailed to. None if the inviter passes the link on.
    """

    user_id: UUID
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    superseded_at: datetime | None
    delivery: Delivery | None
    address: str | None
    is_trusted: bool
    sent_at: datetime | None
    mail_state: LinkMailState | None
    mail_problem: MailProblem | None
    mail_failed_at: datetime | None


INVITATION = RowMapper(InvitationRow, LinkToken, "t", user_id="t.user_id")
_NEWEST = f"t.user_id = u.id AND t.purpose = '{Purpose.INVITATION}' AND {IS_NEWEST}"


async def newest(actor: Actor, user_ids: list[UUID]) -> dict[UUID, InvitationRow]:
    """Return the newest invitation of each user, keyed by user id.

    Only users that the actor can see and who have an invitation are included.
    """
    rows = await fetch(
        f"SELECT {INVITATION.columns} FROM portal_user u JOIN link_token t ON {_NEWEST} WHERE "
        + users.visible_to(actor)
        + " AND "
        + is_any_of("u.id", user_ids)
    )
    return {row.user_id: row for row in INVITATION.read(rows)}


_IS = {
    InvitationState.PENDING: "t.used_at IS NULL AND t.superseded_at IS NULL AND t.expires_at > ?",
    InvitationState.ACCEPTED: "t.used_at IS NOT NULL",
    InvitationState.EXPIRED: "t.used_at IS NULL AND t.superseded_at IS NULL AND t.expires_at <= ?",
    InvitationState.REVOKED: "t.used_at IS NULL AND t.superseded_at IS NOT NULL",
}
"""The SQL condition for each state of a newest link (alias t), as in `rules.lifecycle.invitations.state`.

The parameter `?` is the current time. The newest link is never SUPERSEDED.
"""


def newest_is(states: Sequence[InvitationState], at: datetime) -> Sql:
    """Return the SQL condition that the newest invitation of a user (alias u) is in one of the states at `at`."""
    wanted = [sql(_IS[state], *([at] if "?" in _IS[state] else [])) for state in dict.fromkeys(states) if state in _IS]
    if not wanted:
        return NO_ROW
    return f"EXISTS (SELECT 1 FROM link_token t WHERE {_NEWEST} AND (" + join(" OR ", wanted) + "))"


def newest_mail_is(states: Sequence[LinkMailState]) -> Sql:
    """Return the SQL condition that the newest invitation mail of a user (alias u) is in one of the states."""
    mail = is_any_of("t.mail_state", states)
    return f"EXISTS (SELECT 1 FROM link_token t WHERE {_NEWEST} AND " + mail + ")" if states else NO_ROW


class FailedMail(NamedTuple):
    user_id: UUID
    failed_at: datetime


FAILED = RowMapper(FailedMail, user_id="t.user_id", failed_at="MAX(t.mail_failed_at)")
_VERIFIES = (Purpose.INVITATION, Purpose.VERIFY_EMAIL)


async def mail_failures(actor: Actor, user_ids: list[UUID]) -> dict[UUID, datetime]:
    """Return when an invitation or verification mail to each user last failed, keyed by user id.

    Users are left out if the actor cannot see them, or if a later mail of these kinds was sent.
    """
    rows = await fetch(
        f"SELECT {FAILED.columns} FROM portal_user u JOIN link_token t ON t.user_id = u.id WHERE "
        + users.visible_to(actor)
        + " AND "
        + is_any_of("u.id", user_ids)
        + " AND "
        + is_any_of("t.purpose", _VERIFIES)
        + " GROUP BY t.user_id HAVING MAX(t.mail_failed_at) IS NOT NULL"
        + " AND (MAX(t.sent_at) IS NULL OR MAX(t.mail_failed_at) >= MAX(t.sent_at))"
    )
    return {row.user_id: row.failed_at for row in FAILED.read(rows)}


async def renew(links: Iterable[LinkRow]) -> None:
    """Write the columns `delivery`, `is_trusted` and `address` of the links, which must be active."""
    await update_rows(LinkToken, ("delivery", "is_trusted", "address"), [link._asdict() for link in links])
