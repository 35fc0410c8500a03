"""The callers that a production server answers, and the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs

from api import app as server
from api.core.graphiql_build import is_built
from api.parts import make_parts
from api.settings.settings import Settings
from api.settings.startup_faults import faults
from api.web.graphiql_page import CDN
from tests.api.settings.serving import SECRET, production
from tests.support.databases import Database
from tests.support.world.passwords import HASHER

QUERY = {"query": "{ viewer { __typename } }"}

SCHEMA = {"query": "{ __schema { queryType { name } } }"}


@asynccontextmanager
async def browser(settings: Settings, address: str = "203.0.113.9") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=server.app(make_parts(settings, hasher=HASHER)), client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example.org") as client:
        yield client


def test_development_has_no_faults() -> None:
    assert faults(Settings(secret_key=SecretStr(SECRET)), has_demo=True) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])  # noqa: S104  # refused
def test_development_listens_on_this_machine_only(host: str) -> None:
    with pytest.raises(ValidationError, match="GATEHOUSE_HOST: development"):
        Settings(host=host)


async def test_production_answers_under_its_own_names_only(db: Database) -> None:
    async with browser(production(database_url=db.url)) as client:
        own = await client.post("/graphql", json=QUERY)
        other = await client.post("/graphql", json=QUERY, headers={"host": "evil.example"})
        probe = await client.get("/livez", headers={"host": "10.0.0.5:8000"})

    assert (own.status_code, other.status_code, probe.status_code) == (200, 400, 200)


async def test_production_shows_no_graphiql_no_schema_and_no_development_page(db: Database) -> None:
    async with browser(production(database_url=db.url)) as client:
        page = await client.get("/graphql", headers={"accept": "text/html"})
        schema = (await client.post("/graphql", json=SCHEMA)).json()
        doors = [(await client.get(path)).status_code for path in ("/dev/token", "/dev/mail")]

    assert "text/html" not in page.headers["content-type"]
    assert "data" not in schema
    assert doors == [404, 404]


async def test_production_shows_the_schema_and_the_built_graphiql_where_they_are_asked_for(db: Database) -> None:
    async with browser(production(database_url=db.url, graphiql=True, introspection=True)) as client:
        page = await client.get("/graphql", headers={"accept": "text/html"})
        schema = (await client.post("/graphql", json=SCHEMA)).json()

    assert ("text/html" in page.headers["content-type"]) is is_built()
    assert CDN not in page.text
    assert schema["data"]["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize(
    ("env", "origin", "is_let_in"),
    [
        ("production", "https://portal.example.org", True),
        ("production", "https://evil.example", False),
        ("production", "http://localhost:5173", False),
        ("development", "http://localhost:5173", True),
        ("development", "http://127.0.0.1:4000", True),
        ("development", "http://localhost.evil.example", False),
    ],
)
async def test_browsers_on_named_origins_are_allowed_and_local_ones_in_development(
    db: Database, env: str, origin: str, is_let_in: bool
) -> None:
    settings = production(env=env, database_url=db.url, allowed_origins=("https://portal.example.org",))
    asks = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,gatehouse-refresh",
    }

    async with browser(settings) as client:
        preflight = await client.options("/graphql", headers=asks)
        answer = await client.post("/graphql", json=QUERY, headers={"origin": origin})

    allowed = [each.headers.get("access-control-allow-origin") == origin for each in (preflight, answer)]
    assert allowed == [is_let_in, is_let_in]
    with_cookies = [
        "access-control-allow-origin" in each.headers and each.headers.get("access-control-allow-credentials") == "true"
        for each in (preflight, answer)
    ]
    assert with_cookies == [is_let_in, is_let_in]
    assert ("gatehouse-refresh" in preflight.headers.get("access-control-allow-headers", "").lower()) or not is_let_in


@pytest.mark.parametrize(("proxy", "counts"), [("203.0.113.9", True), ("203.0.113.0/24", True), ("10.0.0.1", False)])
async def test_a_proxys_word_counts_only_where_the_proxy_is_named(db: Database, proxy: str, counts: bool) -> None:
    settings = production(database_url=db.url, trusted_proxies=(proxy,))
    wrong = {"query": 'mutation { signIn(input: {login: "x", password: "y"}) { errors { code } } }'}

    async def sign_in(client: httpx.AsyncClient, n: int) -> str:
        document = wrong["query"].replace('"x"', f'"x{n}"')
        forwarded = {"x-forwarded-for": f"198.51.100.{n}"}
        answer = await client.post("/graphql", json={"query": document}, headers=forwarded)
        return str(answer.json()["data"]["signIn"]["errors"][0]["code"])

    async with browser(settings) as client:
        codes = []
        for first in range(0, 101, 10):
            codes += await asyncio.gather(*(sign_in(client, n) for n in range(first, min(first + 10, 101))))

    assert ("RATE_LIMITED" in codes) is not counts


@pytest.mark.parametrize(("proxy", "warnings"), [("none", 1), ("10.0.0.1", 1), ("203.0.113.0/24", 0)])
async def test_a_proxy_that_is_not_trusted_is_warned_about_once(db: Database, proxy: str, warnings: int) -> None:
    async with browser(production(database_url=db.url, trusted_proxies=proxy)) as client:
        with capture_logs() as logs:
            for _ in range(3):
                await client.get("/livez")
                await client.get("/livez", headers={"x-forwarded-for": "198.51.100.7"})

    assert [each["log_level"] for each in logs if each["event"] == "proxy.not_trusted"] == ["warning"] * warnings


@pytest.mark.parametrize(("token", "status"), [(None, 404), (SECRET, 200)])
async def test_production_shows_metrics_for_the_token_or_not_at_all(
    db: Database, token: str | None, status: int
) -> None:
    headers = {"host": "evil.example", "authorization": f"Bearer {token}"}

    async with browser(production(database_url=db.url, metrics_token=token), address="127.0.0.1") as client:
        answer = await client.get("/metrics", headers=headers)

    assert answer.status_code == status
