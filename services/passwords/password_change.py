"""Changing one's own password while signed in."""

from __future__ import annotations

from models.auth import actors, unscoped
from rules.access import Actor
from rules.auth.passwords import Chooser, is_the_same
from rules.refusals import Code, Refusal
from services.auth import reauthentication
from services.auth.ports import Caller, SignInPorts
from services.lifecycle import events
from services.passwords import new_password as passwords
from services.passwords.new_password import NewPassword
from services.runtime import Runtime

NEW = ("newPassword",)


async def change(
    runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, *, current_password: str, new_password: str
) -> None:
    """Replaces the actor's own password; every other session ends, this one goes on.

    The refusals: INVALID_CREDENTIALS, WEAK_PASSWORD (also for the old one again), RATE_LIMITED, and NOT_ALLOWED where
    users do not sign in with passwords of their own.
    """
    who = await _chooser(actor)
    async with reauthentication.reauthenticated(runtime, ports, caller, actor, current_password) as proof:
        if is_the_same(current_password, new_password):
            raise Refusal(Code.WEAK_PASSWORD, "That is the password that you have. Take another one.", path=NEW)
        chosen = await passwords.chosen(ports, caller, new_password, who, path=NEW)

        async def write() -> None:
            if actor.is_staff:
                await reauthentication.check_still_holds(proof)
                await _of_staff(runtime, actor, chosen)
            else:
                await _of_user(runtime, proof, chosen)

        await runtime.transactions.run(write)


async def _chooser(actor: Actor) -> Chooser:
    if actor.portal_id is None:
        staff = await unscoped.staff_of_link(actor.id)
        if staff is None:
            raise _ended()
        return passwords.chooser_of_staff(staff.member)
    account = await unscoped.user_of_link(actor.id)
    if account is None:
        raise _ended()
    if not account.door.password_sign_in_enabled:
        raise Refusal(Code.NOT_ALLOWED, "Users of your portal do not sign in with passwords of their own.")
    return passwords.chooser(account.user, (await unscoped.portal(actor.portal_id)).row)


async def _of_user(runtime: Runtime, proof: reauthentication.PasswordProof, chosen: NewPassword) -> None:
    actor = proof.actor
    located = await events.hold_one(runtime, actor.id)
    if located is None:
        raise _ended()
    held, user = located
    if await actors.acting(actor.id, actor.session_id, held.at) is None:
        raise _ended()
    await reauthentication.check_still_holds(proof)

    await passwords.keep(runtime, held, user, chosen, keep_session=actor.session_id)


async def _of_staff(runtime: Runtime, actor: Actor, chosen: NewPassword) -> None:
    staff, at = await unscoped.lock_staff_member(actor.id), runtime.now()
    if staff is None or await actors.acting(actor.id, actor.session_id, at) is None:
        raise _ended()

    await passwords.keep_of_staff(runtime, staff.member, chosen, at, keep_session=actor.session_id)


def _ended() -> Refusal:
    return Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
