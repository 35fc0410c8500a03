"""Get invitation links for users without an address, and register with the mailed codes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.features.invitations.inviting import (
    confirm,
    invite_new,
    links_of,
    mailed_code,
    new_person,
    start,
)
from tests.support.world import Ask, Person, World

A_MINUTE = timedelta(minutes=1)


async def passed_on(world: World, ask: Ask, **columns: Any) -> tuple[Person, Person, str]:
    """Return an admin, a user who was added by name only, and the token of the invitation link that the admin got."""
    portal = await world.portal("acme", **{"required_user_fields": ["FIRST_NAME"], **columns})
    ann = await world.portal_admin(portal)
    payload = await invite_new(ask, ann, portal, {"firstName": "Guest"}, delivery="LINK")
    (token,) = links_of(payload)
    return ann, new_person(payload), token


async def confirmed(world: World, ask: Ask, person: Person, token: str, email: str = "ada@new.test") -> str:
    """Enter an address and its mailed code for the invitee, and return the registration token."""
    await start(ask, token, email)
    payload = await confirm(ask, token, await mailed_code(world, person), email)
    assert not payload["errors"], payload
    return str(payload["registrationToken"])


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"
