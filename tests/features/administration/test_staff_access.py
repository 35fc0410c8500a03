"""An MSSP admin ends the sessions, and resets the passwords and second factors, of staff."""

from __future__ import annotations

from typing import Any

import pytest

from models.auth import second_factors
from models.tables import OutboxMail, SecondFactor, StaffMember
from tests.features.administration.changing_staff import VIEWER, codes
from tests.support.world import PASSWORD, Ask, Person, World
from tests.support.world.answers import sign_in

SESSIONS = "query ($id: ID!) { node(id: $id) { ... on StaffMember { sessions { id } } } }"


def mutation(name: str, result: str = "staff { id mfaEnrolled }") -> str:
    kind = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {result} errors {{ code path }} }} }}"


async def call(ask: Ask, actor: Person, name: str, **input: Any) -> Any:
    return (await ask(mutation(name), actor=actor, input=input)).data[name]


async def require(ask: Ask, actor: Person, *, required: bool) -> Any:
    result = "mssp { policy { staffMfaRequired } }"
    reply = await ask(mutation("updateMsspPolicy", result), actor=actor, input={"staffMfaRequired": required})
    return reply.data["updateMsspPolicy"]


async def with_factor(world: World, person: Person) -> None:
    await SecondFactor.create(
        id=world.parts.runtime.new_id(),
        staff_id=person.id,
        sealed_secret="",
        created_at=world.clock.now(),
        confirmed_at=world.clock.now(),
    )
    await StaffMember.filter(id=person.id).update(mfa_enrolled=True)


async def test_an_mssp_admin_lists_and_ends_the_sessions_of_staff(world: World, ask: Ask) -> None:
    nora, tim, eve = await world.mssp_admin(), await world.technician(), await world.mssp_admin(await world.mssp())
    await ask(VIEWER, actor=tim)
    other = await world.token(tim)

    listed = (await ask(SESSIONS, actor=nora, id=tim.gid)).data["node"]["sessions"]
    foreign = [await call(ask, eve, "revokeStaffSessions", id=tim.gid, sessionId=listed[0]["id"])]
    ended = await call(ask, nora, "revokeStaffSessions", id=tim.gid, sessionId=listed[0]["id"])
    again = await call(ask, nora, "revokeStaffSessions", id=tim.gid, sessionId=listed[0]["id"])
    left = (await ask(SESSIONS, actor=nora, id=tim.gid)).data["node"]["sessions"]
    everywhere = await call(ask, nora, "revokeStaffSessions", id=tim.gid)

    assert len(listed) == 2
    assert codes(foreign[0]) == codes(again) == ["NOT_FOUND"]
    assert codes(ended) == codes(everywhere) == []
    assert len(left) == 1
    assert (await ask(VIEWER, actor=tim)).unauthenticated
    assert (await ask(VIEWER, token=other)).unauthenticated


async def test_a_technician_does_not_see_the_sessions_of_other_staff(world: World, ask: Ask) -> None:
    nora, tim = await world.mssp_admin(), await world.technician()
    await ask(VIEWER, actor=nora)

    own = (await ask("{ viewer { sessions { id } } }", actor=tim)).data["viewer"]["sessions"]
    others = (await ask(SESSIONS, actor=tim, id=nora.gid)).data["node"]

    assert len(own) == 1
    assert others is None


async def test_a_reset_password_is_not_accepted_and_a_link_is_mailed(world: World, ask: Ask) -> None:  # K18
    nora, tim = await world.mssp_admin(), await world.technician(password=PASSWORD)
    await ask(VIEWER, actor=tim)

    payload = await call(ask, nora, "resetStaffPassword", id=tim.gid)
    by_old = await sign_in(ask, tim.login, PASSWORD)

    assert codes(payload) == []
    assert codes(by_old) == ["INVALID_CREDENTIALS"]
    assert (await ask(VIEWER, actor=tim)).unauthenticated
    assert [(str(mail.kind), mail.recipient) for mail in await OutboxMail.all()] == [("PASSWORD_RESET", tim.login)]


async def test_a_reset_second_factor_is_gone_and_the_sessions_end(world: World, ask: Ask) -> None:
    nora, tim = await world.mssp_admin(), await world.technician()
    await with_factor(world, tim)
    await ask(VIEWER, actor=tim)

    payload = await call(ask, nora, "resetStaffMfa", id=tim.gid)
    again = await call(ask, nora, "resetStaffMfa", id=tim.gid)

    assert payload["staff"] == {"id": tim.gid, "mfaEnrolled": False}
    assert codes(again) == ["NOT_ALLOWED"]
    assert await second_factors.of_account(tim.key) is None
    assert (await ask(VIEWER, actor=tim)).unauthenticated


@pytest.mark.parametrize("name", ["resetStaffPassword", "resetStaffMfa"])
async def test_an_admin_does_not_reset_the_own_account_here(world: World, ask: Ask, name: str) -> None:
    nora = await world.mssp_admin()

    assert codes(await call(ask, nora, name, id=nora.gid)) == ["NOT_ALLOWED"]
    assert (await ask(VIEWER, actor=nora)).data["viewer"]


async def test_staff_without_a_required_second_factor_can_only_set_one_up(world: World, ask: Ask) -> None:
    portal = await world.portal()
    nora, tim = await world.mssp_admin(), await world.technician(portal)
    refused = await require(ask, nora, required=True)
    await with_factor(world, nora)

    required = await require(ask, nora, required=True)
    portals = await ask("{ portals { totalCount } }", actor=tim)
    viewer = await ask(
        "{ viewer { mustEnrollMfa ... on StaffMember { mssp { policy { staffMfaRequired } } } } }", actor=tim
    )
    below = await ask("{ viewer { ... on StaffMember { portals { totalCount } } } }", actor=tim)
    taken_back = await require(ask, nora, required=False)

    assert codes(refused) == ["NOT_ALLOWED"]
    assert required["mssp"]["policy"]["staffMfaRequired"] is True
    assert (portals.codes, below.data["viewer"]["portals"]["totalCount"]) == (["FORBIDDEN"], 0)
    assert viewer.data["viewer"] == {"mustEnrollMfa": True, "mssp": {"policy": {"staffMfaRequired": True}}}
    assert taken_back["mssp"]["policy"]["staffMfaRequired"] is False
    assert (await ask("{ portals { totalCount } }", actor=tim)).data["portals"]["totalCount"] == 1
