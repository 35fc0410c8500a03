"""The check of an account's password. Every attempt is counted before the password is hashed."""

from __future__ import annotations

from rules.auth.lockout import Proof
from rules.messages.sign_in import SignInMessage
from rules.refusals import Refusal
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
    """Check a password at a sign-in. Return the counted attempt if the password is right, else None.

    Return None also if a lock applies or too many other attempts are being checked. The caller must reset or cancel the
    returned attempt. For an unknown login, `account` is None, and the typed login `typed` identifies the counter.
    Raise Refusal(RATE_LIMITED) if the queue of the password hasher is full.
    """
    attempt = await attempts.reserve(runtime, ports, caller, account, Proof.PASSWORD, typed=typed)
    is_right = await _verify(runtime, ports, caller, attempt, account, password)
    # Reserved again in every case: the time must not reveal whether the password is right or the account exists.
    attempt = await attempts.retry_until_admitted(attempt, runtime, ports, caller, account, Proof.PASSWORD, typed=typed)
    if account and is_right and attempt.is_admitted and not attempt.is_shut_out(account, runtime.now()):
        return attempt
    await lockout.record_failure(runtime, ports, account, attempt, is_wrong=not is_right)
    return None


async def check_of_session(
    runtime: Runtime, ports: SignInPorts, caller: Caller, account: Account, password: str
) -> bool:
    """Return whether the password of a signed-in account is right.

    A wrong password counts as a failed sign-in and can lock the account. A lock does not end the account's sessions.
    Raise Refusal(RATE_LIMITED) in these cases:

    - The source or the account has too many failures.
    - Too many other attempts are being checked.
    - The queue of the password hasher is full.
    """
    attempt = await attempts.reserve(runtime, ports, caller, account, Proof.PASSWORD)
    if not attempt.is_admitted or (attempt.is_spent and attempt.is_shut_out(account, runtime.now())):
        await attempts.cancel(runtime, attempt)
        raise Refusal(SignInMessage.TOO_MANY_PASSWORDS)
    is_right = await _verify(runtime, ports, caller, attempt, account, password)
    if is_right:
        await runtime.transactions.run(lambda: attempts.reset(attempt))
    else:
        await lockout.record_failure(runtime, ports, account, attempt)
    return is_right


async def _verify(
    runtime: Runtime, ports: SignInPorts, caller: Caller, attempt: Attempt, account: Account | None, password: str
) -> bool:
    async with attempts.cancel_on_error(runtime, attempt):
        return await ports.passwords.verify(
            password, account.secret.password_hash if account else None, caller.address, is_known=attempt.is_known
        )
