"""The creation of portals with their first admin, and changes of portals."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import LinkToken, OutboxMail, Portal, PortalUser
from resolvers.core.global_ids import global_id
from rules.policies.presets import PolicyPreset, policy_of
from services.admin.doctor import find_wrong_values
from tests.features.administration.administering import administer, codes, events_of, params
from tests.features.invitations.inviting import ACCEPT, PASSWORD, invitation_token
from tests.support.databases.stored import everything
from tests.support.world import Ask, Person, World

SHOWN = "portal { id slug name isActive inProduction startPageUrl supportContact tags policy { seatMode maxAdmins } }"
ACME = {"slug": "acme", "name": "Acme", "firstAdmin": {"email": "ann@acme.test", "firstName": "Ann"}}


async def create(ask: Ask, actor: Person, **given: Any) -> Any:
    return await administer(ask, actor, "createPortal", SHOWN, **{**ACME, **given})


async def change(ask: Ask, actor: Person, portal: Portal, **given: Any) -> Any:
    return await administer(ask, actor, "updatePortal", SHOWN, id=global_id("Portal", portal.id), **given)


async def first_admin() -> Person:
    ann = await PortalUser.get(email="ann@acme.test")
    return Person(ann.id, "PortalUser", ann.username)


async def test_a_portal_is_created_with_the_values_given(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()

    given = {
        "startPageUrl": "https://acme.test/start?a=1#top",
        "supportContact": "Ida, extension 7",
        "tags": ["Gold", "north"],
    }

    payload = await create(ask, nora, slug=" Acme-1 ", name="Acme ", preset="MSSP_PORTAL", **given)

    assert payload["errors"] == []
    assert payload["portal"] == {
        **given,
        "id": payload["portal"]["id"],
        "slug": "acme-1",
        "name": "Acme",
        "isActive": True,
        "inProduction": False,
        "policy": {"seatMode": "UNLIMITED", "maxAdmins": 1},
    }


@pytest.mark.parametrize("preset", PolicyPreset)
async def test_the_preset_is_the_whole_policy_of_a_new_portal(world: World, ask: Ask, preset: PolicyPreset) -> None:
    nora = await world.mssp_admin()

    payload = await create(ask, nora, preset=preset.value)

    stored = await Portal.get(slug="acme")
    assert codes(payload) == []
    assert {name: getattr(stored, name) for name in policy_of(preset)} == policy_of(preset)


async def test_the_first_admin_is_invited_at_once_is_internal_and_holds_no_seat(world: World, ask: Ask) -> None:  # W1
    nora = await world.mssp_admin()

    await create(ask, nora, preset="LICENSED_PORTAL")

    ann = await PortalUser.get(email="ann@acme.test")
    assert (ann.role, ann.kind, ann.status, ann.holds_seat) == ("PORTAL_ADMIN", "INTERNAL", "PROVISIONED", False)
    assert [(mail.kind, mail.recipient) for mail in await OutboxMail.all()] == [("INVITATION", "ann@acme.test")]
    reply = await ask(ACCEPT, input={"token": await invitation_token(world, await first_admin()), "password": PASSWORD})
    assert reply.data["acceptInvitation"]["session"]["viewer"]["name"] == "Ann"
    assert await find_wrong_values(world.parts.runtime) == []


async def test_names_that_the_policy_requires_are_asked_for_at_the_acceptance(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()

    payload = await create(ask, nora, firstAdmin={"email": "ann@acme.test"})
    preview = "query ($link: String!) { invitationPreview(token: $link) { missingFields } }"
    reply = await ask(preview, link=await invitation_token(world, await first_admin()))

    assert codes(payload) == []
    assert reply.data["invitationPreview"]["missingFields"] == ["FIRST_NAME"]


async def test_all_faults_of_a_portal_come_back_at_once_and_nothing_is_stored(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    await ask("{ viewer { id } }", actor=nora)
    before = await everything()

    payload = await create(
        ask,
        nora,
        slug="a b",
        name=" ",
        startPageUrl="javascript:alert(1)",
        supportContact="a\nb",
        tags=["gold", " "],
        firstAdmin={"email": "ann", "firstName": "a\nb", "lastName": "x" * 101},
    )

    assert codes(payload) == [
        ("INVALID_INPUT", ["input", "slug"]),
        ("INVALID_INPUT", ["input", "name"]),
        ("INVALID_INPUT", ["input", "startPageUrl"]),
        ("INVALID_INPUT", ["input", "supportContact"]),
        ("INVALID_INPUT", ["input", "tags", "1"]),
        ("INVALID_INPUT", ["input", "firstAdmin", "firstName"]),
        ("INVALID_INPUT", ["input", "firstAdmin", "lastName"]),
        ("INVALID_EMAIL", ["input", "firstAdmin", "email"]),
    ]
    assert await everything() == before


@pytest.mark.parametrize(
    "url",
    [
        "/start",
        "acme.test",
        "//acme.test",
        "ftp://acme.test",
        "https://",
        "https://ann:pw@acme.test",
        "https://acme.test/a b",
        'https://acme.test/"',
        "https://acme.test\\@evil.test",
        "https://[::1",
        f"https://acme.test/{'a' * 2000}",
    ],
)
async def test_a_start_page_is_the_full_address_of_a_web_page(world: World, ask: Ask, url: str) -> None:
    nora = await world.mssp_admin()

    payload = await create(ask, nora, startPageUrl=url)

    assert codes(payload) == [("INVALID_INPUT", ["input", "startPageUrl"])]


async def test_a_slug_belongs_to_one_portal_of_all_mssps(world: World, ask: Ask) -> None:
    nora, eve = await world.mssp_admin(), await world.mssp_admin(await world.mssp())

    first = await create(ask, nora)
    second = await create(ask, eve, slug="ACME")

    assert (codes(first), codes(second)) == ([], [("INVALID_INPUT", ["input", "slug"])])
    assert params(second) == {"problem": "SLUG_TAKEN", "slug": "acme"}
    assert await PortalUser.all().count() == 1


async def test_an_mssp_has_a_bounded_number_of_portals(world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.administration.portals.MOST_PORTALS", 2)
    nora = await world.mssp_admin()

    payloads = [await create(ask, nora, slug=slug) for slug in ("a", "b", "c")]

    assert [codes(payload) for payload in payloads] == [[], [], [("INVALID_INPUT", None)]]


async def test_only_what_is_given_changes_and_null_empties(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    await create(ask, nora, startPageUrl="https://acme.test", supportContact="Ida", tags=["gold"])
    portal = await Portal.get(slug="acme")

    renamed = await change(ask, nora, portal, name="Zebra", inProduction=True)
    emptied = await change(ask, nora, portal, startPageUrl=None, supportContact="", tags=None)
    listed = await ask('{ portals(search: "zebra") { nodes { slug } } }', actor=nora)

    kept = {"startPageUrl": "https://acme.test", "supportContact": "Ida", "tags": ["gold"]}
    assert {name: renamed["portal"][name] for name in kept} == kept
    assert (renamed["portal"]["name"], renamed["portal"]["inProduction"]) == ("Zebra", True)
    assert {name: emptied["portal"][name] for name in kept} == {
        "startPageUrl": None,
        "supportContact": None,
        "tags": [],
    }
    assert listed.data["portals"]["nodes"] == [{"slug": "acme"}]


async def test_what_a_portal_must_have_is_not_emptied(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()

    payload = await change(ask, nora, portal, name=None, isActive=None, inProduction=None)

    assert codes(payload) == [("INVALID_INPUT", ["input", name]) for name in ("name", "isActive", "inProduction")]


async def test_an_inactive_portal_refuses_its_users_until_it_is_active_again(world: World, ask: Ask) -> None:
    portal, nora = await world.portal(), await world.mssp_admin()
    bob = await world.user(portal)
    await ask("{ viewer { id } }", actor=bob)

    await change(ask, nora, portal, isActive=False)
    refused = await ask("{ viewer { id } }", actor=bob)
    await change(ask, nora, portal, isActive=True)

    assert refused.unauthenticated
    assert (await ask("{ viewer { id } }", actor=bob)).data["viewer"] == {"id": bob.gid}


@pytest.mark.parametrize("role", ["technician", "portal_admin", "user"])
async def test_others_than_mssp_admins_write_no_portal(world: World, ask: Ask, role: str) -> None:  # T12
    portal = await world.portal()
    actor = await (world.technician(portal) if role == "technician" else getattr(world, role)(portal))
    await ask("{ viewer { id } }", actor=actor)
    before = await everything()

    payloads = [await create(ask, actor), await change(ask, actor, portal, name="Other")]

    assert [codes(payload) for payload in payloads] == [[("NOT_ALLOWED", None)]] * 2
    assert await everything() == before


async def test_each_change_of_a_portal_is_an_event_without_names_of_persons(world: World, ask: Ask) -> None:
    nora = await world.mssp_admin()
    given = {"tags": ["gold"], "preset": "MSSP_PORTAL", "supportContact": "Ida", "startPageUrl": "https://acme.test/"}
    created = (await create(ask, nora, **given))["portal"]["id"]
    portal = await Portal.get(slug="acme")

    await change(ask, nora, portal, isActive=False, supportContact="Eve", tags=["gold", "north"], name="Acme")
    await change(ask, nora, portal, isActive=False)

    events = dict(await events_of(ask, nora))
    assert list(events) == ["PORTAL_CREATED", "USER_ADDED", "USER_INVITED", "PORTAL_UPDATED"]
    assert events["PORTAL_CREATED"] == {
        "portal": (None, created),
        "slug": (None, "acme"),
        "name": (None, "Acme"),
        "startPageUrl": (None, "https://acme.test/"),
        "supportContact": (None, None),
        "preset": (None, "MSSP_PORTAL"),
        "tags": (None, "gold"),
    }
    assert events["PORTAL_UPDATED"] == {
        "portal": (created, created),
        "isActive": ("true", "false"),
        "supportContact": (None, None),
        "tags": ("gold", "gold, north"),
    }
    assert len(await events_of(ask, nora)) == 4
    assert await LinkToken.all().count() == 1
