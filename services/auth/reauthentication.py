"""The password is proved again before a change to how the account is signed in to: a stolen session is not enough."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rules.access import Actor
from rules.refusals import Code, Refusal
from services import rate_limits
from services.auth import accounts, password_check
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

CURRENT = ("currentPassword",)


@dataclass(frozen=True, slots=True)
class PasswordProof:
    """Evidence that the actor knew the password whose hash was stored at the time."""

    actor: Actor
    password_hash: str = field(repr=False)


@asynccontextmanager
async def reauthenticated(
    runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, password: str
) -> AsyncIterator[PasswordProof]:
    """Prove the password for a change that the body makes. Raise Refusal(INVALID_CREDENTIALS) for a wrong one, RATE_LIMITED.

    A wrong one counts as a failed sign-in does. The attempt stays counted if the body refuses the change, so that its
    answers (EMAIL_TAKEN) cannot be collected.
    """
    async with rate_limits.change(runtime, ports, actor.id):
        account = await accounts.by_key(actor.key)
        right = account and await password_check.check_of_session(runtime, ports, caller, account, password)
        if account is None or not right or account.secret.password_hash is None:
            raise _wrong()
        yield PasswordProof(actor, account.secret.password_hash)


async def check_still_holds(proof: PasswordProof) -> None:
    """Lock the account. Raise Refusal(INVALID_CREDENTIALS) if its password was changed since it was proved."""
    account = await accounts.locked(proof.actor.key)
    if account is None or account.secret.password_hash != proof.password_hash:
        raise _wrong()


def _wrong() -> Refusal:
    return Refusal(
        Code.INVALID_CREDENTIALS, "The current password is not right. Type it again, or ask for a reset.", path=CURRENT
    )
