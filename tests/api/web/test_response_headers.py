"""Headers of every response, and the host names that the server accepts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api import app as server
from api.parts import make_parts
from api.settings.settings import Settings
from tests.support.databases import Database, on_sqlite

QUERY = {"query": "{ __typename }"}
LOCAL = "http://127.0.0.1:8000"
PUBLIC = "http://api.example.org"

pytestmark = on_sqlite


@asynccontextmanager
async def client(db: Database, base_url: str, **given: Any) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(secret_key=SecretStr("a-secret-for-tests-of-32-bytes-or-more"), database_url=db.url, **given)
    transport = httpx.ASGITransport(server.app(make_parts(settings)))
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as made:
        yield made


PRODUCTION: dict[str, Any] = {
    "env": "production",
    "allowed_hosts": ("api.example.org",),
    "trusted_proxies": ("127.0.0.1",),
}


async def test_every_answer_is_kept_nowhere_and_is_what_it_says(db: Database) -> None:
    async with client(db, PUBLIC, **PRODUCTION) as production:
        answers = [
            await production.post("/graphql", json=QUERY),
            await production.get("/graphql", params=QUERY),
            await production.post("/graphql", content=b"nonsense"),
            await production.post("/graphql", json=QUERY, headers={"host": "other.example"}),
            await production.options(
                "/graphql", headers={"origin": "https://x.example", "access-control-request-method": "PUT"}
            ),
            await production.get("/nothing"),
            await production.get("/livez"),
        ]

    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "strict-transport-security" not in answer.headers


async def test_the_page_and_the_keys_keep_headers_of_their_own(db: Database) -> None:
    async with client(db, LOCAL) as development:
        page = await development.get("/graphql", headers={"accept": "text/html"})
        keys = await development.get("/.well-known/jwks.json")

    assert page.headers["cache-control"] == "no-store"
    assert "script-src" in page.headers["content-security-policy"]
    assert keys.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize(("proto", "is_demanded"), [("https", True), ("http", False)])
async def test_https_is_demanded_of_what_came_by_https(db: Database, proto: str, is_demanded: bool) -> None:
    async with client(db, PUBLIC, **PRODUCTION) as production:
        answer = await production.post("/graphql", json=QUERY, headers={"x-forwarded-proto": proto})

    assert ("strict-transport-security" in answer.headers) is is_demanded


@pytest.mark.parametrize("path", ["/graphql/", "/livez/"])
async def test_nothing_is_redirected_to_what_the_host_header_says(db: Database, path: str) -> None:
    async with client(db, LOCAL) as development:
        answer = await development.post(path, json=QUERY)

    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000"])
async def test_development_answers_under_names_of_this_machine(db: Database, host: str) -> None:
    async with client(db, LOCAL) as development:
        answer = await development.post("/graphql", json=QUERY, headers={"host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.test",
        "localhost.evil.test",
        "localhost:evil.test",
        "localhost:x@evil",
        "x@localhost",
        "localhost/",
        "[::1]x",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/dev/token", "/dev/mail"])
async def test_development_answers_under_no_other_name(db: Database, host: str, path: str) -> None:
    async with client(db, LOCAL) as development:
        answer = await development.get(path, params=QUERY, headers={"host": host})

    assert answer.status_code == 400


async def test_two_hosts_are_none(db: Database) -> None:
    async with client(db, LOCAL) as development:
        request = development.build_request("GET", "/graphql", params=QUERY)
        request.headers = httpx.Headers([("host", "localhost"), ("host", "localhost")])
        answer = await development.send(request)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("host", "status"), [("a.example.org", 200), ("example.org", 400), ("a.example.org:evil", 400)]
)
async def test_production_answers_under_a_pattern_of_names(db: Database, host: str, status: int) -> None:
    async with client(db, PUBLIC, **PRODUCTION | {"allowed_hosts": ("*.example.org",)}) as production:
        answer = await production.post("/graphql", json=QUERY, headers={"host": host})

    assert answer.status_code == status


HEADERS_OF_CLIENTS = "traceparent,tracestate,apollographql-client-name,apollographql-client-version,apollo-require-preflight,x-request-id"


@pytest.mark.parametrize("header", HEADERS_OF_CLIENTS.split(","))
async def test_frontends_of_other_origins_may_send_what_clients_send(db: Database, header: str) -> None:
    asks = {
        "origin": "http://localhost:5173",
        "access-control-request-method": "POST",
        "access-control-request-headers": f"content-type,{header}",
    }
    async with client(db, LOCAL) as development:
        answer = await development.options("/graphql", headers=asks)

    assert answer.status_code == 200
    assert header in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded",
        "Via",
        "X-Real-IP",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Anything",
    ],
)
@pytest.mark.parametrize("path", ["/dev/token", "/dev/mail", "/dev/mail/x"])
async def test_development_pages_refuse_what_came_through_a_proxy(db: Database, header: str, path: str) -> None:
    async with client(db, LOCAL) as development:
        answer = await development.get(path, headers={header: "127.0.0.1"})

    assert answer.status_code == 403
