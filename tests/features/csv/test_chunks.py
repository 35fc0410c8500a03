"""A long file is imported in chunks. A dry run gives the same outcomes, and a repeated upload has no second effect."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from models.db.sql import sql, write
from models.tables import OutboxMail, PortalUser
from rules.bulk_limits import IDEMPOTENCY_KEY_LIVES, MOST_USERS
from rules.csv.reading import MOST_ROWS
from rules.lifecycle.licenses import SeatMode
from services.admin import doctor
from tests.features.csv.files import codes, imported, outcomes
from tests.features.invitations.inviting import how_many_users
from tests.support.databases import on_sqlite
from tests.support.world import Ask, World

ROWS = 2 * MOST_USERS + 200
HEADER = "email,firstName,username,role\n"


def people(number: int) -> list[str]:
    return [f"p{n}@new.test,P{n},," for n in range(number)]


def file_of(rows: list[str]) -> str:
    return HEADER + "\n".join(rows)


async def test_a_dry_run_decides_as_the_run_does_across_chunks(world: World, ask: Ask) -> None:
    acme = await world.portal("acme", seats=ROWS - 4, seat_mode=SeatMode.ON_INVITE, max_admins=2)
    ann = await world.portal_admin(acme)
    rows = people(ROWS)
    rows[5] = "p5@new.test,P5,chief,"
    rows[6] = "p6@new.test,P6,,PORTAL_ADMIN"
    rows[MOST_USERS + 5] = "q1@new.test,Q,CHIEF,"  # the username of an earlier chunk
    rows[MOST_USERS + 6] = "q2@new.test,Q,p7@new.test,"  # the address of one
    rows[MOST_USERS + 7] = "q3@new.test,Q,,PORTAL_ADMIN"  # one admin too many
    rows[MOST_USERS + 8] = "P8@new.test,Again,,"  # the address of an earlier row
    rows[2 * MOST_USERS + 1] = "p9@new.test,Again,,"

    preview = await imported(ask, ann, file_of(rows), portalSlug="acme", dryRun=True)
    before = await how_many_users()
    run = await imported(ask, ann, file_of(rows), portalSlug="acme")

    previewed, done = preview.json()["rows"], run.json()["rows"]
    found = codes(done)
    assert codes(previewed) == found
    assert before == 1
    assert found[MOST_USERS + 5 : MOST_USERS + 9] == [
        "USERNAME_TAKEN",
        "USERNAME_TAKEN",
        "ADMIN_LIMIT_REACHED",
        "DUPLICATE_IN_REQUEST",
    ]
    assert found[2 * MOST_USERS + 1] == "DUPLICATE_IN_REQUEST"
    assert found[5:7] == [None, None]
    assert done[MOST_USERS + 8]["userId"] == done[8]["userId"]
    assert len(run.json()["operationIds"]) == 3
    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_the_seats_that_earlier_chunks_take_are_missing_later_in_a_dry_run(world: World, ask: Ask) -> None:
    await world.portal("acme", seats=MOST_USERS + 1, seat_mode=SeatMode.ON_INVITE)
    ann = await world.portal_admin()
    rows = people(MOST_USERS + 3)

    previewed = await outcomes(ask, ann, file_of(rows), portalSlug="acme", dryRun=True)

    assert codes(previewed) == [None] * (MOST_USERS + 1) + ["NO_SEAT_AVAILABLE"] * 2


async def test_a_file_that_is_uploaded_again_does_nothing_twice(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()
    file = file_of(["a@new.test,Ann,,", "a@new.test,Ann,,", ",Bob,,"])

    first = (await imported(ask, ann, file, portalSlug="acme")).json()
    world.clock.advance(timedelta(minutes=5))  # beyond the pause between two mails
    second = (await imported(ask, ann, file, portalSlug="acme")).json()

    assert (first["replayed"], second["replayed"]) == (False, True)
    assert second["rows"] == first["rows"]
    assert second["operationIds"] == first["operationIds"]
    assert await OutboxMail.filter(kind="INVITATION").count() == 1


async def test_the_same_file_with_other_options_or_by_another_account_is_another_import(world: World, ask: Ask) -> None:
    await world.portal("acme")
    await world.portal("other")
    ann, nora = await world.portal_admin(), await world.mssp_admin()
    file = file_of(["a@new.test,Ann,,"])
    await imported(ask, ann, file, portalSlug="acme", delivery="NONE")

    others = [
        await imported(ask, ann, file, portalSlug="acme"),
        await imported(ask, nora, file, portalSlug="acme"),
        await imported(ask, nora, file, portalSlug="other"),
    ]

    assert [answer.json()["replayed"] for answer in others] == [False] * 3
    assert [codes(answer.json()["rows"]) for answer in others] == [[None], ["COOLDOWN"], [None]]


async def test_a_key_of_the_caller_holds_for_a_day_and_for_one_file(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()
    file, other = file_of(["a@new.test,Ann,,"]), file_of(["a@new.test,Ann,,", "b@new.test,Bob,,"])
    await imported(ask, ann, file, portalSlug="acme", idempotencyKey="a click")

    again = await imported(ask, ann, file, portalSlug="acme", idempotencyKey="a click")
    refused = await imported(ask, ann, other, portalSlug="acme", idempotencyKey="a click")
    world.clock.advance(IDEMPOTENCY_KEY_LIVES)
    later = await imported(ask, ann, other, portalSlug="acme", idempotencyKey="a click")

    assert again.json()["replayed"] is True
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert codes(later.json()["rows"]) == [None, None]


async def test_a_key_refuses_a_file_that_differs_only_in_a_later_chunk(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann = await world.portal_admin()
    rows = people(MOST_USERS + 1)
    await imported(ask, ann, file_of(rows), portalSlug="acme", idempotencyKey="a click", delivery="NONE")

    refused = await imported(
        ask, ann, file_of([*rows, "b@new.test,B,,"]), portalSlug="acme", idempotencyKey="a click", delivery="NONE"
    )

    assert refused.status_code == 409


async def test_an_import_that_is_cut_off_tells_what_was_done_and_continues_when_repeated(
    world: World, ask: Ask
) -> None:
    acme = await world.portal("acme")
    tim = await world.technician(acme)
    number = 3 * MOST_USERS
    file = file_of(people(number))

    running = asyncio.create_task(imported(ask, tim, file, portalSlug="acme", delivery="NONE"))
    while not await PortalUser.exists():  # noqa: ASYNC110  # a turn of the loop, until the first chunk is committed
        await asyncio.sleep(0)
    await write(sql("DELETE FROM technician_assignment WHERE staff_id = ?", tim.id))
    cut = await running
    added = await how_many_users()
    await world.assign(tim, acme)
    whole = await imported(ask, tim, file, portalSlug="acme", delivery="NONE")

    answer = cut.json()
    assert (cut.status_code, [error["extensions"]["code"] for error in answer["errors"]]) == (404, ["NOT_FOUND"])
    assert answer["summary"] == {
        "rows": number,
        "succeeded": added,
        "skipped": 0,
        "failed": 0,
        "notReached": number - added,
    }
    assert 0 < added < number
    assert whole.json()["rows"][:added] == answer["rows"]
    assert (codes(whole.json()["rows"]), await how_many_users()) == ([None] * number, number)


async def test_an_account_has_one_import_at_once(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann, eve = await world.portal_admin(), await world.portal_admin()
    file = file_of(people(MOST_USERS))

    first, second, other = await asyncio.gather(
        imported(ask, ann, file, portalSlug="acme", dryRun=True),
        imported(ask, ann, file, portalSlug="acme", dryRun=True),
        imported(ask, eve, file, portalSlug="acme", dryRun=True),
    )

    assert sorted([first.status_code, second.status_code]) == [200, 429]
    assert other.status_code == 200


@on_sqlite
async def test_the_file_of_the_limit_is_imported(world: World, ask: Ask) -> None:
    await world.portal("acme", required_user_fields=["EMAIL"])
    ann = await world.portal_admin()
    file = "email\n" + "".join(f"p{n}@new.test\n" for n in range(MOST_ROWS))

    response = await imported(ask, ann, file, portalSlug="acme", delivery="NONE")

    assert response.json()["summary"]["succeeded"] == MOST_ROWS
    assert await how_many_users() == MOST_ROWS + 1
