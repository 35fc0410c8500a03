"""Refused calls of `/introspect`: callers without valid credentials, and invalid requests."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest

from api.token_introspection import MOST_BYTES
from rules.auth.rate_limits import Limit, RateLimits
from rules.messages.rate_limits import RateLimitMessage
from tests.api.introspecting import BILLING, SECRET, WIKI, serving
from tests.support.world import World


@pytest.mark.parametrize(
    "credential",
    [
        None,
        "",
        "wiki",
        SECRET,
        f"wiki:{SECRET[:-1]}",
        f"wiki:{SECRET}x",
        f"billing.v2:{SECRET}",
        f"other:{SECRET}",
        f":{SECRET}",
        "wiki:",
        "é:ü",
    ],
)
async def test_without_the_credentials_of_a_service_no_token_is_looked_at(world: World, credential: str | None) -> None:
    token = await world.token(await world.user())

    async with serving(world, WIKI, BILLING) as service:
        response = await service.post(credential, data={"token": token})

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Basic realm="gatehouse"'
    assert response.json()["error"] == "invalid_client"
    assert "active" not in response.json()


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer x", "Basic w6k6w7w=, Basic w6k6w7w=", "Basic /w=="])
async def test_a_malformed_authorization_is_refused(world: World, header: str) -> None:
    async with serving(world, WIKI) as service:
        response = await service.post(data={"token": "x"}, headers={"Authorization": header})

    assert response.status_code == 401


async def test_every_service_has_its_own_secret_which_may_be_form_encoded(world: World) -> None:
    token = await world.token(await world.user())
    name, _, secret = WIKI.partition(":")

    async with serving(world, WIKI, BILLING) as service:
        answers = [
            await service.post(credential, data={"token": token, "token_type_hint": "access_token"})
            for credential in (WIKI, BILLING, f"{name}:{quote_plus(secret)}")
        ]

    assert [answer.json()["active"] for answer in answers] == [True] * 3


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"data": {}}, 415),
        ({"json": {"token": "x"}}, 415),
        ({"data": {"token": ""}}, 400),
        ({"data": {"other": "x"}}, 400),
        ({"data": {"token": ["x", "y"]}}, 400),
        ({"data": {f"n{n}": "x" for n in range(11)}}, 400),
        ({"data": {"token": "x" * MOST_BYTES}}, 413),
        ({"content": b"token=\xff", "headers_of_form": True}, 400),
        ({"content": b"token=%ff", "headers_of_form": True}, 400),
    ],
)
async def test_what_is_no_form_with_one_token_is_refused(world: World, given: dict[str, Any], status: int) -> None:
    if given.pop("headers_of_form", False):
        credential = b64encode(WIKI.encode()).decode()
        form = "application/x-www-form-urlencoded"
        given["headers"] = {"Authorization": f"Basic {credential}", "Content-Type": form}

    async with serving(world, WIKI) as service:
        response = await service.post(**given)

    assert (response.status_code, response.json()["error"]) == (status, "invalid_request")


async def test_a_get_is_refused_and_no_answer_is_stored(world: World) -> None:
    token = await world.token(await world.user())

    async with serving(world, WIKI) as service:
        got = await service.client.get("/introspect", params={"token": token})
        posted = await service.post(data={"token": token})

    assert got.status_code == 405
    assert posted.headers["cache-control"] == "no-store"


async def test_without_credentials_in_the_settings_there_is_no_such_route(world: World) -> None:
    async with serving(world) as service:
        response = await service.post(data={"token": "x"})

    assert response.status_code == 404


async def test_a_refused_service_is_a_security_event_with_its_network(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(world, WIKI) as service:
        response = await service.post("wiki:wrong", data={"token": "x"})

    sample = {"event": "security.service_refused"}
    assert world.parts.metrics.registry.get_sample_value("gatehouse_security_events_total", sample) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "security.service_refused" in line]
    assert "network=127.0.0.1" in line
    assert f"request_id={response.headers['x-request-id']}" in line


async def test_refused_calls_of_a_network_are_counted_and_right_credentials_pass(world: World) -> None:
    token = await world.token(await world.user())
    limits = RateLimits(services=Limit(RateLimitMessage.SERVICES, 2))
    limited = replace(world, parts=replace(world.parts, ports=replace(world.parts.ports, limits=limits)))

    async with serving(limited, WIKI) as service:
        wrong = [await service.post("wiki:wrong", data={"token": token}) for _ in range(4)]
        right = await service.ask(token)
        world.clock.advance(timedelta(minutes=5))
        later = await service.post("wiki:wrong", data={"token": token})

    assert [response.status_code for response in (*wrong, later)] == [401, 401, 429, 429, 401]
    assert wrong[3].json()["error"] == "rate_limited"
    assert wrong[3].headers["retry-after"] == "300"
    assert right["active"] is True
    sample = {"event": "security.rate_limited"}
    assert world.parts.metrics.registry.get_sample_value("gatehouse_security_events_total", sample) == 2
