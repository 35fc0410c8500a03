"""The demo: its accounts and users, which are the same at every load."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from models.db.sql import Sql, fetch
from models.tables import Mssp
from rules.access import Role
from rules.lifecycle.statuses import UNCONFIRMED, Category, Status, StatusReason
from rules.refusals import Code, Refusal
from services.admin import demo, doctor
from services.links import token_hash
from tests.support.world import Ask, World, hashed

SIGN_IN = """
mutation ($login: String!, $password: String!, $slug: String) {
  signIn(input: { login: $login, password: $password, portalSlug: $slug }) {
    session { accessToken viewer { name } }
    blockers { code }
    errors { code }
  }
}
"""
EVERY_PORTAL = """
{
  portals {
    nodes {
      slug
      name
      licenseTiles { seatsTotal seatsUsed seatsAvailable packages { name } tiles { kind count } }
      users { totalCount }
    }
  }
}
"""
TILES = "licenseTiles { tiles { kind count category statusIn statusReasonIn } }"
EVERY_TILE = f"{{ {TILES} portals {{ nodes {{ id {TILES} }} }} }}"
BY_TILE = """
query ($portal: ID, $category: UserCategory, $statusIn: [UserStatus!], $statusReasonIn: [StatusReason!]) {
  users(
    portalId: $portal, category: $category, filter: {statusIn: $statusIn, statusReasonIn: $statusReasonIn}, first: 100
  ) { %s }
}
"""
LISTED_BY_TILE, READ_BY_TILE = BY_TILE % "totalCount", BY_TILE % "nodes { id }"


@pytest.fixture
async def cast(world: World) -> list[dict[str, Any]]:
    """Load the demo, and return the stored row of every user."""
    await load(world)
    return await stored("portal_user")


async def load(world: World) -> None:
    await demo.load(world.parts.runtime, hashed(demo.PASSWORD))


async def stored(table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await fetch(Sql(f"SELECT * FROM {table} ORDER BY id"))]


async def signed_in(ask: Ask, login: str, slug: str | None) -> Any:
    return (await ask(SIGN_IN, login=login, password=demo.PASSWORD, slug=slug)).data["signIn"]


async def portals_of(ask: Ask, login: str, slug: str | None = None) -> dict[str, Any]:
    """Sign in, and return the portals that the account sees, by slug."""
    token = (await signed_in(ask, login, slug))["session"]["accessToken"]
    return {node["slug"]: node for node in (await ask(EVERY_PORTAL, token=token)).data["portals"]["nodes"]}


async def test_each_provider_sees_its_own_portals(world: World, ask: Ask) -> None:
    await load(world)

    seen = {login: list(await portals_of(ask, login)) for login, slug, _ in demo.ACCOUNTS if slug is None}

    assert seen == {
        "admin@northwind.test": ["acme", "globex", "initech"],
        "technician@northwind.test": ["acme", "globex"],
        "admin@contoso.test": ["umbra"],
    }
    assert {row["name"] for row in await stored("mssp")} == {"Northwind Security", "Contoso Defense"}


async def test_acme_has_180_seats_in_two_packages_and_3_of_them_are_free(world: World, ask: Ask) -> None:
    await load(world)

    portals = await portals_of(ask, "admin@northwind.test")

    tiles = portals["acme"]["licenseTiles"]
    assert (tiles["seatsTotal"], tiles["seatsUsed"], tiles["seatsAvailable"]) == (180, 177, 3)
    assert len(tiles["packages"]) == 2
    assert {slug: portal["users"]["totalCount"] for slug, portal in portals.items()} == {
        "acme": 240,
        "globex": 40,
        "initech": 40,
    }
    assert (await portals_of(ask, "admin@contoso.test"))["umbra"]["users"]["totalCount"] == 40


@pytest.mark.parametrize("provider", ["northwind", "contoso"])
async def test_every_tile_s_filter_lists_exactly_the_users_that_it_counts(
    world: World, ask: Ask, provider: str
) -> None:  # L4
    await load(world)
    token = (await signed_in(ask, f"admin@{provider}.test", None))["session"]["accessToken"]
    data = (await ask(EVERY_TILE, token=token)).data
    sums, portals = (None, data["licenseTiles"]), data["portals"]["nodes"]

    for portal, found in [sums, *((portal["id"], portal["licenseTiles"]) for portal in portals)]:
        for tile in found["tiles"]:
            given = {name: tile[name] for name in ("category", "statusIn", "statusReasonIn")}
            listed = (await ask(LISTED_BY_TILE, token=token, portal=portal, **given)).data["users"]
            assert listed == {"totalCount": tile["count"]}, (portal, tile)
            # The list without the total of the counters: every row is read.
            read = (await ask(READ_BY_TILE, token=token, portal=portal, **given)).data["users"]
            assert len(read["nodes"]) == min(tile["count"], 100), (portal, tile)


async def test_every_portal_has_an_admin_and_a_user_who_sign_in(world: World, ask: Ask) -> None:
    await load(world)

    for slug in ("acme", "globex", "initech", "umbra"):
        for who, name in (("admin", "Alex Admin"), ("user", "Uma User")):
            payload = await signed_in(ask, f"{who}@{slug}.test", slug)

            assert (payload["session"]["viewer"]["name"], payload["blockers"], payload["errors"]) == (name, [], [])
    people = {row["email"]: row for row in await stored("portal_user")}
    assert (people["admin@acme.test"]["kind"], people["admin@acme.test"]["role"]) == ("INTERNAL", Role.PORTAL_ADMIN)
    assert (people["user@acme.test"]["kind"], people["user@acme.test"]["status"]) == ("EXTERNAL", Status.ACTIVE)


async def test_the_accounts_that_are_shown_at_the_start_can_all_sign_in(world: World, ask: Ask) -> None:
    await load(world)

    payloads = [await signed_in(ask, email, slug) for email, slug, _ in demo.ACCOUNTS]

    assert all(payload["session"] for payload in payloads)


async def test_acmes_people_are_of_every_kind(cast: list[dict[str, Any]]) -> None:
    acme = [user for user in cast if user["email"].endswith("@acme.test")]

    statuses = Counter(user["status"] for user in acme)
    assert set(statuses) == set(Status)
    assert statuses[Status.DEACTIVATED] >= 20
    assert {user["status_reason"] for user in acme} == {None, *StatusReason}
    assert {user["category"] for user in acme} == set(Category)
    assert sum(not user["last_name"] for user in acme) >= 10
    assert sum(not f"{user['first_name']}{user['last_name'] or ''}".isascii() for user in acme) >= 100
    assert sum(user["last_sign_in_at"] is None for user in acme) >= 10


async def test_nobodys_history_contradicts_itself(cast: list[dict[str, Any]]) -> None:
    for user in cast:
        unconfirmed = user["status"] in UNCONFIRMED

        assert user["last_sign_in_at"] is None or user["added_at"] <= user["last_sign_in_at"]
        assert not (unconfirmed and (user["last_sign_in_at"] or user["password_hash"] or user["email_verified_at"]))
        assert unconfirmed or user["password_hash"] == hashed(demo.PASSWORD)
        assert user["status_reason"] != StatusReason.WAITING_FOR_SEAT or user["last_sign_in_at"] is None


async def test_every_count_is_right(world: World) -> None:
    await load(world)

    assert await doctor.find_wrong_values(world.parts.runtime) == []


async def test_invited_demo_users_have_a_valid_or_expired_link_and_no_queued_mail(world: World, ask: Ask) -> None:
    await load(world)
    token = (await signed_in(ask, "admin@northwind.test", None))["session"]["accessToken"]
    document = """
    { users(filter: {statusIn: [PROVISIONED]}, first: 100) {
      nodes { addedAt invitation { state delivery sentAt expiresAt } } totalCount
    } }
    """

    users = (await ask(document, token=token)).data["users"]

    shown = [node["invitation"] for node in users["nodes"]]
    states = Counter(invitation["state"] for invitation in shown)
    assert states.total() == users["totalCount"] == 30
    assert states["PENDING"] > states["EXPIRED"] > 3
    assert all(
        node["addedAt"] < node["invitation"]["sentAt"] < node["invitation"]["expiresAt"] for node in users["nodes"]
    )
    assert {row["state"] for row in await stored("outbox_mail")} == {"SENT"}
    links = world.parts.runtime.links
    for row in await stored("link_token"):
        assert token_hash(links.token(row["purpose"], row["id"], row["nonce"])) == row["token_hash"]


async def test_a_demo_user_who_is_invited_again_gets_a_valid_link(world: World, ask: Ask) -> None:
    await load(world)
    token = (await signed_in(ask, "admin@northwind.test", None))["session"]["accessToken"]
    find = "{ users(filter: {invitationStateIn: [EXPIRED]}, first: 1) { nodes { id } } }"
    again = """
    mutation ($id: ID!) { inviteUsers(input: {target: {users: {ids: [$id]}}}) { outcomes { user { invitation { state } } } } }
    """
    (node,) = (await ask(find, token=token)).data["users"]["nodes"]

    (outcome,) = (await ask(again, token=token, id=node["id"])).data["inviteUsers"]["outcomes"]

    assert outcome["user"]["invitation"]["state"] == "PENDING"


async def test_every_load_gives_the_same_people_the_same_ids(world: World, cast: list[dict[str, Any]]) -> None:
    tables = ("mssp", "staff_member", "technician_assignment", "portal", "license_package")
    first = {table: [row["id"] for row in await stored(table)] for table in tables}
    await Mssp.all().delete()

    await load(world)

    assert {table: [row["id"] for row in await stored(table)] for table in tables} == first
    assert [(user["id"], user["username"]) for user in await stored("portal_user")] == [
        (user["id"], user["username"]) for user in cast
    ]


async def test_a_database_that_holds_anything_is_left_alone(world: World) -> None:
    await world.mssp("An MSSP of one's own")

    with pytest.raises(Refusal) as refused:
        await load(world)

    assert refused.value.code is Code.INVALID_INPUT
    assert [row["name"] for row in await stored("mssp")] == ["An MSSP of one's own"]
    assert not await demo.is_loaded()


async def test_the_demo_is_known_when_it_is_there(world: World) -> None:
    before = (await demo.is_empty(), await demo.is_loaded())

    await load(world)

    assert (before, (await demo.is_empty(), await demo.is_loaded())) == ((True, False), (False, True))
