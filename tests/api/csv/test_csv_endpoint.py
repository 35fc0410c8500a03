"""The routes of CSV files refuse requests from pages of other sites, and requests with a cookie instead of a token."""

from __future__ import annotations

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from tests.features.csv.files import exported, imported
from tests.support.databases import on_sqlite
from tests.support.world import Ask, World

ROUTES = ("/users/export", "/users/import?portalSlug=acme")


@on_sqlite
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_what_a_form_of_another_site_can_send_is_refused(
    world: World, ask: Ask, route: str, media_type: str
) -> None:
    await world.portal("acme")
    token = await world.token(await world.portal_admin())
    headers = {"authorization": f"Bearer {token}", "content-type": media_type}

    response = await ask.client.post(route, content=b"{}", headers=headers)

    assert response.status_code == 415


@on_sqlite
@pytest.mark.parametrize("route", ROUTES)
async def test_the_cookie_of_the_refresh_token_gives_no_access(world: World, ask: Ask, route: str) -> None:
    await world.portal("acme")
    headers = {"cookie": "__Host-gatehouse-refresh=any", "gatehouse-refresh": "cookie", "content-type": "text/csv"}

    response = await ask.client.post(route, content=b"email\n", headers=headers)

    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


@on_sqlite
@pytest.mark.parametrize("route", ROUTES)
async def test_only_pages_of_allowed_origins_may_ask_and_read_the_file_s_name(
    world: World, ask: Ask, route: str
) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}

    foreign = await ask.client.options(route, headers={"origin": "https://elsewhere.example", **asked})
    local = await ask.client.options(route, headers={"origin": "http://localhost:5173", **asked})
    answer = await ask.client.post(route, headers={"origin": "http://localhost:5173"})

    assert (foreign.status_code, "access-control-allow-origin" in foreign.headers) == (400, False)
    assert local.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert answer.headers["access-control-expose-headers"] == "X-Request-Id, Content-Disposition"


@on_sqlite
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_file_is_sent_and_taken_by_post_only(ask: Ask, route: str, method: str) -> None:
    response = await ask.client.request(method, route)

    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@on_sqlite
async def test_each_file_is_counted_and_logged_without_its_contents(world: World, ask: Ask) -> None:
    await world.portal("acme")
    ann = await world.portal_admin(email="ann@acme.test")

    with capture_logs() as logs:
        sent = await exported(ask, ann)
        await imported(ask, ann, "email,shoe\nbob@acme.test,42\n", portalSlug="acme")

    lines = [line for line in logs if line["event"] == "csv.completed"]
    told = generate_latest(world.parts.metrics.registry).decode()
    assert [(line["route"], line["outcome"], line["rows"]) for line in lines] == [
        ("users/export", "ok", 1),
        ("users/import", "INVALID_INPUT", 0),
    ]
    assert lines[0]["request_id"] == sent.headers["x-request-id"]
    assert "acme.test" not in str(logs)
    assert 'gatehouse_csv_requests_total{outcome="ok",route="users/export"} 1.0' in told
    assert 'gatehouse_csv_rows_total{route="users/export"} 1.0' in told
