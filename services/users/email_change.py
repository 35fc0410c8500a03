"""Verify an e-mail address with a mailed link. Begin and cancel the change of one's own e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from models import audit
from models.audit import AuditRow
from models.auth import sessions
from models.links import changes as link_changes
from models.links.table import LinkRow
from models.users import changes as user_changes
from models.users import taken_logins
from models.users.table import UserRow
from rules.access import Actor, access_ended
from rules.audit_events import AuditEventType
from rules.auth.link_purposes import Purpose
from rules.messages.edits import EditMessage, FieldMessage
from rules.refusals import Refusal
from rules.text.folding import login_key
from rules.user_fields import with_email
from services import email_addresses
from services.account_events import email_verified_row
from services.auth import reauthentication
from services.auth.accounts import Account, PortalAccount
from services.lifecycle import events, pending_email
from services.lifecycle.events import LockedUsers
from services.lifecycle.pending_email import OF_A_CHANGE
from services.links import find, invalid_link, mark_used
from services.ports import Caller, SignInPorts
from services.runtime import Runtime
from services.users import edits

SENT_TO_THE_OLD = (*OF_A_CHANGE, Purpose.RESET_PASSWORD, Purpose.PASSWORD_CHANGE, Purpose.MFA_CHALLENGE)
"""The purposes of the links to the old e-mail address. The verification of a new address supersedes these links."""


def awaits_verification(link: LinkRow, account: Account) -> bool:
    """Return whether the link was mailed to an address of the account that is not verified yet. False for staff."""
    return isinstance(account, PortalAccount) and _is_waited_for(link, account.user)


async def verify(runtime: Runtime, *, token: str) -> str:
    """Verify the address that the link was mailed to. A pending e-mail becomes the user's e-mail (K24, K25).

    Return the slug of the portal where the user signs in. Raise Refusal(INVALID_TOKEN) if the link is not active, or if
    the address no longer awaits verification. Raise Refusal(EMAIL_TAKEN) if another user of the portal has the address.
    """

    async def write() -> str:
        link = await find(Purpose.VERIFY_EMAIL, token)
        located = await events.lock_user(runtime, link.owner.id) if link else None
        if link is None or located is None:
            raise invalid_link(Purpose.VERIFY_EMAIL)
        locked, user = located
        if not _is_waited_for(link, user):
            raise invalid_link(Purpose.VERIFY_EMAIL)
        address = user.pending_email or str(user.email)
        if await taken_logins.is_taken(user, login_key(address)):
            raise Refusal(
                FieldMessage.TAKEN_BY_NOW,
                portal=locked.portal.row.name,
                value=address,
            )

        await mark_used(link, locked.at)
        await _write(runtime, locked, user, address)
        return locked.portal.row.slug

    return await runtime.transactions.run(write)


async def change_own(
    runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, *, email: str, current_password: str
) -> None:
    """Begin the change of the actor's own e-mail. The new e-mail is pending until it is verified.

    Until then, the user signs in with the current address. If the current address is verified, it gets a mail with a
    link to cancel the change. Raise Refusal with one of these codes:

    - INVALID_CREDENTIALS if `current_password` is wrong.
    - NOT_ALLOWED if the actor is a member of staff.
    - INVALID_EMAIL if `email` is empty or not valid. Only an admin can remove an address.
    - EMAIL_TAKEN if another user of the portal has the address.
    - RATE_LIMITED after too many attempts, or if the verification mail is not allowed now.
    - UNAUTHENTICATED if the actor's access has ended.
    """
    async with reauthentication.reauthenticate(runtime, ports, caller, actor, current_password) as proof:
        if actor.is_staff:
            raise Refusal(EditMessage.STAFF_ADDRESS)
        address = email_addresses.validate(email)

        async def write() -> None:
            edit = await edits.lock_for_edit(runtime, actor, actor.id)
            if edit is None:
                raise access_ended()
            await reauthentication.check_still_holds(proof)
            changed = await edit.decide_columns({"email": address})

            if changed:
                await edit.write(changed)

        await runtime.transactions.run(write)


async def cancel_own(runtime: Runtime, actor: Actor) -> None:
    """Cancel the change of e-mail that the actor has begun.

    Raise Refusal(NOT_ALLOWED) if no such change is pending or the actor is a member of staff. Raise
    Refusal(UNAUTHENTICATED) if the actor's access has ended.
    """

    async def write() -> None:
        edit = await edits.lock_for_edit(runtime, actor, None if actor.is_staff else actor.id)
        if edit is None or not edit.user.pending_email_is_own:
            raise Refusal(EditMessage.NO_OWN_CHANGE)
        await pending_email.end_own_changes(runtime, [edit.user], edit.at, actor_id=actor.id)

    await runtime.transactions.run(write)


async def cancel(runtime: Runtime, *, token: str) -> str:
    """Cancel a change of e-mail that the user began, with the link mailed to the user's current address.

    Return the slug of the portal where the user signs in. Raise Refusal(INVALID_TOKEN) if the link is not active, or if
    the change was verified, cancelled or replaced.
    """

    async def write() -> str:
        link = await find(Purpose.CANCEL_EMAIL_CHANGE, token)
        located = await events.lock_user(runtime, link.owner.id) if link else None
        if link is None or located is None or not located[1].pending_email_is_own:
            raise invalid_link(Purpose.CANCEL_EMAIL_CHANGE)
        locked, user = located

        await mark_used(link, locked.at)
        await pending_email.end_own_changes(runtime, [user], locked.at, actor_id=user.id)
        return locked.portal.row.slug

    return await runtime.transactions.run(write)


def _is_waited_for(link: LinkRow, user: UserRow) -> bool:
    waited_for = user.pending_email if user.pending_email is not None else user.email
    is_waiting = user.pending_email is not None or user.email_verified_at is None
    return is_waiting and login_key(link.address or "") == login_key(waited_for or "")


async def _write(runtime: Runtime, locked: LockedUsers, user: UserRow, address: str) -> None:
    logins = with_email(user, address)
    await user_changes.edit(
        user,
        {**logins, "email_verified_at": locked.at, "pending_email": None, "pending_email_is_own": False},
        locked.at,
    )
    await link_changes.supersede_every(SENT_TO_THE_OLD, [user.key], locked.at)
    await sessions.end([user.key], locked.at)
    edited = _event(runtime.new_id(), locked, user, logins)
    await audit.record([*([edited] if edited.changes else []), email_verified_row(runtime, user, locked.at)])


def _event(event_id: UUID, locked: LockedUsers, user: UserRow, logins: Mapping[str, str]) -> AuditRow:
    changes = (
        *((name, getattr(user, name), now) for name, now in logins.items()),
        ("pendingEmail", user.pending_email, None),
    )
    return AuditRow(
        id=event_id,
        at=locked.at,
        event=AuditEventType.USER_UPDATED,
        actor_id=user.id,
        mssp_id=user.mssp_id,
        portal_id=user.portal_id,
        user_id=user.id,
        changes=[{"field": name, "before": was, "after": now} for name, was, now in changes if was != now],
    )
