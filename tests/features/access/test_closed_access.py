"""A user whose access to the portal is closed (E19)."""

from __future__ import annotations

from models.tables import LinkToken, PortalUser
from rules.lifecycle.statuses import Status
from tests.features.invitations import inviting
from tests.features.invitations.accepting import invited
from tests.features.sessions.refreshing import WHO, refreshed, signed_in
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import barred, sign_in

BLOCKERS = "query ($id: ID!) { user(id: $id) { signInBlockers { code message since until suggestedAction } } }"


async def set_access(person: Person, *, is_open: bool) -> None:
    await PortalUser.filter(id=person.id).update(portal_access=is_open)


async def test_a_sign_in_is_refused_and_says_why_once_the_password_is_right(world: World, ask: Ask) -> None:  # E19
    portal = await world.portal("acme")
    bob = await world.user(portal, password=PASSWORD)
    await set_access(bob, is_open=False)

    wrong = await sign_in(ask, bob.login, "not the password at all", "acme")
    right = await sign_in(ask, bob.login, PASSWORD, "acme")

    assert ([error["code"] for error in wrong["errors"]], wrong["blockers"]) == (["INVALID_CREDENTIALS"], [])
    assert right == barred("PORTAL_ACCESS_CLOSED")
    await set_access(bob, is_open=True)
    assert (await sign_in(ask, bob.login, PASSWORD, "acme"))["session"]


async def test_a_session_is_refused_at_the_next_request_and_at_the_next_refresh(  # E19
    world: World, ask: Ask
) -> None:
    bob = await world.user(password=PASSWORD)
    session = await signed_in(ask, bob)
    assert (await ask(WHO, token=session["accessToken"])).data["viewer"]

    await set_access(bob, is_open=False)

    assert (await ask(WHO, token=session["accessToken"])).unauthenticated
    assert await refreshed(ask, session["refreshToken"]) == ["INVALID_TOKEN"]


async def test_the_user_keeps_status_and_seat(world: World, ask: Ask) -> None:  # E19
    portal = await world.portal(seats=1)
    ann, bob = await world.portal_admin(portal), await world.user(portal)
    await set_access(bob, is_open=False)

    user = (await ask("query ($id: ID!) { user(id: $id) { status holdsSeat } }", actor=ann, id=bob.gid)).data["user"]

    assert user == {"status": Status.ACTIVE, "holdsSeat": True}


async def test_an_admin_reads_what_blocks_the_user_and_what_removes_it(world: World, ask: Ask) -> None:  # E19
    portal = await world.portal()
    ann, bob = await world.portal_admin(portal), await world.user(portal, status=Status.SUSPENDED)
    await set_access(bob, is_open=False)

    found = (await ask(BLOCKERS, actor=ann, id=bob.gid)).data["user"]["signInBlockers"]

    assert [blocker["code"] for blocker in found] == ["SUSPENDED", "PORTAL_ACCESS_CLOSED"]
    assert found[1] == {
        "code": "PORTAL_ACCESS_CLOSED",
        "message": "An admin has closed the account's access to the portal.",
        "since": None,
        "until": None,
        "suggestedAction": "CHANGE_ACCESS",
    }


async def test_an_acceptance_stands_and_opens_no_session(world: World, ask: Ask) -> None:  # E19
    _, ada, token = await invited(world, ask)
    await set_access(ada, is_open=False)

    payload = await inviting.accept(ask, token)

    assert (payload["session"], payload["errors"]) == (None, [])
    assert [blocker["code"] for blocker in payload["blockers"]] == ["PORTAL_ACCESS_CLOSED"]
    assert await world.status(ada) == Status.ACTIVE


async def test_a_step_of_a_sign_in_that_began_before_leads_to_no_session(world: World, ask: Ask) -> None:  # E19
    portal = await world.portal("acme", password_max_age_days=1)
    bob = await world.user(portal, password=PASSWORD, status=Status.AWAITING_NEW_PASSWORD)
    begun = await sign_in(ask, bob.login, PASSWORD, "acme")
    await set_access(bob, is_open=False)
    complete = (
        "mutation ($input: CompletePasswordChangeInput!) { completePasswordChange(input: $input)"
        " { session { expiresIn } blockers { code } errors { code } } }"
    )

    blocked = ("NEW_PASSWORD_REQUIRED", "PORTAL_ACCESS_CLOSED")
    given = {"token": begun["passwordChange"]["token"], "password": "a quite different password"}
    payload = (await ask(complete, input=given)).data["completePasswordChange"]

    assert payload == {"session": None, "blockers": [{"code": code} for code in blocked], "errors": []}
    assert await LinkToken.filter(user_id=bob.id).count() == 1
