"""Invite users by mail, and accept the invitations."""

from __future__ import annotations

from typing import Any

from tests.features.invitations.inviting import (
    ada,
    invitation_token,
    invite_new,
    new_person,
)
from tests.support.world import Ask, Person, World


async def invited(world: World, ask: Ask, portal: Any = None, **columns: Any) -> tuple[Person, Person, str]:
    """Return an admin, a user invited by mail by the admin, and the token in the mail."""
    place = portal or await world.portal("acme", **columns)
    ann = await world.portal_admin(place)
    person = new_person(await invite_new(ask, ann, place, ada()))
    return ann, person, await invitation_token(world, person)
