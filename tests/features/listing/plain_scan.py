"""Random users with nulls, accents and equal keys, and the expected answers of `users` for them, computed in Python.

The answers are computed from what the GraphQL schema documents. Neither models/ nor rules/text/folding.py is used to
filter or to sort.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any
from unicodedata import category, normalize
from uuid import UUID

from models.tables import Portal, PortalUser
from models.users import recount
from resolvers.core.global_ids import global_id
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status, StatusReason
from services.admin.setup import NewUser
from tests.support.world import World

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)  # when the test clock starts
FIRST = [
    "Ann",
    "anna",
    "ÁNN",
    "Zoë",
    "Élodie",
    "李",
    "  Ann",
    "O'Neil",
    "Łukasz",
    "straße",
    "👩‍👩‍👧",
    "שרה",
    "İpek",
    None,
    None,
]
LAST = [
    "Lee",
    "lee",
    "Léé",
    "van der Berg",
    "Ångström",
    "angstrom",
    "%",
    "a_b",
    "Zz",
    "ﬁnn",
    "\u0301",
    "\\",
    None,
    None,
]
STATUSES = [status.value for status in Status]
ROLES = ["PORTAL_ADMIN", "PORTAL_USER"]
KINDS = ["EXTERNAL", "INTERNAL"]
CATEGORIES = {
    "ENABLED": ("ACTIVE", "AWAITING_NEW_PASSWORD", "RECOVERY", "LOCKED_OUT"),
    "DISABLED": ("SUSPENDED", "DEACTIVATED"),
    "UNCONFIRMED": ("STAGED", "PROVISIONED"),
}
REASONS = {
    Status.RECOVERY: [StatusReason.RESET_REQUESTED_BY_ADMIN],
    Status.SUSPENDED: [StatusReason.IDLE, StatusReason.ADMIN_ACTION],
    Status.DEACTIVATED: [StatusReason.ADMIN_ACTION, StatusReason.WAITING_FOR_SEAT],
}


@dataclass(frozen=True)
class Seen:
    """A user with the values that a client can see."""

    id: UUID
    portal: Portal
    row: PortalUser
    keys: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def gid(self) -> str:
        return str(global_id("PortalUser", self.id))


async def seed_users(world: World, number: int, portals: Sequence[Portal]) -> list[Seen]:
    """Create `number` users in random portals. The users are the same in every run."""
    chance, now = Random(number), world.clock.now()  # noqa: S311  # to be the same, not to keep a secret
    seen = []
    for n in range(number):
        portal = chance.choice(portals)
        row = _new_user(chance, n, now).row(world.parts.runtime.new_id(), portal, now)
        row.modified_at = now - timedelta(microseconds=chance.choice([0, 1, 999_999, 1_000_000]))
        row.pending_email = chance.choice([None, None, f"new.{n}@acme.test"])  # type: ignore[assignment]  # nullable
        seen.append(Seen(row.id, portal, row, _keys(row, portal)))
    await PortalUser.bulk_create([user.row for user in seen], batch_size=500)
    await recount.recount([portal.id for portal in portals])
    return seen


def _new_user(chance: Random, n: int, now: datetime) -> NewUser:
    status = chance.choice(list(Status))
    return NewUser(
        username=f"{chance.choice(['u', 'U', 'ü'])}ser.{chance.randrange(100)}.{n}",
        email=chance.choice([None, f"{chance.choice('mM')}ail.{n % 50}.{n}@acme.test"]),
        first_name=chance.choice(FIRST),
        last_name=chance.choice(LAST),
        kind=chance.choice(list(UserKind)),
        role=Role(chance.choice([*ROLES, "PORTAL_USER"])),
        status=status,
        status_reason=chance.choice(REASONS.get(status, [None])),
        mfa_enrolled=chance.random() < 0.3,
        last_sign_in_at=chance.choice([None, now, *(now - timedelta(days=d, microseconds=d % 2) for d in range(4))]),
        added_at=now - timedelta(days=chance.randrange(5), microseconds=chance.choice([0, 0, 1])),
    )


def _keys(row: PortalUser, portal: Portal) -> dict[str, Any]:
    """Return the sort key of each order, by the order's name. None stands for an absent value."""
    return {
        "FIRST_NAME": folded(row.first_name),
        "LAST_NAME": folded(row.last_name),
        "USERNAME": folded(row.username),
        "EMAIL": folded(row.email),
        "STATUS": STATUSES.index(row.status),
        "ROLE": ROLES.index(row.role),
        "LAST_SIGN_IN_AT": row.last_sign_in_at,
        "ADDED_AT": row.added_at,
        "MODIFIED_AT": row.modified_at,
        "PORTAL_NAME": folded(portal.name),
        "STATUS_CHANGED_AT": row.status_changed_at,
        "KIND": KINDS.index(row.kind),
    }


