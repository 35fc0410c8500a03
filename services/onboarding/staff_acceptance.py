"""The acceptance of an invitation by a member of staff: the member sets the first password."""

from __future__ import annotations

from models.auth import unscoped
from models.links import changes as link_changes
from models.links.table import LinkRow
from rules.accounts import AccountKey
from rules.audit_events import ProviderEvent
from rules.auth.link_purposes import Purpose
from services import provider_events
from services.auth import accounts, new_password
from services.auth.accounts import StaffAccount
from services.links import find_active, invalid, use
from services.ports import Caller, SignInPorts
from services.runtime import Runtime


async def accept(
    runtime: Runtime, ports: SignInPorts, caller: Caller, link: LinkRow, *, token: str, password: str
) -> AccountKey:
    """Store the first password of the member of staff who owns the link, and return the member's key.

    Raise Refusal(INVALID_TOKEN) if the link is not active, or if the member is inactive, deleted or has a password.
    Raise Refusal(WEAK_PASSWORD) or Refusal(RATE_LIMITED): the link then stays active.
    """
    account = await accounts.by_key(link.owner)
    if account is None:
        raise invalid(link.purpose)
    chosen = await new_password.checked_and_hashed(
        ports, caller, password, await new_password.password_context_of(account)
    )

    async def write() -> AccountKey:
        owner = await accounts.locked(link.owner)
        if not isinstance(owner, StaffAccount) or not owner.member.is_active or owner.member.is_onboarded:
            raise invalid(link.purpose)
        at = runtime.now()
        again = await find_active(Purpose.INVITATION, token, at)
        await use(again, at)
        await link_changes.supersede(Purpose.INVITATION, [owner.key], at)
        await unscoped.set_password(owner.key, chosen.hash, is_short=chosen.is_short, at=at)
        member = owner.member
        await provider_events.record(
            runtime, ProviderEvent.STAFF_ACCEPTED, member.mssp_id, at, actor_id=member.id, staff_id=member.id
        )
        return owner.key

    return await runtime.transactions.run(write)
