"""The cost of claiming the next mail does not depend on the length of the queue."""

from __future__ import annotations

from datetime import timedelta

from models.db.rows import cells_of
from models.db.sql import Sql, fetch, is_postgres, sql, write
from models.db.writes import update_statistics
from models.mail import claims, queue_places
from models.mail.table import OutboxMail
from rules.mail.kinds import MailKind
from rules.mail.mail_spec import Urgency
from rules.mail.queue_order import PLACES
from tests.support.mail.sending import post
from tests.support.world import TestClock, World

QUEUED = 50_000


async def crowded(world: World) -> None:
    """Fill the mail table: 50,000 queued mails, 50,000 that wait for another attempt, and 50,000 that were sent."""
    await post(world, await world.user(), kind=MailKind.INVITATION)
    numbers = (
        f"generate_series(1, {QUEUED})"
        if is_postgres()
        else f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {QUEUED}) SELECT i FROM n)"
    )
    id = "gen_random_uuid()" if is_postgres() else "lower(hex(randomblob(16)))"
    columns = "portal_id, user_id, link_id, kind, recipient, created_at, attempts"
    for state, place, later in (("QUEUED", f"{PLACES} + i", 0), ("QUEUED", "NULL", 1), ("SENT", "NULL", 0)):
        at = world.clock.now() + timedelta(hours=later)
        await write(
            f"INSERT INTO outbox_mail (id, dedupe_key, state, queue_place, due_at, {columns})"
            + sql(f" SELECT {id}, '{state}{later}:' || i, '{state}', {place}, ?, {columns} FROM ", at)
            + f"(SELECT {columns} FROM outbox_mail LIMIT 1) one, {numbers} AS numbers(i)".replace(
                " AS numbers(i)", " AS numbers(i)" if is_postgres() else ""
            )
        )
    await update_statistics(OutboxMail)


async def plan_of(query: Sql) -> str:
    explain = "EXPLAIN " if is_postgres() else "EXPLAIN QUERY PLAN "
    return "\n".join(str(cells_of(row)[-1]) for row in await fetch(explain + query))


async def test_a_claim_seeks_in_an_index_however_many_mails_are_queued(world: World, clock: TestClock) -> None:
    await crowded(world)

    plans = [
        await plan_of(query)
        for query in (
            claims.first_in_queue(),
            claims.waiting(clock.now()),
            claims.waiting(clock.now(), 1, "b.id"),
            queue_places.last_place("b.portal_id IS NULL", Urgency.BULK),
            queue_places.front_place(Urgency.BULK),
        )
    ]

    assert [plan for plan in plans if "Seq Scan" in plan or "SCAN b\n" in f"{plan}\n" or "Sort" in plan] == []
    assert await claims.claim(world.parts.runtime.new_id(), clock.now(), clock.now() + timedelta(minutes=1))
