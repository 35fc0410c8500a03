"""What imported users may reach: by names in columns of the file, or by ids in the options for all rows."""

from __future__ import annotations

import json

import pytest

from rules.grants.kinds import GrantableKind
from tests.features.csv.files import codes, imported, outcomes, table
from tests.support.granting import entry
from tests.support.world import Ask, World

MODULE, SUB_ACCOUNT, WORKSPACE, GROUP, APP_ROLE = GrantableKind
ACCESS = ["portalAccess", "allSubAccounts", "modules", "subAccounts", "workspaces", "groups", "appRoles"]
HEADER = ";".join(["email", "firstName", "role", *ACCESS])


async def furnished(world: World, slug: str) -> None:
    """Create a portal with a catalogue."""
    portal = await world.portal(slug)
    await entry(world, portal, MODULE, "Reports")
    await entry(world, portal, MODULE, "Pricing: Europe", admin_only=True)
    await entry(world, portal, SUB_ACCOUNT, "North|South")
    await entry(world, portal, WORKSPACE, "Lab")
    await entry(world, portal, GROUP, "=Sales")
    await entry(world, portal, APP_ROLE, "Editor", app="Wiki")


async def test_the_columns_of_an_export_give_the_same_access_in_another_portal(
    world: World, ask: Ask
) -> None:  # W4, E18
    await furnished(world, "one")
    await furnished(world, "two")
    nora = await world.mssp_admin()
    rows = [
        "ann@new.test;Ann;PORTAL_ADMIN;TRUE;false;REPORTS:write|Pricing: Europe:READ;;;;",
        "bob@new.test;Bob;;false;true;Reports:READ;North\\|South; lab |;'=Sales|External users;wiki:editor",
        "cy@new.test;Cy;;;;;;;;",
    ]

    added = await outcomes(ask, nora, "\n".join([HEADER, *rows]), portalSlug="one")
    exported = await table(ask, nora, portalSlug="one", columns=["email", "firstName", "role", *ACCESS])
    again = "\n".join(";".join(row) for row in exported)
    await outcomes(ask, nora, again, portalSlug="two")

    assert codes(added) == [None, None, None]
    assert [row[3:] for row in exported[1:]] == [
        ["true", "false", "Pricing: Europe:READ|Reports:WRITE", "", "", "External users", ""],
        ["false", "true", "Reports:READ", "North\\|South", "Lab", "'=Sales|External users", "Wiki:Editor"],
        ["true", "false", "", "", "", "External users", ""],
    ]
    assert await table(ask, nora, portalSlug="two", columns=["email", "firstName", "role", *ACCESS]) == exported


async def test_names_that_look_like_formulas_or_like_other_roles_come_back_from_a_file(world: World, ask: Ask) -> None:
    """The role `C` of the app `A:B` and the role `B:C` of the app `A` must not have the same text in a cell."""
    nora = await world.mssp_admin()
    for slug in ("one", "two"):
        portal = await world.portal(slug)
        for group in ("Sales", "@oncall", "-staff"):
            await entry(world, portal, GROUP, group)
        await entry(world, portal, APP_ROLE, "C", app="A:B")
        await entry(world, portal, APP_ROLE, "B:C", app="A")
    columns = ["email", "firstName", "groups", "appRoles"]
    rows = [
        ["ann@new.test", "Ann", "-staff|@oncall|Sales|External users", r"A\\:B:C"],
        ["bob@new.test", "Bob", "External users", "A:B:C"],
    ]

    await outcomes(ask, nora, "\n".join(";".join(row) for row in [columns, *rows]), portalSlug="one")
    exported = await table(ask, nora, portalSlug="one", columns=columns)
    await outcomes(ask, nora, "\n".join(";".join(row) for row in exported), portalSlug="two")

    rows[0][2] = "'-staff|'@oncall|Sales|External users"
    assert exported == [columns, *rows]
    assert await table(ask, nora, portalSlug="two", columns=columns) == exported


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("modules", "Reports", "INVALID_INPUT"),
        ("modules", "Reports:OWN", "INVALID_INPUT"),
        ("modules", "Payroll:READ", "NOT_IN_PORTAL"),
        ("portalAccess", "perhaps", "INVALID_INPUT"),
        ("subAccounts", "North", "NOT_IN_PORTAL"),
        ("workspaces", "Reports", "NOT_IN_PORTAL"),
        ("appRoles", "Editor", "NOT_IN_PORTAL"),
        ("groups", "of another portal", "NOT_IN_PORTAL"),
        ("groups", "|".join(f"g{n}" for n in range(101)), "NOT_IN_PORTAL"),
    ],
)
async def test_a_cell_that_names_nothing_of_the_portal_refuses_its_row_alone(
    world: World, ask: Ask, column: str, cell: str, code: str
) -> None:
    await furnished(world, "acme")
    await entry(world, await world.portal("other"), GROUP, "of another portal")
    nora = await world.mssp_admin()
    file = f"email;firstName;{column}\na@new.test;A;{cell}\nb@new.test;B;\n"

    preview = await outcomes(ask, nora, file, portalSlug="acme", dryRun=True)
    run = await outcomes(ask, nora, file, portalSlug="acme")

    assert codes(preview) == codes(run) == [code, None]
    assert run[0]["params"]["field"] == column


