"""Which clients may read the metrics."""

from __future__ import annotations

import pytest

from api.parts import Parts
from tests.api.telemetry.scraping import caller

TOKEN = "a-token-for-the-scraper-of-32-bytes-or-more"

NEAR = ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")

FAR = ("192.0.2.7", "10.0.0.1", "0.0.0.0", "2001:db8::1", "testclient", "")  # noqa: S104  # a caller, not listened on


# ── who may read it ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", NEAR)
async def test_callers_on_this_machine_read_it(parts: Parts, host: str) -> None:
    async with caller(parts, host) as client:
        response = await client.get("/metrics")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", FAR)
async def test_to_others_there_is_no_such_page(parts: Parts, host: str) -> None:
    async with caller(parts, host) as client:
        response, nowhere = await client.get("/metrics"), await client.get("/nowhere")

    assert (response.status_code, response.text) == (nowhere.status_code, nowhere.text) == (404, "Not Found")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_a_local_proxy_does_not_make_its_clients_local(parts: Parts, header: str) -> None:
    async with caller(parts) as client:
        response = await client.get("/metrics", headers={header: "for=192.0.2.7"})

    assert response.status_code == 404


@pytest.mark.parametrize("host", [NEAR[0], FAR[0]])
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer  {TOKEN}", 200),
        (f"Basic {TOKEN}", 404),
        (TOKEN, 404),
        (f"Bearer {TOKEN}x", 404),
        ("Bearer ", 404),
        ("Bearer \xe4", 404),
        (None, 404),
    ],
)
async def test_where_there_is_a_token_it_alone_opens(
    parts: Parts, host: str, authorization: str | None, status: int
) -> None:
    headers = [(b"authorization", authorization.encode("latin-1"))] if authorization else []

    async with caller(parts, host, TOKEN) as client:
        response = await client.get("/metrics", headers=headers)

    assert response.status_code == status


async def test_a_scraper_that_knows_openmetrics_gets_it(parts: Parts) -> None:
    async with caller(parts) as client:
        response = await client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
