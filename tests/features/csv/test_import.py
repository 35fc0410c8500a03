"""New users from a CSV file: an answer for each row, by the rules of inviteUsers."""

from __future__ import annotations

import pytest

from models.tables import BulkOperation, OutboxMail, PortalUser
from rules.lifecycle.licenses import SeatMode
from services.admin import doctor
from tests.features.csv.files import codes, imported, outcomes, table
from tests.features.invitations.inviting import how_many_users
from tests.support.mail.mailed import nothing_is_queued
from tests.support.world import Ask, World

FILE = "email,firstName,lastName,role,kind\nann@new.test,Ann,Adams,PORTAL_ADMIN,\nbob@new.test,Bob,,,internal\n"


async def test_each_row_becomes_a_user_who_is_invited(world: World, ask: Ask) -> None:  # L5, W3
    await world.portal("acme")
    nora = await world.mssp_admin()

    response = await imported(ask, nora, FILE, portalSlug="acme")

    answer = response.json()
    assert (response.status_code, answer["errors"]) == (200, [])
    assert answer["summary"] == {"rows": 2, "succeeded": 2, "skipped": 0, "failed": 0, "notReached": 0}
    assert [(row["line"], row["label"], row["status"], row["newStatus"]) for row in answer["rows"]] == [
        (2, "Ann Adams", "SUCCEEDED", "PROVISIONED"),
        (3, "Bob", "SUCCEEDED", "PROVISIONED"),
    ]
    rows = await table(ask, nora, columns=["firstName", "role", "kind", "status", "id"])
    assert [row[:4] for row in rows[1:]] == [
        ["Ann", "PORTAL_ADMIN", "EXTERNAL", "PROVISIONED"],
        ["Bob", "PORTAL_USER", "INTERNAL", "PROVISIONED"],
    ]
    assert [row["userId"] for row in answer["rows"]] == [row[4] for row in rows[1:]]
    assert await OutboxMail.filter(kind="INVITATION").count() == 2
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_the_options_of_invite_users_are_parameters_of_the_url(world: World, ask: Ask) -> None:  # E3, E6
    acme = await world.portal("acme", required_user_fields=["EMAIL"])
    nora = await world.mssp_admin()

    by_link = await outcomes(
        ask, nora, "email\na@new.test\n", portalSlug="acme", delivery="LINK", trustStoredEmail=True
    )
    added = await imported(
        ask,
        nora,
        "email\nb@new.test\n",
        portalId=(await ask("{ portals { nodes { id } } }", actor=nora)).data["portals"]["nodes"][0]["id"],
        delivery="NONE",
        role="PORTAL_ADMIN",
        kind="INTERNAL",
        reason="The whole team",
        ticket="INC-1",
    )

    assert by_link[0]["inviteLink"].startswith("http://localhost:5173/invitation#token=")
    assert [row["newStatus"] for row in added.json()["rows"]] == ["STAGED"]
    operation = await BulkOperation.get(ticket="INC-1")
    assert operation.reason == "The whole team"
    user = await PortalUser.get(email_key="b@new.test", portal_id=acme.id)
    assert (user.role, user.kind) == ("PORTAL_ADMIN", "INTERNAL")


