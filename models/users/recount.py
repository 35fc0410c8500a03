"""Count the users of portals, to check or repair the portals' stored counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.db.dialect import is_any_of
from models.db.rows import RowMapper, cells_of
from models.db.sql import Sql, fetch, sql
from models.db.writes import update_rows
from models.links.table import IS_NEWEST
from models.portals.table import COUNTERS, Portal
from models.users.table import STATUS_RANK, PortalUser
from rules.access import Role
from rules.auth.link_purposes import Purpose
from rules.lifecycle.counters import increments
from rules.lifecycle.licenses import SeatMode, UserKind, holds_seat
from rules.lifecycle.statuses import CATEGORY, Category, Status, StatusReason


class UserCount(NamedTuple):
    """A group of users of one portal, and its size `users`. The users of a group have equal values in all other fields."""

    portal_id: UUID
    slug: str
    seat_mode: SeatMode
    status: Status
    status_reason: StatusReason | None
    role: Role
    kind: UserKind
    category: Category
    status_rank: int
    holds_seat: bool
    portal_access: bool
    users: int

    @property
    def faults(self) -> list[str]:
        """A message for each of category, status_rank and holds_seat whose value is wrong for the users' status."""
        seat = holds_seat(self.kind, self.status, self.seat_mode)
        if self.status is Status.PROVISIONED:
            seat = seat and self.holds_seat  # an expired invitation holds no seat: see count_invitees_without_seat()
        expected = (
            ("category", self.category, CATEGORY[self.status]),
            ("status_rank", self.status_rank, STATUS_RANK[self.status]),
            ("holds_seat", self.holds_seat, seat),
        )
        return [
            f"{self.users} {self.status} {self.kind} users of {self.slug} have {name} {found}, not {right}"
            for name, found, right in expected
            if found != right
        ]


USER_COUNT = RowMapper(UserCount, PortalUser, "u", slug="p.slug", seat_mode="p.seat_mode", users="COUNT(*)")
KEYS = ", ".join(
    {"slug": "p.slug", "seat_mode": "p.seat_mode"}.get(name, f"u.{name}")
    for name in UserCount._fields
    if name != "users"
)


async def user_counts(where: Sql) -> list[UserCount]:
    """Count the users of the portals (alias p) that meet `where`, grouped by the fields of UserCount."""
    rows = await fetch(
        f"SELECT {USER_COUNT.columns} FROM portal_user u JOIN portal p ON p.id = u.portal_id WHERE "
        + where
        + f" GROUP BY {KEYS}"
    )
    return USER_COUNT.read(rows)


async def count_invitees_without_seat(portal_id: UUID, at: datetime) -> int:
    """Return how many EXTERNAL users of the portal have an active invitation, but wrongly hold no seat.

    The number is 0 if the portal's seat mode is not ON_INVITE, because invitations then take no seat.
    """
    rows = await fetch(
        sql(
            "SELECT COUNT(*) FROM portal_user u JOIN portal p ON p.id = u.portal_id JOIN link_token t ON t.user_id = u.id"
            " WHERE p.id = ? AND p.seat_mode = ? AND u.status = ? AND u.kind = ? AND u.holds_seat = ?"
            f" AND t.purpose = ? AND t.superseded_at IS NULL AND t.used_at IS NULL AND t.expires_at > ? AND {IS_NEWEST}",
            portal_id,
            SeatMode.ON_INVITE,
            Status.PROVISIONED,
            UserKind.EXTERNAL,
            False,
            Purpose.INVITATION,
            at,
        )
    )
    return int(cells_of(rows[0])[0])


def counters(counts: Sequence[UserCount]) -> dict[UUID, Counter[str]]:
    """Return the correct counters of each portal, keyed by portal id: `{portal_id: Counter(active=12, staged=3)}`."""
    found: dict[UUID, Counter[str]] = {}
    for group in counts:
        ones = increments(
            group.status,
            group.status_reason,
            group.role,
            holds_seat=group.holds_seat,
            portal_access=group.portal_access,
        )
        found.setdefault(group.portal_id, Counter()).update(dict.fromkeys(ones, group.users))
    return found


async def stored_counters(where: Sql) -> dict[UUID, tuple[str, dict[str, int]]]:
    """Return the slug and the stored counters of the portals (alias p) that meet `where`, keyed by portal id."""
    rows = await fetch(
        f"SELECT p.id, p.slug, {', '.join(f'p.{name}' for name in COUNTERS)} FROM portal p WHERE " + where
    )
    return {UUID(str(row["id"])): (row["slug"], dict(zip(COUNTERS, cells_of(row)[2:], strict=True))) for row in rows}


async def every_portal() -> list[UUID]:
    """Return the ids of all portals of all providers, in order. `gatehouse doctor` checks them."""
    return [UUID(str(row["id"])) for row in await fetch(Sql("SELECT p.id FROM portal p ORDER BY p.id"))]


async def recount(portal_ids: Sequence[UUID]) -> None:
    """Recompute and write the counters of the portals. Requires the portals to be locked."""
    right = counters(await user_counts(is_any_of("p.id", portal_ids)))
    rows = [
        {"id": portal_id, **{name: right.get(portal_id, Counter())[name] for name in COUNTERS}}
        for portal_id in portal_ids
    ]
    await update_rows(Portal, COUNTERS, rows)
