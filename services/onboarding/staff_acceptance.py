"""The acceptance of an invitation by a member of staff, and the renewal of an expired invitation."""

from __future__ import annotations

from uuid import UUID

from models.auth import unscoped
from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.links.table import LinkRow
from rules.accounts import AccountKey
from rules.audit_events import ProviderEvent
from rules.auth.link_purposes import Purpose
from rules.lifecycle.invitations import InvitationState, state
from rules.mail.caps import FOR_STRANGERS
from rules.mail.kinds import INVITATION_LIVES_FOR_STAFF, MailKind
from services import provider_events
from services.auth import accounts, new_password
from services.auth.accounts import StaffAccount
from services.links import find_active, invalid_link, mark_used
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.mail.link_mails import LinkMailRequest
from services.ports import Caller, SignInPorts
from services.runtime import Runtime


async def accept(
    runtime: Runtime, ports: SignInPorts, caller: Caller, link: LinkRow, *, token: str, password: str
) -> AccountKey:
    """Store the first password of the member of staff who owns the link, and return the member's key.

    Raise Refusal(INVALID_TOKEN) if the link is not active, or if the member is inactive, deleted or has a password.
    Raise Refusal(WEAK_PASSWORD) if the password is weak, or Refusal(RATE_LIMITED) after too many attempts. A link that
    is active stays active after a refusal.
    """
    account = await accounts.by_key(link.owner)
    if account is None:
        raise invalid_link(link.purpose)
    chosen = await new_password.check_and_hash(ports, caller, password, await new_password.password_context_of(account))

    async def write() -> AccountKey:
        owner = await accounts.lock(link.owner)
        if not isinstance(owner, StaffAccount) or not owner.member.is_active or owner.member.is_onboarded:
            raise invalid_link(link.purpose)
        at = runtime.now()
        again = await find_active(Purpose.INVITATION, token, at)
        await mark_used(again, at)
        await link_changes.supersede(Purpose.INVITATION, [owner.key], at)
        await unscoped.set_password(owner.key, chosen.hash, is_short=chosen.is_short, at=at)
        member = owner.member
        await provider_events.record(
            runtime, ProviderEvent.STAFF_ACCEPTED, member.mssp_id, at, actor_id=member.id, staff_id=member.id
        )
        return owner.key

    return await runtime.transactions.run(write)


async def renew(runtime: Runtime, invitee: AccountKey, link_id: UUID) -> None:
    """Mail a new invitation if the link `link_id` is the member's newest and has expired. Requires a transaction.

    No mail is sent if the member is inactive or has accepted, or if the mail cap allows no mail now.
    """
    account = await accounts.lock(invitee)
    newest = await link_lookup.newest_of(Purpose.INVITATION, invitee)
    if not isinstance(account, StaffAccount) or newest is None or newest.id != link_id:
        return
    member, at = account.member, runtime.now()
    has_run_out = state(newest, at, is_newest=True) is InvitationState.EXPIRED
    if not (has_run_out and member.is_active and not member.is_onboarded):
        return
    if await mail_caps.allowed_at(Addressed(MailKind.INVITATION, None, member.email), at, FOR_STRANGERS):
        return
    mail = LinkMailRequest(member, MailKind.INVITATION, member.email, INVITATION_LIVES_FOR_STAFF)
    await link_mails.enqueue_link_mails(runtime, [mail], at)
    await provider_events.record(
        runtime, ProviderEvent.STAFF_INVITED, member.mssp_id, at, actor_id=member.id, staff_id=member.id
    )
