"""Whoever changes how an account is signed in to proves its password first: a stolen session is not enough."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.access import Actor
from rules.refusals import Code, Refusal
from services import accounts, password_checks
from services.desk import CHANGES, Caller, SignInDesk
from services.work import Work

CURRENT = ("currentPassword",)


@dataclass(frozen=True, slots=True)
class Proof:
    """That the actor knew the password that was stored then."""

    actor: Actor
    password_hash: str = field(repr=False)


async def prove(work: Work, desk: SignInDesk, caller: Caller, actor: Actor, password: str) -> Proof:
    """The proof; Refusal INVALID_CREDENTIALS for a wrong password, counted as a failed sign-in is; RATE_LIMITED.

    The network's try stays counted until `give_back`, so that whatever is refused afterwards cannot be asked without end.
    """
    desk.limits.reserve(caller.address, work.now(), CHANGES)
    account = await accounts.by_id(actor.id, is_staff=actor.is_staff)
    right = account and await password_checks.proved_again(work, desk, caller, account, password)
    if account is None or not right or account.secret.password_hash is None:
        raise _wrong()
    return Proof(actor, account.secret.password_hash)


def give_back(desk: SignInDesk, caller: Caller) -> None:
    """What the proof was for is done: the try counts no more."""
    desk.limits.succeeded(caller.address, CHANGES)


async def check_still_holds(proof: Proof) -> None:
    """Refusal INVALID_CREDENTIALS where the password was changed meanwhile; the account is locked from here on."""
    account = await accounts.locked(proof.actor.id, is_staff=proof.actor.is_staff)
    if account is None or account.secret.password_hash != proof.password_hash:
        raise _wrong()


def _wrong() -> Refusal:
    return Refusal(
        Code.INVALID_CREDENTIALS, "The current password is not right. Type it again, or ask for a reset.", path=CURRENT
    )
