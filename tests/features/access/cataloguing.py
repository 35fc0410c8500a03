"""Functions for tests that write and read the catalogue of a portal."""

from __future__ import annotations

from typing import Any

from models.tables import Portal
from tests.features.administration.administering import administer
from tests.features.selections.selecting import portal_gid
from tests.support.granting import Entry
from tests.support.world import Ask, Person

SAVED = (
    "grantable { __typename id ... on Module { name adminOnly } ... on SubAccount { name } ... on Workspace { name }"
    " ... on Group { name isSystem } ... on AppRole { app name } }"
)
CATALOGUE = """
query ($id: ID!) { portal(id: $id) { grantables {
  modules { id name adminOnly } workspaces { id name } groups { id name isSystem } appRoles { id app name }
  subAccounts { totalCount nodes { id name } }
} } }
"""


async def save(ask: Ask, actor: Person | None, portal: Portal, kind: str, name: str, **given: Any) -> Any:
    """Save an entry and return the payload."""
    input = {"portalId": portal_gid(portal), "kind": kind, "name": name, **given}
    return await administer(ask, actor, "saveGrantable", SAVED, **input)


async def change(ask: Ask, actor: Person, portal: Portal, entry: Entry, **given: Any) -> Any:
    """Change an existing entry. The name stays the same if `given` has no name."""
    return await save(ask, actor, portal, entry.kind.value, **{"name": entry.name, "id": entry.gid, **given})


async def delete(ask: Ask, actor: Person | None, entry: Entry, *, dry_run: bool = False) -> Any:
    return await administer(
        ask, actor, "deleteGrantable", "deletedGrantableId usersLosingIt", id=entry.gid, dryRun=dry_run
    )


async def catalogue_of(ask: Ask, actor: Person, portal: Portal) -> Any:
    return (await ask(CATALOGUE, actor=actor, id=portal_gid(portal))).data["portal"]["grantables"]
