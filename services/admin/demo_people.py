"""The users of the demo's portals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import UNCONFIRMED, Status, StatusReason
from rules.text.folding import sort_key
from services.admin.setup import NewUser

_FIRST = ("Ada", "Björn", "Chloé", "Dmitri", "Élodie", "Fatima", "Grace", "Håkon", "Inês", "José", "Kateřina", "Łukasz")
_LAST = (
    "Ångström",
    "Brontë",
    "Çelik",
    "Dvořák",
    "Eriksson",
    "Fischer",
    "García",
    "Hopper",
    "Ibáñez",
    "Jansen",
    "Kowalski",
    "Lovelace",
    "Müller",
    "Núñez",
    "O'Brien",
    "Peña",
    "Quispe",
    "Rossi",
    "Şahin",
    "Turing",
)
_IDLE = timedelta(days=90)
_REASON = {
    Status.AWAITING_NEW_PASSWORD: StatusReason.PASSWORD_EXPIRED,
    Status.RECOVERY: StatusReason.RESET_REQUESTED_BY_ADMIN,
    Status.LOCKED_OUT: StatusReason.TOO_MANY_FAILED_SIGN_INS,
    Status.SUSPENDED: StatusReason.ADMIN_ACTION,
    Status.DEACTIVATED: StatusReason.ADMIN_ACTION,
}
_RESUMES = frozenset({Status.LOCKED_OUT, Status.SUSPENDED, Status.DEACTIVATED})


def named_users(slug: str, password_hash: str) -> Iterator[NewUser]:
    """Return two users of the portal: the admin `admin@SLUG.test` and the user `user@SLUG.test`."""
    yield NewUser(
        username=f"admin@{slug}.test",
        email=f"admin@{slug}.test",
        first_name="Alex",
        last_name="Admin",
        kind=UserKind.INTERNAL,
        role=Role.PORTAL_ADMIN,
        password_hash=password_hash,
        all_sub_accounts=True,
    )
    yield NewUser(
        username=f"user@{slug}.test",
        email=f"user@{slug}.test",
        first_name="Uma",
        last_name="User",
        password_hash=password_hash,
    )


def more_users(slug: str, users_by_status: dict[Status, int], at: datetime, password_hash: str) -> Iterator[NewUser]:
    """Return further users of the portal. `users_by_status` is the number of users in each status."""
    statuses = [status for status, count in users_by_status.items() for _ in range(count)]
    for n, status in enumerate(statuses):
        first = _FIRST[n % len(_FIRST)]
        last = None if n % 17 == 5 else _LAST[n // len(_FIRST) % len(_LAST)]
        login = ".".join(sort_key(part).replace("'", "") for part in (first, last or "solo")) + f".{n:03d}"
        confirmed = status not in UNCONFIRMED
        waits = status is Status.DEACTIVATED and n % 4 == 0
        idle = status is Status.SUSPENDED and n % 2 == 0
        member_for = timedelta(days=n * 13 % 700 + (200 if idle else 1), minutes=n)
        away_for = min(timedelta(hours=n * 7 % 1900 + 1) + _IDLE * idle, member_for - timedelta(hours=1))
        yield NewUser(
            username=login,
            email=f"{login}@{slug}.test",
            first_name=first,
            last_name=last,
            status=status,
            status_reason=_reason(status, waits=waits, idle=idle),
            resume_status=Status.ACTIVE if status in _RESUMES else None,
            last_sign_in_at=at - away_for if confirmed and not waits and n % 9 else None,
            added_at=at - member_for,
            enabled_at=at - min(member_for, timedelta(days=n % 60)),
            changed_at=at - min(member_for, timedelta(days=n % 25)) if status is Status.DEACTIVATED else None,
            mfa_enrolled=confirmed and n % 3 == 0,
            password_hash=password_hash if confirmed else None,
            portal_access=n % 40 != 17,
            all_sub_accounts=n % 25 == 3,
        )


def _reason(status: Status, *, waits: bool, idle: bool) -> StatusReason | None:
    if waits:
        return StatusReason.WAITING_FOR_SEAT
    return StatusReason.IDLE if idle else _REASON.get(status)
