"""The tasks that owners of accounts do themselves, such as setting up a second factor or accepting an invitation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tests.bench.rows_read.multitude import Side
from tests.features.invitations import inviting
from tests.features.mfa.enrolling import challenged, enrolled
from tests.features.mfa.enrolling import code as shown_code
from tests.features.mfa.test_challenges import answered
from tests.features.mfa.test_second_factors import DISABLE
from tests.support.world import PASSWORD, Ask, World

Tasks = list[tuple[str, Callable[[], Awaitable[Any]]]]


def account_tasks(world: World, ask: Ask, side: Side) -> Tasks:
    """Return the tasks of account owners at the given provider, in the order to run them. A failure ends the run."""
    return [
        ("second factor of a user", partial(_second_factor, world, ask, side, is_staff=False)),
        ("second factor of staff", partial(_second_factor, world, ask, side, is_staff=True)),
        ("recovery code", partial(_recovers, world, ask, side)),
        ("acceptInvitation", partial(_accepts, world, ask, side)),
        ("registration", partial(_check_may_register, world, ask, side)),
        ("requestNewInvitation", partial(_asks_anew, world, ask, side)),
    ]


async def _second_factor(world: World, ask: Ask, side: Side, *, is_staff: bool) -> None:
    person = side.technician if is_staff else side.portal_admin
    enrollment = await enrolled(world, ask, person)
    token = await challenged(ask, person)
    assert await answered(ask, token, code=shown_code(world, enrollment["secret"])) == "in"
    await _take_away(ask, person)


async def _recovers(world: World, ask: Ask, side: Side) -> None:
    enrollment = await enrolled(world, ask, side.portal_admin)
    token = await challenged(ask, side.portal_admin)
    assert await answered(ask, token, recoveryCode=enrollment["recoveryCodes"][0]) == "in"
    await _take_away(ask, side.portal_admin)


async def _take_away(ask: Ask, person: Any) -> None:
    reply = await ask(DISABLE, actor=person, p=PASSWORD)
    assert reply.data["disableMfa"]["errors"] == []
    await ask.world.parts.runtime.transactions.wait_until_idle()


async def _accepts(world: World, ask: Ask, side: Side) -> None:
    payload = await inviting.invite_new(ask, side.admin, side.portals[0], inviting.ada(email="accepts@new.test"))
    token = await inviting.invitation_token(world, inviting.new_person(payload))
    assert (await inviting.preview(ask, token))["state"] == "PENDING"
    assert (await inviting.accept(ask, token))["session"]


async def _check_may_register(world: World, ask: Ask, side: Side) -> None:
    payload = await inviting.invite_new(ask, side.admin, side.portals[0], inviting.ada(), delivery="LINK")
    (token,) = inviting.links_of(payload)
    assert (await inviting.start(ask, token))["errors"] == []
    code = await inviting.mailed_code(world, inviting.new_person(payload))
    proof = (await inviting.confirm(ask, token, code))["registrationToken"]
    assert (await inviting.complete(ask, proof))["session"]


async def _asks_anew(world: World, ask: Ask, side: Side) -> None:
    payload = await inviting.invite_new(ask, side.admin, side.portals[0], inviting.ada(email="anew@new.test"))
    await inviting.renew(ask, await inviting.invitation_token(world, inviting.new_person(payload)))
