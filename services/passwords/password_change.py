"""The change of a password by its signed-in owner."""

from __future__ import annotations

from models.auth import actors
from rules.access import Actor, access_ended
from rules.auth.passwords import PasswordContext, is_the_same, unchanged_password
from rules.messages.passwords import PasswordMessage
from rules.refusals import Refusal
from services.auth import accounts, reauthentication
from services.auth import new_password as passwords
from services.auth.accounts import PortalAccount
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

NEW = ("newPassword",)


async def change(
    runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, *, current_password: str, new_password: str
) -> None:
    """Replace the actor's password. The actor's other sessions end; the current session continues.

    Raise Refusal with one of these codes:

    - INVALID_CREDENTIALS if `current_password` is wrong.
    - WEAK_PASSWORD if `new_password` is weak or equals the current password.
    - RATE_LIMITED after too many attempts.
    - NOT_ALLOWED if the portal's policy does not allow signing in with a password.
    - UNAUTHENTICATED if the actor's access has ended.
    """
    password_context = await _password_context(actor)
    async with reauthentication.reauthenticate(runtime, ports, caller, actor, current_password) as proof:
        if is_the_same(current_password, new_password):
            raise unchanged_password(NEW)
        chosen = await passwords.check_and_hash(ports, caller, new_password, password_context, path=NEW)

        async def write() -> None:
            owner = await passwords.lock_account(runtime, actor.key)
            if owner is None or await actors.acting(actor.id, actor.session_id, owner.at) is None:
                raise access_ended()
            await reauthentication.check_still_holds(proof)

            await passwords.replace_password(runtime, owner, chosen, keep_session=actor.session_id)

        await runtime.transactions.run(write)


async def _password_context(actor: Actor) -> PasswordContext:
    account = await accounts.by_key(actor.key)
    if account is None:
        raise access_ended()
    if isinstance(account, PortalAccount) and not account.policy.password_sign_in_enabled:
        raise Refusal(PasswordMessage.PASSWORD_SIGN_IN_OFF)
    return await passwords.password_context_of(account)
