"""Attempts to prove a password or a second factor. An attempt is counted before the secret is checked (T7).

A source is a caller's network. An account has a counter for each source from which it has signed in, and one more
counter for all other sources. Strangers therefore cannot lock out the owner. An unknown login has a counter too, so
that the response time does not reveal whether the account exists.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.auth import attempts
from rules.auth.lockout import ATTEMPT_LASTS, FAILURES_COUNT_FOR, MOST_IN_A_ROW, STAFF_LOCKOUT_THRESHOLD, Proof
from rules.auth.networks import network_of
from rules.auth.sign_in_blockers import Blocker
from services.auth.accounts import Account
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

STRANGERS = "strangers"
NO_ACCOUNT = UUID(int=0)

MOST_RETRIES = 5
RETRY_INTERVAL = timedelta(milliseconds=50)
"""The pause before each retry of an attempt that was not admitted. There are at most MOST_RETRIES retries."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt to prove a password or a second factor.

    - `key`: identifies the counter of the attempt.
    - `failures`: the number of the counter's recent failures. A lock begins at `threshold` failures.
    - `failed_at`: the time of the last of these failures, or None.
    - `in_a_row`: all failures of the counter since its last success.
    - `in_all`: the sum of `in_a_row` over all counters of the account.
    - `is_known`: whether the account has signed in from the source before.
    - `is_admitted`: whether the secret may be checked. False if too many other attempts are being checked.
    """

    key: str
    proof: Proof
    threshold: int
    is_known: bool
    is_admitted: bool
    failures: int
    in_a_row: int
    in_all: int
    failed_at: datetime | None

    @property
    def is_exempt(self) -> bool:
        """Whether the attempt is exempt from locks: the source is known, and `in_a_row` is below `threshold`."""
        return self.is_known and self.in_a_row < self.threshold

    @property
    def is_spent(self) -> bool:
        """Whether there are enough failures for a lock.

        `failures` has reached `threshold`, or the account's number of failures in a row has reached MOST_IN_A_ROW.
        """
        return self.failures >= self.threshold or self.in_all >= MOST_IN_A_ROW

    def is_shut_out(self, account: Account, at: datetime) -> bool:
        """Return whether a lock refuses the attempt at `at`.

        If the account's status can show a lockout (`is_locked_by_status`), the status decides. Otherwise the counters
        decide.
        """
        if self.is_exempt:
            return False
        return Blocker.LOCKED_OUT in account.blockers(at) if account.is_locked_by_status else self.is_spent


async def reserve(
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    account: Account | None,
    proof: Proof,
    *,
    typed: tuple[str, ...] = (),
) -> Attempt:
    """Count an attempt before its secret is checked, and return the attempt.

    The attempt is admitted if the counter has no other attempt in progress. It is also admitted if the counter's
    failures and attempts in progress are together below the account's lockout threshold. For an unknown login,
    `account` is None, and the typed login `typed` identifies the counter.
    """
    sources, at = sources_of(ports, caller), runtime.now()
    threshold = account.threshold(proof) if account else STAFF_LOCKOUT_THRESHOLD
    forgiven = account.forgiven_until(proof, at) if account else at - FAILURES_COUNT_FOR
    whose = ("account", str(account.id)) if account else ("typed", *typed)

    async def write() -> Attempt:
        totals = await attempts.totals(account.id if account else NO_ACCOUNT, sources)
        key = ports.encryption.digest("tries", proof, *whose, sources[0] if totals.is_known else STRANGERS)
        counted = await attempts.admit(
            key,
            account.id if account else None,
            at,
            threshold=threshold,
            forgiven_until=forgiven,
            lost_until=at - ATTEMPT_LASTS,
        )
        return Attempt(
            key=key,
            proof=proof,
            threshold=threshold,
            is_known=totals.is_known,
            is_admitted=counted is not None,
            failures=counted.failures if counted else 0,
            in_a_row=counted.in_a_row if counted else 0,
            in_all=totals.in_all,
            failed_at=counted.failed_at if counted else None,
        )

    return await runtime.transactions.run(write)


async def retry_until_admitted(
    attempt: Attempt,
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    account: Account | None,
    proof: Proof,
    *,
    typed: tuple[str, ...] = (),
) -> Attempt:
    """Call `reserve` again, after a pause, until the attempt is admitted. Return the last attempt.

    At most MOST_RETRIES retries are made. A retry can succeed, because the success of a parallel attempt resets the
    counter.
    """
    for _ in range(MOST_RETRIES):
        if attempt.is_admitted:
            break
        await ports.sleep(RETRY_INTERVAL)
        attempt = await reserve(runtime, ports, caller, account, proof, typed=typed)
    return attempt


async def cancel(runtime: Runtime, attempt: Attempt) -> None:
    """Take back an attempt that has no result, as if it had not been made."""
    if attempt.is_admitted:
        await runtime.transactions.run(lambda: attempts.release(attempt.key))


@asynccontextmanager
async def cancel_on_error(runtime: Runtime, attempt: Attempt) -> AsyncIterator[None]:
    """Cancel the attempt if the body of the `with` statement raises an exception or is cancelled."""
    try:
        yield
    except BaseException:
        await cancel(runtime, attempt)
        raise


async def reset(attempt: Attempt) -> None:
    """Delete the counter of a successful attempt. The account's other counters stay. Requires a transaction."""
    await attempts.delete_counters([attempt.key])


def sources_of(ports: SignInPorts, caller: Caller) -> list[str]:
    """Return the digest of the caller's network under each configured key, current key first."""
    return list(ports.encryption.digests("source", network_of(caller.address)))
