"""An MSSP admin ends or resets the access of staff: sessions, the password and the second factor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from models import staff
from models.auth import second_factors, sessions
from models.links import changes as link_changes
from models.staff import StaffRow
from rules.access import Actor
from rules.audit_events import AuditEventType, ProviderEvent
from rules.mail.caps import FOR_ADMINS
from rules.mail.kinds import LIVES_FOR_STAFF, MailKind
from rules.messages.administration import StaffMessage
from rules.refusals import Refusal
from services import provider_events
from services.administration.staff import staff_locks
from services.administration.staff.staff_locks import StaffLock
from services.auth import accounts, mfa
from services.auth.accounts import StaffAccount
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.mail.link_mails import LinkMailRequest
from services.runtime import Runtime


async def revoke_sessions(
    runtime: Runtime, actor: Actor, staff_id: UUID | None, session_id: UUID | None, *, every: bool
) -> StaffRow:
    """End one session of a member of staff, or all sessions if `every` is true. Return the member.

    Raise Refusal(NOT_FOUND) if the member has no active session `session_id`. Raise the refusals of `staff_locks.lock`.
    """

    async def write() -> StaffRow:
        locked = await staff_locks.lock(runtime, actor, staff_id)
        if every:
            await sessions.end([locked.member.key], locked.at)
        elif session_id is None or not await sessions.end_one(locked.member.key, session_id, locked.at):
            raise Refusal(StaffMessage.NO_SESSION_OF_MEMBER, path=("sessionId",))
        await _record(runtime, locked, ProviderEvent.STAFF_SESSIONS_REVOKED)
        return locked.member

    return await runtime.transactions.run(write)


async def reset_password(runtime: Runtime, actor: Actor, staff_id: UUID | None) -> StaffRow:
    """Delete the member's password (K18), end the sessions, and mail a link for a new password. Return the member.

    Raise the refusals of `staff_locks.lock`, or Refusal with one of these codes:

    - NOT_ALLOWED for the actor's own account.
    - NOT_ALLOWED if the member is inactive or has not accepted the invitation.
    - RATE_LIMITED if the mail cap allows no mail now.
    """

    async def write() -> StaffRow:
        locked = await _lock_other(runtime, actor, staff_id)
        member, at = locked.member, locked.at
        if not member.is_active:
            raise Refusal(StaffMessage.IS_INACTIVE, path=("id",))
        if not member.is_onboarded:
            raise Refusal(StaffMessage.HAS_NOT_ACCEPTED, path=("id",))
        retry_at = await mail_caps.allowed_at(Addressed(MailKind.PASSWORD_RESET, None, member.email), at, FOR_ADMINS)
        if retry_at:
            raise Refusal(StaffMessage.TOO_MANY_STAFF_MAILS, path=("id",), retry_at=retry_at, email=member.email)

        await staff.change(member.id, {"password_hash": None, "password_changed_at": at})
        await link_changes.supersede_every(link_changes.STEPS_OF_SIGNING_IN, [member.key], at)
        await sessions.end([member.key], at)
        request = LinkMailRequest(
            member, MailKind.PASSWORD_RESET, member.email, LIVES_FOR_STAFF, actor_id=locked.actor.id
        )
        await link_mails.enqueue_link_mails(runtime, [request], at)
        await _record(runtime, locked, ProviderEvent.STAFF_PASSWORD_RESET_REQUESTED)
        return await staff_locks.read_again(locked)

    return await runtime.transactions.run(write)


async def reset_second_factor(runtime: Runtime, actor: Actor, staff_id: UUID | None) -> StaffRow:
    """Delete the second factor of a member of staff, and return the member.

    The member's sessions end, and the member is notified by mail.

    Raise Refusal(NOT_ALLOWED) for the actor's own account, and for a member without a second factor. Raise the refusals
    of `staff_locks.lock`.
    """

    async def write() -> StaffRow:
        locked = await _lock_other(runtime, actor, staff_id)
        account = await accounts.lock(locked.member.key)
        if not isinstance(account, StaffAccount) or not await remove_second_factor(
            runtime, account, locked.at, actor_id=locked.actor.id
        ):
            raise Refusal(StaffMessage.NO_SECOND_FACTOR, path=("id",))
        return await staff_locks.read_again(locked)

    return await runtime.transactions.run(write)


async def remove_second_factor(runtime: Runtime, account: StaffAccount, at: datetime, *, actor_id: UUID | None) -> bool:
    """Delete the account's second factor, confirmed or not. Return False if there is none.

    If there is one, also end the account's sessions and unfinished sign-ins, and notify the owner by mail. `actor_id`
    is None if the operator of the server removes the factor. Requires the account to be locked.
    """
    factor = await second_factors.of_account(account.key)
    if factor is None:
        return False
    await second_factors.disable(factor, at)
    await link_changes.supersede_every(link_changes.STEPS_OF_SIGNING_IN, [account.key], at)
    await sessions.end([account.key], at)
    await mfa.notify(runtime, account, at)
    await provider_events.record(
        runtime,
        ProviderEvent.STAFF_MFA_RESET,
        account.member.mssp_id,
        at,
        actor_id=actor_id,
        staff_id=account.id,
        changes=mfa.CHANGES[AuditEventType.MFA_DISABLED],
    )
    return True


async def _lock_other(runtime: Runtime, actor: Actor, staff_id: UUID | None) -> StaffLock:
    locked = await staff_locks.lock(runtime, actor, staff_id)
    if locked.member.id == locked.actor.id:
        raise Refusal(StaffMessage.OWN_ACCOUNT, path=("id",))
    return locked


async def _record(runtime: Runtime, locked: StaffLock, event: ProviderEvent) -> None:
    member = locked.member
    await provider_events.record(
        runtime, event, member.mssp_id, locked.at, actor_id=locked.actor.id, staff_id=member.id
    )
