"""Steps that many public cases use: add, invite and list users, and sign in."""

from __future__ import annotations

from typing import Any

from models.tables import Portal
from resolvers.core.global_ids import id_of
from tests.features.invitations.inviting import PASSWORD as CHOSEN
from tests.features.invitations.inviting import accept, invite_new, new_person
from tests.support.world import Ask, Person
from tests.support.world.answers import reasons, sign_in

COLUMNS = "id firstName lastName username email addedAt lastSignInAt"


async def added(
    ask: Ask, actor: Person, portal: Portal, *invitees: dict[str, str], kind: str = "EXTERNAL"
) -> list[Person]:
    """Add people without inviting them, and return them."""
    payload = await invite_new(ask, actor, portal, *[{**each, "kind": kind} for each in invitees], delivery="NONE")
    assert (payload["errors"], reasons(payload)) == ([], [None] * len(invitees))
    return [new_person(payload, n) for n in range(len(invitees))]


async def invited(ask: Ask, actor: Person, portal: Portal, *invitees: dict[str, str], **input: Any) -> list[Person]:
    """Add people, invite them by mail, and return them."""
    payload = await invite_new(ask, actor, portal, *invitees, **input)
    assert (payload["errors"], reasons(payload)) == ([], [None] * len(invitees))
    return [new_person(payload, n) for n in range(len(invitees))]


def invitee(local: str, **given: str) -> dict[str, str]:
    """Return the input of an invitee with the address `<local>@acme.test`."""
    return {"email": f"{local}@acme.test", "firstName": "Case", **given}


async def rows(ask: Ask, actor: Person, **arguments: Any) -> list[dict[str, Any]]:
    """Return the first 100 users of a list, with the fields in COLUMNS."""
    document = f"""
    query ($search: String, $orderBy: [UserOrder!], $filter: UserFilter, $portalId: ID) {{
      users(search: $search, orderBy: $orderBy, filter: $filter, portalId: $portalId, first: 100) {{
        nodes {{ {COLUMNS} }}
      }}
    }}"""
    reply = await ask(document, actor=actor, **arguments)
    assert not reply.errors, reply.errors
    nodes: list[dict[str, Any]] = reply.data["users"]["nodes"]
    return nodes


async def column(ask: Ask, actor: Person, name: str, **arguments: Any) -> list[Any]:
    """Return the field `name` of the first 100 users of a list, in order."""
    return [row[name] for row in await rows(ask, actor, **arguments)]


async def found(ask: Ask, actor: Person, search: str, name: str) -> set[Any]:
    """Return the values of the field `name` of the users that a search finds."""
    return set(await column(ask, actor, name, search=search))


async def enters(ask: Ask, login: str, portal: Portal, password: str = CHOSEN) -> bool:
    """Return whether a sign-in with this login and password opens a session."""
    return (await sign_in(ask, login, password, portal.slug))["session"] is not None


async def accepted(ask: Ask, token: str, password: str = CHOSEN) -> bool:
    """Accept an invitation, and return whether this opens a session."""
    return (await accept(ask, token, password))["session"] is not None


async def is_signed_in(ask: Ask, token: str) -> bool:
    return not (await ask("{ viewer { id } }", token=token)).unauthenticated


async def user_of(ask: Ask, actor: Person, person: Person) -> Any:
    """Query the user `person` with the token of `actor`, and return the user in the answer."""
    document = """query ($id: ID!) { user(id: $id) {
      status statusReason username email pendingEmail signInBlockers { code } lastSignInAt
      invitation { state } availableActions { action allowed }
    } }"""
    return (await ask(document, actor=actor, id=person.gid)).data["user"]


def person_of(gid: str) -> Person:
    """Return the user with the global id."""
    id = id_of("PortalUser", gid)
    assert id
    return Person(id, "PortalUser", "")
