"""Registration with an invitation that does not prove the invitee's address (E8, E12).

The invitee enters an address, then the code that is mailed to the address, then name and password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import structlog

from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.links.table import LinkRow
from models.users import taken_logins
from models.users.table import UserRow
from rules.accounts import AccountKey
from rules.auth import codes
from rules.auth.link_purposes import Purpose
from rules.auth.sign_in_blockers import Blocker
from rules.mail import cooldown
from rules.mail.caps import FOR_STRANGERS, MOST_CODES_OF_A_LINK
from rules.mail.kinds import MailKind, link_lifetime
from rules.messages.links import LinkMessage, OnboardingMessage
from rules.refusals import Refusal
from rules.text.folding import login_key, typed_key
from rules.user_fields import with_email
from services import email_addresses, rate_limits
from services.auth.sign_in import SignInResult
from services.lifecycle.events import LockedUsers
from services.links import code_of, find_active, invalid_link, mark_used, new_link_and_token, token_of
from services.mail import caps as mail_caps
from services.mail import link_mails
from services.mail.caps import Addressed
from services.mail.link_mails import LinkMailRequest
from services.onboarding import acceptance
from services.onboarding.acceptance import lock_invitee
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

MOST_TRIES = 5
"""The number of wrong answers after which a code is refused."""

MOST_TRIES_IN_ALL = 50
"""The maximum number of wrong codes per invitation.

The invitation's row counts them, because rows of codes are deleted.
"""

COMPLETION_LIVES = timedelta(hours=1)
"""How long a confirmed address can be used to complete the registration."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CodeSent:
    """The time at which a mailed code expires, and the time from which another code may be requested."""

    expires_at: datetime
    resend_at: datetime


async def start(runtime: Runtime, *, token: str, email: str) -> CodeSent:
    """Mail a registration code to the address. An earlier code is superseded.

    `token` is the invitation's token. If another user has the address, the code is mailed nevertheless, and `confirm`
    refuses the address. If the mail cap prevents the mail, the result is the same as for a mailed code. Raise Refusal
    with one of these codes:

    - INVALID_TOKEN if the invitation is not active.
    - NOT_ALLOWED if the invitation allows no registration or the portal is inactive.
    - INVALID_EMAIL if the address is not valid.
    - RATE_LIMITED if the last code was mailed less than COOLDOWN ago.
    - RATE_LIMITED after MOST_TRIES_IN_ALL wrong codes, and after MOST_CODES_OF_A_LINK mailed codes.
    """
    link = await find_active(Purpose.INVITATION, token, runtime.now())
    _check_may_register(link)
    address = email_addresses.validate(email)

    async def write() -> CodeSent:
        locked, user, invitation = await _lock_invitation(runtime, link, token)
        last = await link_lookup.newest_of(Purpose.REGISTRATION_CODE, user.key)
        if retry_at := cooldown.retry_at(last and last.created_at, locked.at):
            raise Refusal(OnboardingMessage.CODE_MAILED_JUST_NOW, retry_at=retry_at)
        if invitation.tries >= MOST_TRIES_IN_ALL:
            raise Refusal(OnboardingMessage.TOO_MANY_WRONG_CODES)
        if invitation.codes_mailed >= MOST_CODES_OF_A_LINK:
            raise Refusal(OnboardingMessage.TOO_MANY_CODES_MAILED)
        lives = link_lifetime(MailKind.REGISTRATION_CODE, locked.portal.row)
        mail = Addressed(MailKind.REGISTRATION_CODE, user.portal_id, address)
        if await mail_caps.allowed_at(mail, locked.at, FOR_STRANGERS):
            # The same result as for a mailed code: the caller must not learn how many mails the address has received.
            return CodeSent(locked.at + lives, cooldown.next_at(locked.at))
        await link_changes.count_code(invitation)
        await link_mails.enqueue_link_mails(
            runtime, [LinkMailRequest(user, MailKind.REGISTRATION_CODE, address, lives)], locked.at
        )
        return CodeSent(locked.at + lives, cooldown.next_at(locked.at))

    return await runtime.transactions.run(write)


