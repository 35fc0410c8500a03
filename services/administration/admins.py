"""The MSSP admin who acts. The rights are read again inside the writing transaction."""

from __future__ import annotations

from datetime import datetime

from models.auth import actors
from rules import access
from rules.access import Actor
from rules.refusals import Code, Refusal


async def acting_admin(actor: Actor, at: datetime) -> Actor:
    """Return the actor as the database holds it now. Requires a transaction that holds the locks of the change.

    Raise Refusal(UNAUTHENTICATED) if the actor's access has ended, or Refusal(NOT_ALLOWED) unless the actor administers
    the MSSP.
    """
    again = await actors.acting(actor.id, actor.session_id, at)
    if again is None:
        raise Refusal(Code.UNAUTHENTICATED, "Your access has ended. Sign in again.")
    access.require_mssp_admin(again)
    return again
