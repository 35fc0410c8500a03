"""The route /dev/token, which only development has. It returns access tokens for the demo's accounts, without a
password.
"""

from __future__ import annotations

import pytest

from api.web import dev_token
from rules.lifecycle.statuses import Status
from rules.refusals import Code, Refusal
from services.admin import demo
from services.ports import Caller
from tests.support.databases import on_sqlite
from tests.support.world import Ask, World, hashed

VIEWER = "{ viewer { name } }"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CALLER = Caller("a test", None)

pytestmark = on_sqlite


@pytest.fixture
async def cast(world: World) -> None:
    await demo.load(world.parts.runtime, hashed(demo.PASSWORD))


async def test_a_browser_is_shown_graphiql(ask: Ask) -> None:
    page = await ask.client.get("/graphql", headers=BROWSER)

    assert page.headers["content-type"].startswith("text/html")
    assert "GraphiQL" in page.text


@pytest.mark.usefixtures("cast")
async def test_graphiql_signs_in_as_the_account_that_is_chosen(ask: Ask) -> None:
    chosen = await ask.client.get("/dev/token", params={"account": "admin@acme.test"})
    default = await ask.client.get("/dev/token")

    assert (chosen.json()["account"], default.json()["account"]) == ("admin@acme.test", "admin@northwind.test")
    assert chosen.json()["accounts"] == [email for email, _, _ in demo.ACCOUNTS]
    assert 0 < chosen.json()["expiresIn"] <= 15 * 60
    assert chosen.headers["cache-control"] == "no-store"
    for response, name in ((chosen, "Alex Admin"), (default, "Nora Admin")):
        assert (await ask(VIEWER, token=response.json()["accessToken"])).data == {"viewer": {"name": name}}


@pytest.mark.parametrize("account", ["ada@example.com", "user@globex.test", "\0", "x" * 10_000])
@pytest.mark.usefixtures("cast")
async def test_only_the_demo_s_accounts_are_given_a_token(ask: Ask, account: str) -> None:
    response = await ask.client.get("/dev/token", params={"account": account})

    assert (response.status_code, list(response.json())) == (404, ["error"])


async def test_without_a_demo_there_is_no_token(ask: Ask) -> None:
    response = await ask.client.get("/dev/token")

    assert response.status_code == 404
    assert response.json() == {"error": "There is no account admin@northwind.test among the staff."}


@pytest.mark.usefixtures("cast")
async def test_an_account_that_cannot_sign_in_gets_the_reason(ask: Ask) -> None:
    token = (await ask.client.get("/dev/token")).json()["accessToken"]
    found = await ask('{ users(search: "user@acme.test") { nodes { id } } }', token=token)
    lock = "mutation ($ids: [ID!]!) { lockUsers(input: {users: {ids: $ids}}) { summary { succeeded } } }"
    await ask(lock, token=token, ids=[user["id"] for user in found.data["users"]["nodes"]])

    response = await ask.client.get("/dev/token", params={"account": "user@acme.test"})

    assert (response.status_code, response.json()) == (409, {"error": "user@acme.test cannot sign in: SUSPENDED"})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.usefixtures("cast")
async def test_a_page_from_elsewhere_is_handed_nothing(ask: Ask, headers: dict[str, str]) -> None:
    response = await ask.client.get("/dev/token", headers=headers)

    assert response.status_code == 403
    assert "accessToken" not in response.text


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:8000", "[::1]", "[::1]:8000"])
@pytest.mark.usefixtures("cast")
async def test_a_page_of_this_machine_is(ask: Ask, host: str) -> None:
    response = await ask.client.get("/dev/token", headers={"host": host, "sec-fetch-site": "same-origin"})

    assert response.status_code == 200


async def test_the_command_line_finds_every_account(world: World) -> None:
    portal = await world.portal("harbour")
    tim, otto = await world.technician(portal), await world.user(portal)
    invited = await world.user(portal, status=Status.PROVISIONED)
    runtime, ports = world.parts.runtime, world.parts.ports

    staff = await dev_token.token(runtime, ports, CALLER, tim.login.upper(), None)
    user = await dev_token.token(runtime, ports, CALLER, otto.login, "harbour")
    blocked = await dev_token.token(runtime, ports, CALLER, invited.login, "harbour")
    with pytest.raises(Refusal) as unknown:
        await dev_token.token(runtime, ports, CALLER, otto.login, "elsewhere")

    assert staff.acting
    assert user.acting
    assert (staff.acting.actor.id, user.acting.actor.id) == (tim.id, otto.id)
    assert (blocked.token, [blocker.code for blocker in blocked.blockers]) == (None, ["NOT_ONBOARDED"])
    assert unknown.value.code is Code.NOT_FOUND
    assert unknown.value.message == f"There is no account {otto.login} in the portal elsewhere."
