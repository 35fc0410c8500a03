"""The payload of every mutation that may open a session."""

from __future__ import annotations

from datetime import datetime

import strawberry

from resolvers.core.context import Info
from resolvers.core.errors import UserError
from resolvers.types.accounts.account import Account
from resolvers.types.accounts.account_lookup import find_account
from rules.auth.sign_in_blockers import Blocker
from rules.refusals import Refusal
from rules.security_events import SecurityEvent
from services.auth.sign_in import SignedIn


@strawberry.type(description="A living sign-in. Send `Authorization: Bearer <accessToken>` with every request.")
class Session:
    access_token: str = strawberry.field(
        description="For the Authorization header. Keep it in memory only. When it has run out: refreshSession."
    )
    expires_in: int = strawberry.field(description="Seconds until the access token runs out.")
    refresh_token: str | None = strawberry.field(
        description="For `refreshSession`, once. Null where the request had the header `Gatehouse-Refresh: cookie`:"
        " then the token is in the cookie `__Host-gatehouse-refresh`, which scripts cannot read. Whatever opens a"
        " session heeds it."
    )
    viewer: Account = strawberry.field(description="Who is signed in now.")
    must_enroll_mfa: bool = strawberry.field(
        description="Whether the portal requires a second factor that the viewer lacks: until enrollMfa and confirmMfa are"
        " done, nearly everything else answers FORBIDDEN."
    )


@strawberry.type(description="The password was right; a second factor is asked for.")
class MfaChallenge:
    challenge_token: str = strawberry.field(description="For `completeMfaChallenge`. Keep it in memory only.")
    expires_at: datetime = strawberry.field(description="Five minutes later; five wrong codes end it, too.")


@strawberry.type(description="The password was right, but has run out: a new one is asked for.")
class PasswordChange:
    token: str = strawberry.field(description="For `completePasswordChange`, once. Keep it in memory only.")
    expires_at: datetime = strawberry.field(description="Fifteen minutes later.")


@strawberry.type(
    description="A session, or the next step to one, or why there is none: exactly one of `session`, `mfaChallenge` and"
    " `passwordChange` is there, or `blockers` or `errors` is not empty. The steps come in this order: signIn,"
    " completeMfaChallenge, completePasswordChange; either of the last two is left out where it is not asked for."
)
class SignInPayload:
    session: Session | None = strawberry.field(description="Null unless signed in.")
    mfa_challenge: MfaChallenge | None = strawberry.field(
        description="The account has a second factor: ask for a code, then completeMfaChallenge. Only signIn answers"
        " with it."
    )
    password_change: PasswordChange | None = strawberry.field(
        description="A new password is due: ask for one, then completePasswordChange. Only signIn and"
        " completeMfaChallenge answer with it."
    )
    blockers: list[Blocker] = strawberry.field(
        description="Why nobody is signed in although the password or the link was right; empty until that is proved,"
        " and when signed in."
    )
    errors: list[UserError] = strawberry.field(
        description="Why it was refused; each mutation says which codes it gives. signIn: INVALID_CREDENTIALS (login"
        " or password is wrong, or the account is locked out or has accepted no invitation; which, is not told) and"
        " RATE_LIMITED (too many tries; see retryAt). Empty when nothing was refused."
    )

    @classmethod
    def refused(cls, no: Refusal) -> SignInPayload:
        return cls(session=None, mfa_challenge=None, password_change=None, blockers=[], errors=[UserError.of(no)])


async def opened(info: Info, signed_in: SignedIn) -> SignInPayload:
    """The payload of what may open a session; the security log tells of one that it opened."""
    payload = await shown(info, signed_in)
    if payload.session is not None:
        info.context.note(SecurityEvent.SIGNED_IN)
    return payload


async def shown(info: Info, signed_in: SignedIn) -> SignInPayload:
    """The payload of whatever may end with a session; what lies below it is shown as the new account sees it."""
    challenge, change = signed_in.mfa_challenge, signed_in.password_change
    return SignInPayload(
        session=await _session(info, signed_in),
        mfa_challenge=MfaChallenge(challenge_token=challenge.token, expires_at=challenge.expires_at)
        if challenge
        else None,
        password_change=PasswordChange(token=change.token, expires_at=change.expires_at) if change else None,
        blockers=list(signed_in.blockers),
        errors=[],
    )


async def _session(info: Info, signed_in: SignedIn) -> Session | None:
    if signed_in.actor is None or signed_in.token is None:
        return None
    info.context.show_as(signed_in.actor)
    viewer = await find_account(info, signed_in.actor.id)
    assert viewer is not None  # noqa: S101  # everybody sees himself
    return Session(
        access_token=signed_in.token.text,
        expires_in=signed_in.token.expires_in_seconds,
        refresh_token=_kept(info, signed_in),
        viewer=viewer,
        must_enroll_mfa=signed_in.actor.must_enroll,
    )


def _kept(info: Info, signed_in: SignedIn) -> str | None:
    """The refresh token for the payload; None once it is in the cookie that the browser asked for."""
    cookie = info.context.cookie
    if not cookie.is_asked_for or signed_in.refresh_token is None or signed_in.until is None:
        return signed_in.refresh_token
    cookie.keep(signed_in.refresh_token, signed_in.until - info.context.now())
    return None
