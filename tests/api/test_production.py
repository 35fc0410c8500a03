"""What keeps a server from starting in production, and who is let in where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from api import app as server
from api.production import faults
from api.settings import Settings
from tests.databases import Database

SECRET = "a-secret-for-tests-of-32-bytes-or-more"
QUERY = {"query": "{ viewer { __typename } }"}
SCHEMA = {"query": "{ __schema { queryType { name } } }"}


def production(**given: Any) -> Settings:
    return Settings(
        **{
            "env": "production",
            "secret_key": SecretStr(SECRET),
            "allowed_hosts": ("api.example.org",),
            "database_url": "sqlite:///nowhere/db",
            **given,
        }
    )


@asynccontextmanager
async def browser(settings: Settings, address: str = "203.0.113.9") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=server.app(server.gatehouse(settings)), client=(address, 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.example.org") as client:
        yield client


def test_production_with_everything_set_has_no_fault() -> None:
    assert faults(production(), has_demo=False) == []


def test_every_fault_is_named_at_once_with_what_to_set() -> None:
    found = faults(production(allowed_hosts=()), has_demo=True)

    assert ["GATEHOUSE_ALLOWED_HOSTS" in found[0], "GATEHOUSE_DATABASE_URL" in found[1]] == [True, True]


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


async def test_production_shows_what_was_asked_for(db: Database) -> None:
    async with browser(production(database_url=db.url, graphiql=True, introspection=True)) as client:
        page = await client.get("/graphql", headers={"accept": "text/html"})
        schema = (await client.post("/graphql", json=SCHEMA)).json()

    assert "text/html" in page.headers["content-type"]
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
async def test_browsers_on_named_origins_are_let_in_and_in_development_those_of_this_machine(
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

    async with browser(settings) as client:
        codes = [
            (
                await client.post(
                    "/graphql",
                    json=wrong | {"query": wrong["query"].replace('"x"', f'"x{n}"')},
                    headers={"x-forwarded-for": f"198.51.100.{n}"},
                )
            ).json()["data"]["signIn"]["errors"][0]["code"]
            for n in range(101)
        ]

    assert ("RATE_LIMITED" in codes) is not counts


@pytest.mark.parametrize(
    "given",
    [
        {"allowed_hosts": "api.example.org:80"},
        {"allowed_hosts": "*"},
        {"allowed_origins": "https://x.example/path"},
        {"allowed_origins": "*"},
        {"trusted_proxies": "proxy.internal"},
        {"trusted_proxies": "*"},
    ],
)
def test_a_door_that_is_named_wrongly_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="must be"):
        production(**given)
