"""Registering with an invitation that proves no address: an address, a code by mail, name and password (E8, E12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import structlog

from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.links.table import LinkRow
from models.users import logins
from models.users.table import UserRow
from rules.accounts import AccountKey
from rules.auth import codes
from rules.auth.link_purposes import Purpose
from rules.auth.sign_in_blockers import Blocker
from rules.mail import cooldown
from rules.mail.caps import FOR_STRANGERS, MOST_CODES_OF_A_LINK
from rules.mail.kinds import MailKind, link_lifetime
from rules.refusals import Code, Refusal
from rules.text.folding import login_key, typed_key
from rules.user_fields import with_email
from services import email_addresses, rate_limits
from services.auth import new_password
from services.auth.sign_in import SignedIn
from services.lifecycle.events import LockedUsers
from services.links import code_of, find_active, invalid, new_link, token_of, use
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.mail.link_mails import LinkMail
from services.onboarding import acceptance
from services.onboarding.acceptance import lock_invitee
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

MOST_TRIES = 5
"""Wrong answers to one code; then it is refused."""

MOST_TRIES_IN_ALL = 50
"""Wrong codes per invitation; they are counted on the invitation's own row, which outlives the rows of its codes."""

COMPLETION_LIVES = timedelta(hours=1)
"""How long a confirmed address waits for name and password."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CodeSent:
    """When the mailed code expires, and from when another may be asked for."""

    expires_at: datetime
    resend_at: datetime


async def start(runtime: Runtime, *, token: str, email: str) -> CodeSent:
    """Mail a code to the address; an earlier code is superseded.

    The code is mailed to any address: that another user of the portal has it shows only after the code is confirmed. An
    address that was sent too many codes gets none, and the answer is the same. Raise Refusal(INVALID_TOKEN), NOT_ALLOWED,
    INVALID_EMAIL, or RATE_LIMITED within a minute of the last code, after too many wrong codes, and after
    MOST_CODES_OF_A_LINK.
    """
    link = await find_active(Purpose.INVITATION, token, runtime.now())
    _registers(link)
    address = email_addresses.checked(email)

    async def write() -> CodeSent:
        locked, user, invitation = await _lock_invitation(runtime, link, token)
        last = await link_lookup.newest_of(Purpose.REGISTRATION_CODE, user.key)
        if retry_at := cooldown.retry_at(last and last.created_at, locked.at):
            raise Refusal(
                Code.RATE_LIMITED,
                "A code was mailed a moment ago. Ask for another in a minute.",
                retry_at=retry_at,
            )
        if invitation.tries >= MOST_TRIES_IN_ALL:
            raise Refusal(
                Code.RATE_LIMITED, "Too many wrong codes came with this invitation. Ask who invited you for a new link."
            )
        if invitation.codes_mailed >= MOST_CODES_OF_A_LINK:
            raise Refusal(
                Code.RATE_LIMITED, "Too many codes were mailed for this invitation. Ask who invited you for a new link."
            )
        lives = link_lifetime(MailKind.REGISTRATION_CODE, locked.portal.row)
        mail = Addressed(MailKind.REGISTRATION_CODE, user.portal_id, address)
        if await mail_caps.wait(mail, locked.at, FOR_STRANGERS):
            # Answered like a code that was mailed: how much mail an address got is not the caller's to know.
            return CodeSent(locked.at + lives, cooldown.next_at(locked.at))
        await link_changes.count_code(invitation)
        await link_mails.enqueue_link_mails(
            runtime, [LinkMail(user, MailKind.REGISTRATION_CODE, address, lives)], locked.at
        )
        return CodeSent(locked.at + lives, cooldown.next_at(locked.at))

    return await runtime.transactions.run(write)


async def confirm(runtime: Runtime, *, token: str, email: str, code: str) -> str:
    """Return the token that completes the registration, for the right code; it expires after COMPLETION_LIVES.

    Raise Refusal(INVALID_TOKEN) for a code that is wrong or not active, and for an invitation that is not active,
    NOT_ALLOWED, or EMAIL_TAKEN once the address is proved.
    """
    link = await find_active(Purpose.INVITATION, token, runtime.now())
    _registers(link)

    async def write() -> str | Refusal:
        locked, user, invitation = await _lock_invitation(runtime, link, token)
        sent = await link_lookup.newest_of(Purpose.REGISTRATION_CODE, user.key)
        if sent is None or sent.address is None or not sent.lives_at(locked.at) or sent.tries >= MOST_TRIES:
            return _wrong()
        sent_token = token_of(runtime, sent)
        if sent_token is None:
            log.error("link.key_unknown", link_id=str(sent.id))
            return _wrong("This code cannot be checked: the server's key has changed since. Ask for a new one.")
        if not _matches(sent_token, sent, email, code):
            # Given back, not raised: what is raised would roll the count back.
            await link_changes.count_try(sent, invitation)
            return _wrong()
        await use(sent, locked.at)
        if await logins.is_taken(user, login_key(sent.address)):
            return _taken(locked, "Sign in with it, or register another.", ("email",))
        await link_changes.supersede(Purpose.REGISTRATION, [user.key], locked.at)
        step, next_token = new_link(
            runtime, Purpose.REGISTRATION, user.key, locked.at, COMPLETION_LIVES, address=sent.address
        )
        await link_changes.store([step])
        return next_token

    result = await runtime.transactions.run(write)
    if isinstance(result, Refusal):
        raise result
    return result


async def complete(
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    *,
    token: str,
    first_name: str | None,
    last_name: str | None,
    password: str,
) -> SignedIn:
    """Complete a registration: the confirmed address becomes the user's, and the user is signed in.

    Raise Refusal(INVALID_TOKEN), EMAIL_TAKEN, WEAK_PASSWORD, INVALID_INPUT or REQUIRED_FIELD_MISSING; except after
    INVALID_TOKEN, the token stays active.
    """
    async with rate_limits.link(runtime, ports, caller):
        step = await find_active(Purpose.REGISTRATION, token, runtime.now())
        user, portal = await acceptance.holder(step)
        names = acceptance.given_names(first_name, last_name)
        now = user._replace(email=step.address, **names)
        new = await new_password.chosen(ports, caller, password, new_password.chooser(now, portal))

        async def write() -> AccountKey | Blocker:
            locked, user = await lock_invitee(runtime, step)
            again = await find_active(Purpose.REGISTRATION, token, locked.at)
            invitation = await link_lookup.newest_of(Purpose.INVITATION, user.key)
            if invitation is None or again.address is None:
                raise invalid(Purpose.REGISTRATION)
            if not locked.portal_state.is_active:
                return Blocker.PORTAL_INACTIVE
            if await logins.is_taken(user, login_key(again.address)):
                raise _taken(locked, "Start again with another address (startRegistration).", ("registrationToken",))
            await use(again, locked.at)
            proved = {**with_email(user, again.address), "email_verified_at": locked.at}
            await acceptance.finish(runtime, locked, user, invitation, names | proved, new)
            return user.key

        return await acceptance.signed_in(runtime, ports, caller, await runtime.transactions.run(write))


def _matches(token: str, sent: LinkRow, email: str, code: str) -> bool:
    is_right = compare_digest(codes.parse(code).encode(), code_of(token).encode())
    return is_right and typed_key(email) == login_key(sent.address or "")


def _registers(link: LinkRow) -> None:
    """Raise Refusal(NOT_ALLOWED) for a link whose stored address is trusted (E7).

    An invitee who was mailed a link may register as well, with another address than the mailed one.
    """
    if link.is_trusted:
        raise Refusal(
            Code.NOT_ALLOWED,
            "With this invitation there is nothing to register: set a password (acceptInvitation).",
            path=("invitationToken",),
        )


async def _lock_invitation(runtime: Runtime, link: LinkRow, token: str) -> tuple[LockedUsers, UserRow, LinkRow]:
    """Lock the invitee and return them with the invitation as stored now.

    Raise Refusal(INVALID_TOKEN), or NOT_ALLOWED if the invitation allows no registration or the portal is inactive.
    """
    locked, user = await lock_invitee(runtime, link)
    invitation = await find_active(Purpose.INVITATION, token, locked.at)
    _registers(invitation)
    if not locked.portal_state.is_active:
        raise Refusal(
            Code.NOT_ALLOWED,
            f"{locked.portal.row.name} is inactive. Ask {locked.portal.row.support_contact or 'your service provider'};"
            " the invitation stays good until it ends.",
        )
    return locked, user, invitation


def _wrong(message: str = "This code is wrong or has run out. Check it, or ask for a new one.") -> Refusal:
    return Refusal(Code.INVALID_TOKEN, message, path=("code",))


def _taken(locked: LockedUsers, next: str, path: tuple[str, ...]) -> Refusal:
    return Refusal(Code.EMAIL_TAKEN, f"Another user of {locked.portal.row.name} has this address. {next}", path=path)
