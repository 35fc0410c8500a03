"""Links: each row gives an account a right that can be used once, before the link expires.

A link is mailed, passed on by an inviter, typed as a registration code, or returned as a step of a sign-in. The link's
token is needed to use the link. It is derived from the link's row and the server's key. The database stores only a hash
of the token.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from models.links import changes as link_changes
from models.links import lookup as link_lookup
from models.links.table import Delivery, LinkRow
from rules.accounts import AccountKey
from rules.auth.link_purposes import Purpose
from rules.auth.lockout import SECOND_FACTOR_ATTEMPTS
from rules.messages.links import LinkMessage
from rules.refusals import Refusal
from services.runtime import Runtime

CODE_DIGITS = 6
"""The number of digits of a code that an invitee types in place of a token."""

MOST_ATTEMPTS = {
    Purpose.MFA_CHALLENGE: SECOND_FACTOR_ATTEMPTS,
    Purpose.PASSWORD_CHANGE: SECOND_FACTOR_ATTEMPTS,
}
"""The number of wrong answers after which `find_active` refuses a link, by purpose.

For purposes that are left out, `find_active` does not count wrong answers.
"""

_INVALID: dict[Purpose, tuple[LinkMessage, tuple[str, ...] | None]] = {
    Purpose.INVITATION: (LinkMessage.INVITATION, None),
    Purpose.REGISTRATION: (LinkMessage.INVITATION, None),
    Purpose.REGISTRATION_CODE: (LinkMessage.CODE, ("code",)),
    Purpose.VERIFY_EMAIL: (LinkMessage.VERIFICATION, ("token",)),
    Purpose.CANCEL_EMAIL_CHANGE: (LinkMessage.CANCELLATION, ("token",)),
    Purpose.RESET_PASSWORD: (LinkMessage.PASSWORD_RESET, ("token",)),
    Purpose.MFA_CHALLENGE: (LinkMessage.STEP, ("challengeToken",)),
    Purpose.PASSWORD_CHANGE: (LinkMessage.STEP, ("token",)),
}
"""The message and the path of Refusal(INVALID_TOKEN), by purpose."""


def invalid_link(purpose: Purpose) -> Refusal:
    """Return the Refusal(INVALID_TOKEN) for a link that is unknown, used, superseded or expired."""
    message, path = _INVALID[purpose]
    return Refusal(message, path=path)


def new_link_and_token(
    runtime: Runtime,
    purpose: Purpose,
    owner: AccountKey,
    at: datetime,
    lives: timedelta,
    *,
    address: str | None = None,
    delivery: Delivery | None = None,
    is_trusted: bool = False,
) -> tuple[LinkRow, str]:
    """Return a new link for the account, and the link's token. The link is not stored.

    The link expires at `at + lives`. Use of the link proves that the owner receives mails to `address`. For
    invitations, `delivery` states how the link reaches the invitee. `is_trusted` states whether the invitee can set a
    password without a registration.
    """
    link_id, nonce = runtime.new_id(), runtime.secret(16).hex()
    token = runtime.links.token(purpose, link_id, nonce)
    row = LinkRow(
        id=link_id,
        user_id=owner.user_id,
        staff_id=owner.staff_id,
        purpose=purpose,
        nonce=nonce,
        token_hash=token_hash(token),
        created_at=at,
        expires_at=at + lives,
        used_at=None,
        superseded_at=None,
        address=address,
        delivery=delivery,
        is_trusted=is_trusted,
    )
    return row, token


async def find(purpose: Purpose, token: str) -> LinkRow | None:
    """Return the link for `token`, active or not, or None if no link with this purpose has the token."""
    link = await link_lookup.by_hash(token_hash(token))
    return link if link is not None and link.purpose is purpose else None


async def find_active(purpose: Purpose, token: str, at: datetime) -> LinkRow:
    """Return the active link for `token`. The row is not locked.

    Raise Refusal(INVALID_TOKEN) in these cases:

    - No link with this purpose has the token.
    - The link is used, superseded or expired at `at`.
    - The link has received MOST_ATTEMPTS wrong answers.
    """
    link = await find(purpose, token)
    if link is None or not link.lives_at(at) or link.tries >= MOST_ATTEMPTS.get(purpose, link.tries + 1):
        raise invalid_link(purpose)
    return link


async def redeem(purpose: Purpose, token: str, at: datetime) -> LinkRow:
    """Use up the active link for `token`, and return the link as it was before. Requires a transaction.

    Only one of several simultaneous calls succeeds. Raise Refusal(INVALID_TOKEN) in the cases of `find_active`, or if
    another call has used the link.
    """
    link = await find_active(purpose, token, at)
    await mark_used(link, at)
    return link


async def mark_used(link: LinkRow, at: datetime) -> None:
    """Mark the link as used. Requires a transaction. Raise Refusal(INVALID_TOKEN) if the link is not active at `at`."""
    if not await link_changes.use(link, at):
        raise invalid_link(link.purpose)


def token_hash(token: str) -> str:
    """Return the hash that the database stores in place of the token."""
    return sha256(token.encode()).hexdigest()


def code_of(token: str) -> str:
    """Return a code of CODE_DIGITS digits, which is derived from the token. Invitees type the code, not the token."""
    return f"{int(sha256(f'code {token}'.encode()).hexdigest(), 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def token_of(runtime: Runtime, link: LinkRow) -> str | None:
    """Return the link's token, derived from its row. Return None if the key of the token is not configured."""
    known = runtime.links.tokens(link.purpose, link.id, link.nonce)
    return next((token for token in known if token_hash(token) == link.token_hash), None)
