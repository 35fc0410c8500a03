"""Reauthentication: changes of the password, the e-mail and the second factor require the current password.

A stolen session alone is therefore not enough to take over the account.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rules.access import Actor
from rules.messages.sign_in import SignInMessage
from rules.refusals import Refusal
from services import rate_limits
from services.auth import accounts, password_check
from services.ports import Caller, SignInPorts
from services.runtime import Runtime

CURRENT = ("currentPassword",)


@dataclass(frozen=True, slots=True)
class PasswordProof:
    """Evidence that the actor has entered the current password. `password_hash` is the stored hash of that password."""

    actor: Actor
    password_hash: str = field(repr=False)


@asynccontextmanager
async def reauthenticate(
    runtime: Runtime, ports: SignInPorts, caller: Caller, actor: Actor, password: str
) -> AsyncIterator[PasswordProof]:
    """Check the actor's current password, then run the body of the `with` statement, which makes the change.

    A wrong password counts as a failed sign-in. If the body raises Refusal, this counts towards the rate limit of
    changes. Raise Refusal(INVALID_CREDENTIALS) if the password is wrong, or Refusal(RATE_LIMITED) after too many
    attempts.
    """
    # Without this limit, a caller could test many addresses for EMAIL_TAKEN.
    async with rate_limits.count_change(runtime, ports, actor.id):
        account = await accounts.by_key(actor.key)
        right = account and await password_check.check_of_session(runtime, ports, caller, account, password)
        if account is None or not right or account.secret.password_hash is None:
            raise _wrong()
        yield PasswordProof(actor, account.secret.password_hash)


async def check_still_holds(proof: PasswordProof) -> None:
    """Lock the account, and check that the account still has the proved password. Requires a transaction.

    Raise Refusal(INVALID_CREDENTIALS) if the account is deleted or its password was replaced after the proof.
    """
    account = await accounts.lock(proof.actor.key)
    if account is None or account.secret.password_hash != proof.password_hash:
        raise _wrong()


def _wrong() -> Refusal:
    return Refusal(SignInMessage.WRONG_PASSWORD, path=CURRENT)
