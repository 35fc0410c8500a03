"""License seats in SQL: which users hold a seat in a seat mode, and what a new seat mode changes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models.db.dialect import NO_ROW, is_any_of
from models.db.sql import Sql, sql, write
from models.links.table import IS_NEWEST
from rules.auth.link_purposes import Purpose
from rules.lifecycle.licenses import SEATED, SeatMode, UserKind
from rules.lifecycle.statuses import Status


def gains_seat(mode: SeatMode, at: datetime) -> Sql:
    """Return the SQL condition that a user (alias u) holds no seat, but would hold one in the seat mode `mode`.

    Only invitations that are active at `at` count.
    """
    return sql("u.holds_seat = ? AND (", False) + _is_seated(mode, at) + ")"


def loses_seat(mode: SeatMode, at: datetime) -> Sql:
    """Return the SQL condition that a user (alias u) holds a seat, but would hold none in the seat mode `mode`.

    Only invitations that are active at `at` count.
    """
    return sql("u.holds_seat = ? AND NOT (", True) + _is_seated(mode, at) + ")"


def _is_seated(mode: SeatMode, at: datetime) -> Sql:
    # The same rule as `holds_seat` in rules/lifecycle/licenses.py, with one exception: an invitee without an active
    # invitation holds no seat (Task.RELEASE_SEATS).
    if mode is SeatMode.UNLIMITED:
        return NO_ROW
    seated = is_any_of("u.status", SEATED)
    if mode is SeatMode.ON_INVITE:
        seated += sql(
            " OR u.status = ? AND EXISTS (SELECT 1 FROM link_token t WHERE t.user_id = u.id AND t.purpose = ?"
            f" AND t.superseded_at IS NULL AND t.used_at IS NULL AND t.expires_at > ? AND {IS_NEWEST})",
            Status.PROVISIONED,
            Purpose.INVITATION,
            at,
        )
    # Not `u.kind = ?`: with it, SQLite skips through an index of all portals in place of reading the portal's part.
    return sql("NOT u.kind <> ? AND (", UserKind.EXTERNAL) + seated + ")"


async def rewrite(portal_id: UUID, mode: SeatMode, at: datetime) -> None:
    """Update `holds_seat` of the portal's users for the new seat mode. Requires the portal to be locked.

    The caller must recount the portal's counters.
    """
    for holds, condition in ((True, gains_seat(mode, at)), (False, loses_seat(mode, at))):
        which = sql("SELECT u.id FROM portal_user u WHERE u.portal_id = ? AND ", portal_id) + condition
        await write(sql("UPDATE portal_user SET holds_seat = ? WHERE id IN (", holds) + which + ")")
