"""Call the mutations of one's own account, and read the tokens of mailed links."""

from __future__ import annotations

from typing import Any

from models.tables import LinkToken, Portal
from rules.refusals import Code
from tests.support.world import Ask, Person, World

PAYLOAD = "{ account { id name email ... on PortalUser { pendingEmail } } errors { code message path retryAt params { name value } } }"
NEW_PASSWORD = "seven teal herons waltz at dusk"
ALWAYS: dict[str, Any] = {"account": None, "errors": []}


async def call(
    ask: Ask, name: str, *, actor: Person | None = None, bearer: str | None = None, **input: Any
) -> dict[str, Any]:
    """Call the mutation `name` and return its payload. `bearer` replaces the actor's access token."""
    document = f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {PAYLOAD} }}"
    reply = await ask(document, actor=actor, token=bearer, input=input)
    assert not reply.errors, reply.errors
    payload: dict[str, Any] = reply.data[name]
    return payload


async def forgot(ask: Ask, portal: Portal | None, email: str | None) -> dict[str, Any]:
    """Request a password reset, and wait until the mail is queued. `portal` is None for staff."""
    where = portal.slug if portal else None
    payload = await call(ask, "requestPasswordReset", email=email, portalSlug=where)
    await ask.world.answer_resets()
    return payload


async def reset(ask: Ask, token: str, password: str = NEW_PASSWORD) -> dict[str, Any]:
    return await call(ask, "completePasswordReset", token=token, password=password)


async def link_of(world: World, person: Person) -> str:
    """Return the token of the person's newest link, for any purpose."""
    whose = {"staff_id": person.id} if person.is_staff else {"user_id": person.id}
    row = await LinkToken.filter(**whose).order_by("-id").first()
    assert row, "no link was made"
    return world.parts.runtime.links.token(row.purpose, row.id, row.nonce)


async def newest_link(world: World, person: Person, purpose: str) -> str:
    """Return the token of the user's newest link for the purpose, such as "VERIFY_EMAIL"."""
    row = await LinkToken.filter(user_id=person.id, purpose=purpose).order_by("-sequence").first()
    assert row, "no link was made"
    return world.parts.runtime.links.token(row.purpose, row.id, row.nonce)


def code_of(payload: dict[str, Any]) -> str | None:
    """Return the code of the only error, or None if there is no error."""
    if not payload["errors"]:
        return None
    (error,) = payload["errors"]
    return Code(error["code"])
