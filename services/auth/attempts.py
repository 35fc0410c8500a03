"""Attempts to prove a password or a second factor, counted by account and source before they are checked (T7).

A source that the account has signed in from has a counter of its own. All other sources share one, so that strangers can
lock out strangers only. Unknown logins are counted under a key made of what was typed, and cost the same.
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

LOOKS_AGAIN = 5
LOOKS_APART = timedelta(milliseconds=50)
"""How often an attempt that came beside too many others is reserved again, and the wait before each time."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt before it is checked: `failures` from its source count towards `threshold`, the last at `failed_at`.

    `in_a_row` are all failures of its source since the last success, `in_all` those of the account. An attempt is not
    admitted while too many others are being checked; then it cannot succeed.
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
        """Whether locks do not apply: the source is known, and has not failed too often itself."""
        return self.is_known and self.in_a_row < self.threshold

    @property
    def is_spent(self) -> bool:
        """Whether the source, or the account, has failed too often."""
        return self.failures >= self.threshold or self.in_all >= MOST_IN_A_ROW

    def is_shut_out(self, account: Account, at: datetime) -> bool:
        """Return whether a lock applies: by the status or, of accounts without a lockable status, by the counters."""
        if self.is_exempt:
            return False
        return Blocker.LOCKED_OUT in account.blockers(at) if account.is_lockable else self.is_spent


async def reserved(
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    account: Account | None,
    proof: Proof,
    *,
    typed: tuple[str, ...] = (),
) -> Attempt:
    """Count an attempt before it is checked, and return it; of a hundred at once no more than the threshold are admitted.

    `typed` makes the counter's key if there is no account.
    """
    sources, at = sources_of(ports, caller), runtime.now()
    threshold = account.threshold(proof) if account else STAFF_LOCKOUT_THRESHOLD
    forgiven = account.forgiven_until(proof, at) if account else at - FAILURES_COUNT_FOR
    whose = ("account", str(account.id)) if account else ("typed", *typed)

    async def write() -> Attempt:
        standing = await attempts.totals(account.id if account else NO_ACCOUNT, sources)
        key = ports.encryption.digest("tries", proof, *whose, sources[0] if standing.is_known else STRANGERS)
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
            is_known=standing.is_known,
            is_admitted=counted is not None,
            failures=counted.failures if counted else 0,
            in_a_row=counted.in_a_row if counted else 0,
            in_all=standing.in_all,
            failed_at=counted.failed_at if counted else None,
        )

    return await runtime.transactions.run(write)


async def look_again(
    attempt: Attempt,
    runtime: Runtime,
    ports: SignInPorts,
    caller: Caller,
    account: Account | None,
    proof: Proof,
    *,
    typed: tuple[str, ...] = (),
) -> Attempt:
    """Wait and reserve again, if the attempt was not admitted beside others that are being checked.

    If one of the others succeeds, the count begins anew.
    """
    for _ in range(LOOKS_AGAIN):
        if attempt.is_admitted:
            break
        await ports.sleep(LOOKS_APART)
        attempt = await reserved(runtime, ports, caller, account, proof, typed=typed)
    return attempt


async def refund(runtime: Runtime, attempt: Attempt) -> None:
    """Uncount an attempt that neither succeeded nor failed."""
    if attempt.is_admitted:
        await runtime.transactions.run(lambda: attempts.release(attempt.key))


@asynccontextmanager
async def refunded(runtime: Runtime, attempt: Attempt) -> AsyncIterator[None]:
    """Refund the attempt if the body raises, also when the request is cancelled."""
    try:
        yield
    except BaseException:
        await refund(runtime, attempt)
        raise


async def reset(attempt: Attempt) -> None:
    """Begin the counter of a successful attempt's source anew. Other counters stay. Requires a transaction."""
    await attempts.forget([attempt.key])


def sources_of(ports: SignInPorts, caller: Caller) -> list[str]:
    """Return the digest by which the caller's network is recognized, then the digests under earlier keys."""
    return list(ports.encryption.digests("source", network_of(caller.address)))
