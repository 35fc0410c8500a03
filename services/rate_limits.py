"""Rate limits: the maximum number of attempts from one network, or for one account, within a period.

Attempts that fail are counted. Requests for a password reset are counted even if they succeed. The counters are rows in
the database, so all processes share them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import structlog

from models.auth import rate_limits
from rules.auth.networks import network_of, networks_of
from rules.auth.rate_limits import NETWORK_FACTORS, NOT_EVALUATED, Limit
from rules.refusals import Refusal
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

NO_ACCOUNT = UUID(int=0)

log = structlog.get_logger(__name__)


@asynccontextmanager
async def count_sign_in(
    runtime: Runtime, ports: SignInPorts, caller: Caller, account_id: UUID | None
) -> AsyncIterator[None]:
    """Run a sign-in as the body of the `with` statement, and count its failure for the caller's networks.

    A failure from a network where the account has signed in before is not counted. `account_id` is None if the login is
    unknown. Raise Refusal(RATE_LIMITED) with `retry_at` if the limit is reached.
    """
    sources = list(ports.encryption.digests("source", network_of(caller.address)))
    async with _counted(
        runtime, ports.limits.sign_ins, _networks(ports, caller, "sign-ins"), (account_id or NO_ACCOUNT, sources)
    ):
        yield


@asynccontextmanager
async def count_reset_request(runtime: Runtime, ports: SignInPorts, caller: Caller) -> AsyncIterator[None]:
    """Run a password reset request as the body of the `with` statement, and count it for the caller's networks.

    A request that succeeds is counted too. Raise Refusal(RATE_LIMITED) with `retry_at` if the limit is reached.
    """
    async with _counted(runtime, ports.limits.resets, _networks(ports, caller, "resets"), stays=True):
        yield


@asynccontextmanager
async def count_link_use(runtime: Runtime, ports: SignInPorts, caller: Caller) -> AsyncIterator[None]:
    """Use a link in the body of the `with` statement, and count a failure for the caller's networks.

    The steps of a sign-in are links too. Raise Refusal(RATE_LIMITED) with `retry_at` if the limit is reached.
    """
    async with _counted(runtime, ports.limits.links, _networks(ports, caller, "links")):
        yield


async def count_refused_service(runtime: Runtime, ports: SignInPorts, caller: Caller) -> None:
    """Count a call of another service with wrong credentials. The counters are those of the caller's networks.

    Raise Refusal(RATE_LIMITED) with `retry_at` if the limit is reached.
    """
    async with _counted(runtime, ports.limits.services, _networks(ports, caller, "services"), stays=True):
        pass


@asynccontextmanager
async def count_change(runtime: Runtime, ports: SignInPorts, account_id: UUID) -> AsyncIterator[None]:
    """Run the body of the `with` statement, and count a failure for the account if the body raises Refusal.

    The body changes the account's password, e-mail or second factor. Raise Refusal(RATE_LIMITED) with `retry_at` if the
    limit is reached.
    """
    async with _counted(runtime, ports.limits.changes, [ports.encryption.digest("limit", "changes", str(account_id))]):
        yield


def _networks(ports: SignInPorts, caller: Caller, kind: str) -> list[str]:
    """Return the counter keys of the caller's networks, smallest network first.

    All callers lock the counters in this order, so that they do not deadlock.
    """
    networks = enumerate(networks_of(caller.address))
    return [f"{size}{ports.encryption.digest('limit', kind, network)}" for size, network in networks]


@asynccontextmanager
async def _counted(
    runtime: Runtime,
    limit: Limit,
    keys: list[str],
    unless_known: tuple[UUID, list[str]] | None = None,
    *,
    stays: bool = False,
) -> AsyncIterator[None]:
    """Add an attempt to each counter in `keys`, then run the body of the `with` statement.

    Parallel attempts are counted before any of them is checked, so they cannot exceed the limit. The attempt is
    subtracted again in these cases:

    - The body succeeds, unless `stays` is true.
    - The body is cancelled, or raises an exception other than Refusal.
    - The body raises Refusal with a code in NOT_EVALUATED.

    `unless_known` is an account's id and the digests of a source. If the account has signed in from the source, nothing
    is counted. Raise Refusal(RATE_LIMITED) with `retry_at`, and count nothing, if the limit is reached.
    """
    at = runtime.now()
    ends_at = at + limit.within

    async def count() -> bool:
        windows = await rate_limits.count(keys, at, ends_at, unless_known=unless_known)
        most = {key: limit.failures * factor for key, factor in zip(keys, NETWORK_FACTORS, strict=False)}
        if full := [window.ends_at for window in windows if window.tries > most[window.key]]:
            raise Refusal(limit.message, retry_at=max(full))
        return bool(windows)

    try:
        is_counted = await runtime.transactions.run(count)
    except asyncio.CancelledError:
        _decrement_later(runtime, keys, ends_at)  # the transaction commits although its caller is cancelled
        raise
    fails = stays
    try:
        yield
    except Refusal as refusal:
        fails = refusal.code not in NOT_EVALUATED
        raise
    except BaseException:
        fails = False
        raise
    finally:
        if is_counted and not fails:
            _decrement_later(runtime, keys, ends_at)


def _decrement_later(runtime: Runtime, keys: list[str], ends_at: datetime) -> None:
    """Subtract an attempt from its counters in the background. If this fails, the attempt counts until `ends_at`."""
    try:
        runtime.transactions.run_later(lambda: rate_limits.decrement(keys, ends_at))
    except Refusal as refusal:  # the server is shutting down
        log.info("rate_limit.not_refunded", code=refusal.code)