async def test_a_wrong_row_is_the_outcome_of_that_row(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann, eve = await world.portal_admin(), await world.user(email="eve@acme.test")
    file = (
        "email,firstName,username,role,kind\n"
        "no address,A,,,\n"
        "a@new.test,,,,\n"
        "b@new.test,B,,chief,\n"
        "c@new.test,C,,,both\n"
        "d@new.test,D,,,INTERNAL\n"
        f"eve@acme.test,E,,,\n"
        f"f@new.test,F,{eve.login},,\n"
        "g@new.test,G\x07,,,\n"
        "h@new.test,H,,,\n"
        "H@NEW.test,H,,,\n"
    )

    rows = await outcomes(ask, ann, file, portalSlug="acme")

    assert codes(rows) == [
        "INVALID_EMAIL",
        "REQUIRED_FIELD_MISSING",
        "INVALID_INPUT",
        "INVALID_INPUT",
        "NOT_ALLOWED",
        "ALREADY_MEMBER",
        "USERNAME_TAKEN",
        "INVALID_INPUT",
        None,
        "DUPLICATE_IN_REQUEST",
    ]
    assert [row["params"]["field"] for row in rows if row["code"] == "INVALID_INPUT"] == ["role", "kind", "firstName"]
    assert (
        rows[1]["message"] == "a@new.test was not invited: the portal requires firstName, which is missing. Fill it in."
    )
    assert rows[9]["userId"] == rows[8]["userId"] is not None


async def test_a_dry_run_answers_what_a_run_answers_and_changes_nothing(world: World, ask: Ask) -> None:
    await world.portal("acme", seats=1, seat_mode=SeatMode.ON_INVITE)
    ann = await world.portal_admin()

    preview = await imported(ask, ann, FILE.replace("internal", ""), portalSlug="acme", dryRun=True)
    unchanged = (await how_many_users(), await nothing_is_queued())
    run = await imported(ask, ann, FILE.replace("internal", ""), portalSlug="acme")

    assert (preview.json()["dryRun"], unchanged) == (True, (1, True))
    assert codes(preview.json()["rows"]) == codes(run.json()["rows"]) == [None, "NO_SEAT_AVAILABLE"]
    assert preview.json()["summary"] == run.json()["summary"]


async def test_an_export_can_be_imported_into_another_portal(world: World, ask: Ask) -> None:
    one, two = await world.portal("one"), await world.portal("two")
    nora = await world.mssp_admin()
    await world.users(3, one)
    await world.user(one, first_name="=Eve", last_name="-")
    file = "\ufeff" + "\r\n".join(";".join(row) for row in await table(ask, nora, portalSlug="one", delimiter=";"))

    rows = await outcomes(ask, nora, file, portalSlug="two")

    assert codes(rows) == [None] * 4
    names = [await table(ask, nora, portalSlug=portal.slug, columns=["firstName", "lastName"]) for portal in (one, two)]
    assert names[0] == names[1]
    assert ["'=Eve", "'-"] in names[1]
    assert await PortalUser.filter(portal_id=two.id, first_name="=Eve").exists()


async def test_a_user_of_the_portal_who_was_not_invited_is_invited(world: World, ask: Ask) -> None:  # E5
    await world.portal("acme")
    ann = await world.portal_admin()
    file = "email,firstName\nbob@new.test,Bob\n"
    await imported(ask, ann, file, portalSlug="acme", delivery="NONE")

    rows = await outcomes(ask, ann, file, portalSlug="acme")

    assert [(row["status"], row["newStatus"]) for row in rows] == [("SUCCEEDED", "PROVISIONED")]
    assert await how_many_users() == 2


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({}, "INVALID_INPUT", "portalId"),
        ({"portalSlug": "acme", "portalId": "x"}, "INVALID_INPUT", "portalSlug"),
        ({"portalSlug": "nowhere"}, "NOT_FOUND", "portalSlug"),
        ({"portalId": "nowhere"}, "NOT_FOUND", "portalId"),
        ({"portalSlug": "acme", "kind": "INTERNAL"}, "NOT_ALLOWED", "kind"),
        ({"portalSlug": "acme", "idempotencyKey": "k" * 256}, "INVALID_INPUT", "idempotencyKey"),
        ({"portalSlug": "acme", "reason": "r" * 501}, "INVALID_INPUT", "reason"),
        ({"portalSlug": "acme", "ticket": "t" * 101}, "INVALID_INPUT", "ticket"),
        ({"portalSlug": "acme", "delivery": "PIGEON"}, "BAD_USER_INPUT", None),
        ({"portalSlug": "acme", "dryRun": "yes"}, "BAD_USER_INPUT", None),
        ({"portalSlug": "acme", "errorPolicy": "PARTIAL"}, "BAD_USER_INPUT", None),
        ({"portalSlug": ["acme", "acme"]}, "BAD_USER_INPUT", None),
    ],
)
async def test_an_import_whose_options_are_wrong_is_refused(
    world: World, ask: Ask, options: dict[str, str], code: str, field: str | None
) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()

    response = await imported(ask, ann, FILE, **options)

    (error,) = response.json()["errors"]
    assert (error["extensions"]["code"], error["extensions"].get("field")) == (code, field)
    assert response.status_code == {"NOT_FOUND": 404, "NOT_ALLOWED": 403}.get(code, 400)
    assert await how_many_users() == 1


async def test_staff_give_a_reason_where_the_portal_requires_one(world: World, ask: Ask) -> None:
    await world.portal("acme", reason_required=True)
    nora = await world.mssp_admin()

    refused = await imported(ask, nora, FILE, portalSlug="acme", dryRun=True)
    done = await imported(ask, nora, FILE, portalSlug="acme", ticket="INC-2")

    assert [error["extensions"]["code"] for error in refused.json()["errors"]] == ["REASON_REQUIRED"]
    assert (refused.status_code, done.status_code) == (400, 200)
