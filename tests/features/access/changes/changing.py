"""Functions that call changeAccess, which changes what users may reach, and that read what is stored afterwards."""

from __future__ import annotations

from typing import Any

from models.db.sql import fetch, sql
from models.tables import AuditEvent, Portal
from rules.grants.kinds import GrantableKind
from tests.support.granting import Entry, entry
from tests.support.world import Ask, Person, World
from tests.support.world.bulk_documents import bulk_document

MODULE, SUB_ACCOUNT, WORKSPACE, GROUP, APP_ROLE = GrantableKind
LISTS = {
    SUB_ACCOUNT: "subAccountIds",
    WORKSPACE: "workspaceIds",
    GROUP: "groupIds",
    APP_ROLE: "appRoleIds",
}


def access_to(*entries: Entry, level: str = "READ", **fields: Any) -> dict[str, Any]:
    """Return a UserAccessInput with the catalogue entries, in one list for each kind.

    Two groups, for example, give `{"groupIds": [id, id]}`. Modules get the access `level`. `fields` are further fields
    of the input.
    """
    lists: dict[str, list[Any]] = {}
    for each in entries:
        if each.kind is MODULE:
            lists.setdefault("modules", []).append({"moduleId": each.gid, "access": level})
        else:
            lists.setdefault(LISTS[each.kind], []).append(each.gid)
    return {**lists, **fields}


async def change(
    ask: Ask,
    actor: Person,
    *people: Person,
    access: dict[str, Any] | None = None,
    copy: Person | str | None = None,
    token: str | None = None,
    users: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Run changeAccess and return its payload. `copy` is the user whose access is copied, or an id that is sent unchanged."""
    input: dict[str, Any] = {"users": users or {"ids": [person.gid for person in people]}, "options": options}
    if access is not None:
        input["access"] = access
    if copy is not None:
        input["copyFromUserId"] = copy if isinstance(copy, str) else copy.gid
    reply = await ask(bulk_document("changeAccess"), actor=actor, token=token, input=input)
    assert not reply.errors, reply.errors
    return reply.data["changeAccess"]


async def held(world: World, person: Person) -> dict[str, Any]:
    """Return what the user may reach, as stored: the flags, and the names of what the user holds by kind."""
    row = await world.row(person)
    assert row
    found: dict[str, Any] = {"portal": row.portal_access, "all": row.all_sub_accounts}
    for record in await fetch(
        sql(
            "SELECT g.kind, g.name, x.level FROM user_grant x JOIN grantable g ON g.id = x.grantable_id"
            " WHERE x.user_id = ? ORDER BY g.name",
            person.id,
        )
    ):
        kind, name, level = dict(record).values()
        found.setdefault(kind, []).append(f"{name} {level}" if level else name)
    return found


NOTHING = {"portal": True, "all": False}
"""The access of a new user, in the form of `held` (E17)."""


async def one_of_each(world: World, portal: Portal, *, number: int = 1) -> list[Entry]:
    """Add `number` entries of each kind to the portal's catalogue, named MODULE 1, SUB_ACCOUNT 1 and so on."""
    return [
        await entry(world, portal, kind, f"{kind.value} {n}", app="CRM" if kind is APP_ROLE else "")
        for kind in GrantableKind
        for n in range(1, number + 1)
    ]


async def logged(person: Person) -> list[dict[str, Any]]:
    """Return the changed fields in each audit event about a change of the user's access, oldest event first.

    Each event becomes a dict that maps the name of a field to the values before and after the change.
    """
    events = await AuditEvent.filter(user_id=person.id, event="user.access_changed").order_by("id")
    return [{change["field"]: (change["before"], change["after"]) for change in event.changes} for event in events]
