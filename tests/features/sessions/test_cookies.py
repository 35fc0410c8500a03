"""The refresh token in a cookie, for browsers that ask for it."""

from __future__ import annotations

import pytest

from tests.features.sessions.refreshing import REFRESH, SIGN_OUT, WHO, refreshed, signed_in
from tests.support.world import PASSWORD, Ask, World
from tests.support.world.places import ELSEWHERE, calling_from

COOKIE = "__Host-gatehouse-refresh"

IN_A_COOKIE = {"gatehouse-refresh": "cookie"}


async def test_a_browser_that_asks_keeps_the_refresh_token_where_no_script_reads_it(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE, **IN_A_COOKIE) as browser:
        session = await signed_in(browser, bob)
        kept = browser.client.cookies[COOKIE]
        reply = await browser(REFRESH, input={})

        assert session["refreshToken"] is None
        assert reply.data["refreshSession"]["session"]["refreshToken"] is None
        assert browser.client.cookies[COOKIE] not in ("", kept)
        attributes = {part.strip().lower() for part in reply.response.headers["set-cookie"].split(";")[1:]}
        assert attributes == {"httponly", "secure", "samesite=strict", "path=/", "max-age=43200"}


async def test_without_the_header_the_cookie_is_left_alone(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE) as browser:
        await browser.client.post("/graphql", json={"query": WHO}, headers=IN_A_COOKIE)
        session = await signed_in(browser, bob)
        browser.client.cookies.set(COOKIE, session["refreshToken"])

        forged = await refreshed(browser, None)
        asked = await browser.client.post(
            "/graphql", json={"query": REFRESH, "variables": {"input": {}}}, headers=IN_A_COOKIE
        )

        assert session["refreshToken"]
        assert forged == ["INVALID_TOKEN"]
        assert asked.json()["data"]["refreshSession"]["session"]["viewer"]["id"] == bob.gid


async def test_signing_out_takes_the_cookie_away(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE, **IN_A_COOKIE) as browser:
        session = await signed_in(browser, bob)

        reply = await browser(SIGN_OUT, token=session["accessToken"], input={})

        assert "max-age=0" in reply.response.headers["set-cookie"].lower()
        assert COOKIE not in browser.client.cookies


async def test_a_page_of_another_site_is_answered_why_the_cookie_would_be_dropped(world: World, ask: Ask) -> None:
    page = {"origin": "http://localhost:5173", "sec-fetch-site": "cross-site"}
    async with calling_from(world, ELSEWHERE, **IN_A_COOKIE, **page) as browser:
        reply = await browser(REFRESH, input={})

    assert (reply.response.status_code, reply.codes, reply.data) == (400, ["BAD_USER_INPUT"], None)
    assert reply.errors[0]["message"] == (
        "The browser would drop the cookie of the refresh token: http://localhost:5173 and https://127.0.0.1:8000 are two"
        " sites. Use one host name for the page and the API, such as localhost, or omit the header Gatehouse-Refresh."
    )
    assert reply.response.headers["access-control-allow-origin"] == page["origin"]
    assert "set-cookie" not in reply.response.headers


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
async def test_a_page_of_the_same_site_may_keep_the_cookie(world: World, ask: Ask, site: str) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE, **IN_A_COOKIE, **{"sec-fetch-site": site}) as browser:
        await signed_in(browser, bob)

        assert browser.client.cookies[COOKIE]


async def test_a_page_of_another_site_may_keep_the_refresh_token_itself(world: World, ask: Ask) -> None:
    bob = await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE, **{"sec-fetch-site": "cross-site"}) as browser:
        session = await signed_in(browser, bob)

    assert session["refreshToken"]


async def test_a_new_sign_in_replaces_the_cookie_and_leaves_the_earlier_session(world: World, ask: Ask) -> None:
    ann, bob = await world.user(password=PASSWORD), await world.user(password=PASSWORD)
    async with calling_from(world, ELSEWHERE, **IN_A_COOKIE) as browser:
        earlier = await signed_in(browser, ann)
        kept = browser.client.cookies[COOKIE]

        await signed_in(browser, bob)

        assert browser.client.cookies[COOKIE] != kept
        assert (await ask(WHO, token=earlier["accessToken"])).data["viewer"]
