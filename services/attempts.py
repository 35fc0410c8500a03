"""Wrong passwords, counted by account and source before any hash is computed, and the lock that they end in (T7).

A source that the account has signed in from has a counter of its own; all others share one, so that strangers can lock
out strangers only. Unknown logins are counted under a key made of what was typed: they cost the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from models import attempts
from rules.events import Event, concerns
from rules.lifecycle import Status
from rules.refusals import Code, Refusal
from rules.signing_in import STAFF_LOCKOUT_THRESHOLD, Blocker, lock_ends_at
from rules.sources import network_of
from services import events
from services.accounts import ALWAYS, Account
from services.desk import Caller, SignInDesk
from services.work import Work

STRANGERS = "strangers"
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Try:
    """One try, counted: the `number`th in a row from its source. Beyond the threshold nothing is right any more."""

    key: str
    number: int
    threshold: int
    is_known: bool

    @property
    def counts(self) -> bool:
        return self.number <= self.threshold


async def password_is_right(
    work: Work,
    desk: SignInDesk,
    caller: Caller,
    account: Account | None,
    password: str,
    *,
    typed: tuple[str, ...] = (),
    is_signed_in: bool = False,
) -> Try | None:
    """The try with which the password was proved; None when it was wrong, or came too late, or from a locked-out source.

    `typed` is what the counter goes by where there is no such account. A lock does not matter to living sessions; they
    are told when they came too late. Refusal RATE_LIMITED, also when too many hash at once.
    """
    mine = await reserved(work, desk, caller, account, "password", typed=typed)
    if is_signed_in and not mine.counts:
        raise Refusal(
            Code.RATE_LIMITED,
            "Too many wrong passwords were entered. Ask an admin to unlock your account, or set a new password by a reset.",
        )
    try:
        right = await desk.passwords.verify(
            password, account.secret.password_hash if account else None, caller.address, is_known=mine.is_known
        )
    except Refusal:
        await unspent(work, mine)
        raise
    if not mine.counts:
        # Others that came at the same time may have been right, which begins the count again. Right or wrong, known or
        # not: whoever comes late looks again, so that nobody can tell by the time it takes.
        mine = await reserved(work, desk, caller, account, "password", typed=typed)
    if account is None:
        return None
    is_out = not is_signed_in and not mine.is_known and Blocker.LOCKED_OUT in account.blockers(work.now())
    if right and mine.counts and not is_out:
        await proved(work, mine)
        return mine
    if not right:
        await failed(work, account, mine)
    return None


async def reserved(
    work: Work,
    desk: SignInDesk,
    caller: Caller,
    account: Account | None,
    what: str,
    *,
    typed: tuple[str, ...] = (),
) -> Try:
    """Counts one try of `what` before it is looked at: of a hundred at once no more than the threshold count."""
    sources, at = sources_of(desk, caller), work.now()
    threshold = account.threshold if account else STAFF_LOCKOUT_THRESHOLD
    forgiven = account.forgiven_until(at) if account else ALWAYS

    async def write() -> Try:
        is_known = await attempts.is_known(account.id if account else NOBODY, sources)
        whose = ("account", str(account.id)) if account else ("typed", *typed)
        key = desk.seals.digest("tries", what, *whose, sources[0] if is_known else STRANGERS)
        number = await attempts.reserve(
            key, account.id if account else None, at, threshold=threshold, over_until=forgiven
        )
        return Try(key, number, threshold, is_known)

    return await work.transactions.run(write)


async def unspent(work: Work, mine: Try) -> None:
    """Nothing was looked at: the try does not count."""
    await work.transactions.run(lambda: attempts.give_back(mine.key))


async def proved(work: Work, mine: Try) -> None:
    """The source's counter begins again."""
    await work.transactions.run(lambda: attempts.forget([mine.key]))


async def failed(work: Work, account: Account, mine: Try) -> None:
    """What a wrong one leads to: at the threshold the user is locked out. Staff only wait: see `forgiven_until`."""
    if account.user is None or mine.number < mine.threshold:
        return
    if account.lock_is_over(work.now()) or concerns(Event.LOCKED_OUT, account.user.user.status):
        await _lock_out(work, account.id, mine)


async def _lock_out(work: Work, user_id: UUID, mine: Try) -> None:
    async def write() -> None:
        locked = await events.hold_one(work, user_id)
        # Somebody with the right password, or who unlocks, may have been faster: then the counter is gone.
        if locked is None or await attempts.failures(mine.key) < mine.threshold:
            return
        held, user = locked
        if user.status is Status.LOCKED_OUT:
            ends_at = lock_ends_at(user, held.portal.row)
            if ends_at is None or held.at < ends_at:
                return
            await events.happen(work, Event.LOCK_ENDED, held, [user], forgives_all_but=mine.key)
            held = await events.hold(work, user.portal_id, [user_id])
        await events.happen(work, Event.LOCKED_OUT, held, list(held.users.values()))

    await work.transactions.run(write)


def sources_of(desk: SignInDesk, caller: Caller) -> list[str]:
    """What is kept of where somebody calls from, enough to know it again; then the same by earlier keys."""
    return list(desk.seals.digests("source", network_of(caller.address)))
