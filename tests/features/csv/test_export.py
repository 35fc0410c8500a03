"""The export of users to a CSV file: any users that the query `users` can select, with the requested columns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.access import Role
from rules.lifecycle.statuses import Status
from tests.features.csv.files import exported, table
from tests.support.world import Ask, World


async def test_an_export_has_the_users_and_columns_that_were_asked_for_in_order(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(first_name="Ann", last_name="Adams", email="ann@acme.test", username="ann")
    await world.user(first_name="Bob", last_name="Brown", email="bob@acme.test", username="bob")
    await world.user(first_name="Cy", last_name="Brown", email=None, username="cy", status=Status.SUSPENDED)

    rows = await table(
        ask,
        ann,
        category="ENABLED",
        filter={"roleIn": ["PORTAL_USER", "PORTAL_ADMIN"]},
        orderBy=[{"field": "FIRST_NAME", "direction": "DESC"}],
        columns=["firstName", "name", "email", "status", "holdsSeat", "pendingEmail"],
    )

    assert rows == [
        ["firstName", "name", "email", "status", "holdsSeat", "pendingEmail"],
        ["Bob", "Bob Brown", "bob@acme.test", "ACTIVE", "true", ""],
        ["Ann", "Ann Adams", "ann@acme.test", "ACTIVE", "false", ""],
    ]


async def test_a_cell_has_the_text_that_the_query_users_answers(world: World, ask: Ask) -> None:
    acme = await world.portal("acme", name="Acme")
    ann = await world.portal_admin(acme)
    world.clock.advance(timedelta(milliseconds=1234))
    await world.user(acme, role=Role.PORTAL_USER)
    fields = ["id", "name", "kind", "username", "firstName", "lastName", "email", "status", "category", "role"]
    fields += ["holdsSeat", "addedAt", "modifiedAt", "statusChangedAt", "version", "mfaEnrolled"]

    rows = await table(ask, ann, columns=[*fields, "portalSlug", "portalName"])
    nodes = (await ask(f"{{ users {{ nodes {{ {' '.join(fields)} }} }} }}", actor=ann)).data["users"]["nodes"]

    shown = [[_text(node[field]) for field in fields] + ["acme", "Acme"] for node in nodes]
    assert rows == [[*fields, "portalSlug", "portalName"], *shown]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def test_an_export_over_several_pages_has_each_user_once(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    await world.users(2_345)

    rows = await table(ask, ann, columns=["username"], orderBy=[{"field": "ADDED_AT"}, {"field": "STATUS"}])

    names = [name for (name,) in rows[1:]]
    assert (len(names), len(set(names))) == (2_346, 2_346)


async def test_a_technician_exports_the_users_of_all_assigned_portals(world: World, ask: Ask) -> None:
    one, two, other = await world.portal("one"), await world.portal("two"), await world.portal("other")
    for portal in (one, two, other):
        await world.users(3, portal)
    tim = await world.technician(one, two)

    rows = await table(ask, tim, columns=["portalSlug"], orderBy=[{"field": "PORTAL_NAME", "direction": "DESC"}])

    assert rows[1:] == [["two"]] * 3 + [["one"]] * 3


async def test_the_file_begins_with_a_byte_order_mark_and_is_never_stored(world: World, ask: Ask) -> None:
    ann = await world.portal_admin(first_name="Änn")

    response = await exported(ask, ann, columns=["firstName"])

    assert response.content == b"\xef\xbb\xbffirstName\r\n\xc3\x84nn\r\n"
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["content-disposition"] == 'attachment; filename="users.csv"'
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_the_caller_chooses_the_delimiter(world: World, ask: Ask, delimiter: str) -> None:
    ann = await world.portal_admin(first_name="A,n;n", last_name='Q"')

    rows = await table(ask, ann, columns=["firstName", "lastName"], delimiter=delimiter)

    assert rows[1] == ["A,n;n", 'Q"']


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(1)", "\uff1d1", "\uff201"])
async def test_no_spreadsheet_takes_a_cell_for_a_formula(world: World, ask: Ask, name: str) -> None:
    ann = await world.portal_admin(first_name=name, last_name=f"a;{name}")

    rows = await table(ask, ann, columns=["firstName", "lastName"])

    assert rows[1] == [f"'{name}", f"a;'{name}"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"first": 3}, "An export has no pages: leave first out."),
        ({"columns": ["password"]}, "There is no column password. Columns: "),
        ({"columns": []}, "columns must name at least one column, and each column once."),
        ({"columns": ["email", "email"]}, "columns must name at least one column, and each column once."),
        ({"columns": "email"}, "columns must be a list of names."),
        ({"delimiter": "|"}, "delimiter must be a comma, a semicolon or a tab."),
        ({"users": 1}, "There is no users here."),
        ({"category": "GONE"}, "category: Value 'GONE' does not exist in 'UserCategory' enum."),
        ({"filter": {"statusIn": ["ACTIVE", 7]}}, "filter.statusIn[1]: "),
        ({"filter": {"shoeSize": 42}}, "filter: "),
        ({"search": "x" * 201}, "search takes at most 200 characters."),
        ({"search": "a\0b"}, "search holds a NUL character"),
    ],
)
async def test_an_export_that_is_not_understood_is_refused_with_the_reason(
    world: World, ask: Ask, body: dict[str, object], message: str
) -> None:
    ann = await world.portal_admin()

    response = await exported(ask, ann, **body)

    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert message in error["message"]


async def test_an_export_is_in_the_audit_log_without_the_values_of_its_selection(world: World, ask: Ask) -> None:
    acme = await world.portal("acme")
    ann = await world.portal_admin(acme)
    await world.users(2, acme)
    tim = await world.technician(acme)

    await exported(ask, tim, portalSlug="acme", search="user", filter={"roleIn": ["PORTAL_USER"]}, columns=["email"])

    document = "{ auditLog(filter: {eventIn: [USERS_EXPORTED]}) { nodes { actorName portal { slug } changes { field after } } } }"
    (event,) = (await ask(document, actor=ann)).data["auditLog"]["nodes"]
    assert event["portal"] == {"slug": "acme"}
    assert {change["field"]: change["after"] for change in event["changes"]} == {
        "selection": "all 2 of acme that match a search filtered by roleIn",
        "columns": "email",
        "rows": "2",
        "isComplete": "true",
    }


async def test_an_export_over_several_portals_is_in_the_log_of_the_provider(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora, ann = await world.mssp_admin(), await world.portal_admin(two)
    tim = await world.technician(one, two)

    await exported(ask, tim)

    document = "{ auditLog(filter: {eventIn: [USERS_EXPORTED]}) { nodes { portal { slug } changes { after } } } }"
    (event,) = (await ask(document, actor=nora)).data["auditLog"]["nodes"]
    assert (event["portal"], event["changes"][2]["after"]) == (None, "1")
    assert (await ask(document, actor=ann)).data["auditLog"]["nodes"] == []
