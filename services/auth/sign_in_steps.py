"""The steps of a sign-in after the password: the second factor and the new password."""

from __future__ import annotations

from datetime import datetime

from models.links import changes as link_changes
from models.links.table import LinkRow
from rules.auth.link_purposes import Purpose
from rules.auth.lockout import ATTEMPT_LASTS, SECOND_FACTOR_PAUSE, Proof
from rules.auth.passwords import unchanged_password
from rules.auth.sign_in_blockers import Blocker
from rules.messages.sign_in import SecondFactorMessage
from rules.refusals import Refusal
from services import rate_limits
from services.auth import accounts, attempts, lockout, mfa_codes, new_password
from services.auth.accounts import Account
from services.auth.attempts import Attempt
from services.auth.new_password import LockedStaff, NewPassword
from services.auth.sign_in import SignInResult, final_blockers, next_step_or_session
from services.links import find_active, invalid_link, mark_used
from services.ports import Caller, SignInPorts
from services.runtime import Runtime


async def complete_challenge(
    runtime: Runtime, ports: SignInPorts, caller: Caller, *, token: str, code: str | None, recovery_code: str | None
) -> SignInResult:
    """Check the second factor of a sign-in, and return a session, the next step or the blockers.

    Wrong codes lock the account like wrong passwords, and have a separate counter. Raise Refusal with one of the codes:

    - INVALID_INPUT unless exactly one of `code` and `recovery_code` is given.
    - INVALID_TOKEN if the challenge is not active or has received too many wrong answers.
    - INVALID_CREDENTIALS if the code is wrong, or if a lockout applies.
    - NOT_ALLOWED if the code cannot be checked because a key is not configured.
    - RATE_LIMITED after too many wrong codes, or if too many other codes are being checked.
    """
    if (code is None) == (recovery_code is None):
        raise Refusal(SecondFactorMessage.ONE_CODE, path=("code",))
    account = await _owner(await find_active(Purpose.MFA_CHALLENGE, token, runtime.now()))
    async with rate_limits.count_sign_in(runtime, ports, caller, account.id):
        attempt = await attempts.reserve(runtime, ports, caller, account, Proof.SECOND_FACTOR)
        attempt = await attempts.retry_until_admitted(attempt, runtime, ports, caller, account, Proof.SECOND_FACTOR)
        if pauses_until := _pause(account, attempt, runtime.now()):
            await attempts.cancel(runtime, attempt)
            raise Refusal(SecondFactorMessage.TOO_MANY_CODES, retry_at=pauses_until)

        async def write() -> SignInResult | None:
            now = await accounts.lock(account.key)
            at = runtime.now()
            link = await find_active(Purpose.MFA_CHALLENGE, token, at)
            if now is None or attempt.is_shut_out(now, at):
                await link_changes.count_try(link)
                return None
            if blocked := final_blockers(now, at):
                return SignInResult(
                    blockers=blocked
                )  # checked first, so that a blocked sign-in uses up no recovery code
            if not await mfa_codes.use_code(ports.encryption, now, at, code=code, recovery_code=recovery_code):
                await link_changes.count_try(link)
                return None

            await mark_used(link, at)
            signed_in = await next_step_or_session(
                runtime, ports, caller, now, at, is_exempt=attempt.is_exempt, second_factor_is_proved=True
            )
            await attempts.reset(attempt)
            return signed_in

        async with attempts.cancel_on_error(runtime, attempt):  # a parallel call may have used the challenge first
            signed_in = await runtime.transactions.run(write)
        if signed_in is None:
            await lockout.record_failure(runtime, ports, account, attempt)
            raise mfa_codes.wrong_code("code" if recovery_code is None else "recoveryCode")
        if signed_in.blockers:
            await attempts.cancel(runtime, attempt)
        return signed_in


def _pause(account: Account, attempt: Attempt, at: datetime) -> datetime | None:
    """Return until when codes are refused without a check, or None if the code may be checked.

    - After `threshold` failures, codes are refused for SECOND_FACTOR_PAUSE. A locked-out account needs no pause,
      because the lockout refuses the code.
    - If the attempt was not admitted, the attempts in progress must end first, at the latest after ATTEMPT_LASTS.
    """
    if not attempt.is_admitted:
        return at + ATTEMPT_LASTS
    is_paused = attempt.failures >= attempt.threshold and attempt.failed_at is not None
    if not is_paused or Blocker.LOCKED_OUT in account.blockers(at):
        return None
    return attempt.failed_at and attempt.failed_at + SECOND_FACTOR_PAUSE


async def complete_password_change(
    runtime: Runtime, ports: SignInPorts, caller: Caller, *, token: str, password: str
) -> SignInResult:
    """Set the new password that a sign-in requires, and return a session or the blockers. All earlier sessions end.

    Raise Refusal(INVALID_TOKEN) if the step is not active, or Refusal(RATE_LIMITED) after too many attempts. Raise
    Refusal(WEAK_PASSWORD) if the password is weak or equals the current password. The step then stays active.
    """
    async with rate_limits.count_link_use(runtime, ports, caller):
        link = await find_active(Purpose.PASSWORD_CHANGE, token, runtime.now())
        account = await _owner(link)
        chosen = await new_password.check_and_hash(
            ports, caller, password, await new_password.password_context_of(account)
        )
        if await ports.passwords.verify(password, account.secret.password_hash, caller.address):
            raise unchanged_password()

        async def write() -> SignInResult:
            if blocked := await _store_password(runtime, token, account, chosen):
                return blocked
            now = await accounts.lock(account.key)
            return await next_step_or_session(
                runtime, ports, caller, now, runtime.now(), is_exempt=True, second_factor_is_proved=True
            )

        return await runtime.transactions.run(write)


async def _store_password(runtime: Runtime, token: str, account: Account, chosen: NewPassword) -> SignInResult | None:
    """Store the new password and use up the step. Return None, or the blockers that end the sign-in.

    If blockers are returned, nothing was written, and the step stays active. Requires a transaction. Raise
    Refusal(INVALID_TOKEN) if the step is not active or the account is deleted.
    """
    owner = await new_password.lock_account(runtime, account.key)
    if owner is None:
        raise invalid_link(Purpose.PASSWORD_CHANGE)
    now = owner.account if isinstance(owner, LockedStaff) else await accounts.lock(account.key)
    at = runtime.now()
    link = await find_active(Purpose.PASSWORD_CHANGE, token, at)
    if now is None:
        raise invalid_link(Purpose.PASSWORD_CHANGE)
    if blocked := final_blockers(now, at):
        return SignInResult(blockers=blocked)

    await mark_used(link, at)
    await new_password.replace_password(runtime, owner, chosen)
    return None


async def _owner(link: LinkRow) -> Account:
    account = await accounts.by_key(link.owner)
    if account is None:
        raise invalid_link(link.purpose)
    return account
