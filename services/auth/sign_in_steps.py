"""The steps of a sign-in after the password: a second factor, a new password."""

from __future__ import annotations

from datetime import datetime

from models.links import changes as link_changes
from models.links.table import LinkRow
from rules.auth.link_purposes import Purpose
from rules.auth.lockout import ATTEMPT_LASTS, SECOND_FACTOR_PAUSE, Proof
from rules.auth.sign_in_blockers import Blocker
from rules.refusals import Code, Refusal
from services import rate_limits
from services.auth import accounts, attempts, lockout, mfa_codes, new_password
from services.auth.accounts import Account
from services.auth.attempts import Attempt
from services.auth.new_password import HeldStaff, NewPassword
from services.auth.sign_in import SignedIn, step_on, what_blocks
from services.links import find_active, invalid, use
from services.ports import Caller, SignInPorts
from services.runtime import Runtime


async def complete_challenge(
    runtime: Runtime, ports: SignInPorts, caller: Caller, *, token: str, code: str | None, recovery_code: str | None
) -> SignedIn:
    """Continue a sign-in with a second factor: exactly one of a code and a recovery code.

    Raise Refusal(INVALID_TOKEN) for a challenge that is used, expired or answered wrongly too often, INVALID_CREDENTIALS
    for a wrong code, NOT_ALLOWED if it cannot be checked, INVALID_INPUT, or RATE_LIMITED after too many wrong ones. Wrong
    codes lock an account out as wrong passwords do, and are counted apart from them.
    """
    if (code is None) == (recovery_code is None):
        raise Refusal(Code.INVALID_INPUT, "Send exactly one of code and recoveryCode.", path=("code",))
    account = await _owner(await find_active(Purpose.MFA_CHALLENGE, token, runtime.now()))
    async with rate_limits.sign_in(runtime, ports, caller, account.id):
        attempt = await attempts.reserved(runtime, ports, caller, account, Proof.SECOND_FACTOR)
        attempt = await attempts.look_again(attempt, runtime, ports, caller, account, Proof.SECOND_FACTOR)
        if pauses_until := _pause(account, attempt, runtime.now()):
            await attempts.refund(runtime, attempt)
            raise Refusal(
                Code.RATE_LIMITED,
                "Too many wrong codes were entered. No code is right for a while; then try again.",
                retry_at=pauses_until,
            )

        async def write() -> SignedIn | None:
            now = await accounts.locked(account.key)
            at = runtime.now()
            link = await find_active(Purpose.MFA_CHALLENGE, token, at)
            if now is None or attempt.is_shut_out(now, at):
                await link_changes.count_try(link)
                return None
            if blocked := what_blocks(now, at):
                return SignedIn(blockers=blocked)  # before a recovery code is used up in vain
            if not await mfa_codes.is_proved(ports.encryption, now, at, code=code, recovery_code=recovery_code):
                await link_changes.count_try(link)
                return None

            await use(link, at)
            signed_in = await step_on(
                runtime, ports, caller, now, at, is_exempt=attempt.is_exempt, second_factor_is_proved=True
            )
            await attempts.reset(attempt)
            return signed_in

        async with attempts.refunded(runtime, attempt):  # also where another call was faster with the same challenge
            signed_in = await runtime.transactions.run(write)
        if signed_in is None:
            await lockout.failed(runtime, ports, account, attempt)
            raise mfa_codes.wrong_code("code" if recovery_code is None else "recoveryCode")
        if signed_in.blockers:
            await attempts.refund(runtime, attempt)
        return signed_in


def _pause(account: Account, attempt: Attempt, at: datetime) -> datetime | None:
    """Return until when no code of this source is checked; None if codes are, or if a lock refuses them anyway.

    The pause may be shown because the password is proved.
    """
    if not attempt.is_admitted:
        return at + ATTEMPT_LASTS
    is_paused = attempt.failures >= attempt.threshold and attempt.failed_at is not None
    if not is_paused or Blocker.LOCKED_OUT in account.blockers(at):
        return None
    return attempt.failed_at and attempt.failed_at + SECOND_FACTOR_PAUSE


async def complete_password_change(
    runtime: Runtime, ports: SignInPorts, caller: Caller, *, token: str, password: str
) -> SignedIn:
    """Set the new password that the sign-in asked for, and return a session; all earlier sessions end.

    Raise Refusal(INVALID_TOKEN) for a step that is used or expired, or WEAK_PASSWORD, also for the present password; then
    the step stays active.
    """
    async with rate_limits.link(runtime, ports, caller):
        link = await find_active(Purpose.PASSWORD_CHANGE, token, runtime.now())
        account = await _owner(link)
        chosen = await new_password.chosen(ports, caller, password, await new_password.chooser_of(account))
        if await ports.passwords.verify(password, account.secret.password_hash, caller.address):
            raise Refusal(
                Code.WEAK_PASSWORD, "That is the password that you have. Take another one.", path=("password",)
            )

        async def write() -> SignedIn:
            if blocked := await _kept(runtime, token, account, chosen):
                return blocked
            now = await accounts.locked(account.key)
            return await step_on(
                runtime, ports, caller, now, runtime.now(), is_exempt=True, second_factor_is_proved=True
            )

        return await runtime.transactions.run(write)


async def _kept(runtime: Runtime, token: str, account: Account, chosen: NewPassword) -> SignedIn | None:
    """Write the password, and return None; return what blocks instead, if something does: then the step stays good."""
    owner = await new_password.hold(runtime, account.key)
    if owner is None:
        raise invalid(Purpose.PASSWORD_CHANGE)
    now = owner.account if isinstance(owner, HeldStaff) else await accounts.locked(account.key)
    at = runtime.now()
    link = await find_active(Purpose.PASSWORD_CHANGE, token, at)
    if now is None:
        raise invalid(Purpose.PASSWORD_CHANGE)
    if blocked := what_blocks(now, at):
        return SignedIn(blockers=blocked)

    await use(link, at)
    await new_password.keep(runtime, owner, chosen)
    return None


async def _owner(link: LinkRow) -> Account:
    account = await accounts.by_key(link.owner)
    if account is None:
        raise invalid(link.purpose)
    return account
