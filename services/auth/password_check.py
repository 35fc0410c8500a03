"""Checking an account's password: counted before it is hashed, and refused alike for every reason."""

from __future__ import annotations

from rules.auth.lockout import Proof
from rules.refusals import Code, Refusal
from services.auth import attempts, lockout
from services.auth.accounts import Account
from services.auth.attempts import Attempt
from services.ports import Caller, SignInPorts
from services.runtime import Runtime


async def check_at_sign_in(
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    account: Account | None,
    password: str,
    *,
    typed: tuple[str, ...],
) -> Attempt | None:
    """Return the attempt that proved the password, to be reset or refunded; None if it is wrong or a lock applies.

    `typed` makes the counter's key if there is no account. Raise Refusal(RATE_LIMITED) if too many hash at once.
    """
    attempt = await attempts.reserved(runtime, ports, caller, account, Proof.PASSWORD, typed=typed)
    is_right = await _verified(runtime, ports, caller, attempt, account, password)
    # Right or wrong, known or not: every attempt that came late is reserved again.
    attempt = await attempts.look_again(attempt, runtime, ports, caller, account, Proof.PASSWORD, typed=typed)
    if account and is_right and attempt.is_admitted and not attempt.is_shut_out(account, runtime.now()):
        return attempt
    await lockout.failed(runtime, ports, account, attempt, is_wrong=not is_right)
    return None


async def check_of_session(
    runtime: Runtime, ports: SignInPorts, caller: Caller, account: Account, password: str
) -> bool:
    """Return whether a signed-in account's password is right; a wrong one counts as a failed sign-in does.

    A lock does not end sessions. Raise Refusal(RATE_LIMITED) if this source, or all sources together, failed too often, or
    if too many hash at once.
    """
    attempt = await attempts.reserved(runtime, ports, caller, account, Proof.PASSWORD)
    if not attempt.is_admitted or (attempt.is_spent and attempt.is_shut_out(account, runtime.now())):
        await attempts.refund(runtime, attempt)
        raise Refusal(
            Code.RATE_LIMITED,
            "Too many wrong passwords were entered. Ask an admin to unlock your account, or set a new password by a reset.",
        )
    is_right = await _verified(runtime, ports, caller, attempt, account, password)
    if is_right:
        await runtime.transactions.run(lambda: attempts.reset(attempt))
    else:
        await lockout.failed(runtime, ports, account, attempt)
    return is_right


async def _verified(
    runtime: Runtime, ports: SignInPorts, caller: Caller, attempt: Attempt, account: Account | None, password: str
) -> bool:
    async with attempts.refunded(runtime, attempt):
        return await ports.passwords.verify(
            password, account.secret.password_hash if account else None, caller.address, is_known=attempt.is_known
        )
