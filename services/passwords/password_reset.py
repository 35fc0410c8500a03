"""Forgotten passwords: a link for whoever owns the address, and the new password that it is good for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from models.auth import attempts, reset_requests, unscoped
from models.auth.reset_requests import ResetRequestRow
from models.links import lookup as link_lookup
from models.links.table import LinkRow
from rules.auth import password_reset
from rules.auth.link_purposes import Purpose
from rules.auth.passwords import Chooser
from rules.lifecycle.actions import Action
from rules.lifecycle.statuses import Status
from rules.mail import cooldown
from rules.mail.caps import FOR_STRANGERS
from rules.mail.kinds import MailKind
from rules.refusals import Code, Refusal
from rules.text.folding import login_key, typed_key
from services import rate_limits
from services.auth.ports import Caller, SignInPorts
from services.lifecycle import events
from services.links import find_active, invalid, use
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.mail.link_mails import LinkMail
from services.mail.mail_rows import Addressee
from services.passwords import new_password
from services.passwords.new_password import NewPassword
from services.runtime import Runtime

LIVES_FOR_STAFF = timedelta(hours=24)
"""A portal's policy says it for its users; staff have no portal."""

REQUEST_LIVES = timedelta(hours=1)
"""How long a request waits for a mail worker; then its answer would surprise the user."""


async def request(runtime: Runtime, ports: SignInPorts, caller: Caller, *, portal_slug: str | None, email: str) -> None:
    """Ask for a mail with a link for a new password, if there is an account with that verified address that may have one.

    Tells nothing either way, not even by the time that it or the next request takes: the same row is written whether
    there is such an account or not, and the mail worker looks (`answer_next`). Refusal RATE_LIMITED, counted alike for
    addresses that exist and for those that do not.
    """
    slug = typed_key(portal_slug) if portal_slug is not None else None
    key = typed_key(email)
    counted_as = ports.encryption.digest("reset", slug or "", key)

    async def write() -> None:
        at = runtime.now()
        if await attempts.is_first_since(counted_as, at, cooldown.began_after(at)):
            await reset_requests.add(ResetRequestRow(runtime.new_id(), slug, key, at))

    async with rate_limits.reset(runtime, ports, caller):
        await runtime.transactions.run(write)


async def answer_next(runtime: Runtime) -> bool:
    """Answer the oldest request; return False when there is none. For the mail worker.

    Nothing changes but that a mail is queued: with the active link, also an admin's, or with a new one where there is
    none. Nothing is queued where the account may have no reset, and beyond what strangers may have an address mailed.
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


async def complete(runtime: Runtime, ports: SignInPorts, caller: Caller, *, token: str, password: str) -> None:
    """Sets the password that a link was mailed for; ends every session and opens none.

    Refusal INVALID_TOKEN for a link that is used, replaced, past its end, or of a user who may not have a new password;
    WEAK_PASSWORD, which leaves the link good; also for the password that the account has while an admin's reset is
    pending (K18).
    """
    async with rate_limits.link(runtime, ports, caller):
        link = await find_active(Purpose.RESET_PASSWORD, token, runtime.now())
        chosen = await new_password.chosen(ports, caller, password, await _chooser(link))
        # No look again inside the transaction: a reset that begins meanwhile, or another password, is the link's end.
        await _check_is_another(ports, caller, link, password)

        async def write() -> None:
            link = await find_active(Purpose.RESET_PASSWORD, token, runtime.now())
            if link.user_id is not None:
                await _set_of_user(runtime, link, link.user_id, chosen)
            elif link.staff_id is not None:
                await _set_of_staff(runtime, link, link.staff_id, chosen)

        await runtime.transactions.run(write)


async def _mail_user(runtime: Runtime, slug: str, key: str) -> None:
    found = await unscoped.portal_account(slug, key)
    if found is None or found.user.email is None or login_key(found.user.email) != key:
        return  # a username is no address
    located = await events.hold_one(runtime, found.user.id)
    if located is None:
        return
    held, user = located
    try:
        password_reset.may_be_asked(user, held.place, held.at)
    except Refusal:
        return

    if letter := link_mails.link_mail(Action.RESET_PASSWORD, user, held.portal.row):
        # Nothing is noted at the user: strangers would keep admins from resetting by asking once a minute.
        newest = await link_lookup.newest_of(Purpose.RESET_PASSWORD, user.key)
        await _mail(runtime, letter, newest, held.at)


async def _mail_staff(runtime: Runtime, key: str) -> None:
    found = await unscoped.staff_member(key)
    staff = await unscoped.lock_staff_member(found.member.id) if found else None
    if staff is None or not staff.member.is_active:
        return

    letter = LinkMail(Addressee.of_staff(staff.member), MailKind.PASSWORD_RESET, staff.member.email, LIVES_FOR_STAFF)
    newest = await link_lookup.newest_of(Purpose.RESET_PASSWORD, staff.member.key)
    await _mail(runtime, letter, newest, runtime.now())


async def _mail(runtime: Runtime, letter: LinkMail, newest: LinkRow | None, at: datetime) -> None:
    mail = Addressed(letter.kind, letter.to.portal_id, letter.recipient)
    if await mail_caps.wait(mail, at, FOR_STRANGERS) is None:
        await link_mails.enqueue_active_link(runtime, letter, newest, at)


async def _chooser(link: LinkRow) -> Chooser:
    if link.user_id is not None and (account := await unscoped.user_of_link(link.user_id)):
        return new_password.chooser(account.user, (await unscoped.portal(account.user.portal_id)).row)
    if link.staff_id is not None and (staff := await unscoped.staff_of_link(link.staff_id)):
        return new_password.chooser_of_staff(staff.member)
    raise invalid(link.purpose)


async def _check_is_another(ports: SignInPorts, caller: Caller, link: LinkRow, password: str) -> None:
    account = await unscoped.user_of_link(link.user_id) if link.user_id is not None else None
    if account is None or Status.RECOVERY not in (account.user.status, account.user.resume_status):
        return
    if await ports.passwords.verify(password, account.secret.password_hash, caller.address):
        raise Refusal(Code.WEAK_PASSWORD, "That is the password that you have. Take another one.", path=("password",))


async def _set_of_user(runtime: Runtime, link: LinkRow, id: UUID, chosen: NewPassword) -> None:
    located = await events.hold_one(runtime, id)
    if located is None:
        raise invalid(link.purpose)
    held, user = located
    try:
        password_reset.may_be_finished(user, held.place)
    except Refusal:
        raise invalid(link.purpose) from None

    await use(link, held.at)
    await new_password.keep(runtime, held, user, chosen)


async def _set_of_staff(runtime: Runtime, link: LinkRow, id: UUID, chosen: NewPassword) -> None:
    staff, at = await unscoped.lock_staff_member(id), runtime.now()
    if staff is None or not staff.member.is_active:
        raise invalid(link.purpose)

    await use(link, at)
    await new_password.keep_of_staff(runtime, staff.member, chosen, at)