def folded(text: str | None) -> str | None:
    """Return the text in lower case, without accents, strokes and invisible joiners."""
    if text is None:
        return None
    bare = "".join(c for c in normalize("NFKD", text) if category(c)[0] != "M" and category(c) != "Cf")
    return normalize("NFKD", bare.casefold()).replace("ł", "l")


def scan(users: Iterable[Seen], orders: Sequence[tuple[str, bool]], *conditions: Callable[[Seen], bool]) -> list[str]:
    """Return the global ids of the users who meet all conditions, sorted by `orders`.

    An order is a field and whether the field descends.
    """
    found = [user for user in users if all(meets(user) for meets in conditions)]
    orders = orders or (("LAST_NAME", False), ("FIRST_NAME", False))
    found.sort(key=lambda user: user.id, reverse=orders[0][1])
    for name, descends in reversed(orders):
        present = [user for user in found if user.keys[name] is not None]
        absent = [user for user in found if user.keys[name] is None]
        # reverse=True keeps equal ones in their order, as it must be
        found = sorted(present, key=lambda user: user.keys[name], reverse=descends) + absent
    return [user.gid for user in found]


def holds(name: str, value: Any) -> Callable[[Seen], bool]:
    """Return a function that tells whether a user meets one condition. If `value` is None, every user meets it.

    `name` is a field of UserFilter or an argument of the query `users`. `value` is the value of the field or argument.
    """
    if value is None:
        return lambda user: True
    return lambda user: CONDITIONS[name](user, value)


def _found(user: Seen, text: str) -> bool:
    row, words = user.row, (folded(text) or "").split()
    fields = [folded(each) or "" for each in (row.first_name, row.last_name, row.username, row.email)]
    return all(any(word in each for each in fields) for word in words)


def _at(text: str) -> datetime:
    """Convert an instant or a duration from text to an instant.

    A duration is subtracted from the time at which the test clock starts.
    """
    durations = {"P2D": timedelta(days=2), "PT0S": timedelta()}
    return NOW - durations[text] if text in durations else datetime.fromisoformat(text)


TIMES: dict[str, Callable[[PortalUser, str], bool]] = {
    "lastSignInAfter": lambda row, at: row.last_sign_in_at is not None and row.last_sign_in_at >= _at(at),
    "lastSignInBefore": lambda row, at: row.last_sign_in_at is not None and row.last_sign_in_at < _at(at),
    "notSignedInSince": lambda row, at: row.last_sign_in_at is None or row.last_sign_in_at < _at(at),
    "addedAfter": lambda row, at: row.added_at >= _at(at),
    "addedBefore": lambda row, at: row.added_at < _at(at),
    "modifiedAfter": lambda row, at: row.modified_at >= _at(at),
    "modifiedBefore": lambda row, at: row.modified_at < _at(at),
    "statusChangedAfter": lambda row, at: row.status_changed_at >= _at(at),
    "statusChangedBefore": lambda row, at: row.status_changed_at < _at(at),
}
"""The conditions of UserFilter that compare a time, keyed by the name of the field."""


def _of_time(meets: Callable[[PortalUser, str], bool]) -> Callable[[Seen, Any], bool]:
    return lambda user, at: meets(user.row, at)


CONDITIONS: dict[str, Callable[[Seen, Any], bool]] = {
    "portalId": lambda user, id: bool(global_id("Portal", user.portal.id) == id),
    "category": lambda user, category: user.row.status in CATEGORIES[category],
    "search": _found,
    "portalIdIn": lambda user, ids: global_id("Portal", user.portal.id) in ids,
    "statusIn": lambda user, values: user.row.status in values,
    "statusReasonIn": lambda user, values: user.row.status_reason in values,
    "roleIn": lambda user, values: user.row.role in values,
    "kindIn": lambda user, kinds: user.row.kind in kinds,
    "emailDomainIn": lambda user, domains: (user.row.email or "@").lower().split("@")[1] in map(_domain, domains),
    "holdsSeat": lambda user, wanted: user.row.holds_seat is wanted,
    "emailVerified": lambda user, wanted: (user.row.email_verified_at is not None) is wanted,
    "hasPendingEmail": lambda user, wanted: (user.row.pending_email is not None) is wanted,
    "mfaEnrolled": lambda user, wanted: user.row.mfa_enrolled is wanted,
    "neverSignedIn": lambda user, wanted: (user.row.last_sign_in_at is None) is wanted,
    **{name: _of_time(meets) for name, meets in TIMES.items()},
}


def _domain(text: str) -> str:
    return text.lower().removeprefix("@")
