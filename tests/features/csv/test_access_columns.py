"""The columns of an exported file that show what users may reach, with the names from the portal's catalogue."""

from __future__ import annotations

from models.grants import catalogue
from models.grants.table import GrantableRow, UserGrant
from models.tables import Portal, PortalUser
from rules.grants.kinds import GrantableKind, ModuleAccess
from rules.lifecycle.licenses import UserKind
from rules.text.folding import sort_key
from tests.features.csv.files import table
from tests.support.world import Ask, Person, World

ACCESS = ["portalAccess", "allSubAccounts", "modules", "subAccounts", "workspaces", "groups", "appRoles"]


async def test_an_export_names_what_each_user_may_reach(world: World, ask: Ask) -> None:  # E15, E18
    acme = await world.portal("acme")
    ann = await world.portal_admin(acme, first_name="Ann")
    bob = await world.user(acme, first_name="Bob")
    cy = await world.user(acme, first_name="Cy", kind=UserKind.INTERNAL)
    await PortalUser.filter(id=cy.id).update(portal_access=False, all_sub_accounts=True)
    await grant(world, acme, bob, GrantableKind.MODULE, "Reports", level=ModuleAccess.WRITE)
    await grant(world, acme, bob, GrantableKind.MODULE, "Billing", level=ModuleAccess.READ)
    await grant(world, acme, bob, GrantableKind.SUB_ACCOUNT, "North|South")
    await grant(world, acme, bob, GrantableKind.GROUP, "=Sales")
    await grant(world, acme, bob, GrantableKind.APP_ROLE, "Editor", app="Wiki")

    rows = await table(ask, ann, columns=["firstName", *ACCESS], orderBy=[{"field": "FIRST_NAME"}])

    assert rows == [
        ["firstName", *ACCESS],
        ["Ann", "true", "false", "", "", "", "", ""],
        [
            "Bob",
            "true",
            "false",
            "Billing:READ|Reports:WRITE",
            r"North\|South",
            "",
            "'=Sales|External users",
            "Wiki:Editor",
        ],
        ["Cy", "false", "true", "", "", "", "", ""],
    ]


async def test_many_grants_are_read_a_few_users_at_a_time(world: World, ask: Ask) -> None:
    acme = await world.portal("acme")
    ann = await world.portal_admin(acme)
    people = await world.users(60, acme)
    for person in people[::7]:
        await grant(world, acme, person, GrantableKind.WORKSPACE, person.login)

    rows = await table(ask, ann, columns=["username", "workspaces"])

    assert len(rows) == 62
    assert {name for name, workspaces in rows[1:] if name == workspaces} == {person.login for person in people[::7]}


async def grant(
    world: World,
    portal: Portal,
    user: Person,
    kind: GrantableKind,
    name: str,
    *,
    app: str = "",
    level: ModuleAccess | None = None,
) -> None:
    """Add an entry to the portal's catalogue, and grant the entry to the user."""
    new_id = world.parts.runtime.new_id
    entry = GrantableRow(new_id(), portal.id, kind, app, sort_key(app), name, sort_key(name))
    await catalogue.add([entry])
    await UserGrant.create(user_id=user.id, grantable_id=entry.id, level=level)