async def confirm(runtime: Runtime, *, token: str, email: str, code: str) -> str:
    """Check the code, and return a token for `complete`. The token expires after COMPLETION_LIVES.

    Raise Refusal(INVALID_TOKEN) if the code is wrong or not active, or if the invitation is not active. Raise
    Refusal(NOT_ALLOWED) if the invitation allows no registration or the portal is inactive. Raise Refusal(EMAIL_TAKEN)
    if the code is right and another user of the portal has the address.
    """
    link = await find_active(Purpose.INVITATION, token, runtime.now())
    _check_may_register(link)

    async def write() -> str | Refusal:
        locked, user, invitation = await _lock_invitation(runtime, link, token)
        sent = await link_lookup.newest_of(Purpose.REGISTRATION_CODE, user.key)
        if sent is None or sent.address is None or not sent.lives_at(locked.at) or sent.tries >= MOST_TRIES:
            return _wrong()
        sent_token = token_of(runtime, sent)
        if sent_token is None:
            log.error("link.key_unknown", link_id=str(sent.id))
            return _wrong(LinkMessage.CODE_KEY_UNKNOWN)
        if not _matches(sent_token, sent, email, code):
            # The refusal is returned, because raising it here would roll back the count.
            await link_changes.count_try(sent, invitation)
            return _wrong()
        await mark_used(sent, locked.at)
        if await taken_logins.is_taken(user, login_key(sent.address)):
            return _taken(OnboardingMessage.ADDRESS_REGISTERED, locked, "email")
        await link_changes.supersede(Purpose.REGISTRATION, [user.key], locked.at)
        step, next_token = new_link_and_token(
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
) -> SignInResult:
    """Complete a registration and sign in. Return a session or the blockers.

    `token` is the token that `confirm` returned. The confirmed address becomes the user's e-mail. If the portal is
    inactive, nothing is changed, and the blocker PORTAL_INACTIVE is returned. The token stays active after a refusal.
    Raise Refusal with one of these codes:

    - INVALID_TOKEN if the token is not active.
    - EMAIL_TAKEN if another user of the portal has the address now.
    - WEAK_PASSWORD, INVALID_INPUT, REQUIRED_FIELD_MISSING, ADMIN_LIMIT_REACHED or RATE_LIMITED in the cases of
      `acceptance.accept`.
    """
    async with rate_limits.count_link_use(runtime, ports, caller):
        step = await find_active(Purpose.REGISTRATION, token, runtime.now())
        user, portal = await acceptance.owner_of(step)
        now = user._replace(email=step.address)
        names, new = await acceptance.check_input(ports, caller, now, portal, first_name, last_name, password)

        async def write() -> AccountKey | Blocker:
            locked, user = await lock_invitee(runtime, step)
            again = await find_active(Purpose.REGISTRATION, token, locked.at)
            invitation = await link_lookup.newest_of(Purpose.INVITATION, user.key)
            if invitation is None or again.address is None:
                raise invalid_link(Purpose.REGISTRATION)
            if not locked.portal_state.is_active:
                return Blocker.PORTAL_INACTIVE
            if await taken_logins.is_taken(user, login_key(again.address)):
                raise _taken(OnboardingMessage.ADDRESS_REGISTERED_BY_NOW, locked, "registrationToken")
            await mark_used(again, locked.at)
            proved = {**with_email(user, again.address), "email_verified_at": locked.at}
            await acceptance.complete_acceptance(runtime, locked, user, invitation, names | proved, new)
            return user.key

        return await acceptance.sign_in_accepted(runtime, ports, caller, await runtime.transactions.run(write))


def _matches(token: str, sent: LinkRow, email: str, code: str) -> bool:
    is_right = compare_digest(codes.parse(code).encode(), code_of(token).encode())
    return is_right and typed_key(email) == login_key(sent.address or "")


def _check_may_register(link: LinkRow) -> None:
    """Raise Refusal(NOT_ALLOWED) if the link is trusted: the invitee must then use the stored address (E7).

    Any other invitation allows the invitee to register another address.
    """
    if link.is_trusted:
        raise Refusal(OnboardingMessage.NOTHING_TO_REGISTER, path=("invitationToken",))


async def _lock_invitation(runtime: Runtime, link: LinkRow, token: str) -> tuple[LockedUsers, UserRow, LinkRow]:
    """Lock the portal and the invitee. Return the locked rows, the invitee and the invitation as stored.

    Requires a transaction. Raise Refusal(INVALID_TOKEN) if the invitation is not active or the invitee is deleted.
    Raise Refusal(NOT_ALLOWED) if the invitation allows no registration or the portal is inactive.
    """
    locked, user = await lock_invitee(runtime, link)
    invitation = await find_active(Purpose.INVITATION, token, locked.at)
    _check_may_register(invitation)
    if not locked.portal_state.is_active:
        raise Refusal(
            OnboardingMessage.PORTAL_INACTIVE,
            portal=locked.portal.row.name,
            support=locked.portal.row.support_contact or None,
        )
    return locked, user, invitation


def _wrong(message: LinkMessage = LinkMessage.CODE) -> Refusal:
    return Refusal(message, path=("code",))


def _taken(message: OnboardingMessage, locked: LockedUsers, field: str) -> Refusal:
    return Refusal(message, path=(field,), portal=locked.portal.row.name)
