"""The values of the metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
from prometheus_client.parser import text_string_to_metric_families

from api.core.request_record import RequestRecord
from api.parts import Parts
from api.telemetry.metrics import MOST_NAMES, Metrics
from models.db.sql import Sql, sql, write
from models.mail.table import MailState
from rules.lifecycle.licenses import SeatMode
from rules.lifecycle.statuses import Status
from services.housekeeping.run import Housekeeping
from tests.api.telemetry.scraping import caller
from tests.api.test_app import taken_away
from tests.support.databases import Database, on_postgres
from tests.support.world import Ask, TestClock, World

Samples = dict[tuple[str, ...], float]


async def scraped(client: httpx.AsyncClient) -> Samples:
    """Read /metrics. Return the value of each sample, by the metric's name and the values of its labels."""
    response = await client.get("/metrics")
    assert response.status_code == 200
    return samples(response.text)


def samples(text: str) -> Samples:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def answered(name: str | None, outcome: str = "ok") -> RequestRecord:
    return RequestRecord("request-1", name, "query" if name else None, outcome, 0.004, is_signed_in=True)


def counted(metrics: Metrics) -> dict[tuple[str, str], float]:
    """Return the number of requests, by operation and outcome."""
    return {
        (sample.labels["operation"], sample.labels["outcome"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "gatehouse_requests_total"
    }


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_requests_are_counted_by_operation_and_outcome(world: World, ask: Ask) -> None:
    await ask("query Viewer { viewer { __typename } }", actor=await world.mssp_admin())
    await ask("query Viewer { viewer { __typename } }", token="expired")
    await ask("{ __typename }")
    await ask("query Broken {")

    found = await scraped(ask.client)

    assert found["gatehouse_requests_total", "Viewer", "ok"] == 1
    assert found["gatehouse_requests_total", "Viewer", "UNAUTHENTICATED"] == 1
    assert found["gatehouse_requests_total", "unnamed", "ok"] == 1
    assert found["gatehouse_requests_total", "unnamed", "GRAPHQL_PARSE_FAILED"] == 1
    assert found["gatehouse_request_seconds_count", "Viewer"] == 2
    assert found["gatehouse_request_seconds_sum", "Viewer"] > 0


async def test_two_servers_in_a_process_count_apart(parts: Parts) -> None:
    one, other = Metrics(), Metrics()

    one.observe(answered("Viewer"))

    assert counted(one) == {("Viewer", "ok"): 1}
    assert counted(other) == {}


def test_made_up_names_become_other() -> None:
    metrics = Metrics()

    for n in range(3 * MOST_NAMES):
        metrics.observe(answered(f"Name{n}"))
    metrics.observe(answered("Name0"))

    found = counted(metrics)
    assert len(found) == MOST_NAMES + 1
    assert found["Name0", "ok"] == 2
    assert found["other", "ok"] == 2 * MOST_NAMES


def test_a_name_is_kept_only_once_it_succeeds() -> None:
    metrics = Metrics()

    metrics.observe(answered("Viewer", "UNAUTHENTICATED"))
    metrics.observe(answered("Viewer"))
    metrics.observe(answered("Viewer", "UNAUTHENTICATED"))

    assert counted(metrics) == {
        ("other", "UNAUTHENTICATED"): 1,
        ("Viewer", "ok"): 1,
        ("Viewer", "UNAUTHENTICATED"): 1,
    }


def test_a_stranger_s_operations_take_no_names() -> None:
    metrics = Metrics()

    metrics.observe(answered("Junk")._replace(is_signed_in=False))

    assert counted(metrics) == {("other", "ok"): 1}


async def test_what_a_mutation_refuses_as_data_is_counted_by_field_and_code(ask: Ask) -> None:
    mutation = 'mutation { signIn(input: {login: "ada", password: "wrong wrong wrong"}) { errors { code } } }'

    await ask(mutation)

    found = await scraped(ask.client)
    assert found["gatehouse_refusals_total", "INVALID_CREDENTIALS", "signIn"] == 1


async def test_requests_that_were_not_compiled_are_counted_by_reason(ask: Ask) -> None:
    await ask("{ __schema { queryType { name } } }")
    await ask("{ __typename }")

    found = await scraped(ask.client)
    assert {key: value for key, value in found.items() if key[0] == "gatehouse_fallbacks_total"} == {
        ("gatehouse_fallbacks_total", "introspection"): 1
    }


# ── what is read when asked ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_connection_pool_is_reported_if_there_is_one(db: Database, ask: Ask) -> None:
    found = await scraped(ask.client)

    size = 10 if db.kind == "postgres" else 0
    assert (found["gatehouse_database_pool_size",], found["gatehouse_database_pool_free",]) == (size, size)


async def test_the_outbox_is_reported_by_depth_and_age(world: World, ask: Ask, clock: TestClock) -> None:
    ann, empty = await world.portal_admin(), await scraped(ask.client)
    people = [await world.user(status=Status.RECOVERY) for _ in range(3)]

    await ask.act("resetPasswords", ann, *people[:1])
    clock.advance(timedelta(minutes=2))
    await ask.act("resetPasswords", ann, *people[1:])
    clock.advance(timedelta(minutes=1))
    found = await scraped(ask.client)

    assert (empty["gatehouse_outbox_queued_mails",], empty["gatehouse_outbox_oldest_queued_seconds",]) == (0, 0)
    assert (found["gatehouse_outbox_queued_mails",], found["gatehouse_outbox_oldest_queued_seconds",]) == (3, 180)


async def test_mails_that_were_given_up_are_counted(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await ask.act("resetPasswords", ann, bob)
    before = await scraped(ask.client)

    await write(sql("UPDATE outbox_mail SET state = ?", MailState.DEAD))

    after = await scraped(ask.client)
    assert (before["gatehouse_outbox_dead_mails",], after["gatehouse_outbox_dead_mails",]) == (0, 1)


async def test_seats_are_the_sum_of_the_portals_that_count_them(world: World, ask: Ask, clock: TestClock) -> None:
    await world.users(3, await world.portal(seats=10))
    await world.users(2, await world.portal(seats=5))
    await world.users(9, await world.portal(seats=100, seat_mode=SeatMode.UNLIMITED))
    ended = await world.portal(seats=None)
    await world.package(ended, 50, ends_at=clock.now())

    found = await scraped(ask.client)

    assert (found["gatehouse_seats_used",], found["gatehouse_seats_total",]) == (5, 15)


async def test_an_empty_system_has_no_seats(ask: Ask) -> None:
    found = await scraped(ask.client)

    assert (found["gatehouse_seats_used",], found["gatehouse_seats_total",]) == (0, 0)
    assert found["gatehouse_database_up",] == 1


@on_postgres
async def test_without_a_database_the_requests_are_still_told(db: Database, parts: Parts) -> None:
    parts.metrics.observe(answered("Viewer"))

    async with caller(parts) as client, taken_away(db):
        found = await scraped(client)

    assert found["gatehouse_requests_total", "Viewer", "ok"] == 1
    assert found["gatehouse_database_up",] == 0
    assert str(found["gatehouse_seats_used",]) == str(found["gatehouse_outbox_queued_mails",]) == "nan"


async def test_a_clock_that_went_back_makes_no_mail_younger_than_new(world: World, ask: Ask, clock: TestClock) -> None:
    ann, bob = await world.portal_admin(), await world.user(status=Status.RECOVERY)
    await ask.act("resetPasswords", ann, bob)

    clock.time = datetime(2026, 1, 1, tzinfo=UTC)

    assert (await scraped(ask.client))["gatehouse_outbox_oldest_queued_seconds",] == 0


async def test_it_tells_how_long_ago_housekeeping_was_done(world: World, ask: Ask, clock: TestClock) -> None:
    clock.advance(timedelta(hours=3))
    never = await scraped(ask.client)
    await Housekeeping(world.parts.runtime).run()
    clock.advance(timedelta(minutes=5))

    assert never["gatehouse_housekeeping_age_seconds",] == 3 * 3600
    assert (await scraped(ask.client))["gatehouse_housekeeping_age_seconds",] == 300


async def test_a_task_that_fails_grows_old_in_the_metrics(world: World, ask: Ask, clock: TestClock) -> None:
    await write(Sql("DROP TABLE known_source"))
    clock.advance(timedelta(hours=3))
    await Housekeeping(world.parts.runtime).run()

    found = await scraped(ask.client)

    assert found["gatehouse_housekeeping_age_seconds",] == 3 * 3600
    ages = {name: found["gatehouse_housekeeping_task_age_seconds", name] for name in ("sourcesDropped", "linksDropped")}
    assert ages == {"sourcesDropped": 3 * 3600, "linksDropped": 0}
