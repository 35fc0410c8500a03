"""Edit a user through the API, and read the payload and the stored row."""

from __future__ import annotations

from typing import Any

from models.tables import PortalUser
from tests.support.world import Ask, Person

UPDATE = """
mutation ($input: UpdateUserInput!) {
  updateUser(input: $input) {
    user {
      id name firstName lastName username email pendingEmail emailVerifiedAt status version modifiedAt signInBlockers { code }
    }
    errors { code message path retryAt params { name value } }
  }
}
"""


async def update(ask: Ask, actor: Person, user: Person | str, *, token: str | None = None, **fields: Any) -> Any:
    """Call updateUser with `fields` as its input, and return the payload."""
    id = user if isinstance(user, str) else user.gid
    reply = await ask(UPDATE, actor=actor, token=token, input={"id": id, **fields})
    assert not reply.errors, reply.errors
    return reply.data["updateUser"]


def refusal(payload: Any) -> tuple[str, list[str]] | None:
    """Return the code and the path of the only error, or None if there is no error."""
    if not payload["errors"]:
        return None
    (error,) = payload["errors"]
    return error["code"], error["path"]


def code(payload: Any) -> str | None:
    found = refusal(payload)
    return found[0] if found else None


async def columns(person: Person) -> dict[str, Any]:
    """Return every stored column of a user, by name."""
    return (await PortalUser.filter(id=person.id).values())[0]


async def changed_columns(person: Person, before: dict[str, Any]) -> set[str]:
    after = await columns(person)
    return {name for name in after if after[name] != before[name]}


INPUT = "input"
