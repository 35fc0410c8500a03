"""How long a session and its access token are valid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.tables import PortalUser
from tests.features.sign_in.signing_in import WHO, a_user
from tests.support.world import PASSWORD, Ask, TestClock, World
from tests.support.world.answers import sign_in


async def test_a_token_runs_out_after_the_seconds_it_said(world: World, ask: Ask, clock: TestClock) -> None:
    bob = await a_user(world)
    session = (await sign_in(ask, bob.login, PASSWORD, bob.portal.slug if bob.portal else None))["session"]

    clock.advance(timedelta(seconds=session["expiresIn"] - 1))
    before = await ask(WHO, token=session["accessToken"])
    clock.advance(timedelta(minutes=2))
    after = await ask(WHO, token=session["accessToken"])

    assert before.data["viewer"]
    assert after.unauthenticated


@pytest.mark.parametrize("event", ["LOCKED_OUT", "AWAITING_NEW_PASSWORD"])
async def test_a_living_session_goes_on_through_what_only_stops_the_next_sign_in(
    world: World, ask: Ask, event: str
) -> None:
    bob = await world.user()
    assert (await ask(WHO, actor=bob)).data["viewer"]

    await PortalUser.filter(id=bob.id).update(status=event)

    assert (await ask(WHO, actor=bob)).data["viewer"]


@pytest.mark.parametrize("change", [{"status": "SUSPENDED"}, {"status": "RECOVERY"}, {"pending_email": "n@acme.test"}])
async def test_a_living_session_ends_with_whatever_takes_access_away(
    world: World, ask: Ask, change: dict[str, str]
) -> None:
    bob = await world.user()
    assert (await ask(WHO, actor=bob)).data["viewer"]

    await PortalUser.filter(id=bob.id).update(**change)

    assert (await ask(WHO, actor=bob)).unauthenticated
