"""The payload of the mutations that can open or refresh a session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import strawberry

from resolvers.core.context import Info
from resolvers.core.duration_text import duration_text
from resolvers.core.errors import UserError
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import find_account
from resolvers.types.accounts.sign_in_blockers import SignInBlocker
from resolvers.types.users.portal_user import PortalUser
from rules.auth.lockout import SECOND_FACTOR_ATTEMPTS
from rules.refusals import Refusal
from rules.rights import root_fields as rights
from rules.security_events import SecurityEvent
from services.auth.sign_in import CHALLENGE_LIVES, PASSWORD_CHANGE_LIVES, SignInResult


def _listed(members: Iterable[str]) -> str:
    """Join members of the schema in English, such as "`viewer` and `Portal.users`"."""
    *others, last = (f"`{member.removeprefix('Query.').removeprefix('Mutation.')}`" for member in members)
    return f"{', '.join(others)} and {last}"


_ANSWER_WHILE_ENROLLING = _listed(sorted(rights.WHILE_ENROLLING, reverse=True))
_REFUSED_WHILE_ENROLLING = _listed(rights.REFUSED_WHILE_ENROLLING)


@strawberry.type(description="An open session. Send `Authorization: Bearer <accessToken>` with every request.")
class Session:
    access_token: str = strawberry.field(
        description="The access token for the Authorization header. Keep it in memory only. When it has expired, call"
        " refreshSession."
    )
    expires_in: int = strawberry.field(
        description="Seconds from now until the access token expires. A duration, so that a wrong clock of the client does not"
        " matter."
    )
    refresh_token: str | None = strawberry.field(
        description="The token for refreshSession, which returns its replacement. Null if the request had the header"
        " `Gatehouse-Refresh: cookie`: the token is then in the cookie `__Host-gatehouse-refresh`, which scripts cannot read."
        " The header may be sent with every request; mutations that open, refresh or end a session obey it. A new sign-in"
        " replaces the cookie and does not end the earlier session, which stays in `Account.sessions`: call signOut before. The cookie is"
        " Secure and SameSite=Strict: over plain HTTP, browsers keep it for localhost only, and the page and the API must be"
        " the same site. A browser's request with the header from another site is refused with the HTTP status 400."
    )
    viewer: Account = strawberry.field(
        description="The signed-in account, read with the rights of this session, whatever token the request has, and within"
        " the limits of `mustEnrollMfa`. No refused right makes `session` null: the tokens are not lost. An argument below"
        " that is not valid can (BAD_USER_INPUT), because the field is never null."
    )
    must_enroll_mfa: bool = strawberry.field(
        description="Whether the viewer must set up a second factor: `PortalPolicy.mfaRequired`, or `MsspPolicy.staffMfaRequired` for"
        " MSSP staff, is true, and the viewer has none. `Account.mustEnrollMfa` has the same value and can be read later. Until"
        " enrollMfa and confirmMfa are done, the API is limited, also in the answer that opens the session:\n"
        f"- Of the root fields, {_ANSWER_WHILE_ENROLLING} answer, and those that require no access token. Other root fields are"
        " refused: null, with the top-level error FORBIDDEN.\n"
        f"- Below `viewer`, {_REFUSED_WHILE_ENROLLING} are refused in the same way.\n"
        "- `availableActions` allows no action (reason MUST_ENROLL_MFA), and `StaffMember.portals` is empty.\n"
        "- All other fields below `viewer` answer."
    )


@strawberry.type(description="A request for the second factor, after a correct password.")
class MfaChallenge:
    challenge_token: str = strawberry.field(description="The token for completeMfaChallenge. Keep it in memory only.")
    expires_at: datetime = strawberry.field(
        description=f"Time at which the challenge expires: after {duration_text(CHALLENGE_LIVES)}."
        f" {SECOND_FACTOR_ATTEMPTS} wrong codes end it too."
    )


@strawberry.type(description="A request for a new password, after a correct password that has expired.")
class PasswordChange:
    token: str = strawberry.field(
        description="The token for completePasswordChange; it can be used once. Keep it in memory only."
    )
    expires_at: datetime = strawberry.field(
        description=f"Time at which the token expires: after {duration_text(PASSWORD_CHANGE_LIVES)}."
    )


@strawberry.type(
    description="The result of signing in: exactly one of `session`, `mfaChallenge` and `passwordChange` is set, or"
    " `blockers` or `errors` is not empty. The steps are signIn, completeMfaChallenge and"
    " completePasswordChange, in this order; the last two are left out if they are not needed."
)
class SignInPayload:
    session: Session | None = strawberry.field(description="The session. Null unless the account is signed in.")
    mfa_challenge: MfaChallenge | None = strawberry.field(
        description="Set if the account has a second factor. Ask for a code, then call completeMfaChallenge. Only"
        " signIn returns it."
    )
    password_change: PasswordChange | None = strawberry.field(
        description="Set if the password has expired. Ask for a new one, then call completePasswordChange. Only signIn"
        " and completeMfaChallenge return it."
    )
    blockers: list[SignInBlocker] = strawberry.field(
        description="Why the account is not signed in although the password or the link is correct. Empty if it is"
        " signed in, if the password or the link is wrong, and always in refreshSession."
    )
    errors: list[UserError] = strawberry.field(
        description="Why the call was refused: each mutation lists its codes. Empty if the call was not refused."
    )

    @classmethod
    def refused(cls, refusal: Refusal) -> SignInPayload:
        return cls(
            session=None, mfa_challenge=None, password_change=None, blockers=[], errors=UserError.all_of(refusal)
        )


async def sign_in_payload(info: Info, signed_in: SignInResult) -> SignInPayload:
    """Return the payload of a sign-in. If a session was opened, log a security event."""
    payload = await session_payload(info, signed_in)
    if payload.session is not None:
        info.context.note(SecurityEvent.SIGNED_IN)
    return payload


async def session_payload(info: Info, signed_in: SignInResult) -> SignInPayload:
    """Return the payload of a sign-in or a refresh.

    The fields of the payload are resolved with the rights of the account that signed in.
    """
    challenge, change = signed_in.mfa_challenge, signed_in.password_change
    return SignInPayload(
        session=await _session(info, signed_in),
        mfa_challenge=MfaChallenge(challenge_token=challenge.token, expires_at=challenge.expires_at)
        if challenge
        else None,
        password_change=PasswordChange(token=change.token, expires_at=change.expires_at) if change else None,
        blockers=[SignInBlocker.of(blocker) for blocker in signed_in.blockers],
        errors=[],
    )


async def _session(info: Info, signed_in: SignInResult) -> Session | None:
    if signed_in.acting is None or signed_in.token is None:
        return None
    actor, user = signed_in.acting
    info.context.show_as(actor)
    # The transaction has read the row just now.
    viewer = PortalUser.of(user) if user else await find_account(info, actor.id)
    assert viewer is not None  # noqa: S101  # an account may always see itself
    return Session(
        access_token=signed_in.token.text,
        expires_in=signed_in.token.expires_in_seconds,
        refresh_token=_refresh_token(info, signed_in),
        viewer=viewer,
        must_enroll_mfa=actor.must_enroll,
    )


def _refresh_token(info: Info, signed_in: SignInResult) -> str | None:
    """Return the refresh token for the payload, or None if it is sent in a cookie.

    If the request asked for a cookie, the response sets the cookie to the token.
    """
    cookie = info.context.cookie
    if not cookie.is_asked_for or signed_in.refresh_token is None or signed_in.until is None:
        return signed_in.refresh_token
    cookie.keep(signed_in.refresh_token, signed_in.until - info.context.now())
    return None
