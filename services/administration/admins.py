"""Check inside the transaction of a write that the actor is still an MSSP admin."""

from __future__ import annotations

from datetime import datetime

from models.auth import actors
from rules import access
from rules.access import Actor
from rules.refusals import Code, Refusal


async def acting_admin(actor: Actor, at: datetime) -> Actor:
    """Return the actor as stored now. Requires a transaction that has locked the rows to change.

    Raise Refusal(UNAUTHENTICATED) if the actor's access has ended by `at`. Raise Refusal(NOT_ALLOWED) if the actor is
    no MSSP admin.
    """
    again = await actors.acting(actor.id, actor.session_id, at)
    if again is None:
        raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
    access.require_mssp_admin(again)
    return again