async def test_an_admin_only_module_is_for_rows_with_the_role_of_an_admin(world: World, ask: Ask) -> None:  # W5, W6
    await furnished(world, "acme")
    ann = await world.portal_admin()
    file = "email;firstName;role;modules\na@new.test;A;PORTAL_ADMIN;Pricing: Europe:READ\nb@new.test;B;;Pricing: Europe:READ\n"

    preview = await outcomes(ask, ann, file, portalSlug="acme", dryRun=True)
    run = await outcomes(ask, ann, file, portalSlug="acme")

    assert codes(preview) == codes(run) == [None, "ADMIN_ONLY_MODULE"]


async def test_the_access_of_the_call_is_for_rows_that_say_nothing_else(world: World, ask: Ask) -> None:
    acme = await world.portal("acme")
    nora = await world.mssp_admin()
    lab, hall = await entry(world, acme, WORKSPACE, "Lab"), await entry(world, acme, WORKSPACE, "Hall")
    await entry(world, acme, GROUP, "Sales")
    access = json.dumps({"workspaceIds": [lab.gid, hall.gid], "allSubAccounts": True})
    file = "email;firstName;workspaces;groups\na@new.test;A;;\nb@new.test;B;Hall;\nc@new.test;C;;Sales\n"

    await outcomes(ask, nora, file, portalSlug="acme", access=access)

    rows = await table(ask, nora, columns=["allSubAccounts", "workspaces", "groups"])
    assert rows[1:] == [
        ["true", "Hall|Lab", "External users"],
        ["true", "Hall", "External users"],
        ["true", "Hall|Lab", "Sales|External users"],
    ]


async def test_the_access_of_the_call_is_refused_if_it_names_what_the_caller_does_not_see(
    world: World, ask: Ask
) -> None:
    await world.portal("acme")
    foreign = await entry(world, await world.portal("foreign", mssp=await world.mssp()), GROUP)
    nora = await world.mssp_admin()
    file = "email;firstName\na@new.test;A\n"

    hidden = await imported(ask, nora, file, portalSlug="acme", access=json.dumps({"groupIds": [foreign.gid]}))
    wrong = await imported(ask, nora, file, portalSlug="acme", access='{"groupIds": 7')

    assert (hidden.status_code, hidden.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    assert (wrong.status_code, wrong.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")


async def test_a_file_that_means_other_entries_than_before_is_refused_with_what_to_do(world: World, ask: Ask) -> None:
    portal, nora = await world.portal("acme"), await world.mssp_admin()
    file = "email;firstName;groups\na@new.test;A;Staff\n"
    first = await outcomes(ask, nora, file, portalSlug="acme")
    await entry(world, portal, GROUP, "Staff")

    again = await imported(ask, nora, file, portalSlug="acme")
    anew = await outcomes(ask, nora, file, portalSlug="acme", idempotencyKey="2")

    assert (codes(first), codes(anew)) == (["NOT_IN_PORTAL"], [None])
    (error,) = again.json()["errors"]
    assert (again.status_code, error["extensions"]["problem"]) == (409, "OTHER_ROWS")
    assert error["extensions"]["field"] == "idempotencyKey"


async def test_an_unknown_id_for_all_rows_is_refused_with_its_field(world: World, ask: Ask) -> None:
    await world.portal("acme")
    access = json.dumps({"groupIds": ["R3JvdXA6MDE5Y2E4YTAtM2U4MC03M2YwLWEzYjQtYzVkNmU3ZjgwOTFh"]})

    response = await imported(
        ask, await world.mssp_admin(), "email;firstName\na@new.test;A\n", portalSlug="acme", access=access
    )

    assert response.status_code == 404
    assert response.json()["errors"][0]["extensions"]["field"] == "groupIds"
