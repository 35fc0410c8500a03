"""What strangers and owners do about their own account, in a word."""

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
    """The payload of one of these mutations."""
    document = f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {PAYLOAD} }}"
    reply = await ask(document, actor=actor, token=bearer, input=input)
    assert not reply.errors, reply.errors
    payload: dict[str, Any] = reply.data[name]
    return payload


async def forgot(ask: Ask, portal: Portal | None, email: str | None) -> dict[str, Any]:
    """Asks for a reset; staff have no portal."""
    where = portal.slug if portal else None
    payload = await call(ask, "requestPasswordReset", email=email, portalSlug=where)
    await ask.world.answer_resets()
    return payload


async def reset(ask: Ask, token: str, password: str = NEW_PASSWORD) -> dict[str, Any]:
    return await call(ask, "completePasswordReset", token=token, password=password)


async def link_of(world: World, person: Person) -> str:
    """The token of the person's newest link."""
    whose = {"staff_id": person.id} if person.is_staff else {"user_id": person.id}
    row = await LinkToken.filter(**whose).order_by("-id").first()
    assert row, "no link was made"
    return world.parts.runtime.links.token(row.purpose, row.id, row.nonce)


async def newest_link(world: World, person: Person, purpose: str) -> str:
    """The token of the user's newest link for the purpose."""
    row = await LinkToken.filter(user_id=person.id, purpose=purpose).order_by("-sequence").first()
    assert row, "no link was made"
    return world.parts.runtime.links.token(row.purpose, row.id, row.nonce)


def code_of(payload: dict[str, Any]) -> str | None:
    """The code of the only error; None where all went well."""
    if not payload["errors"]:
        return None
    (error,) = payload["errors"]
    return Code(error["code"])
