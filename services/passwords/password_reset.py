"""The reset of a forgotten password. The owner of the account gets a mail with a link for a new password."""

from __future__ import annotations

from datetime import datetime, timedelta

from models.auth import attempts, reset_requests, unscoped
from models.auth.reset_requests import ResetRequestRow
from models.links import lookup as link_lookup
from models.links.table import LinkRow
from models.portals.lookup import LicensedPortal
from rules.auth import password_reset
from rules.auth.link_purposes import Purpose
from rules.auth.passwords import unchanged_password
from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status
from rules.mail import cooldown
from rules.mail.caps import FOR_STRANGERS
from rules.mail.kinds import LIVES_FOR_STAFF, MailKind
from rules.refusals import Code, Refusal
from rules.text.folding import login_key, slug_key, typed_key
from services import rate_limits
from services.auth import accounts, new_password
from services.auth.accounts import Account, PortalAccount, StaffAccount
from services.auth.new_password import LockedStaff, LockedUser
from services.lifecycle import events
from services.links import find_active, invalid_link, redeem
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.mail.link_mails import LinkMailRequest
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

REQUEST_LIVES = timedelta(hours=1)
"""Requests of this age or older are deleted without a mail, because the requester no longer expects the mail."""


async def request(runtime: Runtime, ports: SignInPorts, caller: Caller, *, portal_slug: str | None, email: str) -> None:
    """Store a request for a password reset. A mail worker answers the request later (`answer_next`).

    `portal_slug` is None or empty for staff. The account is not looked up, so the caller cannot learn whether it
    exists. A request is dropped if an equal request is younger than the cooldown. Raise Refusal(RATE_LIMITED) if the
    caller's networks have made too many requests.
    """
    slug = slug_key(portal_slug)
    key = typed_key(email)
    counted_as = ports.encryption.digest("reset", slug or "", key)

    async def write() -> None:
        at = runtime.now()
        if await attempts.is_first_since(counted_as, at, cooldown.began_after(at)):
            await reset_requests.add(ResetRequestRow(runtime.new_id(), slug, key, at))

    async with rate_limits.count_reset_request(runtime, ports, caller):
        await runtime.transactions.run(write)


async def answer_next(runtime: Runtime) -> bool:
    """Answer the oldest request for a password reset with a mail, and delete the request.

    Return False if there is no request. The mail has the account's active reset link, or else a new link. No mail is
    enqueued in these cases:

    - The request is older than REQUEST_LIVES.
    - The account does not exist, or its password cannot be reset.
    - The cap FOR_STRANGERS allows no further mail to the address.
    """

    async def write() -> bool:
        found = await reset_requests.take()
        if found is None:
            return False
        if runtime.now() < found.created_at + REQUEST_LIVES:
            if found.portal_slug is None:
                await _mail_staff(runtime, found.login_key)
            else:
                await _mail_user(runtime, found.portal_slug, found.login_key)
        return True

    return await runtime.transactions.run(write)


def may_set_password(account: Account, portal: LicensedPortal | None, at: datetime) -> bool:
    """Return whether the account can set a new password with a reset link at `at`. `portal` is None for staff."""
    if isinstance(account, StaffAccount) or portal is None:
        return isinstance(account, StaffAccount) and account.member.may_reset_password
    try:
        password_reset.check_may_be_used(account.user, portal.state_at(at))
    except Refusal:
        return False
    return True


async def complete(runtime: Runtime, ports: SignInPorts, caller: Caller, *, token: str, password: str) -> str | None:
    """Set a new password by a mailed link. All sessions of the account end, and no session begins.

    Return the slug of the portal where the owner signs in, or None for staff. An active link stays active after a
    refusal. Raise Refusal with one of these codes:

    - INVALID_TOKEN if the link is not active, or if the account cannot have a new password.
    - WEAK_PASSWORD if the password is weak.
    - WEAK_PASSWORD if an admin requested the reset and the password is the current one (K18).
    - RATE_LIMITED after too many attempts.
    """
    async with rate_limits.count_link_use(runtime, ports, caller):
        link = await find_active(Purpose.RESET_PASSWORD, token, runtime.now())
        account = await accounts.by_key(link.owner)
        if account is None:
            raise invalid_link(Purpose.RESET_PASSWORD)
        chosen = await new_password.check_and_hash(
            ports, caller, password, await new_password.password_context_of(account)
        )
        # Not checked again inside the transaction: a new reset or a new password would have superseded the link.
        await _check_differs(ports, caller, account, password)

        async def write() -> str | None:
            owner = await new_password.lock_account(runtime, link.owner)
            if owner is None:
                raise invalid_link(Purpose.RESET_PASSWORD)
            _check_may_set_password(owner)

            await redeem(Purpose.RESET_PASSWORD, token, owner.at)
            await new_password.replace_password(runtime, owner, chosen)
            return owner.locked.portal.row.slug if isinstance(owner, LockedUser) else None

        return await runtime.transactions.run(write)


async def _mail_user(runtime: Runtime, slug: str, key: str) -> None:
    found = await unscoped.portal_account_by_login(slug, key)
    if found is None or found.user.email is None or login_key(found.user.email) != key:
        return  # the typed text is a username, not the account's address
    located = await events.lock_user(runtime, found.user.id)
    if located is None:
        return
    locked, user = located
    try:
        password_reset.check_may_be_mailed(user, locked.portal_state, locked.at)
    except Refusal:
        return

    if mail_request := link_mails.link_mail(Action.RESET_PASSWORD, user, locked.portal.row):
        # The user's `reset_mailed_at` is not set: strangers could prevent resets by admins with a request per minute.
        newest = await link_lookup.newest_of(Purpose.RESET_PASSWORD, user.key)
        await _mail(runtime, mail_request, newest, locked.at)


async def _mail_staff(runtime: Runtime, key: str) -> None:
    found = await unscoped.staff_account_by_login(key)
    staff = await unscoped.staff_account(found.member.id, lock=True) if found else None
    if staff is None or not staff.member.may_reset_password:
        return

    mail_request = LinkMailRequest(staff.member, MailKind.PASSWORD_RESET, staff.member.email, LIVES_FOR_STAFF)
    newest = await link_lookup.newest_of(Purpose.RESET_PASSWORD, staff.member.key)
    await _mail(runtime, mail_request, newest, runtime.now())


async def _mail(runtime: Runtime, mail_request: LinkMailRequest, newest: LinkRow | None, at: datetime) -> None:
    mail = Addressed(mail_request.kind, mail_request.to.portal_id, mail_request.recipient)
    if await mail_caps.allowed_at(mail, at, FOR_STRANGERS) is None:
        await link_mails.enqueue_active_link(runtime, mail_request, newest, at)


async def _check_differs(ports: SignInPorts, caller: Caller, account: Account, password: str) -> None:
    """Raise Refusal(WEAK_PASSWORD) if an admin requested the reset and the password equals the current one (K18)."""
    if not isinstance(account, PortalAccount) or Status.RECOVERY not in (
        account.user.status,
        account.user.resume_status,
    ):
        return
    if await ports.passwords.verify(password, account.secret.password_hash, caller.address):
        raise unchanged_password()


def _check_may_set_password(owner: LockedUser | LockedStaff) -> None:
    """Raise Refusal(INVALID_TOKEN) if the account cannot have a new password."""
    try:
        if isinstance(owner, LockedUser):
            password_reset.check_may_be_used(owner.user, owner.locked.portal_state)
        elif not owner.account.member.may_reset_password:
            raise Refusal(Code.INACTIVE)
    except Refusal:
        raise invalid_link(Purpose.RESET_PASSWORD) from None
