"""Users with different, equal and missing values in every column of filters and orders, and the expected lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cmp_to_key
from typing import Any

from models.tables import Portal, PortalUser
from models.users import recount
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status, StatusReason
from rules.text.folding import sort_key
from services.admin.setup import NewUser
from tests.support.world import Ask, Person, World

FIRST_NAMES = ("Ada", "Élodie", "ada", "Zoë", "Łukasz", None, "李", "elodie")
LAST_NAMES = ("Ångström", "angstrom", None, "Müller", "O'Brien", "de la Cruz", "Muller")
REASONS = {
    Status.AWAITING_NEW_PASSWORD: (StatusReason.PASSWORD_EXPIRED,),
    Status.RECOVERY: (StatusReason.RESET_REQUESTED_BY_ADMIN,),
    Status.LOCKED_OUT: (StatusReason.TOO_MANY_FAILED_SIGN_INS,),
    Status.SUSPENDED: (StatusReason.ADMIN_ACTION, StatusReason.IDLE),
    Status.DEACTIVATED: (StatusReason.ADMIN_ACTION, StatusReason.WAITING_FOR_SEAT),
}
STATUSES = list(Status)
ROLES = [Role.PORTAL_ADMIN, Role.PORTAL_USER]

Order = Sequence[tuple[str, bool]]
"""An order of users: pairs of a UserOrderField and whether the field descends."""


async def seed_users(world: World, number: int, *portals: Portal) -> list[PortalUser]:
    """Create `number` users, distributed over the portals in turn. Return all users of the database."""
    now, places = world.clock.now(), portals or (await world.portal(),)
    rows = [_new_user(n, now).row(world.parts.runtime.new_id(), places[n % len(places)], now) for n in range(number)]
    for n, row in enumerate(rows):
        row.modified_at = now + timedelta(seconds=n % 11)
    await PortalUser.bulk_create(rows)
    await recount.recount([place.id for place in places])
    return await all_users()


async def all_users() -> list[PortalUser]:
    """Return all users of the database, with their portals."""
    return await PortalUser.all().prefetch_related("portal")


def _new_user(n: int, now: datetime) -> NewUser:
    status = STATUSES[n % 8]
    reasons = REASONS.get(status, (None,))
    return NewUser(
        username=f"{'Uu'[n % 2]}ser.{n * 37 % 1000:03d}.{n}",
        email=None if n % 6 == 5 else f"{'Mm'[n % 2]}ail.{n * 61 % 1000:03d}.{n}@acme.test",
        first_name=FIRST_NAMES[n // 2 % 8],
        last_name=LAST_NAMES[n // 3 % 7],
        kind=UserKind.INTERNAL if n % 4 == 3 else UserKind.EXTERNAL,
        role=Role.PORTAL_ADMIN if n % 5 == 4 else Role.PORTAL_USER,
        status=status,
        status_reason=reasons[n // 8 % len(reasons)],
        last_sign_in_at=None if n % 3 == 0 else now - timedelta(hours=n % 7),
        added_at=now - timedelta(days=n % 13),
        mfa_enrolled=n % 7 < 3,
    )


KEYS: dict[str, Callable[[PortalUser], Any]] = {
    "FIRST_NAME": lambda user: sort_key(user.first_name) if user.first_name else None,
    "LAST_NAME": lambda user: sort_key(user.last_name) if user.last_name else None,
    "USERNAME": lambda user: sort_key(user.username),
    "EMAIL": lambda user: sort_key(user.email) if user.email else None,
    "STATUS": lambda user: STATUSES.index(Status(user.status)),
    "ROLE": lambda user: ROLES.index(Role(user.role)),
    "LAST_SIGN_IN_AT": lambda user: user.last_sign_in_at,
    "ADDED_AT": lambda user: user.added_at,
    "MODIFIED_AT": lambda user: user.modified_at,
    "PORTAL_NAME": lambda user: sort_key(user.portal.name),
    "STATUS_CHANGED_AT": lambda user: user.status_changed_at,
    "KIND": lambda user: list(UserKind).index(UserKind(user.kind)),
}
DEFAULT_ORDER: Order = (("LAST_NAME", False), ("FIRST_NAME", False))


def in_order(users: Iterable[PortalUser], order: Order = DEFAULT_ORDER) -> list[str]:
    """Return the users' global ids in the order that `users` promises.

    Absent values come last in both directions. Users with equal values are sorted by id, in the direction of the first
    field.
    """

    def compare(one: PortalUser, other: PortalUser) -> int:
        for field, descends in order:
            left, right = KEYS[field](one), KEYS[field](other)
            if left != right:
                if left is None or right is None:
                    return 1 if left is None else -1
                return -1 if (left < right) is not descends else 1
        return -1 if (one.id < other.id) is not order[0][1] else 1

    return [global_id("PortalUser", user.id) for user in sorted(users, key=cmp_to_key(compare))]


def asked(order: Order) -> list[dict[str, str]]:
    """Return the order as the argument `orderBy` of `users`."""
    return [{"field": field, "direction": "DESC" if descends else "ASC"} for field, descends in order]


async def listed(ask: Ask, actor: Person, **arguments: Any) -> list[str]:
    """Return the global ids on all pages of `users`."""
    document = """
    query ($portalId: ID, $category: UserCategory, $filter: UserFilter, $search: String, $orderBy: [UserOrder!],
           $after: String) {
      users(portalId: $portalId, category: $category, filter: $filter, search: $search, orderBy: $orderBy,
            first: 100, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } totalCount }
    }
    """
    found: list[str] = []
    after = None
    while True:
        reply = await ask(document, actor=actor, after=after, **arguments)
        assert not reply.errors, reply.errors
        page = reply.data["users"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(found)
            return found
        after = page["pageInfo"]["endCursor"]
