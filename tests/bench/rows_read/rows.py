"""The rows that `multitude` loads, table by table.

The newest rows of every table belong to the other providers. Without a suitable index, a small provider's list would
therefore have to skip them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.tables import Portal
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from rules.mail import queue_order
from rules.mail.mail_spec import Urgency
from services.admin.setup import NewUser
from tests.support.world import PASSWORD, hashed

_STATUSES = (*(Status.ACTIVE,) * 14, Status.LOCKED_OUT, Status.PROVISIONED, Status.SUSPENDED, Status.DEACTIVATED)
_KINDS = {
    name: number
    for number, name in enumerate(
        ("portal_user", "audit_event", "bulk_operation", "bulk_outcome", "account_session"), 1
    )
} | {
    name: number
    for number, name in enumerate(
        ("link_token", "outbox_mail", "sign_in_attempts", "known_source", "keys", "second_factor", "recovery_code"), 7
    )
}
SMALL_PORTAL = 10
"""The number of users, and of events, in each portal of the small provider."""


def id_of(table: str, n: int) -> UUID:
    """Return the id of row n. Ids grow with n, like the ids of rows that are stored later."""
    return UUID(int=(0x7000_0000_0000_7000_8000_000000000000) + (_KINDS[table] << 64) + n)


Users = Sequence[tuple[UUID, Portal]]


def users(homes: Sequence[Portal], at: datetime, start: int = 0) -> Iterator[dict[str, Any]]:
    secret = hashed(PASSWORD)
    for n, home in enumerate(homes, start):
        status = _STATUSES[n * 7919 % len(_STATUSES)]
        person = NewUser(
            username=f"member.{n}",
            email=f"member.{n}@{home.slug}.test",
            first_name=f"First{n * 31 % 997}",
            last_name=None if n % 97 == 0 else f"Last{n * 17 % 9973}",
            kind=UserKind.INTERNAL if n % 4 == 3 else UserKind.EXTERNAL,
            role=Role.PORTAL_ADMIN if n % 1000 == 1 else Role.PORTAL_USER,
            status=status,
            resume_status=Status.ACTIVE if status in (Status.LOCKED_OUT, Status.DEACTIVATED) else None,
            last_sign_in_at=at - timedelta(minutes=n % 100_000) if n % 5 else None,
            added_at=at - timedelta(days=n % 900),
            enabled_at=at - timedelta(days=n % 60),
            changed_at=at - timedelta(minutes=n % 25) if status in (Status.LOCKED_OUT, Status.DEACTIVATED) else None,
            password_hash=secret,
        )
        yield person.columns(id_of("portal_user", n), home, at)


def events(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield the columns of `number` audit events, the oldest event first.

    The first events go to each user once. The rest go to users of the other providers only: `users` begins with
    2 * SMALL_PORTAL users who get no more.
    """
    for n in range(number):
        id, home = (
            users[n % len(users)] if n < len(users) else users[2 * SMALL_PORTAL + n % (len(users) - 2 * SMALL_PORTAL)]
        )
        yield {
            "id": id_of("audit_event", n),
            "at": at - timedelta(seconds=number - n),
            "event": "user.locked",
            "actor_id": None,
            "mssp_id": home.mssp_id,
            "portal_id": home.id,
            "user_id": id,
            "changes": "[]",
            "operation_id": id_of("bulk_operation", n % (number // 10)),
            "ticket": f"INC-{n % 97}" if n % 3 == 0 else None,
        }


def operations(starters: Sequence[tuple[UUID, UUID]], number: int, at: datetime) -> Iterator[dict[str, Any]]:
    (small_admin, small), (large_admin, large) = starters
    for n in range(number):
        yield {
            "id": id_of("bulk_operation", n),
            "mssp_id": small if n < SMALL_PORTAL else large,
            "action": "LOCK",
            "state": "PREVIEW" if n % 4 == 1 else "SUCCEEDED",
            "actor_id": small_admin if n < SMALL_PORTAL else large_admin,
            "created_at": at - timedelta(seconds=number - n),
            "finished_at": at,
            "preview_expires_at": at + timedelta(hours=1) if n % 4 == 1 else None,
        }


def outcomes(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(2 * number):
        id, home = users[n]
        yield {
            "id": id_of("bulk_outcome", n),
            "operation_id": id_of("bulk_operation", n // 2),
            "position": n % 2,
            "user_id": id,
            "portal_id": home.id,
            "status": "SUCCEEDED",
        }


def keys(account_id: UUID, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {
            "id": id_of("keys", n),
            "account_id": account_id,
            "action": "LOCK",
            "key": f"key-{n}",
            "input_hash": "hash",
            "operation_id": id_of("bulk_operation", n),
            "created_at": at - timedelta(minutes=n % 60),
        }


def sessions(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {
            "id": id_of("account_session", n),
            "user_id": users[n][0],
            "created_at": at - timedelta(hours=1),
            "last_used_at": at,
            "expires_at": at + timedelta(days=1),
            "revoked_at": at - timedelta(minutes=1) if n % 3 == 0 else None,
        }


def links(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield links, all of them invitations. Every second invitation was accepted long ago and is the user's newest."""
    for n in range(number):
        yield {
            "id": id_of("link_token", n),
            "user_id": users[n][0],
            "purpose": "INVITATION",
            "nonce": f"nonce-{n}",
            "token_hash": f"link-{n}",
            "created_at": at - timedelta(days=60),
            "expires_at": at + timedelta(days=1),
            "used_at": at - timedelta(days=50) if n % 2 else None,
            "tries": 0,
            "is_trusted": False,
        }


def mails(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    """Yield rows of mails. Of 20 mails, 16 were sent and 2 are due in an hour. The other 2 are due now.

    Of the 2 mails that are due now, one already has a place in the queue.
    """
    first_place, _ = queue_order.span(Urgency.BULK)
    for n in range(number):
        id, home = users[n]
        sent = n % 5 > 0
        yield {
            "id": id_of("outbox_mail", n),
            "portal_id": home.id,
            "user_id": id,
            "link_id": id_of("link_token", n) if n % 2 else None,
            "kind": "INVITATION" if n % 2 else "IDLE_WARNING",
            "recipient": f"member.{n}@{home.slug}.test",
            "dedupe_key": f"mail-{n}",
            "state": "SENT" if sent else "QUEUED",
            "created_at": at - timedelta(minutes=1),
            "due_at": at + timedelta(hours=1) if n % 10 else at - timedelta(seconds=1),
            "attempts": 1 if sent else 0,
            "finished_at": at if sent else None,
            "queue_place": first_place + n if n % 20 == 10 else None,
        }


def attempts(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {"key": f"attempts-{n}", "account_id": users[n][0], "failures": 1, "last_at": at}


def sources(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {"id": id_of("known_source", n), "user_id": users[n][0], "source": f"source-{n}", "last_at": at}


def factors(users: Users, number: int, at: datetime) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {
            "id": id_of("second_factor", n),
            "user_id": users[n][0],
            "sealed_secret": f"sealed-{n}",
            "created_at": at - timedelta(days=1),
            "confirmed_at": at if n % 2 else None,
        }


def recovery_codes(number: int) -> Iterator[dict[str, Any]]:
    for n in range(number):
        yield {
            "id": id_of("recovery_code", n),
            "factor_id": id_of("second_factor", n),
            "code_hash": f"sha256.code-{n}",
        }
