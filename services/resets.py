"""Forgotten passwords: a link for whoever owns the address, and the new password that it is good for."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from models import attempts, credentials, links
from models.links import LinkRow, Purpose
from models.outbox import MailKind
from rules import resets
from rules.decisions import COOLDOWN
from rules.lifecycle import Action, Status
from rules.passwords import Chooser
from rules.refusals import Code, Refusal
from rules.text import login_key
from services import events, mails, passwords
from services.desk import RESETS, Caller, SignInDesk
from services.mails import Addressee, Letter
from services.passwords import NewPassword
from services.work import Work

LIVES_FOR_STAFF = timedelta(hours=24)
"""A portal's policy says it for its users; staff have no portal."""

LONGEST_LOGIN = 1_000
"""Characters; what is longer names nobody, and is not folded: that takes time by the square of the length."""


async def request(work: Work, desk: SignInDesk, caller: Caller, *, portal_slug: str | None, email: str) -> None:
    """Mails a link for a new password to the owner of a verified address, if there is one who may have it.

    Says nothing either way, and changes nothing that anybody sees. Refusal RATE_LIMITED, counted alike for addresses that
    exist and for those that do not.
    """
    slug = portal_slug.strip().lower() if portal_slug is not None else None
    key = login_key(email) if len(email) <= LONGEST_LOGIN else ""
    desk.limits.reserve(caller.address, work.now(), RESETS)

    counted_as = desk.seals.digest("reset", slug or "", key)

    async def write() -> bool:
        # Written for addresses that do not exist as well: they pause for a minute as others do.
        at = work.now()
        return await attempts.reserve(counted_as, None, at, threshold=1, over_until=at - COOLDOWN) == 1

    if await work.transactions.run(write):
        # Beside the answer: the time that it takes tells nobody whether there is such an account.
        work.transactions.later(lambda: _mail_staff(work, key) if slug is None else _mail_user(work, slug, key))


async def complete(work: Work, desk: SignInDesk, caller: Caller, *, token: str, password: str) -> None:
    """Sets the password that a link was mailed for; ends every session and opens none.

    Refusal INVALID_TOKEN for a link that is used, replaced, past its end, or of a user who may not have a new password;
    WEAK_PASSWORD, which leaves the link good; also for the password that the account has while an admin's reset is
    pending (K18).
    """
    hashed = mails.token_hash(token)
    link = await _living(hashed, work.now())
    chosen = await passwords.chosen(desk, caller, password, await _chooser(link))
    # No look again inside the transaction: a reset that begins meanwhile, or another password, is the link's end.
    await _check_is_another(desk, caller, link, password)

    async def write() -> None:
        link = await _living(hashed, work.now())
        if link.user_id is not None:
            await _set_of_user(work, link, link.user_id, chosen)
        elif link.staff_id is not None:
            await _set_of_staff(work, link, link.staff_id, chosen)

    await work.transactions.run(write)


async def _mail_user(work: Work, slug: str, key: str) -> None:
    found = await credentials.portal_account(slug, key)
    if found is None or found.user.email is None or login_key(found.user.email) != key:
        return  # a username is no address
    located = await events.hold_one(work, found.user.id)
    if located is None:
        return
    held, user = located
    try:
        resets.may_be_asked(user, held.place, held.at)
    except Refusal:
        return

    if letter := mails.letter(Action.RESET_PASSWORD, user, held.portal.row):
        # Nothing is noted at the user: strangers would keep admins from resetting by asking once a minute.
        await mails.post(work, [letter], held.at)


async def _mail_staff(work: Work, key: str) -> None:
    found = await credentials.staff_member(key)
    staff = await credentials.lock_staff_member(found.member.id) if found else None
    if staff is None or not staff.member.is_active:
        return
    at, last = work.now(), await links.latest_of_staff(Purpose.RESET_PASSWORD, staff.member.id)
    if last is not None and last.created_at <= at < last.created_at + COOLDOWN:
        return

    to = Addressee.of_staff(staff.member)
    await mails.post(work, [Letter(to, MailKind.PASSWORD_RESET, staff.member.email, LIVES_FOR_STAFF)], at)


async def _living(token_hash: str, at: datetime) -> LinkRow:
    link = await links.by_hash(token_hash)
    if link is None or link.purpose is not Purpose.RESET_PASSWORD or not link.lives_at(at):
        raise _dead()
    return link


async def _chooser(link: LinkRow) -> Chooser:
    if link.user_id is not None and (account := await credentials.user_of_link(link.user_id)):
        return passwords.chooser(account.user, (await credentials.portal(account.user.portal_id)).row)
    if link.staff_id is not None and (staff := await credentials.staff_of_link(link.staff_id)):
        return passwords.chooser_of_staff(staff.member)
    raise _dead()


async def _check_is_another(desk: SignInDesk, caller: Caller, link: LinkRow, password: str) -> None:
    account = await credentials.user_of_link(link.user_id) if link.user_id is not None else None
    if account is None or Status.RECOVERY not in (account.user.status, account.user.resume_status):
        return
    if await desk.passwords.verify(password, account.secret.password_hash, caller.address):
        raise Refusal(Code.WEAK_PASSWORD, "That is the password that you have. Take another one.", path=("password",))


async def _set_of_user(work: Work, link: LinkRow, id: UUID, chosen: NewPassword) -> None:
    located = await events.hold_one(work, id)
    if located is None:
        raise _dead()
    held, user = located
    try:
        resets.may_be_finished(user, held.place)
    except Refusal:
        raise _dead() from None
    if not await links.use(link, held.at):
        raise _dead()

    await passwords.keep(work, held, user, chosen)


async def _set_of_staff(work: Work, link: LinkRow, id: UUID, chosen: NewPassword) -> None:
    staff, at = await credentials.lock_staff_member(id), work.now()
    if staff is None or not staff.member.is_active or not await links.use(link, at):
        raise _dead()

    await passwords.keep_of_staff(work, staff.member, chosen, at)


def _dead() -> Refusal:
    return Refusal(
        Code.INVALID_TOKEN,
        "This link is not good any more: it was used, replaced by a newer one, or its time is over. Ask for a new one.",
        path=("token",),
    )
