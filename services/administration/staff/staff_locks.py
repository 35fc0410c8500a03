"""Locks for the change of a member of staff by an MSSP admin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models import staff
from models.staff import StaffRow
from rules.access import Actor
from rules.messages.administration import StaffMessage
from rules.refusals import Refusal
from services.administration.admins import acting_admin
from services.runtime import Runtime


@dataclass(frozen=True, slots=True)
class StaffLock:
    """The locked rows for a change of a member of staff.

    `actor` is the MSSP admin who makes the change, and `admins` are all MSSP admins of the MSSP. `at` is a time after
    the locks were taken.
    """

    actor: Actor
    member: StaffRow
    admins: tuple[StaffRow, ...]
    at: datetime


async def lock(runtime: Runtime, actor: Actor, staff_id: UUID | None, field: str = "id") -> StaffLock:
    """Lock the member of staff with the id `staff_id`, and all MSSP admins of the actor's MSSP, in id order.

    Requires a transaction. The actor's rights are read under the lock, and hold until the transaction ends. `field` is
    the input field that a refusal names. Raise Refusal with one of these codes:

    - NOT_FOUND if the actor may not see the member.
    - UNAUTHENTICATED if the actor's access has ended.
    - NOT_ALLOWED if the actor is no MSSP admin.
    """
    rows = await staff.lock(actor, staff_id or actor.id)
    at = runtime.now()
    admin = await acting_admin(actor, at)
    member = rows.get(staff_id) if staff_id else None
    if member is None:
        raise Refusal(StaffMessage.NO_SUCH_MEMBER, path=(field,))
    return StaffLock(admin, member, tuple(row for row in rows.values() if row.role is admin.role), at)


async def read_again(locked: StaffLock) -> StaffRow:
    """Return the member as stored now, after the changes of the transaction."""
    return (await staff.staff(locked.actor, [locked.member.id]))[locked.member.id]
