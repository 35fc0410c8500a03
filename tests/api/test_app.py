"""The whole application: its routes beside GraphQL, its shutdown, and its answers without a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # ships no types
import httpx
import jwt
import pytest
from pydantic import SecretStr

from api import app as server
from api.core.version import VERSION
from api.parts import Parts, make_parts
from api.settings.settings import Settings
from models.db.database import database
from models.db.sql import Sql, fetch, write
from models.tables import Mssp
from rules.refusals import Code, Refusal
from services.admin import demo
from tests.support.databases import Database, on_postgres, on_sqlite
from tests.support.world import PASSWORD, Ask, TestClock, World, hashed

VIEWER = "{ viewer { __typename name } }"
SECRET = SecretStr("a-secret-for-tests-of-32-bytes-or-more")
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


SIGN_IN = """
mutation ($login: String!, $password: String!) {
  signIn(input: { login: $login, password: $password }) { session { expiresIn } errors { code } }
}
"""
DEACTIVATE = """
mutation ($ids: [ID!]!) { deactivateUsers(input: { users: { ids: $ids } }) { errors { code } } }
"""
KILL_WHO_WAITS = """
SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@asynccontextmanager
async def connected(db: Database, name: str | None = None) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection to the server's database, or to the database `name` on the same PostgreSQL."""
    url = urlsplit(db.url)
    connection = await asyncpg.connect(url._replace(path=f"/{name}").geturl() if name else db.url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def taken_away(db: Database) -> AsyncIterator[None]:
    """Close all connections to the database. PostgreSQL refuses new ones while the body runs."""
    name = urlsplit(db.url).path[1:]
    async with connected(db, "postgres") as admin:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.fetch("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name)
        yield
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@asynccontextmanager
async def visiting(parts: Parts) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of an application made of `parts`, which uses the test's open database."""
    transport = httpx.ASGITransport(app=server.app(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client
    parts.close()


@pytest.fixture
def production(db: Database, clock: TestClock) -> Parts:
    return make_parts(
        Settings(env="production", secret_key=SECRET, database_url=db.url, allowed_hosts=("127.0.0.1",)), clock
    )


async def test_another_service_can_verify_a_token_with_the_published_keys(
    world: World, ask: Ask, clock: TestClock
) -> None:
    clock.time = datetime.now(UTC).replace(microsecond=0)  # the other service looks at its own clock
    ann = await world.mssp_admin()
    token = await world.token(ann)

    published = (await ask.client.get("/.well-known/jwks.json")).json()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        issuer="gatehouse",
        audience="gatehouse-api",
        options={"require": ["exp", "iat", "nbf", "iss", "aud", "sub", "sid", "jti"]},
    )

    assert claims["sub"] == str(ann.id)
    assert 0 < claims["exp"] - claims["iat"] <= 15 * 60
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    assert not any("d" in each for each in published["keys"])  # the private part


async def test_the_published_keys_may_be_kept_for_a_while(ask: Ask) -> None:
    response = await ask.client.get("/.well-known/jwks.json")

    assert response.headers["cache-control"] == "public, max-age=300"


async def test_a_stranger_has_no_viewer_and_no_error(ask: Ask) -> None:
    reply = await ask(VIEWER)

    assert (reply.data, reply.errors) == ({"viewer": None}, [])


async def test_a_bad_token_is_an_error_at_the_viewer_too(ask: Ask) -> None:
    reply = await ask(VIEWER, token="bad.bad.bad")

    assert (reply.data, reply.codes) == ({"viewer": None}, ["UNAUTHENTICATED"])


async def test_an_account_reads_its_own_viewer(world: World, ask: Ask) -> None:
    ann, tim = await world.portal_admin(first_name="Ann", last_name=None), await world.technician()

    viewers = [(await ask(VIEWER, actor=actor)).data["viewer"] for actor in (ann, tim)]

    assert viewers == [
        {"__typename": "PortalUser", "name": "Ann"},
        {"__typename": "StaffMember", "name": f"Staff {tim.login}"},
    ]


async def test_every_answer_has_an_id_of_its_own(ask: Ask) -> None:
    responses = [(await ask(VIEWER)).response for _ in range(2)]

    ids = [response.headers["x-request-id"] for response in responses]
    assert all(len(id) == 32 for id in ids)
    assert len(set(ids)) == 2


async def test_what_is_broken_hides_nothing_else_and_names_the_request(world: World, ask: Ask) -> None:
    ann = await world.portal_admin()
    await write(Sql("ALTER TABLE audit_event RENAME TO lost"))

    reply = await ask("{ auditLog { totalCount } users { totalCount } }", actor=ann)

    assert reply.data == {"auditLog": None, "users": {"totalCount": 1}}
    assert reply.codes == ["INTERNAL_SERVER_ERROR"]
    assert reply.errors[0]["extensions"]["requestId"] == reply.response.headers["x-request-id"]
    assert "audit_event" not in reply.response.text


async def test_a_living_server_says_so(ask: Ask) -> None:
    alive, ready = await ask.client.get("/livez"), await ask.client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "alive", "version": VERSION})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


@on_postgres
async def test_a_server_whose_database_is_away_lives_and_is_ready_again_with_it(
    world: World, ask: Ask, db: Database
) -> None:
    ann = await world.portal_admin(password=PASSWORD)
    assert (await ask(VIEWER, actor=ann)).data["viewer"]

    async with taken_away(db):
        alive, ready = await ask.client.get("/livez"), await ask.client.get("/readyz")
        known = await ask(VIEWER, actor=ann)
        signing_in = await ask(SIGN_IN, login=ann.login, password=PASSWORD)
        stranger, token = await ask(VIEWER), await ask.client.get("/dev/token")

    assert (alive.status_code, ready.status_code) == (200, 503)
    assert ready.json() == {"status": "unavailable", "why": "the database accepts no connections (55000)"}
    assert (known.codes, known.response.status_code) == (["UNAVAILABLE"], 503)
    assert (signing_in.codes, signing_in.response.status_code) == (["UNAVAILABLE"], 200)
    assert not any(word in signing_in.response.text for word in ("asyncpg", "Connection", ann.login))
    assert (stranger.data, token.status_code) == ({"viewer": None}, 503)
    assert (await ask.client.get("/readyz")).status_code == 200
    assert (await ask(VIEWER, actor=ann)).data["viewer"]


@on_postgres
async def test_a_database_that_goes_during_a_bulk_takes_the_whole_bulk_with_it(
    world: World, ask: Ask, db: Database
) -> None:
    ann, people = await world.portal_admin(), await world.users(3)
    await ask(VIEWER, actor=ann)

    async with connected(db) as other, other.transaction():
        await other.execute("SELECT id FROM portal FOR UPDATE")
        bulk = asyncio.create_task(ask(DEACTIVATE, actor=ann, ids=[person.gid for person in people]))
        async with asyncio.timeout(30):
            while not await other.fetchval(KILL_WHO_WAITS):
                pass
    reply = await bulk

    assert (reply.data, reply.codes) == ({"deactivateUsers": None}, ["UNAVAILABLE"])
    assert [await world.status(person) for person in people] == ["ACTIVE"] * 3


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/.well-known/jwks.json"])
@on_sqlite
async def test_what_is_only_to_be_read_is_not_written_to(ask: Ask, path: str) -> None:
    assert (await ask.client.post(path)).status_code == 405


@on_sqlite
async def test_production_shows_no_page_and_hands_out_no_tokens(production: Parts) -> None:
    await demo.load(production.runtime, hashed(demo.PASSWORD))  # were it there, which production prevents

    async with visiting(production) as client:
        page = await client.get("/graphql", headers=BROWSER)
        token, asset = await client.get("/dev/token"), await client.get("/graphiql/src/page.js")
        answer = await client.post("/graphql", json={"query": VIEWER})

    assert (page.status_code, page.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert (token.status_code, asset.status_code) == (404, 404)
    assert answer.json() == {"data": {"viewer": None}}


async def test_a_shutdown_waits_for_the_transactions_that_run_and_begins_no_more(
    closed_db: Database, clock: TestClock
) -> None:
    parts = make_parts(Settings(secret_key=SECRET, database_url=closed_db.url), clock)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def write_slowly() -> None:
        begun.set()
        await may_end.wait()
        await Mssp.create(id=parts.runtime.new_id(), name="Written at the last moment")

    app = server.app(parts)
    async with app.router.lifespan_context(app):
        writing = asyncio.create_task(parts.runtime.transactions.run(write_slowly))
        await begun.wait()
        asyncio.get_running_loop().call_soon(may_end.set)  # once the shutdown waits
    await writing

    async with database(closed_db.url):
        assert [row["name"] for row in await fetch(Sql("SELECT name FROM mssp"))] == ["Written at the last moment"]
    with pytest.raises(Refusal) as refused:
        await parts.runtime.transactions.run(write_slowly)
    assert refused.value.code is Code.UNAVAILABLE
