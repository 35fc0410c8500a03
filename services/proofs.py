"""Whoever changes how an account is signed in to proves its password first: a stolen session is not enough."""

from __future__ import annotations

from dataclasses import dataclass, field

from models import credentials
from rules.access import Actor
from rules.refusals import Code, Refusal
from services.desk import Caller, SignInDesk
from services.work import Work

CURRENT = ("currentPassword",)


@dataclass(frozen=True, slots=True)
class Proof:
    """That the actor knew the password that was stored then."""

    actor: Actor
    counted_as: str
    password_hash: str = field(repr=False)


async def prove(work: Work, desk: SignInDesk, caller: Caller, actor: Actor, password: str) -> Proof:
    """The proof; Refusal INVALID_CREDENTIALS for a wrong password, RATE_LIMITED after too many.

    The try stays counted until `give_back`, so that whatever is refused afterwards cannot be asked without end.
    """
    counted_as = f"proof\n{actor.id}"
    desk.limits.reserve(counted_as, caller.address, work.now())
    stored = await _stored(actor, lock=False)
    if not await desk.passwords.verify(password, stored) or stored is None:
        raise _wrong()
    return Proof(actor, counted_as, stored)


def give_back(desk: SignInDesk, caller: Caller, proof: Proof) -> None:
    """What the proof was for is done: the try counts no more."""
    desk.limits.succeeded(proof.counted_as, caller.address)


async def check_still_holds(proof: Proof) -> None:
    """Refusal INVALID_CREDENTIALS where the password was changed meanwhile; the account is locked from here on."""
    if await _stored(proof.actor, lock=True) != proof.password_hash:
        raise _wrong()


async def _stored(actor: Actor, *, lock: bool) -> str | None:
    if actor.is_staff:
        staff = await (credentials.lock_staff_member if lock else credentials.staff_of_link)(actor.id)
        return staff.secret.password_hash if staff else None
    user = await (credentials.lock_portal_account if lock else credentials.user_of_link)(actor.id)
    return user.secret.password_hash if user else None


def _wrong() -> Refusal:
    return Refusal(
        Code.INVALID_CREDENTIALS, "The current password is not right. Type it again, or ask for a reset.", path=CURRENT
    )
