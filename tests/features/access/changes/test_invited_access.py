"""inviteUsers with access: what the invited users may reach is set before the invitation is sent."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import AuditEvent, OutboxMail, PortalUser, UserGrant
from rules.grants.kinds import GrantableKind
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.access.changes.changing import NOTHING, access_to, held, logged, one_of_each
from tests.features.invitations.inviting import accept, ada, invitation_token, invite, invite_new, new_person
from tests.features.listing.counting_statements import statements
from tests.features.selections.selecting import errors
from tests.support.databases.stored import OF_A_DRY_RUN, everything
from tests.support.granting import entry, grant
from tests.support.world import Ask, World
from tests.support.world.answers import reason, reasons

Kind = GrantableKind


@pytest.mark.parametrize("delivery", ["EMAIL", "LINK", "NONE"])
async def test_new_users_begin_with_the_access_of_the_invitation(world: World, ask: Ask, delivery: str) -> None:  # W4
    portal = await world.portal()
    ann, entries = await world.portal_admin(portal), await one_of_each(world, portal)
    access = access_to(*entries, level="WRITE", allSubAccounts=True)

    payload = await invite_new(ask, ann, portal, ada(), ada(email="bo@new.test"), delivery=delivery, access=access)

    people = [new_person(payload, index) for index in range(2)]
    expected = {
        "portal": True,
        "all": True,
        "MODULE": ["MODULE 1 WRITE"],
        **{kind.value: [f"{kind.value} 1"] for kind in Kind if kind is not Kind.MODULE},
    }
    assert reasons(payload) == [None, None]
    assert [await held(world, person) for person in people] == [expected] * 2
    assert len(await logged(people[0])) == 1
    assert not await find_wrong_values(world.parts.runtime)


async def test_without_access_a_new_user_reaches_the_pages_of_the_portal_only(world: World, ask: Ask) -> None:  # E17
    portal = await world.portal()
    ann = await world.portal_admin(portal)

    payload = await invite_new(ask, ann, portal, ada())

    assert await held(world, new_person(payload)) == NOTHING
    assert await logged(new_person(payload)) == []


async def test_the_access_is_that_of_the_user_who_has_accepted(world: World, ask: Ask) -> None:  # W4
    portal = await world.portal()
    ann, crew = await world.portal_admin(portal), await entry(world, portal, Kind.GROUP, "Crew")
    bob = new_person(await invite_new(ask, ann, portal, ada(), access=access_to(crew)))

    payload = await accept(ask, await invitation_token(world, bob))

    assert payload["session"]
    assert await held(world, bob) == {**NOTHING, "GROUP": ["Crew"]}


@pytest.mark.parametrize("status", [Status.STAGED, Status.PROVISIONED])
async def test_users_who_were_added_before_get_the_access_too(world: World, ask: Ask, status: Status) -> None:  # W4
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(status=status)
    old, new = [await entry(world, portal, Kind.GROUP, name) for name in ("Old", "New")]
    await grant(world, bob, old)

    payload = await invite(ask, ann, bob, access=access_to(new))

    assert reason(payload) is None
    assert await held(world, bob) == {**NOTHING, "GROUP": ["New"]}
    assert await logged(bob) == [{"groups": ("Old", "New")}]


async def test_an_invitee_who_is_a_user_already_gets_the_access_of_the_call(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, crew = await world.portal_admin(portal), await entry(world, portal, Kind.GROUP, "Crew")
    bob = await world.user(email="bob@new.test", status=Status.STAGED)
    eve = await world.user(email="eve@new.test")

    payload = await invite_new(
        ask, ann, portal, ada(email="bob@new.test"), ada(email="eve@new.test"), access=access_to(crew)
    )

    assert reasons(payload) == [None, "ALREADY_MEMBER"]
    assert [await held(world, each) for each in (bob, eve)] == [{**NOTHING, "GROUP": ["Crew"]}, NOTHING]


async def test_only_invited_admins_get_admin_only_modules(world: World, ask: Ask) -> None:  # W4, W6
    portal = await world.portal()
    ann, pricing = await world.portal_admin(portal), await entry(world, portal, Kind.MODULE, "Pricing", admin_only=True)
    invitees = [ada(role="PORTAL_ADMIN"), ada(email="bo@new.test")]

    payload = await invite_new(ask, ann, portal, *invitees, access=access_to(pricing))

    assert reasons(payload) == [None, "ADMIN_ONLY_MODULE"]
    assert payload["outcomes"][1]["userId"] is None
    assert await held(world, new_person(payload)) == {**NOTHING, "MODULE": ["Pricing READ"]}
    assert not await PortalUser.filter(email="bo@new.test").exists()


@pytest.mark.parametrize("in_production", [False, True])
async def test_internal_invitees_get_no_app_role_in_production(  # K5
    world: World, ask: Ask, in_production: bool
) -> None:
    portal, nora = await world.portal(in_production=in_production), await world.mssp_admin()
    editor = await entry(world, portal, Kind.APP_ROLE, app="CRM")
    invitees = [ada(kind="INTERNAL"), ada(email="bo@new.test")]

    payload = await invite_new(ask, nora, portal, *invitees, access=access_to(editor))

    assert reasons(payload) == ["INTERNAL_USER_NOT_ALLOWED" if in_production else None, None]


async def test_a_user_who_gets_no_seat_gets_no_access(world: World, ask: Ask) -> None:
    portal = await world.portal(seats=1, seat_mode="ON_INVITE")
    ann, crew = await world.portal_admin(portal), await entry(world, portal, Kind.GROUP)
    first, second = await world.users(2, status=Status.STAGED)

    payload = await invite(ask, ann, first, second, access=access_to(crew))

    assert reasons(payload) == [None, "NO_SEAT_AVAILABLE"]
    assert await held(world, second) == NOTHING


async def test_unknown_and_foreign_entries_refuse_the_whole_call(world: World, ask: Ask) -> None:
    portal, foreign = await world.portal(), await world.portal(mssp=await world.mssp())
    ann, theirs = await world.portal_admin(portal), await entry(world, foreign, Kind.WORKSPACE)

    payload = await invite_new(ask, ann, portal, ada(), access={"workspaceIds": [theirs.gid], "groupIds": ["x"] * 101})
    unknown = await invite_new(ask, ann, portal, ada(), access={"workspaceIds": [theirs.gid, "no id"]})

    assert errors(payload) == [("INVALID_INPUT", ["input", "access", "groupIds"])]
    assert errors(unknown) == [("NOT_FOUND", ["input", "access", "workspaceIds", place]) for place in ("0", "1")]
    assert not await OutboxMail.all().exists()


async def test_a_dry_run_decides_about_the_access_and_writes_nothing(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, pricing = await world.portal_admin(portal), await entry(world, portal, Kind.MODULE, admin_only=True)
    await ask("{ viewer { id } }", actor=ann)
    before = await everything(OF_A_DRY_RUN)

    invitees = [ada(role="PORTAL_ADMIN"), ada(email="bo@new.test")]
    dry = await invite_new(ask, ann, portal, *invitees, access=access_to(pricing), options={"dryRun": True})

    assert reasons(dry) == [None, "ADMIN_ONLY_MODULE"]
    assert await everything(OF_A_DRY_RUN) == before


async def test_a_repeated_key_with_another_access_is_refused(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann = await world.portal_admin(portal)
    once: dict[str, Any] = {"options": {"idempotencyKey": "a click"}}
    await invite_new(ask, ann, portal, ada(), access={"allSubAccounts": True}, **once)

    again = await invite_new(ask, ann, portal, ada(), access={"allSubAccounts": True}, **once)
    other = await invite_new(ask, ann, portal, ada(), access={"allSubAccounts": False}, **once)

    assert (again["replayed"], errors(other)) == (
        True,
        [("IDEMPOTENCY_KEY_REUSED", ["input", "options", "idempotencyKey"])],
    )


async def test_the_events_of_an_invitation_with_access_are_of_one_operation(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, crew = await world.portal_admin(portal), await entry(world, portal, Kind.GROUP, "Crew")

    payload = await invite_new(ask, ann, portal, ada(), access=access_to(crew), options={"reason": "new team"})

    events = await AuditEvent.filter(user_id=new_person(payload).id).order_by("id")
    assert [event.event for event in events] == ["user.added", "user.invited", "user.access_changed"]
    assert {(event.operation_id, event.reason) for event in events} == {(events[0].operation_id, "new team")}
    assert await logged(new_person(payload)) == [{"groups": (None, "Crew")}]


async def test_an_invitation_of_one_and_of_many_takes_the_same_statements(world: World, ask: Ask) -> None:
    portal = await world.portal()
    ann, entries = await world.portal_admin(portal), await one_of_each(world, portal, number=2)
    await ask("{ viewer { id } }", actor=ann)
    people = [ada(email=f"ada.{n}@new.test") for n in range(301)]

    counts = []
    for invitees in (people[:1], people[1:]):
        with statements() as sent:
            payload = await invite_new(ask, ann, portal, *invitees, access=access_to(*entries))
        assert set(reasons(payload)) == {None}
        counts.append(len(sent))

    assert counts[0] == counts[1]
    assert await UserGrant.all().count() == 301 * len(entries)
