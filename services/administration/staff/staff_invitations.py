"""Invitations of staff. The link is mailed, expires after 7 days, and allows the member to set the first password."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from models import staff
from models.staff import NewStaffRow, StaffRow
from rules import user_fields
from rules.access import Actor, Role
from rules.audit_events import ProviderEvent
from rules.mail.caps import FOR_ADMINS
from rules.mail.kinds import INVITATION_LIVES_FOR_STAFF, MailKind
from rules.messages.administration import StaffMessage
from rules.refusals import Faults, Refusal
from rules.text.folding import login_key, sort_key
from services import email_addresses, provider_events
from services.administration.admins import acting_admin
from services.administration.staff import staff_locks
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.mail.link_mails import LinkMailRequest
from services.runtime import Runtime


async def invite(runtime: Runtime, actor: Actor, *, email: str, name: str, role: Role) -> StaffRow:
    """Add a member to the staff of the actor's MSSP, mail the invitation, and return the member.

    Raise Refusal(EMAIL_TAKEN) if a member of any MSSP has the address, because staff sign in by the address alone.
    Raise Refusal(INVALID_EMAIL) or Refusal(INVALID_INPUT) if a value is not valid. Raise Refusal(RATE_LIMITED) if the
    mail cap allows no mail now. Raise the refusals of `acting_admin`.
    """
    with Faults() as faults:
        with faults.collect():
            email = email_addresses.validate(email)
        with faults.collect():
            name = user_fields.validate_name(name, "name")

    async def write() -> StaffRow:
        at = runtime.now()
        await staff.lock(actor, actor.id)
        admin = await acting_admin(actor, at)
        member_id = await store_member(runtime, mssp_id=admin.mssp_id, email=email, name=name, role=role, at=at)
        member = (await staff.staff(admin, [member_id]))[member_id]
        await enqueue_invitation(runtime, admin, member, at)
        await _record(runtime, admin, member, at, [{"field": "staffRole", "before": None, "after": role}])
        return member

    return await runtime.transactions.run(write)


async def resend(runtime: Runtime, actor: Actor, staff_id: UUID | None) -> StaffRow:
    """Mail a new invitation to a member of staff who has not accepted the earlier one, whose link becomes invalid.

    Raise Refusal(NOT_ALLOWED) if the member has accepted or is inactive. Raise Refusal(RATE_LIMITED) if the mail cap
    allows no mail now. Raise the refusals of `staff_locks.lock`.
    """

    async def write() -> StaffRow:
        locked = await staff_locks.lock(runtime, actor, staff_id)
        if locked.member.is_onboarded:
            raise Refusal(StaffMessage.HAS_ACCEPTED, path=("id",))
        if not locked.member.is_active:
            raise Refusal(StaffMessage.IS_INACTIVE, path=("id",))
        await enqueue_invitation(runtime, locked.actor, locked.member, locked.at)
        await _record(runtime, locked.actor, locked.member, locked.at, [])
        return locked.member

    return await runtime.transactions.run(write)


async def store_member(
    runtime: Runtime,
    *,
    mssp_id: UUID,
    email: str,
    name: str,
    role: Role,
    at: datetime,
    password_hash: str | None = None,
) -> UUID:
    """Store a member of staff and return the member's id. Requires a transaction, and a valid address and name.

    Raise Refusal(EMAIL_TAKEN) if a member of staff has the address.
    """
    member = NewStaffRow(
        id=runtime.new_id(),
        mssp_id=mssp_id,
        name=name,
        name_key=sort_key(name),
        email=email,
        email_key=login_key(email),
        role=role,
        added_at=at,
        password_hash=password_hash,
        password_changed_at=at if password_hash else None,
    )
    if not await staff.add(member):
        raise Refusal(StaffMessage.STAFF_EMAIL_IN_USE, path=("email",), email=email)
    return member.id


async def enqueue_invitation(runtime: Runtime, actor: Actor, member: StaffRow, at: datetime) -> None:
    """Enqueue an invitation with a new link. Raise Refusal(RATE_LIMITED) if the mail cap allows no mail now."""
    retry_at = await mail_caps.allowed_at(Addressed(MailKind.INVITATION, None, member.email), at, FOR_ADMINS)
    if retry_at:
        raise Refusal(StaffMessage.TOO_MANY_STAFF_MAILS, retry_at=retry_at, email=member.email)
    request = LinkMailRequest(member, MailKind.INVITATION, member.email, INVITATION_LIVES_FOR_STAFF, actor_id=actor.id)
    await link_mails.enqueue_link_mails(runtime, [request], at)


async def _record(
    runtime: Runtime, actor: Actor, member: StaffRow, at: datetime, changes: list[dict[str, Any]]
) -> None:
    await provider_events.record(
        runtime,
        ProviderEvent.STAFF_INVITED,
        member.mssp_id,
        at,
        actor_id=actor.id,
        staff_id=member.id,
        changes=changes,
    )
