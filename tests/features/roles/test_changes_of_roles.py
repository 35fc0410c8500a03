"""changeRoles: users become admins of their portal, and admins become users."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.tables import AuditEvent
from rules.access import Role
from rules.lifecycle.licenses import UserKind
from rules.lifecycle.statuses import Status
from services.admin.doctor import find_wrong_values
from tests.features.invitations.accepting import invited
from tests.features.invitations.inviting import accept
from tests.features.selections.selecting import act, codes, errors, preview, previewed, these
from tests.support.databases.stored import everything
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import reason, reasons, sign_in, standing

ADMIN, USER = "PORTAL_ADMIN", "PORTAL_USER"
LIMIT = "ADMIN_LIMIT_REACHED"


async def roles(world: World, *people: Person) -> list[Role | None]:
    rows = [await world.row(person) for person in people]
    return [row and row.role for row in rows]


async def is_signed_in(ask: Ask, person: Person) -> bool:
    return bool((await ask("{ viewer { id } }", actor=person)).data["viewer"])


@pytest.mark.parametrize("who", ["mssp_admin", "technician", "portal_admin"])
async def test_managers_make_admins_and_take_the_role_away(world: World, ask: Ask, who: str) -> None:  # L7
    portal = await world.portal()
    actor = await (world.technician(portal) if who == "technician" else getattr(world, who)())
    people = await world.users(2, portal)

    given = await ask.act("changeRoles", actor, *people)
    both = await roles(world, *people)
    taken = await ask.act("changeRoles", actor, people[0], role=USER)

    assert (reasons(given), reasons(taken)) == ([None] * 2, [None])
    assert (both, await roles(world, *people)) == ([ADMIN, ADMIN], [USER, ADMIN])
    assert standing(given) == [("ACTIVE", "ACTIVE")] * 2
    assert not await find_wrong_values(world.parts.runtime)


async def test_the_features_follow_the_role_after_the_next_sign_in(world: World, ask: Ask) -> None:  # T12
    ann, bob = await world.portal_admin(), await world.user(password=PASSWORD)
    other_device = await world.token(bob)
    assert await is_signed_in(ask, bob)
    assert bob.portal

    await ask.act("changeRoles", ann, bob)
    ended = [not await is_signed_in(ask, bob), (await ask("{ viewer { id } }", token=other_device)).unauthenticated]
    session = (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug))["session"]
    users = (await ask("{ users { totalCount } }", token=session["accessToken"])).data["users"]
    await ask.act("changeRoles", ann, bob, role=USER)

    assert (ended, users) == ([True, True], {"totalCount": 2})
    assert (await ask("{ users { totalCount } }", token=session["accessToken"])).unauthenticated


async def test_a_user_who_has_the_role_keeps_the_sessions(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    assert await is_signed_in(ask, bob)

    payload = await ask.act("changeRoles", ann, bob, ann, role=USER)

    assert reasons(payload) == ["ALREADY_IN_STATE", "LAST_ADMIN"]
    assert await is_signed_in(ask, bob)


async def test_an_invitee_accepts_with_the_role_given_meanwhile(world: World, ask: Ask) -> None:
    ann, bob, token = await invited(world, ask)

    payload = await ask.act("changeRoles", ann, bob)

    assert standing(payload) == [("PROVISIONED", "PROVISIONED")]
    assert (await accept(ask, token))["session"]
    assert await roles(world, bob) == [ADMIN]
    assert not await find_wrong_values(world.parts.runtime)


async def test_an_admin_gives_up_the_own_role_if_another_is_enabled(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.portal_admin(status=Status.SUSPENDED)

    alone = await ask.act("changeRoles", ann, ann, role=USER)
    eve = await world.portal_admin()
    payload = await ask.act("changeRoles", ann, ann, role=USER)

    assert (reason(alone), reason(payload)) == ("LAST_ADMIN", None)
    assert not await is_signed_in(ask, ann)
    assert await roles(world, ann, bob, eve) == [USER, ADMIN, ADMIN]


async def test_the_last_enabled_admin_loses_the_role_by_staff_only(world: World, ask: Ask) -> None:
    ann, bob, nora = await world.portal_admin(), await world.portal_admin(), await world.mssp_admin()

    by_ann = await ask.act("changeRoles", ann, bob, ann, role=USER)
    by_nora = await ask.act("changeRoles", nora, ann, role=USER)

    assert (reasons(by_ann), reasons(by_nora)) == ([None, "LAST_ADMIN"], [None])
    assert await roles(world, ann, bob) == [USER, USER]


async def test_admins_are_made_up_to_the_limit_in_the_selection_s_order(world: World, ask: Ask) -> None:  # L2, L7
    portal = await world.portal("acme", max_admins=2)
    ann, people = await world.portal_admin(portal), await world.users(3, portal)
    former = await world.user(portal, status=Status.DEACTIVATED)
    document = """
    mutation ($input: ChangeRolesInput!) {
      changeRoles(input: $input) { outcomes { reason { code message params { name value } } } }
    }
    """

    reply = await ask(document, actor=ann, input={"users": these(*people, former), "role": ADMIN})

    why = [outcome["reason"] for outcome in reply.data["changeRoles"]["outcomes"]]
    assert [each and each["code"] for each in why] == [None, LIMIT, LIMIT, None]
    assert {"name": "maximum", "value": "2"} in why[1]["params"]
    assert "(maxAdmins: 2)" in why[1]["message"]
    assert reason(await ask.act("activateUsers", ann, former)) == LIMIT
    assert not await find_wrong_values(world.parts.runtime)


async def test_of_parallel_changes_one_takes_the_last_place(world: World, ask: Ask) -> None:  # L2
    portal, nora = await world.portal(max_admins=1), await world.mssp_admin()
    people = await world.users(4, portal)
    await ask("{ viewer { id } }", actor=nora)

    payloads = await asyncio.gather(*(ask.act("changeRoles", nora, each) for each in people))

    assert sorted(map(str, map(reason, payloads))) == [*[LIMIT] * 3, "None"]
    assert (await roles(world, *people)).count(Role.PORTAL_ADMIN) == 1
    assert not await find_wrong_values(world.parts.runtime)


async def test_of_two_admins_who_demote_each_other_one_stays(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.portal_admin()
    for each in (ann, bob):
        await ask("{ viewer { id } }", actor=each)
    document = """
    mutation ($input: ChangeRolesInput!) { changeRoles(input: $input) { outcomes { status } } }
    """

    replies = await asyncio.gather(
        *(
            ask(document, actor=actor, input={"users": these(target), "role": USER})
            for actor, target in ((ann, bob), (bob, ann))
        )
    )

    assert sorted(reply.codes for reply in replies) == [[], ["UNAUTHENTICATED"]]
    assert sorted(map(str, await roles(world, ann, bob))) == [ADMIN, USER]


async def test_the_change_is_logged_with_both_roles(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()

    payload = await ask.act("changeRoles", ann, bob, reason="new team lead", ticket="INC-1")

    (event,) = await AuditEvent.filter(user_id=bob.id)
    assert (event.event, event.actor_id) == ("user.role_changed", ann.id)
    assert event.changes == [{"field": "role", "before": USER, "after": ADMIN}]
    assert (event.reason, event.ticket) == ("new team lead", "INC-1")
    document = "query ($id: ID!) { node(id: $id) { ... on BulkOperation { action role } } }"
    node = (await ask(document, actor=ann, id=payload["operation"]["id"])).data["node"]
    assert node == {"action": "CHANGE_ROLE", "role": ADMIN}


async def test_a_dry_run_changes_nothing_and_its_preview_gives_the_same_role_only(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    await ask("{ viewer { id } }", actor=ann)
    dry = await preview(ask, "changeRoles", ann, these(bob))
    before = await everything()

    other = await act(ask, "changeRoles", ann, previewed(dry), role=USER)
    unchanged = await everything()
    run = await act(ask, "changeRoles", ann, previewed(dry), onlyIfUnchanged=True)

    assert errors(other) == [("INVALID_INPUT", ["input", "role"])]
    assert unchanged == before
    assert (codes(run), reasons(run)) == ([], [None])
    assert await roles(world, bob) == [ADMIN]


async def test_a_repeated_key_replays_one_role_and_refuses_another(world: World, ask: Ask) -> None:
    ann, bob = await world.portal_admin(), await world.user()
    once: dict[str, Any] = {"idempotencyKey": "a click"}

    first = await ask.act("changeRoles", ann, bob, **once)
    again = await ask.act("changeRoles", ann, bob, **once)
    other = await ask.act("changeRoles", ann, bob, role=USER, **once)

    assert (first["replayed"], again["replayed"], reason(again)) == (False, True, None)
    assert codes(other) == ["IDEMPOTENCY_KEY_REUSED"]
    assert await AuditEvent.filter(user_id=bob.id).count() == 1


async def test_a_portal_user_makes_no_admin_not_even_of_the_own_account(world: World, ask: Ask) -> None:  # T12
    bob = await world.user(kind=UserKind.INTERNAL)

    payload = await ask.act("changeRoles", bob, bob)

    assert codes(payload) == ["NOT_ALLOWED"]
    assert await roles(world, bob) == [USER]


async def test_an_account_that_lost_the_right_to_call_gets_no_stored_answer(world: World, ask: Ask) -> None:
    ann, _ = await world.portal_admin(), await world.portal_admin()
    first = await act(ask, "changeRoles", ann, these(ann), idempotencyKey="k", role=USER)

    again = await act(ask, "changeRoles", ann, these(ann), token=await world.token(ann), idempotencyKey="k", role=USER)

    assert (reasons(first), codes(again)) == ([None], ["NOT_ALLOWED"])
