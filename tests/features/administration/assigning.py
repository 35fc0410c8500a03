"""Functions for tests that change and read which portals are assigned to technicians."""

from __future__ import annotations

from typing import Any

from tests.support.world import Ask, Person

ASSIGN = """
mutation ($input: AssignPortalsInput!) {
  assignPortals(input: $input) {
    staff { assignment { allExcept tags endsAt portals { nodes { slug } } } portals { nodes { slug } } }
    errors { code path params { name value } }
  }
}
"""


async def assign(ask: Ask, actor: Person, technician: Person, **input: Any) -> Any:
    reply = await ask(ASSIGN, actor=actor, input={"staffId": technician.gid, **input})
    return reply.data["assignPortals"]


async def portals_of(ask: Ask, person: Person) -> list[str]:
    reply = await ask("{ portals { nodes { slug } } }", actor=person)
    return [portal["slug"] for portal in reply.data["portals"]["nodes"]]
